"""The servers that are compared: each a process of its own, on the core of the servers."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import free_port, wait_until

ROOT = Path(__file__).parents[1]
CORE = "0"
NGINX = """
load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
user root; daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile off; output_buffers 1 64k; tcp_nopush on; keepalive_requests 1000000; server_tokens off;
  default_type text/html; open_file_cache max=8000 inactive=600s; open_file_cache_valid 600s; open_file_cache_errors on;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache levels=1:2 keys_zone=pages:64m max_size=2g inactive=1h use_temp_path=off;
  server {{ listen 127.0.0.1:{port}; {server} }}
}}
"""
STATIC = "root {root}; brotli_static always;"
PROXY = """
    location / {{
      proxy_pass http://127.0.0.1:{to}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header Accept-Encoding br;
      proxy_cache pages; proxy_cache_key $host$uri; proxy_cache_valid 200 1h;
      proxy_ignore_headers Cache-Control Vary Expires;
    }}
"""


@dataclass
class Server:
    """One contender."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    worker: int
    "The process whose CPU time is counted."
    tags: dict[str, str] = field(default_factory=dict)
    "ETag by path, as this server gives it."

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    @property
    def cpu_seconds(self) -> float:
        """What it has used so far."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> int:
        """Bytes of its own: private pages, which no other process shares."""
        lines = Path(f"/proc/{self.worker}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024


def start_diaoban(name: str, folder: Path, database: str, **settings: str) -> Server:
    """`diaoban serve` with one worker."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIAOBAN_")}
    environment = kept | {
        "DIAOBAN_DATABASE_URL": database,
        "DIAOBAN_VAR": f"{folder}/var",
        "DIAOBAN_BASE_URL": f"http://127.0.0.1:{port}",
        "DIAOBAN_LOG_LEVEL": "error",
        "DIAOBAN_MEMORY_MIB": "512",
        **{f"DIAOBAN_{key.upper()}": value for key, value in settings.items()},
    }
    command = [str(Path(sys.executable).with_name("diaoban")), "serve", "--port", str(port)]
    return _started(name, port, command, environment)


def start_asgi(name: str, application: str, folder: Path, *arguments: str) -> Server:
    """An application of benchmarks/applications.py under uvicorn, with the event loop and parser that we use."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--loop", "uvloop"]
    command += ["--http", "httptools", "--no-access-log", "--log-level", "error", "--app-dir", str(ROOT), *arguments]
    return _started(name, port, command, os.environ | {"PAGES": str(folder)})


def start_nginx(name: str, folder: Path, server: str) -> Server:
    """One nginx worker."""
    folder.mkdir(parents=True)
    port = free_port()
    (folder / "conf").write_text(NGINX.format(folder=folder, port=port, server=server))
    started = _started(name, port, ["/usr/sbin/nginx", "-c", str(folder / "conf")], dict(os.environ))
    wait_until(lambda: _workers(started.process.pid))
    started.worker = _workers(started.process.pid)[0]
    return started


def _workers(master: int) -> list[int]:
    """Nginx's worker processes; with a cache it has a manager and a loader too."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [int(pid) for pid in children if b"worker process" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _started(name: str, port: int, command: list[str], environment: dict[str, str]) -> Server:
    process = subprocess.Popen(["taskset", "-c", CORE, *command], env=environment, cwd=ROOT)
    wait_until(lambda: _listens(port))
    return Server(name, port, process, process.pid)


def _listens(port: int) -> bool:
    import socket  # noqa: PLC0415 - only here

    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
