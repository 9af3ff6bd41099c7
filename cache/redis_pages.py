"""Finished pages in Redis: a rung that may be slow, flushed or dead at any time.

Every write is a compare-and-set on the page's generation, so that a slow process cannot put an older page over
a newer one. A failure is a miss. After a failure the rung rests until `cache/delivery.py` has told Redis what it
missed: a Redis that comes back with yesterday's pages must not be believed.
"""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from cache.counters import REDIS_FAILURES
from cache.keys import variant_of
from cache.redis_pipe import RedisPipe
from core.logs import logger
from core.page import CODINGS, Variant, unpacked

PREFIX = "diaoban:page:2:"  # the number is the format's
CHANNEL = "diaoban:changes"
TIMEOUT_SECONDS = 0.25  # the page store answers in a millisecond; there is no use in waiting for a cache
AT_ONCE = 100  # variants that are written together
KEEP_SECONDS = 3600  # no longer than cache.outbox.KEEP_SECONDS, so that what is not told of expires by itself
GENERATION_DIGITS = 16
PACKED_ENDS = b"\n\n"
# KEYS[1] the variant, ARGV[1] its generation, ARGV[2] the value (generation first), ARGV[3] seconds to keep it.
SET_IF_NEWER = f"""
local stored = tonumber(redis.call('GETRANGE', KEYS[1], 0, {GENERATION_DIGITS - 1}))
if stored and stored > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class RedisPages:
    """Pages by key and coding. Nothing here raises: what cannot be had is not there, and `is_resting` says why."""

    def __init__(self, url: str) -> None:
        self.client: Redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 1),  # a connection that idled out is no failure
            max_connections=32,
        )
        self.is_resting = True
        "Until it is known that Redis has heard of every change."
        self._pipe = RedisPipe(self.client.connection_pool)
        self._set_if_newer = self.client.register_script(SET_IF_NEWER)

    async def get(self, keys: Sequence[str], coding: str) -> dict[str, Variant]:
        """The pages that it has under these keys, in br or gzip; none of them when Redis cannot be used now."""
        if self.is_resting:
            return {}
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                values = await self._pipe.mget([PREFIX + variant_of(coding, key) for key in keys])
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self.rest(error)
            return {}
        found = (_variant(key, coding, value) for key, value in zip(keys, values, strict=True) if value)
        return {variant.key: variant for variant in found if variant is not None}

    async def put(self, variants: Iterable[Variant]) -> bool:
        """Keep pages, but not where a newer one is. False when Redis cannot be used now."""
        return await self._set(
            (variant_of(one.coding, one.key), one.generation, one.packed().encode() + PACKED_ENDS + one.body)
            for one in variants
        )

    async def put_nothing(self, keys: Iterable[str], generation: int) -> bool:
        """Keep that there was a change after which Redis knows no pages here."""
        return await self._set((variant_of(coding, key), generation, b"") for key in keys for coding in CODINGS)

    async def announce(self, generation: int, keys: Sequence[str]) -> bool:
        """Tell every listening process of a change. False when Redis cannot be used now."""
        try:
            await self.client.publish(CHANNEL, msgspec.json.encode([generation, keys]))
        except (RedisError, OSError) as error:
            self.rest(error)
            return False
        return True

    async def answers(self) -> bool:
        """Whether Redis can be reached."""
        try:
            await self.client.ping()
        except (RedisError, OSError):
            return False
        return True

    def rest(self, error: BaseException) -> None:
        """Use Redis no more until it has been told what it missed."""
        REDIS_FAILURES.inc()
        if not self.is_resting:
            logger(__name__).warning("redis cannot be used; pages come from the page store", error=str(error))
        self.is_resting = True
        self._pipe.close()

    async def close(self) -> None:
        """Let go of the connections."""
        self._pipe.close()
        await self.client.aclose()

    async def _set(self, entries: Iterable[tuple[str, int, bytes]]) -> bool:
        waiting = list(entries)
        try:
            for start in range(0, len(waiting), AT_ONCE):
                async with self.client.pipeline(transaction=False) as pipe:
                    for variant, generation, value in waiting[start : start + AT_ONCE]:
                        stamped = f"{generation:0{GENERATION_DIGITS}d}".encode() + value
                        await self._set_if_newer([PREFIX + variant], [generation, stamped, KEEP_SECONDS], client=pipe)
                    await pipe.execute()
        except (RedisError, OSError) as error:
            self.rest(error)
            return False
        return True


def _variant(key: str, coding: str, value: bytes) -> Variant | None:
    ends = value.find(PACKED_ENDS)
    try:
        packed = value[GENERATION_DIGITS:ends].decode()
        return unpacked(key, coding, packed, value[ends + len(PACKED_ENDS) :]) if ends > 0 else None
    except ValueError:
        return None  # a value of another release, or not ours
