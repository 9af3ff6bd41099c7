"""An account's place on the site: its addresses, and the cards and links that lead there."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.accounts import Account
from articles.addresses import HOME, Addresses, article_at, tag_at
from articles.values import Article
from renderer.contexts import AccountCard, ArticleCard, Link, moment

SITE_LANG = "zh-CN"  # of lists and notices; an article has its own


@dataclass(frozen=True, slots=True)
class Place:
    """An account's place on the site: addresses and cards for its pages."""

    account: Account
    addresses: Addresses
    zone: ZoneInfo

    def key(self, rest: str) -> str:
        """The key of a page under the account."""
        return self.addresses.key(self.account, rest)

    def path(self, rest: str) -> str:
        """The link to it from the account's other pages."""
        return self.addresses.path(self.account, rest)

    def url(self, rest: str) -> str:
        """Its one absolute address."""
        return self.addresses.url(self.account, rest)

    @property
    def card(self) -> AccountCard:
        """The account as its pages show it."""
        return AccountCard(self.account.name, self.path(HOME), self.url(HOME))

    def article_card(self, article: Article) -> ArticleCard:
        """An article as lists show it."""
        published = moment(article.published_at or 0, self.zone, SITE_LANG)
        return ArticleCard(article.title, article.digest, self.path(article_at(article.slug)), published)

    def article_link(self, article: Article | None) -> Link | None:
        """The way to an article from its neighbours."""
        return Link(article.title, self.path(article_at(article.slug))) if article else None

    def tag_link(self, tag: str) -> Link:
        """The way to a tag's page."""
        return Link(tag, self.path(tag_at(tag)))
