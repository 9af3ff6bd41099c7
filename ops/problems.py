"""Errors as the API says them: problem+json (RFC 9457)."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import InvalidInputError
from core.logs import logger

Handler = Callable[[Request, Exception], Awaitable[Response]]
EXTRA_HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"www-authenticate": 'Bearer realm="diaoban"'},
    HTTPStatus.SERVICE_UNAVAILABLE: {"retry-after": "2"},
}


def answers(status: HTTPStatus) -> Handler:
    """The handler that answers an error of ours with a status."""

    async def handle(_request: Request, error: Exception) -> Response:
        details = [
            {"detail": problem.message, "file": problem.file, "line": problem.line}
            for problem in (error.problems if isinstance(error, InvalidInputError) else ())
        ]
        return _problem(status, str(error), {"errors": details} if details else {})

    return handle


async def answer_http(_request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: no such address, a method that is not offered, a body too large."""
    assert isinstance(error, HTTPException)
    return _problem(HTTPStatus(error.status_code), error.detail, {}, error.headers)


async def answer_unexpected(_request: Request, error: Exception) -> Response:
    """A mistake of ours: logged whole, told without its inside."""
    logger(__name__).error("unexpected", exc_info=error)
    known = structlog.contextvars.get_contextvars().get("request_id")
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"Something went wrong here; the log has it under {known}.", {})


def _problem(
    status: HTTPStatus, detail: str, more: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    content = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **more}
    return JSONResponse(
        content,
        status,
        {**EXTRA_HEADERS.get(status, {}), **(headers or {})},
        media_type="application/problem+json",
    )
