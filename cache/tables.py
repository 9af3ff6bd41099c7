"""The tables of finished pages and of the changes to them."""

from sqlalchemy import Column, Index, SmallInteger, String, Table

from core.database import TABLE_OPTIONS, Bytes, Identity, Seconds, ascii_text, metadata

MAX_KEY = 700  # bytes; InnoDB's primary keys take 3,072

pages = Table(
    "pages",
    metadata,
    Column("key", ascii_text(MAX_KEY), primary_key=True),
    Column("status", SmallInteger, nullable=False),
    Column("media_type", ascii_text(80), nullable=False),
    Column("headers", Bytes, nullable=False),
    Column("br", Bytes, nullable=False),
    Column("gzip", Bytes, nullable=False),
    Column("digest", ascii_text(32), nullable=False),
    Column("rendered_by", ascii_text(16), nullable=False),
    Column("generation", Identity, nullable=False),
    Index("ix_pages_rendered_by", "rendered_by"),
    **TABLE_OPTIONS,
)

# One row a committed change, numbered in the order of the commits.
outbox = Table(
    "outbox",
    metadata,
    Column("generation", Identity, primary_key=True, autoincrement=False),
    Column("keys", Bytes, nullable=False),
    Column("created_at", Seconds, nullable=False),
    Column("delivered_at", Seconds, nullable=True),
    Index("ix_outbox_delivered_at", "delivered_at", "generation"),
    **TABLE_OPTIONS,
)

sequences = Table(
    "sequences",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Identity, nullable=False),
    **TABLE_OPTIONS,
)
