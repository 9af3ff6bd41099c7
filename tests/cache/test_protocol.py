"""Both lanes give the same answer: generated connections are sent to a server with the fast lane and to one without."""

import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import ROOT, Command, write_articles
from tests.services import free_port, wait_until

CONNECTIONS = 1500
PATHS = [
    *["/demo/p/article-0"] * 6,
    *("/demo/", "/demo", "/", "/demo/p/none", "/demo/p/gone", "/demo/p/article-0/", "/demo/p/%61rticle-0"),
    *("//demo/", "/demo/./p/article-0", "/-/live", "/static/x", "/media/x", "/api/x", "*", "/demo/p/article-0#x", "/é"),
]
QUERIES = ["", "", "", "?from=singlemessage&isappinstalled=0", "?", "?a=%20#x", "?<>", "?" + "x" * 100]
METHODS = ["GET"] * 8 + ["HEAD"] * 3 + ["POST", "OPTIONS", "get", "GETT", ""]
VERSIONS = ["HTTP/1.1"] * 12 + ["HTTP/1.0", "HTTP/1.2", "HTTP/2.0", ""]
HEADERS = [
    *("Accept-Encoding: br", "accept-encoding: gzip, deflate, br", "ACCEPT-ENCODING:br;q=0, gzip"),
    *("Accept-Encoding:  gzip ", "Accept-Encoding: identity", "Accept-Encoding: *;q=0", "Accept-Encoding:"),
    *("If-None-Match: *", 'If-None-Match: "x", W/"y"', "If-None-Match: {etag}", "If-None-Match: W/{etag}"),
    *("User-Agent: x", "Accept: text/html", "Connection: keep-alive", "Connection: Keep-Alive", "X-Unknown: 1"),
    *("Cookie: a=b", "Authorization: Bearer x", "Range: bytes=0-1", "Content-Length: 0", "Content-Length: 3"),
    *("Transfer-Encoding: chunked", "Expect: 100-continue", "Upgrade: websocket", "X-Forwarded-Host: evil.test"),
    *("Host : x", "Broken", ": empty", "X-Tab:\tx", "X-High: \xe9", "X-Nul: \x00", " Folded: x", "Host: evil.test"),
]  # fmt: skip


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    command = Command(tmp_path, trust_seconds="60")
    command.environment["PYTHONHASHSEED"] = "0"  # Starlette lists a route's methods in the order of a set
    command.run("migrate")
    command.run("account", "add", "demo", "--name", "示例")
    write_articles(tmp_path / "in", 2)
    command.run("publish", "in", "--account", "demo")
    command.run("move", "article-1", "gone", "--account", "demo")
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
        for path in PATHS:
            exchange(port, [request(b"", [], f"GET {path} HTTP/1.1", close=True)])
    statuses: set[bytes] = set()
    for _ in range(CONNECTIONS):
        chunks = connection(dice, etag)
        first, second = (tidy(exchange(port, chunks)) for port in ports)
        if first != second:  # a busy machine may have cut one short; a real difference stays
            first, second = (tidy(exchange(port, chunks, patience=3)) for port in ports)
        assert first == second, chunks
        statuses |= set(re.findall(rb"HTTP/1\.1 (\d+)", first))
    assert statuses >= {b"200", b"304", b"301", b"404", b"400", b"405", b"421"}


def test_a_plain_request_takes_the_fast_lane(ports: tuple[int, int]) -> None:
    """One write: status, headers and body arrive in one piece, and the connection goes on."""
    plain = request(b"", ["Accept-Encoding: br"], "GET /demo/p/article-0?from=timeline HTTP/1.1")
    exchange(ports[0], [request(b"", [], "GET /demo/p/article-0 HTTP/1.1", close=True)])  # into memory
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


def connection(dice: random.Random, etag: str) -> list[bytes]:
    """What one client writes: one to three requests, whole, split, or run together; the last ends the connection."""
    count = dice.choice([1, 1, 1, 2, 3])
    requests = [any_request(dice, etag, close=number == count - 1) for number in range(count)]
    shape = dice.random()
    if shape < 0.15:
        return [b"".join(requests)]
    if shape < 0.3:
        whole = b"".join(requests)
        cut = dice.randrange(1, len(whole))
        return [whole[:cut], whole[cut:]]
    return requests


def any_request(dice: random.Random, etag: str, *, close: bool) -> bytes:
    odd = dice.random() < 0.5
    method, version = (dice.choice(METHODS), dice.choice(VERSIONS)) if odd else ("GET", "HTTP/1.1")
    line = f"{method} {dice.choice(PATHS)}{dice.choice(QUERIES)} {version}"
    usual = HEADERS[:15]
    names = dice.sample(HEADERS if odd else usual, dice.randrange(4))
    body = b"abc" if dice.random() < 0.05 else b""
    return request(body, [name.format(etag=etag) for name in names], line, close=close)


def request(body: bytes, headers: list[str], line: str, *, close: bool = False) -> bytes:
    lines = [line, "Host: 127.0.0.1", *headers, *(["Connection: close"] if close else []), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


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


def tidy(answer: bytes) -> bytes:
    """Without what differs from one moment, or one request, to the next."""
    return re.sub(rb"(date|x-request-id): [^\r]*", b"", answer)
