"""A hot page from memory beside nginx serving the same bytes from a file: `make bench-serve`.

Server on one core, wrk on the other, runs interleaved (A B A B …) so that a busy neighbour slows both; medians. CPU
time a request is the steadiest number. Writes var/bench/serve.json.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.services import free_port, wait_until  # noqa: E402 - the suite's own

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 64
SERVER_CORE, LOAD_CORE = "0", "1"
HEADERS = {
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "zh-CN,zh",
    "User-Agent": "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8.0.54",
}
NGINX = """
load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile off; output_buffers 1 64k; tcp_nopush on; keepalive_requests 1000000; default_type text/html;
  open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s; server_tokens off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/html; brotli_static on; }}
}}
"""
TICKS = os.sysconf("SC_CLK_TCK")
PATH = "/demo/p/carve-once"


@dataclass
class Contender:
    name: str
    url: str
    pid: int
    etag: str = ""
    runs: list[tuple[float, float, float]] = field(default_factory=list)
    "Requests a second, p99 in ms, CPU µs a request."

    def median(self, place: int) -> float:
        return statistics.median(run[place] for run in self.runs)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="diaoban-bench-"))
    processes: list[subprocess.Popen[bytes]] = []
    try:
        diaoban = start_diaoban(folder, processes)
        nginx = start_nginx(folder, processes, fetch(diaoban.url))
        assert fetch(nginx.url) == fetch(diaoban.url), "both must send the same bytes"
        figures = []
        for label, conditional in (("hot page", False), ("304", True)):
            for contender in (diaoban, nginx):
                contender.runs.clear()
            for _ in range(ROUNDS):
                for contender in (diaoban, nginx):
                    measure(contender, conditional=conditional)
            figures += report(label, diaoban, nginx)
        target = ROOT / "var/bench/serve.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(figures, indent=2) + "\n")
        print(f"\nwritten to {target.relative_to(ROOT)}")
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
            process.wait()
        shutil.rmtree(folder)


def start_diaoban(folder: Path, processes: list[subprocess.Popen[bytes]]) -> Contender:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIAOBAN_")} | {
        "DIAOBAN_DATABASE_URL": f"sqlite:///{folder}/site.db",
        "DIAOBAN_VAR": f"{folder}/var",
        "DIAOBAN_BASE_URL": f"http://127.0.0.1:{port}",
        "DIAOBAN_LOG_LEVEL": "error",
    }
    command = [str(Path(sys.executable).with_name("diaoban"))]
    for arguments in (
        ["migrate"],
        ["account", "add", "demo", "--name", "demo"],
        ["publish", "demo", "--account", "demo"],
    ):
        subprocess.run([*command, *arguments], check=True, capture_output=True, env=environment, cwd=ROOT)
    pinned = ["taskset", "-c", SERVER_CORE, *command, "serve", "--port", str(port)]
    process = subprocess.Popen(pinned, env=environment, cwd=ROOT)
    processes.append(process)
    url = f"http://127.0.0.1:{port}{PATH}"
    wait_until(lambda: fetch(url))
    return Contender("diaoban", url, process.pid)


def start_nginx(folder: Path, processes: list[subprocess.Popen[bytes]], page: bytes) -> Contender:
    port = free_port()
    file = folder / f"html{PATH}"
    file.parent.mkdir(parents=True)
    file.write_bytes(page)
    file.with_name(f"{file.name}.br").write_bytes(page)
    folder.chmod(0o755)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    process = subprocess.Popen(["taskset", "-c", SERVER_CORE, "/usr/sbin/nginx", "-c", str(config)])
    processes.append(process)
    url = f"http://127.0.0.1:{port}{PATH}"
    wait_until(lambda: fetch(url))
    worker = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    return Contender("nginx", url, int(worker[0]))


def fetch(url: str) -> bytes:
    with urlopen(Request(url, headers=HEADERS)) as answer:  # noqa: S310 - a server of ours
        body: bytes = answer.read()
        return body


def etag_of(url: str) -> str:
    with urlopen(Request(url, headers=HEADERS)) as answer:  # noqa: S310 - a server of ours
        return str(answer.headers["etag"])


def measure(contender: Contender, *, conditional: bool) -> None:
    headers = HEADERS | ({"If-None-Match": etag_of(contender.url)} if conditional else {})
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    before, started = cpu_seconds(contender.pid), time.monotonic()
    said = subprocess.run([*command, contender.url], capture_output=True, text=True, check=True).stdout
    used, took = cpu_seconds(contender.pid) - before, time.monotonic() - started
    assert "Non-2xx or 3xx" not in said, said
    requests = float(said.split(" requests in")[0].split()[-1])
    p99 = milliseconds(next(line.split()[1] for line in said.splitlines() if line.strip().startswith("99%")))
    contender.runs.append((requests / took, p99, used / requests * 1e6))


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def milliseconds(text: str) -> float:
    for unit, factor in (("us", 0.001), ("ms", 1.0), ("s", 1000.0)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise ValueError(text)


def report(label: str, diaoban: Contender, nginx: Contender) -> list[dict[str, object]]:
    print(f"\n{label}, {CONNECTIONS} connections, {ROUNDS} x {SECONDS} s each, medians")
    print(f"{'':10}{'requests/s':>12}{'p99 ms':>10}{'CPU µs/request':>16}")
    for one in (diaoban, nginx):
        print(f"{one.name:10}{one.median(0):12,.0f}{one.median(1):10.2f}{one.median(2):16.1f}")
    ratio = diaoban.median(0) / nginx.median(0)
    print(f"diaoban / nginx: {ratio:.2f}")

    return [
        figure(f"{label}: requests a second, diaoban / nginx", round(ratio, 3), "ratio", 1.0, met=ratio >= 1.0),
        figure(f"{label}: diaoban", round(diaoban.median(0)), "requests/s"),
        figure(f"{label}: nginx", round(nginx.median(0)), "requests/s"),
        figure(f"{label}: diaoban CPU", round(diaoban.median(2), 1), "µs/request"),
        figure(f"{label}: nginx CPU", round(nginx.median(2), 1), "µs/request"),
    ]


def figure(
    name: str, value: float, unit: str, target: float | None = None, *, met: bool | None = None
) -> dict[str, object]:
    return {"figure": name, "value": value, "unit": unit, "target": target, "met": met}


if __name__ == "__main__":
    main()
