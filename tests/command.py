"""The command and the server as their users start them: processes of their own."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager
from pathlib import Path

import httpx2
from click.testing import CliRunner

from ops.cli import main
from tests.services import free_port, wait_until

ROOT = Path(__file__).parents[1]


class Command:
    is_measured = False

    def __init__(
        self, folder: Path, database: str = "", redis: str | None = None, *, at: int = 0, **settings: str
    ) -> None:
        self.port = at or free_port()
        # Measuring makes every start slower; tests/ops/test_cli.py asks for it.
        marks = ("DIAOBAN_",) if self.is_measured else ("DIAOBAN_", "COVERAGE")
        kept_out = {name for name in os.environ if name.startswith(marks)}
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in kept_out},
            "PYTHONPATH": str(ROOT),
            "DIAOBAN_VAR": str(folder / "var"),
            "DIAOBAN_DATABASE_URL": database or f"sqlite:///{folder / 'site.db'}",
            "DIAOBAN_BASE_URL": f"http://127.0.0.1:{self.port}",
            "DIAOBAN_TRUST_SECONDS": "0.4",
            **({"DIAOBAN_REDIS_URL": redis} if redis else {}),
            **{f"DIAOBAN_{name.upper()}": value for name, value in settings.items()},
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ops.cli", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, text=True, stdout=pipe, stderr=pipe)

    def run(self, *arguments: str, code: int = 0) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=100)
        assert process.returncode == code, f"exit {process.returncode}\n{out}\n{err}"
        return out + err

    def run_here(self, *arguments: str, code: int = 0) -> str:
        """The same in this process, without a start, which is most of a short command's time."""
        unset = dict.fromkeys(name for name in os.environ if name.startswith("DIAOBAN_"))
        logs = logging.getLogger()
        kept = logs.handlers, logs.level
        try:
            with chdir(self.folder), ThreadPoolExecutor(1) as thread:  # where no event loop runs
                environment = {**unset, **self.environment}
                result = thread.submit(CliRunner().invoke, main, arguments, env=environment).result()
        finally:
            logs.handlers, logs.level = kept
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, f"exit {result.exit_code}\n{result.output}"
        return result.output

    def open_account(self) -> None:
        """An empty site with the account `demo`."""
        self.run_here("migrate")
        self.run_here("account", "add", "demo", "--name", "示例")

    @contextmanager
    def serving(self, *arguments: str) -> Iterator["Server"]:
        server = Server(self, *arguments)
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Server:
    def __init__(self, command: Command, *arguments: str) -> None:
        self.port = command.port
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._command = command
        self._arguments = arguments

    def start(self) -> None:
        command = [sys.executable, "-m", "ops.cli", "serve", "--port", str(self.port), *self._arguments]
        with (self._command.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self._command.folder, env=self._command.environment, stdout=log, stderr=log
            )
        wait_until(lambda: self.status("/-/live") == 200)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return httpx2.get(f"{self.url}{path}", headers=headers, timeout=10)

    def status(self, path: str) -> int:
        try:
            return self.get(path).status_code
        except httpx2.TransportError:
            return 0

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.wait(timeout=30)
            self.process = None

    @property
    def log(self) -> str:
        return (self._command.folder / "server.log").read_text("utf-8")


def write_articles(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        text = f"---\ndate: 2025-{number % 12 + 1:02}-01\n---\n# 第 {number} 篇\n\n" + f"正文 {number}。\n\n" * 50
        (folder / f"article-{number}.md").write_text(text, "utf-8")
