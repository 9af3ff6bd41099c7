"""What the templates of an article's pages are given: of its row, its draft and its body. Pure."""

from markupsafe import Markup

from articles.addresses import ATOM, article_at, feed_at, twin_at
from articles.linked_data import linked_data
from articles.place import SITE_LANG, Place
from articles.values import Article, Draft
from renderer.beside import feed_html, markdown_of
from renderer.body import Body, Heading
from renderer.contexts import ArticlePage, Entry, Translation, TwinPage, moment

CHARACTERS_A_MINUTE = 400
LONG_READ = 1200  # words; about four screens of a phone
MIN_CONTENTS = 4  # headings
CONTENTS_DEPTH = 3


def article_page(
    place: Place, article: Article, draft: Draft, body: Body, older: Article | None = None, newer: Article | None = None
) -> ArticlePage:
    """What the article's template is given; `older` and `newer` are the articles published before and after it."""
    cover, front = _cover(place, draft, body), draft.source.front
    return ArticlePage(
        lang=body.lang,
        canonical=place.url(article_at(article.slug)),
        account=place.card,
        title=article.title,
        digest=article.digest,
        author=front.author,
        published=moment(article.published_at or 0, place.zone, body.lang),
        updated=moment(article.updated_at or 0, place.zone, body.lang),
        tags=tuple(place.tag_link(tag) for tag in front.tags),
        words=body.words,
        minutes=max(1, round(body.words / CHARACTERS_A_MINUTE)),
        contents=_contents(body),
        cover=cover,
        body=Markup(body.html),  # noqa: S704 - the sanitiser made it, and our own blocks
        has_code=body.has_code,
        has_math=body.has_math,
        older=place.article_link(older),
        newer=place.article_link(newer),
        license=front.license,
        original=front.original,
        translations=tuple(Translation(lang, url) for lang, url in front.translations),
        twin=place.path(twin_at(article.slug)),
        feed=place.url(feed_at(ATOM)),
        linked_data=linked_data(place, article, draft, cover),
    )


def twin_page(place: Place, article: Article, draft: Draft, body: Body) -> TwinPage:
    """What the template of the article's Markdown is given."""
    return TwinPage(
        canonical=place.url(article_at(article.slug)),
        account=place.card,
        title=article.title,
        author=draft.source.front.author,
        published=moment(article.published_at or 0, place.zone, body.lang),
        license=draft.source.front.license,
        text=markdown_of(body.html, place.url(article_at(article.slug))),
    )


def feed_entry(place: Place, article: Article, draft: Draft, body: Body) -> Entry:
    """An article as feeds show it."""
    return Entry(
        title=article.title,
        url=place.url(article_at(article.slug)),
        author=draft.source.front.author or place.account.name,
        digest=article.digest,
        published=moment(article.published_at or 0, place.zone, SITE_LANG),
        updated=moment(article.updated_at or 0, place.zone, SITE_LANG),
        tags=draft.source.front.tags,
        html=feed_html(body.html, place.url(article_at(article.slug))),
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
