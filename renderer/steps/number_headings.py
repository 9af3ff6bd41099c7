"""Headings: levels below the page's title, readable ids, the table of contents."""

import re

from selectolax.lexbor import LexborNode

from renderer.body import Heading, Work

HEADINGS = "h1, h2, h3, h4, h5, h6"
NOT_IN_ID = re.compile(r"[^\w]+")
LIKE_FOOTNOTE = re.compile(r"fn(ref)?\d")
MAX_ID = 60


def number_headings(work: Work) -> None:
    """Give every heading a level that skips none, and an id made of its words.

    The author's own ids go, so that none can meet the page's. The page's own h1 is the title.
    """
    above: list[int] = []  # levels, as they were written, of the headings over the present one
    taken: dict[str, int] = {}
    for node in work.tree.css(HEADINGS):
        text = " ".join(work.plain(node.text(deep=True)).split())
        written = _level(node)
        while above and above[-1] >= written:
            above.pop()
        if above and written > above[-1] + 1:
            work.warn(f"the heading {text[:40]!r} skips a level (from {above[-1]} to {written})")
        above.append(written)
        level = min(6, 1 + len(above))
        anchor = _unused(_anchor(text), taken)
        _set_level(work, node, level, anchor)
        work.headings.append(Heading(level, anchor, text))


def _level(node: LexborNode) -> int:
    return int(str(node.tag)[1])


def _anchor(text: str) -> str:
    anchor = NOT_IN_ID.sub("-", text.lower())[:MAX_ID].strip("-_") or "section"
    return f"h-{anchor}" if LIKE_FOOTNOTE.match(anchor) else anchor


def _unused(anchor: str, taken: dict[str, int]) -> str:
    count = taken.get(anchor, -1) + 1
    taken[anchor] = count
    if not count:
        return anchor
    return _unused(f"{anchor}-{count}", taken)


def _set_level(work: Work, node: LexborNode, level: int, anchor: str) -> None:
    if _level(node) == level:
        node.attrs["id"] = anchor
        return
    other = work.tree.create_node(f"h{level}")
    other.attrs["id"] = anchor
    for child in list(node.iter(include_text=True)):
        other.insert_child(child)
    node.replace_with(other)
