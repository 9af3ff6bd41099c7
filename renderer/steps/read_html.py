"""HTML -> tree: a document, or a piece of one."""

from selectolax.lexbor import LexborHTMLParser

from renderer.body import Work
from renderer.nesting import checked


def read_html(work: Work) -> None:
    """Read the upload as a browser would. Raises InvalidInputError for elements without end."""
    work.tree = LexborHTMLParser(checked(work.source.text, work.source.file))
