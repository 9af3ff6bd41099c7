"""Tokens -> HTML tree, in which the later steps work whatever the source's format was."""

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from renderer.body import Work

_RENDERER = MarkdownIt("commonmark", {"xhtmlOut": False}).renderer


def to_tree(work: Work) -> None:
    """Write the tokens as HTML and read it as a browser would."""
    options = MarkdownIt("commonmark", {"xhtmlOut": False}).options
    work.tree = LexborHTMLParser(_RENDERER.render(work.tokens, options, {}), is_fragment=True)
