"""Cases in files: a title, a line of one dot, the input, a line of one dot, what is expected, a line of one dot."""

import re
from pathlib import Path

import pytest

CASE = re.compile(r"^(?P<title>[^\n]+)\n\.\n(?P<given>.*?)^\.\n(?P<expected>.*?)^\.\n", re.DOTALL | re.MULTILINE)


def cases(name: str) -> pytest.MarkDecorator:
    text = (Path(__file__).parent / name).read_text("utf-8")
    found = [pytest.param(one["given"], one["expected"], id=one["title"]) for one in CASE.finditer(text)]
    assert found
    return pytest.mark.parametrize(("given", "expected"), found)
