"""The tables of accounts and tokens."""

from sqlalchemy import Column, ForeignKey, String, Table

from core.database import TABLE_OPTIONS, Identity, Seconds, ascii_text, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("slug", ascii_text(40), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("base_url", ascii_text(255), nullable=True, unique=True),
    Column("created_at", Seconds, nullable=False),
    **TABLE_OPTIONS,
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", ascii_text(16), primary_key=True),
    Column("account_id", Identity, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("secret_hash", ascii_text(64), nullable=False),
    Column("created_at", Seconds, nullable=False),
    Column("expires_at", Seconds, nullable=True),
    Column("revoked_at", Seconds, nullable=True),
    **TABLE_OPTIONS,
)
