"""Rendered bodies, kept by the hash of the draft and of the pipeline: a new theme renders none of them again."""

from dataclasses import replace
from hashlib import sha256

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from articles.tables import bodies
from articles.values import Draft
from articles.workers import Workers
from core.database import Database, insert_new
from renderer.body import Body
from renderer.pipeline import PIPELINE, render_body


class Bodies:
    """Gives the body of a draft; renders it in a worker process when nobody has before."""

    def __init__(self, database: Database, workers: Workers) -> None:
        self._database = database
        self._workers = workers

    async def of(self, draft: Draft) -> Body:
        """The body. Raises InvalidInputError when it cannot be rendered within its bounds."""
        async with self._database.read() as connection:
            body = await stored_body(connection, draft.digest)
        if body is None:
            body = await self._workers.run(draft.source.file, render_body, draft.source, draft.pictures)
            row = {"key": body_key(draft.digest), "body": msgspec.json.encode(body)}
            async with self._database.change() as connection:
                await connection.execute(insert_new(bodies, [row], connection.dialect.name))
        named = (replace(problem, file=draft.source.file) for problem in body.warnings)
        return replace(body, warnings=(*draft.source.warnings, *named))


async def stored_body(connection: AsyncConnection, digest: str) -> Body | None:
    """The body of a draft by its digest, when it is kept."""
    query = select(bodies.c.body).where(bodies.c.key == body_key(digest))
    stored = await connection.scalar(query)
    return None if stored is None else msgspec.json.decode(stored, type=Body)


def body_key(digest: str) -> str:
    """The key of a draft's body under the present pipeline."""
    return sha256(f"{PIPELINE}:{digest}".encode()).hexdigest()
