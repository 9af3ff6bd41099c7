"""HTML -> tree, read as a browser would read it."""

from selectolax.lexbor import LexborHTMLParser

from renderer.body import Work
from renderer.nesting import checked


def to_tree(work: Work) -> None:
    """Read the manuscript's HTML into a tree. Raises InvalidInputError for elements without end."""
    work.tree = LexborHTMLParser(checked(work.html, work.source.file), is_fragment=True)
