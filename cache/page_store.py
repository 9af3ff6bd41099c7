"""The page store as readers use it: pages by key, and the number of the last change. No SQLAlchemy here."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import aiomysql
import pymysql
from sqlalchemy.engine import URL

from core.errors import UnavailableError
from core.page import CODINGS, Variant, unpacked

# The key, and what core.page.unpacked reads, as one column: PyMySQL takes 2 µs for each of a row.
PACKED = {
    "mysql": "CONCAT_WS('\n', `key`, digest, generation, status, media_type, headers)",
    "sqlite": "key || '\n' || digest || '\n' || generation || '\n' || status || '\n' || media_type || '\n' || headers",
}
HEAD = "SELECT value FROM sequences WHERE name = 'generation'"
POOL_SIZE = 4
RECYCLE_SECONDS = 280
ASK_SECONDS = 3.0  # a reader waits no longer for the database


class PageStore(Protocol):
    """Finished pages in a database."""

    watch_seconds: float
    "How often `head` may be asked without being a load."

    async def get(self, keys: Sequence[str], coding: str) -> dict[str, Variant]:
        """The pages that there are under these keys, in br or gzip. Raises UnavailableError when it cannot be asked."""

    async def head(self) -> int:
        """The generation of the last committed change. Raises UnavailableError."""

    async def close(self) -> None:
        """Let go of the connections."""


def open_page_store(url: URL) -> PageStore:
    """The store of a database address; it connects when it is first asked."""
    if url.get_backend_name() == "sqlite":
        return SQLitePages(Path(url.database or ""))
    return MySQLPages(url)


class SQLitePages:
    """Reads SQLite directly: 40 µs a page, less than a change of thread costs."""

    watch_seconds = 0.05  # PRAGMA data_version takes 2 µs

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._head = 0

    async def get(self, keys: Sequence[str], coding: str) -> dict[str, Variant]:
        """See PageStore."""
        rows = self._rows(_question("sqlite", coding, "?", len(keys)), keys)
        return dict(_variant(packed, coding, body) for packed, body in rows)

    async def head(self) -> int:
        """See PageStore. Asks for the number only when another connection has committed."""
        ((version,),) = self._rows("PRAGMA data_version")
        if version != self._version:
            ((self._head,),) = self._rows(HEAD)
            self._version = version
        return self._head

    async def close(self) -> None:
        """See PageStore."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _rows(self, statement: str, values: Sequence[str] = ()) -> list[Any]:
        try:
            if self._connection is None:
                address = f"{self._path.absolute().as_uri()}?mode=ro"
                self._connection = sqlite3.connect(address, uri=True, timeout=ASK_SECONDS)
                self._version = -1
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            msg = f"the page store cannot be read: {error}"
            raise UnavailableError(msg) from error


class MySQLPages:
    """Reads MariaDB or MySQL through aiomysql alone: half the time of SQLAlchemy Core."""

    watch_seconds = 0.5

    def __init__(self, url: URL) -> None:
        self._url = url
        self._pool: Any = None
        self._opening = asyncio.Lock()

    async def get(self, keys: Sequence[str], coding: str) -> dict[str, Variant]:
        """See PageStore."""
        rows = await self._rows(_question("mysql", coding, "%s", len(keys)), keys)
        return dict(_variant(packed.decode(), coding, body) for packed, body in rows)

    async def head(self) -> int:
        """See PageStore."""
        ((head,),) = await self._rows(HEAD)
        return int(head)

    async def close(self) -> None:
        """See PageStore."""
        if self._pool is not None:
            self._pool.terminate()
            with suppress(Exception):
                await self._pool.wait_closed()
            self._pool = None

    async def _rows(self, statement: str, values: Sequence[str] = ()) -> Any:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                pool = await self._opened()
                async with pool.acquire() as connection, connection.cursor() as cursor:
                    await cursor.execute(statement, values)
                    return await cursor.fetchall()
        except (pymysql.err.Error, OSError, TimeoutError, RuntimeError, ValueError) as error:
            # aiomysql raises RuntimeError or ValueError where a connection was lost in the middle of an answer.
            msg = f"the page store cannot be read: {error or type(error).__name__}"
            raise UnavailableError(msg) from error

    async def _opened(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await aiomysql.create_pool(
                    host=self._url.host or "127.0.0.1",
                    port=self._url.port or 3306,
                    unix_socket=self._url.query.get("unix_socket"),
                    user=self._url.username or "",
                    password=self._url.password or "",
                    db=self._url.database,
                    charset="utf8mb4",
                    autocommit=True,
                    minsize=0,
                    maxsize=POOL_SIZE,
                    pool_recycle=RECYCLE_SECONDS,
                    connect_timeout=ASK_SECONDS,
                )
            return self._pool


@cache
def _question(dialect: str, coding: str, mark: str, count: int) -> str:
    assert coding in CODINGS, coding
    marks = ",".join([mark] * count)
    return f"SELECT {PACKED[dialect]}, {coding} FROM pages WHERE `key` IN ({marks})"  # noqa: S608 - no values


def _variant(packed: str, coding: str, body: bytes) -> tuple[str, Variant]:
    key, _, rest = packed.partition("\n")
    return key, unpacked(key, coding, rest, body)
