"""Rows of articles, revisions and addresses: the queries that drafts and publishing share, inside a transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.accounts import Account
from articles.tables import article_tags, articles, revisions, urls
from articles.values import Article, Draft, Revision, article_of, read_draft
from core.database import upsert
from core.errors import NotFoundError

LIVE, MOVED, GONE = "live", "moved", "gone"


async def find_article(connection: AsyncConnection, account: Account, slug: str) -> Article | None:
    """The article of a slug, or None."""
    query = select(articles).where(articles.c.account_id == account.id, articles.c.slug == slug)
    row = (await connection.execute(query)).first()
    return None if row is None else article_of(row)


async def the_article(connection: AsyncConnection, account: Account, slug: str) -> Article:
    """The article of a slug, or NotFoundError."""
    article = await find_article(connection, account, slug)
    if article is None:
        msg = f"the account {account.slug!r} has no article {slug!r}"
        raise NotFoundError(msg)
    return article


async def article_by_id(connection: AsyncConnection, identity: int) -> Article:
    """The article of an id that another row names."""
    row = (await connection.execute(select(articles).where(articles.c.id == identity))).one()
    return article_of(row)


async def find_revision(connection: AsyncConnection, article_id: int, number: int) -> Revision | None:
    """A revision without its draft, or None."""
    columns = (revisions.c.number, revisions.c.digest, revisions.c.title, revisions.c.created_at)
    query = select(*columns).where(revisions.c.article_id == article_id, revisions.c.number == number)
    row = (await connection.execute(query)).first()
    return None if row is None else Revision(*row)


async def the_draft(connection: AsyncConnection, article_id: int, number: int) -> Draft:
    """The draft of a revision that exists."""
    query = select(revisions.c.draft).where(revisions.c.article_id == article_id, revisions.c.number == number)
    return read_draft((await connection.execute(query)).scalar_one())


async def public_drafts(connection: AsyncConnection, account: Account) -> list[Draft]:
    """The drafts of all the revisions that readers see."""
    shown = (revisions.c.article_id == articles.c.id) & (revisions.c.number == articles.c.published)
    query = select(revisions.c.draft).join(articles, shown).where(is_listed(account))
    return [read_draft(stored) for stored in (await connection.execute(query)).scalars()]


async def add_article(connection: AsyncConnection, account: Account, slug: str) -> Article:
    """A new article without a revision."""
    row = {"account_id": account.id, "slug": slug, "draft": 0, "live": False, "title": "", "digest": ""}
    await connection.execute(insert(articles).values(row))
    return await the_article(connection, account, slug)


async def add_revision(connection: AsyncConnection, article: Article, draft: Draft, now: int) -> Revision:
    """The next revision of an article, which becomes its draft."""
    revision = Revision(article.draft + 1, draft.digest, draft.source.title, now)
    row = {
        "article_id": article.id,
        "number": revision.number,
        "digest": revision.digest,
        "title": revision.title,
        "draft": draft.stored(),
        "created_at": now,
    }
    await connection.execute(insert(revisions).values(row))
    shown = {} if article.published else {"title": revision.title}  # what lists of drafts call it
    await set_article(connection, article.id, draft=revision.number, **shown)
    return revision


async def set_article(connection: AsyncConnection, identity: int, **values: Any) -> None:
    """Change columns of an article's row."""
    await connection.execute(update(articles).where(articles.c.id == identity).values(**values))


async def addresses_of(connection: AsyncConnection, article: Article) -> tuple[str, ...]:
    """Every slug under which an article was ever served."""
    query = select(urls.c.slug).where(urls.c.article_id == article.id).order_by(urls.c.slug)
    return tuple((await connection.execute(query)).scalars())


async def state_of_address(connection: AsyncConnection, account: Account, slug: str) -> tuple[int, str] | None:
    """The article that an address belongs to and the address's state, or None for one that never was served."""
    query = select(urls.c.article_id, urls.c.state).where(urls.c.account_id == account.id, urls.c.slug == slug)
    row = (await connection.execute(query)).first()
    return None if row is None else (row.article_id, row.state)


async def point_addresses(connection: AsyncConnection, account: Account, article: Article) -> tuple[str, ...]:
    """Bring the ledger in line with an article: its slug live, its former ones moved; all gone when it is down.

    Returns every slug under which it is or was served.
    """
    known = await addresses_of(connection, article)
    if not article.live:
        await _set_state(connection, account, article, known, GONE)
        return known
    await _set_state(connection, account, article, [slug for slug in known if slug != article.slug], MOVED)
    await _set_state(connection, account, article, [article.slug], LIVE)
    return tuple(dict.fromkeys([*known, article.slug]))


async def _set_state(
    connection: AsyncConnection, account: Account, article: Article, slugs: Sequence[str], state: str
) -> None:
    for slug in slugs:
        row = {"account_id": account.id, "slug": slug, "article_id": article.id, "state": state}
        await connection.execute(upsert(urls, row, connection.dialect.name))


async def neighbour(connection: AsyncConnection, account: Account, article: Article, *, newer: bool) -> Article | None:
    """The live article that was published next after another, or next before it."""
    at, slug = articles.c.published_at, articles.c.slug
    if newer:
        beyond = or_(at > article.published_at, and_(at == article.published_at, slug < article.slug))
        order: tuple[ColumnElement[Any], ...] = (at.asc(), slug.desc())
    else:
        beyond = or_(at < article.published_at, and_(at == article.published_at, slug > article.slug))
        order = (at.desc(), slug.asc())
    query = select(articles).where(is_listed(account), articles.c.id != article.id, beyond).order_by(*order).limit(1)
    row = (await connection.execute(query)).first()
    return None if row is None else article_of(row)


async def neighbours_of(connection: AsyncConnection, account: Account, *stood: Article) -> frozenset[str]:
    """The slugs of the live articles beside an article, wherever it stands and stood."""
    found = [
        await neighbour(connection, account, article, newer=newer)
        for article in stood
        if article.live
        for newer in (False, True)
    ]
    return frozenset(article.slug for article in found if article)


async def tags_of(connection: AsyncConnection, article: Article) -> frozenset[str]:
    """The tags under which an article is listed."""
    query = select(article_tags.c.tag).where(article_tags.c.article_id == article.id)
    return frozenset((await connection.execute(query)).scalars())


async def set_tags(connection: AsyncConnection, account: Account, article: Article, tags: Sequence[str]) -> None:
    """List an article under these tags and no others."""
    await connection.execute(delete(article_tags).where(article_tags.c.article_id == article.id))
    if tags:
        rows = [{"account_id": account.id, "tag": tag, "article_id": article.id} for tag in tags]
        await connection.execute(insert(article_tags), rows)


def is_listed(account: Account) -> ColumnElement[bool]:
    """The condition of the articles that lists show."""
    return (articles.c.account_id == account.id) & articles.c.live.is_(True)
