"""Bare links: they begin with http:// or https://, and stop where Chinese text goes on."""

import re
from typing import Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

# What an address may hold unencoded (RFC 3986), and letters of other alphabets; Chinese text and punctuation end it.
ADDRESS = re.compile(r"//[^\s<>\"'`{}|\\^\u2014\u2018-\u201d\u2026\u2e80-\uffef\U00020000-\U0003ffff\x00-\x20]+")
TRAILING = re.compile(r"[.,:;!?*_~'\"&]+$")
PAIRS = {")": "(", "]": "["}


def stop_links_at_chinese(markdown: MarkdownIt) -> None:
    """Let a parser find links so; names without a scheme (微信公众号.com) and mail addresses are left alone."""
    linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "mailto:", "//"):
        linkify.add(schema, None)
    for schema in ("http:", "https:"):
        linkify.add(schema, {"validate": _length})
    markdown.linkify = linkify


def _length(_linkify: Any, text: str, position: int) -> int:
    """How many characters of the text after a scheme belong to the address."""
    found = ADDRESS.match(text, position)
    address = found[0] if found else ""
    while address:
        shorter = TRAILING.sub("", address)
        if shorter and shorter[-1] in PAIRS and shorter.count(shorter[-1]) > shorter.count(PAIRS[shorter[-1]]):
            shorter = shorter[:-1]
        if shorter == address:
            break
        address = shorter
    return len(address) if len(address) > len("//") else 0
