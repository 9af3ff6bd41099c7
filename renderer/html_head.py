"""What an HTML document says about itself, where its front matter is silent."""

from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from renderer.front_matter import LANG, MAX_VALUE, FrontMatter

TITLES = ("#activity-name", "meta[property='og:title']", "title", "h1")
AUTHORS = ("meta[name='author']", "#js_author_name", "#js_name")
DIGESTS = ("meta[name='description']", "meta[property='og:description']")


def with_what_html_says(front: FrontMatter, html: str) -> FrontMatter:
    """Title, author, digest and language of a document, as WeChat and other engines write them."""
    head = LexborHTMLParser(html[:65_536])  # the title of a document without end is at its beginning
    root = head.css_first("html")
    lang = (root.attributes.get("lang") or "") if root is not None else ""
    return replace(
        front,
        title=front.title or _first(head, TITLES),
        author=front.author or _first(head, AUTHORS),
        digest=front.digest or _first(head, DIGESTS),
        lang=front.lang or (lang if LANG.fullmatch(lang) else None),
    )


def _first(head: LexborHTMLParser, selectors: tuple[str, ...]) -> str | None:
    for selector in selectors:
        for node in head.css(selector):
            text = node.attributes.get("content") if node.tag == "meta" else node.text(deep=True)
            if said := " ".join((text or "").split()):
                return said[:MAX_VALUE]
    return None
