"""Processes that are killed, services that go away: nothing acknowledged is lost or half, and readers get pages."""

import random
import re
import signal
import time
from pathlib import Path

import httpx2
import pytest

from tests.command import Command, write_articles
from tests.services import MariaDB, RedisServer, free_port, wait_until

ARTICLES = 24
KILLS = 5  # on each database


@pytest.fixture
def command(services: tuple[str, str | None], tmp_path: Path) -> Command:
    made = Command(tmp_path, *services)
    made.open_account()
    write_articles(tmp_path / "in", ARTICLES)
    return made


@pytest.mark.timeout(300)
def test_kills_while_publishing_lose_nothing_that_was_acknowledged(command: Command) -> None:
    """Publisher and server are killed at random moments; what the publisher had printed is whole afterwards."""
    moments, acknowledged = random.Random(7), set()  # noqa: S311 - moments of a test
    for kill in range(KILLS):
        with command.serving() as server:
            publisher = command.start("publish", "in", "--account", "demo", "--at", "2025-01-01")
            assert publisher.stdout is not None
            said = "".join(publisher.stdout.readline() for _ in range(4 * kill + moments.randrange(3)))
            time.sleep(moments.uniform(0, 0.06))
            publisher.kill()
            server.stop(signal.SIGKILL)
            said += publisher.communicate()[0]
            acknowledged |= set(re.findall(r"^(?:published|unchanged)\s+(\S+)", said, re.MULTILINE))
    assert acknowledged
    with command.serving() as server:
        for slug in acknowledged:
            number = slug.rpartition("-")[2]
            page = server.get(f"/demo/p/{slug}")
            assert page.status_code == 200
            assert page.text.count(f"正文 {number}。") >= 50
        assert "demo: 0 pages differ" in command.run_here("rerender", "--dry-run")
        finished = command.run_here("publish", "in", "--account", "demo", "--at", "2025-01-01")
        assert "0 failed" in finished
        assert all(server.status(f"/demo/p/article-{number}") == 200 for number in range(ARTICLES))
        assert f"{ARTICLES} unchanged" in command.run_here("publish", "in", "--account", "demo")
        assert "demo: 0 pages differ" in command.run_here("rerender", "--dry-run")


def test_the_same_site_on_sqlite_and_on_mariadb_has_the_same_bytes(
    mariadb_url: str, redis_url: str, tmp_path: Path
) -> None:
    pages = []
    port = free_port()
    for name, services in (("sqlite", ("", None)), ("mariadb", (mariadb_url, redis_url))):
        folder = tmp_path / name
        folder.mkdir()
        command = Command(folder, *services, at=port)
        command.open_account()
        write_articles(tmp_path / "in", 4)
        command.run_here("publish", str(tmp_path / "in"), "--account", "demo", "--at", "2025-01-01")
        with command.serving() as server:
            paths = ["/", "/demo/", "/demo/archive/2025-01", *(f"/demo/p/article-{number}" for number in range(4))]
            answers = [server.get(path, **{"accept-encoding": "br"}) for path in paths]
            pages.append([(answer.status_code, answer.headers["etag"], answer.content) for answer in answers])
    assert pages[0] == pages[1]


@pytest.mark.timeout(120)
def test_redis_may_hang_die_and_come_back_empty(mariadb_url: str, tmp_path: Path) -> None:
    redis = RedisServer()
    redis.start()
    command = Command(tmp_path, mariadb_url, redis.url, memory_mib="1")
    command.open_account()
    write_articles(tmp_path / "in", 3)
    command.run_here("publish", "in", "--account", "demo")
    try:
        with command.serving() as server:
            path = "/demo/p/article-0"
            assert server.status(path) == 200
            redis.freeze()
            assert server.status("/demo/p/article-1") == 200
            redis.thaw()
            redis.kill()
            assert server.status("/demo/p/article-2") == 200
            (tmp_path / "in/article-0.md").write_text("# 新的\n\n新的正文。\n", "utf-8")
            assert "1 published" in command.run("publish", "in", "--account", "demo")
            wait_until(lambda: "新的正文。" in server.get(path).text, 5)
            redis.start()
            wait_until(lambda: '"redis":"answers"' in server.get("/-/ready").text.replace(" ", ""), 5)
            assert "新的正文。" in server.get(path).text
            (tmp_path / "in/article-0.md").write_text("# 更新的\n\n更新的正文。\n", "utf-8")
            command.run("publish", "in", "--account", "demo")
            wait_until(lambda: "更新的正文。" in server.get(path).text, 5)
    finally:
        redis.remove()


@pytest.mark.timeout(120)
def test_the_database_may_go_away_and_pages_that_are_held_still_serve(tmp_path: Path, redis_url: str) -> None:
    database = MariaDB()
    database.start()
    try:
        database.run("CREATE DATABASE diaoban")
        command = Command(tmp_path, database.url("diaoban"), redis_url)
        command.open_account()
        write_articles(tmp_path / "in", 2)
        command.run_here("publish", "in", "--account", "demo")
        token = command.run_here("token", "add", "demo").split()[0]
        with command.serving() as server:
            assert server.status("/demo/p/article-0") == 200
            database.kill()
            time.sleep(1)
            assert server.status("/demo/p/article-0") == 200
            assert server.status("/demo/p/article-1") == 200  # Redis has had it since it was published
            assert server.status("/demo/p/unknown") == 503
            refused = httpx2.put(
                f"{server.url}/api/accounts/demo/articles/x/publication", headers={"authorization": f"Bearer {token}"}
            )
            assert refused.status_code == 503
            assert refused.headers["content-type"] == "application/problem+json"
            assert server.status("/-/live") == 200
            database.start()
            wait_until(lambda: server.status("/demo/p/unknown") == 404, 15)
    finally:
        database.remove()


@pytest.mark.timeout(120)
def test_every_worker_hears_of_a_publish_by_a_message(command: Command) -> None:
    with command.serving("--workers", "2") as server:
        command.run("publish", "in/article-0.md", "--account", "demo")
        path = "/demo/p/article-0"
        assert all(server.status(path) == 200 for _ in range(20))
        (command.folder / "in/article-0.md").write_text("# 新的\n\n新的正文。\n", "utf-8")
        command.run("publish", "in/article-0.md", "--account", "demo")
        wait_until(lambda: all("新的正文。" in server.get(path).text for _ in range(20)), 3)
        command.run("unpublish", "article-0", "--account", "demo")
        assert [server.status(path) for _ in range(20)] == [410] * 20
