"""One connection to Redis for readers: questions follow each other without waiting, answers come in their order.

redis-py's own connection takes one question at a time, and copies an answer once more.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Sequence
from typing import Any

import hiredis
from redis.asyncio import ConnectionPool, SSLConnection
from redis.exceptions import RedisError

Replies = asyncio.Future[Any]


class RedisPipe:
    """Connects when it is first asked, and again after it was closed."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool  # for the address and what it says of TLS, user and database
        self._line: _Line | None = None
        self._opening = asyncio.Lock()

    async def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values under these keys. Raises RedisError or OSError when they cannot be had."""
        line = self._line
        if line is None or not line.is_open:
            line = await self._opened()
        values = await line.ask("MGET", *keys)
        if not isinstance(values, list):
            raise RedisError(values)
        return values

    def close(self) -> None:
        """Let go of the connection; whoever waits for an answer is told."""
        if self._line is not None:
            self._line.close()

    async def _opened(self) -> "_Line":
        async with self._opening:
            if self._line is None or not self._line.is_open:
                self._line = await _open(self._pool)
            return self._line


async def _open(pool: ConnectionPool) -> "_Line":
    options = pool.connection_kwargs
    loop = asyncio.get_running_loop()
    if "path" in options:
        _, line = await loop.create_unix_connection(_Line, options["path"])
    else:
        host, port = options.get("host", "localhost"), options.get("port", 6379)
        _, line = await loop.create_connection(_Line, host, port, ssl=_tls(pool))
    try:
        if options.get("password"):
            await line.told("AUTH", *filter(None, (options.get("username"), options["password"])))
        if options.get("db"):
            await line.told("SELECT", str(options["db"]))
    except BaseException:  # also when nobody waits any longer
        line.close()
        raise
    return line


def _tls(pool: ConnectionPool) -> ssl.SSLContext | None:
    kind = pool.connection_class
    return kind(**pool.connection_kwargs).ssl_context.get() if issubclass(kind, SSLConnection) else None


class _Line(asyncio.Protocol):
    def __init__(self) -> None:
        self.is_open = False
        self._transport: Any = None
        self._reader = hiredis.Reader()
        self._reader.setmaxbuf(0)  # pages are large: its buffer is kept from answer to answer
        self._asked: deque[Replies] = deque()

    def ask(self, *words: str) -> Replies:
        reply: Replies = asyncio.get_running_loop().create_future()
        if self.is_open:
            self._asked.append(reply)
            self._transport.write(hiredis.pack_command(words))  # type: ignore[arg-type] # of any length
        else:
            reply.set_exception(ConnectionError("the connection to Redis is closed"))
        return reply

    async def told(self, *words: str) -> None:
        if isinstance(said := await self.ask(*words), Exception):
            raise RedisError(f"{words[0]}: {said}")

    def close(self) -> None:
        self.is_open = False
        self._transport.abort()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                waiting = self._asked.popleft()
                if not waiting.done():
                    waiting.set_result(reply)
        except (hiredis.HiredisError, IndexError):  # what it says is no answer to what was asked
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        while self._asked:
            waiting = self._asked.popleft()
            if not waiting.done():
                waiting.set_exception(error or ConnectionError("Redis closed the connection"))
