"""Changes to pages: written in the publish's own transaction, told to every process afterwards.

Each change takes the next *generation* from a row that stays locked until the commit. Generations are
therefore numbered in the order of commits and without holes, and «everything after the last one that I saw»
misses nothing, which an auto-increment cannot promise.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cache.tables import outbox, pages, sequences
from core.database import Database, upsert
from core.page import Composed, Page

GENERATION = "generation"
AT_ONCE = 1000  # changes that are read together
KEEP_SECONDS = 3600  # a process that slept longer drops all that it holds
HOSTS = "hosts"  # the key that stands for «the accounts' domains», which is no page


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit changed."""

    generation: int
    keys: tuple[str, ...]
    pages: tuple[Page, ...] = ()
    "The new pages, while they are at hand; a key without one was removed, or must be read."
    delivered: bool = False
    "Whether Redis has been told."


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stored otherwise than it should be."""

    changed: tuple[Composed, ...]
    unsigned: tuple[Composed, ...]
    "The bytes are right, but another renderer made them."
    gone: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The pages that readers see otherwise."""
        return (*(page.key for page in self.changed), *self.gone)


async def compare(connection: AsyncConnection, composed: Sequence[Composed], removed: Iterable[str] = ()) -> Difference:
    """Compare pages, and keys that should have none, with what is stored."""
    stored = await _stored(connection, [*(page.key for page in composed), *removed])
    right = {page.key for page in composed if page.key in stored and stored[page.key][0] == page.digest}
    return Difference(
        changed=tuple(page for page in composed if page.key not in right),
        unsigned=tuple(page for page in composed if page.key in right and stored[page.key][1] != page.rendered_by),
        gone=tuple(key for key in removed if key in stored),
    )


async def save(
    connection: AsyncConnection,
    composed: Sequence[Composed],
    *,
    removed: Iterable[str] = (),
    now: int,
    also: str | None = None,
) -> Change | None:
    """Carve and write the pages that differ from what is stored, inside the caller's transaction.

    `also` announces a key that is no page. None when nothing differs: then nothing was written or announced.
    """
    difference = await compare(connection, composed, removed)
    await _sign(connection, difference.unsigned)
    keys = (*difference.keys, *((also,) if also else ()))
    if not keys:
        return None
    generation = await _next_generation(connection)
    # In threads: compressing takes most of a publish, and the loop that serves readers goes on beside it.
    carved = await asyncio.gather(*(asyncio.to_thread(page.carve) for page in difference.changed))
    written = tuple(replace(page, generation=generation) for page in carved)
    if written:
        await connection.execute(upsert(pages, connection.dialect.name), [_row(page) for page in written])
    if difference.gone:
        await connection.execute(delete(pages).where(pages.c.key.in_(difference.gone)))
    row = {"generation": generation, "keys": msgspec.json.encode(keys), "created_at": now}
    await connection.execute(insert(outbox).values(row))
    return Change(generation, keys, written)


async def stored_keys(connection: AsyncConnection, prefix: str) -> set[str]:
    """The keys of the stored pages that begin with a prefix."""
    query = select(pages.c.key).where(pages.c.key.startswith(prefix, autoescape=True))
    return set((await connection.execute(query)).scalars())


class Outbox:
    """The changes as a stream that can be read again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, generation: int, limit: int = AT_ONCE) -> list[Change]:
        """The changes after one that was seen, oldest first."""
        query = select(outbox).where(outbox.c.generation > generation).order_by(outbox.c.generation).limit(limit)
        return await self._changes(query)

    async def undelivered(self, limit: int = AT_ONCE) -> list[Change]:
        """The changes that Redis has not been told, oldest first."""
        query = select(outbox).where(outbox.c.delivered_at.is_(None)).order_by(outbox.c.generation).limit(limit)
        return await self._changes(query)

    async def mark_delivered(self, generations: Sequence[int], now: int) -> None:
        """Remember that Redis has been told."""
        statement = update(outbox).where(outbox.c.generation.in_(generations)).values(delivered_at=now)
        async with self._database.change() as connection:
            await connection.execute(statement)

    async def prune(self, now: int) -> int:
        """Delete old changes; the newest stays, so that the stream keeps its place. Returns how many went."""
        async with self._database.change() as connection:
            newest = await connection.scalar(select(func.max(outbox.c.generation))) or 0
            old = (outbox.c.created_at < now - KEEP_SECONDS) & (outbox.c.generation < newest)
            return (await connection.execute(delete(outbox).where(old))).rowcount

    async def _changes(self, query: object) -> list[Change]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()  # type: ignore[call-overload]
        return [
            Change(row.generation, tuple(msgspec.json.decode(row.keys)), delivered=row.delivered_at is not None)
            for row in rows
        ]


async def _stored(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    query = select(pages.c.key, pages.c.digest, pages.c.rendered_by).where(pages.c.key.in_(keys))
    return {row.key: (row.digest, row.rendered_by) for row in await connection.execute(query)}


async def _sign(connection: AsyncConnection, same: Sequence[Composed]) -> None:
    """The bytes are what they were, but it was the present renderer that made them."""
    if same:
        signed = update(pages).where(pages.c.key.in_([page.key for page in same]))
        await connection.execute(signed.values(rendered_by=same[0].rendered_by))


async def _next_generation(connection: AsyncConnection) -> int:
    counter = sequences.c.name == GENERATION
    await connection.execute(update(sequences).where(counter).values(value=sequences.c.value + 1))
    return int((await connection.execute(select(sequences.c.value).where(counter))).scalar_one())


def _row(page: Page) -> dict[str, object]:
    return {
        "key": page.key,
        "status": page.status,
        "media_type": page.media_type,
        "headers": msgspec.json.encode(page.headers),
        "br": page.br,
        "gzip": page.gzip,
        "digest": page.digest,
        "rendered_by": page.rendered_by,
        "generation": page.generation,
    }
