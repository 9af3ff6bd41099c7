"""Figures: a picture that stands alone and has a title gets it as its caption."""

from selectolax.lexbor import LexborNode

from renderer.body import Work


def make_figures(work: Work) -> None:
    """`![words](a.png "caption")` in a paragraph of its own -> figure with figcaption."""
    for picture in work.tree.css("p > img[title]"):
        paragraph, caption = picture.parent, (picture.attributes.get("title") or "").strip()
        if paragraph is None or not caption or not _is_alone(picture, paragraph):
            continue
        figure, words = work.tree.create_node("figure"), work.tree.create_node("figcaption")
        words.insert_child(caption)
        del picture.attrs["title"]
        figure.insert_child(picture)
        figure.insert_child(words)
        paragraph.replace_with(figure)


def _is_alone(picture: LexborNode, paragraph: LexborNode) -> bool:
    others = (node for node in paragraph.iter(include_text=True) if node != picture)
    return not any((node.text(deep=True) or "").strip() or node.tag != "-text" for node in others)
