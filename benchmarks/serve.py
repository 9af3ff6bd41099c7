"""Ten thousand hot pages beside nginx, its cache, Starlette and WhiteNoise serving the same bytes: `make bench-serve`.

Servers on one core, wrk on the other, runs interleaved (A B C A B C …), medians. CPU time a request is the steadiest
number on a machine with neighbours. Every figure is a ratio to nginx in the same run. Writes var/bench/serve.json.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
import httpx2  # noqa: E402 - the path above

from accounts.accounts import Account  # noqa: E402
from benchmarks.load import CORE as CLIENTS  # noqa: E402
from benchmarks.load import measure, visit, zipf  # noqa: E402
from benchmarks.pages import make_pages, store_pages, write_files  # noqa: E402
from benchmarks.servers import PROXY, STATIC, Server, start_asgi, start_diaoban, start_nginx  # noqa: E402
from core.settings import read_settings  # noqa: E402
from ops.parts import make_parts  # noqa: E402
from tests.services import MariaDB, RedisServer  # noqa: E402

SECONDS = 2
CONNECTIONS = 64
CHANGES = 300  # for the time that a publish takes to reach another process
Runs = dict[str, list[dict[str, float]]]


class Bench:
    """The servers, the pages, and the figures so far."""

    def __init__(self, folder: Path, corpus: Path, count: int, rounds: int) -> None:
        self.folder, self.rounds = folder, rounds
        self.figures: list[dict[str, Any]] = []
        self.servers: list[Server] = []
        print(f"carving {count:,} pages of {corpus} ...", flush=True)
        self.pages = make_pages(corpus, count, "https://bench.test")
        self.paths = [page.key for page in self.pages]
        self.asked = zipf(self.paths)
        self.stored = sum(len(page.br) + len(page.gzip) for page in self.pages)
        mean = sum(len(page.br) for page in self.pages) / count
        print(f"{mean:,.0f} bytes of brotli a page, {self.stored / 2**20:.0f} MiB stored with gzip", flush=True)
        write_files(self.pages, folder / "files")

    def started(self, server: Server) -> Server:
        """Warm a server up, and see to it that it is stopped."""
        self.servers.append(server)
        visit(server, self.paths)
        return server

    def compare(
        self, label: str, servers: list[Server], targets: dict[str, float], *, one: bool = False, **how: Any
    ) -> Runs:
        """Measure in turns, print a table, keep the ratios to nginx's static files."""
        runs: Runs = {server.name: [] for server in servers}
        asked = [self.asked[0]] if one else self.asked
        for _ in range(self.rounds):
            for server in servers:
                runs[server.name].append(measure(server, asked, self.folder, seconds=SECONDS, **how))
        print(f"\n{label}: {how['connections']} connections, {self.rounds} x {SECONDS} s each, medians")
        print(f"{'':22}{'requests/s':>12}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>9}")
        for name, measured in runs.items():
            rate, p50, p99, cpu = (median(run[key] for run in measured) for key in ("rate", "p50", "p99", "cpu"))
            ratio = median(a["rate"] / b["rate"] for a, b in zip(measured, runs["nginx static"], strict=True))
            print(f"{name:22}{rate:12,.0f}{ratio:8.2f}{p50:9.2f}{p99:9.2f}{cpu:9.1f}", flush=True)
            self.keep(f"{label}: {name} / nginx static", ratio, "ratio", targets.get(name))
            self.keep(f"{label}: {name}", rate, "requests/s")
            self.keep(f"{label}: {name} p99", p99, "ms")
            self.keep(f"{label}: {name} CPU", cpu, "µs/request")
        return runs

    def keep(self, name: str, value: float, unit: str, target: float | None = None, *, most: bool = False) -> None:
        """Note a figure, with its target: the least, or the most, that it may be."""
        met = None if target is None else (value <= target if most else value >= target)
        self.figures.append({"figure": name, "value": round(value, 3), "unit": unit, "target": target, "met": met})

    def report(self) -> None:
        """Print what has a target, and write all of it."""
        print("\nfigures with a target")
        for figure in self.figures:
            if figure["target"] is not None:
                mark = "met   " if figure["met"] else "MISSED"
                print(f"{mark}  {figure['figure']}: {figure['value']} {figure['unit']} (target {figure['target']})")
        target = ROOT / "var/bench/serve.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(self.figures, indent=2, ensure_ascii=False) + "\n")
        print(f"\nwritten to {target.relative_to(ROOT)}")

    def stop(self) -> None:
        """End every server."""
        for server in self.servers:
            server.stop()


def main() -> None:
    """Measure everything."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpus", type=Path, default=ROOT / "demo", help="a folder of articles to make pages of")
    options.add_argument("--pages", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="diaoban-bench-"))
    folder.chmod(0o755)
    os.sched_setaffinity(0, {int(CLIENTS)})  # Redis and MariaDB inherit it
    mariadb, redis = MariaDB(), RedisServer()
    bench = Bench(folder, given.corpus, given.pages, given.rounds)
    try:
        mariadb.start()
        redis.start()
        mariadb.run("CREATE DATABASE bench CHARACTER SET utf8mb4")
        from_memory(bench)
        from_the_rungs(bench, mariadb, redis)
        while_publishing(bench, mariadb, redis)
        bench.report()
    finally:
        bench.stop()
        mariadb.remove()
        redis.remove()
        shutil.rmtree(folder)


def from_memory(bench: Bench) -> None:
    """Hot pages: one process with SQLite, beside everything else."""
    database = f"sqlite:///{bench.folder}/site.db"
    store_pages(bench.pages, "sqlite+aiosqlite:///" + database.removeprefix("sqlite:///"))
    diaoban = start_diaoban("diaoban", bench.folder, database)
    before = diaoban.memory
    bench.started(diaoban)
    print(f"memory: {before / 2**20:.0f} MiB at start, {diaoban.memory / 2**20:.0f} with all pages")
    bench.keep("memory of a worker / (stored bytes x 1.3 + 60 MB)", diaoban.memory / (bench.stored * 1.3 + 60e6),
               "ratio", 1.0, most=True)  # fmt: skip
    nginx = bench.started(start_nginx("nginx static", bench.folder / "a", STATIC.format(root=bench.folder / "files")))
    proxy = bench.started(start_nginx("nginx proxy_cache", bench.folder / "b", PROXY.format(to=diaoban.port)))
    files = bench.folder / "files"
    route = bench.started(start_asgi("Starlette route", "benchmarks.applications:starlette", files, "--factory"))
    noise = start_asgi("WhiteNoise", "benchmarks.applications:whitenoise", files, "--factory", "--interface", "wsgi")
    everyone = [diaoban, nginx, proxy, route, bench.started(noise)]
    runs = bench.compare("zipf", everyone, {"diaoban": 1.2}, connections=CONNECTIONS)
    p99 = {name: median(run["p99"] for run in measured) for name, measured in runs.items()}
    bench.keep("zipf: p99, diaoban / nginx static", p99["diaoban"] / p99["nginx static"], "ratio", 1.0, most=True)
    bench.compare("304", [diaoban, nginx], {"diaoban": 1.0}, connections=CONNECTIONS, conditional=True)
    bench.compare("one page", [diaoban, nginx], {"diaoban": 1.0}, connections=CONNECTIONS, one=True)
    bench.compare("many connections", [diaoban, nginx], {"diaoban": 1.0}, connections=4 * CONNECTIONS)


def from_the_rungs(bench: Bench, mariadb: MariaDB, redis: RedisServer) -> None:
    """Every request from Redis, every request from MariaDB; these run on the clients' core."""
    store_pages(bench.pages, mariadb.url("bench").replace("mysql:", "mysql+aiomysql:"))
    address = mariadb.url("bench")
    warm = {"memory_mib": "0", "trust_seconds": "5"}
    from_redis = bench.started(start_diaoban("diaoban from Redis", bench.folder, address, redis_url=redis.url, **warm))
    from_store = bench.started(start_diaoban("diaoban from MariaDB", bench.folder, address, **warm))
    nginx = next(server for server in bench.servers if server.name == "nginx static")
    bench.compare("no memory", [nginx, from_redis, from_store],
                  {from_redis.name: 0.7, from_store.name: 0.25}, connections=CONNECTIONS)  # fmt: skip
    from_redis.stop()
    from_store.stop()
    bench.servers = [server for server in bench.servers if server not in (from_redis, from_store)]


def while_publishing(bench: Bench, mariadb: MariaDB, redis: RedisServer) -> None:
    """How soon another process serves a change, and what ten publishes a second do to a hot page."""
    address = mariadb.url("bench")
    other = bench.started(start_diaoban("diaoban, two processes", bench.folder, address, redis_url=redis.url))
    settings = read_settings(
        database_url=address, redis_url=redis.url, var=bench.folder / "var", base_url=f"http://127.0.0.1:{other.port}",
        log_level="error",
    )  # fmt: skip
    quiet = [measure(other, bench.asked, bench.folder, connections=CONNECTIONS, seconds=SECONDS)["p99"]
             for _ in range(bench.rounds)]  # fmt: skip
    seconds = asyncio.run(_propagation(settings, other))
    p99 = sorted(seconds)[int(len(seconds) * 0.99)] * 1000
    print(f"\nacknowledged to served by another process: median {median(seconds) * 1000:.1f} ms, p99 {p99:.1f} ms")
    bench.keep("acknowledged to served elsewhere, p99", p99, "ms", 20, most=True)
    publisher = get_context("fork").Process(target=_publish_on, args=(settings,))
    publisher.start()
    time.sleep(SECONDS)
    busy = [measure(other, bench.asked, bench.folder, connections=CONNECTIONS, seconds=SECONDS)["p99"]
            for _ in range(bench.rounds)]  # fmt: skip
    publisher.terminate()
    publisher.join()
    ratio = median(busy) / median(quiet)
    print(f"p99 of hot pages: {median(quiet):.2f} ms quiet, {median(busy):.2f} ms while 10 articles a second come")
    bench.keep("p99 while publishing / quiet", ratio, "ratio", 2.0, most=True)


async def _propagation(settings: Any, other: Server) -> list[float]:
    parts = make_parts(settings)
    await parts.delivery.wake_redis()
    account = await parts.publishing.open_account(Account(0, "news", "消息"))
    seconds = []
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{other.port}") as reader:
        for number in range(CHANGES):
            await _publish(parts, account, "page", f"# 第 {number} 版\n\n正文 {number}。\n")
            begun = time.perf_counter()
            while f"第 {number} 版" not in (await reader.get("/news/p/page")).text:
                pass
            seconds.append(time.perf_counter() - begun)
    await parts.close()
    return seconds


def _publish_on(settings: Any) -> None:
    """Publish ten articles a second, as a process that gives way: there are two cores for three that would have one."""
    os.nice(10)
    asyncio.run(_publishing(settings))


async def _publishing(settings: Any) -> None:
    parts = make_parts(settings)
    await parts.delivery.wake_redis()
    account = await parts.accounts.find("news")
    begun = time.monotonic()
    for number in count():
        await _publish(parts, account, f"a{number % 20}", f"# 文 {number} {begun}\n\n正文。\n")
        await asyncio.sleep(max(0.0, begun + number / 10 - time.monotonic()))


async def _publish(parts: Any, account: Any, slug: str, text: str) -> None:
    async def no_picture(_name: str) -> bytes | None:
        return None

    upload = await parts.uploads.read(text.encode(), f"{slug}.md", no_picture)
    await parts.drafts.save(account, slug, upload.draft)
    await parts.bodies.of(upload.draft, upload.manuscript)
    await parts.publishing.publish(account, slug)


if __name__ == "__main__":
    main()
