"""Each import contract is broken once on purpose and seen to fail, so that none is there for show."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ROOT

BREACHES = [
    ("core/page.py", "import articles.publish", "Higher folders import lower ones"),
    ("renderer/cjk.py", "import cache.keys", "Higher folders import lower ones"),
    ("renderer/cjk.py", "import time", "The renderer is pure"),
    ("articles/read.py", "import redis", "Only cache/ speaks to Redis"),
    ("cache/front.py", "import starlette.requests", "What answers readers knows neither"),
    ("accounts/tables.py", "import accounts.guard", "No cycles inside any folder"),
    ("articles/ledger.py", "import articles.publish", "articles/ reads from the web down"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("core", "renderer", "cache", "articles", "accounts", "media", "ops"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("file", "line", "contract"), BREACHES)
def test_a_breach_is_seen(tree: Path, file: str, line: str, contract: str) -> None:
    broken = tree / file
    broken.write_text(f"{broken.read_text('utf-8')}\n{line}\n", "utf-8")
    said = lint(tree)
    assert said.returncode == 1
    assert any(contract in row and "BROKEN" in row for row in said.stdout.splitlines()), said.stdout


def test_without_a_breach_all_are_kept(tree: Path) -> None:
    assert lint(tree).returncode == 0


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=tree, env={"PYTHONPATH": str(tree)}, capture_output=True, text=True, check=False)
