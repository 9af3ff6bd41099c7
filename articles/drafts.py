"""Drafts: an upload becomes the next revision of an article, which no reader sees."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.accounts import Account, lock_account
from articles.ledger import add_article, add_revision, find_article, find_revision, owner_of_address
from articles.values import Article, Draft, Revision
from core.database import Database
from core.errors import ConflictError, InvalidInputError, PreconditionFailedError
from renderer.front_matter import checked_slug


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an upload."""

    revision: Revision
    is_new_article: bool
    is_new_revision: bool


class Drafts:
    """Stores drafts."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now

    async def save(self, account: Account, slug: str, draft: Draft, if_match: str | None = None) -> Saved:
        """Make an upload the article's draft. The same upload sent twice makes one revision.

        Raises InvalidInputError for a slug that none can be, ConflictError for one that redirects elsewhere,
        PreconditionFailedError when `if_match` names another revision than the newest.
        """
        _check_slug(slug, draft)
        async with self._database.change() as connection:
            await lock_account(connection, account)
            article = await find_article(connection, account, slug)
            newest = await find_revision(connection, article.id, article.draft) if article else None
            _check_precondition(if_match, newest)
            if article and newest and newest.digest == draft.digest:
                return Saved(newest, is_new_article=False, is_new_revision=False)
            owner = article or await self._added(connection, account, slug)
            revision = await add_revision(connection, owner, draft, self._now())
        return Saved(revision, is_new_article=article is None, is_new_revision=True)

    async def _added(self, connection: AsyncConnection, account: Account, slug: str) -> Article:
        if await owner_of_address(connection, account, slug) is not None:
            msg = f"the address {slug!r} redirects to an article that moved; choose another slug"
            raise ConflictError(msg)
        return await add_article(connection, account, slug)


def _check_slug(slug: str, draft: Draft) -> None:
    try:
        checked_slug(slug)
    except ValueError as error:
        raise InvalidInputError.of(str(error), draft.source.file) from error
    named = draft.source.front.slug
    if named is not None and named != slug:
        message = f"the front matter says slug {named!r} and the address {slug!r}. Make them the same; "
        message += "to give a published article another address, move it (diaoban move, or PUT …/address)."
        raise InvalidInputError.of(message, draft.source.file)


def _check_precondition(if_match: str | None, newest: Revision | None) -> None:
    """If-Match (RFC 9110 §13.1.1): strong comparison, a list or `*`."""
    if if_match is None:
        return
    tags = {tag.strip() for tag in if_match.split(",")}
    if newest is None or not tags & {"*", newest.etag}:
        there = f"the newest revision is {newest.etag}" if newest else "there is no such article yet"
        msg = f"If-Match names another revision: {there}. Read it, merge, and send again."
        raise PreconditionFailedError(msg)
