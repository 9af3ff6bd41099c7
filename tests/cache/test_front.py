import asyncio
import re
from pathlib import Path

import httpx2
import pytest

from app import create_app
from cache.page_store import SQLitePages
from cache.static_files import StaticFiles, build_static, static_names
from core.settings import read_settings
from tests.site import Site, eventually, open_site, running, settings_for


async def test_every_other_form_of_an_address_leads_to_the_one(small_site: Site) -> None:
    await small_site.publish("hello")
    for other in ("/demo", "/demo/p/hello/", "/demo/p/%68ello", "//demo//p/hello", "/x/%2e%2e/demo/p/hello"):
        answer = await small_site.read(f"https://site.test{other}")
        assert answer.status_code == 301, other
        assert (await small_site.read(answer.headers["location"])).status_code == 200


async def test_query_strings_neither_split_nor_poison(small_site: Site) -> None:
    await small_site.publish("hello")
    plain = await small_site.read("/demo/p/hello")
    shared = await small_site.read("/demo/p/hello?from=singlemessage&isappinstalled=0&scene=1&nsukey=<x>")
    assert shared.content == plain.content
    assert shared.headers["etag"] == plain.headers["etag"]


async def test_an_unknown_host_is_not_served(small_site: Site) -> None:
    for path in ("/demo/", "/api/openapi.json", "/static/x"):
        answer = await small_site.read(path, host="evil.test")
        assert answer.status_code == 421
        assert "evil" not in answer.text
    assert (await small_site.read("/-/live", host="10.0.0.1")).status_code == 200


async def test_forwarded_hosts_change_nothing(small_site: Site) -> None:
    await small_site.publish("hello")
    plain = await small_site.read("/demo/p/hello")
    other = await small_site.read("/demo/p/hello", **{"x-forwarded-host": "evil.test", "x-forwarded-proto": "ftp"})
    assert other.content == plain.content


async def test_pages_are_read_only(small_site: Site) -> None:
    answer = await small_site.reader.post("/demo/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_head_is_get_without_the_body(small_site: Site) -> None:
    await small_site.publish("hello")
    full, head = await small_site.read("/demo/p/hello"), await small_site.reader.head("/demo/p/hello")
    assert head.content == b""
    same = {name: value for name, value in full.headers.items() if name != "cache-status"}
    assert dict(head.headers) == same
    assert int(head.headers["content-length"]) > 0


async def test_a_conditional_request_costs_no_body(small_site: Site) -> None:
    await small_site.publish("hello")
    for accepted in ("br", "gzip", "identity"):
        full = await small_site.read("/demo/p/hello", **{"accept-encoding": accepted})
        again = await small_site.read(
            "/demo/p/hello", **{"accept-encoding": accepted, "if-none-match": f'"x", W/{full.headers["etag"]}'}
        )
        assert (again.status_code, again.content) == (304, b"")


async def test_the_rung_is_told_unless_it_is_memory(small_site: Site) -> None:
    await small_site.publish("hello")
    assert 'detail="store"' in (await small_site.read("/demo/p/hello")).headers["cache-status"]
    assert "cache-status" not in (await small_site.read("/demo/p/hello")).headers


async def test_a_missing_page_is_a_page(small_site: Site) -> None:
    for path in ("/none", "/demo/p/none", "/%ff", "/demo/p/none/", "/\\x"):
        answer = await small_site.read(path)
        assert answer.status_code == 404, path
        assert "没有这个页面" in answer.text


async def test_security_headers_stand_on_every_page(small_site: Site) -> None:
    for path in ("/demo/", "/none"):
        headers = (await small_site.read(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-cache, no-transform, no-siteapp"
    assert (await small_site.read("/demo/")).headers["strict-transport-security"] == "max-age=31536000"


async def test_without_a_database_there_is_an_answer(tmp_path: Path) -> None:
    front = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'x' / 'later.db'}"))
    reader = httpx2.AsyncClient(transport=httpx2.ASGITransport(front), base_url="https://site.test")
    async with running(front), reader:
        answer = await reader.get("/demo/")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        api = await reader.get("/api/accounts/demo/articles", headers={"authorization": "Bearer dbn_a_b"})
        assert api.status_code == 503, api.text
        assert api.headers["retry-after"] == "2"
        assert (await reader.get("/-/live")).status_code == 200


async def test_static_files_are_hashed_compressed_and_immutable(small_site: Site) -> None:
    page = (await small_site.read("/demo/")).text
    (icon,) = re.findall(r'href="(/static/icon\.[0-9a-f]{12}\.svg)"', page)
    answer = await small_site.read(icon, **{"accept-encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "immutable" in answer.headers["cache-control"]
    assert b"<svg" in answer.content
    plain = await small_site.read(icon, **{"accept-encoding": "br;q=0"})
    assert "content-encoding" not in plain.headers
    tags = f'"x", {answer.headers["etag"]}'
    assert (await small_site.read(icon, **{"if-none-match": tags})).status_code == 304
    assert (await small_site.reader.head(icon)).content == b""
    assert (await small_site.reader.post(icon)).status_code == 405
    for wrong in ("/static/icon.svg", "/static/none", "/static/../app.py", "/static/%2e%2e/app.py"):
        assert (await small_site.read(wrong)).status_code == 404


def test_static_files_are_built_once_and_the_same_everywhere(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub/a.css").write_text("a{}" * 100)
    (source / "b.png").write_bytes(b"b")
    built = build_static(source, tmp_path / "target")
    assert build_static(source, tmp_path / "target") == built
    assert sorted(path.name.split(".")[-1] for path in built.rglob("*.*")) == ["br", "css", "gz", "png"]
    assert static_names(source)["sub/a.css"].startswith("/static/sub/a.")
    assert len(StaticFiles(built).files) == 2
    (source / "b.png").write_bytes(b"c")
    assert build_static(source, tmp_path / "target") != built


def test_a_base_url_loses_its_last_slash() -> None:
    assert read_settings(base_url="http://a.test/").base_url == "http://a.test"


async def test_two_processes_agree(tmp_path: Path) -> None:
    """What one process publishes, another that shares the database serves soon, and drops what it held."""
    async with open_site(settings_for(tmp_path)) as site:
        other = create_app(site.settings)
        async with running(other):
            second = Site(site.settings, other, site.parts)
            await site.publish("hello")
            assert (await second.read("/demo/p/none")).status_code == 404
            assert "正文第一段" in (await second.read("/demo/p/hello")).text
            assert "cache-status" not in (await second.read("/demo/p/hello")).headers
            await site.publish("hello", "# 标题\n\n新的。\n")
            assert "新的。" in (await site.read("/demo/p/hello")).text

            async def is_new() -> bool:
                return "新的。" in (await second.read("/demo/p/hello")).text

            await eventually(is_new, 1)
            await site.publisher.delete("articles/hello/publication")
            assert (await second.read("/demo/p/hello")).status_code == 410
            await second.reader.aclose()
            await second.publisher.aclose()


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
async def test_what_is_read_is_what_is_stored(site: Site, accepted: str) -> None:
    await site.publish("hello")
    stored = (await site.parts.store.get(["/demo/p/hello"], "gzip"))["/demo/p/hello"].decoded()
    assert (await site.read("/demo/p/hello", **{"accept-encoding": accepted})).content == stored.body


async def test_a_takedown_is_acknowledged_when_a_process_that_hears_nothing_has_ceased_to_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_site(settings_for(tmp_path)) as site:
        await site.publish("hello")
        monkeypatch.setattr(SQLitePages, "watch_seconds", 60)
        deaf = create_app(site.settings)
        async with running(deaf):
            second = Site(site.settings, deaf, site.parts)
            await second.read("/demo/p/hello")
            assert "cache-status" not in (await second.read("/demo/p/hello")).headers  # it answers from memory
            await site.publisher.delete("articles/hello/publication")
            assert (await second.read("/demo/p/hello")).status_code == 410
            await second.reader.aclose()
            await second.publisher.aclose()


async def test_a_repeated_takedown_waits_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher whose first call was cut off repeats it, while another process still trusts its memory."""
    async with open_site(settings_for(tmp_path, trust_seconds=1.5)) as site:
        await site.publish("hello")
        monkeypatch.setattr(SQLitePages, "watch_seconds", 60)
        deaf = create_app(site.settings)
        async with running(deaf):
            second = Site(site.settings, deaf, site.parts)
            await second.read("/demo/p/hello")
            cut_off = asyncio.ensure_future(site.parts.publishing.take_down(site.account, "hello"))

            async def is_down() -> bool:
                return (await site.parts.reading.article(site.account, "hello")).article.state == "gone"

            await eventually(is_down)
            cut_off.cancel()
            assert (await site.publisher.delete("articles/hello/publication")).status_code == 204
            assert (await second.read("/demo/p/hello")).status_code == 410
            await second.reader.aclose()
            await second.publisher.aclose()
