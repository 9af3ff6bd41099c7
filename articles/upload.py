"""From a publisher's bytes to a draft: read, check, store its pictures."""

from collections.abc import Awaitable, Callable, Container
from dataclasses import replace
from hashlib import sha256
from zoneinfo import ZoneInfo

from articles.values import Draft
from articles.workers import Workers
from core.errors import Problem, TooLargeError
from media.inspect import PictureFacts, inspect_picture
from media.library import Library, picture_of
from renderer.reading import read_article
from renderer.source import Source

MAX_PICTURES = 100  # an article of WeChat takes fewer than that

PictureOf = Callable[[str], Awaitable[bytes | None]]
"Gives the bytes of a picture of the upload by its name, or None when it is not there."


class Uploads:
    """Reads uploads. Without a library (a dry run, a preview) pictures are looked at and not kept."""

    def __init__(self, workers: Workers, library: Library | None, zone: ZoneInfo) -> None:
        self._workers = workers
        self._library = library
        self._zone = zone

    async def read(self, data: bytes, file: str, picture: PictureOf, head: str = "") -> Draft:
        """Read an article with the pictures that it shows. Raises InvalidInputError naming file and line.

        Pictures are stored before the draft is: one that no draft names takes room and does no harm.
        """
        source, names = await self._workers.run(file, read_article, data, file, self._zone.key, head)
        if len(names) > MAX_PICTURES:
            raise TooLargeError.of(f"there are {len(names)} pictures; the most is {MAX_PICTURES}", file)
        found = {name: content for name in names if (content := await picture(name)) is not None}
        facts = await self._inspected(found)
        if self._library is not None:
            await self._library.add({facts[name]: found[name] for name in found})
        pictures = {name: picture_of(facts[name]) for name in found}
        return Draft(_with_cover_warning(source, pictures), pictures)

    async def _inspected(self, found: dict[str, bytes]) -> dict[str, PictureFacts]:
        digests = {name: sha256(content).hexdigest() for name, content in found.items()}
        known = await self._library.known(list(digests.values())) if digests and self._library else {}
        facts: dict[str, PictureFacts] = {}
        for name, content in found.items():
            if (stored := known.get(digests[name])) is not None:
                facts[name] = stored
            else:
                facts[name] = await self._workers.run(name, inspect_picture, content, name)
        return facts


def _with_cover_warning(source: Source, pictures: Container[str]) -> Source:
    cover = source.front.cover
    if cover is None or cover.startswith(("http://", "https://")) or cover in pictures:
        return source
    problem = Problem(f"the cover {cover!r} is missing from the upload; the first picture stands for it", source.file)
    return replace(source, warnings=(*source.warnings, problem))
