"""The pictures of a site: what is known of each, and its bytes."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from core.database import Database, insert_new
from media.inspect import PictureFacts
from media.storage import PictureFiles
from media.tables import media
from renderer.body import Picture

PREFIX = "/media/"


class Library:
    """Stores pictures and remembers their sizes."""

    def __init__(self, database: Database, files: PictureFiles, now: Callable[[], int]) -> None:
        self._database = database
        self._files = files
        self._now = now

    async def add(self, pictures: Mapping[PictureFacts, bytes]) -> None:
        """Keep pictures that were inspected: first their bytes, then their rows, so that a row never lies."""
        for facts, data in pictures.items():
            self._files.put(facts, data)
        if pictures:
            rows = [_row(facts, self._now()) for facts in pictures]
            async with self._database.change() as connection:
                await connection.execute(insert_new(media, rows, connection.dialect.name))

    async def known(self, digests: list[str]) -> dict[str, PictureFacts]:
        """What is stored already, by digest."""
        query = select(media).where(media.c.digest.in_(digests))
        async with self._database.read() as connection:
            rows = await connection.execute(query)
        return {
            row.digest: PictureFacts(row.digest, row.media_type, row.width, row.height, row.size)
            for row in rows
            if self._files.path(PictureFacts(row.digest, row.media_type, 0, 0, 0).file_name).exists()
        }


def picture_of(facts: PictureFacts) -> Picture:
    """A stored picture as the renderer shows it."""
    return Picture(PREFIX + facts.file_name, facts.width, facts.height)


def _row(facts: PictureFacts, now: int) -> dict[str, object]:
    return {
        "digest": facts.digest,
        "media_type": facts.media_type,
        "width": facts.width,
        "height": facts.height,
        "size": facts.size,
        "created_at": now,
    }
