"""The body of a draft: looked up, or made of the parts that are kept, in a worker process."""

from dataclasses import replace

import msgspec

from articles.renderings import Rendering, Renderings, body_key, stored_bodies
from articles.values import Draft
from articles.workers import Workers
from core.database import Database
from renderer.body import Body, Manuscript
from renderer.pipeline import Finished, block_key, finish, manuscript_key, read


class Bodies:
    """Gives the body of a draft; a new theme makes none of them again, a new highlighter only code blocks."""

    def __init__(self, database: Database, workers: Workers, renderings: Renderings) -> None:
        self._database = database
        self._workers = workers
        self._renderings = renderings

    async def of(self, draft: Draft, manuscript: Manuscript | None = None) -> Body:
        """The body. Raises InvalidInputError when it cannot be rendered within its bounds."""
        async with self._database.read() as connection:
            body = (await stored_bodies(connection, [draft.digest])).get(draft.digest)
        if body is None:
            body = await self._made(draft, manuscript or await self._manuscript(draft))
        named = (replace(problem, file=draft.source.file) for problem in body.warnings)
        return replace(body, warnings=(*draft.source.warnings, *named))

    async def _manuscript(self, draft: Draft) -> Manuscript:
        key = manuscript_key(draft.source)
        if stored := (await self._renderings.get([key])).get(key):
            return msgspec.json.decode(stored, type=Manuscript)
        return await self._workers.run(draft.source.file, read, draft.source)

    async def _made(self, draft: Draft, manuscript: Manuscript) -> Body:
        stored = await self._renderings.get(block_key(block) for block in manuscript.blocks)
        known = {key: result.decode() for key, result in stored.items()}
        finished: Finished = await self._workers.run(
            draft.source.file, finish, draft.source, manuscript, draft.pictures, known
        )
        await self._renderings.put(
            [
                Rendering(manuscript_key(draft.source), msgspec.json.encode(manuscript)),
                Rendering(body_key(draft.digest), msgspec.json.encode(finished.body), draft.digest),
                *(Rendering(key, html.encode()) for key, html in finished.made.items()),
            ]
        )
        return finished.body
