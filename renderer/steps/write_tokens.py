"""Tokens -> HTML; code and formulas are laid aside, to be set by themselves."""

from markdown_it.token import Token

from renderer.body import Block, Work
from renderer.dialect import dialect


def write_tokens(work: Work) -> None:
    """Write the tokens as HTML, with a mark at the place of each block."""
    for token in work.tokens:
        if token.type in {"fence", "code_block"}:
            _lay_code(work, token)
        elif token.type == "formula_block":
            _lay_formula(work, token, "display", _line(work, token))
            token.content = f"<p>{token.content}</p>\n"
        for child in token.children or ():
            if child.type == "formula":
                _lay_formula(work, child, child.tag, _line(work, token))
    markdown = dialect()
    work.html = markdown.renderer.render(work.tokens, markdown.options, {})


def _lay_code(work: Work, token: Token) -> None:
    info = token.info.strip()
    if info == "math":
        _lay_formula(work, token, "display", _line(work, token))
        token.content = f"<p>{token.content}</p>\n"
    else:
        mark = work.place(Block("code", token.content, info))
        token.type, token.content = "html_block", f"<pre>{mark}</pre>\n"


def _lay_formula(work: Work, token: Token, kind: str, line: int | None) -> None:
    mark = work.place(Block(kind, token.content.strip(), line=line))
    token.type, token.content = "html_block", mark


def _line(work: Work, token: Token) -> int | None:
    return token.map[0] + work.source.first_line if token.map else None
