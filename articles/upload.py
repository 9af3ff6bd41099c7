"""From a publisher's bytes to a draft: read, check, store its pictures."""

from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from zoneinfo import ZoneInfo

from articles.formats import Bundle, is_bundle, open_bundle, reader_of
from articles.values import Draft
from articles.workers import Workers
from core.errors import Problem, TooLargeError
from media.inspect import PictureFacts, inspect_picture
from media.library import Library, picture_of
from renderer.body import Manuscript
from renderer.reading import Read
from renderer.source import Source

MAX_PICTURES = 100  # an article of WeChat takes fewer than that

PictureOf = Callable[[str], Awaitable[bytes | None]]
"Gives the bytes of a picture of the upload by its name, or None when it is not there."


@dataclass(frozen=True, slots=True)
class Upload:
    """What was uploaded, read: the draft, and the manuscript that its body is made of."""

    draft: Draft
    manuscript: Manuscript


class Uploads:
    """Reads uploads. Without a library (a dry run, a preview) pictures are looked at and not kept."""

    def __init__(self, workers: Workers, library: Library | None, zone: ZoneInfo) -> None:
        self._workers = workers
        self._library = library
        self._zone = zone

    async def read(self, data: bytes, file: str, picture: PictureOf, head: str = "") -> Upload:
        """Read an article of any format with the pictures that it shows. Raises InvalidInputError naming file and line.

        Pictures are stored before the draft is: one that no draft names takes room and does no harm.
        """
        if is_bundle(data, file):
            bundle: Bundle = await self._workers.run(file, open_bundle, data, file)
            data, file, picture = bundle.data, bundle.file, _reader_of(bundle.pictures, picture)
        read: Read = await self._workers.run(file, reader_of(data, file), data, file, self._zone.key, head)
        if len(read.pictures) > MAX_PICTURES:
            raise TooLargeError.of(f"there are {len(read.pictures)} pictures; the most is {MAX_PICTURES}", file)
        find = _reader_of(read.embedded, picture)
        found = {name: content for name in read.pictures if (content := await find(name)) is not None}
        facts = await self._inspected(found)
        if self._library is not None:
            await self._library.add({facts[name]: found[name] for name in found})
        pictures = {name: picture_of(facts[name]) for name in found}
        return Upload(Draft(_with_cover_warning(read.source, pictures), pictures), read.manuscript)

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


def _reader_of(pictures: Mapping[str, bytes], others: PictureOf) -> PictureOf:
    """The pictures that an upload holds itself, before those that were sent beside it."""

    async def picture(name: str) -> bytes | None:
        return pictures[name] if name in pictures else await others(name)

    return picture


def _with_cover_warning(source: Source, pictures: Container[str]) -> Source:
    cover = source.front.cover
    if cover is None or cover.startswith(("http://", "https://")) or cover in pictures:
        return source
    problem = Problem(f"the cover {cover!r} is missing from the upload; the first picture stands for it", source.file)
    return replace(source, warnings=(*source.warnings, problem))
