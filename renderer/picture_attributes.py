"""What stands in braces behind a picture: `![words](a.png){width=50% caption="…"}`."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

VALUE = r"(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|[^\s\"'{}]{1,100})"
BRACES = re.compile(rf"\{{(?:\s*[a-z]{{1,20}}={VALUE}){{1,8}}\s*\}}")
PAIR = re.compile(rf"([a-z]{{1,20}})=({VALUE})")
KNOWN = ("width", "caption")


def add_picture_attributes(markdown: MarkdownIt) -> None:
    """Teach a parser these; what else stands in the braces is dropped with them."""
    markdown.inline.ruler.before("ruby", "picture_attributes", _read)


def _read(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    if silent or state.pending or not state.tokens or state.tokens[-1].type != "image":
        return False
    found = BRACES.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    for name, value in PAIR.findall(found[0]):
        if name in KNOWN:
            state.tokens[-1].attrSet(name, value.strip("\"'"))
    state.pos = found.end()
    return True
