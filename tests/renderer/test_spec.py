"""The specification's own cases, and others' (tests/renderer/spec/SOURCES.md), before sanitising."""

import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from renderer.dialect import dialect
from tests.renderer.golden import cases

SPEC = Path(__file__).with_name("spec")
COMMONMARK: list[tuple[int, str, str]] = json.loads((SPEC / "commonmark.json").read_text("utf-8"))
CJK_EMPHASIS: list[tuple[str, str]] = json.loads((SPEC / "cjk_emphasis.json").read_text("utf-8"))
# Bare addresses are links here, as on GitHub; the specification leaves them to extensions.
BARE_ADDRESSES = {602, 608, 611}


def written(text: str) -> str:
    markdown = dialect()
    return str(markdown.renderer.render(markdown.parse(text), markdown.options, {}))


def as_html5(html: str) -> str:
    """The specification writes void elements as XHTML does, and a line into an empty quote."""
    html = re.sub(r"<(br|hr) />", r"<\1>", re.sub(r"(<img [^>]*?) />", r"\1>", html))
    return html.replace("<blockquote>\n</blockquote>", "<blockquote></blockquote>")


@pytest.mark.parametrize(("number", "given", "expected"), COMMONMARK)
def test_commonmark(number: int, given: str, expected: str) -> None:
    html = written(given)
    if number in BARE_ADDRESSES:
        html = re.sub(r'<a href="(https?:[^"]*)">\1</a>', r"\1", html)
    assert html == as_html5(expected)


def test_all_of_commonmark_is_here() -> None:
    assert len(COMMONMARK) == 652


@pytest.mark.parametrize("given", [given for _, given, _ in COMMONMARK])
def test_the_rules_are_found_by_their_first_character_as_when_all_are_asked(given: str) -> None:
    stock, ours = MarkdownIt("gfm-like2", {"linkify": False, "xhtmlOut": False}), dialect()
    tokens = [token.type for token in stock.parse(given)]
    assert [token.type for token in ours.parse(given)] == tokens


def test_emphasis_beside_chinese_is_what_the_reference_implementation_reads() -> None:
    wrong = {given: html for given, expected in CJK_EMPHASIS if (html := inline(given)) != expected}
    assert wrong == {}
    assert len(CJK_EMPHASIS) == 1500


def inline(text: str) -> str:
    return str(dialect().renderInline(text))


@cases("spec/tables.md")
def test_tables(given: str, expected: str) -> None:
    assert written(given).rstrip() == expected.rstrip()


@cases("spec/tasklists.md")
def test_task_lists(given: str, expected: str) -> None:
    assert written(given).rstrip() == expected.rstrip()


@cases("spec/alerts.md")
def test_alerts(given: str, expected: str) -> None:
    assert written(given).rstrip() == expected.rstrip()


@cases("spec/strikethrough.md")
def test_strikethrough(given: str, expected: str) -> None:
    assert written(given).rstrip() == as_html5(expected).rstrip()
