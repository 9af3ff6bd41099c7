"""Tokens -> HTML tree, in which the later steps work whatever the source's format was."""

from selectolax.lexbor import LexborHTMLParser

from renderer.body import Work
from renderer.code import code_block
from renderer.dialect import dialect


def to_tree(work: Work) -> None:
    """Write the tokens as HTML and read it as a browser would; code is coloured on the way."""
    for token in work.tokens:
        if token.type in {"fence", "code_block"}:
            token.type, token.content = "html_block", code_block(token.content, token.info.strip())
    markdown = dialect()
    work.tree = LexborHTMLParser(markdown.renderer.render(work.tokens, markdown.options, {}), is_fragment=True)
