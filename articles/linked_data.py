"""What crawlers are told of an article beside its text: schema.org's description, the way to it, Baidu's own."""

from articles.addresses import HOME, article_at
from articles.place import SITE_LANG, Place
from articles.values import Article, Draft
from renderer.contexts import moment

WITHOUT_ZONE = len("2025-01-02T03:04:05")


def linked_data(place: Place, article: Article, draft: Draft, cover: str | None) -> tuple[dict[str, object], ...]:
    """The descriptions, for script elements of type application/ld+json."""
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
        "inLanguage": draft.source.lang or SITE_LANG,
        **({"image": [cover]} if cover else {}),
        **({"keywords": list(draft.source.front.tags)} if draft.source.front.tags else {}),
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
