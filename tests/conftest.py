"""The services, once a session; a database and a site, once a test."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis

from tests.services import MariaDB, RedisServer
from tests.site import Site, open_site, settings_for

BACKENDS = ["sqlite", "mariadb"]


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    server = MariaDB()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    with redis.Redis(port=redis_server.port) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def mariadb_url(mariadb: MariaDB) -> str:
    mariadb.run("DROP DATABASE IF EXISTS diaoban")
    mariadb.run("CREATE DATABASE diaoban CHARACTER SET utf8mb4")
    return mariadb.url("diaoban")


@pytest.fixture(params=BACKENDS)
def services(request: pytest.FixtureRequest) -> tuple[str, str | None]:
    """SQLite alone, and MariaDB with Redis: the same tests on both."""
    if request.param == "sqlite":
        return "", None
    return request.getfixturevalue("mariadb_url"), request.getfixturevalue("redis_url")


@pytest.fixture
async def site(services: tuple[str, str | None], tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(settings_for(tmp_path, *services)) as opened:
        yield opened


@pytest.fixture
async def small_site(tmp_path: Path) -> AsyncIterator[Site]:
    """SQLite alone, for what does not depend on the services."""
    async with open_site(settings_for(tmp_path)) as opened:
        yield opened


@pytest.fixture
def untraced() -> Iterator[None]:
    """Without coverage: for what takes long, or counts CPU time, and is measured by the tests beside it."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)
