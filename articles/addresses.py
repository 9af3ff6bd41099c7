"""Every address of a site, made of settings and accounts, never of a request."""

from dataclasses import dataclass
from urllib.parse import quote

from accounts.accounts import Account


@dataclass(frozen=True, slots=True)
class Addresses:
    """An account's pages: as keys of the page store, as links on pages, as canonical URLs."""

    base_url: str

    def key(self, account: Account, rest: str) -> str:
        """The key under which a page is stored; `rest` begins with a slash."""
        return f"/{account.slug}{rest}"

    def path(self, account: Account, rest: str) -> str:
        """The link that pages of the same host use."""
        return rest if account.base_url else self.key(account, rest)

    def url(self, account: Account, rest: str) -> str:
        """The one absolute address."""
        return (account.base_url or self.base_url) + self.path(account, rest)

    def absolute(self, account: Account, address: str) -> str:
        """A root-relative address (a picture) as an absolute one; others as they are."""
        return (account.base_url or self.base_url) + address if address.startswith("/") else address


def article_at(slug: str) -> str:
    """The place of an article under its account."""
    return f"/p/{slug}"


def twin_at(slug: str) -> str:
    """The place of an article's Markdown."""
    return f"/p/{slug}.md"


def tag_at(tag: str) -> str:
    """The place of a tag's page, written as keys are (cache/keys.py)."""
    return f"/tags/{quote(tag, safe='/~-._')}"


def feed_at(name: str) -> str:
    """The place of a feed."""
    return f"/{name}"


def month_at(month: str) -> str:
    """The place of a month's archive under its account."""
    return f"/archive/{month}"


HOME = "/"
ATOM = "atom.xml"
