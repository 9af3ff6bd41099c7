"""What stands beside the page, made of the same body: Markdown, plain text, a feed's entry."""

import re

from html_to_markdown import CodeBlockStyle, ConversionOptions, HeadingStyle, convert
from selectolax.lexbor import LexborHTMLParser

ADDRESS = re.compile(r'( (?:href|src)=")/(?!/)')
BLOCKS = "p, li, h2, h3, h4, h5, h6, pre, blockquote, tr, dt, dd, figcaption, summary, br, hr"
OPTIONS = ConversionOptions(heading_style=HeadingStyle.ATX, code_block_style=CodeBlockStyle.BACKTICKS, autolinks=False)


def markdown_of(html: str, base: str) -> str:
    """The body as Markdown, with absolute addresses, for whoever reads text: language models, editors, archives."""
    tree = _without_styles(html, dollars=True)
    return str(convert(absolute(tree.html or "", base), OPTIONS).content or "").strip()


def feed_html(html: str, base: str) -> str:
    """The body as a feed's reader shows it: no style of ours to rely on, every address absolute."""
    return absolute(_without_styles(html, dollars=False).html or "", base)


def text_of(html: str) -> str:
    """The body as plain text, a line for each block."""
    tree = _without_styles(html, dollars=True)
    for block in tree.css(BLOCKS):
        block.insert_after("\n")
    lines = (tree.root.text(deep=True) if tree.root else "").splitlines()
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def absolute(html: str, base: str) -> str:
    """Root-relative links and pictures with the site's address before them."""
    return ADDRESS.sub(rf"\g<1>{base}/", html)


def _without_styles(html: str, *, dollars: bool) -> LexborHTMLParser:
    """Formulas as they were written, or as MathML, which needs no style."""
    tree = LexborHTMLParser(html, is_fragment=True)
    if "katex" in html:
        for formula in tree.css("span.katex"):
            tex, mathml = formula.css_first("annotation"), formula.css_first("math")
            if dollars and tex is not None:
                formula.replace_with(f"${tex.text(deep=True)}$")
            elif mathml is not None:
                formula.replace_with(mathml)
    return tree
