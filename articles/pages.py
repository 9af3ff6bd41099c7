"""The kinds of pages, a closed list: each says where it stands, what it shows, and which changes touch it.

Nothing else in the system knows a kind by name. A kind's `shows` reads the database inside the transaction that writes
the page, so that what is stored always equals what a full re-render of the same database gives.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.accounts import Account
from articles.addresses import ATOM, HOME, Addresses, article_at, feed_at, month_at, tag_at, twin_at
from articles.article_page import article_page, feed_entry, twin_page
from articles.ledger import LIVE, MOVED, addresses_in, is_listed, live_articles, neighbours, public_drafts
from articles.place import SITE_LANG, Place
from articles.renderings import stored_bodies
from articles.tables import article_tags, articles, urls
from articles.values import Article, Draft, article_of
from core.page import Composed, Headers
from renderer.body import Body
from renderer.contexts import (
    AccountCard,
    ArticleCard,
    AtomFeed,
    Context,
    HomePage,
    JSONFeed,
    Link,
    MonthPage,
    NoticePage,
    RobotsPage,
    RSSFeed,
    SitePage,
    TagPage,
    moment,
)
from renderer.environment import Press

CLOSED = ("/api/", "/-/")
HOME_ARTICLES = 30
TAG_ARTICLES = 100
FEED_ARTICLES = 10
FEEDS: dict[str, type[AtomFeed | RSSFeed | JSONFeed]] = {ATOM: AtomFeed, "rss.xml": RSSFeed, "feed.json": JSONFeed}
NEWEST_FIRST = (articles.c.published_at.desc(), articles.c.slug)


class MissingBodyError(Exception):
    """Pages need bodies that are not kept: they have to be made, outside the transaction, before the pages can be."""

    def __init__(self, drafts: list[Draft]) -> None:
        super().__init__(*(draft.source.title for draft in drafts))
        self.drafts = drafts


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands at an address."""

    context: Context
    status: HTTPStatus = HTTPStatus.OK
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class View:
    """The database as one account's pages see it, inside a transaction."""

    connection: AsyncConnection
    place: Place

    @property
    def account(self) -> Account:
        """The account whose pages they are."""
        return self.place.account


@dataclass(frozen=True, slots=True)
class Touch:
    """A change to one article."""

    before: Article | None
    after: Article
    addresses: tuple[str, ...]
    "Every slug under which it was ever served."
    neighbours: frozenset[str]
    "The slugs of the articles that stand beside it, or stood."
    tags: frozenset[str]
    "Its tags, and those that it had."

    @property
    def changes_lists(self) -> bool:
        """Whether what lists show of it is another than before."""
        return (self.before.card if self.before else ()) != self.after.card


@dataclass(frozen=True, slots=True)
class PageKind:
    """One kind of page of an account."""

    place: Callable[[str], str]
    "The place under the account, of a page's name."
    shows: Callable[[View, Collection[str]], Awaitable[dict[str, Shown]]]
    "What the pages of these names show; left out are those of which there is none (any more)."
    touched_by: Callable[[Touch], Iterable[str]]
    "The names of the pages that a change touches."
    every: Callable[[View], Awaitable[Iterable[str]]]
    "The names of all its pages."


async def compose(view: View, press: Press, kind: PageKind, names: Collection[str]) -> tuple[list[Composed], list[str]]:
    """Compose pages of a kind, and give the keys of those that are no more. Raises MissingBodyError."""
    shown = await kind.shows(view, names)
    composed: list[Composed] = []
    for name, page in sorted(shown.items()):
        composed.append(press.compose(view.place.key(kind.place(name)), page.context, page.status, page.headers))
        await asyncio.sleep(0)  # readers go first
    return composed, [view.place.key(kind.place(name)) for name in sorted(set(names) - set(shown))]


async def compose_touched(view: View, press: Press, touch: Touch) -> tuple[list[Composed], list[str]]:
    """Compose the pages that a change touches, and give the keys of those that are no more."""
    composed, removed = [], []
    for kind in KINDS:
        if names := set(kind.touched_by(touch)):
            pages, gone = await compose(view, press, kind, names)
            composed += pages
            removed += gone
    return composed, removed


async def every_key(view: View) -> set[str]:
    """The keys of all of an account's pages."""
    return {view.place.key(kind.place(name)) for kind in KINDS for name in await kind.every(view)}


def compose_front(press: Press, addresses: Addresses, name: str, accounts: list[Account]) -> list[Composed]:
    """The site's own pages: at `/` the way to the only account, or the list of them; what crawlers may read."""
    robots = press.compose("/robots.txt", RobotsPage(CLOSED))
    if len(accounts) == 1:
        home = addresses.url(accounts[0], HOME)
        notice = NoticePage(SITE_LANG, accounts[0].name, "首页在这里：", home, accounts[0].name)
        return [robots, press.compose("/", notice, HTTPStatus.MOVED_PERMANENTLY, (("location", home),))]
    cards = (AccountCard(one.name, addresses.path(one, HOME), addresses.url(one, HOME)) for one in accounts)
    return [robots, press.compose("/", SitePage(SITE_LANG, f"{addresses.base_url}/", name, tuple(cards)))]


# --- The page at an article's address: the article, the way to where it moved, or that it is gone


async def _show_addresses(view: View, slugs: Collection[str]) -> dict[str, Shown]:
    found = await addresses_in(view.connection, view.account, slugs)
    live = [article for state, article in found.values() if state == LIVE]
    in_full = await _in_full(view, live)
    beside = await neighbours(view.connection, view.account, list(in_full))
    shown: dict[str, Shown] = {}
    for slug, (state, article) in found.items():
        if state == LIVE:
            shown[slug] = Shown(article_page(view.place, article, *in_full[article.id], *beside[article.id]))
        else:
            shown[slug] = _moved(view, article) if state == MOVED else _gone(view)
    return shown


def _moved(view: View, article: Article) -> Shown:
    url = view.place.url(article_at(article.slug))
    notice = NoticePage(SITE_LANG, article.title, "文章已移到新的地址。", url, article.title)
    return Shown(notice, HTTPStatus.MOVED_PERMANENTLY, (("location", url),))


def _gone(view: View) -> Shown:
    notice = NoticePage(SITE_LANG, "文章已删除", "这篇文章已由发布者撤下。", view.place.card.path, view.account.name)
    return Shown(notice, HTTPStatus.GONE)


async def _in_full(view: View, shown: Collection[Article]) -> dict[int, tuple[Draft, Body]]:
    """The revisions that readers see, by the articles' ids. Raises MissingBodyError when bodies must be made first."""
    drafts = await public_drafts(view.connection, shown)
    bodies = await stored_bodies(view.connection, [draft.digest for draft in drafts.values()])
    if missing := [draft for draft in drafts.values() if draft.digest not in bodies]:
        raise MissingBodyError(missing)
    return {identity: (draft, bodies[draft.digest]) for identity, draft in drafts.items()}


async def _every_address(view: View) -> Iterable[str]:
    query = select(urls.c.slug).where(urls.c.account_id == view.account.id)
    return (await view.connection.execute(query)).scalars().all()


# --- The same article as Markdown


async def _show_twins(view: View, slugs: Collection[str]) -> dict[str, Shown]:
    live = await live_articles(view.connection, view.account, slugs)
    in_full = await _in_full(view, live.values())
    # HTML to Markdown takes 2 ms and lets other threads run.
    pages = await asyncio.gather(
        *(asyncio.to_thread(twin_page, view.place, article, *in_full[article.id]) for article in live.values())
    )
    return {
        slug: Shown(page, headers=(("link", f'<{page.canonical}>; rel="canonical"'),))  # RFC 6596
        for slug, page in zip(live, pages, strict=True)
    }


# --- Feeds: the newest articles, in full


async def _show_feeds(view: View, names: Collection[str]) -> dict[str, Shown]:
    query = select(articles).where(is_listed(view.account)).order_by(*NEWEST_FIRST).limit(FEED_ARTICLES)
    newest = [article_of(row) for row in await view.connection.execute(query)]
    in_full = await _in_full(view, newest)
    entries = tuple(feed_entry(view.place, article, *in_full[article.id]) for article in newest)
    updated = moment(max((article.updated_at or 0 for article in newest), default=0), view.place.zone, SITE_LANG)
    return {
        name: Shown(FEEDS[name](SITE_LANG, view.place.url(feed_at(name)), view.place.card, updated, entries))
        for name in names
    }


async def _every_feed(_view: View) -> Iterable[str]:
    return FEEDS


# --- The articles of a tag


async def _show_tags(view: View, tags: Collection[str]) -> dict[str, Shown]:
    shown: dict[str, Shown] = {}
    for tag in tags:
        tagged = (article_tags.c.article_id == articles.c.id) & (article_tags.c.tag == tag)
        query = select(articles).join(article_tags, tagged).where(is_listed(view.account))
        if cards := await _cards(view, query.order_by(*NEWEST_FIRST).limit(TAG_ARTICLES)):
            shown[tag] = Shown(TagPage(SITE_LANG, view.place.url(tag_at(tag)), view.place.card, tag, cards))
    return shown


async def _cards(view: View, query: Select[Any]) -> tuple[ArticleCard, ...]:
    return tuple(view.place.article_card(article_of(row)) for row in await view.connection.execute(query))


async def _every_tag(view: View) -> Iterable[str]:
    query = select(article_tags.c.tag).where(article_tags.c.account_id == view.account.id).distinct()
    return (await view.connection.execute(query)).scalars().all()


# --- The account's home: the newest articles, and the months of the others


async def _show_home(view: View, names: Collection[str]) -> dict[str, Shown]:
    query = select(articles).where(is_listed(view.account)).order_by(*NEWEST_FIRST).limit(HOME_ARTICLES)
    canonical = view.place.url(HOME)
    home = HomePage(
        lang=SITE_LANG,
        canonical=canonical,
        account=view.place.card,
        articles=await _cards(view, query),
        feed=view.place.url(feed_at(ATOM)),
        months=tuple(_month_link(view, month) for month in sorted(await _every_month(view), reverse=True)),
        linked_data=({"@context": "https://schema.org", "@type": "Blog", "name": view.account.name, "url": canonical},),
    )
    return dict.fromkeys(names, Shown(home))


async def _every_home(_view: View) -> Iterable[str]:
    return ("",)


# --- The archive of a month


async def _show_months(view: View, months: Collection[str]) -> dict[str, Shown]:
    shown: dict[str, Shown] = {}
    for month in months:
        query = select(articles).where(is_listed(view.account), articles.c.month == month)
        if cards := await _cards(view, query.order_by(*NEWEST_FIRST)):
            shown[month] = Shown(MonthPage(SITE_LANG, view.place.url(month_at(month)), view.place.card, month, cards))
    return shown


async def _every_month(view: View) -> Iterable[str]:
    query = select(articles.c.month).where(is_listed(view.account)).distinct()
    return [month for month in (await view.connection.execute(query)).scalars() if month]


def _touched_months(touch: Touch) -> set[str]:
    months = {article.month for article in (touch.before, touch.after) if article and article.month}
    return months if touch.changes_lists else set()


def _month_link(view: View, month: str) -> Link:
    return Link(month, view.place.path(month_at(month)))


# --- What crawlers may read, where the account has a domain of its own


async def _show_robots(_view: View, names: Collection[str]) -> dict[str, Shown]:
    return dict.fromkeys(names, Shown(RobotsPage(CLOSED)))


ADDRESS = PageKind(
    place=article_at,
    shows=_show_addresses,
    touched_by=lambda touch: {*touch.addresses, *(touch.neighbours if touch.changes_lists else ())},
    every=_every_address,
)
TWIN = PageKind(
    place=twin_at,
    shows=_show_twins,
    touched_by=lambda touch: touch.addresses,
    every=_every_address,
)
FEED = PageKind(
    place=feed_at,
    shows=_show_feeds,
    touched_by=lambda _touch: FEEDS,
    every=_every_feed,
)
TAG = PageKind(
    place=tag_at,
    shows=_show_tags,
    touched_by=lambda touch: touch.tags,
    every=_every_tag,
)
HOME_PAGE = PageKind(
    place=lambda _name: HOME,
    shows=_show_home,
    touched_by=lambda touch: ("",) if touch.changes_lists else (),
    every=_every_home,
)
MONTH = PageKind(
    place=month_at,
    shows=_show_months,
    touched_by=_touched_months,
    every=_every_month,
)
ROBOTS = PageKind(
    place=lambda _name: "/robots.txt",
    shows=_show_robots,
    touched_by=lambda _touch: (),
    every=_every_home,
)
KINDS: tuple[PageKind, ...] = (ADDRESS, TWIN, HOME_PAGE, MONTH, TAG, FEED, ROBOTS)
