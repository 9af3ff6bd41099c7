"""What each page template is given: one frozen dataclass a page, nothing else."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import format_datetime

from markupsafe import Markup

from renderer.body import Heading


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as pages write it."""

    iso: str
    "With its offset, for machines."
    mail: str
    "As RSS wants it (RFC 5322)."
    text: str
    "As a reader of the page's language writes it."


@dataclass(frozen=True, slots=True)
class AccountCard:
    """An account as pages show it."""

    name: str
    path: str
    "Root-relative address of its home."
    url: str
    "Absolute address of its home."


@dataclass(frozen=True, slots=True)
class ArticleCard:
    """An article in a list."""

    title: str
    digest: str
    path: str
    published: Moment


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to another page."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Translation:
    """The same article in another language."""

    lang: str
    url: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """templates/pages/article.html"""

    lang: str
    canonical: str
    account: AccountCard
    title: str
    digest: str
    author: str | None
    published: Moment
    updated: Moment
    tags: tuple[Link, ...]
    words: int
    minutes: int
    contents: tuple[Heading, ...]
    "The headings of a long read; none for a short one."
    cover: str | None
    "Absolute address of the picture that stands for the article."
    body: Markup
    "Sanitised HTML, the only value that is not escaped."
    has_code: bool
    has_math: bool
    older: Link | None
    newer: Link | None
    "The articles that were published before and after it."
    license: str | None
    original: str | None
    "The address where it was published first."
    translations: tuple[Translation, ...]
    twin: str
    "The path of the article as Markdown."
    feed: str
    "The absolute address of the account's Atom feed."
    linked_data: tuple[dict[str, object], ...]
    "Descriptions for crawlers: schema.org's, and Baidu's own."


@dataclass(frozen=True, slots=True)
class HomePage:
    """templates/pages/home.html"""

    lang: str
    canonical: str
    account: AccountCard
    articles: tuple[ArticleCard, ...]
    months: tuple[Link, ...]
    feed: str
    "The absolute address of its Atom feed."
    linked_data: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class MonthPage:
    """templates/pages/month.html"""

    lang: str
    canonical: str
    account: AccountCard
    month: str
    articles: tuple[ArticleCard, ...]


@dataclass(frozen=True, slots=True)
class TagPage:
    """templates/pages/tag.html"""

    lang: str
    canonical: str
    account: AccountCard
    tag: str
    articles: tuple[ArticleCard, ...]


@dataclass(frozen=True, slots=True)
class TwinPage:
    """templates/pages/article.md"""

    canonical: str
    account: AccountCard
    title: str
    author: str | None
    published: Moment
    license: str | None
    text: str
    "The body as Markdown."


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a feed, in full."""

    title: str
    url: str
    author: str
    digest: str
    published: Moment
    updated: Moment
    tags: tuple[str, ...]
    html: str
    "The body, with absolute addresses and without anything that needs a style."


@dataclass(frozen=True, slots=True)
class Feed:
    """An account's newest articles, for readers of feeds."""

    lang: str
    canonical: str
    "Its own address."
    account: AccountCard
    updated: Moment
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class AtomFeed(Feed):
    """templates/feeds/atom.xml (RFC 4287)"""


@dataclass(frozen=True, slots=True)
class RSSFeed(Feed):
    """templates/feeds/rss.xml (RSS 2.0 with content:encoded)"""


@dataclass(frozen=True, slots=True)
class JSONFeed(Feed):
    """templates/feeds/feed.json (JSON Feed 1.1)"""


@dataclass(frozen=True, slots=True)
class SitePage:
    """templates/pages/site.html"""

    lang: str
    canonical: str
    name: str
    accounts: tuple[AccountCard, ...]


@dataclass(frozen=True, slots=True)
class NoticePage:
    """templates/pages/notice.html: what stands where there is no article (301, 404, 410)"""

    lang: str
    title: str
    message: str
    path: str
    "Where to go from here."
    link: str
    "The words of that link."


@dataclass(frozen=True, slots=True)
class RobotsPage:
    """templates/pages/robots.txt (RFC 9309)"""

    closed: tuple[str, ...]
    "Paths under which there are no pages."


Context = (
    ArticlePage
    | TwinPage
    | HomePage
    | MonthPage
    | TagPage
    | AtomFeed
    | RSSFeed
    | JSONFeed
    | SitePage
    | NoticePage
    | RobotsPage
)


def moment(seconds: int, zone: tzinfo, lang: str) -> Moment:
    """A stored time in the site's zone, in the page's language. Midnight is a date written without a time."""
    time = datetime.fromtimestamp(seconds, zone)
    date = f"{time.year}年{time.month}月{time.day}日" if lang.startswith("zh") else f"{time:%Y-%m-%d}"
    clock = "" if time.hour == time.minute == 0 else f" {time:%H:%M}"
    return Moment(time.isoformat(), format_datetime(time), date + clock)
