"""The kinds of pages, a closed list: each says where it stands, what it shows, and which changes touch it.

Nothing else in the system knows a kind by name. A kind's `shows` reads the database inside the transaction that writes
the page, so that what is stored always equals what a full re-render of the same database gives.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.accounts import Account
from articles.addresses import ATOM, HOME, Addresses, article_at, feed_at, month_at, tag_at, twin_at
from articles.article_page import Neighbours, article_page, feed_entry, twin_page
from articles.ledger import (
    LIVE,
    MOVED,
    article_by_id,
    find_article,
    is_listed,
    neighbour,
    state_of_address,
    the_draft,
)
from articles.place import SITE_LANG, Place
from articles.renderings import stored_body
from articles.tables import article_tags, articles, urls
from articles.values import Article, Draft, article_of
from core.page import Headers, Page
from renderer.body import Body
from renderer.contexts import (
    AccountCard,
    ArticlePage,
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
    """A page needs a body that is not kept: it has to be made, outside the transaction, before the page can be."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft.source.title)
        self.draft = draft


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
    shows: Callable[[View, str], Awaitable[Shown | None]]
    "What a page shows; None when there is no such page (any more)."
    touched_by: Callable[[Touch], Iterable[str]]
    "The names of the pages that a change touches."
    every: Callable[[View], Awaitable[Iterable[str]]]
    "The names of all its pages."


async def carve_touched(view: View, press: Press, touch: Touch) -> tuple[list[Page], list[str]]:
    """Carve the pages that a change touches, and name those that are no more."""
    return await _carve(view, press, [(kind, name) for kind in KINDS for name in sorted(kind.touched_by(touch))])


async def carve_every(view: View, press: Press) -> tuple[list[Page], list[str]]:
    """Carve all of an account's pages."""
    return await _carve(view, press, [(kind, name) for kind in KINDS for name in sorted(await kind.every(view))])


def carve_front(press: Press, addresses: Addresses, name: str, accounts: list[Account]) -> list[Page]:
    """The site's own pages: at `/` the way to the only account, or the list of them; what crawlers may read."""
    robots = press.carve("/robots.txt", RobotsPage(CLOSED))
    if len(accounts) == 1:
        home = addresses.url(accounts[0], HOME)
        notice = NoticePage(SITE_LANG, accounts[0].name, "首页在这里：", home, accounts[0].name)
        return [robots, press.carve("/", notice, HTTPStatus.MOVED_PERMANENTLY, (("location", home),))]
    cards = (AccountCard(one.name, addresses.path(one, HOME), addresses.url(one, HOME)) for one in accounts)
    return [robots, press.carve("/", SitePage(SITE_LANG, f"{addresses.base_url}/", name, tuple(cards)))]


async def _carve(view: View, press: Press, wanted: list[tuple[PageKind, str]]) -> tuple[list[Page], list[str]]:
    carved, removed = [], []
    for kind, name in wanted:
        key = view.place.key(kind.place(name))
        shown = await kind.shows(view, name)
        if shown is None:
            removed.append(key)
        else:
            carved.append(press.carve(key, shown.context, shown.status, shown.headers))
    return carved, removed


# --- The page at an article's address: the article, the way to where it moved, or that it is gone


async def _show_address(view: View, slug: str) -> Shown:
    entry = await state_of_address(view.connection, view.account, slug)
    assert entry is not None, "the names of these pages are those in the ledger"
    identity, state = entry
    article = await article_by_id(view.connection, identity)
    if state == LIVE:
        return Shown(await _article(view, article))
    if state == MOVED:
        url = view.place.url(article_at(article.slug))
        notice = NoticePage(SITE_LANG, article.title, "文章已移到新的地址。", url, article.title)
        return Shown(notice, HTTPStatus.MOVED_PERMANENTLY, (("location", url),))
    notice = NoticePage(SITE_LANG, "文章已删除", "这篇文章已由发布者撤下。", view.place.card.path, view.account.name)
    return Shown(notice, HTTPStatus.GONE)


async def _article(view: View, article: Article) -> ArticlePage:
    draft, body = await _in_full(view, article)
    older = await neighbour(view.connection, view.account, article, newer=False)
    newer = await neighbour(view.connection, view.account, article, newer=True)
    return article_page(view.place, article, draft, body, Neighbours(older, newer))


async def _in_full(view: View, article: Article) -> tuple[Draft, Body]:
    """The revision that readers see. Raises MissingBodyError when its body has to be made first."""
    draft = await the_draft(view.connection, article.id, article.published or 0)
    body = await stored_body(view.connection, draft.digest)
    if body is None:
        raise MissingBodyError(draft)
    return draft, body


async def _every_address(view: View) -> Iterable[str]:
    query = select(urls.c.slug).where(urls.c.account_id == view.account.id)
    return (await view.connection.execute(query)).scalars().all()


# --- The same article as Markdown


async def _show_twin(view: View, slug: str) -> Shown | None:
    article = await find_article(view.connection, view.account, slug)
    if article is None or not article.live:
        return None
    page = twin_page(view.place, article, *await _in_full(view, article))
    return Shown(page, headers=(("link", f'<{page.canonical}>; rel="canonical"'),))  # RFC 6596


# --- Feeds: the newest articles, in full


async def _show_feed(view: View, name: str) -> Shown:
    query = select(articles).where(is_listed(view.account)).order_by(*NEWEST_FIRST).limit(FEED_ARTICLES)
    shown = [article_of(row) for row in await view.connection.execute(query)]
    entries = [feed_entry(view.place, article, *await _in_full(view, article)) for article in shown]
    changed = max((article.updated_at or 0 for article in shown), default=0)
    updated = moment(changed, view.place.zone, SITE_LANG)
    return Shown(FEEDS[name](SITE_LANG, view.place.url(feed_at(name)), view.place.card, updated, tuple(entries)))


async def _every_feed(_view: View) -> Iterable[str]:
    return FEEDS


# --- The articles of a tag


async def _show_tag(view: View, tag: str) -> Shown | None:
    tagged = (article_tags.c.article_id == articles.c.id) & (article_tags.c.tag == tag)
    query = select(articles).join(article_tags, tagged).where(is_listed(view.account))
    rows = await view.connection.execute(query.order_by(*NEWEST_FIRST).limit(TAG_ARTICLES))
    cards = tuple(view.place.article_card(article_of(row)) for row in rows)
    return Shown(TagPage(SITE_LANG, view.place.url(tag_at(tag)), view.place.card, tag, cards)) if cards else None


async def _every_tag(view: View) -> Iterable[str]:
    query = select(article_tags.c.tag).where(article_tags.c.account_id == view.account.id).distinct()
    return (await view.connection.execute(query)).scalars().all()


# --- The account's home: the newest articles, and the months of the others


async def _show_home(view: View, _name: str) -> Shown:
    query = select(articles).where(is_listed(view.account)).order_by(*NEWEST_FIRST).limit(HOME_ARTICLES)
    rows = await view.connection.execute(query)
    months = await _every_month(view)
    canonical = view.place.url(HOME)
    return Shown(
        HomePage(
            lang=SITE_LANG,
            canonical=canonical,
            account=view.place.card,
            articles=tuple(view.place.article_card(article_of(row)) for row in rows),
            feed=view.place.url(feed_at(ATOM)),
            months=tuple(_month_link(view, month) for month in sorted(months, reverse=True)),
            linked_data=(
                {"@context": "https://schema.org", "@type": "Blog", "name": view.account.name, "url": canonical},
            ),
        )
    )


async def _every_home(_view: View) -> Iterable[str]:
    return ("",)


# --- The archive of a month


async def _show_month(view: View, month: str) -> Shown | None:
    query = select(articles).where(is_listed(view.account), articles.c.month == month).order_by(*NEWEST_FIRST)
    cards = tuple(view.place.article_card(article_of(row)) for row in await view.connection.execute(query))
    canonical = view.place.url(month_at(month))
    return Shown(MonthPage(SITE_LANG, canonical, view.place.card, month, cards)) if cards else None


async def _every_month(view: View) -> Iterable[str]:
    query = select(articles.c.month).where(is_listed(view.account)).distinct()
    return [month for month in (await view.connection.execute(query)).scalars() if month]


def _touched_months(touch: Touch) -> set[str]:
    months = {article.month for article in (touch.before, touch.after) if article and article.month}
    return months if touch.changes_lists else set()


def _month_link(view: View, month: str) -> Link:
    return Link(month, view.place.path(month_at(month)))


# --- What crawlers may read, where the account has a domain of its own


async def _show_robots(_view: View, _name: str) -> Shown:
    return Shown(RobotsPage(CLOSED))


ADDRESS = PageKind(
    place=article_at,
    shows=_show_address,
    touched_by=lambda touch: {*touch.addresses, *(touch.neighbours if touch.changes_lists else ())},
    every=_every_address,
)
TWIN = PageKind(
    place=twin_at,
    shows=_show_twin,
    touched_by=lambda touch: touch.addresses,
    every=_every_address,
)
FEED = PageKind(
    place=feed_at,
    shows=_show_feed,
    touched_by=lambda _touch: FEEDS,
    every=_every_feed,
)
TAG = PageKind(
    place=tag_at,
    shows=_show_tag,
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
    shows=_show_month,
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
