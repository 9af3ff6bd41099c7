import json
import re
from datetime import UTC, datetime

from accounts.accounts import Account
from tests.site import ARTICLE, Site, eventually


async def test_a_draft_is_seen_by_nobody_until_it_is_published(site: Site) -> None:
    saved = await site.put("hello")
    assert saved.status_code == 201
    assert (await site.read("/demo/p/hello")).status_code == 404
    published = await site.publisher.put("articles/hello/publication")
    assert published.status_code == 201
    assert published.json()["url"] == "https://site.test/demo/p/hello"
    page = await site.read("/demo/p/hello")
    assert page.status_code == 200
    assert "<h1>标题</h1>" in page.text
    assert "正文第一段。" in page.text


async def test_crawlers_find_the_article_described_for_each_of_them(small_site: Site) -> None:
    await small_site.publish("hello", "---\ndate: 2025-03-04T05:06+08:00\nauthor: </script>\n---\n" + ARTICLE)
    page = (await small_site.read("/demo/p/hello")).text
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    posting, breadcrumb, cambrian = (json.loads(block) for block in blocks)
    assert posting["datePublished"] == "2025-03-04T05:06:00+08:00"
    assert posting["author"]["name"] == "</script>"
    assert [step["item"] for step in breadcrumb["itemListElement"]] == [
        "https://site.test/demo/",
        "https://site.test/demo/p/hello",
    ]
    assert cambrian["@id"] == "https://site.test/demo/p/hello"
    assert cambrian["pubDate"] == "2025-03-04T05:06:00"


async def test_the_page_and_every_list_that_shows_it_are_there_after_a_publish(site: Site) -> None:
    await site.publish("one", "---\ndate: 2025-03-04\n---\n# 第一篇\n\n甲。\n")
    home, month = await site.read("/demo/"), await site.read("/demo/archive/2025-03")
    assert "第一篇" in home.text
    assert 'href="/demo/archive/2025-03"' in home.text
    assert "第一篇" in month.text


async def test_publishing_again_changes_nothing_and_says_so(site: Site) -> None:
    assert (await site.publish("hello")).status_code == 201
    before = await site.read("/demo/p/hello")
    again = await site.publish("hello")
    assert again.status_code == 200
    assert (await site.read("/demo/p/hello")).headers["etag"] == before.headers["etag"]


async def test_a_new_revision_replaces_the_old_in_the_page_and_in_the_lists(site: Site) -> None:
    await site.publish("hello")
    await site.publish("hello", "# 新标题\n\n新正文。\n")
    assert "新正文。" in (await site.read("/demo/p/hello")).text
    home = (await site.read("/demo/")).text
    assert "新标题" in home
    assert ">标题<" not in home


async def test_an_article_that_changes_its_month_leaves_the_old_one(site: Site) -> None:
    await site.publish("hello", "---\ndate: 2025-01-05\n---\n" + ARTICLE)
    await site.publish("hello", "---\ndate: 2025-02-05\n---\n" + ARTICLE)
    assert (await site.read("/demo/archive/2025-01")).status_code == 404
    assert (await site.read("/demo/archive/2025-02")).status_code == 200


async def test_a_takedown_is_410_from_the_next_request_on_and_can_be_undone(site: Site) -> None:
    await site.publish("hello")
    assert (await site.read("/demo/p/hello")).status_code == 200
    assert (await site.publisher.delete("articles/hello/publication")).status_code == 204
    gone = await site.read("/demo/p/hello")
    assert gone.status_code == 410
    assert "标题" not in (await site.read("/demo/")).text
    assert (await site.publisher.delete("articles/hello/publication")).status_code == 204
    assert (await site.publisher.get("articles/hello")).json()["state"] == "gone"
    assert (await site.publisher.put("articles/hello/publication")).status_code == 201
    assert (await site.read("/demo/p/hello")).status_code == 200


async def test_a_draft_that_never_was_public_cannot_be_taken_down(small_site: Site) -> None:
    await small_site.put("hello")
    assert (await small_site.publisher.delete("articles/hello/publication")).status_code == 404


async def test_a_moved_article_redirects_from_all_its_former_addresses(site: Site) -> None:
    await site.publish("one")
    for old, new in (("one", "two"), ("two", "three")):
        moved = await site.publisher.put(f"articles/{old}/address", json={"slug": new})
        assert moved.status_code == 200
        assert moved.json()["slug"] == new
    for old in ("one", "two"):
        answer = await site.read(f"/demo/p/{old}")
        assert answer.status_code == 301
        assert answer.headers["location"] == "https://site.test/demo/p/three"
    assert (await site.read("/demo/p/three")).status_code == 200
    assert "/demo/p/three" in (await site.read("/demo/")).text
    assert (await site.publisher.put("articles/three/address", json={"slug": "one"})).status_code == 200
    assert (await site.read("/demo/p/one")).status_code == 200


async def test_an_address_that_redirects_is_not_given_to_another_article(small_site: Site) -> None:
    await small_site.publish("one")
    await small_site.publish("other")
    await small_site.publisher.put("articles/one/address", json={"slug": "two"})
    assert (await small_site.put("one")).status_code == 409
    assert (await small_site.publisher.put("articles/other/address", json={"slug": "one"})).status_code == 409
    assert (await small_site.publisher.put("articles/other/address", json={"slug": "two"})).status_code == 409


async def test_moving_to_the_same_slug_or_a_draft_changes_no_page(small_site: Site) -> None:
    await small_site.put("draft")
    assert (await small_site.publisher.put("articles/draft/address", json={"slug": "draft"})).status_code == 200
    assert (await small_site.publisher.put("articles/draft/address", json={"slug": "renamed"})).status_code == 200
    assert (await small_site.publisher.get("articles/renamed")).json()["state"] == "draft"
    assert (await small_site.publisher.put("articles/renamed/address", json={"slug": "No"})).status_code == 422
    assert (await small_site.publisher.put("articles/renamed/address", json={"slug": 1})).status_code == 422


async def test_an_article_that_is_down_may_move_and_comes_back_at_its_new_address(small_site: Site) -> None:
    await small_site.publish("old")
    await small_site.publisher.delete("articles/old/publication")
    await small_site.publisher.put("articles/old/address", json={"slug": "new"})
    assert (await small_site.read("/demo/p/old")).status_code == 410
    assert (await small_site.read("/demo/p/new")).status_code == 404
    await small_site.publisher.put("articles/new/publication")
    assert (await small_site.read("/demo/p/old")).headers["location"] == "https://site.test/demo/p/new"
    assert (await small_site.read("/demo/p/new")).status_code == 200


async def test_dates_are_written_in_the_sites_zone_and_a_first_publication_is_no_update(small_site: Site) -> None:
    await small_site.publish("hello", "---\ndate: 2025-03-04T05:06+00:00\n---\n" + ARTICLE)
    page = (await small_site.read("/demo/p/hello")).text
    assert "2025年3月4日 13:06" in page
    assert 'article:modified_time" content="2025-03-04T13:06:00+08:00"' in page
    await small_site.publish("hello", "---\ndate: 2025-03-04\n---\n" + ARTICLE)
    page = (await small_site.read("/demo/p/hello")).text
    assert "2025年3月4日<" in page
    assert f'article:modified_time" content="{datetime.now(UTC):%Y}' in page


async def test_an_account_with_a_domain_of_its_own_is_at_its_root(site: Site) -> None:
    other = await site.parts.publishing.open_account(Account(0, "own", "自有", "https://own.test"))
    upload = await site.parts.uploads.read(ARTICLE.encode(), "hello.md", _none)
    await site.parts.drafts.save(other, "hello", upload.draft)
    await site.parts.publishing.publish(other, "hello")

    async def is_known() -> bool:
        return (await site.read("/", host="own.test")).status_code == 200

    await eventually(is_known)
    page = await site.read("/p/hello", host="own.test")
    assert page.status_code == 200
    assert '<link rel="canonical" href="https://own.test/p/hello">' in page.text
    assert 'href="/p/hello"' in (await site.read("/", host="own.test")).text
    elsewhere = await site.read("/own/p/hello")
    assert elsewhere.status_code == 301
    assert elsewhere.headers["location"] == "https://own.test/p/hello"
    front = await site.read("/")
    assert 'href="https://own.test/"' in front.text
    assert "示例" in front.text


async def test_the_only_account_is_where_the_root_leads(small_site: Site) -> None:
    root = await small_site.read("/")
    assert root.status_code == 301
    assert root.headers["location"] == "https://site.test/demo/"


async def _none(_name: str) -> None:
    return None


async def test_a_long_read_has_a_table_of_contents_and_a_short_one_has_none(small_site: Site) -> None:
    headings = "".join(f"## 第 {number} 节\n\n{'字' * 400}\n\n" for number in range(4))
    await small_site.publish("long", f"# 长文\n\n{headings}")
    page = (await small_site.read("/demo/p/long")).text
    assert '<li class="level-2"><a href="#第-3-节">第 3 节</a></li>' in page
    await small_site.publish("short", "# 短文\n\n## 一\n\n## 二\n\n## 三\n\n## 四\n\n短。\n")
    assert 'class="contents"' not in (await small_site.read("/demo/p/short")).text
