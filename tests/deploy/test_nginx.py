"""deploy/nginx.conf as it stands, with ports and paths changed, run by Debian's nginx before a real server."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.command import Command, Server
from tests.pictures import picture
from tests.services import Service, free_port, wait_until

CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx.conf"
BROWSER = {"accept-encoding": "gzip, deflate, br, zstd"}


class Nginx(Service):
    def __init__(self, server: Server, var: Path) -> None:
        super().__init__("nginx")
        self.plain_port = free_port()
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        text = CONFIGURATION.read_text("utf-8")
        for written, here in (
            ("127.0.0.1:8000", server.url.removeprefix("http://")),
            ("/srv/diaoban/var", str(var)),
            ("/etc/ssl/certs/diaoban.pem", str(certificate)),
            ("/etc/ssl/private/diaoban.key", str(key)),
            ("/var/cache/nginx/diaoban", str(self.folder / "cache")),
            ("/var/log/nginx", str(self.folder)),
            ("/run/nginx.pid", str(self.folder / "pid")),
            ("    listen [::]:80;\n", ""),
            ("    listen [::]:443 ssl http2;\n", ""),
            ("listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("worker_processes auto;", "worker_processes 1;"),
        ):
            assert written in text, written
            text = text.replace(written, here)
        self.configuration = self.folder / "nginx.conf"
        self.configuration.write_text(f"user root;\n{text}", "utf-8")
        self.client = httpx2.Client(base_url=f"https://127.0.0.1:{self.port}", verify=False)

    def command(self) -> list[str]:
        return ["nginx", "-c", str(self.configuration), "-e", str(self.folder / "errors"), "-g", "daemon off;"]

    def is_there(self) -> bool:
        try:
            return self.client.get("/-/live").status_code == 404
        except httpx2.TransportError:
            return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    command = Command(tmp_path, base_url="https://127.0.0.1", trust_seconds="3")
    command.open_account()
    with command.serving() as started:
        yield started


@pytest.fixture
def nginx(server: Server, tmp_path: Path) -> Iterator[Nginx]:
    started = Nginx(server, tmp_path / "var")
    try:
        started.start()
        yield started
    finally:
        started.client.close()
        started.kill(signal.SIGTERM)
        started.remove()


def test_readers_and_publishers_come_through_nginx(nginx: Nginx, server: Server) -> None:
    token = server._command.run_here("token", "add", "demo").split()[0]
    headers = {"authorization": f"Bearer {token}"}
    parts = [
        ("article", ("a.md", "# 题\n\n正文。\n\n![图](a.png)\n".encode())),
        ("pictures", ("a.png", picture(40, 30))),
    ]
    url = "/api/accounts/demo/articles/a"
    assert nginx.client.put(url, files=parts, headers=headers, timeout=30).status_code == 201
    assert nginx.client.put(f"{url}/publication", headers=headers, timeout=30).status_code == 201

    first = nginx.client.get("/demo/p/a?from=timeline&isappinstalled=0", headers=BROWSER)
    second = nginx.client.get("/demo/p/a?scene=1", headers=BROWSER)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert first.headers["content-encoding"] == "br"
    assert first.headers["etag"] == second.headers["etag"]
    assert "<h1>题</h1>" in second.text
    same = nginx.client.get("/demo/p/a", headers={**BROWSER, "if-none-match": first.headers["etag"]})
    assert same.status_code == 304
    assert nginx.client.get("/demo/p/a", headers={"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"

    shown = second.text.partition('<img alt="图" src="')[2].partition('"')[0]
    stored = nginx.client.get(shown)
    assert (stored.status_code, stored.headers["content-type"]) == (200, "image/png")
    assert "immutable" in stored.headers["cache-control"]
    assert nginx.client.get("/media/../../site.db").status_code in {400, 404}
    assert nginx.client.get("/-/metrics").status_code == 404
    plain = httpx2.get(f"http://127.0.0.1:{nginx.plain_port}/demo/", headers={"host": "www.example.com"})
    assert (plain.status_code, plain.headers["location"]) == (301, "https://www.example.com/demo/")

    assert nginx.client.delete(f"{url}/publication", headers=headers, timeout=30).status_code == 204
    assert nginx.client.get("/demo/p/a", headers=BROWSER).status_code == 410, "a takedown that is acknowledged is gone"


def test_pages_are_served_while_no_node_answers(nginx: Nginx, server: Server) -> None:
    assert nginx.client.get("/demo/", headers=BROWSER).status_code == 200
    server.stop()

    def is_stale() -> bool:
        return nginx.client.get("/demo/", headers=BROWSER).headers.get("x-cache") == "STALE"

    wait_until(is_stale, 10)
    assert nginx.client.get("/demo/", headers=BROWSER).status_code == 200
