"""A read is a ladder: memory, Redis, page store; one climb a key, however many wait, and many keys in one party."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from cache.answer import Prepared, RawHeaders
from cache.counters import DROPS, READS, STORE_FAILURES, Tally
from cache.memory import Memory
from cache.page_store import PageStore
from cache.redis_pages import RedisPages
from cache.trust import Trust
from core.errors import UnavailableError
from core.page import Page

ABSENT_SHARE = 32  # of the memory, for addresses that have no page: random ones cannot push out the hot
ABSENT_SIZE = 256  # bytes that a remembered absence takes
PARTY = 32  # keys that are asked for together, so that a question and its answer are bounded
MAX_PARTIES = 8  # as many connections to the store, and no more, are busy
MAX_CLIMBS = 20_000
TRIES = 3  # a key that changes while it is read is read again

FROM_MEMORY, FROM_ABSENT, FROM_REDIS, FROM_STORE, FROM_NOWHERE, FROM_STALE = (
    Tally(READS.labels(rung)) for rung in ("memory", "absent", "redis", "store", "nowhere", "stale")
)


@dataclass(frozen=True, slots=True)
class Found:
    """A page and the rung that had it."""

    prepared: Prepared
    rung: str
    "memory, redis, store, or stale."


class Ladder:
    """Finished pages by key, from the nearest rung that has them."""

    def __init__(
        self, *, store: PageStore, redis: RedisPages | None, trust: Trust, memory: int, headers: RawHeaders
    ) -> None:
        self.trust = trust
        self._memory: Memory[Found] = Memory(memory - memory // ABSENT_SHARE)
        self._absent: Memory[bool] = Memory(memory // ABSENT_SHARE)
        self._redis = redis
        self._store = store
        self._headers = headers
        self._climbs: dict[str, asyncio.Future[Found | None]] = {}
        self._waiting: list[str] = []  # keys that nobody has asked for yet
        self._parties: set[asyncio.Task[None]] = set()
        self._changed: set[str] = set()  # keys that changed while they were being read

    def hot(self, key: str) -> Found | None:
        """The page, when memory has it and may be believed."""
        if (found := self._memory.get(key)) is not None and self.trust.is_fresh():
            FROM_MEMORY.count += 1
            return found
        return None

    def is_absent(self, key: str) -> bool:
        """Whether memory knows, and may be believed, that there is no such page."""
        if self._absent.get(key) is None or not self.trust.is_fresh():
            return False
        FROM_ABSENT.count += 1
        return True

    async def get(self, key: str) -> Found | None:
        """The page, or None when there is none. Raises UnavailableError when nothing can be asked or believed."""
        if (found := self.hot(key)) is not None:
            return found
        if self.is_absent(key):
            return None
        try:
            return await asyncio.shield(self.climb(key))  # one reader's leaving does not stop the others' climb
        except UnavailableError:
            STORE_FAILURES.inc()
            if (held := self._memory.get(key)) is not None and self.trust.is_usable():
                FROM_STALE.count += 1
                return Found(held.prepared, "stale")
            raise

    def climb(self, key: str) -> asyncio.Future[Found | None]:
        """The page from the rungs below: one climb a key, however many wait, and one question for all keys of a turn.

        Raises UnavailableError when too many climb already.
        """
        future = self._climbs.get(key)
        if future is None:
            if len(self._climbs) >= MAX_CLIMBS:
                msg = "too many pages are being looked up"
                raise UnavailableError(msg)
            loop = asyncio.get_running_loop()
            future = self._climbs[key] = loop.create_future()
            if not self._waiting:
                loop.call_soon(self._set_out)
            self._waiting.append(key)
        return future

    def hottest(self, count: int) -> list[str]:
        """The keys of the pages that are read most, as far as memory can tell."""
        return self._memory.hottest(count)

    def forget(self, keys: Iterable[str]) -> None:
        """These pages changed: what memory holds is old, and so is what is being read now."""
        for key in keys:
            self._memory.drop(key)
            self._absent.drop(key)
            if key in self._climbs:
                self._changed.add(key)

    def forget_all(self) -> None:
        """A change was missed: any page may be old."""
        DROPS.inc()
        self._memory.clear()
        self._absent.clear()
        self._changed.update(self._climbs)

    def _set_out(self) -> None:
        """Let those who wait climb, together; while many are on their way, the next wait and go as one."""
        while self._waiting and len(self._parties) < MAX_PARTIES:
            keys, self._waiting = self._waiting[:PARTY], self._waiting[PARTY:]
            party = asyncio.ensure_future(self._climb(keys))
            self._parties.add(party)
            party.add_done_callback(self._returned)

    def _returned(self, party: asyncio.Task[None]) -> None:
        self._parties.discard(party)
        self._set_out()

    async def _climb(self, keys: list[str]) -> None:
        try:
            tries = 0
            while keys:
                tries += 1
                self._changed.difference_update(keys)
                await self._ask(keys, is_last=tries == TRIES)
                keys = [key for key in keys if key in self._climbs]  # they changed while they were read
        except Exception as error:  # noqa: BLE001 - handed on to every one who waits
            for key in keys:
                if (future := self._climbs.pop(key, None)) is not None and not future.done():
                    future.set_exception(error)
                    future.exception()  # one whose asker has gone is no warning

    async def _ask(self, keys: list[str], *, is_last: bool) -> None:
        nearer = {} if self._redis is None else await self._redis.get(keys)
        for key, page in nearer.items():
            FROM_REDIS.count += 1
            self._arrive(key, page, "redis", is_last=is_last)
        further = [key for key in keys if key not in nearer]
        if not further:
            return
        pages = await self._store.pages(further)
        unchanged = [page for page in pages.values() if page.key not in self._changed]
        for key in further:
            (FROM_STORE if key in pages else FROM_NOWHERE).count += 1
            self._arrive(key, pages.get(key), "store", is_last=is_last)
        if self._redis is not None and unchanged:
            await self._redis.put(unchanged)  # those who wait have their answer

    def _arrive(self, key: str, page: Page | None, rung: str, *, is_last: bool) -> None:
        """Give a page to all who wait for it, and keep it; not one that changed while it was read.

        One that changes faster than it can be read is given out: it is later than the request, and not kept.
        """
        has_changed = key in self._changed
        if has_changed and not is_last:
            return
        found = None if page is None else Found(Prepared(page, self._headers), rung)
        if not has_changed:
            self._keep(key, found)
        self._changed.discard(key)
        if not (future := self._climbs.pop(key)).done():
            future.set_result(found)

    def _keep(self, key: str, found: Found | None) -> None:
        if found is None:
            self._absent.put(key, True, ABSENT_SIZE + len(key))  # noqa: FBT003 - a mark
        else:
            self._memory.put(key, Found(found.prepared, "memory"), found.prepared.size)
