"""Pictures: names of the upload become stored pictures, with their size."""

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborNode

from renderer.body import Picture, Work
from renderer.source import is_outside, picture_name
from renderer.styles import PERCENT, declarations

PIXELS = re.compile(r"([1-9]\d{0,3})(?:px)?")
EAGER = 1  # the first picture is often in the first screen; the others wait until they are near


def place_pictures(work: Work) -> None:
    """Point each picture at where it rests; one that is not there leaves its words and a warning."""
    for node in work.tree.css("img"):
        written = {name: value or "" for name, value in node.attributes.items()}
        source = (written.get("src") or written.get("data-src") or "").strip()
        line = int(written["data-line"]) if written.get("data-line", "").isdigit() else None
        alt = _words(node, written.get("alt", "").strip())
        for name in list(node.attributes):
            del node.attrs[name]
        node.attrs["alt"] = alt
        if caption := written.get("caption") or written.get("title"):
            node.attrs["title"] = caption
        if is_outside(source):
            node.attrs["src"] = source
            _show(work, node, source)
            _set_size(node, written, None)
            node.attrs["referrerpolicy"] = "no-referrer"
        elif (picture := work.pictures.get(picture_name(source) or "")) is not None:
            node.attrs["src"] = picture.address
            _set_size(node, written, picture)
            _show(work, node, picture.address)
        else:
            _leave_words(work, node, source, alt, line)


def _words(node: LexborNode, alt: str) -> str:
    """A picture's description; none where the same words stand beside it, and would be read out twice."""
    return "" if alt and node.parent is not None and node.parent.text(deep=True).strip() == alt else alt


def _set_size(node: LexborNode, written: Mapping[str, str], picture: Picture | None) -> None:
    """The picture's own size, or the width that the author wants: `50%` of the column, or pixels."""
    wanted = written.get("width") or declarations(written.get("style", "")).get("width", "")
    pixels = int(found[1]) if (found := PIXELS.fullmatch(wanted)) else 0
    if picture is not None:
        width = min(pixels or picture.width, picture.width)
        node.attrs["width"] = str(width)
        node.attrs["height"] = str(max(1, round(picture.height * width / picture.width)))
    elif pixels:
        node.attrs["width"] = str(pixels)
    if PERCENT.fullmatch(wanted) and wanted != "100%":
        node.attrs["style"] = f"width:{wanted}"


def _show(work: Work, node: LexborNode, address: str) -> None:
    work.shown.append(address)
    node.attrs["decoding"] = "async"
    if len(work.shown) > EAGER:
        node.attrs["loading"] = "lazy"


def _leave_words(work: Work, node: LexborNode, source: str, alt: str, line: int | None) -> None:
    if source.startswith("data:"):
        work.warn("a picture is written into the text as data:; put it beside the article as a file", line)
    elif picture_name(source) is None:
        work.warn(f"picture {source!r} is outside the upload; put it beside the article", line)
    else:
        work.warn(f"picture {source!r} is missing from the upload; its words are shown instead", line)
    words = work.tree.create_node("em")
    words.insert_child(f"[{alt or source[:80]}]")
    node.replace_with(words)
