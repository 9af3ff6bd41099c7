"""HTML and Word: what comes in, and what is refused."""

import io
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidInputError, TooLargeError
from renderer.body import Body
from renderer.pipeline import finish, render_body
from renderer.reading import read_article
from renderer.source import Source, read_source
from renderer.word import read_word
from tests.pictures import picture
from tests.renderer.golden import cases
from tests.renderer.test_pipeline import PICTURES, ZONE
from tests.word import paragraph, word_file


def html_source(html: str, file: str = "a.html") -> Source:
    return read_source(html.encode(), file, ZONE, kind="html")


def body_of(html: str) -> Body:
    return render_body(html_source(f"---\ntitle: t\n---\n{html}"), PICTURES)


@cases("soup.md")
def test_soup(given: str, expected: str) -> None:
    assert body_of(given).html.strip() == expected.strip()


def test_what_was_dropped_is_reported() -> None:
    html = "<p>x</p><mp-common-profile></mp-common-profile><iframe></iframe><style></style><svg></svg>"
    assert [one.message for one in body_of(html).warnings] == ["dropped: <iframe>", "dropped: <mp-common-profile>"]


def test_colours_that_are_hard_to_read_are_reported() -> None:
    (warning,) = body_of(
        '<p style="color:#FFFF00">x<font style="color: #333">y</font><b style="color:red">z</b>'
    ).warnings
    assert warning.message == "hard to read on white, and shown darker: #ffff00, red"
    markdown = read_source(b'# t\n\n<span style="color:lime">x</span>\n', "a.md", ZONE)
    assert [one.message for one in render_body(markdown, {}).warnings] == [
        "hard to read on white, and shown darker: lime"
    ]


def test_a_document_says_its_title_author_digest_and_language() -> None:
    source = html_source(
        '<!doctype html><html lang="zh-CN"><head><title>站名 - 题</title><meta property="og:title" content="题 目">'
        '<meta name="author" content="甲"><meta name="description" content="摘要"></head><body><p>x</body></html>'
    )
    assert (source.title, source.front.author, source.front.digest, source.lang) == ("题 目", "甲", "摘要", "zh-CN")
    wechat = html_source('<h1 id="activity-name"> 题 </h1><a id="js_name">号</a><div id="js_content"><p>文</p></div>')
    assert (wechat.title, wechat.front.author) == ("题", "号")
    assert render_body(wechat, {}).html == "<p>文</p>\n"
    assert html_source("<h1>甲</h1><p>x").title == "甲"
    with pytest.raises(InvalidInputError, match=r"<title> or <h1>"):
        html_source("<p>x</p>")


def test_a_document_may_be_in_another_encoding_that_it_declares() -> None:
    data = '<meta charset="gbk"><title>题目</title><p>正文'.encode("gb18030")
    assert read_source(data, "a.html", ZONE, kind="html").title == "题目"


def test_a_document_is_bounded() -> None:
    with pytest.raises(TooLargeError):
        html_source("<title>t</title>" + "x" * 4 * 1024 * 1024)
    with pytest.raises(InvalidInputError, match="tags"):
        body_of("<b>x</b>" * 13_000)


def test_word_files_become_articles_with_their_pictures(tmp_path: Path) -> None:
    tmp_path.joinpath("a.png").write_bytes(picture(20, 10))
    data = word_file(
        paragraph("文章的题", "Title"),
        paragraph("第一节", "Heading1"),
        paragraph("正文", bold="粗体"),
        paragraph("", picture=True),
        picture=picture(20, 10),
        note="脚注的话",
    )
    read = read_word(data, "a.docx", ZONE.key)
    assert (read.source.title, read.pictures, list(read.embedded)) == (
        "文章的题",
        ("word/image1.png",),
        ["word/image1.png"],
    )
    html = finish(read.source, read.manuscript, PICTURES, {}).body.html
    assert '<h2 id="第一节">第一节</h2>' in html
    assert "<p>正文<strong>粗体</strong>" in html
    assert '<a href="#fn1" id="fnref1">[1]</a>' in html
    assert '<li id="fn1">' in html
    assert "脚注的话" in html


def test_a_word_file_without_a_title_is_called_as_its_file() -> None:
    assert read_word(word_file(paragraph("正文")), "我的文章.docx", ZONE.key).source.title == "我的文章"


def test_what_is_no_word_file_is_refused() -> None:
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("word/document.xml", "<w:p")
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("x.txt", "x")
    for data, said in (
        (b"PK\x03\x04", "no Word file"),
        (broken.getvalue(), "save it again"),
        (other.getvalue(), "holds no Word"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            read_word(data, "a.docx", ZONE.key)


def test_a_word_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 210 * 1024 * 1024)
    with pytest.raises(TooLargeError, match="unpacks to"):
        read_word(bomb.getvalue(), "a.docx", ZONE.key)


def test_an_entity_bomb_in_a_word_file_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "xxxxxxxxxx">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    with pytest.raises(InvalidInputError):
        read_word(word_file("<w:p>&j;</w:p>", head=bomb + "]>"), "a.docx", ZoneInfo("UTC").key)


def test_front_matter_may_be_toml() -> None:
    read = read_article(
        '+++\ntitle = "题: #1"\ndate = 2025-01-02T03:04:00+08:00\ntags = ["甲", "乙"]\nspacing = true\n'
        'license = "CC BY 4.0"\noriginal = "https://a.example/x"\n[translations]\nen = "https://a.example/en"\n+++\n正文abc\n'.encode(),
        "a.md",
        ZONE.key,
    )
    front = read.source.front
    assert (read.source.title, front.tags, front.spacing, read.source.first_line) == ("题: #1", ("甲", "乙"), True, 11)
    assert (front.license, front.original) == ("CC BY 4.0", "https://a.example/x")
    assert front.translations == (("en", "https://a.example/en"),)
    assert finish(read.source, read.manuscript, {}, {}).body.html == "<p>正文 abc</p>\n"


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("title = ", "a.md:2: the front matter cannot be read as TOML"),
        ('title = "t"\nspacing = "maybe"', "a.md:3: 'spacing'"),
        ('title = "t"\noriginal = "javascript:x"', "a.md:3: 'original'"),
        ('title = "t"\n[translations]\nx = 1', "a.md:3: 'translations'"),
        ('title = "t"\ntranslations = "x"', "write a line for each language"),
        ('title = "t"\ntags = ["' + "长" * 41 + '"]', "the most is 40"),
        ('title = "t"\ntags = ["../x"]', "cannot stand in an address"),
        ("x = '" + "y" * 17_000 + "'", "over 16 KiB"),
    ],
)
def test_what_is_wrong_in_toml_is_named_with_its_line(head: str, said: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_article(f"+++\n{head}\n+++\nx".encode(), "a.md", ZONE.key)
    assert said in str(error.value)


def test_titles_are_what_they_seem() -> None:
    text = "# 甲\u202e乙\u200b丙\ufeff\n\nx"
    assert read_article(text.encode(), "a.md", ZONE.key).source.title == "甲乙丙"
    head = '---\ntitle: t\nauthor: "a\\u202Eb\\0"\n---\nx'
    assert read_article(head.encode(), "a.md", ZONE.key).source.front.author == "ab"


def test_front_matter_that_is_not_closed_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"line of \+\+\+"):
        read_article(b"+++\ntitle = 't'\n", "a.md", ZONE.key)
