"""Links: to other articles by their addresses; those that lead out of the site say so."""

import posixpath
import re
from urllib.parse import unquote

from renderer.body import Work
from renderer.slugs import slug_of_file
from renderer.source import is_outside

REL = "noopener nofollow ugc"
ARTICLE = re.compile(r"\.(?:md|markdown|html?|docx)\Z", re.IGNORECASE)
ELSEWHERE = re.compile(r"[/#?]|[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def point_links(work: Work) -> None:
    """Point links between files (`../other/name.md`) at the pages these become; set rel on outside links.

    What is no link (a script's scheme) the sanitiser drops.
    """
    for node in work.tree.css("a"):
        href = (node.attributes.get("href") or "").strip()
        if "rel" in node.attributes:
            del node.attrs["rel"]
        if is_outside(href):
            node.attrs["rel"] = REL
        elif href and not ELSEWHERE.match(href):
            node.attrs["href"] = _address(work, href)


def _address(work: Work, href: str) -> str:
    """Where a link to a file of the upload leads once it is published."""
    path, mark, fragment = href.partition("#")
    name = unquote(path.partition("?")[0])
    stem = posixpath.basename(ARTICLE.sub("", name))
    if not ARTICLE.search(name) or not stem.isascii():
        work.warn(f"the link {href[:80]!r} leads to no page; write the address of an article, or https://…")
        return href
    if stem == "index":
        stem = posixpath.basename(posixpath.dirname(name)) or stem
    slug = slug_of_file(stem, stem)
    work.links.append(slug)
    return slug + mark + fragment
