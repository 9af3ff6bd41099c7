"""One listening socket for all workers, or one for each (SO_REUSEPORT): `python benchmarks/sockets.py`.

Which serves a crowd more evenly, and which loses requests when a worker is replaced? Two workers that only answer.
"""

import asyncio
import os
import signal
import socket
import sys
import time
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import uvloop

WORKERS, CLIENTS, SECONDS = 2, 64, 4
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
ASK = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


class Worker(asyncio.Protocol):
    """Answers, and counts."""

    count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, _data: bytes) -> None:
        """Answer, and end the connection: every request is a new one, as behind WeChat's shared links."""
        Worker.count += 1
        self.transport.write(ANSWER)
        self.transport.close()


def listening(port: int, *, own: bool) -> socket.socket:
    """A listening socket."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if own:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    made.listen(2048)
    return made


def work(shared: socket.socket | None, port: int, counts: object) -> None:
    """One worker, until it is told to stop."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Worker, sock=shared or listening(port, own=True))
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await stop.wait()
        server.close()
        await asyncio.sleep(0.2)
        counts.put(Worker.count)  # type: ignore[attr-defined]

    uvloop.run(main())


async def client(port: int, ends: float, waits: list[float], lost: list[str]) -> None:
    """Ask over new connections, and note how long each took or how it failed."""
    while (now := time.perf_counter()) < ends:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASK)
            if not await reader.read(100):
                lost.append("closed")
            writer.close()
        except OSError as error:
            lost.append(type(error).__name__)
        else:
            waits.append(time.perf_counter() - now)


def measure(*, own: bool) -> None:  # noqa: PLR0915 - one story
    """Load two workers, replace one in the middle, print how it went."""
    fork = get_context("fork")
    first = listening(0, own=own)
    port = first.getsockname()[1]
    shared = None if own else first
    if own:
        first.close()  # before the workers could inherit it
    counts = fork.Queue()
    workers = [fork.Process(target=work, args=(shared, port, counts)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    time.sleep(0.5)
    waits: list[float] = []
    lost: list[str] = []

    async def load() -> None:
        ends = time.perf_counter() + SECONDS
        clients = [asyncio.ensure_future(client(port, ends, waits, lost)) for _ in range(CLIENTS)]
        await asyncio.sleep(SECONDS / 2)
        new = fork.Process(target=work, args=(shared, port, counts))
        new.start()
        workers.append(new)
        await asyncio.sleep(0.3)
        os.kill(workers[0].pid or 0, signal.SIGTERM)
        await asyncio.gather(*clients)

    uvloop.run(load())
    for worker in workers[1:]:
        worker.terminate()
    first.close()
    served = sorted(counts.get() for _ in workers)
    waits.sort()
    p99 = waits[len(waits) * 99 // 100] * 1e3
    name = "a socket each" if own else "one socket"
    print(f"{name:14} {len(waits) / SECONDS:8,.0f}/s  p99 {p99:6.1f} ms  lost {len(lost):4}  by worker {served}")


if __name__ == "__main__":
    for _ in range(3):
        measure(own=False)
        measure(own=True)
