"""What a careful editor would say: nothing here keeps an article from being published."""

from urllib.parse import unquote

from renderer.body import Work
from renderer.steps.sanitize import REMOVED_WHOLE

MAX_TITLE = 64  # characters that WeChat's back office takes; its draft interface takes 32
MAX_DIGEST = 120  # WeChat takes 120 to 128, by interface


def review(work: Work) -> None:
    """Report what readers, crawlers or WeChat will stumble over."""
    for look in (_lengths, _pictures, _headings, _anchors, _dropped):
        look(work)


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


def _headings(work: Work) -> None:
    level = 1
    for heading in work.headings:
        if heading.level > level + 1:
            work.warn(f"the heading {heading.text[:40]!r} skips a level (from {level} to {heading.level})")
        level = heading.level


def _anchors(work: Work) -> None:
    targets = {node.attributes["id"] for node in work.tree.css("[id]")}
    for node in work.tree.css("a[href^='#']"):
        anchor = unquote((node.attributes.get("href") or "")[1:])
        if anchor and anchor not in targets:
            work.warn(f"the link to #{anchor[:60]} leads nowhere; ids are made of the headings' words")


def _dropped(work: Work) -> None:
    found = sorted({str(node.tag) for node in work.tree.css(", ".join(sorted(REMOVED_WHOLE)))})
    if found:
        work.warn(f"dropped with what is inside: {', '.join(f'<{tag}>' for tag in found)}")
