"""A whole site in this process: its application, its parts, and a publisher with a token."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from accounts.accounts import Account
from app import create_app
from cache.front import Front
from core.settings import Settings, read_settings
from ops.migrate import migrate
from ops.parts import Parts, make_parts, now

ARTICLE = "# 标题\n\n正文第一段。\n"


def settings_for(folder: Path, database: str = "", redis: str | None = None, **more: Any) -> Settings:
    return read_settings(
        database_url=database or f"sqlite:///{folder / 'site.db'}",
        redis_url=redis,
        var=folder,
        log_level="warning",
        **{"trust_seconds": 0.4, "base_url": "https://site.test", **more},
    )


class Site:
    def __init__(self, settings: Settings, front: Front, parts: Parts) -> None:
        self.settings = settings
        self.front = front
        self.parts = parts  # another process's, as the command has them
        self.account: Account
        self.token = ""
        self.reader = httpx2.AsyncClient(transport=httpx2.ASGITransport(front), base_url=settings.base_url)
        self.publisher = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(front, raise_app_exceptions=False),
            base_url=f"{settings.base_url}/api/accounts/demo/",
            headers={"content-type": "text/markdown"},
        )

    async def put(self, slug: str, text: str = ARTICLE, **headers: str) -> httpx2.Response:
        return await self.publisher.put(f"articles/{slug}", content=text, headers=headers)

    async def publish(self, slug: str, text: str = ARTICLE) -> httpx2.Response:
        saved = await self.put(slug, text)
        assert saved.status_code in {200, 201}, saved.text
        return await self.publisher.put(f"articles/{slug}/publication")

    async def read(self, path: str, **headers: str) -> httpx2.Response:
        return await self.reader.get(path, headers=headers)


@asynccontextmanager
async def running(front: Front) -> AsyncIterator[None]:
    """Its lifespan, as a server runs it."""
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    task = asyncio.ensure_future(front({"type": "lifespan", "state": {}}, to_app.get, from_app.put))
    try:
        await to_app.put({"type": "lifespan.startup"})
        answer = await from_app.get()
        assert answer["type"] == "lifespan.startup.complete", answer
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await task


@asynccontextmanager
async def open_site(settings: Settings) -> AsyncIterator[Site]:
    parts = make_parts(settings)
    try:
        await migrate(parts.database)
        await parts.delivery.wake_redis()
        front = create_app(settings)
        async with running(front):
            site = Site(settings, front, parts)
            site.account = await parts.publishing.open_account(Account(0, "demo", "示例"))
            site.token = (await parts.tokens.add(site.account, now())).text
            site.publisher.headers["authorization"] = f"Bearer {site.token}"
            yield site
            await site.reader.aclose()
            await site.publisher.aclose()
    finally:
        await parts.close()


async def eventually(is_so: Any, seconds: float = 5.0) -> None:
    """Wait until an async condition holds."""
    ends = asyncio.get_running_loop().time() + seconds
    while not await is_so():
        assert asyncio.get_running_loop().time() < ends, "it did not come to be"
        await asyncio.sleep(0.01)
