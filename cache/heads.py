"""Plain request heads: what they ask for, read without a parser.

A head is plain when nothing in it needs a parser to be understood in one way only: GET or HEAD, a path that is its own
key, HTTP/1.1, and no header but those listed here, each once where it matters. What is not plain is not judged: it
goes to uvicorn's parser, untouched. tests/cache/test_heads.py sends generated heads through both and compares.
"""

import re
from typing import NamedTuple

from cache.answer import preferred_coding

MAX_HEAD = 8192  # bytes; longer heads are for the parser's own limits
END = b"\r\n\r\n"
LINE = re.compile(
    rb"(?:GET|HEAD) "
    rb"(/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?)"  # cache.keys.PLAIN
    rb"(?:\?[A-Za-z0-9._~/?&=%+:@,;!$'()*-]*)? HTTP/1\.1\r\n"
)
VALUE = rb"[!-~](?:[ -~]*[!-~])?"
BLOCK = re.compile(rb"(?:[A-Za-z0-9-]+:[ \t]?" + VALUE + rb"\r\n)+\r\n")
TAGS = re.compile(VALUE)
READ = {b"host", b"accept-encoding"}
# They change nothing in a page's answer, in either lane.
IGNORED = {
    *(b"accept", b"accept-language", b"user-agent", b"referer", b"dnt", b"priority", b"save-data", b"purpose"),
    *(b"upgrade-insecure-requests", b"cache-control", b"pragma", b"x-requested-with", b"from"),
    *(b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"forwarded", b"via"),
    *(b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest", b"sec-fetch-user"),
    *(b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"sec-gpc", b"sec-purpose"),
}
CONDITIONS = (b"\r\nIf-None-Match: ", b"\r\nif-none-match: ")
# A client says the same of itself with every request, and so do all phones of a model: what was read once is kept.
MAX_KEPT = 4096
MAX_KEPT_BYTES = 1024

_kept: dict[bytes, tuple[str, str]] = {}


class PlainHead(NamedTuple):
    """What a plain head asks for."""

    path: str
    host: str
    coding: str  # br, gzip or identity
    tags: str  # the value of If-None-Match, or nothing


def read_head(head: bytes) -> PlainHead | None:
    """What one whole head, with its empty line, asks for; None when it is not plain."""
    line = LINE.match(head)
    if line is None or len(head) > MAX_HEAD:
        return None
    start = line.end()
    block, tags = head[start:], b""
    for condition in CONDITIONS:
        # The tag differs from page to page; without it the block is the same again.
        if (at := head.find(condition, start - 2)) != -1:
            begins = at + len(condition)
            ends = head.index(b"\r\n", begins)
            tags, block = head[begins:ends], head[start : at + 2] + head[ends + 2 :]
            if TAGS.fullmatch(tags) is None:
                return None
            break
    known = _kept.get(block) or _read_block(block)
    return None if known is None else PlainHead(line[1].decode(), known[0], known[1], tags.decode())


def _read_block(block: bytes) -> tuple[str, str] | None:
    """Host and coding of a block of headers."""
    if BLOCK.fullmatch(block) is None:
        return None
    read: dict[bytes, bytes] = {}
    for line in block.split(b"\r\n")[:-2]:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in READ and name not in read:
            read[name] = value.strip(b" \t")
        elif name not in IGNORED and not (name == b"connection" and value.strip().lower() == b"keep-alive"):
            return None
    known = read.get(b"host", b"").decode(), preferred_coding(read.get(b"accept-encoding", b"").decode())
    if len(block) <= MAX_KEPT_BYTES:
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[block] = known
    return known
