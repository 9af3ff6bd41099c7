import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import brotli
import pytest

from cache.delivery import Delivery
from cache.outbox import HOSTS, Change, Outbox, save
from cache.page_store import open_page_store
from cache.redis_pages import PREFIX, RedisPages
from core.database import Database
from ops.migrate import migrate
from tests.cache.pages import composed, page
from tests.services import RedisServer


@pytest.fixture
async def pages(redis_url: str) -> AsyncIterator[RedisPages]:
    opened = RedisPages(redis_url)
    opened.is_resting = False
    yield opened
    await opened.close()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    await migrate(opened)
    yield opened
    await opened.close()


async def test_a_page_is_kept_and_found(pages: RedisPages) -> None:
    assert await pages.put(page("/a").variants)
    assert (await pages.get(["/a"], "br")).get("/a") == page("/a").variants[0]
    assert (await pages.get(["/b"], "br")).get("/b") is None


async def test_an_older_page_never_replaces_a_newer(pages: RedisPages) -> None:
    await pages.put(page("/a", "new", 10).variants)
    await pages.put(page("/a", "old", 9).variants)
    found = (await pages.get(["/a"], "br")).get("/a")
    assert found is not None
    assert brotli.decompress(found.body) == b"new"
    await pages.put_nothing(["/a"], 11)
    await pages.put(page("/a", "old", 10).variants)
    assert (await pages.get(["/a"], "br")).get("/a") is None


@pytest.mark.parametrize(
    "value",
    [
        b"0000000000000001rubbish",
        b"0000000000000001rubbish\n\nbody",
        b'0000000000000001digest\n1\n200\ntext/html\n[["a", \n\nbody',
        b"0000000000000001digest\n1\n200\ntext/html\n[1]\n\nbody",
        b"0000000000000001digest\n1\nx\ntext/html\n[]\n\nbody",
        b"0000000000000001\xff\n\nbody",
    ],
)
async def test_a_value_that_is_none_of_ours_is_no_page(pages: RedisPages, value: bytes) -> None:
    await pages.client.set(PREFIX + "br /a", value)
    assert (await pages.get(["/a"], "br")).get("/a") is None


async def test_a_dead_redis_is_a_miss_and_rests() -> None:
    dead = RedisPages("redis://127.0.0.1:1/0")
    dead.is_resting = False
    assert await dead.get(["/a"], "br") == {}
    assert dead.is_resting
    assert await dead.get(["/a"], "br") == {}
    assert not await dead.put(page("/a").variants)
    assert not await dead.announce(1, ["/a"])
    assert not await dead.answers()
    await dead.close()


async def test_a_hung_redis_costs_a_moment_and_then_nothing(pages: RedisPages, redis_server: RedisServer) -> None:
    await pages.put(page("/a").variants)
    redis_server.freeze()
    try:
        started = asyncio.get_running_loop().time()
        assert (await pages.get(["/a"], "br")).get("/a") is None
        assert pages.is_resting
        assert asyncio.get_running_loop().time() - started < 2
        assert (await pages.get(["/a"], "br")).get("/a") is None
    finally:
        redis_server.thaw()


async def test_a_redis_that_comes_back_is_told_what_it_missed_before_it_is_believed(
    pages: RedisPages, database: Database
) -> None:
    """A Redis that kept yesterday's page must not bring it back."""
    store = open_page_store(database.url)
    delivery = Delivery(outbox=Outbox(database), store=store, redis=pages, ladder=None, now=lambda: 5)
    async with database.change() as connection:
        first = await save(connection, [composed("/a", "old")], now=1)
    assert first is not None
    await delivery.deliver(first)
    assert ((await pages.get(["/a"], "br")).get("/a")) is not None
    pages.rest(OSError("cut off"))
    async with database.change() as connection:
        second = await save(connection, [composed("/a", "new"), composed("/b")], now=2, also=HOSTS)
    assert second is not None
    await delivery.deliver(second)
    assert (await pages.get(["/a"], "br")).get("/a") is None
    assert [change.generation for change in await Outbox(database).undelivered()] == [2]
    await delivery.wake_redis()
    found = (await pages.get(["/a"], "br")).get("/a")
    assert found is not None
    assert brotli.decompress(found.body) == b"new"
    assert await Outbox(database).undelivered() == []
    await store.close()


async def test_a_database_that_is_away_too_leaves_empty_places(pages: RedisPages, tmp_path: Path) -> None:
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path / 'none' / 'a.db'}")
    store = open_page_store(nowhere.url)
    delivery = Delivery(outbox=Outbox(nowhere), store=store, redis=pages, ladder=None, now=lambda: 5)
    await pages.put(page("/a", "old").variants)
    pages.rest(OSError("cut off"))
    await delivery.hear(Change(2, ("/a",)))
    await delivery.wake_redis()
    assert not pages.is_resting
    assert (await pages.get(["/a"], "br")).get("/a") is None
    delivery._owed = {number: Change(number, ("/x",)) for number in range(10_001)}
    pages.is_resting = True
    await delivery.wake_redis()
    assert pages.is_resting
    await store.close()
    await nowhere.close()


async def test_waking_stops_where_redis_fails_again(pages: RedisPages, database: Database) -> None:
    store = open_page_store(database.url)
    delivery = Delivery(outbox=Outbox(database), store=store, redis=pages, ladder=None, now=lambda: 5)
    async with database.change() as connection:
        await save(connection, [composed("/a")], now=1)
    pages.is_resting = True

    async def fails(*_arguments: object) -> bool:
        return False

    pages.put = fails  # type: ignore[method-assign, assignment]
    await delivery.wake_redis()
    assert pages.is_resting
    await store.close()
