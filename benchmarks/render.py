"""Articles a second through the whole pipeline, beside Hugo over the same files: `make bench-render`.

Ours: read, parse, colour, set, sanitise, template, brotli 5 and gzip 9, written to disk, in one process a core. Hugo:
highlighting, table of contents and tags on; it compresses nothing. The runs are interleaved (A B A B). Then the second
theme: every page again from kept bodies. Writes var/bench/render.json.
"""

import argparse
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
import msgspec  # noqa: E402

from accounts.accounts import Account  # noqa: E402 - the path above
from articles.addresses import Addresses  # noqa: E402
from articles.article_page import article_page  # noqa: E402
from articles.place import Place  # noqa: E402
from articles.publish import published_article  # noqa: E402
from articles.values import Article, Draft  # noqa: E402
from benchmarks.corpus import make_articles  # noqa: E402
from cache.static_files import static_names  # noqa: E402
from renderer.body import Body  # noqa: E402
from renderer.environment import Press  # noqa: E402
from renderer.pipeline import finish  # noqa: E402
from renderer.reading import read_article  # noqa: E402
from renderer.source import Source  # noqa: E402

CORES = os.cpu_count() or 1
ZONE = ZoneInfo("Asia/Shanghai")
PLACE = Place(Account(0, "bench", "基准"), Addresses("https://bench.test"), ZONE)
UNPUBLISHED = Article(0, "a", 1, None, False, "", "", None, None, None)  # noqa: FBT003 - a row's columns
CHUNK = 20
press: Press


def start() -> None:
    """What a process needs once."""
    global press  # noqa: PLW0603 - one a process
    press = Press(ROOT / "templates", static_names(ROOT / "static"))
    gc.freeze()
    gc.disable()


def render(files: list[str], target: str, bodies: str) -> int:
    """Take some files through the whole pipeline. Bytes read."""
    size = 0
    for file in files:
        data = Path(file).read_bytes()
        read = read_article(data, file, ZONE.key)
        body = finish(read.source, read.manuscript, {}, {}).body
        write(Path(file).stem, target, read.source, body)
        if bodies:
            Path(bodies, Path(file).stem).write_bytes(msgspec.msgpack.encode((read.source, body)))
        size += len(data)
    return size


def theme(names: list[str], target: str, bodies: str) -> int:
    """Make pages of kept bodies: what a new theme costs."""
    for name in names:
        source, body = msgspec.msgpack.decode(Path(bodies, name).read_bytes(), type=tuple[Source, Body])
        write(name, target, source, body)
    return len(names)


def write(name: str, target: str, source: Source, body: Body) -> None:
    draft = Draft(source, {})
    article = published_article(UNPUBLISHED, draft, body, now=1_700_000_000, zone=ZONE)
    page = press.compose(f"/bench/p/{name}", article_page(PLACE, article, draft, body)).carve()
    Path(target, f"{name}.br").write_bytes(page.br)
    Path(target, f"{name}.gz").write_bytes(page.gzip)


def in_processes(function: object, names: list[str], *arguments: str) -> tuple[float, float]:
    """Seconds, and the peak memory of all processes in MiB."""
    chunks = [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]
    with ProcessPoolExecutor(CORES, initializer=start) as pool:
        list(pool.map(str, range(CORES * 4)))  # started
        begun = time.perf_counter()
        list(pool.map(function, chunks, *([one] * len(chunks) for one in arguments)))  # type: ignore[arg-type]
        seconds = time.perf_counter() - begun
        peak = sum(peak_of(process.pid) for process in pool._processes.values())  # noqa: SLF001 - the only way
    return seconds, peak


def peak_of(pid: int) -> float:
    return int(re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


def hugo(site: Path) -> tuple[float, float]:
    """Seconds and peak memory in MiB of Hugo over the same articles."""
    shutil.rmtree(site / "public", ignore_errors=True)
    begun = time.perf_counter()
    done = subprocess.run(["/usr/bin/time", "-f", "%M", "hugo", "--quiet"], cwd=site, capture_output=True, check=True)
    return time.perf_counter() - begun, int(done.stderr.split()[-1]) / 1024


def main() -> None:
    """Make the articles, render them in turns, print and keep the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpus", type=Path, default=ROOT / "demo", help="a folder of articles to make them of")
    options.add_argument("--articles", type=int, default=5_000)
    options.add_argument("--pages", type=int, default=10_000, help="pages of the second theme")
    options.add_argument("--rounds", type=int, default=2)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site, pages, bodies = (Path(folder, name) for name in ("hugo", "pages", "bodies"))
        shutil.copytree(ROOT / "benchmarks/hugo", site)
        for path in (site / "content/posts", pages, bodies):
            path.mkdir(parents=True)
        print(f"making {given.articles:,} articles of {given.corpus} ...", flush=True)
        files = []
        for slug, text in make_articles(given.corpus, given.articles):
            path = site / "content/posts" / f"{slug}.md"
            path.write_text(text, "utf-8")
            files.append(str(path))
        size = sum(Path(file).stat().st_size for file in files)
        ours, theirs = [], []
        for number in range(given.rounds):
            ours.append(in_processes(render, files, str(pages), str(bodies) if not number else ""))
            theirs.append(hugo(site))
            print(f"round {number + 1}: ours {rate(files, ours[-1])}; hugo {rate(files, theirs[-1])}", flush=True)
        names = (sorted(path.name for path in bodies.iterdir()) * (given.pages // len(files) + 1))[: given.pages]
        themed = in_processes(theme, names, str(pages), str(bodies))
    report(given, size, ours, theirs, themed)


def rate(files: list[str], run: tuple[float, float]) -> str:
    return f"{len(files) / run[0]:.0f} a second, {run[1]:,.0f} MiB"


def report(
    given: argparse.Namespace,
    size: int,
    ours: list[tuple[float, float]],
    theirs: list[tuple[float, float]],
    themed: tuple[float, float],
) -> None:
    figures = {
        "articles": given.articles,
        "mean_bytes": round(size / given.articles),
        "cores": CORES,
        "ours_a_second": round(given.articles / median(seconds for seconds, _ in ours), 1),
        "hugo_a_second": round(given.articles / median(seconds for seconds, _ in theirs), 1),
        "ratio": round(median(t[0] / o[0] for o, t in zip(ours, theirs, strict=True)), 3),
        "ours_peak_mib": round(max(peak for _, peak in ours)),
        "hugo_peak_mib": round(max(peak for _, peak in theirs)),
        "retheme_pages": given.pages,
        "retheme_seconds": round(themed[0], 2),
    }
    print(json.dumps(figures, indent=2))
    target = ROOT / "var/bench/render.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
