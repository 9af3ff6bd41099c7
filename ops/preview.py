"""`diaoban render`: the page of a file, as it would be published, without a database."""

from pathlib import Path

from accounts.accounts import Account
from articles.article_page import article_page
from articles.place import Place
from articles.publish import published_article
from articles.upload import Uploads
from articles.values import Article
from core.errors import Problem
from ops.parts import Parts, now
from ops.publish_files import read_file, reader_of_pictures
from renderer.pipeline import finish
from renderer.reading import file_stem
from renderer.slugs import slug_of_file


async def preview(parts: Parts, file: Path) -> tuple[str, tuple[Problem, ...]]:
    """The page's HTML and the warnings. Raises InvalidInputError."""
    uploads = Uploads(parts.workers, None, parts.site.zone)
    upload = await uploads.read(read_file(file), str(file), reader_of_pictures(file.parent))
    draft = upload.draft
    finished = await parts.workers.run(str(file), finish, draft.source, upload.manuscript, draft.pictures, {})
    body = finished.body
    slug = draft.source.front.slug or slug_of_file(file_stem(str(file)), draft.source.title)
    unpublished = Article(0, slug, 1, None, False, "", "", None, None, None)  # noqa: FBT003 - a row's columns
    article = published_article(unpublished, draft, body, now=now(), zone=parts.site.zone)
    place = Place(Account(0, "preview", parts.site.name), parts.site.addresses, parts.site.zone)
    html = parts.site.press.text(article_page(place, article, draft, body))
    return html, (*draft.source.warnings, *body.warnings)
