"""What clients write: generated connections of one to three requests, plain and odd, whole, split and run together."""

import random
import re
from collections.abc import Iterator

PATHS = [
    *["/demo/p/article-0"] * 6,
    *(
        "/demo/",
        "/demo",
        "/",
        "/demo/p/none",
        "/demo/p/gone",
        "/demo/p/article-1",
        "/demo/p/article-2",
        "/demo/p/article-0/",
        "/demo/p/%61rticle-0",
    ),
    *("//demo/", "/demo/./p/article-0", "/-/live", "/static/x", "/media/x", "/api/x", "*", "/demo/p/article-0#x", "/é"),
]
QUERIES = ["", "", "", "?from=singlemessage&isappinstalled=0", "?", "?a=%20#x", "?<>", "?" + "x" * 100]
METHODS = ["GET"] * 8 + ["HEAD"] * 3 + ["POST", "OPTIONS", "get", "GETT", ""]
VERSIONS = ["HTTP/1.1"] * 12 + ["HTTP/1.0", "HTTP/1.2", "HTTP/2.0", ""]
HEADERS = [
    *("Accept-Encoding: br", "accept-encoding: gzip, deflate, br", "ACCEPT-ENCODING:br;q=0, gzip"),
    *("Accept-Encoding:  gzip ", "Accept-Encoding: identity", "Accept-Encoding: *;q=0", "Accept-Encoding:"),
    *("If-None-Match: *", 'If-None-Match: "x", W/"y"', "If-None-Match: {etag}", "If-None-Match: W/{etag}"),
    *("User-Agent: x", "Accept: text/html", "Connection: keep-alive", "Connection: Keep-Alive", "X-Unknown: 1"),
    *("Cookie: a=b", "Authorization: Bearer x", "Range: bytes=0-1", "Content-Length: 0", "Content-Length: 3"),
    *("Transfer-Encoding: chunked", "Expect: 100-continue", "Upgrade: websocket", "X-Forwarded-Host: evil.test"),
    *("Host : x", "Broken", ": empty", "X-Tab:\tx", "X-High: \xe9", "X-Nul: \x00", " Folded: x", "Host: evil.test"),
]  # fmt: skip


class Connection:
    """What one client writes: its requests, and the pieces in which they arrive."""

    def __init__(self, dice: random.Random, etag: str) -> None:
        count = dice.choice([1, 1, 1, 2, 3])
        self.requests = [any_request(dice, etag, close=number == count - 1) for number in range(count)]
        self.pieces = _pieces(dice, self.requests)


def _pieces(dice: random.Random, requests: list[bytes]) -> list[bytes]:
    shape, whole = dice.random(), b"".join(requests)
    if shape < 0.2:
        return [whole]
    if shape < 0.35:
        cut = dice.randrange(1, len(whole))
        return [whole[:cut], whole[cut:]]
    if shape < 0.37:
        return [whole[at : at + 1] for at in range(len(whole))]
    return requests


def any_request(dice: random.Random, etag: str, *, close: bool) -> bytes:
    odd = dice.random() < 0.5
    method, version = (dice.choice(METHODS), dice.choice(VERSIONS)) if odd else ("GET", "HTTP/1.1")
    line = f"{method} {dice.choice(PATHS)}{dice.choice(QUERIES)} {version}"
    usual = HEADERS[:15]
    names = dice.sample(HEADERS if odd else usual, dice.randrange(4))
    body = b"abc" if dice.random() < 0.05 else b""
    return request(body, [name.format(etag=etag) for name in names], line, close=close)


def request(body: bytes, headers: list[str], line: str, *, close: bool = False) -> bytes:
    lines = [line, "Host: 127.0.0.1", *headers, *(["Connection: close"] if close else []), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def warming() -> Iterator[bytes]:
    """Requests after which memory holds every page that is asked for, in every coding."""
    for path in PATHS:
        for coding in ("br", "gzip", "identity"):
            yield request(b"", [f"Accept-Encoding: {coding}"], f"GET {path} HTTP/1.1", close=True)


def tidy(answer: bytes) -> bytes:
    """Without what differs from one moment, or one request, to the next."""
    return re.sub(rb"(date|x-request-id): [^\r]*", b"", answer)
