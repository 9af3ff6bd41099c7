"""A history of reads and writes, and what the promises say of it.

Each read has a start, an end, and the version that it saw; each write a start and an acknowledgement. A read may see a
version that was acknowledged before it began, up to the grace of its server, or one whose write had begun before the
read ended; nothing else. (Kingsbury's and Herlihy's checkers do more; versions that only grow need no search.)
"""

import asyncio
import bisect
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

VERSION = re.compile(rb"version-(\d+)\.")
STATUS = re.compile(rb"HTTP/1\.1 (\d+)")


@dataclass(frozen=True, slots=True)
class Read:
    server: str
    started: float
    ended: float
    status: int
    version: int
    "-1 where the page is gone."
    is_stale: bool
    "Whether the answer itself said so."


@dataclass
class History:
    """What happened to one page; times are this process's monotonic clock."""

    begun: list[float] = field(default_factory=list)
    "When the write of each version began."
    acknowledged: list[tuple[float, int]] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)

    def violations(self, grace: dict[str, float]) -> list[tuple[Read, str]]:
        """The reads that no promise allows. `grace`: how long after the acknowledgement a server may be behind."""
        moments = [moment for moment, _ in self.acknowledged]
        found: list[tuple[Read, str]] = []
        for read in self.reads:
            known = bisect.bisect_right(moments, read.started - grace[read.server])
            least = self.acknowledged[known - 1][1] if known else 0
            if read.status >= 500:
                found.append((read, f"answered {read.status}"))
            elif read.version < least and not read.is_stale:
                found.append((read, f"saw version {read.version} when {least} was acknowledged"))
            elif read.version >= len(self.begun) or self.begun[read.version] > read.ended:
                found.append((read, f"saw version {read.version} before it was written"))
        return found


async def read_on(history: History, server: str, port: int, path: str, until: asyncio.Event) -> None:
    """One reader: asks again and again over one connection; opens a new one where it was closed."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    reader = writer = None
    while not until.is_set():
        started = time.monotonic()
        try:
            if reader is None or writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(head)
            said = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", said)
            body = await reader.readexactly(int(length[1]) if length else 0)
        except (OSError, asyncio.IncompleteReadError):
            reader = writer = None
            await asyncio.sleep(0.01)
            continue
        status, version = STATUS.match(said), VERSION.search(body)
        assert status is not None
        history.reads.append(
            Read(server, started, time.monotonic(), int(status[1]), int(version[1]) if version else -1,
                 b'detail="stale"' in said)
        )  # fmt: skip
        await asyncio.sleep(0.001)
    if writer is not None:
        writer.close()


def summary(violations: Iterable[tuple[Read, str]]) -> str:
    """The first few, for a message."""
    return "\n".join(f"{read.server} at {read.started:.3f}: {why}" for read, why in list(violations)[:5])
