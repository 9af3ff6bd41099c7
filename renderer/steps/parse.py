"""Markdown -> tokens."""

from core.errors import InvalidInputError
from renderer.body import Work
from renderer.dialect import dialect

MAX_TABLE_CELLS = 65_536  # GitHub's own limit against tables that grow without end (cmark-gfm)


def parse(work: Work) -> None:
    """Read the Markdown; each picture's token keeps its line, so that a missing one can be pointed at."""
    work.tokens = dialect().parse(work.source.text)
    cells = sum(token.type in {"th_open", "td_open"} for token in work.tokens)
    if cells > MAX_TABLE_CELLS:
        message = f"the tables have {cells} cells; the most is {MAX_TABLE_CELLS}. Split the article."
        raise InvalidInputError.of(message, work.source.file)
    for token in work.tokens:
        for child in token.children or ():
            if child.type == "image" and token.map:
                child.attrSet("data-line", str(token.map[0] + work.source.first_line))
