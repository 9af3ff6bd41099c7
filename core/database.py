"""The database that is written and listed: engines, transactions, and where dialects differ."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, String, Table, event
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import UnavailableError

BUSY_SECONDS = 10  # a writer of SQLite waits this long for another
POOL_SIZE = 8
RECYCLE_SECONDS = 280  # below the idle limit of common proxies
CONNECT_SECONDS = 3
# What MySQL and MariaDB say when they cannot be used now: gone, refused, lost, shutting down, too many, lock waits;
# and where there is no such user, database or table (yet).
UNAVAILABLE_CODES = {1040, 1053, 1205, 1213, 2002, 2003, 2005, 2006, 2013, 2014, 2055, 1927, 1290}
UNAVAILABLE_CODES |= {1044, 1045, 1049, 1146, 1698}
UNAVAILABLE_WORDS = ("unable to open", "locked", "readonly", "disk", "not connected", "closed", "no such table")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
TABLE_OPTIONS: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

Identity = BigInteger().with_variant(Integer(), "sqlite")
Seconds = BigInteger()  # a moment: whole seconds since 1970-01-01T00:00Z, the same in every dialect
Bytes = LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


def ascii_text(length: int) -> String:
    """A column for addresses and hashes: one byte a character, compared byte by byte."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


def upsert(table: Table, dialect: str) -> Any:
    """An INSERT that overwrites the row with the same primary key; to be executed with one row or a list of them."""
    keys = [column.name for column in table.primary_key]
    rest = [column.name for column in table.columns if column.name not in keys]
    if dialect == "sqlite":
        new = sqlite.insert(table)
        return new.on_conflict_do_update(index_elements=keys, set_={name: new.excluded[name] for name in rest})
    into = mysql.insert(table)
    return into.on_duplicate_key_update({name: into.inserted[name] for name in rest})


def insert_new(table: Table, rows: Iterable[Mapping[str, Any]], dialect: str) -> Any:
    """An INSERT that leaves rows alone whose key is there already."""
    if dialect == "sqlite":
        return sqlite.insert(table).values(list(rows)).on_conflict_do_nothing()
    return mysql.insert(table).values(list(rows)).prefix_with("IGNORE")


class Database:
    """One engine, with the two ways in which it is used: a change and a read.

    Raises UnavailableError where the database cannot be reached or is too busy; the change is then undone.
    """

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)
        self.engine: AsyncEngine = _engine(self.url)
        self.dialect: str = self.engine.dialect.name

    @asynccontextmanager
    async def change(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end, undone by any exception."""
        with _translated():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees what is committed at each statement, and holds nothing."""
        with _translated():
            async with self.engine.connect() as connection:
                yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        """Close the pool; needed before the event loop ends."""
        await self.engine.dispose()


class _translated:  # noqa: N801 - reads as a word of the with statement
    """Turns the drivers' ways of saying «not now» into UnavailableError."""

    def __enter__(self) -> None:
        """Nothing to set up."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, DBAPIError) and is_unavailable(error.orig or error):
            msg = f"the database does not answer: {error.orig}. Run `diaoban check`."
            raise UnavailableError(msg) from error
        if isinstance(error, (OSError, TimeoutError)):
            msg = f"the database does not answer: {str(error) or type(error).__name__}. Run `diaoban check`."
            raise UnavailableError(msg) from error


def is_unavailable(error: BaseException) -> bool:
    """Whether a driver's error means «cannot be used now» rather than «this statement is wrong»."""
    code = error.args[0] if error.args else None
    if isinstance(code, int):
        return code in UNAVAILABLE_CODES or code == 0
    return any(word in str(error) for word in UNAVAILABLE_WORDS)


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_async_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_size=POOL_SIZE,
        pool_pre_ping=True,
        pool_recycle=RECYCLE_SECONDS,
        connect_args={"connect_timeout": CONNECT_SECONDS, "charset": "utf8mb4"},
    )


def _sqlite_engine(url: URL) -> AsyncEngine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # so that BEGIN below is the only one
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged publish survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads first and writes later would fail with SQLITE_BUSY instead of waiting.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
