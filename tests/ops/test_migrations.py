from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from core.database import Database, metadata
from core.settings import read_settings
from ops.migrate import config, current, head, migrate


@pytest.fixture
async def database(services: tuple[str, str | None], tmp_path: Path) -> AsyncIterator[Database]:
    url = services[0] or f"sqlite:///{tmp_path / 'a.db'}"
    opened = Database(read_settings(database_url=url).database_url.get_secret_value())
    yield opened
    await opened.close()


async def test_the_migrated_schema_is_that_of_the_tables(database: Database) -> None:
    assert await current(database) is None
    assert await migrate(database) == head()
    assert await migrate(database) == head()
    async with database.change() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_migration_can_be_undone(database: Database) -> None:
    await migrate(database)
    async with database.change() as connection:
        await connection.run_sync(lambda sync: command.downgrade(config(sync), "base"))
    assert await current(database) is None
    await migrate(database)


async def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    async with database.read() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA synchronous")) == 2
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
    await database.close()


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))
