from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from cache.outbox import KEEP_SECONDS, Outbox, save, stored_keys
from cache.page_store import open_page_store
from cache.tables import pages
from core.database import Database
from core.errors import UnavailableError
from core.settings import read_settings
from ops.migrate import migrate
from tests.cache.pages import composed, page


@pytest.fixture
async def database(services: tuple[str, str | None], tmp_path: Path) -> AsyncIterator[Database]:
    url = services[0] or f"sqlite:///{tmp_path / 'a.db'}"
    opened = Database(read_settings(database_url=url).database_url.get_secret_value())
    await migrate(opened)
    yield opened
    await opened.close()


async def test_what_does_not_differ_is_not_written(database: Database) -> None:
    store = open_page_store(database.url)
    async with database.change() as connection:
        first = await save(connection, [composed("/a"), composed("/b")], now=1)
    assert first is not None
    assert (first.generation, first.keys) == (1, ("/a", "/b"))
    async with database.change() as connection:
        assert await save(connection, [composed("/a")], removed=["/none"], now=2) is None
    async with database.change() as connection:
        third = await save(connection, [composed("/a"), composed("/b", "new"), composed("/c")], now=3)
    assert third is not None
    assert third.keys == ("/b", "/c")
    found = await store.get(["/a", "/b", "/c", "/d"], "gzip")
    assert {key: one.generation for key, one in found.items()} == {"/a": 1, "/b": 2, "/c": 2}
    assert found["/b"] == page("/b", "new", 2).variants[1]
    assert await store.head() == 2
    await store.close()


async def test_the_same_bytes_of_another_renderer_are_signed_and_not_purged(database: Database) -> None:
    async with database.change() as connection:
        await save(connection, [composed("/a")], now=1)
    async with database.change() as connection:
        assert await save(connection, [replace(composed("/a"), rendered_by="other")], now=2) is None
    async with database.read() as connection:
        assert await connection.scalar(select(pages.c.rendered_by)) == "other"


async def test_a_removed_page_is_announced(database: Database) -> None:
    store = open_page_store(database.url)
    async with database.change() as connection:
        await save(connection, [composed("/a/1"), composed("/a_/2"), composed("/b/3")], now=1)
        assert await stored_keys(connection, "/a/") == {"/a/1"}
    async with database.change() as connection:
        change = await save(connection, [], removed=["/a/1"], now=2)
    assert change is not None
    assert change.keys == ("/a/1",)
    assert await store.get(["/a/1"], "br") == {}
    await store.close()


async def test_an_undone_transaction_leaves_no_number_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await _fail_after_saving(database)
    async with database.change() as connection:
        change = await save(connection, [composed("/a")], now=1)
    assert change is not None
    assert change.generation == 1


async def test_changes_are_read_in_order_marked_and_pruned(database: Database) -> None:
    outbox = Outbox(database)
    for number in range(1, 4):
        async with database.change() as connection:
            await save(connection, [composed(f"/{number}")], now=number)
    assert [change.generation for change in await outbox.after(1)] == [2, 3]
    assert [change.keys for change in await outbox.undelivered(2)] == [("/1",), ("/2",)]
    await outbox.mark_delivered([1, 3], now=9)
    assert [change.generation for change in await outbox.undelivered()] == [2]
    assert [change.delivered for change in await outbox.after(0)] == [True, False, True]
    assert await outbox.prune(KEEP_SECONDS + 100) == 2
    assert [change.generation for change in await outbox.after(0)] == [3]


async def test_a_store_that_is_not_there_says_so_and_is_found_when_it_comes(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'later.db'}")
    store = open_page_store(database.url)
    with pytest.raises(UnavailableError):
        await store.head()
    with pytest.raises(UnavailableError):
        await store.get(["/a"], "br")
    await migrate(database)
    assert await store.head() == 0
    await store.close()
    await store.close()
    await database.close()


async def test_a_mysql_that_is_not_there_says_so() -> None:
    database = Database("mysql+aiomysql://root@127.0.0.1:1/none")
    store = open_page_store(database.url)
    with pytest.raises(UnavailableError):
        await store.head()
    with pytest.raises(UnavailableError):
        await Outbox(database).after(0)
    await store.close()
    await database.close()


async def _fail_after_saving(database: Database) -> None:
    async with database.change() as connection:
        await save(connection, [composed("/a")], now=1)
        raise ZeroDivisionError
