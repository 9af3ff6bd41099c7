import gzip

import brotli
import pytest

from cache.answer import matches, preferred_coding, prepare
from core.page import compose
from tests.cache.pages import page


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0,gzip;q=0", "identity"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("gzip;q=0, *", "br"),
        ("identity", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("GZIP ; q=1.0", "gzip"),
        ("br;q=x", "identity"),
        ("br;level=9", "br"),
        (",,", "identity"),
    ],
)
def test_the_coding_that_the_client_likes_best(accepted: str, coding: str) -> None:
    assert preferred_coding(accepted) == coding


@pytest.mark.parametrize(
    ("tags", "is_match"),
    [('"a"', True), ('"x", W/"a"', True), ("*", True), ('"x"', False), ("a", False), ("", False), ('W/"a', False)],
)
def test_a_list_of_tags_is_compared_weakly(tags: str, *, is_match: bool) -> None:
    assert matches(tags.encode(), b'"a"') is is_match


def test_each_coding_has_its_body_and_its_own_strong_tag() -> None:
    br, packed = page("/a", "文" * 100, headers=(("x-own", "1"),)).variants
    decoders = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
    tags = set()
    for variant in (br, packed, packed.decoded()):
        coding, decode = variant.coding, decoders[variant.coding]
        prepared = prepare(variant, b"strict-transport-security: max-age=1\r\n")
        answer = prepared.answer(b"")
        headers = dict(answer.headers)
        assert decode(answer.body).decode() == "文" * 100
        assert headers.get(b"content-encoding", b"identity") == coding.encode()
        assert int(headers[b"content-length"]) == len(answer.body)
        assert headers[b"x-own"] == b"1"
        assert headers[b"strict-transport-security"] == b"max-age=1"
        assert headers[b"vary"] == b"accept-encoding"
        tags.add(headers[b"etag"])
        kept = prepared.answer(headers[b"etag"])
        assert (kept.status, kept.body) == (304, b"")
        assert dict(kept.headers)[b"etag"] == headers[b"etag"]
        assert dict(kept.headers)[b"strict-transport-security"] == b"max-age=1"
        assert b"content-length" not in dict(kept.headers)
    assert len(tags) == 3
    assert not any(tag.startswith(b"W/") for tag in tags)


def test_only_a_page_that_is_there_can_be_unmodified() -> None:
    assert prepare(page("/a", status=410).variants[0]).answer(b"*").status == 410


def test_another_status_or_header_is_another_page() -> None:
    digests = {page("/a").digest, page("/a", status=410).digest, page("/a", headers=(("a", "b"),)).digest}
    assert len(digests) == 3
    assert compose("/a", "x", rendered_by="1").carve() == compose("/a", "x", rendered_by="1").carve()
