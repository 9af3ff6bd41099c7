"""Promise 6 under faults: what readers see of two processes while articles are published and services fail."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import redis

from cache.keys import variant_of
from cache.redis_pages import PREFIX
from tests.command import Command, Server
from tests.faults.history import History, Read, read_on, summary
from tests.services import MariaDB, RedisServer

READERS = 6  # a server
SECONDS_AWAY = float(os.environ.get("SECONDS_AWAY", "4"))
PATH = "/demo/p/page"
# The process that acknowledges serves the new page from then on; another hears through Redis, or asks each 500 ms.
GRACE = {"first": 0.0, "second": 2.0}


class Pair:
    """Two servers over one database and one Redis, and a publisher that goes through the first."""

    def __init__(self, folder: Path, mariadb: MariaDB, redis_server: RedisServer, **settings: Any) -> None:
        self.mariadb, self.redis = mariadb, redis_server
        database, cache = mariadb.url("diaoban"), redis_server.url
        self.commands = [Command(folder / name, database, cache, trust_seconds="2", **settings) for name in GRACE]
        for command in self.commands:
            command.folder.mkdir()
        self.commands[0].open_account()
        self.token = self.commands[0].run_here("token", "add", "demo").split()[0]
        self.history = History()
        self.version = -1
        self.acknowledged_in = list[float]()

    async def publish(self, client: httpx2.AsyncClient) -> bool:
        """The next version; False when it was not acknowledged."""
        self.version += 1
        self.history.begun.append(time.monotonic())
        text = f"# 题\n\nversion-{self.version}.\n"
        try:
            sent = await client.put("articles/page", content=text, headers={"content-type": "text/markdown"})
            done = await client.put("articles/page/publication") if sent.is_success else sent
        except httpx2.TransportError:
            return False
        if done.is_success:
            self.history.acknowledged.append((time.monotonic(), self.version))
        return done.is_success

    @asynccontextmanager
    async def reading(self, first: Server, second: Server) -> AsyncIterator[httpx2.AsyncClient]:
        """Readers at both servers, until the block ends."""
        address = f"{first.url}/api/accounts/demo/"
        async with httpx2.AsyncClient(
            base_url=address, headers={"authorization": f"Bearer {self.token}"}, timeout=20
        ) as client:
            assert await self.publish(client)
            await asyncio.sleep(0.5)
            done = asyncio.Event()
            ports = [("first", first.port), ("second", second.port)] * READERS
            readers = [asyncio.ensure_future(read_on(self.history, *one, PATH, done)) for one in ports]
            try:
                yield client
            finally:
                done.set()
                await asyncio.gather(*readers)


@pytest.fixture
def pair(mariadb_url: str, redis_url: str, mariadb: MariaDB, redis_server: RedisServer, tmp_path: Path) -> Pair:
    assert mariadb_url
    assert redis_url
    return Pair(tmp_path, mariadb, redis_server)


@pytest.mark.timeout(300)
async def test_no_reader_sees_an_error_or_a_page_older_than_promised(pair: Pair) -> None:
    async def publish_for(client: httpx2.AsyncClient, seconds: float) -> int:
        ends, count = time.monotonic() + seconds, 0
        while time.monotonic() < ends:
            count += await pair.publish(client)
            await asyncio.sleep(0.02)
        return count

    with pair.commands[0].serving() as first, pair.commands[1].serving() as second:
        async with pair.reading(first, second) as client:
            assert await publish_for(client, 3) > 5
            with redis.Redis(port=pair.redis.port) as there:
                there.flushall()
            assert await publish_for(client, 1) > 2
            pair.redis.freeze()  # it accepts, and never answers
            assert await publish_for(client, 2) > 0
            pair.redis.thaw()
            assert await publish_for(client, 2) > 2
            pair.redis.kill()
            assert await publish_for(client, 2) > 0
            pair.redis.start()
            assert await publish_for(client, 2) > 2
            pair.mariadb.kill()
            await asyncio.sleep(SECONDS_AWAY)
            pair.mariadb.start()
            await asyncio.sleep(2)
            assert await publish_for(client, 3) > 5  # it recovers without a hand
    assert pair.history.violations(GRACE) == [], summary(pair.history.violations(GRACE))
    assert len(pair.history.reads) >= (50_000 if SECONDS_AWAY >= 60 else 10_000)
    assert max(read.version for read in pair.history.reads) == pair.version


@pytest.mark.timeout(120)
async def test_changes_reach_the_other_process_within_200_ms_while_redis_lives(pair: Pair) -> None:
    with pair.commands[0].serving() as first, pair.commands[1].serving() as second:
        async with pair.reading(first, second) as client:
            for _ in range(40):
                assert await pair.publish(client)
    assert pair.history.violations({"first": 0.0, "second": 0.2}) == []


@pytest.mark.timeout(120)
async def test_a_stale_fill_is_found(
    mariadb_url: str, redis_url: str, mariadb: MariaDB, redis_server: RedisServer, tmp_path: Path
) -> None:
    """The control: what a fill without compare-and-set would do is done by hand, and the checker sees it."""
    assert mariadb_url
    assert redis_url
    pair = Pair(tmp_path, mariadb, redis_server, memory_mib="0")
    with pair.commands[0].serving() as first, pair.commands[1].serving() as second:
        async with pair.reading(first, second) as client:
            with redis.Redis(port=pair.redis.port) as there:
                old = there.get(PREFIX + variant_of("gzip", PATH))
                assert await pair.publish(client)
                await asyncio.sleep(0.3)
                there.set(PREFIX + variant_of("gzip", PATH), old)
                await asyncio.sleep(0.5)
    violations = pair.history.violations(GRACE)
    assert violations
    assert all("saw version 0 when 1" in why for _, why in violations)


def test_the_checker_allows_what_is_promised_and_nothing_else() -> None:
    history = History(begun=[0.0, 10.0], acknowledged=[(1.0, 0), (11.0, 1)])

    def seen(started: float, ended: float, version: int, status: int = 200, *, is_stale: bool = False) -> bool:
        history.reads = [Read("second", started, ended, status, version, is_stale)]
        return not history.violations(GRACE)

    assert seen(5, 6, 0)
    assert seen(10.5, 10.6, 1)  # its write had begun
    assert seen(12.9, 13, 0)
    assert not seen(13.1, 13.2, 0)
    assert seen(13.1, 13.2, 0, is_stale=True)
    assert not seen(9, 9.5, 1)
    assert not seen(9, 9.5, 0, 503)
    assert not seen(5, 6, -1)
