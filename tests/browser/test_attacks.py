"""Thousands of attacks, rendered and opened in Chromium without our policy's help: none runs; unsanitised, they do."""

import os
import re
from html import escape
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, Request, Route

from accounts.accounts import Account
from articles.addresses import Addresses
from articles.article_page import article_page, feed_entry
from articles.place import Place
from articles.publish import published_article
from articles.values import Article, Draft
from core.errors import InvalidInputError
from ops.parts import folder
from renderer.body import Picture
from renderer.environment import Press
from renderer.pipeline import finish
from renderer.reading import Read, read_article
from renderer.word import read_word
from tests.browser.vectors import MARKUP_SLOTS, Vector, pieces, vectors
from tests.renderer.test_press import STATIC

STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)  # ours, the same on every page
AT_ONCE = 60  # frames a page
ZONE = ZoneInfo("Asia/Shanghai")
PLACE = Place(Account(0, "demo", "示例"), Addresses("https://site.test"), ZONE)
UNPUBLISHED = Article(0, "a", 1, None, False, "", "", None, None, None)  # noqa: FBT003 - a row's columns
PICTURES = {"a.png": Picture("/media/1.png", 40, 30)}
HOOKS = """
for (const name of ["alert", "confirm", "prompt"])
  window[name] = () => { window.top.fired = [...(window.top.fired || []), window.frameElement?.id || "top"]; };
"""
# What readers do: every event that an attribute may wait for, and a click on each link that would run something.
TOUCH = """
async () => {
  const events = ["click", "mouseover", "focus", "blur", "error", "load", "toggle", "animationstart", "pointerdown"];
  for (const frame of document.querySelectorAll("iframe")) {
    for (const node of frame.contentDocument?.querySelectorAll("*") || []) {
      if (/^\\s*(javascript|data|vbscript):/i.test(node.href || node.action || node.formAction || ""))
        window.top.fired = [...(window.top.fired || []), frame.id];
      for (const name of events)
        if (node.hasAttribute("on" + name)) node["on" + name]?.(new Event(name));
    }
  }
  await new Promise(done => setTimeout(done, 50));
  return [...new Set(window.top.fired || [])];
}
"""


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("untraced")
async def test_no_attack_runs_anything_or_asks_anybody(browser: Browser) -> None:
    press = Press(folder("none", "templates"), STATIC)
    every = list({vector.data: vector for vector in vectors()}.values())
    some = every[:: 1 if os.environ.get("ALL_ATTACKS") else 2]
    assert len(some) >= 2_000
    carved = [(vector, html) for vector in some for html in _pages(press, vector)]
    assert len(carved) > 0.9 * len(some), "few are refused outright: what is refused proves nothing"
    fired, asked = await _opened(browser, [html for _, html in carved])
    assert [(carved[number][0].name, carved[number][0].data) for number in sorted(fired)] == []
    assert asked == set()


async def test_the_same_attacks_unsanitised_do_run(browser: Browser) -> None:
    """The control: if these did not fire, the hooks would be deaf."""
    fired, asked = await _opened(browser, [f"<!doctype html><body>{piece}" for piece in pieces()])
    assert len(fired) >= len(pieces()) / 2
    assert any("evil.test/script" in url for url in asked)
    assert any("evil.test/style" in url for url in asked)


def test_the_slots_are_many() -> None:
    assert len(MARKUP_SLOTS) > 20


def _pages(press: Press, vector: Vector) -> list[str]:
    """The page; of each seventh also what a feed's reader shows; nothing when the upload is refused."""
    try:
        read = _read(vector)
        body = finish(read.source, read.manuscript, PICTURES, {}).body
    except InvalidInputError:
        return []
    draft = Draft(read.source, PICTURES)
    article = published_article(UNPUBLISHED, draft, body, now=1_700_000_000, zone=ZONE)
    pages = [STYLE.sub("", press.text(article_page(PLACE, article, draft, body)))]
    if len(vector.data) % 7 == 0:
        pages.append(f"<!doctype html><body>{feed_entry(PLACE, article, draft, body).html}")
    return pages


def _read(vector: Vector) -> Read:
    if vector.kind == "docx":
        return read_word(vector.data, "a.docx", ZONE.key)
    return read_article(vector.data, "a.md", ZONE.key, kind=vector.kind)  # type: ignore[arg-type]


async def _opened(browser: Browser, documents: list[str]) -> tuple[set[int], set[str]]:
    """Open every document in a frame of its own; the numbers of those that ran something, and what was asked for."""
    fired: set[int] = set()
    asked: set[str] = set()
    page = await _page(browser, asked)
    for start in range(0, len(documents), AT_ONCE):
        some = documents[start : start + AT_ONCE]
        frames = "".join(f'<iframe id=v{start + n} srcdoc="{escape(one)}"></iframe>' for n, one in enumerate(some))
        await page.set_content(f"<!doctype html><script>window.fired = []</script>{frames}", wait_until="load")
        found = await page.evaluate(TOUCH)
        fired.update(int(name[1:]) for name in found if name != "top")
    await page.context.close()
    return fired, asked


async def _page(browser: Browser, asked: set[str]) -> Page:
    context = await browser.new_context(viewport={"width": 375, "height": 812})
    await context.add_init_script(HOOKS)
    page = await context.new_page()

    async def refuse(route: Route, request: Request) -> None:
        if request.resource_type != "image" or "evil.test/css" in request.url:
            asked.add(request.url)
        await route.abort()

    await page.route(lambda url: url.startswith("http") and not url.startswith("https://site.test/"), refuse)
    await page.route("https://site.test/**", lambda route: route.abort())
    return page
