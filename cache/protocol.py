"""The fast lane: a plain GET or HEAD of a page in memory is answered by one write, below ASGI.

A protocol class for uvicorn (`--http cache.protocol:FastProtocol`, which `diaoban serve` gives). It takes a request
only when the connection is between messages and one read holds exactly one head of a plain shape: a path that is its
own key, and no header but those listed here. Everything else goes to uvicorn's parser and the ASGI application,
untouched; both lanes give the same answer (tests/cache/test_protocol.py sends generated requests to both).
"""

import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from cache.answer import Answer
from cache.front import Front

MAX_HEAD = 8192  # bytes; longer heads are for the parser's own limits
HEAD = re.compile(
    rb"(GET|HEAD) "
    rb"(/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?)"  # cache.keys.PLAIN
    rb"(?:\?[A-Za-z0-9._~/?&=%+:@,;!$'()*-]*)? HTTP/1\.1\r\n"
    rb"((?:[A-Za-z0-9-]+:[ \t]?[!-~](?:[ -~]*[!-~])?\r\n)+)\r\n"
)
READ = {b"host", b"accept-encoding", b"if-none-match"}
# They change nothing in a page's answer, in either lane.
IGNORED = {
    *(b"accept", b"accept-language", b"user-agent", b"referer", b"dnt", b"priority", b"save-data", b"purpose"),
    *(b"upgrade-insecure-requests", b"cache-control", b"pragma", b"x-requested-with", b"from"),
    *(b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"forwarded", b"via"),
    *(b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest", b"sec-fetch-user"),
    *(b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"sec-gpc", b"sec-purpose"),
}


class FastProtocol(HttpToolsProtocol):
    """One connection."""

    app: Front
    is_in_message = False
    "Whether the parser has begun a message that it has not ended."
    answered_at = float("-inf")
    "The loop's time of the last answer of this lane."

    def data_received(self, data: bytes) -> None:
        """Answer at once, or let the parser read."""
        if self._is_between_messages() and len(data) <= MAX_HEAD:
            found = HEAD.fullmatch(data)
            if found is not None and (answer := self._hot_answer(found)) is not None:
                self._send(answer, with_body=found[1] == b"GET")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Note that the parser is busy."""
        self.is_in_message = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that the parser is free."""
        self.is_in_message = False
        super().on_message_complete()

    def _is_between_messages(self) -> bool:
        cycle: Any = self.cycle  # None until the first request, whatever its annotation says
        is_answered = cycle is None or cycle.response_complete
        is_free = not (self.is_in_message or self.pipeline or self.flow.write_paused)
        return is_answered and is_free and not self.transport.is_closing()

    def _hot_answer(self, found: re.Match[bytes]) -> Answer | None:
        read: dict[bytes, bytes] = {}
        for line in found[3].split(b"\r\n")[:-1]:
            name, _, value = line.partition(b":")
            name = name.lower()
            if name in READ and name not in read:
                read[name] = value.strip(b" \t")
            elif name not in IGNORED and not (name == b"connection" and value.strip().lower() == b"keep-alive"):
                return None
        return self.app.hot_answer(found[2], read)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been quiet for long enough; look again later at one that has not."""
        left = self.answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _send(self, answer: Answer, *, with_body: bool) -> None:
        first: list[Any] = [STATUS_LINE[answer.status]]
        for name, value in self.server_state.default_headers:
            first += (name, b": ", value, b"\r\n")
        self.transport.write(b"".join((*first, answer.head, answer.body if with_body else b"")))
        self.server_state.total_requests += 1
        self.answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:  # one timer a connection, not one a request
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
