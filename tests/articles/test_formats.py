"""Uploads of every format: found by content and name; archives are opened with care."""

import io
import stat
import zipfile

import pytest

from articles.formats import is_bundle, open_bundle, reader_of
from core.errors import InvalidInputError, TooLargeError, UnsupportedTypeError
from renderer.word import read_word
from tests.pictures import picture
from tests.site import Site
from tests.word import paragraph, word_file

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def archive(files: dict[str, bytes | str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return packed.getvalue()


def test_a_format_is_told_by_content_and_name() -> None:
    assert reader_of(word_file(paragraph("x")), "no-name") is read_word
    assert reader_of(b"# x", "a.md")(b"# x", "a.md", "UTC").source.format == "markdown"
    for data, file in (
        (b"<p>x", "a.HTM"),
        (b"<!DOCTYPE html><h1>t</h1>", "a"),
        (b"\xef\xbb\xbf \n<section><h1>t</h1>", "a"),
    ):
        text = data if b"t" in data else b"<h1>t</h1>" + data
        assert reader_of(data, file)(text, file, "UTC").source.format == "html"
    assert reader_of(b"<div>x</div>\n\n# x", "a.md")(b"# x", "a.md", "UTC").source.format == "markdown"


@pytest.mark.parametrize("data", [b"\xd0\xcf\x11\xe0x", b"%PDF-1.7", b"{\\rtf1"])
def test_formats_that_cannot_be_read_say_what_to_do(data: bytes) -> None:
    with pytest.raises(UnsupportedTypeError, match=r"save it as|upload the"):
        reader_of(data, "a.doc")
    with pytest.raises(InvalidInputError, match="no Word file"):
        reader_of(b"x", "a.docx")


def test_a_bundle_is_an_article_with_its_pictures() -> None:
    data = archive({"x/index.md": "# t\n", "x/图/a.png": b"1", "__MACOSX/x": b"", "x/.DS_Store": b""})
    assert is_bundle(data, "a.zip")
    assert not is_bundle(word_file(paragraph("x")), "a.zip")
    bundle = open_bundle(data, "my-article.zip")
    assert (bundle.file, bundle.data) == ("my-article/x/index.md", b"# t\n")
    assert bundle.pictures == {"index.md": b"# t\n", "图/a.png": b"1"}
    assert open_bundle(archive({"post.html": "<h1>t"}), "a.zip").file == "a/post.html"


def test_names_of_an_archive_may_be_in_gb18030() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("index.md", "# t\n")
        entry = zipfile.ZipInfo("AAAA.png")
        opened.writestr(entry, b"1")
    data = packed.getvalue().replace(b"AAAA.png", "图片".encode("gb18030") + b".png")
    assert "图片.png" in open_bundle(data, "a.zip").pictures


def test_archives_that_would_do_harm_are_refused() -> None:
    link = zipfile.ZipInfo("a.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("index.md", "# t\n")
        opened.writestr(link, "/etc/passwd")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("index.md", b"\0" * 130 * 1024 * 1024)
    many = archive({f"{number}.png": b"" for number in range(301)})
    refused = (
        (archive({"index.md": "# t", "../../evil": b""}), "leads out of it"),
        (archive({"index.md": "# t", "/etc/passwd": b""}), "leads out of it"),
        (packed.getvalue(), "symbolic link"),
        (archive({"a.png": b""}), "holds no article"),
        (archive({"a.md": b"", "b.md": b""}), "holds 2 articles"),
        (b"PK\x03\x04", "cannot be read"),
    )
    for data, said in refused:
        with pytest.raises(InvalidInputError, match=said):
            open_bundle(data, "a.zip")
    for data, said in ((bomb.getvalue(), "unpacks to"), (many, "holds 301 files")):
        with pytest.raises(TooLargeError, match=said):
            open_bundle(data, "a.zip")


async def test_every_format_comes_through_the_api(small_site: Site) -> None:
    word = word_file(paragraph("题", "Title"), paragraph("", picture=True), picture=picture(20, 10))
    bundle = archive({"index.html": "<h1>题</h1><img src=p/a.png alt=x>", "p/a.png": picture(30, 10)})
    uploads = {
        "html": ("text/html", "<h1>题</h1><p>正文<b>粗</b>".encode()),
        "word": (DOCX, word),
        "bundle": ("application/zip", bundle),
    }
    for slug, (media_type, data) in uploads.items():
        headers = {"content-type": media_type}
        saved = await small_site.publisher.put(f"articles/{slug}", content=data, headers=headers)
        assert saved.status_code == 201, saved.text
        assert (await small_site.publisher.put(f"articles/{slug}/publication")).status_code == 201
        assert "<h1>题</h1>" in (await small_site.read(f"/demo/p/{slug}")).text
    assert 'width="20" height="10"' in (await small_site.read("/demo/p/word")).text
    assert 'width="30" height="10"' in (await small_site.read("/demo/p/bundle")).text
    shown = (await small_site.publisher.get("articles/html")).json()["draft"]
    assert shown["html"].startswith("<h1>题")


async def test_a_link_to_an_article_that_is_not_there_is_reported(small_site: Site) -> None:
    saved = (await small_site.put("a", "# t\n\n[b](./b.md) [a](a.md)\n")).json()
    assert [warning["detail"] for warning in saved["warnings"]] == [
        "the link to 'b' leads to no article of this account, so far"
    ]
    await small_site.put("b")
    saved = (await small_site.put("a", "# t\n\n[b](./b.md) [a](a.md) \n")).json()
    assert saved["warnings"] == []
