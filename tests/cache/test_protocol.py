"""Both lanes give the same answer: generated connections are sent to a server with the fast lane and to one without."""

import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.cache.connections import Connection, request, tidy, warming
from tests.command import ROOT, Command, write_articles
from tests.services import free_port, wait_until

CONNECTIONS = 150  # tests/cache/test_lanes.py sends many more, without sockets


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    tmp_path = tmp_path_factory.mktemp("lanes")
    command = Command(tmp_path, trust_seconds="60")
    command.environment["PYTHONHASHSEED"] = "0"  # Starlette lists a route's methods in the order of a set
    command.open_account()
    write_articles(tmp_path / "in", 2)
    command.run_here("publish", "in", "--account", "demo")
    command.run_here("move", "article-1", "gone", "--account", "demo")
    slow = free_port()
    arguments = ["-m", "uvicorn", "--factory", "app:create_app", "--port", str(slow), "--http", "httptools"]
    arguments += ["--no-access-log", "--no-server-header", "--no-proxy-headers", "--app-dir", str(ROOT)]
    with command.serving() as server, (tmp_path / "slow.log").open("wb") as log:
        plain = subprocess.Popen(
            [sys.executable, *arguments], cwd=tmp_path, env=command.environment, stdout=log, stderr=log
        )
        try:
            wait_until(
                lambda: b"200" in exchange(slow, [b"GET /-/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
            )
            yield server.port, slow
        finally:
            plain.terminate()
            plain.wait()


@pytest.mark.timeout(300)
def test_generated_requests_get_the_same_answer_in_both_lanes(ports: tuple[int, int]) -> None:
    dice = random.Random(20261123)  # noqa: S311 - tests repeat
    answer = exchange(ports[0], [request(b"", ["Accept-Encoding: br"], "GET /demo/p/article-0 HTTP/1.1", close=True)])
    found = re.search(rb'etag: ("[^"]+")', answer)
    assert found is not None
    etag = found[1].decode()
    for port in ports:  # warm, so that both answer from memory
        for head in warming():
            exchange(port, [head])
    statuses: set[bytes] = set()
    for _ in range(CONNECTIONS):
        pieces = Connection(dice, etag).pieces
        first, second = (tidy(exchange(port, pieces)) for port in ports)
        if first != second:  # a busy machine may have cut one short; a real difference stays
            first, second = (tidy(exchange(port, pieces, patience=3)) for port in ports)
        assert second or not first, pieces
        assert first.endswith(second), pieces  # see test_lanes.py for what may stand before it
        statuses |= set(re.findall(rb"HTTP/1\.1 (\d+)", first))
    assert statuses >= {b"200", b"304", b"301", b"404", b"400", b"405", b"421"}


def test_a_plain_request_takes_the_fast_lane(ports: tuple[int, int]) -> None:
    """One write: status, headers and body arrive in one piece, and the connection goes on."""
    plain = request(b"", ["Accept-Encoding: br"], "GET /demo/p/article-0?from=timeline HTTP/1.1")
    exchange(
        ports[0], [request(b"", ["Accept-Encoding: br"], "GET /demo/p/article-0 HTTP/1.1", close=True)]
    )  # into memory
    with socket.create_connection(("127.0.0.1", ports[0])) as client:
        for _ in range(50):
            client.sendall(plain)
            piece = client.recv(65536)
            head, _, body = piece.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\ndate: ")
            assert b"cache-status" not in head
            assert f"content-length: {len(body)}".encode() in head


@pytest.mark.timeout(60)
def test_a_quiet_connection_is_closed_after_a_while_and_a_busy_one_is_not(ports: tuple[int, int]) -> None:
    plain = request(b"", [], "HEAD /demo/p/article-0 HTTP/1.1")
    exchange(ports[0], [request(b"", [], "GET /demo/p/article-0 HTTP/1.1", close=True)])
    with socket.create_connection(("127.0.0.1", ports[0]), timeout=20) as client:
        for _ in range(4):  # eight seconds; the limit is five after the last answer
            client.sendall(plain)
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(2)
        started = time.monotonic()
        assert client.recv(1) == b""
        assert 2 < time.monotonic() - started < 6


def exchange(port: int, chunks: list[bytes], patience: float = 0.25) -> bytes:
    """Write the chunks, a moment apart, and read until the server ends the connection or says nothing more."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as client:
        try:
            for number, chunk in enumerate(chunks):
                client.sendall(chunk)
                if number < len(chunks) - 1:
                    time.sleep(0.005)
            while piece := client.recv(65536):
                received += piece
        except (TimeoutError, ConnectionError):
            pass  # an answer that does not come: the request was never whole, or the server closed first
    return received
