"""The one sanitiser, an allow-list, and always the last step (see docs/architecture.md)."""

import re

import nh3

from renderer.body import Work
from renderer.styles import checked_style

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "div", "section", "blockquote"),
    *("ul", "ol", "li", "dl", "dt", "dd", "pre", "code", "kbd", "samp", "var"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *(
        "a",
        "em",
        "strong",
        "b",
        "i",
        "u",
        "s",
        "del",
        "ins",
        "mark",
        "small",
        "sub",
        "sup",
        "q",
        "cite",
        "abbr",
    ),
    *("ruby", "rt", "rp", "span", "time", "figure", "figcaption", "details", "summary", "img"),
}
# With what is inside them: their text is no reading matter. svg and math have broken every sanitiser once.
REMOVED_WHOLE = {
    *(
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "title",
        "textarea",
    ),
    *("select", "xmp", "plaintext", "noembed", "noframes", "head", "frameset", "audio", "video", "canvas"),
}
ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),  # nh3 would allow title and lang everywhere
    "a": {"href", "title", "rel", "id"},
    "img": {"src", "alt", "title", "width", "height", "loading", "decoding", "referrerpolicy", "style"},
    **{f"h{level}": {"id", "style"} for level in range(2, 7)},
    **{tag: {"style"} for tag in ("span", "strong", "em", "p", "blockquote", "section", "figcaption")},
    "li": {"id"},
    "div": {"style", "tabindex"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan", "style"},
    "th": {"colspan", "rowspan", "scope", "style"},
    "time": {"datetime"},
    "abbr": {"title"},
    "details": {"open"},
}
CLASSES = {
    "div": {
        "table",
        "markdown-alert",
        *(f"markdown-alert-{kind}" for kind in ("note", "tip", "important", "warning", "caution")),
    },
    "p": {"markdown-alert-title"},
    "td": {"align-left", "align-center", "align-right"},
    "th": {"align-left", "align-center", "align-right"},
    "ul": {"contains-task-list"},
    "li": {"task-list-item"},
    "section": {"footnotes"},
    "sup": {"footnote-ref"},
}
FOOTNOTE = re.compile(r"fn(ref)?\d+(:\d+)?")


def _checked(tag: str, name: str, value: str) -> str | None:
    """Ids are headings' (renderer/steps/number_headings.py) and footnotes', never the author's own."""
    if name == "style":
        return checked_style(value) or None
    if name == "tabindex":
        return value if value == "0" else None
    return None if name == "id" and tag in {"a", "li"} and not FOOTNOTE.fullmatch(value) else value


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=REMOVED_WHOLE,
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,  # renderer/steps/point_links.py sets it
    strip_comments=True,
    attribute_filter=_checked,
)


def clean(html: str) -> str:
    """Keep what is on the lists above, and nothing else: cleaning twice changes no more than once."""
    return _CLEANER.clean(html)


def sanitize(work: Work) -> None:
    """Turn the tree into the body's HTML."""
    work.html = clean(work.tree.html or "")
