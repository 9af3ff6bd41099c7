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
    before = next((text for token in reversed(children[:place]) if (text := _text(token))), "")
    after = next((text for token in children[place + 1 :] if (text := _text(token))), "")
    return is_cjk(before[-1:]) and is_cjk(after[:1])


def _text(token: Token) -> str:
    """What a reader sees of a token; marks that open and close have none, anything else stops the look."""
    if token.type in {"text", "code_inline"}:
        return token.content
    return "" if token.nesting else "\n"
