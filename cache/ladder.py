"""A read is a ladder: memory, Redis, page store; one climb a variant, however many wait, and many keys in one party."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from cache.answer import Prepared, prepare
from cache.counters import DROPS, READS, STORE_FAILURES, Tally
from cache.keys import VARIANTS, variant_of
from cache.memory import Memory
from cache.page_store import PageStore
from cache.redis_pages import RedisPages
from cache.trust import Trust
from core.errors import UnavailableError
from core.logs import logger
from core.page import Variant

ABSENT_SHARE = 32  # of the memory, for addresses that have no page: random ones cannot push out the hot
ABSENT_SIZE = 256  # bytes that a remembered absence takes
PARTY = 32  # keys that are asked for together, so that a question and its answer are bounded
MAX_PARTIES = 4  # as many as the store has connections; fewer, and larger, cost less each page
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


Outcome = Found | Exception | None
Then = Callable[[Outcome], None]


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
        self._climbs: dict[str, list[Then]] = {}  # by variant, those who wait for it
        self._waiting: dict[str, list[str]] = {}  # by coding, keys that nobody has asked for yet
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
        reader = asyncio.get_running_loop().create_future()
        try:
            self.climb(key, coding, partial(_tell, reader))
            return await reader  # type: ignore[no-any-return]
        except UnavailableError:
            STORE_FAILURES.inc()
            if (held := self._memory.get(variant)) is not None and self.trust.is_usable():
                FROM_STALE.count += 1
                return Found(held, "stale")
            raise

    def climb(self, key: str, coding: str, then: Then) -> None:
        """Call `then` with the page from the rungs below, None when there is none, or the error that hides it.

        One climb a variant, however many wait, and one question for all keys of a turn. Raises UnavailableError when
        too many climb already.
        """
        variant = variant_of(coding, key)
        if (waiting := self._climbs.get(variant)) is not None:
            waiting.append(then)
            return
        if len(self._climbs) >= MAX_CLIMBS:
            msg = "too many pages are being looked up"
            raise UnavailableError(msg)
        self._climbs[variant] = [then]
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._set_out)
        self._waiting.setdefault(coding, []).append(key)

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
        while self._waiting and len(self._parties) < MAX_PARTIES:
            coding = next(iter(self._waiting))
            keys = self._waiting.pop(coding)
            if len(keys) > PARTY:
                self._waiting[coding] = keys[PARTY:]  # behind the other codings: none waits for ever
            party = asyncio.ensure_future(self._climb(keys[:PARTY], coding))
            self._parties.add(party)
            party.add_done_callback(self._returned)

    def _returned(self, party: asyncio.Task[None]) -> None:
        self._parties.discard(party)
        self._set_out()

    async def _climb(self, keys: list[str], coding: str) -> None:
        left = dict.fromkeys(keys)  # whoever waits for these has not been told
        try:
            tries = 0
            while left:
                tries += 1
                if self._changed:
                    self._changed.difference_update(variant_of(coding, key) for key in left)
                await self._ask(left, coding, is_last=tries == TRIES)
        except Exception as error:  # noqa: BLE001 - handed on to every one who waits
            for key in left:
                self._give(variant_of(coding, key), error)

    async def _ask(self, left: dict[str, None], coding: str, *, is_last: bool) -> None:
        stored_as = "br" if coding == "br" else "gzip"
        nearer = {} if self._redis is None else await self._redis.get(list(left), stored_as)
        FROM_REDIS.count += len(nearer)
        further = [key for key in left if key not in nearer]
        self._arrive(nearer.items(), left, coding, "redis", is_last=is_last)
        if not further:
            return
        found = await self._store.get(further, stored_as)
        FROM_STORE.count += len(found)
        FROM_NOWHERE.count += len(further) - len(found)
        self._arrive([(key, found.get(key)) for key in further], left, coding, "store", is_last=is_last)
        fill = [variant for key, variant in found.items() if key not in left]
        if self._redis is not None and fill:
            await self._redis.put(fill)  # those who wait have their answer

    def _arrive(
        self,
        found: Iterable[tuple[str, Variant | None]],
        left: dict[str, None],
        coding: str,
        rung: str,
        *,
        is_last: bool,
    ) -> None:
        """Give pages to all who wait for them, and keep them; not those that changed while they were read.

        One that changes faster than it can be read is given out at last: it is later than the request, and not kept.
        """
        for key, variant in found:
            name = variant_of(coding, key)
            has_changed = name in self._changed
            if has_changed and not is_last:
                continue
            prepared = None
            if variant is not None:
                prepared = prepare(variant.decoded() if coding == "identity" else variant, self._headers)
            if not has_changed:
                self._keep(key, name, prepared)
            del left[key]
            self._give(name, None if prepared is None else Found(prepared, rung))

    def _keep(self, key: str, variant: str, prepared: Prepared | None) -> None:
        if prepared is None:
            self._absent.put(key, True, ABSENT_SIZE + len(key))  # noqa: FBT003 - a mark
        else:
            self._memory.put(variant, prepared, prepared.size)

    def _give(self, variant: str, outcome: Outcome) -> None:
        self._changed.discard(variant)
        for then in self._climbs.pop(variant, ()):
            try:
                then(outcome)
            except Exception as error:  # noqa: BLE001 - the others are answered
                logger(__name__).error("an answer cannot be given", page=variant, error=repr(error))


def _tell(reader: asyncio.Future[Found | None], outcome: Outcome) -> None:
    if reader.done():  # it has gone
        return
    if isinstance(outcome, Exception):
        reader.set_exception(outcome)
    else:
        reader.set_result(outcome)
