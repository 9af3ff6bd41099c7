"""Crowds, slow clients, workers that die or are replaced: readers of hot pages notice nothing."""

import asyncio
import os
import shutil
import signal
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.command import Command, Server, write_articles
from tests.services import wait_until

PAGE = "/demo/p/article-0"
PLAIN = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: br\r\n\r\n"
SLOW = int(os.environ.get("SLOW", "300"))
UNKNOWN = int(os.environ.get("UNKNOWN", "10000"))


class Reader:
    """Asks for a page again and again over one connection, and notes every failure but a polite end."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.waits: list[float] = []
        self.failures: list[str] = []

    async def read(self, port: int, until: asyncio.Event) -> None:
        """Until it is told to stop."""
        while not until.is_set():
            try:
                async with connected(port) as (reader, writer):
                    while not until.is_set() and await self._ask(reader, writer):  # noqa: ASYNC110 - a reader pauses
                        await asyncio.sleep(0.002)
            except (OSError, asyncio.IncompleteReadError) as error:
                self.failures.append(repr(error))

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection goes on."""
        begun = time.perf_counter()
        writer.write(PLAIN.format(PAGE).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        self.statuses.append(int(head.split()[1]))
        self.waits.append(time.perf_counter() - begun)
        return b"connection: close" not in head


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Command(tmp_path_factory.mktemp("published"))
    made.open_account()
    write_articles(made.folder / "in", 2)
    made.run_here("publish", "in", "--account", "demo")
    return made.folder


@pytest.fixture
def command(published: Path, tmp_path: Path) -> Command:
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    return Command(tmp_path, trust_seconds="2")


def workers_of(server: Server) -> list[int]:
    """The serving processes: those that listen."""
    assert server.process is not None
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def _reading(port: int, count: int, meanwhile: float) -> list[Reader]:
    done, readers = asyncio.Event(), [Reader() for _ in range(count)]
    tasks = [asyncio.ensure_future(reader.read(port, done)) for reader in readers]
    await asyncio.sleep(meanwhile)
    done.set()
    await asyncio.gather(*tasks)
    return readers


@pytest.mark.timeout(120)
async def test_workers_are_replaced_without_a_failed_request(command: Command) -> None:
    with command.serving("--workers", "2") as server:
        wait_until(lambda: server.status(PAGE) == 200)
        before = workers_of(server)
        assert len(before) == 2
        assert server.process is not None
        reading = asyncio.ensure_future(_reading(server.port, 20, 9))
        await asyncio.sleep(1)
        server.process.send_signal(signal.SIGHUP)
        readers = await reading
        wait_until(lambda: not set(before) & set(workers_of(server)))
    assert [failure for reader in readers for failure in reader.failures] == []
    assert {status for reader in readers for status in reader.statuses} == {200}
    assert sum(len(reader.statuses) for reader in readers) > 1000


@pytest.mark.timeout(120)
async def test_a_dead_worker_is_replaced_and_nobody_else_notices(command: Command) -> None:
    with command.serving("--workers", "2") as server:
        wait_until(lambda: server.status(PAGE) == 200)
        before = workers_of(server)
        reading = asyncio.ensure_future(_reading(server.port, 20, 5))
        await asyncio.sleep(1)
        os.kill(before[0], signal.SIGKILL)
        readers = await reading
        wait_until(lambda: len(workers_of(server)) == 2 and before[0] not in workers_of(server))
    assert {status for reader in readers for status in reader.statuses} == {200}
    assert all(len(reader.failures) <= 2 for reader in readers)  # its own connections ended with it


@pytest.mark.timeout(120)
async def test_too_many_connections_are_told_so_at_once_and_the_others_are_served(command: Command) -> None:
    command.environment["DIAOBAN_MAX_CONNECTIONS"] = "40"
    with command.serving() as server:
        wait_until(lambda: server.status(PAGE) == 200)
        done, inside = asyncio.Event(), [Reader() for _ in range(30)]
        tasks = [asyncio.ensure_future(reader.read(server.port, done)) for reader in inside]
        await asyncio.sleep(0.5)
        outside = await _reading(server.port, 40, 1)
        done.set()
        await asyncio.gather(*tasks)
        assert {status for reader in inside for status in reader.statuses} == {200}
        assert not any(reader.failures for reader in inside)
        told = [status for reader in outside for status in reader.statuses]
        assert 503 in told
        assert max(wait for reader in outside for wait in reader.waits) < 2
        async with connected(server.port) as (reader, writer):
            writer.write(PLAIN.format(PAGE).encode())
            assert b"200 OK" in await reader.readline()  # the crowd has gone


async def _slow_head(port: int) -> None:
    async with connected(port) as (_, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        for number in range(200):
            await asyncio.sleep(0.5)
            writer.write(f"X-{number}: a\r\n".encode())


async def _slow_body(port: int) -> None:
    async with connected(port) as (_, writer):
        head = b"PUT /api/accounts/demo/articles/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n"
        writer.write(head)
        for _ in range(200):
            await asyncio.sleep(0.5)
            writer.write(b"x")


async def _slow_read(port: int) -> None:
    async with connected(port) as (reader, writer):
        writer.write(PLAIN.format(PAGE).encode() * 100)
        for _ in range(200):
            await asyncio.sleep(0.5)
            await reader.read(1)


@pytest.mark.timeout(120)
async def test_slow_clients_hold_nobody_up(command: Command) -> None:
    with command.serving() as server:
        wait_until(lambda: server.status(PAGE) == 200)
        quiet = await _reading(server.port, 4, 1.5)
        for slow in (_slow_head, _slow_body, _slow_read):
            crowd = [asyncio.ensure_future(slow(server.port)) for _ in range(SLOW)]
            await asyncio.sleep(1.5)
            beside = await _reading(server.port, 4, 1.5)
            for client in crowd:
                client.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
            assert not any(reader.failures for reader in beside)
            medians = [statistics.median(wait for reader in some for wait in reader.waits) for some in (quiet, beside)]
            assert medians[1] < 10 * medians[0] + 0.05, "an order of magnitude; benchmarks tell more"
        assert server.status(PAGE) == 200


@pytest.mark.timeout(60)
async def test_a_head_that_never_ends_is_cut_off(command: Command) -> None:
    with command.serving() as server:
        async with connected(server.port) as (reader, writer), connected(server.port) as (long_reader, long_writer):
            begun = time.monotonic()
            writer.write(b"GET /")
            long_writer.write(b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000)
            assert (await long_reader.read()).startswith(b"HTTP/1.1 431")
            assert await reader.read() == b""
            assert time.monotonic() - begun < 15


@pytest.mark.timeout(120)
async def test_unknown_addresses_grow_nothing_and_hide_no_page(command: Command) -> None:
    with command.serving() as server:
        wait_until(lambda: server.status(PAGE) == 200)
        assert server.process is not None
        status = Path(f"/proc/{server.process.pid}/status")
        before = _resident(status)

        async def ask(start: int) -> None:
            async with connected(server.port) as (reader, writer):
                for number in range(start, start + 2500):
                    writer.write(PLAIN.format(f"/demo/p/none-{number}").encode())
                    head = await reader.readuntil(b"\r\n\r\n")
                    assert b" 404 " in head
                    await reader.readexactly(_length(head))

        await asyncio.gather(*(ask(start) for start in range(0, UNKNOWN, 2500)))
        assert _resident(status) - before < 40 * 1024
        assert "cache-status" not in server.get(PAGE).headers  # still in memory


def _length(head: bytes) -> int:
    return int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])


def _resident(status: Path) -> int:
    """KiB."""
    return int(status.read_text().partition("VmRSS:")[2].split()[0])
