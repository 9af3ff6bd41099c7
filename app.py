"""Assembly: settings -> clients -> stores -> handlers -> the ASGI application. Nothing imports this file."""

import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from accounts.guard import Guard
from articles.handlers import ArticleHandlers
from cache.access_log import AccessLog
from cache.answer import Prepared, prepare
from cache.front import Front
from cache.hosts import make_hosts
from cache.listener import Listener
from cache.static_files import StaticFiles, build_static
from cache.warmth import Warmth
from core import errors
from core.logs import start_logging
from core.settings import Settings, read_settings
from media.handlers import MediaHandlers
from ops.check import check_readiness
from ops.parts import Parts, folder, make_parts, now
from ops.probes import ProbeHandlers
from ops.problems import answer_http, answer_unexpected, answers
from ops.request_log import RequestLog
from renderer.contexts import NoticePage

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
YOUNG = 20_000  # objects that are made between two looks for garbage; by default 700
MAX_BODY = 64 * 1024 * 1024  # bytes of one request: an article with its pictures

STATUSES = {
    errors.InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.UnauthorizedError: HTTPStatus.UNAUTHORIZED,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.PreconditionFailedError: HTTPStatus.PRECONDITION_FAILED,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def create_app(settings: Settings | None = None) -> Front:
    """The application: readers meet the front; publishers and operators what is behind it."""
    settings = settings or read_settings()
    start_logging(settings)
    parts = make_parts(settings)

    async def reload_hosts() -> None:
        front.show(make_hosts(settings.base_url, await parts.accounts.domains()))

    listener = Listener(
        store=parts.store,
        outbox=parts.outbox,
        ladder=parts.ladder,
        delivery=parts.delivery,
        reload_hosts=reload_hosts,
        now=now,
    )

    log = AccessLog(settings.access_log) if settings.access_log else None
    warmth = Warmth(parts.ladder, settings.var / "hot.json")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await listener.start()
        await warmth.start()
        if log is not None:
            await log.start()
        try:
            yield
        finally:
            await warmth.close()
            if log is not None:
                await log.close()
            await listener.close()
            await parts.close()

    front = Front(
        ladder=parts.ladder,
        hosts=make_hosts(settings.base_url, {}),
        missing=_missing_page(parts),
        app=RequestLog(_behind_the_front(parts, lifespan)),
        log=log,
    )
    return front


def create_served_app() -> Front:
    """The application of a process that does nothing else: what it is made of is not looked through for garbage again.

    A full collection over everything that was imported stops all readers for 60 ms.
    """
    front = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    return front


def _behind_the_front(parts: Parts, lifespan: Lifespan) -> Starlette:
    """What is no page: the publishers' API, pictures, static files, probes."""
    handlers = ArticleHandlers(
        guard=Guard(parts.tokens, now),
        uploads=parts.uploads,
        bodies=parts.bodies,
        drafts=parts.drafts,
        publishing=parts.publishing,
        reading=parts.reading,
    )
    probes = ProbeHandlers(
        parts.settings,
        partial(check_readiness, parts),
        many="PROMETHEUS_MULTIPROC_DIR" in os.environ,  # noqa: TID251 - prometheus_client's own variable
    )
    static = build_static(folder("ops/_static", "static"), parts.settings.var / "static")
    return Starlette(
        routes=[
            *handlers.routes(),
            *MediaHandlers(parts.files).routes(),
            *probes.routes(),
            Route("/static/{path:path}", StaticFiles(static), methods=None),
        ],
        exception_handlers={
            **{kind: answers(status) for kind, status in STATUSES.items()},
            HTTPException: answer_http,
            Exception: answer_unexpected,
        },
        lifespan=lifespan,
        max_body_size=MAX_BODY,
    )


def _missing_page(parts: Parts) -> dict[str, Prepared]:
    notice = NoticePage("zh-CN", "没有这个页面", "地址可能写错了，或者文章还没有发布。", "/", "回到首页")
    br, gzip = parts.site.press.compose("/-/404", notice, HTTPStatus.NOT_FOUND).carve().variants
    return {variant.coding: prepare(variant) for variant in (br, gzip, gzip.decoded())}
