"""Tokens -> HTML tree, in which the later steps work whatever the source's format was."""

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from renderer.body import Work

_MARKDOWN = MarkdownIt("commonmark", {"xhtmlOut": False})


def to_tree(work: Work) -> None:
    """Write the tokens as HTML and read it as a browser would."""
    html = _MARKDOWN.renderer.render(work.tokens, _MARKDOWN.options, {})
    work.tree = LexborHTMLParser(html, is_fragment=True)
