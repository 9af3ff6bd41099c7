"""The Markdown that publishers write: CommonMark with GitHub's and Chinese publishers' habits (docs/writing.md)."""

import re
from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from renderer.cjk_emphasis import read_emphasis_in_chinese
from renderer.containers import add_containers
from renderer.dispatch import dispatch_rules
from renderer.dollars import add_formulas
from renderer.links import add_bare_links
from renderer.marks import add_marks
from renderer.picture_attributes import add_picture_attributes

MAX_NESTING = 100  # lists and quotes in each other; deeper is not writing


PLAIN_ADDRESS = re.compile(r"(?:https?://[a-z0-9.-]+(?::\d+)?(?=[/?#]|\Z))?[A-Za-z0-9/._~?#!$&'()*+,;=@-]*")


class _Markdown(MarkdownIt):
    def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's name
        """An address that is written as it should be needs no second look, which takes 60 µs."""
        return url if PLAIN_ADDRESS.fullmatch(url) else super().normalizeLink(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - markdown-it's name
        """Likewise."""
        return link if PLAIN_ADDRESS.fullmatch(link) else super().normalizeLinkText(link)


@cache
def dialect() -> MarkdownIt:
    """The one parser; it keeps nothing between texts."""
    # A single tilde is no deletion here: 3~5 天，7~9 天 is two ranges.
    options = {"maxNesting": MAX_NESTING, "xhtmlOut": False, "strikethrough_single_tilde": False, "linkify": False}
    markdown = _Markdown("gfm-like2", options)
    markdown.use(footnote_plugin, inline=False)
    markdown.add_render_rule("footnote_block_open", _open_footnotes)
    markdown.use(deflist_plugin)
    add_containers(markdown)
    add_formulas(markdown)
    add_bare_links(markdown)
    add_marks(markdown)
    add_picture_attributes(markdown)
    markdown.disable("linkify")
    read_emphasis_in_chinese(markdown)
    dispatch_rules(markdown)
    return markdown


def _open_footnotes(*_arguments: object) -> str:
    """The style draws the line above them; a rule before it would be a second."""
    return '<section class="footnotes">\n<ol>\n'
