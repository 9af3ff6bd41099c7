"""One log line a request that is no page, under an id that the answer carries too. Plain ASGI."""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from core.logs import logger

Send = Callable[[Any], Awaitable[None]]
QUIET = ("/static/", "/media/", "/-/")  # asked all the time; logged when they fail
PRIVATE = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


class RequestLog:
    """Wraps the application behind the front."""

    def __init__(self, app: Callable[[Any, Any, Send], Awaitable[None]]) -> None:
        self._app = app
        self._log = logger(__name__)

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Bind the id, pass the request on, log how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started, status = secrets.token_hex(8), time.perf_counter(), 500

        async def answer(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                names = {name for name, _ in message["headers"]}
                defaults = [header for header in PRIVATE if header[0] not in names]
                mine = (b"x-request-id", request_id.encode())
                message = {**message, "headers": [*message["headers"], *defaults, mine]}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                if status >= 500 or not scope["path"].startswith(QUIET):  # noqa: PLR2004 - server errors
                    took = round((time.perf_counter() - started) * 1000, 1)
                    self._log.info("request", method=scope["method"], path=scope["path"], status=status, ms=took)
