"""Runs the migrations on the connection that ops/migrate.py gives."""

from alembic import context

from accounts import tables as _accounts  # noqa: F401 - fills the metadata
from articles import tables as _articles  # noqa: F401
from cache import tables as _cache  # noqa: F401
from core.database import metadata
from media import tables as _media  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
)
with context.begin_transaction():
    context.run_migrations()
