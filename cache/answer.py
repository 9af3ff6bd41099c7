"""A page as answers: status, headers and body for each coding, made when somebody first asks for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from core.page import Headers, Page

RawHeaders = list[tuple[bytes, bytes]]

CODINGS = ("br", "gzip")  # in our order of preference
MARKS = {"br": "-br", "gzip": "-gz", "identity": ""}  # what tells the codings' tags apart
SAME_FOR_ALL: RawHeaders = [
    (b"vary", b"accept-encoding"),
    # WeChat's browser keeps HTML stubbornly: with no-cache and a strong ETag it asks, and 304 costs nothing.
    # The last two keep Baidu from rewriting the page for phones.
    (b"cache-control", b"no-cache, no-transform, no-siteapp"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
KEPT_IN_304 = {b"etag", b"vary", b"cache-control", b"content-security-policy", b"strict-transport-security"}
OVERHEAD = 2048  # bytes of Python objects a page, measured with tracemalloc


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: all of it, or without its body for HEAD."""

    status: int
    head: bytes
    "The headers as they are written, with the empty line."
    body: bytes

    @property
    def headers(self) -> RawHeaders:
        """The headers as ASGI wants them."""
        lines = (line.partition(b": ") for line in self.head.split(b"\r\n")[:-2])
        return [(name, value) for name, _, value in lines]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page ready to be sent: its answers are made when somebody first asks. The bodies are the page's own bytes."""

    page: Page
    extra: RawHeaders
    "Headers of the whole site."
    _full: dict[str, Answer] = field(default_factory=dict)
    _not_modified: dict[str, Answer] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes that it takes in memory."""
        return len(self.page.br) + len(self.page.gzip) + OVERHEAD

    def answer(self, coding: str, if_none_match: str) -> Answer:
        """The answer to a GET by a client that likes this coding best and has pages of these tags."""
        if if_none_match and self.page.status == 200 and matches(if_none_match, self._etag(coding)):  # noqa: PLR2004
            return self._not_modified.get(coding) or self._made_not_modified(coding)
        return self._full.get(coding) or self._made(coding)

    def _etag(self, coding: str) -> str:
        return f'"{self.page.digest}{MARKS[coding]}"'

    def _made(self, coding: str) -> Answer:
        if coding == "identity":  # rare, large, and derived: not kept
            return self._whole(coding, self.page.text())
        answer = self._full[coding] = self._whole(coding, self.page.br if coding == "br" else self.page.gzip)
        return answer

    def _made_not_modified(self, coding: str) -> Answer:
        kept = written(header for header in self._whole(coding, b"").headers if header[0] in KEPT_IN_304)
        answer = self._not_modified[coding] = Answer(304, kept + b"\r\n", b"")
        return answer

    def _whole(self, coding: str, body: bytes) -> Answer:
        head = b"content-type: %s\r\ncontent-length: %d\r\n%setag: %s\r\n%s%s%s\r\n" % (
            *(self.page.media_type.encode(), len(body)),
            b"" if coding == "identity" else b"content-encoding: %s\r\n" % coding.encode(),
            *(self._etag(coding).encode(), SAME_WRITTEN, _own(self.page.headers), written(self.extra)),
        )
        return Answer(self.page.status, head, body)


@lru_cache(maxsize=512)  # browsers send a handful of values
def preferred_coding(accept_encoding: str) -> str:
    """br, gzip or identity, by the client's weights and then by our order (RFC 9110 §12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        if name.strip():
            weights[name.strip()] = _weight(parameters)
    anything = weights.get("*", 0.0)
    offers = [(weights.get(coding, anything), coding) for coding in CODINGS]
    weight, best = max(offers, key=lambda offer: offer[0])
    identity = weights.get("identity", weights.get("*", 0.001))
    return best if weight > 0 and weight >= identity else "identity"


def matches(if_none_match: str, etag: str) -> bool:
    """Whether a list of tags holds this one; weak comparison (RFC 9110 §13.1.2)."""
    if if_none_match == etag:
        return True
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in {"*", etag} for tag in tags)


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(1.0, max(0.0, float(value))) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


@lru_cache(maxsize=512)  # articles have the same policy
def _own(headers: Headers) -> bytes:
    return written((name.encode(), value.encode()) for name, value in headers)


def written(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as they are written."""
    return b"".join(b"%s: %s\r\n" % header for header in headers)


SAME_WRITTEN = written(SAME_FOR_ALL)
