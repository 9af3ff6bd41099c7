"""How a serving process hears of other processes' changes.

The outbox in the database is the stream; a message through Redis only brings it sooner. The listener asks for the last
generation every watch interval (SQLite 50 ms, MySQL 500 ms), and whatever way a change is heard, it is applied in the
order of commits. A hole in the numbers that the outbox cannot fill means that everything is forgotten.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from cache.counters import settle_counts
from cache.delivery import Delivery
from cache.ladder import Ladder
from cache.outbox import AT_ONCE, HOSTS, Change, Outbox
from cache.page_store import PageStore
from cache.redis_pages import CHANNEL, RedisPages
from core.errors import UnavailableError
from core.logs import logger

BEAT_SECONDS = 0.5
PRUNE_SECONDS = 600


class Listener:
    """Keeps the memory of one process true. `start` and `close` belong to the process's lifespan."""

    def __init__(
        self,
        *,
        store: PageStore,
        outbox: Outbox,
        ladder: Ladder,
        delivery: Delivery,
        reload_hosts: Callable[[], Awaitable[None]],
        now: Callable[[], int],
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._ladder = ladder
        self._delivery = delivery
        self._reload_hosts = reload_hosts
        self._now = now
        self._seen: int | None = None
        self._applying = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_cut_off = False

    async def start(self) -> None:
        """Begin to listen; returns when the first answer, or that there is none, is known."""
        await self._watch_once()
        await self._delivery.wake_redis()
        self._tasks = [asyncio.ensure_future(self._watch()), asyncio.ensure_future(self._prune())]
        if self._delivery.redis is not None:
            self._tasks.append(asyncio.ensure_future(self._subscribe(self._delivery.redis)))

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._store.watch_seconds)
            settle_counts()
            await self._watch_once()
            await self._delivery.wake_redis()

    async def _watch_once(self) -> None:
        asked_at = self._ladder.trust.now()
        try:
            head = await self._store.head()
            await self._catch_up(head)
        except UnavailableError as error:
            if not self._is_cut_off:
                logger(__name__).warning("the database cannot be asked what changed", error=str(error))
            self._is_cut_off = True
            return
        self._ladder.trust.heard(asked_at)
        if self._is_cut_off:
            logger(__name__).info("the database answers again")
        self._is_cut_off = False

    async def _catch_up(self, head: int) -> None:
        """Apply every change up to a generation that is known to be committed."""
        async with self._applying:
            if self._seen is None:
                await self._reload_hosts()
                self._seen = head
            if head == self._seen:
                return
            changes = await self._outbox.after(self._seen)
            numbers = [change.generation for change in changes]
            if head < self._seen or not numbers or numbers[0] != self._seen + 1 or len(numbers) == AT_ONCE:
                logger(__name__).warning("changes were missed; memory is dropped", seen=self._seen, head=head)
                self._ladder.forget_all()
                await self._reload_hosts()
                self._seen = head
                return
            for change in changes:
                await self._apply(change)

    async def _apply(self, change: Change) -> None:
        if HOSTS in change.keys:
            await self._reload_hosts()
        await self._delivery.hear(change)
        self._seen = change.generation

    async def _subscribe(self, redis: RedisPages) -> None:
        while True:
            with suppress(RedisError, OSError, UnavailableError):
                async with redis.client.pubsub() as messages:
                    await messages.subscribe(CHANNEL)
                    await self._watch_once()  # what was said while nobody listened
                    await self._hear(messages)
            await asyncio.sleep(BEAT_SECONDS)

    async def _hear(self, messages: PubSub) -> None:
        """Messages as they come; each beat a ping, whose answer shows that none before it was lost."""
        while True:
            asked_at = self._ladder.trust.now()
            await messages.ping()
            while True:
                message = await messages.get_message(ignore_subscribe_messages=False, timeout=BEAT_SECONDS)
                if message is None:
                    break
                if message["type"] == "message":
                    await self._hear_change(message["data"])
                elif message["type"] == "pong" and self._is_cut_off:
                    self._ladder.trust.heard(asked_at)

    async def _hear_change(self, data: bytes) -> None:
        try:
            generation, keys = msgspec.json.decode(data, type=tuple[int, tuple[str, ...]])
        except msgspec.MsgspecError:
            logger(__name__).warning("a message that is none was heard", channel=CHANNEL)
            return
        async with self._applying:
            if self._seen is not None and generation == self._seen + 1:
                await self._apply(Change(generation, keys, delivered=True))
        if self._seen is None or generation > self._seen:
            await self._watch_once()

    async def _prune(self) -> None:
        while True:
            await asyncio.sleep(PRUNE_SECONDS)
            with suppress(UnavailableError):
                await self._outbox.prune(self._now())
