"""Code blocks: coloured at publish by class, so that light and dark are a matter of the style.

The first word after the fence names the language; it is never guessed. `{1,3-5}` marks lines, `linenos` numbers them.
"""

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

# A few colours tell more than eighty, and a span that has no colour is bytes for nothing.
COLOURS: dict[_TokenType, str] = {
    Comment: "hl-c",
    Keyword: "hl-k",
    Operator.Word: "hl-k",
    Name.Tag: "hl-k",
    Name.Function: "hl-f",
    Name.Class: "hl-f",
    Name.Decorator: "hl-f",
    Name.Builtin: "hl-b",
    Name.Attribute: "hl-b",
    Name.Variable: "hl-b",
    String: "hl-s",
    Number: "hl-n",
    Keyword.Constant: "hl-n",
    Generic.Inserted: "hl-s",
    Generic.Deleted: "hl-x",
    Generic.Heading: "hl-f",
}
MAX_CODE = 64 * 1024  # characters; longer code is shown plain
MAX_LINES = 2000  # more lines are neither marked nor numbered
LINES = re.compile(r"\{([\d,\s-]+)\}")
LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")


def code_block(code: str, info: str) -> str:
    """The HTML of a block; `info` is what stands after the fence."""
    found = LANGUAGE.match(info)
    lines = _coloured(code, found[0] if found else "").rstrip("\n").split("\n")
    is_numbered = "linenos" in info.split() and len(lines) <= MAX_LINES
    marked = _marked(info) if len(lines) <= MAX_LINES else set()
    if is_numbered or marked:
        lines = [_line(line, is_marked=number in marked) for number, line in enumerate(lines, 1)]
    numbered = ' class="numbered"' if is_numbered else ""
    named = f' class="language-{found[0]}"' if found else ""
    # A long line is scrolled by keys too.
    return f'<pre{numbered} tabindex="0"><code{named}>{chr(10).join(lines)}\n</code></pre>'


def _coloured(code: str, language: str) -> str:
    if not language or len(code) > MAX_CODE:
        return escape(code, quote=False)
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(code, quote=False)
    return "".join(_spans(lexer.get_tokens(code)))


def _spans(tokens: Iterator[tuple[_TokenType, str]]) -> Iterator[str]:
    """Neighbours of one colour in one span, which never crosses a line's end, so that lines can be wrapped."""
    for colour, run in groupby(tokens, key=lambda token: _colour(token[0])):
        escaped = escape("".join(text for _, text in run), quote=False)
        if colour is None or not escaped.strip():
            yield escaped
        else:
            yield "\n".join(f'<span class="{colour}">{part}</span>' if part else "" for part in escaped.split("\n"))


@cache
def _colour(kind: _TokenType) -> str | None:
    """The colour of a kind of token, or of the nearest kind that it belongs to."""
    nearest: _TokenType | None = kind
    while nearest is not None and nearest not in COLOURS:
        nearest = nearest.parent
    return COLOURS[nearest] if nearest is not None else None


def _line(html: str, *, is_marked: bool) -> str:
    return f'<span class="line marked">{html}</span>' if is_marked else f'<span class="line">{html}</span>'


def _marked(info: str) -> set[int]:
    """The numbers of the lines that `{1,3-5}` names."""
    found = LINES.search(info)
    marked: set[int] = set()
    for part in found[1].split(",") if found else ():
        first, _, last = (number.strip() for number in part.partition("-"))
        if first.isdigit() and (not last or last.isdigit()):
            marked.update(range(int(first[:5]), min(int((last or first)[:5]), MAX_LINES) + 1))
    return marked
