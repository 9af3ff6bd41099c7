from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidInputError, TooLargeError
from renderer.front_matter import FrontMatter, parsed_date
from renderer.reading import file_stem, read_article
from renderer.slugs import slug_of_file, slug_of_title
from renderer.source import Source, picture_name, read_source

ZONE = ZoneInfo("Asia/Shanghai")


def source_of(text: str, head: str = "") -> Source:
    return read_source(text.encode(), "a.md", ZONE, head)


def test_every_key_of_the_front_matter_is_read() -> None:
    source = source_of(
        "---\ntitle: 2024\nauthor: 作者\ndate: 2025-01-02 03:04\ndigest: '摘要：一'\n"
        "tags: [甲, 乙, 甲]\ncover: c.png\nslug: a-b\nlang: zh-CN\n---\n正文"
    )
    assert source.title == "2024"
    assert source.front == FrontMatter(
        "2024", "作者", parsed_date("2025-01-02T03:04", ZONE), "摘要：一", ("甲", "乙"), "c.png", "a-b", "zh-CN"
    )
    assert (source.text, source.first_line) == ("正文", 11)


def test_what_was_sent_beside_the_text_stands_above_its_own_front_matter() -> None:
    source = source_of("---\ntitle: a\nauthor: b\n---\nx", '{"title": "c"}')
    assert (source.front.title, source.front.author) == ("c", "b")
    assert source_of("x", '{"title": "c"}').title == "c"


def test_empty_and_unknown_values_are_no_mistake() -> None:
    source = source_of("---\ntitle:\ndate:\nslug:\ntags:\nlayout: post\n---\n# 标题\n")
    assert (source.title, source.front) == ("标题", FrontMatter())
    (warning,) = source.warnings
    assert (warning.line, "'layout'" in warning.message) == (6, True)
    assert source_of("---\n---\n# x\n").title == "x"
    assert source_of("---\n\n# x\n", '{"title": "t"}').text == "---\n\n# x\n"


def test_tags_may_be_written_in_one_line() -> None:
    assert source_of("---\ntitle: t\ntags: 甲，乙、丙, d\n---\n").front.tags == ("甲", "乙", "丙", "d")


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("title: {a: 1}", "one line of text"),
        ("title: [[[[[[a]]]]]]", "nested deeper"),
        ("tags: [" + ",".join(f"t{n}" for n in range(21)) + "]", "the most is 20"),
        ("author: " + "x" * 501, "the most is 500"),
        ("lang: not a language", "no language tag"),
        ("date: 1900-01-01", "before 1970"),
        ("date: tomorrow", "Write YYYY-MM-DD"),
        ("x: " + "y" * 17000, "over 16 KiB"),
        ("a: 'b", "cannot be read"),
        ("title: &a x\nauthor: *a", "aliases"),
        ("- x", "lines of 'key: value'"),
        ("a: !!python/object:os.system b", "title"),
    ],
)
def test_front_matter_that_cannot_be_used(head: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        source_of(f"---\n{head}\n---\nx")


def test_the_title_is_the_first_heading_and_then_no_part_of_the_text() -> None:
    assert source_of("\n# **粗** `码` [链](x) ##\n\n文").title == "粗 码 链"
    assert source_of("# a\n\ntext").text == "\ntext"
    assert source_of("---\ntitle: a\n---\n# a\ntext").text == "text"
    assert source_of("---\ntitle: a\n---\n# b\ntext").text == "# b\ntext"
    with pytest.raises(InvalidInputError, match="no title"):
        source_of("#\n\ntext")


def test_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    assert read_source("\ufeff# 甲\r\n\r\n乙\r丙".encode(), "a.md", ZONE).text == "\n乙\n丙"


def test_a_title_has_a_limit_and_front_matter_an_end() -> None:
    with pytest.raises(InvalidInputError, match="the most is 200"):
        source_of("# " + "长" * 201)
    with pytest.raises(InvalidInputError, match="not closed"):
        source_of("---\ntitle: x\n")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("# 标题".encode("gb18030"), "GB18030"),
        ("# 标题".encode("utf-16"), "UTF-8"),
        (b"# a\n\xff\xff\xff\x81", "a.md:2: this is not UTF-8"),
        (b"\x89PNG\x00\x81", "not UTF-8"),
        (b"\xff" * 3, "Save the file as UTF-8."),
    ],
)
def test_other_encodings_get_advice(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_source(data, "a.md", ZONE)


def test_a_text_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(TooLargeError):
        read_source(b"\xff" * 2**21, "a.md", ZONE)


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("a.png", "a.png"),
        ("./a/../b.png?x#y", "b.png"),
        ("%E5%9B%BE.png", "图.png"),
        ("a\\b.png", "a/b.png"),
        ("e\u0301.png", "\u00e9.png"),
        ("../a.png", None),
        ("a/../../b", None),
        ("/etc/passwd", None),
        ("..", None),
        (".", None),
        ("", None),
        ("data:x", None),
    ],
)
def test_names_of_pictures_stay_inside_the_upload(link: str, name: str | None) -> None:
    assert picture_name(link) == name


def test_the_pictures_of_an_article_are_known_before_it_is_rendered() -> None:
    text = "---\ntitle: t\ncover: c.png\n---\n![x](a.png) ![x](a.png) ![o](https://b/c.png) ![u](../u.png)\n\n"
    text += "<img src=h.png>"
    assert read_article(text.encode(), "a.md", "Asia/Shanghai").pictures == ("c.png", "a.png", "h.png")


def test_a_files_name_may_give_its_date() -> None:
    def date_of(file: str, text: str = "# t") -> int | None:
        return read_article(text.encode(), file, "Asia/Shanghai").source.front.date

    assert date_of("x/20240514-a.md") == date_of("2024-05-14-a/index.md") == parsed_date("2024-05-14", ZONE)
    assert date_of("20241399-a.md") is None
    assert date_of("a.md") is None
    assert date_of("20240514-a.md", "---\ntitle: t\ndate: 2020-01-01\n---\n") == parsed_date("2020-01-01", ZONE)


def test_slugs_are_read_as_the_phrase_is() -> None:
    assert (
        slug_of_title("重庆银行行长：微信公众号 2024！") == "chong-qing-yin-hang-hang-zhang-wei-xin-gong-zhong-hao-2024"
    )
    assert slug_of_title("Ünïcode & Straße") == "unicode-strae"
    assert len(slug_of_title("中" * 100)) <= 80
    assert not slug_of_title("中" * 100).endswith("-")
    assert slug_of_title("a" * 100) == "a" * 80
    assert slug_of_file("20240514-ruyi-21", "标题") == "ruyi-21"
    assert slug_of_file("消费", "消费位点") == "xiao-fei-wei-dian"
    assert slug_of_file("2024-05-14", "标题") == "biao-ti"
    assert file_stem("a/b/index.md") == "b"
