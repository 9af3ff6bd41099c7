"""The fast lane: plain requests for pages in memory are answered by one write each, below ASGI.

A protocol class for uvicorn (`--http cache.protocol:FastProtocol`, which `diaoban serve` gives). While a connection is
between messages, whole plain heads (cache/heads.py) are answered in their order; from the first that is anything else
on, all goes to uvicorn's parser and the ASGI application, untouched. Both lanes give the same answer.

It also bounds what a connection may hold, and for how long: heads, bodies, answers that nobody reads, idling.
"""

from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from cache.answer import Answer, written
from cache.counters import REFUSED
from cache.front import Cold, Front, marks_of
from cache.heads import END
from cache.ladder import Found, Outcome
from core.errors import UnavailableError

G = b"GET"[0]
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
    is_free = True
    "Whether what comes next may be answered here: all that came before is answered."
    held: bytes | None = None
    "What came while a page is looked for."
    asked: tuple[Cold, bytes, bytes]
    "The request for that page: what it says, its line, its block of headers."
    has_answered = False
    "Whether this lane has answered since the last look."
    answered_at = 0.0
    "The loop's time when it had, as last seen."

    def connection_made(self, transport: Any) -> None:
        """Begin, or refuse what is too many."""
        super().connection_made(transport)
        self.since = self.written_at = self.loop.time()
        if self.limit_concurrency is not None and len(self.connections) > self.limit_concurrency:
            self.is_refused, self.is_free = True, False
            if len(self.connections) > 2 * self.limit_concurrency:  # there is no room even to say so
                transport.abort()
        self.loop.call_later(LOOK_SECONDS, self._look)

    def data_received(self, data: bytes) -> None:
        """Answer the plain heads at the beginning; what is left is held, or the parser's."""
        while self.is_free and data:
            line, end, block = data.partition(b"\r\n")
            found, data = self.app.plain_answer(line, block), b""
            if found is None and 0 <= (empty := block.find(END)) < len(block) - len(END):  # a pipeline
                block, data = block[: empty + len(END)], block[empty + len(END) :]
                found = self.app.plain_answer(line, block)
            if isinstance(found, Answer):
                self._write(found, line, block)
            elif found is None or not self._climb(found, line, block):
                data = line + end + block + data
                break
        if data:
            self._hold_or_parse(data)

    def on_message_begin(self) -> None:
        """Note that the parser is busy."""
        self.is_in_message = self.is_in_head = True
        self.unparsed, self.since = 0, self.loop.time()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the head; trailers, which have neither bound nor use, are dropped (RFC 9110 §6.5)."""
        if self.is_in_head:
            super().on_header(name, value)

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
        self._free()

    def on_response_complete(self) -> None:
        """Note that a response was written."""
        super().on_response_complete()
        self._free()

    def pause_writing(self) -> None:
        """The client does not take what was written."""
        super().pause_writing()
        self._free()

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        self._free()

    def shutdown(self) -> None:
        """Stop: what is being answered is; a quiet connection may ask once more, for its request may be on its way."""
        if self.is_free or self.held is not None:
            self.is_leaving, self.is_free = True, False
            self.loop.call_later(LEAVE_SECONDS, self._leave)
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been quiet for long enough in both lanes."""
        if not self.has_answered and self.loop.time() - self.answered_at >= self.timeout_keep_alive:
            super().timeout_keep_alive_handler()

    def _hold_or_parse(self, data: bytes) -> None:
        if self.held is not None:
            self.held += data
            if len(self.held) > MAX_HEADS:
                self.flow.pause_reading()
        elif self.is_refused:
            self._refuse(BUSY)
        else:
            self.is_free = False
            super().data_received(data)
            self._bound(len(data))

    def _climb(self, cold: Cold, line: bytes, block: bytes) -> bool:
        """Look for a page further down; what comes meanwhile is held, so that answers keep their order."""
        self.is_free, self.held, self.asked = False, b"", (cold, line, block)
        try:
            self.app.climb(cold, self._climbed)
        except UnavailableError:
            self.is_free, self.held = True, None
            return False
        return True

    def _climbed(self, outcome: Outcome) -> None:
        (cold, line, block), held, self.held = self.asked, self.held, None
        if self.transport.is_closing():  # the client has gone
            return
        self.flow.resume_reading()
        if not isinstance(outcome, Found) or self.is_leaving:  # what is no page, and what ends, is for the parser
            super().data_received(b"%s\r\n%s%s" % (line, block, held or b""))
            return
        self._write(outcome.prepared.answer(cold.tags), line, block, marks_of(outcome.rung))
        self._free()
        if held:
            self.data_received(held)

    def _free(self) -> None:
        """See again whether the connection is between messages."""
        cycle: Any = self.cycle  # None until the first request, whatever its annotation says
        is_answered = cycle is None or cycle.response_complete
        is_busy = self.is_in_message or self.pipeline or self.flow.write_paused or self.is_leaving or self.is_refused
        self.is_free = is_answered and not is_busy and self.held is None and not self.transport.is_closing()

    def _write(self, answer: Answer, line: bytes, block: bytes, marks: bytes = b"") -> None:
        state = self.server_state
        if state.default_headers is not Dated.headers:  # uvicorn makes them anew each second
            Dated.headers = state.default_headers
            Dated.text = written(state.default_headers)
        body = answer.body if line[0] == G else b""
        self.transport.write(b"".join((STATUS_LINE[answer.status], Dated.text, marks, answer.head, body)))
        if self.app.log is not None:
            self.app.log.note(self.client[0] if self.client else "", line, block, answer.status, len(body))
        state.total_requests += 1
        self.has_answered = True

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
        cycle: Any = self.cycle
        if self.held is not None:
            self.loop.call_later(LEAVE_SECONDS, self._leave)
        elif cycle is None or cycle.response_complete:
            self.transport.close()
        else:
            cycle.keep_alive = False

    def _look(self) -> None:
        """Once a second: end a connection that holds what it should not, or has nothing more to say."""
        if self not in self.connections:
            return
        now = self.loop.time()
        if self.has_answered:
            self.has_answered = self.is_new = False
            self.answered_at = now
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
        if not self.is_new and self.is_free and now - quiet_since > self.timeout_keep_alive:
            self.transport.close()
        self.loop.call_later(LOOK_SECONDS, self._look)
