"""The judges of every page of a corpus: `make judge` (CORPUS=folder; the demo without one).

Nu (https://validator.github.io/validator/), axe in Chromium at a phone's size in both colour schemes, structured data
(what Google asks of articles and breadcrumbs, and Baidu of its own), REDbot on each class of address, and Lighthouse on
ten pages, the median of five.
Ends with 1 when one of them finds fault. Writes var/judge.json.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))
from tests.command import Command, Server  # noqa: E402 - the suite's own

VNU = HERE / "node_modules/vnu-jar/build/dist/vnu.jar"
AXE = HERE / "node_modules/axe-core/axe.min.js"
LIGHTHOUSE = HERE / "node_modules/.bin/lighthouse"
REDBOT = HERE / ".venv/bin/redbot"
NAMED = {
    "FRESHNESS_NO_CACHE_NO_VALIDATOR": "a redirect ends when a page comes to stand there; it is 7 bytes",
    "CONNEG_GZIP_BAD": "robots.txt is too short to become shorter",
    "INM_FULL": "RFC 9110 §13.1.2: conditions are for what would be a success; this is a 404",
    "STORE_PUBLIC_UNNECESSARY": "WhiteNoise writes it on what never changes; some shared caches ask for it",
}
TRIES = 4
CHROMIUM = "/usr/bin/chromium"
WANTED = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
NEEDED = {
    "BlogPosting": ("headline", "datePublished", "dateModified", "author", "publisher", "mainEntityOfPage"),
    "BreadcrumbList": ("itemListElement",),
    "Blog": ("name", "url"),
    "cambrian.jsonld": ("@id", "title", "pubDate", "upDate"),
}
ARTICLE_DESCRIPTIONS = 3  # a posting, the way to it, Baidu's own
LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def main() -> int:
    """Publish the corpus, ask every judge, print what they say."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpus", type=Path, default=ROOT / "demo")
    options.add_argument("--lighthouse", type=int, default=10, help="how many pages Lighthouse looks at; 0 for none")
    options.add_argument("--runs", type=int, default=5, help="Lighthouse runs a page")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, published(Command(Path(folder)), given.corpus) as server:
        pages = {path: read(server.url + path) for path in addresses(server.url)}
        print(f"{len(pages)} pages")
        faults = {
            "nu": nu(Path(folder), pages),
            "structured data": structured_data(pages),
            "axe": axe(server.url, list(pages)),
            "redbot": redbot(server.url, list(pages)),
            "lighthouse": lighthouse(server.url, [path for path in pages if "/p/" in path], given),
        }
    for judge, found in faults.items():
        print(f"{judge}: {len(found)} faults")
        for fault in found[:20]:
            print(f"  {fault}")
    target = ROOT / "var/judge.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"pages": len(pages), "faults": faults}, ensure_ascii=False, indent=2) + "\n")
    return 1 if any(faults.values()) else 0


class published:  # noqa: N801 - reads as a verb
    """A server with every article of a folder."""

    def __init__(self, command: Command, corpus: Path) -> None:
        self.command, self.corpus = command, corpus

    def __enter__(self) -> Server:
        self.command.run("migrate")
        self.command.run("account", "add", "demo", "--name", "示例")
        process = self.command.start("publish", str(self.corpus.resolve()), "--account", "demo")
        process.communicate(timeout=600)
        self.server = Server(self.command)
        self.server.start()
        return self.server

    def __exit__(self, *_error: object) -> None:
        self.server.stop()


def addresses(base: str) -> list[str]:
    """The home, and every page of the site that it and the archives lead to."""
    found, waiting = ["/demo/"], ["/demo/"]
    while waiting:
        html = read(base + waiting.pop())
        for path in re.findall(r'href="(/demo/(?:p|archive|tags)/[^"#]+)"', html):
            if path not in found and not path.endswith(".md"):
                found.append(path)
                waiting.append(path)
    return found


def read(url: str) -> str:
    """A page's text."""
    with urlopen(url) as answer:
        text: str = answer.read().decode()
    return text


def nu(folder: Path, pages: dict[str, str]) -> list[str]:
    """The HTML checker's errors."""
    names = {}
    for number, (path, html) in enumerate(pages.items()):
        file = folder / f"{number}.html"
        file.write_text(html, "utf-8")
        names[file.name] = path
    command = ["java", "-jar", str(VNU), "--errors-only", "--format", "json", *(str(folder / name) for name in names)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = json.loads(done.stderr)["messages"]
    return [f"{names[one['url'].rpartition('/')[2]]}:{one.get('lastLine')}: {one['message']}" for one in said]


def structured_data(pages: dict[str, str]) -> list[str]:
    """What search engines ask for and do not find."""
    found = []
    for path, html in pages.items():
        described = [json.loads(text) for text in LD.findall(html)]
        kinds = [one.get("@type") or one["@context"] for one in described]
        if "/p/" in path and kinds[:3] != [
            "BlogPosting",
            "BreadcrumbList",
            "https://ziyuan.baidu.com/contexts/cambrian.jsonld",
        ]:
            found.append(f"{path}: it has {kinds}")
        found += [f"{path}: {fault}" for one in described for fault in faults_of(one)]
    return found


def faults_of(described: dict[str, Any]) -> Iterator[str]:
    """developers.google.com/search/docs/appearance/structured-data (article, breadcrumb); Baidu's cambrian.jsonld."""
    kind = described.get("@type") or described["@context"].rpartition("/")[2]
    yield from (f"{kind} without {name}" for name in NEEDED.get(kind, ()) if not described.get(name))
    if kind == "BlogPosting":
        times = (described["datePublished"], described["dateModified"])
        yield from (f"{time} has no time zone" for time in times if datetime.fromisoformat(time).tzinfo is None)
        yield from (f"{url} is not absolute" for url in described.get("image", []) if not url.startswith("http"))
    if kind == "BreadcrumbList":
        steps = described["itemListElement"]
        if [step["position"] for step in steps] != list(range(1, len(steps) + 1)):
            yield "the breadcrumb's steps are not in order"
    if kind == "cambrian.jsonld" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", described["pubDate"]):
        yield f"pubDate is {described['pubDate']}"


def axe(base: str, paths: list[str]) -> list[str]:
    """Violations, at a phone's size, in light and dark."""
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 375, "height": 812}, color_scheme=scheme)  # type: ignore[arg-type]
            page.route(lambda url: not url.startswith(base), lambda route: route.abort())
            for path in paths:
                page.goto(base + path)
                page.evaluate(AXE.read_text("utf-8"))
                said = page.evaluate("axe.run()")
                found += [
                    f"{path} ({scheme}): {one['id']}: {one['nodes'][0]['html'][:150]}" for one in said["violations"]
                ]
        browser.close()
    return found


def redbot(base: str, paths: list[str]) -> list[str]:
    """What REDbot (https://redbot.org) says of the protocol, for one address of each class."""
    icon = re.findall(r'href="(/static/icon[^"]+)"', read(f"{base}/demo/"))[0]
    article = next(path for path in paths if "/p/" in path)
    classes = ["/", "/demo", "/demo/", article, f"{article}.md", *(path for path in paths if "/archive/" in path)][:6]
    classes += ["/demo/atom.xml", "/demo/rss.xml", "/demo/feed.json", "/robots.txt", "/none", icon]
    found = []
    for path in classes:
        said = subprocess.run(
            [REDBOT, "-o", "har", base + path], capture_output=True, text=True, check=True, timeout=120
        )
        notes = json.loads(said.stdout)["log"]["entries"][0]["_red_messages"]
        found += [
            f"{path}: {note['summary']}"
            for note in notes
            if note["level"] in {"WARN", "BAD"} and note["note_id"] not in NAMED
        ]
    return found


def lighthouse(base: str, paths: list[str], given: argparse.Namespace) -> list[str]:
    """Scores below what is wanted, the median of the runs."""
    found = []
    step = max(1, len(paths) // max(1, given.lighthouse))
    for path in paths[::step][: given.lighthouse]:
        runs = [scores_of(base + path) for _ in range(given.runs)]
        scores = {name: median(run[name] for run in runs) for name in WANTED}
        print(f"lighthouse {path}: {scores}", flush=True)
        found += [f"{path}: {name} {scores[name]:g}" for name, least in WANTED.items() if scores[name] < least]
    return found


def scores_of(url: str) -> dict[str, float]:
    """Lighthouse's scores of one run, on a phone. A run of which it says "run again" is run again."""
    command = [str(LIGHTHOUSE), url, "--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox"]
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    for _ in range(TRIES):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if not done.returncode:
            categories = json.loads(done.stdout)["categories"]
            return {name: round(categories[name]["score"] * 100) for name in WANTED}
    sys.exit(f"Lighthouse ended with {done.returncode}:\n{done.stderr[-3000:]}")


if __name__ == "__main__":
    sys.exit(main())
