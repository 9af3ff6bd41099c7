"""The one value that travels from the renderer through the stores to the response."""

import gzip
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from typing import NamedTuple

import brotli
import msgspec
from zlib_ng import zlib_ng

BROTLI_QUALITY = 5  # 11 makes a page 6 % smaller and costs 50 times the time
GZIP_LEVEL = 9
GZIP_HEAD = 31  # 16 for gzip's head, 15 for the largest window

Headers = tuple[tuple[str, str], ...]

CODINGS = ("br", "gzip")  # those that are stored, in our order of preference


class About(NamedTuple):
    """What many pages have in common."""

    status: int
    media_type: str
    headers: Headers


class Variant(NamedTuple):
    """A page in one coding: what is asked of a store, and all that is needed to answer one kind of reader."""

    key: str
    coding: str
    "br or gzip; or identity, which is derived."
    body: bytes
    digest: str
    generation: int
    about: About

    def packed(self) -> str:
        """All but its key, coding and body, in five lines, as `unpacked` reads it."""
        status, media_type, headers = self.about
        return f"{self.digest}\n{self.generation}\n{status}\n{media_type}\n{msgspec.json.encode(headers).decode()}"

    def decoded(self) -> "Variant":
        """The same without a coding, of one that is in gzip."""
        return self._replace(coding="identity", body=gzip.decompress(self.body))


def unpacked(key: str, coding: str, packed: str, body: bytes) -> Variant:
    """The variant that was packed. Raises ValueError when it is none of ours."""
    digest, generation, about = packed.split("\n", 2)
    return Variant(key, coding, body, digest, int(generation), _about(about))


@lru_cache(maxsize=512)  # all articles say the same
def _about(text: str) -> About:
    status, media_type, headers = text.split("\n", 2)
    return About(int(status), media_type, msgspec.json.decode(headers, type=Headers))


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page: everything that is needed to answer for its address."""

    key: str
    "The address inside the site: `/{account}/p/{slug}`, percent-encoded, without host or query."
    status: int
    "200, 301, 404 or 410."
    media_type: str
    headers: Headers
    "What this page says beside the headers that every page has (its policy, a Location)."
    br: bytes
    gzip: bytes
    digest: str
    "32 hex digits over status, media type, headers and text; the strong ETag is made of it."
    rendered_by: str
    "Fingerprint of the templates and the pipeline that carved it."
    generation: int = 0
    "The change that wrote it; 0 until it is stored."

    def text(self) -> bytes:
        """The page without a content coding."""
        return gzip.decompress(self.gzip)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """What readers are sent of it."""
        rest = (self.digest, self.generation, About(self.status, self.media_type, self.headers))
        return Variant(self.key, "br", self.br, *rest), Variant(self.key, "gzip", self.gzip, *rest)


@dataclass(frozen=True, slots=True)
class Composed:
    """A page as its template left it: to be compared with what is stored, and carved only when it differs."""

    key: str
    status: int
    media_type: str
    headers: Headers
    text: bytes
    digest: str
    rendered_by: str

    def carve(self) -> Page:
        """The finished page. Pure: the same text gives the same bytes. Compresses, which lets other threads run."""
        return Page(
            key=self.key,
            status=self.status,
            media_type=self.media_type,
            headers=self.headers,
            br=brotli.compress(self.text, quality=BROTLI_QUALITY),
            gzip=_gzip(self.text),
            digest=self.digest,
            rendered_by=self.rendered_by,
        )


def compose(
    key: str,
    text: str,
    *,
    rendered_by: str,
    status: HTTPStatus = HTTPStatus.OK,
    media_type: str = "text/html; charset=utf-8",
    headers: Headers = (),
) -> Composed:
    """Seal a rendered text: everything that a reader would see of it is in its digest."""
    body = text.encode()
    seal = sha256(f"{int(status)}\n{media_type}\n{headers}\n".encode())
    seal.update(body)
    return Composed(key, int(status), media_type, headers, body, seal.hexdigest()[:32], rendered_by)


def _gzip(body: bytes) -> bytes:
    """By zlib-ng, which takes two thirds of zlib's time for the same size; without a time in the head (RFC 1952)."""
    return zlib_ng.compress(body, GZIP_LEVEL, wbits=GZIP_HEAD)
