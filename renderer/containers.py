"""Containers: `:::tip 标题` to `:::` is a box, `:::details 标题` one that opens."""

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

# What other engines call it -> the kind of alert that it is here.
KINDS = {
    "note": "note",
    "info": "note",
    "tip": "tip",
    "success": "tip",
    "important": "important",
    "warning": "warning",
    "caution": "caution",
    "danger": "caution",
}
DETAILS = "details"
NAMES = {*KINDS, DETAILS}


def add_containers(markdown: MarkdownIt) -> None:
    """Teach a parser every kind of container, by one rule."""
    container_plugin(markdown, "box", validate=lambda params, _markup: _name(params) in NAMES, render=_rendered)


def _rendered(_renderer: Any, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
    """The HTML of the line that opens or closes one."""
    token = tokens[place]
    name = _name(token.info) if token.nesting == 1 else _opened(tokens, place)
    title = token.info.strip().removeprefix(name).strip()
    if name == DETAILS:
        return f"<details><summary>{escapeHtml(title or '展开')}</summary>\n" if token.nesting == 1 else "</details>\n"
    if token.nesting != 1:
        return "</div>\n"
    kind = KINDS[name]
    heading = escapeHtml(title or kind.capitalize())
    return f'<div class="markdown-alert markdown-alert-{kind}">\n<p class="markdown-alert-title">{heading}</p>\n'


def _name(params: str) -> str:
    return params.strip().split(" ", 1)[0]


def _opened(tokens: Sequence[Token], place: int) -> str:
    """The name of the container that a token closes."""
    level = tokens[place].level
    opening = next(one for one in reversed(tokens[:place]) if one.type == "container_box_open" and one.level == level)
    return _name(opening.info)
