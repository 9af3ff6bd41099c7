import re
import threading
from pathlib import Path

import httpx2

from cache.access_log import AccessLog
from tests.command import Command, write_articles
from tests.services import wait_until

COMBINED = re.compile(
    rb'127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:[\d:]{8} \+0000\] "([^"]*)" (\d{3}) (\d+) "([^"]*)" "([^"]*)"\n'
)


def test_every_request_of_both_lanes_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    command = Command(tmp_path, access_log=str(path))
    command.open_account()
    write_articles(tmp_path / "in", 1)
    command.run_here("publish", "in", "--account", "demo")
    with command.serving() as server, httpx2.Client(base_url=server.url) as client:
        sizes = []
        for _ in range(3):  # from the store, then from memory
            got = client.get(
                "/demo/p/article-0?from=timeline",
                headers={b"referer": b'https://x.test/"', b"user-agent": "微信".encode()},
            )
            sizes.append(got.headers["content-length"])
        client.head("/demo/p/article-0")
        client.get("/demo/p/article-0", headers={"cookie": "a=b", "user-agent": "slow"})
        client.get("/demo/none")
        client.post("/api/accounts/demo/articles/x")
        wait_until(lambda: path.exists() and b"POST" in path.read_bytes(), 5)
    lines = [found.groups() for found in COMBINED.finditer(path.read_bytes()) if b"/-/live" not in found[1]]
    assert len(lines) == path.read_bytes().count(b"\n") - path.read_bytes().count(b"/-/live")
    agent = rb"\xE5\xBE\xAE\xE4\xBF\xA1"
    read = (b"GET /demo/p/article-0?from=timeline HTTP/1.1", b"200", sizes[0].encode(), rb"https://x.test/\x22", agent)
    assert lines[:3] == [read] * 3
    assert [line[:3] for line in lines[3:]] == [
        (b"HEAD /demo/p/article-0 HTTP/1.1", b"200", b"0"),
        (b"GET /demo/p/article-0 HTTP/1.1", b"200", sizes[0].encode()),
        (b"GET /demo/none HTTP/1.1", b"404", lines[5][2]),
        (b"POST /api/accounts/demo/articles/x HTTP/1.1", b"405", lines[6][2]),
    ]
    assert lines[4][4] == b"slow"


def test_a_line_is_a_line_whatever_a_client_sends(tmp_path: Path) -> None:
    log = AccessLog(tmp_path / "log")
    log.note("", b'GET /"\n\x1b[31m HTTP/1.1', b"User-Agent: a\\b\x00\xff\r\n", 400, 0)
    log.write()
    assert (
        (tmp_path / "log")
        .read_bytes()
        .endswith(rb'"GET /\x22\x0A\x1B[31m HTTP/1.1" 400 0 "-" "a\x5Cb\x00\xFF"' + b"\n")
    )
    assert (tmp_path / "log").read_bytes().count(b"\n") == 1


def test_a_full_file_is_renamed_by_one_worker_and_no_line_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"")

    def work(number: int) -> None:
        log = AccessLog(path, max_bytes=40_000)
        for _ in range(50):
            for _ in range(10):
                log.note("127.0.0.1", b"GET /%d HTTP/1.1" % number, b"", 200, 1)
            log.write()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    files = list(tmp_path.iterdir())
    assert 2 < len(files) <= 6
    lines = b"".join(file.read_bytes() for file in files)
    assert len(COMBINED.findall(lines)) == 2000


def test_a_file_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    log = AccessLog(tmp_path / "none/log")
    log.note("127.0.0.1", b"GET / HTTP/1.1", b"", 200, 1)
    log.write()
    (tmp_path / "none").mkdir()
    log.note("127.0.0.1", b"GET / HTTP/1.1", b"", 200, 1)
    log.write()
    assert (tmp_path / "none/log").read_bytes().count(b"\n") == 1
