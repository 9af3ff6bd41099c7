"""Asks for the keys of one turn of the event loop together: one query for however many readers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

MAX_KEYS = 200  # so that a query's length is bounded

Value = TypeVar("Value")


class Batch(Generic[Value]):
    """Turns `ask_many(keys)` into `ask(key)`."""

    def __init__(self, ask_many: Callable[[Sequence[str]], Awaitable[Mapping[str, Value]]]) -> None:
        self._ask_many = ask_many
        self._waiting: dict[str, asyncio.Future[Value | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, key: str) -> Value | None:
        """The value under a key, or None when there is none. Raises what `ask_many` raises."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._send)
        future = self._waiting.setdefault(key, loop.create_future())
        if len(self._waiting) >= MAX_KEYS:
            self._send()
        return await asyncio.shield(future)

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if waiting:
            task = asyncio.ensure_future(self._answer(waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, waiting: dict[str, asyncio.Future[Value | None]]) -> None:
        try:
            found = await self._ask_many(list(waiting))
        except Exception as error:  # noqa: BLE001 - handed on to every one who asked
            for future in waiting.values():
                future.set_exception(error)
                future.exception()  # one whose asker has gone is no warning
        else:
            for key, future in waiting.items():
                future.set_result(found.get(key))
