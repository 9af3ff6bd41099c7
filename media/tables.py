"""The table of stored pictures."""

from sqlalchemy import Column, Integer, Table

from core.database import TABLE_OPTIONS, Seconds, ascii_text, metadata

media = Table(
    "media",
    metadata,
    Column("digest", ascii_text(64), primary_key=True),
    Column("media_type", ascii_text(40), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", Seconds, nullable=False),
    **TABLE_OPTIONS,
)
