"""The page store always equals a full re-render of the same database, and no more is written than what differs."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from articles.tables import renderings
from cache.tables import pages
from core.errors import ConflictError, NotFoundError
from tests.site import ARTICLE, Site, open_site, settings_for

SLUGS = st.sampled_from(["a", "b", "c"])
DATES = st.sampled_from(["", "date: 2025-01-02\n", "date: 2025-02-03\n", "date: 2024-12-31\n"])
TITLES = st.sampled_from(["甲", "乙"])
TAGS = st.sampled_from(["", "甲", "甲, b/c", "100%"])
CHANGES = st.one_of(
    st.tuples(st.just("publish"), SLUGS, DATES, TITLES, TAGS),
    st.tuples(st.just("take_down"), SLUGS),
    st.tuples(st.just("move"), SLUGS, SLUGS | st.just("d")),
    st.tuples(st.just("draft"), SLUGS, TITLES),
)


@pytest.mark.timeout(400)
@given(st.lists(CHANGES, min_size=1, max_size=14))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
async def test_after_any_changes_nothing_differs_from_a_full_rerender(changes: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_site(settings_for(Path(folder), trust_seconds=0.2, render_processes=1)) as site:
            site.parts.publishing._trust_seconds = 0
            for change in changes:
                await _apply(site, change)
                assert await _differing(site, dry_run=True) == set()


async def test_a_page_that_was_tampered_with_is_found_and_mended(site: Site) -> None:
    await site.publish("hello")
    async with site.parts.database.change() as connection:
        await connection.execute(update(pages).where(pages.c.key == "/demo/p/hello").values(digest="0" * 32))
        await connection.execute(pages.insert().from_select(
            ["key", "status", "media_type", "headers", "br", "gzip", "digest", "rendered_by", "generation"],
            pages.select().with_only_columns(
                pages.c.key + "-left-over", *[column for column in pages.c if column.name != "key"]
            ).where(pages.c.key == "/demo/p/hello"),
        ))  # fmt: skip
        await connection.execute(renderings.delete())
    differing = {"/demo/p/hello", "/demo/p/hello-left-over"}
    assert await _differing(site, dry_run=True) == differing
    assert await _differing(site) == differing
    assert await _differing(site) == set()
    assert (await site.read("/demo/p/hello")).status_code == 200


async def test_publishing_one_article_writes_only_the_pages_that_show_it(site: Site) -> None:
    await site.publish("oldest", "---\ndate: 2023-01-01\ntags: [丙]\n---\n" + ARTICLE)
    await site.publish("old", "---\ndate: 2024-01-01\n---\n" + ARTICLE)
    before = await _generations(site)
    head = "---\ndate: 2025-01-01\ndigest: 摘要\ntags: [甲/乙, 100%]\n---\n"
    await site.publish("new", head + ARTICLE)
    after = await _generations(site)
    feeds = {"/demo/atom.xml", "/demo/rss.xml", "/demo/feed.json"}
    tags = {"/demo/tags/%E7%94%B2/%E4%B9%99", "/demo/tags/100%25"}
    own = {"/demo/p/new", "/demo/p/new.md"}
    assert {key for key in after if after[key] != before.get(key)} == {
        *("/demo/", "/demo/archive/2025-01", "/demo/p/old"), *own, *tags, *feeds
    }  # fmt: skip
    await site.publish("new", head + ARTICLE + "\n后来加的。\n")
    last = await _generations(site)
    assert {key for key in last if last[key] != after[key]} == {*own, *feeds}
    for key in last:
        assert (await site.read(key)).status_code in {200, 301}, key


async def test_neighbours_lead_to_each_other_and_close_the_gap_of_one_taken_down(small_site: Site) -> None:
    for number in (1, 2, 3):
        await small_site.publish(f"a{number}", f"---\ntitle: 第{number}篇\ndate: 2025-01-0{number}\n---\n正文。\n")
    page = (await small_site.read("/demo/p/a2")).text
    assert '<a href="/demo/p/a1" rel="prev"><span>上一篇</span>第1篇</a>' in page
    assert '<a href="/demo/p/a3" rel="next"><span>下一篇</span>第3篇</a>' in page
    await small_site.parts.publishing.take_down(small_site.account, "a2")
    assert 'href="/demo/p/a1" rel="prev"' in (await small_site.read("/demo/p/a3")).text


async def test_a_neighbours_body_that_is_not_kept_is_made_anew(small_site: Site) -> None:
    await small_site.publish("a1", "---\ndate: 2025-01-01\n---\n" + ARTICLE)
    async with small_site.parts.database.change() as connection:
        await connection.execute(renderings.delete())
    assert (await small_site.publish("a2", "---\ndate: 2025-01-02\n---\n" + ARTICLE)).status_code == 201
    assert 'rel="next"' in (await small_site.read("/demo/p/a1")).text


async def test_a_draft_replaced_while_it_is_rendered_is_not_published_half(small_site: Site) -> None:
    """Somebody uploads another draft between the rendering and the transaction."""
    await small_site.put("hello")
    publishing, of = small_site.parts.publishing, small_site.parts.bodies.of
    uploads = iter(range(3))

    async def interrupted(draft: object, *_manuscript: object) -> object:
        body = await of(draft)  # type: ignore[arg-type]
        number = next(uploads, None)
        if number is not None and number < limit:
            await small_site.put("hello", f"# 标题\n\n第 {number} 稿。\n")
        return body

    small_site.parts.bodies.of = interrupted  # type: ignore[method-assign, assignment]
    limit = 1
    published = await publishing.publish(small_site.account, "hello")
    assert published.article.published == 2
    uploads, limit = iter(range(3)), 3
    await small_site.put("hello", "# 标题\n\n又一稿。\n")
    with pytest.raises(ConflictError, match="publish again"):
        await publishing.publish(small_site.account, "hello")


async def _apply(site: Site, change: tuple[str, ...]) -> None:
    verb, slug, *rest = change
    if verb == "publish":
        date, title, tags = rest
        answer = await site.put(slug, f"---\n{date}title: {title}\ntags: {tags}\n---\n正文。\n")
        if answer.status_code < 400:
            await site.publisher.put(f"articles/{slug}/publication")
    elif verb == "take_down":
        with contextlib.suppress(NotFoundError):
            await site.parts.publishing.take_down(site.account, slug)
    elif verb == "move":
        await site.publisher.put(f"articles/{slug}/address", json={"slug": rest[0]})
    else:
        await site.put(slug, f"# {rest[0]}\n\n草稿。\n")


async def _differing(site: Site, *, dry_run: bool = False) -> set[str]:
    """What a full re-render finds to be otherwise than stored."""
    steps = [step async for step in site.parts.publishing.carve_again(site.account, dry_run=dry_run)]
    assert sum(step.done for step in steps) == steps[-1].total
    return {key for step in steps for key in step.keys}


async def _generations(site: Site) -> dict[str, int]:
    async with site.parts.database.read() as connection:
        rows = await connection.execute(pages.select().with_only_columns(pages.c.key, pages.c.generation))
        return {row.key: row.generation for row in rows}
