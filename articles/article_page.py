"""An article's page, composed of its row, its draft and its body. Pure."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from markupsafe import Markup

from accounts.accounts import Account
from articles.addresses import HOME, Addresses, article_at
from articles.values import Article, Draft
from renderer.body import Body, Heading
from renderer.contexts import AccountCard, ArticleCard, ArticlePage, moment

SITE_LANG = "zh-CN"  # of lists and notices; an article has its own
CHARACTERS_A_MINUTE = 400
LONG_READ = 1200  # words; about four screens of a phone
MIN_CONTENTS = 4  # headings
CONTENTS_DEPTH = 3
WITHOUT_ZONE = len("2025-01-02T03:04:05")


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


def article_page(place: Place, article: Article, draft: Draft, body: Body) -> ArticlePage:
    """What the article's template is given."""
    cover = _cover(place, draft, body)
    return ArticlePage(
        lang=body.lang,
        canonical=place.url(article_at(article.slug)),
        account=place.card,
        title=article.title,
        digest=article.digest,
        author=draft.source.front.author,
        published=moment(article.published_at or 0, place.zone, body.lang),
        updated=moment(article.updated_at or 0, place.zone, body.lang),
        tags=draft.source.front.tags,
        words=body.words,
        minutes=max(1, round(body.words / CHARACTERS_A_MINUTE)),
        contents=_contents(body),
        cover=cover,
        body=Markup(body.html),  # noqa: S704 - the sanitiser was the last step that made it
        linked_data=_linked_data(place, article, draft, cover),
    )


def _contents(body: Body) -> tuple[Heading, ...]:
    """The headings that a reader would jump to, where the article is long enough to need it."""
    shown = tuple(heading for heading in body.headings if heading.level <= CONTENTS_DEPTH)
    return shown if body.words >= LONG_READ and len(shown) >= MIN_CONTENTS else ()


def _cover(place: Place, draft: Draft, body: Body) -> str | None:
    named = draft.source.front.cover
    if named and named in draft.pictures:
        return place.addresses.absolute(place.account, draft.pictures[named].address)
    if named and named.startswith("https://"):
        return named
    return place.addresses.absolute(place.account, body.pictures[0]) if body.pictures else None


def _linked_data(place: Place, article: Article, draft: Draft, cover: str | None) -> tuple[dict[str, object], ...]:
    url = place.url(article_at(article.slug))
    published = moment(article.published_at or 0, place.zone, SITE_LANG).iso
    updated = moment(article.updated_at or 0, place.zone, SITE_LANG).iso
    author = draft.source.front.author
    publisher = {"@type": "Organization", "name": place.account.name, "url": place.url(HOME)}
    posting: dict[str, object] = {  # what Google's rules for articles ask for: times with their zone
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": article.title,
        "description": article.digest,
        "datePublished": published,
        "dateModified": updated,
        "author": {"@type": "Person", "name": author} if author else publisher,
        "publisher": publisher,
        "mainEntityOfPage": url,
        **({"image": [cover]} if cover else {}),
    }
    steps = ((place.account.name, place.url(HOME)), (article.title, url))
    breadcrumb: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": item}
            for position, (name, item) in enumerate(steps, 1)
        ],
    }
    cambrian: dict[str, object] = {  # Baidu's: times without a zone
        "@context": "https://ziyuan.baidu.com/contexts/cambrian.jsonld",
        "@id": url,
        "title": article.title,
        "description": article.digest,
        "images": [cover] if cover else [],
        "pubDate": published[:WITHOUT_ZONE],
        "upDate": updated[:WITHOUT_ZONE],
    }
    return posting, breadcrumb, cambrian
