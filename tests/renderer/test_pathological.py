"""Each input that makes parsers slow ends soon or is refused. How soon exactly, the benchmark says."""

import pytest

from benchmarks.pathological import CASES, HTML, measure

pytestmark = pytest.mark.usefixtures("untraced")
FAR_TOO_LONG = 5.0  # seconds of CPU time; the benchmark's limit is 1, and none takes more on a quiet machine


@pytest.mark.parametrize(("text", "kind"), [(text, "markdown") for text in CASES.values()], ids=list(CASES))
def test_markdown(text: str, kind: str) -> None:
    seconds, _ = measure(text, kind)
    assert seconds < FAR_TOO_LONG


@pytest.mark.parametrize(("text", "kind"), [(text, "html") for text in HTML.values()], ids=list(HTML))
def test_html(text: str, kind: str) -> None:
    seconds, _ = measure(text, kind)
    assert seconds < FAR_TOO_LONG
