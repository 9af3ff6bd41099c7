"""What publishers read of their articles: one, its revisions, the list."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from accounts.accounts import Account
from articles.addresses import Addresses, article_at
from articles.ledger import find_revision, the_article, the_draft
from articles.tables import articles, revisions, urls
from articles.values import Article, Draft, Revision, article_of
from core.database import Database
from core.errors import Problem

MAX_LIST = 200


@dataclass(frozen=True, slots=True)
class ArticleInFull:
    """An article as its publisher sees it."""

    article: Article
    newest: Revision
    draft: Draft
    url: str


class Reading:
    """Reads articles from the database."""

    def __init__(self, database: Database, addresses: Addresses) -> None:
        self._database = database
        self._addresses = addresses

    async def article(self, account: Account, slug: str) -> ArticleInFull:
        """One article with its newest revision, or NotFoundError."""
        async with self._database.read() as connection:
            article = await the_article(connection, account, slug)
            newest = await find_revision(connection, article.id, article.draft)
            assert newest is not None, "an article is made together with its first revision"
            draft = await the_draft(connection, article.id, article.draft)
        return ArticleInFull(article, newest, draft, self.url(account, article))

    async def revisions(self, account: Account, slug: str, before: int | None, limit: int) -> list[Revision]:
        """An article's revisions, newest first, from below a number on; or NotFoundError."""
        columns = (revisions.c.number, revisions.c.digest, revisions.c.title, revisions.c.created_at)
        async with self._database.read() as connection:
            article = await the_article(connection, account, slug)
            query = select(*columns).where(revisions.c.article_id == article.id)
            query = query if before is None else query.where(revisions.c.number < before)
            rows = await connection.execute(query.order_by(revisions.c.number.desc()).limit(limit))
        return [Revision(*row) for row in rows]

    async def list(self, account: Account, after: str | None, limit: int) -> list[Article]:
        """The account's articles by slug, from after one on."""
        query = select(articles).where(articles.c.account_id == account.id, articles.c.draft > 0)
        query = query if after is None else query.where(articles.c.slug > after)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(articles.c.slug).limit(limit))
        return [article_of(row) for row in rows]

    async def unknown(self, account: Account, slugs: Sequence[str]) -> tuple[str, ...]:
        """Which of these slugs no article of the account has or had."""
        if not slugs:
            return ()
        known = select(articles.c.slug).where(articles.c.account_id == account.id, articles.c.slug.in_(slugs))
        served = select(urls.c.slug).where(urls.c.account_id == account.id, urls.c.slug.in_(slugs))
        async with self._database.read() as connection:
            found = set((await connection.execute(known.union(served))).scalars())
        return tuple(slug for slug in slugs if slug not in found)

    def url(self, account: Account, article: Article) -> str:
        """Where readers find an article, once it is published."""
        return self._addresses.url(account, article_at(article.slug))


def dead_link(slug: str, file: str | None = None) -> Problem:
    """What to say of a link to an article that is not there."""
    return Problem(f"the link to {slug!r} leads to no article of this account, so far", file)
