"""The parts that the server and the commands share, made of settings. Clients connect when they are first used."""

import time
from dataclasses import dataclass
from pathlib import Path

from accounts.accounts import Accounts
from accounts.tokens import Tokens
from articles.addresses import Addresses
from articles.bodies import Bodies
from articles.drafts import Drafts
from articles.publish import Publishing, Site
from articles.read import Reading
from articles.renderings import Renderings
from articles.upload import Uploads
from articles.workers import Workers
from cache.delivery import Delivery
from cache.ladder import Ladder
from cache.outbox import Outbox
from cache.page_store import PageStore, open_page_store
from cache.redis_pages import RedisPages
from cache.static_files import static_names
from cache.trust import Trust
from core.database import Database
from core.settings import Settings
from media.library import Library
from media.storage import PictureFiles
from renderer.environment import Press

ROOT = Path(__file__).resolve().parents[1]
MIB = 1024 * 1024
HSTS = b"strict-transport-security: max-age=31536000\r\n"


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is made once a process."""

    settings: Settings
    database: Database
    outbox: Outbox
    store: PageStore
    redis: RedisPages | None
    ladder: Ladder
    delivery: Delivery
    accounts: Accounts
    tokens: Tokens
    files: PictureFiles
    uploads: Uploads
    bodies: Bodies
    drafts: Drafts
    publishing: Publishing
    reading: Reading
    site: Site
    workers: Workers

    async def close(self) -> None:
        """Close every client."""
        await self.store.close()
        if self.redis is not None:
            await self.redis.close()
        await self.database.close()


def make_parts(settings: Settings) -> Parts:
    """Make the parts. Raises jinja2.TemplateError when a template is broken; touches no service."""
    database = Database(settings.database_url.get_secret_value())
    outbox = Outbox(database)
    store = open_page_store(database.url)
    redis = RedisPages(settings.redis_url.get_secret_value()) if settings.redis_url else None
    ladder = Ladder(
        store=store,
        redis=redis,
        trust=Trust(settings.trust_seconds, settings.stale_seconds),
        memory=settings.memory_mib * MIB,
        headers=HSTS if settings.base_url.startswith("https://") else b"",
    )
    delivery = Delivery(outbox=outbox, store=store, redis=redis, ladder=ladder, now=now)
    files = PictureFiles(settings.media_folder)
    workers = Workers(settings.render_processes, settings.render_seconds)
    bodies = Bodies(database, workers, Renderings(database, settings.renderings_mib * MIB, now))
    press = Press(folder("renderer/_templates", "templates"), static_names(folder("ops/_static", "static")))
    site = Site(settings.site_name, Addresses(settings.base_url), settings.zone, press)
    return Parts(
        settings=settings,
        database=database,
        outbox=outbox,
        store=store,
        redis=redis,
        ladder=ladder,
        delivery=delivery,
        accounts=Accounts(database),
        tokens=Tokens(database),
        files=files,
        uploads=Uploads(workers, Library(database, files, now), settings.zone),
        bodies=bodies,
        drafts=Drafts(database, now),
        publishing=Publishing(
            database=database,
            bodies=bodies,
            delivery=delivery,
            site=site,
            trust_seconds=settings.trust_seconds,
            now=now,
        ),
        reading=Reading(database, site.addresses),
        site=site,
        workers=workers,
    )


def folder(installed: str, source: str) -> Path:
    """Where a folder of files lies: inside the installed package, or in the source tree."""
    return path if (path := ROOT / installed).is_dir() else ROOT / source


def now() -> int:
    """The time, in whole seconds. The only clock that writes into the database."""
    return int(time.time())
