"""HTML from editors: structure, emphasis, colours that matter and pictures are kept, the soup around them is dropped.

WeChat's editors write nested sections with inline styles, `data-src` pictures, `mp-*` tags, runs of `&nbsp;` and empty
paragraphs. The tree is written anew: a wrapper with blocks in it is its blocks, one with text alone is a paragraph, and
what a style says of weight, slant and colour is said where the text is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from selectolax.lexbor import LexborNode

from renderer.body import Block, Work
from renderer.steps.sanitize import REMOVED_WHOLE
from renderer.styles import BOLD, checked_style, declarations

KEPT_BLOCKS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "pre", "hr", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "figure", "figcaption", "details", "summary"),
}
KEPT_INLINE = {
    *("a", "strong", "b", "em", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "q", "cite", "abbr"),
    *("code", "kbd", "samp", "var", "ruby", "rt", "rp", "time", "br", "img"),
}
WRAPPERS = {
    *("section", "div", "article", "main", "center", "header", "footer", "aside", "nav", "address", "form", "fieldset"),
    *("body", "hgroup", "dialog", "mp-style-type"),
}
DROPPED = REMOVED_WHOLE | {"button", "link", "meta", "base", "input"}
SILENT = {"style", "script", "title", "head", "link", "meta", "base", "noscript", "template", "mp-style-type"}
ATTRIBUTES = {
    "a": ("href", "title", "id"),
    "li": ("id",),
    "img": ("alt", "title"),
    "ol": ("start", "reversed"),
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan", "scope"),
    "time": ("datetime",),
    "abbr": ("title",),
    "details": ("open",),
}
VOID = {"br", "hr", "img"}
BLANKS = re.compile("[ \t\n\r\f\u00a0]+")
INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight)-([A-Za-z0-9_+#.-]{1,30})")
WORD_NOTE = re.compile(r"\A(foot|end)note-(ref-)?(\d{1,6})\Z")
BREAKS = re.compile(r"(?:\s*<br>\s*){2,}")
EMPTY = re.compile(r"(?:\s|<br>)*")


@dataclass(frozen=True, slots=True)
class Style:
    """What the elements around a text say of it."""

    bold: bool = False
    italic: bool = False
    colours: str = ""
    align: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what was written: a block, or a run in a line."""

    html: str
    is_block: bool


def drop_soup(work: Work) -> None:
    """Write the tree anew, without what no reader sees."""
    work.warn_of_colours()
    soup = _Soup(work)
    root = work.tree.css_first("#js_content") or _only(work.tree.css("article")) or work.tree.body
    work.html = soup.blocks(root, Style()) if root is not None else ""
    for tag in sorted(soup.dropped):
        work.warn(f"dropped: <{tag}>")


class _Soup:
    def __init__(self, work: Work) -> None:
        self.work = work
        self.dropped: set[str] = set()
        self.has_title = False

    def blocks(self, parent: LexborNode, style: Style) -> str:
        """The children as blocks: runs of text between them are paragraphs."""
        written = []
        for is_block, pieces in groupby(self.pieces(parent, style), key=lambda piece: piece.is_block):
            html = "".join(piece.html for piece in pieces)
            written.append(html if is_block else _paragraphs(html, style))
        return "".join(written)

    def pieces(self, parent: LexborNode, style: Style) -> Iterator[Piece]:
        for node in parent.iter(include_text=True):
            yield from self.node(node, style)

    def node(self, node: LexborNode, style: Style) -> Iterator[Piece]:
        tag = str(node.tag)
        if tag == "-text":
            text = INVISIBLE.sub("", BLANKS.sub(" ", node.text_content or ""))
            if text:
                yield Piece(_styled(escape(text, quote=False), style), is_block=False)
        elif tag in DROPPED or tag.startswith("mp-"):
            self.drop(node, tag)
        elif tag == "pre":
            yield Piece(self.code(node), is_block=True)
        elif tag in KEPT_BLOCKS:
            yield from self.block(node, tag, style)
        elif tag in WRAPPERS:
            yield Piece(self.blocks(node, _within(node, style)), is_block=True)
        elif tag in KEPT_INLINE:
            yield from self.inline(node, tag, style)
        elif not tag.startswith("-"):  # spans, fonts, and what nobody knows: what is inside them
            yield from self.pieces(node, _within(node, style))

    def block(self, node: LexborNode, tag: str, style: Style) -> Iterator[Piece]:
        within = _within(node, style)
        if tag == "h1" and not self.has_title and _same(node, self.work.source.title):
            self.has_title = True  # the page writes it
        elif tag == "hr":
            yield Piece("<hr>", is_block=True)
        elif tag in {"p", "summary", "figcaption", "dt", "caption"} or tag[0] == "h":
            yield from self.line(node, tag, within)
        elif tag in {"li", "td", "th", "dd"}:
            yield Piece(f"<{tag}{_attributes(node, tag)}>{_single(self.blocks(node, within))}</{tag}>", is_block=True)
        elif inside := self.inside(node, tag, within):
            yield Piece(f"<{tag}{_attributes(node, tag)}>{inside}</{tag}>", is_block=True)

    def inside(self, node: LexborNode, tag: str, style: Style) -> str:
        """What a block of blocks holds; in a figure the picture stands by itself."""
        if tag in {"blockquote", "details"}:
            return self.blocks(node, style)
        if tag == "figure":
            return "".join(piece.html for piece in self.pieces(node, style)).strip()
        return self.only(node, style)

    def line(self, node: LexborNode, tag: str, style: Style) -> Iterator[Piece]:
        """A block that holds one line of text; an editor may have put blocks into it."""
        within = replace(style, bold=False) if tag[0] == "h" else style
        for is_block, pieces in groupby(self.pieces(node, within), key=lambda piece: piece.is_block):
            html = "".join(piece.html for piece in pieces)
            if is_block:
                yield Piece(html, is_block=True)
            elif tag == "p":
                yield Piece(_paragraphs(html, style), is_block=True)
            elif not EMPTY.fullmatch(html):
                yield Piece(f"<{tag}>{html.strip()}</{tag}>", is_block=True)

    def only(self, node: LexborNode, style: Style) -> str:
        """Lists and tables: their parts, without the blanks between them."""
        return "".join(piece.html for piece in self.pieces(node, style) if piece.is_block)

    def inline(self, node: LexborNode, tag: str, style: Style) -> Iterator[Piece]:
        if tag in VOID:
            html = self.picture(node) if tag == "img" else "<br>"
            yield Piece(html, is_block=False)
            return
        if tag in {"strong", "b", "em", "i"}:
            is_bold = tag in {"strong", "b"}
            inner = replace(style, bold=style.bold or is_bold, italic=style.italic or not is_bold)
            yield from self.pieces(node, _within(node, inner))
            return
        for piece in self.pieces(node, _within(node, style)):
            is_wrapped = not piece.is_block and (piece.html.strip() or tag == "a")
            yield Piece(
                f"<{tag}{_attributes(node, tag)}>{piece.html}</{tag}>" if is_wrapped else piece.html, piece.is_block
            )

    def picture(self, node: LexborNode) -> str:
        source = node.attributes.get("data-src") or node.attributes.get("src") or ""
        width = declarations(node.attributes.get("style") or "").get("width", "")
        shown = f' style="width:{width}"' if width.endswith("%") and width != "100%" else ""
        return f'<img src="{escape(source)}"{_attributes(node, "img")}{shown}>' if source.strip() else ""

    def code(self, node: LexborNode) -> str:
        """A block of code; editors put each line into an element of its own."""
        for end in node.css("br"):
            end.replace_with("\n")
        lines = node.css("code")
        joint = "\n" if len(lines) > 1 else ""
        text = joint.join(line.text(deep=True) for line in lines) if joint else node.text(deep=True)
        names = " ".join(one.attributes.get("class") or "" for one in (node, *lines[:1]))
        found = LANGUAGE.search(names)
        language = node.attributes.get("data-lang") or (found[1] if found else "")
        return f"<pre>{self.work.place(Block('code', text.replace(chr(160), ' '), language))}</pre>"

    def drop(self, node: LexborNode, tag: str) -> None:
        if tag not in SILENT and not (tag == "svg" and not node.text(deep=True).strip()):
            self.dropped.add(tag)


def _within(node: LexborNode, style: Style) -> Style:
    """The style inside an element."""
    css = node.attributes.get("style") or ""
    colour = node.attributes.get("color") if node.tag == "font" else None
    align = node.attributes.get("align") or ("center" if node.tag == "center" else "")
    if not css and not colour and not align:
        return style
    said = declarations(css)
    checked = checked_style(css + (f";color:{colour}" if colour else ""))
    colours = ";".join(part for part in checked.split(";") if part.startswith(("color", "background")))
    weight = said.get("font-weight")
    return Style(
        bold=style.bold if weight is None else weight in BOLD,
        italic=style.italic or said.get("font-style") == "italic",
        colours=colours or ("" if "color" in said else style.colours),
        align=said.get("text-align", align.lower() or style.align),
    )


def _styled(html: str, style: Style) -> str:
    if not html.strip():
        return html
    if style.colours:
        html = f'<span style="{style.colours}">{html}</span>'
    if style.italic:
        html = f"<em>{html}</em>"
    return f"<strong>{html}</strong>" if style.bold else html


def _paragraphs(html: str, style: Style) -> str:
    """A run of text as paragraphs; two breaks in a row are where an editor meant the next."""
    html = _joined(html)
    shown = f' style="text-align:{style.align}"' if style.align in {"center", "right"} else ""
    parts = (re.sub(r"\A(?:\s|<br>)+|(?:\s|<br>)+\Z", "", part) for part in BREAKS.split(html))
    return "".join(f"<p{shown}>{part}</p>\n" for part in parts if part)


def _joined(html: str) -> str:
    """Neighbours that say the same are one: `<strong>a</strong><strong>b</strong>`."""
    for tag in ("span", "em", "strong"):
        if tag == "span":
            html = re.sub(r'(<span style="[^"]*">)([^<]*)</span>(?:\1([^<]*)</span>)+', _same_spans, html)
        else:
            html = html.replace(f"</{tag}><{tag}>", "")
    return html


def _same_spans(found: re.Match[str]) -> str:
    opening = found[1]
    return opening + found[0].replace(opening, "").replace("</span>", "") + "</span>"


def _single(html: str) -> str:
    """One paragraph in a list's item or a table's cell needs no element of its own."""
    inner = html.strip().removeprefix("<p>").removesuffix("</p>")
    return inner if "<p" not in inner and html.strip() == f"<p>{inner}</p>" else html


def _attributes(node: LexborNode, tag: str) -> str:
    pairs = ((name, node.attributes[name]) for name in ATTRIBUTES.get(tag, ()) if name in node.attributes)
    written = ((name, _note(value or "") if name in {"id", "href"} else value or "") for name, value in pairs)
    return "".join(f' {name}="{escape(value)}"' for name, value in written)


def _note(value: str) -> str:
    """Word's footnotes get the ids of ours: footnote-2 -> fn2, #footnote-ref-2 -> #fnref2."""
    found = WORD_NOTE.match(value.removeprefix("#"))
    if found is None:
        return value
    return f"{'#' if value[0] == '#' else ''}fn{'ref' if found[2] else ''}{found[3]}"


def _same(node: LexborNode, title: str) -> bool:
    return " ".join(node.text(deep=True).split()) == title


def _only(nodes: list[LexborNode]) -> LexborNode | None:
    return nodes[0] if len(nodes) == 1 else None
