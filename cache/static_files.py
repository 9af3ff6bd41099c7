"""Static files by WhiteNoise: its index, headers and compression, answered over ASGI.

At start each file of static/ is written once under a name that holds the hash of its content, with its compressed
variants; from then on a request is a look-up. WhiteNoise is WSGI; only its last step, the answer, is ours.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from cache.answer import matches, preferred_coding

PREFIX = "/static/"
CODE = {".py", ".pyc"}
NAMED = re.compile(r"url\(([\w./-]+)\)")
HASHED = r"\.[0-9a-f]{12}\."
NOT_WORTH_COMPRESSING = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "avif")


def static_names(folder: Path) -> dict[str, str]:
    """The address of each file by its name: `icon.svg` -> `/static/icon.0a1b2c3d4e5f.svg`.

    A style sheet names other files of its folder, so its own hash is that of its text with their hashed names.
    """
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix not in CODE)
    addresses: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (name.suffix == ".css", name)):
        digest = sha256(_content(folder, name, addresses)).hexdigest()[:12]
        addresses[name.as_posix()] = PREFIX + name.with_name(f"{name.stem}.{digest}{name.suffix}").as_posix()
    return addresses


def build_static(folder: Path, target: Path) -> Path:
    """Write the hashed files and their variants under `target`, unless they are there. Safe beside itself."""
    names = static_names(folder)
    built = target / sha256(repr(sorted(names.items())).encode()).hexdigest()[:16]
    if built.is_dir():
        return built
    target.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=target))
    making.chmod(0o755)
    compressor = Compressor(extensions=NOT_WORTH_COMPRESSING, quiet=True)
    for name, address in names.items():
        path = making / address.removeprefix(PREFIX)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_content(folder, Path(name), names))
        os.utime(path, (0, 0))  # the same headers on every machine
        compressor.compress(str(path))
    try:
        making.rename(built)
    except OSError:  # another worker was first
        shutil.rmtree(making)
    return built


class StaticFiles(WhiteNoise):  # type: ignore[misc]
    """An ASGI application over WhiteNoise's index; what it does not know gets a 404."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            None,
            root=str(folder),
            prefix=PREFIX,
            immutable_file_test=HASHED,
            allow_all_origins=False,
            add_headers_function=_add_headers,
        )

    async def __call__(
        self, scope: Any, _receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Answer one request."""
        file = self.files.get(scope["path"])
        if file is None:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-cache")]
            await send({"type": "http.response.start", "status": 404, "headers": headers})
            await send({"type": "http.response.body", "body": b"There is no such file.\n"})
            return
        response = file.get_response(scope["method"], _environ(dict(scope["headers"]), file.etag))
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers]
        body = b""
        if response.file is not None:
            with response.file as opened:
                body = opened.read()  # a few KiB that the page cache holds
        await send({"type": "http.response.start", "status": int(HTTPStatus(response.status)), "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _content(folder: Path, name: Path, addresses: Mapping[str, str]) -> bytes:
    content = (folder / name).read_bytes()
    if name.suffix != ".css":
        return content
    beside = name.parent
    return NAMED.sub(lambda found: f"url({addresses[(beside / found[1]).as_posix()]})", content.decode()).encode()


def _add_headers(headers: Any, _path: str, url: str) -> None:
    headers["ETag"] = f'W/"{url.rsplit(".", 2)[-2]}"'  # weak: the same for each coding
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if url.endswith(".svg"):
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def _environ(headers: dict[bytes, bytes], etag: str) -> dict[str, str]:
    """The headers that WhiteNoise reads, put so that it reads them right.

    It takes `br;q=0` for an offer, knows no lists of tags, and cuts ranges out of compressed files.
    """
    coding = preferred_coding(headers.get(b"accept-encoding", b"").decode("latin-1"))
    environ = {"HTTP_ACCEPT_ENCODING": "" if coding == "identity" else coding}
    tags = headers.get(b"if-none-match", b"")
    if tags and matches(tags, etag.removeprefix("W/").encode()):
        environ["HTTP_IF_NONE_MATCH"] = etag
    return environ
