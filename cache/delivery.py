"""After a commit: far rung first. Redis gets the new pages, then this process forgets, then the others are told."""

from collections.abc import Callable
from contextlib import suppress

from cache.counters import CHANGES
from cache.ladder import Ladder
from cache.outbox import AT_ONCE, HOSTS, Change, Outbox
from cache.page_store import PageStore
from cache.redis_pages import RedisPages
from core.errors import UnavailableError
from core.page import CODINGS

MAX_OWED = 10_000  # changes that Redis must be told of; beyond it Redis rests until the database can be asked


class Delivery:
    """Carries changes to Redis and to this process; a change may be delivered any number of times."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        store: PageStore,
        redis: RedisPages | None,
        ladder: Ladder | None,
        now: Callable[[], int],
    ) -> None:
        self.redis = redis
        self._outbox = outbox
        self._store = store
        self._ladder = ladder
        self._now = now
        self._owed: dict[int, Change] = {}  # what this process knows that Redis does not

    async def deliver(self, change: Change) -> None:
        """Make a committed change known. Never fails: the commit stands, and the outbox repeats what is missing."""
        await self.hear(change)
        if self.redis is not None and not self.redis.is_resting:
            await self.redis.announce(change.generation, change.keys)

    async def hear(self, change: Change) -> None:
        """Apply a change, ours or another process's, to Redis (when it has not been told) and to this process."""
        if self.redis is not None and not change.delivered:
            await self._tell_redis(self.redis, change)
        if self._ladder is not None:
            CHANGES.inc()
            self._ladder.forget(change.keys)

    async def wake_redis(self) -> None:
        """Tell a Redis that was away what it missed, and use it again."""
        if self.redis is None or not self.redis.is_resting or not await self.redis.answers():
            return
        try:
            missed = await self._outbox.undelivered()
        except UnavailableError:
            if len(self._owed) >= MAX_OWED:
                return
            missed = list(self._owed.values())
        for change in missed:
            if not await self._put(self.redis, change):
                return
        self._owed.clear()
        if len(missed) < AT_ONCE:  # otherwise there may be more
            self.redis.is_resting = False
        await self._mark(missed)

    async def _tell_redis(self, redis: RedisPages, change: Change) -> None:
        if not redis.is_resting and await self._put(redis, change):
            await self._mark([change])
        elif len(self._owed) < MAX_OWED:
            self._owed[change.generation] = Change(change.generation, change.keys)

    async def _put(self, redis: RedisPages, change: Change) -> bool:
        variants = [variant for page in change.pages for variant in page.variants]
        known = {page.key for page in change.pages}
        unknown = [key for key in change.keys if key not in known and key != HOSTS]
        gone = unknown
        if unknown:
            with suppress(UnavailableError):  # an empty place in Redis is right too: readers go on to the page store
                found = [await self._store.get(unknown, coding) for coding in CODINGS]
                variants += [variant for by_key in found for variant in by_key.values()]
                gone = [key for key in unknown if not any(key in by_key for by_key in found)]
        return await redis.put(variants) and await redis.put_nothing(gone, change.generation)

    async def _mark(self, changes: list[Change]) -> None:
        if changes:
            with suppress(UnavailableError):  # it will be delivered again, which does no harm
                await self._outbox.mark_delivered([change.generation for change in changes], self._now())
