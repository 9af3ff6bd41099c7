"""Pictures: names of the upload become stored pictures, with their size."""

from selectolax.lexbor import LexborNode

from renderer.body import Work
from renderer.source import is_outside, picture_name

EAGER = 1  # the first picture is often in the first screen; the others wait until they are near


def place_pictures(work: Work) -> None:
    """Point each picture at where it rests; one that is not there leaves its words and a warning."""
    for node in work.tree.css("img"):
        source = (node.attributes.get("src") or node.attributes.get("data-src") or "").strip()
        line = int(written) if (written := node.attributes.get("data-line") or "").isdigit() else None
        alt = node.attributes.get("alt") or ""
        for name in list(node.attributes):
            del node.attrs[name]
        node.attrs["alt"] = alt
        if is_outside(source):
            node.attrs["src"] = source
            _show(work, node, source)
            node.attrs["referrerpolicy"] = "no-referrer"
        elif (picture := work.pictures.get(picture_name(source) or "")) is not None:
            node.attrs["src"] = picture.address
            node.attrs["width"], node.attrs["height"] = str(picture.width), str(picture.height)
            _show(work, node, picture.address)
        else:
            _leave_words(work, node, source, alt, line)


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
