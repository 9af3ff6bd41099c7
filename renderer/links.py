"""Bare links: they begin with http:// or https://, and stop where Chinese text goes on."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# What an address may hold unencoded (RFC 3986), and letters of other alphabets; Chinese text and punctuation end it.
ADDRESS = re.compile(r"//[^\s<>\"'`{}|\\^\u2014\u2018-\u201d\u2026\u2e80-\uffef\U00020000-\U0003ffff\x00-\x20]{1,2000}")
SCHEME = re.compile(r"(?:\A|[^a-z0-9.+-])(https?)\Z", re.IGNORECASE)
TRAILING = re.compile(r"[.,:;!?*_~'\"&]+$")
PAIRS = {")": "(", "]": "["}


def add_bare_links(markdown: MarkdownIt) -> None:
    """Teach a parser these; names without a scheme (微信公众号.com) and mail addresses are left alone."""
    markdown.inline.add_terminator_char(":")
    markdown.inline.ruler.after("text", "bare_link", _read_link)


def _read_link(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """At the colon of `https://`; the scheme is at the end of the text that is still to be written."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = SCHEME.search(state.pending[-8:])
    end = _end(state.src, state.pos + 1, state.posMax)
    if scheme is None or end == state.pos + 1:
        return False
    start = state.pos - len(scheme[1])
    address = state.md.normalizeLink(state.src[start:end])
    if not state.md.validateLink(address):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        token = state.push("link_open", "a", 1)
        token.attrs, token.markup, token.info = {"href": address}, "linkify", "auto"
        state.push("text", "", 0).content = state.md.normalizeLinkText(state.src[start:end])
        token = state.push("link_close", "a", -1)
        token.markup, token.info = "linkify", "auto"
    state.pos = end
    return True


def _end(text: str, start: int, most: int) -> int:
    """Where the address ends whose `//` stands at `start`; `start` itself when there is none."""
    found = ADDRESS.match(text, start, most)
    address = found[0] if found else ""
    while address:
        shorter = TRAILING.sub("", address)
        if shorter and shorter[-1] in PAIRS and shorter.count(shorter[-1]) > shorter.count(PAIRS[shorter[-1]]):
            shorter = shorter[:-1]
        if shorter == address:
            break
        address = shorter
    return start + len(address) if len(address) > len("//") else start
