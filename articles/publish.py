"""Publishing: a change to an article and to every page that shows it is one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.accounts import Account, add_account, all_accounts, lock_account
from articles.addresses import HOME, Addresses
from articles.bodies import Bodies
from articles.ledger import (
    find_article,
    neighbours_of,
    point_addresses,
    public_drafts,
    set_article,
    set_tags,
    state_of_address,
    tags_of,
    the_article,
    the_draft,
)
from articles.pages import MissingBodyError, Touch, View, carve_every, carve_front, carve_touched
from articles.place import Place
from articles.values import Article, Draft
from cache.delivery import Delivery
from cache.outbox import HOSTS, Change, save, stored_keys
from core.database import Database
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.page import Page
from renderer.body import Body
from renderer.environment import Press
from renderer.front_matter import checked_slug

Result = TypeVar("Result")
TRIES = 3  # a draft that is replaced while it is rendered is rendered again


@dataclass(frozen=True, slots=True)
class Site:
    """What every page of the site shares."""

    name: str
    addresses: Addresses
    zone: ZoneInfo
    press: Press


@dataclass(frozen=True, slots=True)
class Published:
    """An article after a change that readers see."""

    article: Article
    changed: bool
    "False when it was so already."


class Publishing:
    """Everything that changes what readers see."""

    def __init__(
        self,
        *,
        database: Database,
        bodies: Bodies,
        delivery: Delivery,
        site: Site,
        trust_seconds: float,
        now: Callable[[], int],
    ) -> None:
        self._database = database
        self._bodies = bodies
        self._delivery = delivery
        self._site = site
        self._trust_seconds = trust_seconds
        self._now = now

    async def publish(self, account: Account, slug: str, at: int | None = None) -> Published:
        """Make the draft public together with every page that shows it.

        `at` is the time that an article without a date gets. Raises NotFoundError, InvalidInputError.
        """
        for _ in range(TRIES):
            async with self._database.read() as connection:
                article = await the_article(connection, account, slug)
                draft = await the_draft(connection, article.id, article.draft)
            if article.live and article.published == article.draft:
                return Published(article, changed=False)
            body = await self._bodies.of(draft)  # slow, and outside the lock
            published = await self._publish_draft(account, article, draft, body, at)
            if published is not None:
                return published
        msg = f"the draft of {slug!r} changes faster than it can be rendered; publish again"
        raise ConflictError(msg)

    async def take_down(self, account: Account, slug: str) -> Published:
        """Take an article from readers: 410 at each of its addresses.

        Returns when no process can serve it any more: each has been told, or has ceased to trust its memory. A
        repeated call waits as long as the first: whoever repeats it may have lost the answer that was still to come.
        Raises NotFoundError when it never was public.
        """

        async def change(connection: AsyncConnection) -> tuple[Published, Change | None]:
            before = await the_article(connection, account, slug)
            if before.published is None:
                msg = f"{slug!r} was never published"
                raise NotFoundError(msg)
            after = replace(before, live=False)
            await set_article(connection, before.id, live=False)
            return Published(after, changed=before.live), await self._carve(connection, account, before, after)

        published = await self._changed(account, change)
        await asyncio.sleep(self._trust_seconds)
        return published

    async def move(self, account: Account, slug: str, new_slug: str) -> Published:
        """Give an article another address; the old one redirects there for ever.

        Raises NotFoundError, InvalidInputError, ConflictError when the address is taken.
        """
        _check_new_slug(new_slug)

        async def change(connection: AsyncConnection) -> tuple[Published, Change | None]:
            before = await the_article(connection, account, slug)
            if slug == new_slug:
                return Published(before, changed=False), None
            await _check_free(connection, account, before, new_slug)
            after = replace(before, slug=new_slug)
            await set_article(connection, before.id, slug=new_slug)
            carved = await self._carve(connection, account, before, after) if before.published else None
            return Published(after, changed=True), carved

        return await self._changed(account, change)

    async def open_account(self, account: Account) -> Account:
        """Add an account together with its home and the site's front page."""
        async with self._database.change() as connection:
            added = await add_account(connection, account, self._now())
            pages, _ = await carve_every(self._view(connection, added), self._site.press)
            pages += await self._front(connection)
            change = await save(connection, pages, now=self._now(), also=HOSTS)
        await self._deliver(change)
        return added

    async def carve_again(self, account: Account, *, dry_run: bool = False) -> tuple[str, ...]:
        """Carve all of an account's pages anew; write, and return, the keys of those that differ.

        For a new theme or a new release. What is right already is not written and not purged.
        """
        for draft in await self._public_drafts(account):
            await self._bodies.of(draft)
        try:
            async with self._database.change() as connection:
                await lock_account(connection, account)
                pages, _ = await carve_every(self._view(connection, account), self._site.press)
                pages += await self._front(connection)
                stored = await stored_keys(connection, self._site.addresses.key(account, HOME))
                removed = stored - {page.key for page in pages}
                change = await save(connection, pages, removed=removed, now=self._now())
                _stop_if(dry_run, change)
        except _DryRunError as undone:
            return undone.keys
        await self._deliver(change)
        return change.keys if change else ()

    async def _publish_draft(
        self, account: Account, article: Article, draft: Draft, body: Body, at: int | None
    ) -> Published | None:
        """The transaction of a publish; None when somebody uploaded another draft meanwhile."""

        async def change(connection: AsyncConnection) -> tuple[Published | None, Change | None]:
            before = await find_article(connection, account, article.slug)
            if before is None or before.draft != article.draft:
                return None, None
            after = published_article(before, draft, body, now=self._now() if at is None else at, zone=self._site.zone)
            shown = ("published", "live", "title", "digest", "published_at", "updated_at", "month")
            await set_article(connection, before.id, **{name: getattr(after, name) for name in shown})
            carved = await self._carve(connection, account, before, after, draft.source.front.tags)
            return Published(after, changed=True), carved

        return await self._changed(account, change)

    async def _changed(
        self, account: Account, change: Callable[[AsyncConnection], Awaitable[tuple[Result, Change | None]]]
    ) -> Result:
        """Make a change in one transaction that holds the account's row, and deliver it.

        A page that it touches may need a body that was never made under this pipeline (a neighbour's, after an
        upgrade): the transaction is undone, the body made outside the lock, and the change made again.
        """
        while True:
            try:
                async with self._database.change() as connection:
                    await lock_account(connection, account)
                    result, delivered = await change(connection)
            except MissingBodyError as missing:
                await self._bodies.of(missing.draft)
            else:
                await self._deliver(delivered)
                return result

    async def _carve(
        self,
        connection: AsyncConnection,
        account: Account,
        before: Article,
        after: Article,
        tags: Sequence[str] | None = None,
    ) -> Change | None:
        """Bring addresses, tags and pages in line with the article, inside the transaction."""
        tagged = await tags_of(connection, before)
        if tags is not None:
            await set_tags(connection, account, after, tags)
        touch = Touch(
            before,
            after,
            addresses=await point_addresses(connection, account, after),
            neighbours=await neighbours_of(connection, account, before, after),
            tags=tagged | frozenset(tags or ()),
        )
        pages, removed = await carve_touched(self._view(connection, account), self._site.press, touch)
        return await save(connection, pages, removed=removed, now=self._now())

    async def _front(self, connection: AsyncConnection) -> list[Page]:
        accounts = await all_accounts(connection)
        return carve_front(self._site.press, self._site.addresses, self._site.name, accounts)

    async def _public_drafts(self, account: Account) -> list[Draft]:
        async with self._database.read() as connection:
            return await public_drafts(connection, account)

    def _view(self, connection: AsyncConnection, account: Account) -> View:
        return View(connection, Place(account, self._site.addresses, self._site.zone))

    async def _deliver(self, change: Change | None) -> None:
        if change is not None:
            await self._delivery.deliver(change)


def published_article(before: Article, draft: Draft, body: Body, *, now: int, zone: ZoneInfo) -> Article:
    """The article's row once its draft is public. A first publication is not an update."""
    front = draft.source.front
    published_at = front.date if front.date is not None else (before.published_at or now)
    return replace(
        before,
        published=before.draft,
        live=True,
        title=draft.source.title,
        digest=front.digest or body.excerpt,
        published_at=published_at,
        updated_at=published_at if before.published is None else max(now, published_at),
        month=f"{datetime.fromtimestamp(published_at, zone):%Y-%m}",
    )


class _DryRunError(Exception):
    """Undoes the transaction of a dry run and carries out what it would have written."""

    def __init__(self, change: Change | None) -> None:
        super().__init__()
        self.keys = change.keys if change else ()


def _stop_if(dry_run: bool, change: Change | None) -> None:  # noqa: FBT001 - reads as a sentence
    if dry_run:
        raise _DryRunError(change)


def _check_new_slug(slug: str) -> None:
    try:
        checked_slug(slug)
    except ValueError as error:
        raise InvalidInputError.of(str(error)) from error


async def _check_free(connection: AsyncConnection, account: Account, article: Article, slug: str) -> None:
    owner = await state_of_address(connection, account, slug)
    if await find_article(connection, account, slug) or (owner and owner[0] != article.id):
        msg = f"the address {slug!r} belongs to another article"
        raise ConflictError(msg)
