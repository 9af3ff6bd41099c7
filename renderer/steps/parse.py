"""Markdown -> tokens."""

from core.errors import InvalidInputError
from renderer.body import Work
from renderer.cjk_emphasis import TooManyMarksError
from renderer.dialect import dialect

MAX_LINES = 20_000  # a book's chapter has two thousand
MAX_TABLE_CELLS = 10_000


def parse(work: Work) -> None:
    """Read the Markdown; each picture's token keeps its line, so that a missing one can be pointed at."""
    lines = work.source.text.count("\n")
    if lines > MAX_LINES:
        raise InvalidInputError.of(f"the text has {lines:,} lines; the most is {MAX_LINES:,}.", work.source.file)
    try:
        work.tokens = dialect().parse(work.source.text)
    except TooManyMarksError as error:
        raise InvalidInputError.of(f"{error}. Split it, or put it into a code block.", work.source.file) from error
    cells = sum(token.type in {"th_open", "td_open"} for token in work.tokens)
    if cells > MAX_TABLE_CELLS:
        message = f"the tables have {cells} cells; the most is {MAX_TABLE_CELLS}. Split the article."
        raise InvalidInputError.of(message, work.source.file)
    for token in work.tokens:
        for child in token.children or ():
            if child.type == "image" and token.map:
                child.attrSet("data-line", str(token.map[0] + work.source.first_line))
