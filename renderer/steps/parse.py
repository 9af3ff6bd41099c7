"""Markdown -> tokens: CommonMark with GitHub's tables, strikethrough, task lists, alerts and bare links."""

from functools import cache

from markdown_it import MarkdownIt

from core.errors import InvalidInputError
from renderer.body import Work
from renderer.cjk_emphasis import read_emphasis_in_chinese
from renderer.links import stop_links_at_chinese

MAX_NESTING = 100  # lists and quotes in each other; deeper is not writing
MAX_TABLE_CELLS = 65_536  # GitHub's own limit against tables that grow without end (cmark-gfm)


def parse(work: Work) -> None:
    """Read the Markdown; each picture's token keeps its line, so that a missing one can be pointed at."""
    work.tokens = _markdown().parse(work.source.text)
    cells = sum(token.type in {"th_open", "td_open"} for token in work.tokens)
    if cells > MAX_TABLE_CELLS:
        message = f"the tables have {cells} cells; the most is {MAX_TABLE_CELLS}. Split the article."
        raise InvalidInputError.of(message, work.source.file)
    for token in work.tokens:
        for child in token.children or ():
            if child.type == "image" and token.map:
                child.attrSet("data-line", str(token.map[0] + work.source.first_line))


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("gfm-like2", {"maxNesting": MAX_NESTING, "xhtmlOut": False})
    read_emphasis_in_chinese(markdown)
    stop_links_at_chinese(markdown)
    return markdown
