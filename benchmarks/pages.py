"""Ten thousand pages for the serving benchmark: real articles through the pipeline, each under several titles."""

import asyncio
import gzip
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from accounts.accounts import Account
from articles.addresses import Addresses
from articles.article_page import article_page
from articles.place import Place
from articles.publish import published_article
from articles.values import Article, Draft
from benchmarks.corpus import make_articles
from cache.outbox import save
from cache.static_files import static_names
from core.database import Database
from core.page import Page
from ops.migrate import migrate
from renderer.environment import Press
from renderer.pipeline import finish
from renderer.reading import read_article

ROOT = Path(__file__).parents[1]
ZONE = ZoneInfo("Asia/Shanghai")
COPIES = 20  # pages of one article, each under a title of its own: no two pages are the same bytes
AT_ONCE = 100
UNPUBLISHED = Article(0, "a", 1, None, False, "", "", None, None, None)  # noqa: FBT003 - a row's columns


def make_pages(corpus: Path, count: int, base_url: str) -> list[Page]:
    """Pages at `/demo/p/a0` and so on, carved on all cores."""
    articles = list(make_articles(corpus, -(-count // COPIES)))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(partial(_pages_of, base_url), range(len(articles)), articles, chunksize=4))
    return [page for pages in made for page in pages][:count]


def _pages_of(base_url: str, number: int, article: tuple[str, str]) -> list[Page]:
    press = Press(ROOT / "templates", static_names(ROOT / "static"))
    place = Place(Account(1, "demo", "示例"), Addresses(base_url), ZONE)
    read = read_article(article[1].encode(), "a.md", ZONE.key)
    body = finish(read.source, read.manuscript, {}, {}).body
    pages = []
    for copy in range(COPIES):
        slug = f"a{number * COPIES + copy}"
        draft = Draft(replace(read.source, title=f"{read.source.title} {copy}"), {})
        shown = replace(published_article(UNPUBLISHED, draft, body, now=1_700_000_000, zone=ZONE), slug=slug)
        pages.append(press.compose(f"/demo/p/{slug}", article_page(place, shown, draft, body)).carve())
    return pages


def store_pages(pages: list[Page], database_url: str) -> None:
    """Write them into a page store, through the code that publishing uses."""
    asyncio.run(_store(pages, database_url))


async def _store(pages: list[Page], database_url: str) -> None:
    database = Database(database_url)
    await migrate(database)
    for start in range(0, len(pages), AT_ONCE):
        async with database.change() as connection:
            await save(connection, [_Carved(page) for page in pages[start : start + AT_ONCE]], now=0)  # type: ignore[misc]
    await database.close()


class _Carved:
    """A page that was carved already, where the store expects one that it has to carve."""

    def __init__(self, page: Page) -> None:
        self.key, self.digest, self.rendered_by = page.key, page.digest, page.rendered_by
        self._page = page

    def carve(self) -> Page:
        """The page itself."""
        return self._page


def write_files(pages: list[Page], folder: Path) -> None:
    """As a static site: the page's text, and its brotli beside it."""
    (folder / "demo/p").mkdir(parents=True)
    for page in pages:
        path = folder / page.key[1:]
        path.write_bytes(gzip.decompress(page.gzip))
        path.with_name(f"{path.name}.br").write_bytes(page.br)
