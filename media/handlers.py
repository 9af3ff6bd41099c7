"""GET /media/{file}: a stored picture, immutable, with its true type."""

import re

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from media.inspect import EXTENSIONS
from media.storage import PictureFiles

FILE_NAME = re.compile(r"[0-9a-f]{64}\.(?:" + "|".join(EXTENSIONS.values()) + ")")
TYPES = {extension: media_type for media_type, extension in EXTENSIONS.items()}
HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",  # feeds and share cards show pictures elsewhere
    "content-security-policy": "default-src 'none'; sandbox",
}


class MediaHandlers:
    """Serves pictures."""

    def __init__(self, files: PictureFiles) -> None:
        self._files = files

    def routes(self) -> list[BaseRoute]:
        """The addresses of pictures."""
        return [Route("/media/{file_name}", self.show, name="picture")]

    async def show(self, request: Request) -> Response:
        """The picture, or 404."""
        name = request.path_params["file_name"]
        if not FILE_NAME.fullmatch(name) or not self._files.path(name).is_file():
            return PlainTextResponse("There is no such picture.\n", 404, {"cache-control": "no-cache"})
        etag = f'"{name[:32]}"'
        headers = {**HEADERS, "etag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return FileResponse(self._files.path(name), headers=headers, media_type=TYPES[name.rpartition(".")[2]])
