"""A read is a ladder: memory, Redis, page store; one climb a variant, however many wait, and many keys in one party."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from cache.answer import Prepared, prepare
from cache.counters import DROPS, READS, STORE_FAILURES, Tally
from cache.keys import VARIANTS, variant_of
from cache.memory import Memory
from cache.page_store import PageStore
from cache.redis_pages import RedisPages
from cache.trust import Trust
from core.errors import UnavailableError
from core.page import Variant

ABSENT_SHARE = 32  # of the memory, for addresses that have no page: random ones cannot push out the hot
ABSENT_SIZE = 256  # bytes that a remembered absence takes
PARTY = 32  # keys that are asked for together, so that a question and its answer are bounded
MAX_PARTIES = 8  # as many connections to the store, and no more, are busy
MAX_CLIMBS = 20_000
TRIES = 3  # a key that changes while it is read is read again

FROM_MEMORY, FROM_ABSENT, FROM_REDIS, FROM_STORE, FROM_NOWHERE, FROM_STALE = (
    Tally(READS.labels(rung)) for rung in ("memory", "absent", "redis", "store", "nowhere", "stale")
)


class Found(NamedTuple):
    """A page and the rung that had it."""

    prepared: Prepared
    rung: str
    "memory, redis, store, or stale."


class Ladder:
    """Finished pages, each in the coding that a reader likes, from the nearest rung that has them."""

    def __init__(
        self, *, store: PageStore, redis: RedisPages | None, trust: Trust, memory: int, headers: bytes = b""
    ) -> None:
        self.trust = trust
        self._memory: Memory[Prepared] = Memory(memory - memory // ABSENT_SHARE)  # by variant
        self._absent: Memory[bool] = Memory(memory // ABSENT_SHARE)  # by key: what is not there has no coding
        self._redis = redis
        self._store = store
        self._headers = headers
        self._climbs: dict[str, asyncio.Future[Found | None]] = {}
        self._waiting: defaultdict[str, list[str]] = defaultdict(list)  # by coding, keys that nobody has asked for yet
        self._parties: set[asyncio.Task[None]] = set()
        self._changed: set[str] = set()  # variants that changed while they were being read

    def hot(self, variant: str) -> Prepared | None:
        """The page, when memory has it and may be believed."""
        if (prepared := self._memory.get(variant)) is not None and self.trust.is_fresh():
            FROM_MEMORY.count += 1
            return prepared
        return None

    def is_absent(self, key: str) -> bool:
        """Whether memory knows, and may be believed, that there is no such page."""
        if self._absent.get(key) is None or not self.trust.is_fresh():
            return False
        FROM_ABSENT.count += 1
        return True

    async def get(self, key: str, coding: str) -> Found | None:
        """The page, or None when there is none. Raises UnavailableError when nothing can be asked or believed."""
        variant = variant_of(coding, key)
        if (prepared := self.hot(variant)) is not None:
            return Found(prepared, "memory")
        if self.is_absent(key):
            return None
        try:
            return await asyncio.shield(self.climb(key, coding))  # one reader's leaving does not stop the others' climb
        except UnavailableError:
            STORE_FAILURES.inc()
            if (held := self._memory.get(variant)) is not None and self.trust.is_usable():
                FROM_STALE.count += 1
                return Found(held, "stale")
            raise

    def climb(self, key: str, coding: str) -> asyncio.Future[Found | None]:
        """The page from the rungs below: one climb, however many wait, and one question for all keys of a turn.

        Raises UnavailableError when too many climb already.
        """
        variant = variant_of(coding, key)
        future = self._climbs.get(variant)
        if future is None:
            if len(self._climbs) >= MAX_CLIMBS:
                msg = "too many pages are being looked up"
                raise UnavailableError(msg)
            loop = asyncio.get_running_loop()
            future = self._climbs[variant] = loop.create_future()
            waiting = self._waiting[coding]
            if not waiting:
                loop.call_soon(self._set_out)
            waiting.append(key)
        return future

    def hottest(self, count: int) -> list[str]:
        """The variants that are read most, as far as memory can tell."""
        return self._memory.hottest(count)

    def forget(self, keys: Iterable[str]) -> None:
        """These pages changed: what memory holds is old, and so is what is being read now."""
        for key in keys:
            self._absent.drop(key)
            for variant in (variant_of(coding, key) for coding in VARIANTS):
                self._memory.drop(variant)
                if variant in self._climbs:
                    self._changed.add(variant)

    def forget_all(self) -> None:
        """A change was missed: any page may be old."""
        DROPS.inc()
        self._memory.clear()
        self._absent.clear()
        self._changed.update(self._climbs)

    def _set_out(self) -> None:
        """Let those who wait climb, together; while many are on their way, the next wait and go as one."""
        for coding, keys in self._waiting.items():
            while keys and len(self._parties) < MAX_PARTIES:
                party = asyncio.ensure_future(self._climb(keys[:PARTY], coding))
                del keys[:PARTY]
                self._parties.add(party)
                party.add_done_callback(self._returned)

    def _returned(self, party: asyncio.Task[None]) -> None:
        self._parties.discard(party)
        self._set_out()

    async def _climb(self, keys: list[str], coding: str) -> None:
        try:
            tries = 0
            while keys:
                tries += 1
                self._changed.difference_update(variant_of(coding, key) for key in keys)
                await self._ask(keys, coding, is_last=tries == TRIES)
                keys = [key for key in keys if variant_of(coding, key) in self._climbs]  # they changed meanwhile
        except Exception as error:  # noqa: BLE001 - handed on to every one who waits
            for key in keys:
                future = self._climbs.pop(variant_of(coding, key), None)
                if future is not None and not future.done():
                    future.set_exception(error)
                    future.exception()  # one whose asker has gone is no warning

    async def _ask(self, keys: list[str], coding: str, *, is_last: bool) -> None:
        stored_as = "br" if coding == "br" else "gzip"
        nearer = {} if self._redis is None else await self._redis.get(keys, stored_as)
        FROM_REDIS.count += len(nearer)
        for key, variant in nearer.items():
            self._arrive(key, coding, variant, "redis", is_last=is_last)
        further = [key for key in keys if key not in nearer] if nearer else keys
        if not further:
            return
        found = await self._store.get(further, stored_as)
        FROM_STORE.count += len(found)
        FROM_NOWHERE.count += len(further) - len(found)
        fill = [one for one in found.values() if variant_of(coding, one.key) not in self._changed]
        for key in further:
            self._arrive(key, coding, found.get(key), "store", is_last=is_last)
        if self._redis is not None and fill:
            await self._redis.put(fill)  # those who wait have their answer

    def _arrive(self, key: str, coding: str, variant: Variant | None, rung: str, *, is_last: bool) -> None:
        """Give a page to all who wait for it, and keep it; not one that changed while it was read.

        One that changes faster than it can be read is given out: it is later than the request, and not kept.
        """
        name = variant_of(coding, key)
        has_changed = name in self._changed
        if has_changed and not is_last:
            return
        prepared = None
        if variant is not None:
            prepared = prepare(variant.decoded() if coding == "identity" else variant, self._headers)
        if not has_changed:
            self._keep(key, name, prepared)
        self._changed.discard(name)
        if not (future := self._climbs.pop(name)).done():
            future.set_result(None if prepared is None else Found(prepared, rung))

    def _keep(self, key: str, variant: str, prepared: Prepared | None) -> None:
        if prepared is None:
            self._absent.put(key, True, ABSENT_SIZE + len(key))  # noqa: FBT003 - a mark
        else:
            self._memory.put(variant, prepared, prepared.size)
