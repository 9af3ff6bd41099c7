"""The fast lane: plain requests for pages in memory are answered by one write each, below ASGI.

A protocol class for uvicorn (`--http cache.protocol:FastProtocol`, which `diaoban serve` gives). While a connection is
between messages, whole plain heads (cache/heads.py) are answered in their order; from the first that is anything else
on, all goes to uvicorn's parser and the ASGI application, untouched. Both lanes give the same answer.

It also bounds what a connection may hold, and for how long: heads, bodies, answers that nobody reads, idling.
"""

from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from cache.answer import Answer
from cache.counters import REFUSED
from cache.front import Front
from cache.heads import END

MAX_HEADS = 65_536  # bytes of heads and chunk sizes that the parser may be given before a message is whole
LOOK_SECONDS = 1.0
HEAD_SECONDS = 10.0  # for a whole head
BODY_SECONDS = 30.0  # for each portion of a body
BODY_PORTION = 524_288
WRITE_SECONDS = 30.0  # for an answer to be taken
LEAVE_SECONDS = 1.0  # a quiet connection may still ask once after the server began to stop
LAST = b"%scontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n%sconnection: close\r\n\r\n%s"


def _last(status: int, text: bytes, headers: bytes = b"") -> bytes:
    return LAST % (STATUS_LINE[status], len(text), headers, text)


BUSY = _last(503, b"There are too many connections. Try again in a moment.\n", b"retry-after: 2\r\n")
TOO_LONG = _last(431, b"The headers are longer than 64 KiB.\n")


class Dated:
    """The headers that uvicorn puts before ours, as they are written."""

    headers: ClassVar[list[tuple[bytes, bytes]]] = []
    text = b""


class FastProtocol(HttpToolsProtocol):
    """One connection."""

    app: Front
    is_refused = False
    "Whether it came when there were too many."
    is_leaving = False
    "Whether the server is about to stop."
    is_new = True
    "Whether it has not asked anything yet."
    is_in_head = False
    is_in_message = False
    "Whether the parser has begun a head, or a message, that it has not ended."
    unparsed = 0
    "Bytes given to the parser since the head, or the portion of the body, began."
    since = 0.0
    "The loop's time when this connection, head or portion began."
    written_at = 0.0
    "The loop's time when all that was written had been taken, as last seen."
    answered_at = 0.0
    "The loop's time of the last answer of this lane."

    def connection_made(self, transport: Any) -> None:
        """Begin, or refuse what is too many."""
        super().connection_made(transport)
        self.since = self.written_at = self.loop.time()
        if self.limit_concurrency is not None and len(self.connections) > self.limit_concurrency:
            self.is_refused = True
            if len(self.connections) > 2 * self.limit_concurrency:  # there is no room even to say so
                transport.abort()
        self.loop.call_later(LOOK_SECONDS, self._look)

    def data_received(self, data: bytes) -> None:
        """Answer what is plain, and let the parser read the rest."""
        if self.is_refused:
            self._refuse(BUSY)
        elif rest := self._answer_plain(data) if self._is_between_messages() else data:
            super().data_received(rest)
            self._bound(len(rest))

    def on_message_begin(self) -> None:
        """Note that the parser is busy."""
        self.is_in_message = self.is_in_head = True
        self.unparsed, self.since = 0, self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that the body begins."""
        self.is_in_head = self.is_new = False
        self.unparsed, self.since = 0, self.loop.time()
        super().on_headers_complete()
        if self.is_leaving:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Note that the parser is free."""
        self.is_in_message = False
        super().on_message_complete()

    def shutdown(self) -> None:
        """Stop: what is being answered is; a quiet connection may ask once more, for its request may be on its way."""
        if self._is_between_messages():
            self.is_leaving = True
            self.loop.call_later(LEAVE_SECONDS, self._leave)
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been quiet for long enough in both lanes."""
        if self.loop.time() - self.answered_at >= self.timeout_keep_alive:
            super().timeout_keep_alive_handler()

    def _answer_plain(self, data: bytes) -> bytes:
        """Answer the plain heads at the beginning; what is left is the parser's."""
        while data and not self.flow.write_paused:
            line, _, rest = data.partition(b"\r\n")
            answer, end = self.app.plain_answer(line, rest), len(rest)
            if answer is None and 0 <= (empty := rest.find(END)) < len(rest) - len(END):  # a pipeline
                end = empty + len(END)
                answer = self.app.plain_answer(line, rest[:end])
            if answer is None:
                break
            self._write(answer, with_body=line[0] == 71)  # noqa: PLR2004 - G, of GET
            data = rest[end:]
        return data

    def _is_answered(self) -> bool:
        cycle: Any = self.cycle  # None until the first request, whatever its annotation says
        return cycle is None or cycle.response_complete

    def _is_between_messages(self) -> bool:
        is_free = not (self.is_in_message or self.pipeline or self.flow.write_paused or self.is_leaving)
        return is_free and self._is_answered() and not self.transport.is_closing()

    def _write(self, answer: Answer, *, with_body: bool) -> None:
        state = self.server_state
        if state.default_headers is not Dated.headers:  # uvicorn makes them anew each second
            Dated.headers = state.default_headers
            Dated.text = b"".join(b"%s: %s\r\n" % header for header in state.default_headers)
        body = answer.body if with_body else b""
        self.transport.write(b"".join((STATUS_LINE[answer.status], Dated.text, answer.head, body)))
        state.total_requests += 1
        self.answered_at = self.loop.time()
        self.is_new = False

    def _bound(self, size: int) -> None:
        """What the parser was given is bounded in bytes; a body earns more time with each portion."""
        self.unparsed += size
        if self.is_in_head and self.unparsed > MAX_HEADS:
            self._refuse(TOO_LONG)
        elif self.is_in_message and self.unparsed > BODY_PORTION:
            self.unparsed, self.since = 0, self.loop.time()

    def _refuse(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            REFUSED.inc()
            self.transport.write(answer)
            self.transport.close()

    def _leave(self) -> None:
        if self._is_answered():
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def _look(self) -> None:
        """Once a second: end a connection that holds what it should not, or has nothing more to say."""
        if self not in self.connections:
            return
        now = self.loop.time()
        if self.transport.get_write_buffer_size() == 0:
            self.written_at = now
        if self.flow.read_paused:  # it is we who let the client wait
            self.since = now
        waits = now - self.since
        if (
            now - self.written_at > WRITE_SECONDS
            or (waits > HEAD_SECONDS and (self.is_in_head or self.is_new))
            or (waits > BODY_SECONDS and self.is_in_message)
        ):
            self.transport.abort()
            return
        quiet_since = max(self.answered_at, self.since)
        if not self.is_new and self._is_between_messages() and now - quiet_since > self.timeout_keep_alive:
            self.transport.close()
        self.loop.call_later(LOOK_SECONDS, self._look)
