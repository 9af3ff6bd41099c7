"""Plain request heads: what they ask for, read without a parser.

A head is plain when nothing in it needs a parser to be understood in one way only: GET or HEAD, a path that is its own
key, HTTP/1.1, and no header but those listed here, each once where it matters. What is not plain is not judged: it
goes to uvicorn's parser, untouched. tests/cache/test_lanes.py sends generated heads through both and compares.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TypeVar

from cache.answer import preferred_coding
from cache.hosts import Hosts
from cache.keys import NOT_PAGES, PROBES, variant_of

MAX_HEAD = 8192  # bytes of a block; longer ones are for the parser's own limits
END = b"\r\n\r\n"
LINE = re.compile(
    rb"(?:GET|HEAD) "
    rb"(/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?)"  # cache.keys.PLAIN
    rb"(?:\?[A-Za-z0-9._~/?&=%+:@,;!$'()*-]*)? HTTP/1\.1"
)
VALUE = rb"[!-~](?:[ -~]*[!-~])?"
BLOCK = re.compile(rb"(?:[A-Za-z0-9-]+:[ \t]?" + VALUE + rb"\r\n)+\r\n")
CONDITIONS = (b"If-None-Match: ", b"if-none-match: ")  # as browsers, proxies and crawlers write it
LINE_FEED = 10
READ = {b"host", b"accept-encoding"}
# They change nothing in a page's answer, in either lane.
IGNORED = {
    *(b"accept", b"accept-language", b"user-agent", b"referer", b"dnt", b"priority", b"save-data", b"purpose"),
    *(b"upgrade-insecure-requests", b"cache-control", b"pragma", b"x-requested-with", b"from"),
    *(b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"forwarded", b"via"),
    *(b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest", b"sec-fetch-user"),
    *(b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"sec-gpc", b"sec-purpose"),
}
# A client says the same of itself with every request, and so do all phones of a model; hot addresses are few. What was
# read once is kept. Whoever sends something new each time is read each time, and empties the table now and then.
MAX_KEPT_LINES, MAX_KEPT_BLOCKS = 32_768, 8192
MAX_KEPT_LINE, MAX_KEPT_BLOCK = 256, 1024  # bytes


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Client:
    """What a block of headers says that matters for a page."""

    mount: str
    "What stands before the path in a key (cache/hosts.py)."
    coding: str
    "br, gzip or identity."
    variants: dict[bytes, str]
    "By request line, the name of what it asks for (cache/keys.py); all such clients have the same dictionary."


class PlainHeads:
    """Reads plain heads that ask these hosts."""

    def __init__(self, hosts: Hosts) -> None:
        self.clients: dict[bytes, Client] = {}
        "By block, what was read of it."
        self._hosts = hosts
        self._variants: defaultdict[tuple[str, str], dict[bytes, str]] = defaultdict(dict)

    def variant(self, client: Client, line: bytes) -> str | None:
        """What a client asks for in a request line, whatever its query; None when it is not plain, or no page."""
        found = LINE.fullmatch(line)
        if found is None or len(line) > MAX_HEAD or found[1].startswith((PROBES, *NOT_PAGES)):
            return None
        variant = variant_of(client.coding, client.mount + found[1].decode())
        if len(line) <= MAX_KEPT_LINE:
            _keep(client.variants, line, variant, MAX_KEPT_LINES)
        return variant

    def client(self, block: bytes) -> Client | None:
        """What a block of headers, with its empty line, says; None when it is not plain, or asks another host."""
        if len(block) > MAX_HEAD or BLOCK.fullmatch(block) is None:
            return None
        read: dict[bytes, bytes] = {}
        for line in block.split(b"\r\n")[:-2]:
            name, _, value = line.partition(b":")
            name = name.lower()
            if name in READ and name not in read:
                read[name] = value.strip(b" \t")
            elif name not in IGNORED and not (name == b"connection" and value.strip().lower() == b"keep-alive"):
                return None
        mount = self._hosts.mount(read.get(b"host", b"").decode())
        if mount is None or (not mount and self._hosts.moved):
            return None
        coding = preferred_coding(read.get(b"accept-encoding", b"").decode())
        client = Client(mount, coding, self._variants[mount, coding])
        if len(block) <= MAX_KEPT_BLOCK:
            _keep(self.clients, block, client, MAX_KEPT_BLOCKS)
        return client


def without_condition(block: bytes) -> tuple[bytes, bytes]:
    """A block without its If-None-Match, which differs from page to page where all else is the same; and its value.

    The value is not looked at: see `is_plain`.
    """
    for condition in CONDITIONS:
        before, found, after = block.partition(condition)
        if found and (not before or before[-1] == LINE_FEED):
            value, _, rest = after.partition(b"\r\n")
            return before + rest, value
    return block, b""


def is_plain(value: bytes) -> bool:
    """Whether a parser would read a header's value as it stands."""
    return re.fullmatch(VALUE, value) is not None


def _keep(table: dict[bytes, Value], key: bytes, value: Value, most: int) -> None:
    if len(table) >= most:
        table.clear()
    table[key] = value
