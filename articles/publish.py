"""Publishing: a change to an article and to every page that shows it is one transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
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
    neighbours,
    owner_of_address,
    point_addresses,
    set_article,
    set_tags,
    tags_of,
    the_article,
    the_draft,
)
from articles.pages import (
    KINDS,
    MissingBodyError,
    PageKind,
    Touch,
    View,
    compose,
    compose_front,
    compose_touched,
    every_key,
)
from articles.place import Place
from articles.values import Article, Draft
from cache.delivery import Delivery
from cache.outbox import HOSTS, Change, compare, save, stored_keys
from core.database import Database
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.page import Composed
from renderer.body import Body
from renderer.environment import Press
from renderer.front_matter import checked_slug

Result = TypeVar("Result")
AT_ONCE = 100  # pages of one step of a re-render: its transaction holds the account's row for a quarter of a second
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


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a re-render."""

    done: int
    "Pages that were looked at in it."
    total: int
    keys: tuple[str, ...]
    "Those that differed, and were rewritten unless it was a dry run."


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
            return Published(after, changed=before.live), await self._set(connection, account, before, after)

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
            return Published(after, changed=True), await self._set(connection, account, before, after)

        return await self._changed(account, change)

    async def open_account(self, account: Account) -> Account:
        """Add an account together with its home and the site's front page."""
        async with self._database.change() as connection:
            added = await add_account(connection, account, self._now())
            view = self._view(connection, added)
            composed = await self._front(connection)
            for kind in KINDS:
                composed += (await compose(view, self._site.press, kind, set(await kind.every(view))))[0]
            change = await save(connection, composed, now=self._now(), also=HOSTS)
        await self._deliver(change)
        return added

    async def carve_again(self, account: Account, *, dry_run: bool = False) -> AsyncIterator[Progress]:
        """Carve all of an account's pages anew; say, a few at a time, which of them differed.

        For a new theme or a new release. What is right already is not written and not purged. Each step is a
        transaction of its own: stopped anywhere and begun again, it goes on with what is left.
        """
        async with self._database.read() as connection:
            view = self._view(connection, account)
            wanted = [(kind, sorted(await kind.every(view))) for kind in KINDS]
        total = sum(len(names) for _, names in wanted)
        for kind, names in wanted:
            for start in range(0, len(names), AT_ONCE):
                some = names[start : start + AT_ONCE]
                keys = await self._carve_kind(account, kind, some, dry_run=dry_run)
                yield Progress(len(some), total, keys)
        yield Progress(0, total, await self._sweep(account, dry_run=dry_run))

    async def _carve_kind(
        self, account: Account, kind: PageKind, names: Collection[str], *, dry_run: bool
    ) -> tuple[str, ...]:
        async def change(connection: AsyncConnection) -> tuple[tuple[str, ...], Change | None]:
            composed, removed = await compose(self._view(connection, account), self._site.press, kind, names)
            return await self._written(connection, composed, removed, dry_run=dry_run)

        return await self._changed(account, change)

    async def _sweep(self, account: Account, *, dry_run: bool) -> tuple[str, ...]:
        """Carve the site's own pages, and remove what is stored under the account and is no page of it."""

        async def change(connection: AsyncConnection) -> tuple[tuple[str, ...], Change | None]:
            stored = await stored_keys(connection, self._site.addresses.key(account, HOME))
            strays = stored - await every_key(self._view(connection, account))
            return await self._written(connection, await self._front(connection), sorted(strays), dry_run=dry_run)

        return await self._changed(account, change)

    async def _written(
        self, connection: AsyncConnection, composed: list[Composed], removed: list[str], *, dry_run: bool
    ) -> tuple[tuple[str, ...], Change | None]:
        if dry_run:
            return (await compare(connection, composed, removed)).keys, None
        change = await save(connection, composed, removed=removed, now=self._now())
        return (change.keys if change else ()), change

    async def _publish_draft(
        self, account: Account, article: Article, draft: Draft, body: Body, at: int | None
    ) -> Published | None:
        """The transaction of a publish; None when somebody uploaded another draft meanwhile."""

        async def change(connection: AsyncConnection) -> tuple[Published | None, Change | None]:
            before = await find_article(connection, account, article.slug)
            if before is None or before.draft != article.draft:
                return None, None
            after = published_article(before, draft, body, now=self._now() if at is None else at, zone=self._site.zone)
            tags = draft.source.front.tags
            return Published(after, changed=True), await self._set(connection, account, before, after, tags)

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
                await asyncio.gather(*(self._bodies.of(draft) for draft in missing.drafts))
            else:
                await self._deliver(delivered)
                return result

    async def _set(
        self,
        connection: AsyncConnection,
        account: Account,
        before: Article,
        after: Article,
        tags: Sequence[str] | None = None,
    ) -> Change | None:
        """Write an article's row, and bring tags, addresses and pages in line with it, inside the transaction."""
        tagged = await tags_of(connection, before)
        beside = await _slugs_beside(connection, account, before)
        await set_article(connection, before, after)
        if tags is not None:
            await set_tags(connection, account, after, tags)
        touch = Touch(
            before,
            after,
            addresses=await point_addresses(connection, account, after),
            neighbours=beside | await _slugs_beside(connection, account, after),
            tags=tagged | frozenset(tags or ()),
        )
        composed, removed = await compose_touched(self._view(connection, account), self._site.press, touch)
        return await save(connection, composed, removed=removed, now=self._now())

    async def _front(self, connection: AsyncConnection) -> list[Composed]:
        accounts = await all_accounts(connection)
        return compose_front(self._site.press, self._site.addresses, self._site.name, accounts)

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


async def _slugs_beside(connection: AsyncConnection, account: Account, article: Article) -> frozenset[str]:
    """The slugs of the articles that readers find next to one, while it is live."""
    found = await neighbours(connection, account, [article.id]) if article.live else {}
    return frozenset(one.slug for pair in found.values() for one in pair if one)


def _check_new_slug(slug: str) -> None:
    try:
        checked_slug(slug)
    except ValueError as error:
        raise InvalidInputError.of(str(error)) from error


async def _check_free(connection: AsyncConnection, account: Account, article: Article, slug: str) -> None:
    owner = await owner_of_address(connection, account, slug)
    if await find_article(connection, account, slug) or (owner is not None and owner != article.id):
        msg = f"the address {slug!r} belongs to another article"
        raise ConflictError(msg)
