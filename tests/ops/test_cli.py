import re
import signal
import sqlite3
from pathlib import Path

import pytest
from click import Group

from core.settings import Settings
from ops.cli import main
from tests.command import ROOT, write_articles
from tests.command import Command as PlainCommand
from tests.pictures import picture
from tests.services import wait_until


class Command(PlainCommand):
    is_measured = True
    run = PlainCommand.run_here  # many commands, of which one test below starts a process each


@pytest.fixture
def command(tmp_path: Path) -> Command:
    made = Command(tmp_path)
    made.open_account()
    return made


def test_an_article_is_published_found_unchanged_moved_and_taken_down(command: Command, tmp_path: Path) -> None:
    (tmp_path / "in/bundle").mkdir(parents=True)
    (tmp_path / "in/one.md").write_text("# 一\n\n![图](p.png) ![无](none.png)\n", "utf-8")
    (tmp_path / "in/p.png").write_bytes(picture())
    (tmp_path / "in/bundle/index.md").write_text("# 二\n\n正文。\n", "utf-8")
    (tmp_path / "in/bundle/notes.md").write_text("no article of its own", "utf-8")
    (tmp_path / "in/.hidden.md").write_text("# 三", "utf-8")
    dry = command.run("publish", "in", "--account", "demo", "--dry-run")
    assert "2 published, 0 unchanged, 0 failed (dry run" in dry
    assert not (tmp_path / "var/media").exists()
    said = command.run("publish", "in", "--account", "demo", "--at", "2024-01-02")
    assert "2 published, 0 unchanged, 0 failed" in said
    assert "one.md:3: picture 'none.png' is missing" in said
    assert "2 unchanged" in command.run("publish", "in", "--account", "demo", "--dry-run")
    assert "0 published, 2 unchanged, 0 failed" in command.run("publish", "in", "--account", "demo")
    assert "demo: 0 pages differ" in command.run("rerender", "--dry-run")
    assert "demo: 0 pages differ and were rewritten" in command.run("rerender", "--account", "demo")
    assert "one -> uno" in command.run("move", "one", "uno", "--account", "demo")
    assert "taken down" in command.run("unpublish", "uno", "--account", "demo")
    assert "was down already" in command.run("unpublish", "uno", "--account", "demo")
    assert "demo" in command.run("account", "list")


def test_files_that_fail_stop_no_other(command: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "a.md").write_text("没有标题", "utf-8")
    (bad / "b.md").write_bytes("# 标题".encode("gb18030"))
    (bad / "c.md").write_text("# 好\n\n好。\n", "utf-8")
    (bad / "d.md").write_text("---\ntitle: 又\nslug: c\n---\n又。\n", "utf-8")
    (bad / "e.md").symlink_to("/etc/passwd")
    (bad / "f.md").write_bytes(b"x" * 50 * 1024 * 1024)
    (bad / "g.md").write_text("# 图\n\n![x](g.png)\n", "utf-8")
    (bad / "g.png").write_text("no picture")
    (bad / "h.md").write_text("# 链\n\n![x](link.png) ![y](dir/x.png)\n", "utf-8")
    (bad / "link.png").symlink_to("/etc/passwd")
    (bad / "i.md").mkdir()
    said = command.run("publish", "bad", "--account", "demo", code=1)
    assert "1 published, 0 unchanged, 7 failed" in said
    for reason in (
        "a.md:1: there is no title",
        "b.md:1: this is not UTF-8",
        "the slug 'c' is that of bad/c.md too",
        "e.md: this is a symbolic link",
        "f.md: the text has",
        "g.png: this is no picture",
        "link.png: this is a symbolic link",
    ):
        assert reason in said, reason
    assert "3 failed" in command.run("publish", "bad/a.md", "bad/b.md", "bad/f.md", "--account", "demo", code=1)


def test_wrong_use_exits_2_with_a_sentence(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.md").write_text("# a", "utf-8")
    assert "no account 'nobody'" in command.run("publish", "a.md", "--account", "nobody", code=2)
    assert "there is no *.md" in command.run("publish", "empty", "--account", "demo", code=2)
    assert "does not exist" in command.run("publish", "none.md", "--account", "demo", code=2)
    assert "not a date" in command.run("publish", "a.md", "--account", "demo", "--at", "soon", code=2)
    assert "no article 'x'" in command.run("unpublish", "x", "--account", "demo", code=2)
    for slug in ("No Slug", "api", "x" * 41):
        assert "cannot be an account's slug" in command.run("account", "add", slug, "--name", "x", code=1)
    assert "needs a name" in command.run("account", "add", "x", "--name", " ", code=1)
    assert "a scheme and a host" in command.run("account", "add", "x", "--name", "x", "--base-url", "ftp://x", code=1)
    assert "already" in command.run("account", "add", "demo", "--name", "x", code=1)


def test_tokens_are_shown_once_and_revoked(command: Command) -> None:
    said = PlainCommand.run(command, "token", "add", "demo", "--expires", "30")
    (token,) = re.findall(r"dbn_[0-9a-f]{12}_\S+", said)
    assert "cannot be shown again" in said
    assert "revoked" in PlainCommand.run(command, "token", "revoke", token.split("_")[1])
    assert "no token" in PlainCommand.run(command, "token", "revoke", "x", code=2)
    assert token.encode() not in (command.folder / "site.db").read_bytes()


def test_render_needs_no_database(tmp_path: Path) -> None:
    command = Command(tmp_path, f"sqlite:///{tmp_path / 'no' / 'where.db'}")
    (tmp_path / "a.md").write_text("---\nlayout: x\n---\n# 标题\n\n![图](p.png)\n", "utf-8")
    (tmp_path / "p.png").write_bytes(picture(11, 12))
    said = command.run("render", "a.md")
    assert "<h1>标题</h1>" in said
    assert 'width="11" height="12"' in said
    assert "warning: a.md:2: the key 'layout' is not used" in said
    assert not (tmp_path / "var").exists()
    (tmp_path / "b.md").write_text("x", "utf-8")
    assert "no title" in command.run("render", "b.md", code=1)


def test_settings_are_shown_with_secrets_hidden(tmp_path: Path) -> None:
    command = Command(tmp_path, "mysql://me:secret@db.test/x?password=secret", "redis://:secret@redis.test:6379/1")
    said = command.run("settings")
    assert "secret" not in said
    assert "DIAOBAN_DATABASE_URL=mysql+aiomysql://***@db.test/x?***" in said
    assert "DIAOBAN_REDIS_URL=redis://***@redis.test:6379/1" in said


def test_wrong_settings_are_named_before_anything_starts(tmp_path: Path) -> None:
    command = Command(tmp_path, port="80", timezone="Mars/Base", base_url="example.com", memory_mib="many")
    said = command.run("check", code=2)
    for name in (
        "DIAOBAN_PORT: there is no such setting",
        "DIAOBAN_TIMEZONE",
        "DIAOBAN_BASE_URL",
        "DIAOBAN_MEMORY_MIB",
    ):
        assert name in said
    assert "no such setting" in Command(tmp_path, port="80").run("settings", code=2)
    assert "sqlite:///PATH" in Command(tmp_path, "postgres://x").run("settings", code=2)
    assert "redis://HOST" in Command(tmp_path, redis="http://x").run("settings", code=2)


def test_check_says_what_is_wrong_and_what_to_do(tmp_path: Path, command: Command) -> None:
    assert "wrong  " not in command.run("check")
    empty = Command(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")
    assert "Run `diaoban migrate`" in empty.run("check", code=1)
    away = Command(tmp_path, "mysql://root@127.0.0.1:1/x", "redis://127.0.0.1:1/0")
    said = away.run("check", code=1)
    assert "DIAOBAN_DATABASE_URL right?" in said
    assert "DIAOBAN_REDIS_URL right?" in said
    (tmp_path / "file").write_text("")
    assert "cannot be written" in Command(tmp_path, var=str(tmp_path / "file")).run("check", code=1)
    assert "the database does not answer" in away.run("account", "list", code=1)


def test_pages_of_another_release_are_found_by_check(command: Command) -> None:
    with sqlite3.connect(command.folder / "site.db") as connection:
        connection.execute("UPDATE pages SET rendered_by = 'older'")
    connection.close()
    assert "Run `diaoban rerender`" in command.run("check", code=1)
    command.run("rerender")
    assert "all were carved by these templates" in command.run("check")


def test_serve_refuses_a_schema_that_is_behind_and_warns_of_a_database_that_is_away(tmp_path: Path) -> None:
    assert "Run `diaoban migrate` first" in Command(tmp_path).run("serve", code=2)
    with Command(tmp_path, "mysql://root@127.0.0.1:1/x").serving() as server:
        assert server.status("/demo/") == 503
        assert server.status("/-/ready") == 503
        assert "Serving what Redis holds" in server.log


def test_a_server_with_workers_answers_counts_and_stops(command: Command, tmp_path: Path) -> None:
    write_articles(tmp_path / "in", 1)
    command.environment["DIAOBAN_LOG_FORMAT"] = "json"
    with command.serving("--workers", "2") as server:
        command.run("publish", "in", "--account", "demo")
        for _ in range(20):
            assert server.status("/demo/p/article-0") == 200
        metrics = server.get("/-/metrics").text
        assert "diaoban_reads_total" in metrics
        assert server.get("/-/ready").status_code == 200
        assert server.get("/-/metrics", **{"x-forwarded-for": "1.2.3.4"}).status_code == 404
        assert server.get("/-/ready", **{"x-forwarded-for": "1.2.3.4"}).status_code == 404
        assert server.get("/api/none").status_code == 404
        wait_until(lambda: '"path": "/api/none"' in server.log, 5)
        assert "server" not in server.get("/demo/").headers
        server.stop(signal.SIGINT)


def test_help_shows_examples_for_every_command() -> None:
    def look(group: Group) -> None:
        for command in group.commands.values():
            if isinstance(command, Group):
                look(command)
            else:
                assert command.epilog is not None
                assert "diaoban" in command.epilog, command.name

    look(main)


def test_every_setting_and_command_is_documented() -> None:
    documented = (ROOT / "docs/settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`DIAOBAN_{name.upper()}`" in documented
        assert field.description
    assert set(re.findall(r"`DIAOBAN_([A-Z_]+)`", documented)) == {name.upper() for name in Settings.model_fields}
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in ("publish", "unpublish", "move", "render", "rerender", "serve", "migrate", "check", "settings"):
        assert f"diaoban {command}" in readme, command
