import re

import pytest
from openapi_spec_validator import validate

from accounts.accounts import Account
from ops.parts import now
from tests.pictures import picture
from tests.site import ARTICLE, Site

BOMB = "---\ntitle: &a [x,x]\ntags: [*a, *a]\n---\ntext\n"


async def test_the_description_is_valid_and_names_every_route(small_site: Site) -> None:
    described = (await small_site.reader.get("/api/openapi.json")).json()
    validate(described)
    routes = small_site.front._app._app.routes  # type: ignore[attr-defined]
    served = {(route.path, method) for route in routes if route.path.startswith("/api/") for method in route.methods}
    documented = {(path, method.upper()) for path, methods in described["paths"].items() for method in methods}
    assert {pair for pair in served if pair[1] != "HEAD"} == {pair for pair in documented if pair[1] != "PARAMETERS"}


async def test_the_same_upload_sent_twice_makes_one_revision(site: Site) -> None:
    first, second = await site.put("hello"), await site.put("hello")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["etag"] == second.headers["etag"]
    assert second.json()["is_new"] is False
    third = await site.put("hello", ARTICLE + "more\n")
    assert third.json()["revision"] == 2
    listed = (await site.publisher.get("articles/hello/revisions")).json()["revisions"]
    assert [revision["revision"] for revision in listed] == [2, 1]


async def test_if_match_guards_anothers_revision(site: Site) -> None:
    first = await site.put("hello")
    second = await site.put("hello", "# 二\n\n二\n", **{"if-match": first.headers["etag"]})
    assert second.status_code == 200
    lost = await site.put("hello", "# 三\n\n三\n", **{"if-match": first.headers["etag"]})
    assert lost.status_code == 412
    assert second.headers["etag"] in lost.json()["detail"]
    assert (await site.put("new", **{"if-match": "*"})).status_code == 412
    assert (await site.put("hello", "# 四\n\n四\n", **{"if-match": '"x", *'})).status_code == 200


async def test_json_carries_the_front_matter_beside_the_text(small_site: Site) -> None:
    upload: dict[str, object] = {"markdown": "正文。\n", "title": "来自 JSON: #1", "tags": ["甲", "乙"]}
    upload |= {"date": "2025-01-02", "author": None}
    saved = await small_site.publisher.put("articles/json", json=upload, headers={"content-type": "application/json"})
    assert saved.status_code == 201, saved.text
    await small_site.publisher.put("articles/json/publication")
    page = (await small_site.read("/demo/p/json")).text
    assert "<h1>来自 JSON: #1</h1>" in page
    assert '<li><a href="/demo/tags/%E7%94%B2">甲</a></li>' in page
    body = (await small_site.publisher.get("articles/json/body")).json()
    assert (body["html"], body["markdown"], body["text"]) == ("<p>正文。</p>\n", "正文。", "正文。")
    assert (body["words"], body["warnings"]) == (2, [])


async def test_multipart_carries_pictures_which_are_served_immutable_with_their_true_type(site: Site) -> None:
    text = "# 图\n\n![一](pics/a.png) ![二](b.jpg) ![三](none.png)\n"
    second_picture = picture(10, 20, "JPEG")
    parts = [
        ("article", ("a.md", text.encode(), "text/markdown")),
        ("pictures", ("pics/a.png", picture(40, 30), "text/html")),
        ("pictures", ("b.jpg", second_picture, "image/png")),
    ]
    headers = {"authorization": f"Bearer {site.token}"}
    url = "/api/accounts/demo/articles/pictures"
    saved = await site.reader.put(url, files=parts, headers=headers)
    assert saved.status_code == 201, saved.text
    (warning,) = saved.json()["warnings"]
    assert "'none.png' is missing" in warning["detail"]
    assert (warning["file"], warning["line"]) == ("a.md", 3)
    await site.publisher.put("articles/pictures/publication")
    page = (await site.read("/demo/p/pictures")).text
    first, second = re.findall(r'src="(/media/[^"]+)" width="(\d+)" height="(\d+)"', page)
    assert first[1:] == ("40", "30")
    assert second[1:] == ("10", "20")
    assert f'og:image" content="https://site.test{first[0]}"' in page
    shown = await site.read(second[0])
    assert shown.headers["content-type"] == "image/jpeg"
    assert "immutable" in shown.headers["cache-control"]
    assert shown.content == second_picture
    assert (await site.read(second[0], **{"if-none-match": shown.headers["etag"]})).status_code == 304
    for wrong in ("/media/" + "0" * 64 + ".png", "/media/..%2f..%2fsite.db", "/media/x"):
        assert (await site.read(wrong)).status_code == 404


async def test_a_form_may_carry_the_text_as_a_field_and_name_its_cover(small_site: Site) -> None:
    headers = {"authorization": f"Bearer {small_site.token}"}
    url = "/api/accounts/demo/articles/covered"
    for cover, said in (("c.png", 0), ("https://a.test/c.png", 0), ("none.png", 1)):
        text = f"---\ntitle: t\ncover: {cover}\n---\n![x](b.png)\n"
        files = [("pictures", ("b.png", picture(8, 9))), ("pictures", ("c.png", picture(7, 6)))]
        saved = await small_site.reader.put(url, data={"article": text}, files=files, headers=headers)
        assert saved.status_code in {200, 201}, saved.text
        assert len(saved.json()["warnings"]) == said
        await small_site.publisher.put("articles/covered/publication")
        page = (await small_site.read("/demo/p/covered")).text
        (image,) = re.findall(r'og:image" content="([^"]+)"', page)
        assert image.startswith("https://a.test/" if cover.startswith("https") else "https://site.test/media/")


async def test_more_pictures_than_an_article_may_have_are_refused(small_site: Site) -> None:
    answer = await small_site.put("many", "# t\n\n" + "".join(f"![x]({number}.png)\n" for number in range(101)))
    assert answer.status_code == 413
    assert "the most is 100" in answer.json()["detail"]


async def test_an_article_is_read_back_with_its_draft(site: Site) -> None:
    await site.publish("hello")
    about = (await site.publisher.get("articles/hello")).json()
    assert about["state"] == "published"
    assert about["draft"]["markdown"] == "\n正文第一段。\n"
    assert (await site.publisher.get("articles/none")).status_code == 404
    assert (await site.publisher.get("articles/none/revisions")).status_code == 404
    assert (await site.publisher.put("articles/none/publication")).status_code == 404


async def test_the_list_goes_on_where_the_last_part_ended(site: Site) -> None:
    for slug in "edcba":
        await site.put(slug)
    found: list[str] = []
    following = "/api/accounts/demo/articles?limit=2"
    while following:
        answer = await site.publisher.get(f"https://site.test{following}")
        found += [article["slug"] for article in answer.json()["articles"]]
        following = answer.json()["next"]
        assert ("link" in answer.headers) == bool(following)
    assert found == list("abcde")
    first = (await site.publisher.get("articles/a/revisions?limit=1")).json()
    assert first["next"] == "/api/accounts/demo/articles/a/revisions?before=1&limit=1"
    assert (await site.publisher.get(f"https://site.test{first['next']}")).json()["revisions"] == []


async def test_a_token_opens_its_own_account_and_no_other(site: Site) -> None:
    other = await site.parts.publishing.open_account(Account(0, "other", "别人"))
    theirs = {"authorization": f"Bearer {(await site.parts.tokens.add(other, now())).text}"}
    assert (await site.put("hello", **theirs)).status_code == 404
    assert (await site.put("hello", authorization="Bearer dbn_x_y")).status_code == 401
    assert (await site.put("hello", authorization="Basic x")).status_code == 401
    refused = await site.put("hello", authorization=site.token)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_expired_and_revoked_tokens_open_nothing(site: Site) -> None:
    token = await site.parts.tokens.add(site.account, now(), expires_at=now() - 1)
    assert (await site.put("hello", authorization=f"Bearer {token.text}")).status_code == 401
    token = await site.parts.tokens.add(site.account, now(), expires_at=now() + 60)
    assert (await site.put("hello", authorization=f"Bearer {token.text}")).status_code == 201
    await site.parts.tokens.revoke(token.text, now())
    assert (await site.put("hello", authorization=f"Bearer {token.text}")).status_code == 401


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("没有标题", "there is no title", 1),
        ("---\ntitle: [\n---\n", "the front matter cannot be read", 3),
        ("---\ntitle: x\n", "the front matter is not closed", 1),
        ("---\n- a\n---\n# x\n", "lines of 'key: value'", 2),
        (BOMB, "aliases (*name) are not allowed", 3),
        ("---\ntitle: x\ndate: 2026-13-40\n---\n", "not a date: '2026-13-40'", 3),
        ("---\ntitle: x\nslug: No Slug\n---\n", "is no slug", 3),
        ("---\ntitle: x\nslug: another\n---\n", "and the address 'hello'", None),
        ("# a\n\nb\x00c\n", "control character (U+0000)", 3),
        ("# " + "长" * 201, "the most is 200", None),
    ],
)
async def test_bad_text_gets_a_sentence_with_its_line(small_site: Site, text: str, said: str, line: int | None) -> None:
    answer = await small_site.put("hello", text)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert answer.json()["errors"][0]["line"] == line
    assert answer.json()["errors"][0]["file"] == "hello.md"
    assert (await small_site.publisher.get("articles/hello")).status_code == 404


async def test_other_encodings_are_named(small_site: Site) -> None:
    answer = await small_site.publisher.put("articles/hello", content="# 标题\n\n正文".encode("gb18030"))
    assert answer.status_code == 422
    assert "iconv -f GB18030 -t UTF-8" in answer.json()["detail"]


async def test_uploads_over_the_limits_are_refused(small_site: Site) -> None:
    long = await small_site.put("hello", "# x\n" + "a" * 1024 * 1024)
    assert long.status_code == 413
    assert "Split the article" in long.json()["detail"]
    huge = await small_site.publisher.put("articles/hello", content=b"x" * (65 * 1024 * 1024))
    assert huge.status_code == 413


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 422),
        (b"[1]", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"markdown": "x", "colour": 1}', "application/json", 422),
        (b'{"markdown": "# a\\n\\n\\ud800"}', "application/json", 422),
        (b'{"markdown": "# a", "tags": {"a": {"b": {"c": {"d": 1}}}}}', "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b"x", "application/pdf", 415),
        (b"x", "", 415),
        (b"x", "multipart/form-data", 400),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 422),
    ],
)
async def test_what_is_no_upload_is_refused(small_site: Site, body: bytes, media_type: str, status: int) -> None:
    answer = await small_site.publisher.put("articles/x", content=body, headers={"content-type": media_type})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("a.png", b"<svg onload=alert(1)>", 415),
        ("a.png", b"", 415),
        ("a.png", picture()[:60], 422),
        ("../a.png", picture(), 422),
        ("/etc/a.png", picture(), 422),
    ],
)
async def test_pictures_that_are_none_are_refused_by_name(
    small_site: Site, name: str, data: bytes, status: int
) -> None:
    files = [("article", ("a.md", f"# x\n\n![x]({name})\n".encode())), ("pictures", (name, data))]
    headers = {"authorization": f"Bearer {small_site.token}"}
    answer = await small_site.reader.put("/api/accounts/demo/articles/x", files=files, headers=headers)
    assert answer.status_code == status, answer.text
    assert "a.png" in answer.text


async def test_parameters_and_addresses_that_are_none(small_site: Site) -> None:
    for wrong in ("articles?limit=0", "articles?limit=x", "articles?limit=201", "articles/x/revisions?before=-1"):
        assert (await small_site.publisher.get(wrong)).status_code == 422
    assert (await small_site.put("No_Slug")).status_code == 422
    missing = await small_site.reader.get("/api/nothing")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert (await small_site.publisher.post("articles/x")).status_code == 405


async def test_answers_to_publishers_are_private_and_carry_an_id(small_site: Site) -> None:
    answer = await small_site.publisher.get("articles")
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


async def test_a_mistake_of_ours_is_told_without_its_inside(small_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(small_site.parts.reading), "list", _broken)
    answer = await small_site.publisher.get("articles")
    assert answer.status_code == 500
    assert "secret" not in answer.text


async def _broken(*_arguments: object) -> None:
    raise RuntimeError("secret")
