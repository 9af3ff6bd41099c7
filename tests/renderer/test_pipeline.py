import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from core.errors import InvalidInputError
from renderer.body import Body, Picture, Work
from renderer.code import code_block
from renderer.pipeline import FINISH, read, render_body
from renderer.source import read_source
from renderer.steps.sanitize import clean, sanitize
from tests.renderer.golden import cases

ZONE = ZoneInfo("Asia/Shanghai")
PICTURES = {"a.png": Picture("/media/1.png", 40, 30), "sub/二.png": Picture("/media/2.png", 7, 5)}
TAGS = ["<", ">", "</", "<p>", "<svg>", "<style>", "<!--", "-->", "<img src=", "onerror=", "javascript:", "&#", "]]>"]
MARKS = ["*", "**", "_", "`", "```\n", "[", "](", ")", "![", "\n", "\n\n", "# ", "> ", "- [x] ", "|", "|-|", "\\"]
MARKUP = st.sampled_from([*TAGS, *MARKS, '"', "'", "=", "中", "。", "a"])
TEXTS = st.lists(MARKUP | st.text(max_size=5), max_size=40).map("".join)


def body_of(text: str) -> Body:
    return render_body(read_source(f"---\ntitle: t\n---\n{text}".encode(), "a.md", ZONE), PICTURES)


def assert_clean(text: str) -> None:
    """What the author's markup became is what the sanitiser lets pass; code and formulas, put in after it, are ours."""
    source = read_source(f"---\ntitle: t\n---\n{text}".encode(), "a.md", ZONE)
    manuscript = read(source)
    work = Work(source, PICTURES, html=manuscript.html, blocks=list(manuscript.blocks))
    for step in FINISH[: FINISH.index(sanitize) + 1]:
        step(work)
    assert clean(work.html) == work.html


@cases("articles.md")
def test_articles(given: str, expected: str) -> None:
    assert body_of(given).html.strip() == expected.strip()


@cases("dialect.md")
def test_dialect(given: str, expected: str) -> None:
    assert body_of(given).html.strip() == expected.strip()
    assert_clean(given)


def test_code_over_the_limit_is_shown_plain() -> None:
    assert "<span" not in code_block("x = 1\n" * 20_000, "python")
    assert "<span" not in code_block("x\n" * 2001, "text linenos {1-9999}")
    assert code_block("x\n" * 3, "text {2-99999999999999}").count("marked") == 2


@cases("xss.md")
def test_xss(given: str, expected: str) -> None:
    html = body_of(given).html
    assert html.strip() == expected.strip()
    assert clean(html) == html


@hypothesis_given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_any_text_renders_clean_and_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        body = body_of(text)
    except InvalidInputError:
        return  # control characters
    assert_clean(text)
    assert "<script" not in body.html


def test_the_first_sentences_are_the_excerpt() -> None:
    assert body_of("第一句。第二句！\n\n- 列表\n\nThird one. Fourth.").excerpt == "第一句。第二句！Third one. Fourth."
    assert body_of("长" * 200).excerpt == "长" * 119 + "…"
    assert body_of("短。" + "长" * 150).excerpt == "短。"
    assert body_of("```\ncode\n```").excerpt == ""


def test_words_are_counted_by_script_and_tell_the_language() -> None:
    chinese, english = body_of("你好 world, 2025 年"), body_of("It's a plain text.")
    assert (chinese.words, chinese.lang) == (5, "zh-CN")
    assert (english.words, english.lang) == (4, "en")
    named = read_source(b"---\ntitle: t\nlang: ja\n---\nx", "a.md", ZONE)
    assert render_body(named, {}).lang == "ja"


def test_missing_pictures_are_reported_with_their_line() -> None:
    body = body_of("x\n\n![a](none.png)\n\n![b](../up.png)\n\n<img src='data:image/png;base64,x'>")
    assert [str(problem) for problem in body.warnings] == [
        "a.md:6: picture 'none.png' is missing from the upload; its words are shown instead",
        "a.md:8: picture '../up.png' is outside the upload; put it beside the article",
        "a.md: a picture is written into the text as data:; put it beside the article as a file",
    ]


def test_what_a_careful_editor_would_say_is_reported() -> None:
    head = f"---\ntitle: {'题' * 65}\ndigest: {'摘' * 121}\n---\n"
    text = "## 一\n\n#### 二\n\n![](a.png) [去](#一) [无](#无) [%](#%E4%B8%80)\n\n<iframe></iframe><svg></svg>\n"
    body = render_body(read_source((head + text).encode(), "a.md", ZONE), PICTURES)
    assert [problem.message for problem in body.warnings] == [
        "the heading '二' skips a level (from 2 to 4)",
        "the title has 65 characters; WeChat takes 64",
        "the digest has 121 characters; WeChat takes 120",
        "pictures without a description: 1. Write it between the brackets: ![description](name.png)",
        "the link to #无 leads nowhere; ids are made of the headings' words",
        "dropped with what is inside: <iframe>, <svg>",
    ]
    assert body_of("## 一\n\n脚注[^1]\n\n[^1]: 注").warnings == ()


def test_headings_are_listed() -> None:
    assert [(one.level, one.id, one.text) for one in body_of("## 甲 *乙*\n\n#### 丙").headings] == [
        (2, "甲-乙", "甲 乙"),
        (3, "丙", "丙"),
    ]


def test_links_between_files_become_links_between_pages() -> None:
    body = body_of("[a](../x/Other_Article.md#节) [b](2024-05-14-b/index.md) [c](图.pdf) [d](/demo/) [e](mailto:a@b.c)")
    assert [part.partition('"')[0] for part in body.html.split('href="')[1:]] == [
        *("other-article#%E8%8A%82", "b", "%E5%9B%BE.pdf", "/demo/", "mailto:a@b.c")
    ]
    assert body.links == ("other-article", "b")
    assert "leads to no page" in body.warnings[0].message


def test_levels_skip_none_whatever_the_author_wrote() -> None:
    levels = [one.level for one in body_of("### a\n\n##### b\n\n#### c\n\n# d\n\n###### e\n").headings]
    assert levels == [2, 3, 3, 2, 3]


def test_a_text_that_grows_out_of_proportion_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="characters of HTML"):
        body_of("[a]: " + "u" * 2_000 + "\n\n" + "\n\n".join(["[a] " * 100] * 20))
    with pytest.raises(InvalidInputError, match="characters of HTML"):
        body_of("\n\n".join(["$x^2$ " * 500] * 6))
    with pytest.raises(InvalidInputError, match="marks"):
        body_of("[a" * 8_001)
    with pytest.raises(InvalidInputError, match="lines"):
        body_of("a\n" * 20_001)
    with pytest.raises(InvalidInputError, match="nested deeper"):
        body_of("<div>" * 300)


def test_a_table_without_end_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="the most is 10000"):
        body_of("|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + "|x\n" * 300)


def test_the_same_source_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    program = """
import msgspec, sys
from tests.renderer.test_pipeline import body_of
sys.stdout.buffer.write(msgspec.json.encode(body_of('## a\\n\\n![x](a.png) **b**\\n\\n|a|b|\\n|-|-|\\n|c|d|')))
"""
    outputs = set()
    for seed in ("0", "1", "42"):
        command = [sys.executable, "-c", program]
        outputs.add(subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout)
    assert len(outputs) == 1
