"""What is usual in Python: a Starlette route over a dictionary, and WhiteNoise, for the serving benchmark."""

import os
from collections.abc import Callable
from pathlib import Path
from wsgiref.headers import Headers

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from whitenoise import WhiteNoise

FOLDER = Path(os.environ.get("PAGES", "."))
HEADERS = {"content-encoding": "br", "vary": "accept-encoding", "cache-control": "no-cache"}


def starlette() -> Starlette:
    """Every page in a dictionary, with a strong ETag; the route is the only one."""
    pages = {path.stem: path.read_bytes() for path in (FOLDER / "demo/p").glob("*.br")}
    tags = {slug: f'"{hash(body):x}"' for slug, body in pages.items()}

    async def page(request: Request) -> Response:
        slug = request.path_params["slug"]
        if slug not in pages:
            return Response("no such page", 404)
        headers = {**HEADERS, "etag": tags[slug]}
        if request.headers.get("if-none-match") == tags[slug]:
            return Response(None, 304, headers)
        return Response(pages[slug], 200, headers, "text/html; charset=utf-8")

    return Starlette(routes=[Route("/demo/p/{slug}", page)])


def whitenoise() -> WhiteNoise:
    """The same files, by WhiteNoise as it comes (WSGI)."""
    return WhiteNoise(_not_found, root=str(FOLDER), prefix="/", add_headers_function=_as_page)


def _not_found(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
    start_response("404 Not Found", [])
    return [b""]


def _as_page(headers: Headers, _path: str, _url: str) -> None:
    headers["Content-Type"] = "text/html; charset=utf-8"
