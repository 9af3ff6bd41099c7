"""The schema: brought to the head, or asked how far it is from it."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from core.database import Database

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


async def migrate(database: Database) -> str:
    """Bring the schema to the head; returns the revision. Does nothing when it is there. Raises UnavailableError."""
    async with database.change() as connection:
        await connection.run_sync(_upgrade)
    return head()


async def current(database: Database) -> str | None:
    """The revision of the schema; None for an empty database. Raises UnavailableError."""
    async with database.read() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def head() -> str:
    """The revision that this release needs."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; it has no file of its own."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    attributes: dict[str, Any] = settings.attributes
    attributes["connection"] = connection
    return settings


def _upgrade(connection: Connection) -> None:
    command.upgrade(config(connection), "head")
