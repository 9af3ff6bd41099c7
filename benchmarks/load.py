"""Load by wrk on the core of the clients: browser-like requests, one address or zipf over all of them."""

import random
import subprocess
from http.client import HTTPConnection
from itertools import accumulate
from pathlib import Path

from benchmarks.servers import Server

CORE = "1"
HEADERS = {
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "zh-CN,zh",
    "User-Agent": "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8.0.54",
}
REQUESTS = 50_000  # in one script; wrk goes round
SCRIPT = """
local requests = {}
function init(args)
  for line in io.lines("%s") do
    local path, tag = line:match("^(%%S+) ?(.*)$")
    if tag ~= "" then wrk.headers["If-None-Match"] = tag end
    requests[#requests + 1] = wrk.format("GET", path)
  end
end
local at = 0
function request()
  at = at %% #requests + 1
  return requests[at]
end
"""


def visit(server: Server, paths: list[str]) -> None:
    """Ask for each page once, and note its ETag: all caches are warm."""
    connection = HTTPConnection("127.0.0.1", server.port)
    for path in paths:
        connection.request("GET", path, headers=HEADERS)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (server.name, path, answer.status)
        server.tags[path] = answer.headers["etag"] or ""
    connection.close()


def zipf(paths: list[str], count: int = REQUESTS) -> list[str]:
    """Addresses as readers ask for them: the n-th one n times less often than the first (exponent 1)."""
    dice = random.Random(1)  # noqa: S311 - repeatable
    shuffled = dice.sample(paths, len(paths))
    weights = list(accumulate(1 / (rank + 1) for rank in range(len(shuffled))))
    return dice.choices(shuffled, cum_weights=weights, k=count)


def measure(
    server: Server, asked: list[str], folder: Path, *, connections: int, seconds: float, conditional: bool = False
) -> dict[str, float]:
    """One run: requests a second, p50 and p99 in ms, CPU µs a request."""
    lines = (f"{path} {server.tags[path]}" if conditional else path for path in asked)
    (folder / "requests").write_text("\n".join(lines))
    (folder / "script.lua").write_text(SCRIPT % (folder / "requests"))
    command = ["taskset", "-c", CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(folder / "script.lua")]
    for name, value in HEADERS.items():
        command += ["-H", f"{name}: {value}"]
    before = server.cpu_seconds
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/"], capture_output=True, text=True, check=True
    ).stdout
    used = server.cpu_seconds - before
    assert "Non-2xx" not in said, f"{server.name}: {said}"
    assert "Socket errors" not in said, f"{server.name}: {said}"
    requests = float(said.split(" requests in")[0].split()[-1])
    return {
        "rate": float(said.split("Requests/sec:")[1].split()[0]),
        "p50": _milliseconds(said, "50%"),
        "p99": _milliseconds(said, "99%"),
        "cpu": used / requests * 1e6,
    }


def _milliseconds(said: str, share: str) -> float:
    text = next(line.split()[1] for line in said.splitlines() if line.strip().startswith(share))
    for unit, factor in (("us", 0.001), ("ms", 1.0), ("s", 1000.0)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise ValueError(text)
