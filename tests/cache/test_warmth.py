from pathlib import Path

import pytest

from app import create_app
from cache.ladder import Ladder
from cache.warmth import Warmth
from core.errors import UnavailableError
from tests.cache.pages import page
from tests.cache.test_ladder import Store, clock, ladder, store  # noqa: F401 - its fixtures
from tests.site import open_site, running, settings_for


async def test_a_new_process_begins_with_what_was_hot(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    async with open_site(settings) as site:
        await site.publish("hot")
        await site.publish("cold")
        assert (await site.read("/demo/p/hot")).status_code == 200
    front = create_app(settings)
    async with running(front):
        assert front._ladder.hot("br /demo/p/hot") is not None
        assert front._ladder.hot("br /demo/p/cold") is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'["br /gone", "/a", "xx /a", "br /a"]'])
async def test_a_list_that_is_wrong_does_no_harm(ladder: Ladder, tmp_path: Path, content: bytes) -> None:  # noqa: F811
    path = tmp_path / "hot.json"
    path.write_bytes(content)
    warmth = Warmth(ladder, path)
    await warmth.start()
    await warmth.close()
    assert (ladder.hot("br /a") is not None) == (b"br /a" in content)


async def test_a_start_does_not_fail_with_the_database(ladder: Ladder, store: Store, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "none/hot.json"
    store.is_away = True
    warmth = Warmth(ladder, path)
    await warmth.start()
    with pytest.raises(UnavailableError):
        await ladder.get("/a", "br")
    store.is_away = False
    assert await ladder.get("/a", "br") is not None
    await warmth.close()  # the folder is not there: a warning


def test_the_hottest_are_those_that_were_read(ladder: Ladder) -> None:  # noqa: F811
    for name in ("/1", "/2", "/3"):
        ladder._memory.put(name, page(name), 1)  # type: ignore[arg-type]
    ladder._memory.get("/2")
    assert ladder.hottest(2) == ["/2", "/3"]
