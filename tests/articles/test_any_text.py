"""Any text in any slot becomes a page, or is refused with a reason; the same text always the same page."""

import json
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from accounts.accounts import Account
from articles.addresses import Addresses
from articles.article_page import article_page, feed_entry, twin_page
from articles.place import Place
from articles.publish import published_article
from articles.values import Article, Draft
from core.errors import InvalidInputError
from core.page import Page
from ops.parts import folder
from renderer.body import Picture
from renderer.environment import Press
from renderer.pipeline import finish
from renderer.reading import read_article
from tests.renderer.test_pipeline import TEXTS
from tests.renderer.test_press import STATIC
from tests.site import Site, open_site, settings_for

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
PLACE = Place(Account(0, "demo", "示例"), Addresses("https://site.test"), ZONE)
UNPUBLISHED = Article(0, "a", 1, None, False, "", "", None, None, None)  # noqa: FBT003 - a row's columns
PRESS = Press(folder("none", "templates"), STATIC)
PICTURES = {"a.png": Picture("/media/1.png", 40, 30)}
KEYS = st.sampled_from(["title", "author", "digest", "tags", "cover", "license", "original", "lang", "date", "slug"])
HEADS = st.dictionaries(KEYS, TEXTS, max_size=4)
FIRST_TRIP = 14_336  # bytes: what a server may send before it hears from the reader (RFC 6928)


def page_of(data: bytes, head: dict[str, str], kind: str) -> Page:
    read = read_article(data, "a.md", ZONE.key, json.dumps({"title": "t", **head}), kind)  # type: ignore[arg-type]
    body = finish(read.source, read.manuscript, PICTURES, {}).body
    draft = Draft(read.source, PICTURES)
    article = published_article(UNPUBLISHED, draft, body, now=1_700_000_000, zone=ZONE)
    PRESS.text(twin_page(PLACE, article, draft, body))
    feed_entry(PLACE, article, draft, body)
    return PRESS.compose("/demo/p/a", article_page(PLACE, article, draft, body)).carve()


@given(TEXTS, HEADS, st.sampled_from(["markdown", "html"]))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_in_any_slot(text: str, head: dict[str, str], kind: str) -> None:
    try:
        page = page_of(text.encode(errors="surrogatepass"), head, kind)
    except InvalidInputError:
        return
    tree = LexborHTMLParser(page.text().decode())
    scripts = [node.attributes.get("type") for node in tree.css("script")]
    assert scripts[:3] == ["application/ld+json"] * 3
    assert len(scripts) <= 4
    for node in tree.css("script[type='application/ld+json']"):
        json.loads(node.text())
    assert len(tree.css("main")) == len(tree.css("h1")) == 1


def test_the_same_text_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    program = """
import sys
from tests.articles.test_any_text import ROOT, page_of
for path in sorted(ROOT.joinpath("demo").rglob("*.md")):
    page = page_of(path.read_bytes(), {}, "markdown")
    sys.stdout.buffer.write(page.br + page.gzip + page.digest.encode())
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, cwd=ROOT, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


async def test_the_same_articles_give_the_same_pages_whatever_the_database_and_the_number_of_workers(
    site: Site, tmp_path: Path
) -> None:
    """`site` is one on SQLite, and one on MariaDB with Redis."""
    other = tmp_path / "other"
    other.mkdir()
    digests = await _digests(site)
    assert len(digests) > 5
    async with open_site(settings_for(other, render_processes=1)) as small:
        assert await _digests(small) == digests


async def _digests(site: Site) -> dict[str, str]:
    for name in ("markdown-tour", "carve-once"):
        text = ROOT.joinpath("demo", f"{name}.md").read_text("utf-8")
        assert (await site.publish(name, text)).status_code == 201
    keys = (
        "/demo/",
        "/demo/p/markdown-tour",
        "/demo/p/carve-once",
        "/demo/atom.xml",
        "/demo/feed.json",
        "/demo/p/carve-once.md",
    )
    return {key: (await site.read(key)).headers["etag"] for key in keys}


def test_an_article_of_three_thousand_characters_arrives_in_one_round_trip() -> None:
    prose = "".join(
        line
        for path in sorted(ROOT.joinpath("demo").rglob("*.md"))
        for line in path.read_text("utf-8").split("---\n", 2)[-1].splitlines(keepends=True)
        if line[0] not in "|`:>!$-[# " and line.strip()
    )
    code = "```python {2} linenos\n" + "".join(
        f"def step_{n}(work, size={n}):\n    return work.read({n}) + [size]\n" for n in range(12)
    )
    table = "| 甲 | 乙 | 丙 |\n|---|---|---|\n" + "".join(f"| 第{n}行 | {n * 37} | 说明{n} |\n" for n in range(12))
    paragraphs = "\n\n".join(prose[start : start + 150].strip() for start in range(0, 3_000, 150))
    page = page_of(f"# 题\n\n{paragraphs}\n\n{code}```\n\n{table}".encode(), {}, "markdown")
    assert len(prose) >= 3_000, "the demo's articles are long enough to cut it of"
    assert len(page.br) <= FIRST_TRIP
    assert len(page.gzip) <= FIRST_TRIP
