"""A page as answers: status, headers and body for one kind of reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.page import CODINGS, About, Variant

RawHeaders = list[tuple[bytes, bytes]]

MARKS = {"br": b"-br", "gzip": b"-gz", "identity": b""}  # what tells the codings' tags apart
SAME_FOR_ALL: RawHeaders = [
    (b"vary", b"accept-encoding"),
    # WeChat's browser keeps HTML stubbornly: with no-cache and a strong ETag it asks, and 304 costs nothing.
    # The last two keep Baidu from rewriting the page for phones.
    (b"cache-control", b"no-cache, no-transform, no-siteapp"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
KEPT_IN_304 = {b"vary", b"cache-control", b"content-security-policy"}  # beside the tag and what all the site says
OVERHEAD = 2048  # bytes of Python objects a variant, measured with tracemalloc


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


@dataclass(slots=True)
class Prepared:
    """A page in one coding, ready to be sent. The body is the variant's own bytes."""

    etag: bytes
    full: Answer
    kept: bytes
    "The headers that every 304 of such a page has."
    _not_modified: Answer | None = None

    @property
    def size(self) -> int:
        """Bytes that it takes in memory."""
        return len(self.full.body) + OVERHEAD

    def answer(self, tags: bytes) -> Answer:
        """The answer to a GET by a client that has pages of these tags."""
        if tags and self.full.status == 200 and matches(tags, self.etag):  # noqa: PLR2004
            return self._not_modified or self._made_not_modified()
        return self.full

    def _made_not_modified(self) -> Answer:
        self._not_modified = Answer(304, b"etag: %s\r\n%s" % (self.etag, self.kept), b"")
        return self._not_modified


def prepare(variant: Variant, extra: bytes = b"") -> Prepared:
    """Make a variant ready to be sent; `extra` are headers of the whole site, as they are written."""
    mark, same, kept = _same(variant.coding, variant.about, extra)
    etag = b'"%s%s"' % (variant.digest.encode(), mark)
    head = b"content-length: %d\r\netag: %s\r\n%s" % (len(variant.body), etag, same)
    return Prepared(etag, Answer(variant.about.status, head, variant.body), kept)


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


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Whether a list of tags holds this one; weak comparison (RFC 9110 §13.1.2)."""
    if if_none_match == etag:
        return True
    tags = (tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))
    return any(tag in {b"*", etag} for tag in tags)


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(1.0, max(0.0, float(value))) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


@lru_cache(maxsize=512)  # articles have the same policy
def _same(coding: str, about: About, extra: bytes) -> tuple[bytes, bytes, bytes]:
    """What such pages have in common: the mark in their tags, their headers with the empty line, those of their 304."""
    headers = [(b"content-type", about.media_type.encode())]
    if coding != "identity":
        headers.append((b"content-encoding", coding.encode()))
    headers += SAME_FOR_ALL
    headers += [(name.encode(), value.encode()) for name, value in about.headers]
    kept = [header for header in headers if header[0] in KEPT_IN_304]
    return MARKS[coding], written(headers) + extra + b"\r\n", written(kept) + extra + b"\r\n"


def written(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as they are written."""
    return b"".join(b"%s: %s\r\n" % header for header in headers)
