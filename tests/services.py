"""Private instances of the real services: own ports, own folders, stopped by pid."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pymysql
import redis

START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_there: Callable[[], object], seconds: float = START_SECONDS) -> None:
    ends = time.monotonic() + seconds
    while True:
        try:
            if is_there():
                return
        except (OSError, pymysql.err.Error, redis.exceptions.RedisError):
            pass
        if time.monotonic() > ends:
            raise TimeoutError("it did not come")
        time.sleep(0.02)


class Service:
    """A server process with a folder of its own."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"diaoban-{name}-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def is_there(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        wait_until(self.is_there)

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(sign)
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """It accepts connections and never answers."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class MariaDB(Service):
    def __init__(self) -> None:
        super().__init__("mariadb")
        data = self.folder / "data"
        self.socket = self.folder / "s"
        install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", *self._user()]
        install += ["--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, capture_output=True)

    @staticmethod
    def _user() -> list[str]:
        return ["--user=root"] if os.getuid() == 0 else []

    def command(self) -> list[str]:
        return [
            "/usr/sbin/mariadbd",
            "--no-defaults",
            *self._user(),
            f"--datadir={self.folder / 'data'}",
            f"--socket={self.socket}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--innodb-buffer-pool-size=64M",
            "--innodb-flush-log-at-trx-commit=1",
        ]

    def is_there(self) -> bool:
        self.run("SELECT 1")
        return True

    def run(self, statement: str) -> None:
        connection = pymysql.connect(host="127.0.0.1", port=self.port, user="root", connect_timeout=2)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def url(self, database: str) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{database}"


class RedisServer(Service):
    def __init__(self, *arguments: str) -> None:
        super().__init__("redis")
        self.arguments = arguments

    def command(self) -> list[str]:
        return [
            "/usr/bin/redis-server",
            *("--port", str(self.port)),
            *("--bind", "127.0.0.1"),
            *("--save", ""),
            *("--dir", str(self.folder)),
            *self.arguments,
        ]

    def is_there(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=1) as client:
            return bool(client.ping())

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"
