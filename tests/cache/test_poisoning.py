"""Cache poisoning and deception: whatever one reader sends, the next one gets what everybody gets.

After the kinds of James Kettle's «Practical Web Cache Poisoning» (2018) and «Web Cache Entanglement» (2020), and of
Omer Gil's «Web Cache Deception» (2017): unkeyed headers, hosts, methods, parameters, paths that two programs read
otherwise.
"""

from pathlib import Path

import httpx2
import pytest

from cache import front as front_module
from tests.site import Site, open_site, settings_for

HEADERS = [
    *({name: "evil.test"} for name in (
        "x-forwarded-host", "x-host", "x-forwarded-server", "x-http-host-override", "forwarded", "x-original-host")),
    *({name: "/demo/p/other"} for name in ("x-original-url", "x-rewrite-url", "x-forwarded-prefix", "x-override-url")),
    *({name: "DELETE"} for name in ("x-http-method-override", "x-http-method", "x-method-override")),
    {"x-forwarded-proto": "http"}, {"x-forwarded-scheme": "nothttps"}, {"x-forwarded-port": "1"},
    {"x-forwarded-for": "127.0.0.1"}, {"true-client-ip": "127.0.0.1"}, {"via": "x"}, {"max-forwards": "0"},
    {"range": "bytes=0-0"}, {"cookie": "lang=en; admin=1"}, {"authorization": "Bearer x"},
    {"accept": "application/json"}, {"accept-language": "en"}, {"user-agent": "<script>"}, {"origin": "https://evil.test"},
    {"accept-encoding": "br;q=0, identity;q=0, *;q=0"}, {"accept-encoding": "x" * 4000}, {"if-none-match": "*"},
    {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}, {"transfer-encoding": "identity"}, {"expect": "x"},
    {"x-oversized": "x" * 20_000}, {"x-meta": "\\x00"}, {"content-type": "text/html"}, {"upgrade": "h2c"},
]  # fmt: skip
TAILS = [
    "?utm_content='/><script>alert(1)</script>", "?callback=evil", "?_method=DELETE", "?lang=en;x=1", "?", "?a=b%00",
    "/", "//", "/.", "/..", "/%2e%2e/other", "/x.css", "/nonexistent.js", ";x.css", "%2fx.css", "%3Fx.css", "%23x.css",
    "%00.css", "%0a.css", ".css", "\\x.css", "%5cx.css", "/..%2fother", "%20", "%09",
]  # fmt: skip


@pytest.fixture
async def site(tmp_path: Path) -> Site:  # type: ignore[misc]
    async with open_site(settings_for(tmp_path, trust_seconds=5)) as opened:
        await opened.publish("page", "# 本文\n\n这一篇。\n")
        await opened.publish("other", "# 他文\n\n另一篇。\n")
        yield opened


def seen(answer: httpx2.Response) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    return (
        answer.status_code,
        answer.content,
        tuple((name, value) for name, value in answer.headers.items() if name != "cache-status"),
    )


async def poisoned(site: Site) -> list[object]:
    """The tries that gave something else than the page, or after which another reader gets something else."""
    path, changed = "/demo/p/page", list[object]()
    clean = {
        coding: seen(await site.read(path, **{"accept-encoding": coding})) for coding in ("br", "gzip", "identity")
    }
    tries: list[tuple[str, str, dict[str, str]]] = [
        *(("GET", path, headers) for headers in HEADERS),
        *(("HEAD", path, headers) for headers in HEADERS),
        *(("GET", path + tail, {}) for tail in TAILS),
        *((method, path, {}) for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PURGE", "BAN")),
        *(
            ("GET", path, {"host": host})
            for host in ("evil.test", "site.test:1337", "site.test.evil.test", "SITE.test")
        ),
        ("POST", path, {"content-length": "3"}),
    ]
    for method, target, headers in tries:
        answer = await site.reader.request(
            method, httpx2.URL("https://site.test").copy_with(raw_path=target.encode()), headers=headers
        )
        said = answer.text.lower() + str(answer.headers)
        is_another = answer.status_code == 200 and "这一篇" not in said and "/other" not in str(answer.url)
        if "evil" in said or "<script>alert" in said or (is_another and method not in {"HEAD", "OPTIONS"}):
            changed.append((method, target, headers))
        for coding, before in clean.items():
            if seen(await site.read(path, **{"accept-encoding": coding})) != before:
                changed.append((method, target, headers))
    return changed


async def test_no_try_changes_what_another_reader_gets(site: Site) -> None:
    assert await poisoned(site) == []


async def test_a_planted_flaw_is_found(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a front that lets a header that is not part of the key choose the page, and keeps the answer."""
    real = front_module._path

    def flawed(scope: object) -> bytes:
        found = dict(scope["headers"]).get(b"x-original-url")  # type: ignore[index]
        if found:
            chosen = site.front._ladder.hot(f"br {found.decode()}")
            site.front._ladder._memory.put("br /demo/p/page", chosen, 1)  # type: ignore[arg-type]
        return real(scope)  # type: ignore[arg-type]

    monkeypatch.setattr(front_module, "_path", flawed)
    await site.read("/demo/p/other")
    assert await poisoned(site)


async def test_what_a_private_answer_holds_is_never_kept(site: Site) -> None:
    """Deception: an address that looks like a page, but leads to what is the publisher's own."""
    token = site.publisher.headers["authorization"]
    for tail in ("articles/page", "articles/page/x.css", "articles/page;x.css", "articles/page%2fx.css"):
        mine = await site.reader.get(f"/api/accounts/demo/{tail}", headers={"authorization": token})
        assert "no-store" in mine.headers["cache-control"]
        assert (await site.reader.get(f"/api/accounts/demo/{tail}")).status_code in {401, 404, 405}
