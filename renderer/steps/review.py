"""What a careful editor would say: nothing here keeps an article from being published."""

import re
from urllib.parse import unquote

from renderer.body import Work
from renderer.steps.sanitize import REMOVED_WHOLE

NOTE = re.compile(r"#fn(ref)?\d+(:\d+)?\Z")  # Word's notes stand in lists
MAX_TITLE = 64  # characters that WeChat's back office takes; its draft interface takes 32
MAX_DIGEST = 120  # WeChat takes 120 to 128, by interface


def review(work: Work) -> None:
    """Report what readers, crawlers or WeChat will stumble over."""
    for look in (_lengths, _pictures, _anchors, _dropped):
        look(work)
    if work.source.format == "markdown":  # HTML's were seen before the soup was dropped
        work.warn_of_colours()


def _lengths(work: Work) -> None:
    title, digest = work.source.title, work.source.front.digest or ""
    if len(title) > MAX_TITLE:
        work.warn(f"the title has {len(title)} characters; WeChat takes {MAX_TITLE}")
    if len(digest) > MAX_DIGEST:
        work.warn(f"the digest has {len(digest)} characters; WeChat takes {MAX_DIGEST}")


def _pictures(work: Work) -> None:
    missing = sum(not (node.attributes.get("alt") or "").strip() for node in work.tree.css("img"))
    if missing:
        work.warn(f"pictures without a description: {missing}. Write it between the brackets: ![description](name.png)")


def _anchors(work: Work) -> None:
    targets = {node.attributes["id"] for node in work.tree.css("[id]")}
    for node in work.tree.css("a[href^='#']"):
        href = node.attributes.get("href") or ""
        anchor = unquote(href[1:])
        if anchor and anchor not in targets and not NOTE.match(href):
            work.warn(f"the link to #{anchor[:60]} leads nowhere; ids are made of the headings' words")


def _dropped(work: Work) -> None:
    found = sorted({str(node.tag) for node in work.tree.css(", ".join(sorted(REMOVED_WHOLE)))})
    if found:
        work.warn(f"dropped with what is inside: {', '.join(f'<{tag}>' for tag in found)}")
