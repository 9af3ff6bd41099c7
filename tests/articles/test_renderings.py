"""What the pipeline made is kept by part, and bounded; what readers see stays."""

import pytest
from sqlalchemy import func, select

from articles.renderings import Rendering, Renderings, body_key, stored_bodies
from articles.tables import renderings
from renderer.blocks import SETTERS, Setter
from renderer.body import Block
from renderer.pipeline import block_key, manuscript_key
from tests.site import Site

TEXT = "# t\n\n```python\nx = 1\n```\n\n$a^2$\n"


async def test_each_part_is_kept_and_made_once(small_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await small_site.put("a", TEXT)
    bodies = small_site.parts.bodies
    upload = await small_site.parts.uploads.read(TEXT.encode(), "a.md", _none)
    keys = [manuscript_key(upload.draft.source), *(block_key(one) for one in upload.manuscript.blocks)]
    kept = await small_site.parts.bodies._renderings.get([*keys, body_key(upload.draft.digest)])
    assert len(kept) == 4
    made: list[str] = []
    run = small_site.parts.workers.run

    async def counted(file: str, function: object, *arguments: object) -> object:
        made.append(function.__name__)  # type: ignore[attr-defined]
        return await run(file, function, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(small_site.parts.workers, "run", counted)
    await bodies.of(upload.draft)
    assert made == []
    async with small_site.parts.database.change() as connection:
        await connection.execute(renderings.delete().where(renderings.c.digest.is_not(None)))
    await bodies.of(upload.draft)
    assert made == ["finish"], "the manuscript was kept"


def test_another_highlighter_sets_code_anew_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    code, formula = Block("code", "x = 1\n", "python"), Block("math", "a^2")
    before = block_key(code), block_key(formula)
    monkeypatch.setitem(SETTERS, "code", Setter("code-next", SETTERS["code"].set, SETTERS["code"].problem))
    assert block_key(code) != before[0]
    assert block_key(formula) == before[1]


async def test_what_no_reader_sees_makes_room_the_oldest_first(small_site: Site) -> None:
    await small_site.publish("seen", TEXT)
    digest = (await small_site.parts.uploads.read(TEXT.encode(), "a.md", _none)).draft.digest
    clock = iter(range(1_000, 9_000))
    kept = Renderings(small_site.parts.database, 10_000, lambda: next(clock))
    for number in range(40):
        await kept.put([Rendering(f"{number:064x}", b"x" * 1_000, f"{number:064x}")])
    async with small_site.parts.database.read() as connection:
        total = await connection.scalar(select(func.sum(renderings.c.size)).where(renderings.c.made_at < 9_000))
        assert total <= 10_000
        assert digest in await stored_bodies(connection, [digest])
    assert list(await kept.get([f"{39:064x}", f"{1:064x}"])) == [f"{39:064x}"]


async def test_many_blocks_are_kept_in_one_go(small_site: Site) -> None:
    text = "# t\n\n" + "\n\n".join(f"```python\nx = {number}\n```" for number in range(700))
    assert (await small_site.put("many", text)).status_code == 201
    assert (await small_site.put("many", text + "\n更多\n")).status_code == 200


async def _none(_name: str) -> None:
    return None
