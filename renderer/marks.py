"""Small marks in a line: ==highlighted==, ++inserted++, H~2~O, x^2^, {汉字|hàn zì}."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

PAIRED = {"=": "mark", "+": "ins"}
# Short and without Chinese, so that the tildes of 3~5 天，7~9 天 stay what they are.
RAISED = re.compile(r"([~^])([A-Za-z0-9+\-−]{1,16})\1(?![~^])")
RAISED_TAGS = {"~": "sub", "^": "sup"}
RUBY = re.compile(r"\{([^{}|\n]{1,40})\|([^{}|\n]{1,60})\}")
WORD = re.compile(r"[A-Za-z0-9_]")


def add_marks(markdown: MarkdownIt) -> None:
    """Teach a parser these marks."""
    for character in "=+^{":
        markdown.inline.add_terminator_char(character)
    markdown.inline.ruler.before("emphasis", "paired_marks", _read_paired)
    markdown.inline.ruler.before("strikethrough", "raised", _read_raised)
    markdown.inline.ruler.before("link", "ruby", _read_ruby)
    markdown.inline.ruler2.before("emphasis", "paired_marks", _join_paired)


def _read_paired(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """`==` and `++`; inside words (a==b, C++) they are text."""
    character = state.src[state.pos]
    if silent or character not in PAIRED:
        return False
    scanned = state.scanDelims(state.pos, True)  # noqa: FBT003 - markdown-it's signature
    start, end = state.pos, state.pos + scanned.length
    token = state.push("text", "", 0)
    token.content = state.src[start:end]
    state.pos = end
    if scanned.length == len("=="):
        opens = scanned.can_open and not WORD.match(state.src[start - 1 : start])
        closes = scanned.can_close and not WORD.match(state.src[end : end + 1])
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord(character), 0, place, -1, opens, closes))
    return True


def _join_paired(state: StateInline) -> None:
    """Turn the pairs that were found into elements."""
    nested = (meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta)
    for delimiters in (state.delimiters, *nested):
        for opener in delimiters:
            tag = PAIRED.get(chr(opener.marker))
            if tag is None or opener.end == -1:
                continue
            for place, nesting in ((opener.token, 1), (delimiters[opener.end].token, -1)):
                token = state.tokens[place]
                token.type = f"{tag}_{'open' if nesting == 1 else 'close'}"
                token.tag, token.nesting, token.markup, token.content = tag, nesting, token.content, ""


def _read_raised(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    found = RAISED.match(state.src, state.pos, state.posMax)
    if found is None or state.src[state.pos - 1 : state.pos] in RAISED_TAGS:
        return False
    if not silent:
        tag = RAISED_TAGS[found[1]]
        state.push(f"{tag}_open", tag, 1)
        state.push("text", "", 0).content = found[2]
        state.push(f"{tag}_close", tag, -1)
    state.pos = found.end()
    return True


def _read_ruby(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    found = RUBY.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("ruby_open", "ruby", 1)
        state.push("text", "", 0).content = found[1].strip()
        for tag, text in (("rp", "("), ("rt", found[2].strip()), ("rp", ")")):
            state.push(f"{tag}_open", tag, 1)
            state.push("text", "", 0).content = text
            state.push(f"{tag}_close", tag, -1)
        state.push("ruby_close", "ruby", -1)
    state.pos = found.end()
    return True
