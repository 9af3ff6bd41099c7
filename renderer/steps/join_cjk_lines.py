"""A line break between two Chinese characters adds no space."""

from markdown_it.token import Token

from renderer.body import Work
from renderer.cjk import is_cjk


def join_cjk_lines(work: Work) -> None:
    """Take out soft breaks whose neighbours, through any emphasis or link, are both Chinese."""
    for block in work.tokens:
        children = block.children or []
        for place, token in enumerate(children):
            if token.type == "softbreak" and _between_cjk(children, place):
                token.type, token.content = "text", ""


def _between_cjk(children: list[Token], place: int) -> bool:
    before = _nearest_text(children, range(place - 1, -1, -1))
    after = _nearest_text(children, range(place + 1, len(children)))
    return is_cjk(before[-1:]) and is_cjk(after[:1])


def _nearest_text(children: list[Token], places: range) -> str:
    return next((text for place in places if (text := _text(children[place]))), "")


def _text(token: Token) -> str:
    """What a reader sees of a token; marks that open and close have none, anything else stops the look."""
    if token.type in {"text", "code_inline"}:
        return token.content
    return "" if token.nesting else "\n"
