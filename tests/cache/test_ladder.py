import asyncio
from collections.abc import Sequence
from typing import cast

import brotli
import pytest

from cache.ladder import Found, Ladder, Outcome
from cache.redis_pages import RedisPages
from cache.trust import Trust
from core.errors import UnavailableError
from core.page import Page, Variant
from tests.cache.pages import page

MIB = 1024 * 1024


class Store:
    """A page store in a dictionary, which can be slow or away."""

    watch_seconds = 0.01

    def __init__(self) -> None:
        self.rows: dict[str, Page] = {}
        self.asked: list[list[str]] = []
        self.is_away = False
        self.gate: asyncio.Event | None = None

    async def get(self, keys: Sequence[str], coding: str) -> dict[str, Variant]:
        self.asked.append(list(keys))
        rows = [self.rows[key] for key in keys if key in self.rows]
        found = {row.key: variant for row in rows for variant in row.variants if variant.coding == coding}
        if self.gate is not None:
            await self.gate.wait()
        if self.is_away:
            raise UnavailableError("away")
        return found

    async def head(self) -> int:
        return 0

    async def close(self) -> None:
        pass


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    made = Store()
    made.rows["/a"] = page("/a")
    return made


@pytest.fixture
def ladder(store: Store, clock: Clock) -> Ladder:
    trust = Trust(2, 10, clock)
    trust.heard()
    return Ladder(store=store, redis=None, trust=trust, memory=MIB)


async def test_the_first_reader_climbs_and_the_others_find_it_in_memory(ladder: Ladder, store: Store) -> None:
    first, second = await ladder.get("/a", "br"), await ladder.get("/a", "br")
    assert first is not None
    assert second is not None
    assert (first.rung, second.rung) == ("store", "memory")
    assert store.asked == [["/a"]]


async def test_ten_thousand_readers_of_a_cold_page_cost_one_load(ladder: Ladder, store: Store) -> None:
    store.gate = asyncio.Event()
    readers = [asyncio.ensure_future(ladder.get("/a", "br")) for _ in range(10_000)]
    await asyncio.sleep(0)
    readers[0].cancel()
    store.gate.set()
    found = await asyncio.gather(*readers, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(found[1:])
    assert store.asked == [["/a"]]


async def test_absence_is_remembered_until_the_key_changes(ladder: Ladder, store: Store) -> None:
    assert await ladder.get("/b", "br") is None
    assert await ladder.get("/b", "br") is None
    assert len(store.asked) == 1
    store.rows["/b"] = page("/b")
    ladder.forget(["/b"])
    assert await ladder.get("/b", "br") is not None


async def test_random_addresses_do_not_push_out_pages_nor_grow_memory(ladder: Ladder) -> None:
    await ladder.get("/a", "br")
    for number in range(5000):
        await ladder.get(f"/random/{number}", "br")
    assert ladder.hot("br /a") is not None
    assert ladder._absent.size <= ladder._absent.limit


async def test_a_page_that_changes_while_it_is_read_is_read_again(ladder: Ladder, store: Store) -> None:
    store.gate = asyncio.Event()
    reader = asyncio.ensure_future(ladder.get("/a", "br"))
    await asyncio.sleep(0.01)
    store.rows["/a"] = page("/a", "new", 2)
    ladder.forget(["/a"])
    store.gate.set()
    found = await reader
    assert found is not None
    assert brotli.decompress(found.prepared.full.body) == b"new"
    held = ladder.hot("br /a")
    assert held is not None
    assert brotli.decompress(held.full.body) == b"new"


async def test_a_page_that_never_stands_still_is_answered_and_not_kept(ladder: Ladder, store: Store) -> None:
    get = store.get

    async def restless(keys: Sequence[str], coding: str) -> dict[str, Variant]:
        found = await get(keys, coding)
        ladder.forget_all()
        return found

    store.get = restless  # type: ignore[method-assign]
    assert await ladder.get("/a", "br") is not None
    assert ladder.hot("br /a") is None


async def test_memory_that_is_not_trusted_is_asked_for_again(ladder: Ladder, store: Store, clock: Clock) -> None:
    await ladder.get("/a", "br")
    await ladder.get("/none", "br")
    clock.now = 2
    store.rows["/a"] = page("/a", "new", 2)
    store.rows["/none"] = page("/none")
    found = await ladder.get("/a", "br")
    assert found is not None
    assert brotli.decompress(found.prepared.full.body) == b"new"
    assert await ladder.get("/none", "br") is not None


async def test_a_cut_off_process_serves_what_it_holds_marked_stale_for_a_bounded_time(
    ladder: Ladder, store: Store, clock: Clock
) -> None:
    await ladder.get("/a", "br")
    store.is_away = True
    assert (await ladder.get("/a", "br")) is not None
    clock.now = 5
    found = await ladder.get("/a", "br")
    assert found is not None
    assert found.rung == "stale"
    with pytest.raises(UnavailableError):
        await ladder.get("/b", "br")
    clock.now = 12
    with pytest.raises(UnavailableError):
        await ladder.get("/a", "br")


async def test_forgetting_everything_forgets_absences_too(ladder: Ladder, store: Store) -> None:
    await ladder.get("/a", "br")
    await ladder.get("/b", "br")
    ladder.forget_all()
    await ladder.get("/a", "br")
    await ladder.get("/b", "br")
    assert len(store.asked) == 4


async def test_the_keys_of_one_turn_are_asked_together(ladder: Ladder, store: Store) -> None:
    found = await asyncio.gather(*(ladder.get(f"/{number}", "br") for number in range(150)))
    assert found == [None] * 150
    assert [len(keys) for keys in store.asked] == [32, 32, 32, 32, 22]


async def test_while_many_are_on_their_way_the_next_wait_and_go_as_one(ladder: Ladder, store: Store) -> None:
    store.gate = asyncio.Event()
    readers = []
    for number in range(40):
        readers.append(asyncio.ensure_future(ladder.get(f"/{number}", "br")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert len(store.asked) == 4
    store.gate.set()
    await asyncio.gather(*readers)
    assert [len(keys) for keys in store.asked[4:]] == [32, 4]


async def test_no_coding_waits_for_ever_for_another(ladder: Ladder, store: Store) -> None:
    store.gate = asyncio.Event()
    readers = []
    for number in range(4):  # all who may ask are busy
        readers.append(asyncio.ensure_future(ladder.get(f"/{number}", "br")))
        await asyncio.sleep(0.001)
    readers += [asyncio.ensure_future(ladder.get(f"/many/{number}", "br")) for number in range(100)]
    await asyncio.sleep(0)
    readers.append(asyncio.ensure_future(ladder.get("/one", "gzip")))
    await asyncio.sleep(0.001)
    store.gate.set()
    await asyncio.gather(*readers)
    assert ["/one"] in store.asked[4:6]


async def test_a_failure_reaches_every_one_who_waits(ladder: Ladder, store: Store) -> None:
    store.is_away = True
    results = await asyncio.gather(
        ladder.get("/a", "br"), ladder.get("/b", "br"), ladder.get("/a", "br"), return_exceptions=True
    )
    assert all(isinstance(result, UnavailableError) for result in results)
    store.is_away = False
    assert await ladder.get("/a", "br") is not None


async def test_too_many_lookups_are_refused_at_once_while_pages_in_memory_are_answered(
    ladder: Ladder, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cache.ladder.MAX_CLIMBS", 3)
    await ladder.get("/a", "br")
    store.gate = asyncio.Event()
    readers = [asyncio.ensure_future(ladder.get(f"/{number}", "br")) for number in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError, match="too many"):
        await ladder.get("/more", "br")
    assert await ladder.get("/a", "br") is not None
    store.gate.set()
    await asyncio.gather(*readers)
    assert await ladder.get("/more", "br") is None


async def test_one_who_cannot_be_told_does_not_hold_up_the_others(ladder: Ladder) -> None:
    def fails(_outcome: Outcome) -> None:
        raise ZeroDivisionError

    told: list[Outcome] = []
    for then in (fails, told.append):
        ladder.climb("/a", "br", then)
    assert await ladder.get("/a", "br") is not None
    assert isinstance(told[0], Found)


class Nearer:
    """The rung above the store, in a dictionary."""

    def __init__(self, *pages: Page) -> None:
        self.rows = {one.key: one for one in pages}

    async def get(self, keys: Sequence[str], coding: str) -> dict[str, Variant]:
        rows = [self.rows[key] for key in keys if key in self.rows]
        return {row.key: variant for row in rows for variant in row.variants if variant.coding == coding}


async def test_a_failure_is_told_to_those_who_asked_before_it_alone(store: Store) -> None:
    """While the store is away, every page that Redis holds is served, whoever else is refused meanwhile."""
    store.is_away = True
    near = cast("RedisPages", Nearer(page("/a")))
    ladder = Ladder(store=store, redis=near, trust=Trust(2, 10), memory=0)
    store.gate = asyncio.Event()
    refused = asyncio.ensure_future(ladder.get("/b", "br"))
    first = await ladder.get("/a", "br")
    again = asyncio.ensure_future(ladder.get("/a", "br"))
    await asyncio.sleep(0)
    store.gate.set()
    assert first is not None
    assert (await again) is not None
    with pytest.raises(UnavailableError):
        await refused
