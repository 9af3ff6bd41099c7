"""Two processes over one database: what one commits, the other hears, whichever way the news takes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis.asyncio
from sqlalchemy import delete, update

from app import create_app
from cache.redis_pages import CHANNEL
from cache.tables import outbox, sequences
from tests.site import Site, eventually, open_site, running, settings_for

NEW = "# 标题\n\n新的。\n"


@pytest.fixture
async def second(site: Site) -> AsyncIterator[Site]:
    """Another serving process."""
    front = create_app(site.settings)
    async with running(front):
        other = Site(site.settings, front, site.parts)
        yield other
        await other.reader.aclose()
        await other.publisher.aclose()


async def is_new(site: Site) -> bool:
    return "新的。" in (await site.read("/demo/p/hello")).text


async def test_what_another_process_publishes_is_served_soon(site: Site, second: Site) -> None:
    await site.publish("hello")
    await eventually(lambda: is_there(second))
    await site.publish("hello", NEW)
    assert await is_new(site)
    await eventually(lambda: is_new(second), 2)


async def test_a_hole_in_the_changes_drops_everything(site: Site, second: Site) -> None:
    await site.publish("hello")
    await eventually(lambda: is_there(second))
    second.front._ladder.trust._fresh_until += 3600  # it would believe its memory for ever
    async with site.parts.database.change() as connection:
        await connection.execute(update(sequences).values(value=sequences.c.value + 5))
    await site.publish("hello", NEW)
    async with site.parts.database.change() as connection:
        await connection.execute(delete(outbox))
        await connection.execute(update(sequences).values(value=sequences.c.value + 5))
    await eventually(lambda: is_new(second), 3)


async def test_rubbish_and_old_news_on_the_channel_do_no_harm(mariadb_url: str, redis_url: str, tmp_path: Path) -> None:
    async with (
        open_site(settings_for(tmp_path, mariadb_url, redis_url)) as site,
        redis.asyncio.Redis.from_url(redis_url) as client,
    ):
        await site.publish("hello")
        for message in (b"rubbish", b'[1, ["/demo/p/hello"]]', b'[999999, ["/demo/p/hello"]]'):
            assert await client.publish(CHANNEL, message) == 1
        await site.publish("hello", NEW)
        assert await is_new(site)


async def test_a_flushed_redis_is_filled_again_from_the_page_store(
    mariadb_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with open_site(settings_for(tmp_path, mariadb_url, redis_url)) as site:
        await site.publish("hello")
        async with redis.asyncio.Redis.from_url(redis_url) as client:
            assert 'detail="redis"' in (await site.read("/demo/p/hello")).headers["cache-status"]
            await client.flushall()
            site.front._ladder.forget_all()
            assert 'detail="store"' in (await site.read("/demo/p/hello")).headers["cache-status"]

            async def is_from_redis() -> bool:  # which is filled after the reader has the answer
                site.front._ladder.forget_all()
                return 'detail="redis"' in (await site.read("/demo/p/hello")).headers["cache-status"]

            await eventually(is_from_redis, 1)


async def is_there(site: Site) -> bool:
    return (await site.read("/demo/p/hello")).status_code == 200
