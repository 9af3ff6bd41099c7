"""The hottest addresses outlive a process: the next one has their pages in memory before it takes traffic."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import msgspec

from cache.keys import VARIANTS
from cache.ladder import Ladder
from core.errors import UnavailableError
from core.logs import logger

MAX_VARIANTS = 2000
WARM_SECONDS = 3.0  # a start waits no longer for it
SAVE_SECONDS = 60.0


class Warmth:
    """Writes down, now and then, what is hot; reads it at a start. The file may be lost or wrong without harm."""

    def __init__(self, ladder: Ladder, path: Path) -> None:
        self._ladder = ladder
        self._path = path
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Have the hottest pages in memory; then keep the list."""
        variants: list[str] = []
        with suppress(OSError, msgspec.MsgspecError):
            variants = msgspec.json.decode(self._path.read_bytes(), type=list[str])[:MAX_VARIANTS]
        named = [(key, coding) for coding, _, key in (name.partition(" ") for name in variants) if coding in VARIANTS]
        with suppress(TimeoutError, UnavailableError):
            async with asyncio.timeout(WARM_SECONDS):
                await asyncio.gather(*(self._ladder.get(key, coding) for key, coding in named))
        self._task = asyncio.ensure_future(self._keep())

    async def close(self) -> None:
        """Write the list a last time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._save()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            self._save()

    def _save(self) -> None:
        variants = self._ladder.hottest(MAX_VARIANTS)
        if not variants:
            return
        new = self._path.with_suffix(f".{os.getpid()}")
        try:
            new.write_bytes(msgspec.json.encode(variants))
            new.replace(self._path)  # whole or not at all; of several workers the last one counts
        except OSError as error:
            logger(__name__).warning("what is hot cannot be written down", path=str(self._path), error=str(error))
