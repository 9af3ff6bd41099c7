"""What each page template is given: one frozen dataclass a page, nothing else."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from markupsafe import Markup

from renderer.body import Heading


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as pages write it."""

    iso: str
    "With its offset, for machines."
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
class MonthLink:
    """A month of an account's archive."""

    name: str
    "2025-11"
    path: str


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
    tags: tuple[str, ...]
    words: int
    minutes: int
    contents: tuple[Heading, ...]
    "The headings of a long read; none for a short one."
    cover: str | None
    "Absolute address of the picture that stands for the article."
    body: Markup
    "Sanitised HTML, the only value that is not escaped."
    linked_data: tuple[dict[str, object], ...]
    "Descriptions for crawlers: schema.org's, and Baidu's own."


@dataclass(frozen=True, slots=True)
class HomePage:
    """templates/pages/home.html"""

    lang: str
    canonical: str
    account: AccountCard
    articles: tuple[ArticleCard, ...]
    months: tuple[MonthLink, ...]
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


Context = ArticlePage | HomePage | MonthPage | SitePage | NoticePage


def moment(seconds: int, zone: tzinfo, lang: str) -> Moment:
    """A stored time in the site's zone, in the page's language. Midnight is a date written without a time."""
    time = datetime.fromtimestamp(seconds, zone)
    date = f"{time.year}年{time.month}月{time.day}日" if lang.startswith("zh") else f"{time:%Y-%m-%d}"
    clock = "" if time.hour == time.minute == 0 else f" {time:%H:%M}"
    return Moment(time.isoformat(), date + clock)
