"""What stands beside an article's page: its Markdown, feeds, tags; and what its head says."""

import json
from typing import Any
from xml.etree import ElementTree as ET

from tests.pictures import picture
from tests.site import Site

ATOM = "{http://www.w3.org/2005/Atom}"
HEAD = (
    "---\ntitle: 题 & <目>\nauthor: 甲\ndate: 2025-01-02\ntags: [缓存, CI/CD]\nlicense: CC BY 4.0\n"
    "original: https://first.example/x\ntranslations:\n  en: https://a.example/en\n---\n"
)
TEXT = (
    "## 节\n\n正文，**重点**，[链](/demo/p/x)，[前文](x/two.md)，$a^2$。\n\n$$\n\\int x\\,dx\n$$\n\n"
    "![图](a.png)\n\n```python\nx = 1\n```\n"
)


async def publish(site: Site, text: str = HEAD + TEXT) -> None:
    parts: Any = [("article", ("a.md", text.encode(), "text/markdown")), ("pictures", ("a.png", picture(40, 30)))]
    headers = {"authorization": f"Bearer {site.token}"}
    saved = await site.reader.put("/api/accounts/demo/articles/one", files=parts, headers=headers)
    assert saved.status_code == 201, saved.text
    assert (await site.publisher.put("articles/one/publication")).status_code == 201


async def test_the_markdown_twin_is_the_article_for_whoever_reads_text(small_site: Site) -> None:
    await publish(small_site)
    answer = await small_site.read("/demo/p/one.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["link"] == '<https://site.test/demo/p/one>; rel="canonical"'
    text = answer.text
    assert text.startswith(
        "# 题 & <目>\n\n示例 · 甲 · 2025-01-02 · <https://site.test/demo/p/one>\n\nCC BY 4.0\n\n## 节\n"
    )
    assert "**重点**，[链](https://site.test/demo/p/x)，[前文](https://site.test/demo/p/two)，$a^2$。" in text
    assert "$$\\int x\\,dx$$" in text
    assert "![图](https://site.test/media/" in text
    assert "```python\nx = 1\n```" in text
    await small_site.parts.publishing.take_down(small_site.account, "one")
    assert (await small_site.read("/demo/p/one.md")).status_code == 404


async def test_feeds_hold_the_article_in_full(small_site: Site) -> None:
    await publish(small_site)
    atom = await small_site.read("/demo/atom.xml")
    assert atom.headers["content-type"] == "application/atom+xml; charset=utf-8"
    entry = ET.fromstring(atom.content).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == "题 & <目>"
    content = entry.findtext(f"{ATOM}content") or ""
    assert 'src="https://site.test/media/' in content
    assert "<math" in content
    assert "katex-html" not in content
    assert 'href="https://site.test/demo/p/two"' in content
    rss = ET.fromstring((await small_site.read("/demo/rss.xml")).content)
    assert rss.findtext("channel/item/pubDate") == "Thu, 02 Jan 2025 00:00:00 +0800"
    assert rss.findtext("channel/item/link") == "https://site.test/demo/p/one"
    feed = json.loads((await small_site.read("/demo/feed.json")).content)
    assert feed["items"][0]["content_html"] == content
    assert feed["items"][0]["tags"] == ["缓存", "CI/CD"]


async def test_tags_have_pages(small_site: Site) -> None:
    await publish(small_site)
    page = (await small_site.read("/demo/p/one")).text
    assert '<a href="/demo/tags/CI/CD">CI/CD</a>' in page
    assert "<h1>#CI/CD</h1>" in (await small_site.read("/demo/tags/CI/CD")).text
    assert "题 &amp; &lt;目&gt;" in (await small_site.read("/demo/tags/%E7%BC%93%E5%AD%98")).text
    await publish_again(small_site)
    assert (await small_site.read("/demo/tags/CI/CD")).status_code == 404


async def publish_again(site: Site) -> None:
    await site.put("one", HEAD.replace("tags: [缓存, CI/CD]", "tags: [缓存]") + "正文。")
    await site.publisher.put("articles/one/publication")


async def test_the_head_says_what_crawlers_ask_for(small_site: Site) -> None:
    await publish(small_site)
    answer = await small_site.read("/demo/p/one")
    page = answer.text
    for said in (
        '<link rel="canonical" href="https://site.test/demo/p/one">',
        '<meta name="robots" content="index, follow, max-image-preview:large">',
        '<meta name="applicable-device" content="pc,mobile">',
        '<meta name="color-scheme" content="light dark">',
        '<meta property="og:type" content="article">',
        '<link rel="alternate" type="application/atom+xml" title="示例" href="https://site.test/demo/atom.xml">',
        '<link rel="alternate" type="text/markdown" href="/demo/p/one.md">',
        '<link rel="alternate" hreflang="en" href="https://a.example/en">',
        '<link rel="alternate" hreflang="zh-CN" href="https://site.test/demo/p/one">',
        '<link rel="stylesheet" href="/static/katex/katex.',
        "<span>CC BY 4.0</span>",
        '<a href="https://first.example/x" rel="noopener nofollow">',
    ):
        assert said in page, said
    assert "no-transform" in answer.headers["cache-control"]
    plain = await small_site.publish("plain", "# 无\n\n字。\n")
    assert plain.status_code == 201
    plain_page = (await small_site.read("/demo/p/plain")).text
    assert "stylesheet" not in plain_page
    assert "<script>" not in plain_page
    assert "hreflang" not in plain_page


async def test_formulas_fonts_are_served_under_names_that_hold_their_hash(small_site: Site) -> None:
    await publish(small_site)
    page = (await small_site.read("/demo/p/one")).text
    sheet = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    css = (await small_site.read(sheet)).text
    font = css.partition("url(")[2].partition(")")[0]
    answer = await small_site.read(font)
    assert answer.status_code == 200
    assert answer.content[:4] == b"wOF2"
    assert "immutable" in answer.headers["cache-control"]


async def test_robots_may_read_the_pages(small_site: Site) -> None:
    answer = await small_site.read("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "User-agent: *\nAllow: /\nDisallow: /api/\nDisallow: /-/\n"
