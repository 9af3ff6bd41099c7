"""What stands beside the page, made of the same body: Markdown, plain text, a feed's entry."""

import re
from html import escape, unescape
from urllib.parse import urljoin

from html_to_markdown import CodeBlockStyle, ConversionOptions, HeadingStyle, convert
from selectolax.lexbor import LexborHTMLParser

from renderer.body import MARK

RELATIVE = re.compile(r' (href|src)="(?!#|https?://|mailto:|tel:)([^"]+)"')
BLOCKS = "p, li, h2, h3, h4, h5, h6, pre, blockquote, tr, dt, dd, figcaption, summary, br, hr"
OPTIONS = ConversionOptions(
    heading_style=HeadingStyle.ATX,
    code_block_style=CodeBlockStyle.BACKTICKS,
    autolinks=False,
    extract_metadata=False,  # a quarter of the time, for what nobody asks
)


def markdown_of(html: str, url: str) -> str:
    """The body as Markdown, with absolute addresses, for whoever reads text: language models, editors, archives."""
    tree, formulas = _without_formulas(html)
    text = str(convert(absolute(tree.html or "", url), OPTIONS).content or "").strip()
    return MARK.sub(lambda found: formulas[int(found[1])], text)


def feed_html(html: str, url: str) -> str:
    """The body as a feed's reader shows it: addresses absolute, formulas as MathML, which needs no style."""
    return absolute(_with_mathml(html) if "katex" in html else html, url)


def text_of(html: str) -> str:
    """The body as plain text, a line for each block."""
    tree, formulas = _without_formulas(html)
    for block in tree.css(BLOCKS):
        block.insert_after("\n")
    text = tree.root.text(deep=True) if tree.root else ""
    lines = (" ".join(line.split()) for line in MARK.sub(lambda found: formulas[int(found[1])], text).splitlines())
    return "\n".join(line for line in lines if line)


def absolute(html: str, url: str) -> str:
    """Links and pictures as seen from the article's own address; what leads about in the text stays."""
    return RELATIVE.sub(lambda found: f' {found[1]}="{escape(urljoin(url, unescape(found[2])))}"', html)


def _with_mathml(html: str) -> str:
    tree = LexborHTMLParser(html, is_fragment=True)
    for formula in tree.css("span.katex"):
        if (mathml := formula.css_first("math")) is not None:
            formula.replace_with(mathml)
    return tree.html or ""


def _without_formulas(html: str) -> tuple[LexborHTMLParser, list[str]]:
    """The tree with a mark at the place of each formula, and the formulas as they were written."""
    tree = LexborHTMLParser(html, is_fragment=True)
    formulas: list[str] = []
    for formula in tree.css("span.katex") if "katex" in html else ():
        tex, parent = formula.css_first("annotation"), formula.parent
        is_display = parent is not None and parent.attributes.get("class") == "katex-display"
        dollars = "$$" if is_display else "$"
        if tex is not None:
            formula.replace_with(f"\ufdd0{len(formulas)}\ufdd1")
            formulas.append(f"{dollars}{tex.text(deep=True)}{dollars}")
    return tree, formulas
