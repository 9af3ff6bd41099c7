"""What is installed from a wheel works without the source tree."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.command import ROOT, Command


def test_the_wheel_holds_templates_static_files_and_migrations(tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(source)], check=True)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), "."]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    command = Command(tmp_path)
    command.environment["PYTHONPATH"] = str(installed)
    command.run("migrate")
    command.run("account", "add", "demo", "--name", "示例")
    (tmp_path / "a.md").write_text("# 标题\n\n正文。\n", "utf-8")
    command.run("publish", "a.md", "--account", "demo")
    with command.serving() as server:
        page = server.get("/demo/p/a").text
        assert "正文。" in page
        icon = page.split('rel="icon" href="')[1].split('"')[0]
        assert server.status(icon) == 200
        assert server.status("/api/openapi.json") == 200
