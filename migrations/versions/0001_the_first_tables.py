"""The first tables: accounts, articles, pictures, pages, and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")
OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def ascii_text(length: int) -> sa.String:
    """Addresses and hashes: one byte a character, compared byte by byte."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "accounts",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("slug", ascii_text(40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("base_url", ascii_text(255), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("base_url", name=op.f("uq_accounts_base_url")),
        sa.UniqueConstraint("slug", name=op.f("uq_accounts_slug")),
        **OPTIONS,
    )
    op.create_table(
        "bodies",
        sa.Column("key", ascii_text(64), nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bodies")),
        **OPTIONS,
    )
    op.create_table(
        "media",
        sa.Column("digest", ascii_text(64), nullable=False),
        sa.Column("media_type", ascii_text(40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_media")),
        **OPTIONS,
    )
    op.create_table(
        "outbox",
        sa.Column("generation", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("keys", BYTES, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("generation", name=op.f("pk_outbox")),
        **OPTIONS,
    )
    op.create_index("ix_outbox_delivered_at", "outbox", ["delivered_at", "generation"], unique=False)

    op.create_table(
        "pages",
        sa.Column("key", ascii_text(700), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("media_type", ascii_text(80), nullable=False),
        sa.Column("headers", BYTES, nullable=False),
        sa.Column("br", BYTES, nullable=False),
        sa.Column("gzip", BYTES, nullable=False),
        sa.Column("digest", ascii_text(32), nullable=False),
        sa.Column("rendered_by", ascii_text(16), nullable=False),
        sa.Column("generation", IDENTITY, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pages")),
        **OPTIONS,
    )
    op.create_index("ix_pages_rendered_by", "pages", ["rendered_by"], unique=False)

    op.create_table(
        "sequences",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", IDENTITY, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sequences")),
        **OPTIONS,
    )
    op.create_table(
        "articles",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("slug", ascii_text(80), nullable=False),
        sa.Column("draft", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=500), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("month", ascii_text(7), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_articles_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("account_id", "slug", name=op.f("uq_articles_account_id_slug")),
        **OPTIONS,
    )
    op.create_index("ix_articles_listing", "articles", ["account_id", "live", "published_at", "slug"], unique=False)
    op.create_index("ix_articles_month", "articles", ["account_id", "live", "month"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("id", ascii_text(16), nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("secret_hash", ascii_text(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tokens_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        **OPTIONS,
    )
    op.create_index("ix_tokens_account_id", "tokens", ["account_id"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("article_id", IDENTITY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", ascii_text(64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("draft", BYTES, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_revisions_article_id")),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_revisions")),
        **OPTIONS,
    )
    op.create_table(
        "urls",
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("slug", ascii_text(80), nullable=False),
        sa.Column("article_id", IDENTITY, nullable=False),
        sa.Column("state", ascii_text(5), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_urls_account_id")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_urls_article_id")),
        sa.PrimaryKeyConstraint("account_id", "slug", name=op.f("pk_urls")),
        **OPTIONS,
    )
    op.create_index("ix_urls_article_id", "urls", ["article_id"], unique=False)

    op.execute("INSERT INTO sequences (name, value) VALUES ('generation', 0)")


def downgrade() -> None:
    """Undo."""
    for table in (
        "urls",
        "revisions",
        "tokens",
        "articles",
        "sequences",
        "pages",
        "outbox",
        "media",
        "bodies",
        "accounts",
    ):
        op.drop_table(table)
