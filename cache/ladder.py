"""A read is a ladder: memory, Redis, page store; one climb a key, however many wait."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from cache.answer import Prepared, RawHeaders, prepare
from cache.batch import Batch
from cache.counters import DROPS, READS, STORE_FAILURES, Tally
from cache.memory import Memory
from cache.page_store import PageStore
from cache.redis_pages import RedisPages
from cache.trust import Trust
from core.errors import UnavailableError
from core.page import Page

ABSENT_SHARE = 32  # of the memory, for addresses that have no page: random ones cannot push out the hot
ABSENT_SIZE = 256  # bytes that a remembered absence takes
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
        self._batch: Batch[Page] = Batch(store.pages)
        self._headers = headers
        self._climbs: dict[str, asyncio.Task[Found | None]] = {}
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
            return await self._joined(key)
        except UnavailableError:
            STORE_FAILURES.inc()
            if (held := self._memory.get(key)) is not None and self.trust.is_usable():
                FROM_STALE.count += 1
                return Found(held.prepared, "stale")
            raise

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

    async def _joined(self, key: str) -> Found | None:
        climb = self._climbs.get(key)
        if climb is None:
            climb = self._climbs[key] = asyncio.ensure_future(self._climb(key))
            climb.add_done_callback(lambda _: self._climbs.pop(key, None))
        return await asyncio.shield(climb)  # one reader's leaving does not stop the others' climb

    async def _climb(self, key: str) -> Found | None:
        for _ in range(TRIES):
            self._changed.discard(key)
            found = await self._ask(key)
            if key not in self._changed:
                self._keep(key, found)
                return found
        return await self._ask(key)  # it changes faster than it can be read: later than the request, and not kept

    async def _ask(self, key: str) -> Found | None:
        if self._redis is not None and (page := await self._redis.get(key)) is not None:
            FROM_REDIS.count += 1
            return Found(prepare(page, self._headers), "redis")
        page = await self._batch.ask(key)
        if page is None:
            FROM_NOWHERE.count += 1
            return None
        FROM_STORE.count += 1
        if self._redis is not None and key not in self._changed and not self._redis.is_resting:
            await self._redis.put(page)
        return Found(prepare(page, self._headers), "store")

    def _keep(self, key: str, found: Found | None) -> None:
        if found is None:
            self._absent.put(key, True, ABSENT_SIZE + len(key))  # noqa: FBT003 - a mark
        else:
            self._memory.put(key, Found(found.prepared, "memory"), found.prepared.size)
