"""Articles by tag; the pipeline's results with their size (`renderings` takes the place of `bodies`, a cache)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
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
        "renderings",
        sa.Column("key", ascii_text(64), nullable=False),
        sa.Column("digest", ascii_text(64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("result", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_renderings")),
        **OPTIONS,
    )
    op.create_index("ix_renderings_made_at", "renderings", ["made_at"])
    op.drop_table("bodies")
    op.create_table(
        "article_tags",
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.Column("article_id", IDENTITY, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_article_tags_account_id")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_tags_article_id")),
        sa.PrimaryKeyConstraint("account_id", "tag", "article_id", name=op.f("pk_article_tags")),
        **OPTIONS,
    )
    op.create_index("ix_article_tags_article_id", "article_tags", ["article_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("article_tags")
    op.drop_table("renderings")
    op.create_table(
        "bodies",
        sa.Column("key", ascii_text(64), nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bodies")),
        **OPTIONS,
    )
