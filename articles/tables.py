"""The tables of articles, their revisions, their rendered bodies, and every address that was ever served."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from core.database import TABLE_OPTIONS, Bytes, Identity, Seconds, ascii_text, metadata

articles = Table(
    "articles",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("account_id", Identity, ForeignKey("accounts.id"), nullable=False),
    Column("slug", ascii_text(80), nullable=False),
    Column("draft", Integer, nullable=False),
    Column("published", Integer, nullable=True),
    Column("live", Boolean, nullable=False),
    Column("title", String(200), nullable=False),
    Column("digest", String(500), nullable=False),
    Column("published_at", Seconds, nullable=True),
    Column("updated_at", Seconds, nullable=True),
    Column("month", ascii_text(7), nullable=True),
    UniqueConstraint("account_id", "slug"),
    Index("ix_articles_listing", "account_id", "live", "published_at", "slug"),
    Index("ix_articles_month", "account_id", "live", "month"),
    **TABLE_OPTIONS,
)

revisions = Table(
    "revisions",
    metadata,
    Column("article_id", Identity, ForeignKey("articles.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", ascii_text(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("draft", Bytes, nullable=False),
    Column("created_at", Seconds, nullable=False),
    **TABLE_OPTIONS,
)

# The tags of the revision that readers see.
article_tags = Table(
    "article_tags",
    metadata,
    Column("account_id", Identity, ForeignKey("accounts.id"), primary_key=True),
    Column("tag", String(60), primary_key=True),
    Column("article_id", Identity, ForeignKey("articles.id"), primary_key=True, index=True),
    **TABLE_OPTIONS,
)

# What the pipeline made, by the hash of what went into it: can be made anew at any time (articles/renderings.py).
renderings = Table(
    "renderings",
    metadata,
    Column("key", ascii_text(64), primary_key=True),
    Column("digest", ascii_text(64), nullable=True),
    Column("size", Integer, nullable=False),
    Column("made_at", Seconds, nullable=False, index=True),
    Column("result", Bytes, nullable=False),
    **TABLE_OPTIONS,
)

# The URL ledger. An address that was served once never becomes a 404.
urls = Table(
    "urls",
    metadata,
    Column("account_id", Identity, ForeignKey("accounts.id"), primary_key=True),
    Column("slug", ascii_text(80), primary_key=True),
    Column("article_id", Identity, ForeignKey("articles.id"), nullable=False, index=True),
    Column("state", ascii_text(5), nullable=False),  # live, moved, gone
    **TABLE_OPTIONS,
)
