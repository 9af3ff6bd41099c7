"""What the pipeline made, kept by the hash of what went into it; what readers see stays, the rest is bounded.

Three kinds: manuscripts (a source once it is read), blocks (code and formulas once they are set), bodies. All can be
made anew at any time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from sqlalchemy import delete, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from articles.tables import articles, renderings, revisions
from core.database import Database, insert_new
from renderer.body import Body
from renderer.pipeline import PIPELINE

KEYS_A_QUERY = 500  # under every database's limit of parameters
SWEEP_AT = "0"  # one body in sixteen, by its key's first digit, pays for a look at the bound
KEPT_SHARE = 0.9  # of the bound, after a sweep


@dataclass(frozen=True, slots=True)
class Rendering:
    """One result to keep."""

    key: str
    result: bytes
    digest: str | None = None
    "Of a body: the digest of its draft."


class Renderings:
    """The table of results."""

    def __init__(self, database: Database, limit: int, now: Callable[[], int]) -> None:
        self._database = database
        self._limit = limit
        self._now = now

    async def get(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The results that are kept, by key."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, bytes] = {}
        if not wanted:
            return found
        async with self._database.read() as connection:
            for start in range(0, len(wanted), KEYS_A_QUERY):
                some = wanted[start : start + KEYS_A_QUERY]
                query = select(renderings.c.key, renderings.c.result).where(renderings.c.key.in_(some))
                found.update((row.key, row.result) for row in await connection.execute(query))
        return found

    async def put(self, results: Iterable[Rendering]) -> None:
        """Keep results; those that no reader sees make room for them, the oldest first."""
        rows = [
            {
                "key": one.key,
                "digest": one.digest,
                "size": len(one.result),
                "made_at": self._now(),
                "result": one.result,
            }
            for one in sorted(results, key=lambda one: one.key)  # two writers take the rows' locks in one order
        ]
        async with self._database.change() as connection:
            for start in range(0, len(rows), KEYS_A_QUERY // 5):
                some = rows[start : start + KEYS_A_QUERY // 5]
                await connection.execute(insert_new(renderings, some, connection.dialect.name))
            if any(row["digest"] and str(row["key"]).startswith(SWEEP_AT) for row in rows):
                await self._sweep(connection)

    async def _sweep(self, connection: AsyncConnection) -> None:
        shown = (revisions.c.article_id == articles.c.id) & (revisions.c.number == articles.c.published)
        live = select(revisions.c.digest).join(articles, shown).where(articles.c.live == true())
        unseen = or_(renderings.c.digest.is_(None), renderings.c.digest.not_in(live))
        total = int(await connection.scalar(select(func.coalesce(func.sum(renderings.c.size), 0)).where(unseen)) or 0)
        excess = total - int(self._limit * KEPT_SHARE) if total > self._limit else 0
        oldest = select(renderings.c.key, renderings.c.size).where(unseen).order_by(renderings.c.made_at)
        while excess > 0:
            rows = (await connection.execute(oldest.limit(KEYS_A_QUERY))).all()
            keys: list[str] = []
            for row in rows:
                if excess > 0:
                    keys.append(row.key)
                    excess -= row.size
            await connection.execute(delete(renderings).where(renderings.c.key.in_(keys)))


async def stored_bodies(connection: AsyncConnection, digests: Iterable[str]) -> dict[str, Body]:
    """The bodies that are kept, by the digests of their drafts."""
    keys = {body_key(digest): digest for digest in digests}
    query = select(renderings.c.key, renderings.c.result).where(renderings.c.key.in_(keys))
    rows = await connection.execute(query)
    return {keys[row.key]: msgspec.json.decode(row.result, type=Body) for row in rows}


def body_key(digest: str) -> str:
    """The key of a draft's body under the present pipeline."""
    return sha256(f"body\0{PIPELINE}\0{digest}".encode()).hexdigest()
