"""Rows of articles, revisions and addresses: the queries that drafts and publishing share, inside a transaction."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, insert, or_, select, true, update
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


async def live_articles(connection: AsyncConnection, account: Account, slugs: Collection[str]) -> dict[str, Article]:
    """Those of an account's articles that readers see under these slugs, by slug."""
    query = select(articles).where(is_listed(account), articles.c.slug.in_(slugs))
    return {row.slug: article_of(row) for row in await connection.execute(query)}


async def public_drafts(connection: AsyncConnection, shown: Collection[Article]) -> dict[int, Draft]:
    """The drafts of the revisions that readers see, by the articles' ids."""
    seen = (revisions.c.article_id == articles.c.id) & (revisions.c.number == articles.c.published)
    query = select(revisions.c.article_id, revisions.c.draft).join(articles, seen)
    rows = await connection.execute(query.where(articles.c.id.in_([article.id for article in shown])))
    return {row.article_id: read_draft(row.draft) for row in rows}


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
    title = article.title if article.published else revision.title  # what lists of drafts call it
    await set_article(connection, article, replace(article, draft=revision.number, title=title))
    return revision


async def set_article(connection: AsyncConnection, before: Article, after: Article) -> None:
    """Write what a change made of an article's row."""
    values = {field.name: getattr(after, field.name) for field in fields(Article)}
    changed = {name: value for name, value in values.items() if value != getattr(before, name)}
    if changed:
        await connection.execute(update(articles).where(articles.c.id == before.id).values(changed))


async def addresses_of(connection: AsyncConnection, article: Article) -> tuple[str, ...]:
    """Every slug under which an article was ever served."""
    query = select(urls.c.slug).where(urls.c.article_id == article.id).order_by(urls.c.slug)
    return tuple((await connection.execute(query)).scalars())


async def owner_of_address(connection: AsyncConnection, account: Account, slug: str) -> int | None:
    """The id of the article that an address belongs to, or None for one that never was served."""
    query = select(urls.c.article_id).where(urls.c.account_id == account.id, urls.c.slug == slug)
    return await connection.scalar(query)


async def addresses_in(
    connection: AsyncConnection, account: Account, slugs: Collection[str]
) -> dict[str, tuple[str, Article]]:
    """By slug: the state of each address that ever was served, and the article that it belongs to."""
    query = select(articles, urls.c.slug.label("address"), urls.c.state).join(urls, urls.c.article_id == articles.c.id)
    rows = await connection.execute(query.where(urls.c.account_id == account.id, urls.c.slug.in_(slugs)))
    return {row.address: (row.state, article_of(row)) for row in rows}


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
        await connection.execute(upsert(urls, connection.dialect.name), row)


async def neighbours(
    connection: AsyncConnection, account: Account, ids: Collection[int]
) -> dict[int, tuple[Article | None, Article | None]]:
    """By the articles' ids: the live articles that were published next before each, and next after it."""
    query = select(articles.c.id, _next(account, newer=False).label("older"), _next(account, newer=True).label("newer"))
    rows = (await connection.execute(query.where(articles.c.id.in_(ids)))).all()
    beside = {identity for row in rows for identity in (row.older, row.newer) if identity is not None}
    found = await connection.execute(select(articles).where(articles.c.id.in_(beside)))
    by_id = {row.id: article_of(row) for row in found}
    return {row.id: (by_id.get(row.older), by_id.get(row.newer)) for row in rows}


def _next(account: Account, *, newer: bool) -> ScalarSelect[int]:
    """The id of the live article that was published next after another, or next before it: a seek in the index."""
    beside = articles.alias("beside")
    at, slug, its_at, its_slug = beside.c.published_at, beside.c.slug, articles.c.published_at, articles.c.slug
    if newer:
        beyond = and_(at >= its_at, or_(at > its_at, slug < its_slug))
        order: tuple[ColumnElement[Any], ...] = (at.asc(), slug.desc())
    else:
        beyond = and_(at <= its_at, or_(at < its_at, slug > its_slug))
        order = (at.desc(), slug.asc())
    query = select(beside.c.id).where(beside.c.account_id == account.id, beside.c.live == true(), beyond)
    return query.order_by(*order).limit(1).correlate(articles).scalar_subquery()


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
    return (articles.c.account_id == account.id) & (articles.c.live == true())
