"""Links: those that lead out of the site say so."""

from renderer.body import Work

OUTSIDE = ("http://", "https://", "//")
REL = "noopener nofollow ugc"


def point_links(work: Work) -> None:
    """Set rel on outside links; what is no link (a script's scheme) the sanitiser drops."""
    for node in work.tree.css("a"):
        node.attrs["rel"] = REL if (node.attributes.get("href") or "").strip().startswith(OUTSIDE) else ""
        if not node.attrs["rel"]:
            del node.attrs["rel"]
