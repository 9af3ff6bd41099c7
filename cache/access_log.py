"""The access log: every request of both lanes, in the combined format, buffered and rotated.

Lines are kept in memory and written once a second, so that a request costs no system call. Several workers append to
one file; whoever finds it too long renames it, and the others open the new one.
"""

import asyncio
import fcntl
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from core.logs import logger

MAX_BYTES = 256 * 1024 * 1024
KEPT = 5  # files that were full
MAX_WAITING = 20_000  # lines; then they are written at once
WRITE_SECONDS = 1.0
AGENT = re.compile(rb"(?:^|\n)User-Agent:[ \t]*([^\r]*)", re.IGNORECASE)
REFERER = re.compile(rb"(?:^|\n)Referer:[ \t]*([^\r]*)", re.IGNORECASE)
UNSAFE = re.compile(rb"[^ !#-\[\]-~]")  # what could end a field or a line, as nginx writes it
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class AccessLog:
    """Appends to a file. Nothing here raises: a disk that is full is no reason not to answer readers."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lines: list[bytes] = []
        self._task: asyncio.Task[None] | None = None
        self._is_failing = False

    def note(self, client: str, line: bytes, block: bytes, status: int, size: int) -> None:
        """One request: its first line, its headers, how it was answered."""
        referer, agent = REFERER.search(block), AGENT.search(block)
        self._lines.append(
            b'%s - - [%s] "%s" %d %d "%s" "%s"\n'
            % (
                client.encode() or b"-",
                _now(int(time.time())),
                _safe(line),
                status,
                size,
                _safe(referer[1]) if referer else b"-",
                _safe(agent[1]) if agent else b"-",
            )
        )
        if len(self._lines) >= MAX_WAITING:
            self.write()

    async def start(self) -> None:
        """Begin to write once a second."""
        self._task = asyncio.ensure_future(self._keep_writing())

    async def close(self) -> None:
        """Write what is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.write()

    def write(self) -> None:
        """Append the lines that wait."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        try:
            with self._path.open("ab", buffering=0) as file:
                file.write(b"".join(lines))  # one append: workers' lines do not mix
                if file.tell() > self._max_bytes:
                    self._rotate(file.fileno())
            self._is_failing = False
        except OSError as error:
            if not self._is_failing:
                logger(__name__).error("the access log cannot be written", path=str(self._path), error=str(error))
            self._is_failing = True

    def _rotate(self, descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.fstat(descriptor).st_ino != self._path.stat().st_ino:
                return  # another worker was first
            for number in range(KEPT - 1, 0, -1):
                with suppress(FileNotFoundError):
                    self._path.with_name(f"{self._path.name}.{number}").replace(
                        self._path.with_name(f"{self._path.name}.{number + 1}")
                    )
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await asyncio.to_thread(self.write)


def _safe(value: bytes) -> bytes:
    return UNSAFE.sub(lambda found: b"\\x%02X" % found[0][0], value)


_clock: tuple[int, bytes] = (0, b"")


def _now(second: int) -> bytes:
    global _clock  # noqa: PLW0603 - the text of this second
    if _clock[0] != second:
        at = time.gmtime(second)
        text = (
            f"{at.tm_mday:02}/{MONTHS[at.tm_mon - 1]}/{at.tm_year}:{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} +0000"
        )
        _clock = (second, text.encode())
    return _clock[1]
