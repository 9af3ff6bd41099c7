"""Formulas, set at publish by KaTeX in a JavaScript engine of its own: readers need no script.

The result is HTML for the eye and MathML for screen readers (https://katex.org/docs/options). KaTeX escapes what it
is given, `trust` is off, and expansion, memory and time are bounded.
"""

import json
import re
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any

import quickjs

MAX_TEX = 5_000  # characters of one formula
MAX_HTML = 200_000  # characters that one formula may make
SECONDS = 5
MEMORY = 128 * 1024 * 1024
OPTIONS = {"output": "htmlAndMathml", "trust": False, "strict": "ignore", "maxSize": 20, "maxExpand": 500}
# The engine cannot hand over a text that it joined; JSON makes it one piece.
SET = """
function set(tex, display) {
  try {
    return JSON.stringify({html: katex.renderToString(tex, {...%s, displayMode: display})});
  } catch (error) {
    return JSON.stringify({error: String(error.message || error)});
  }
}
"""
PROBLEM = re.compile(r'\A<code class="tex" data-problem="([^"]*)">')


def formula(tex: str, *, display: bool) -> str:
    """The HTML of a formula; one that cannot be set shows its source."""
    if len(tex) > MAX_TEX:
        return _unset(tex, f"it has {len(tex)} characters; the most is {MAX_TEX}")
    try:
        result = json.loads(_setter()(tex, display))
    except quickjs.JSException as error:
        _setter.cache_clear()
        return _unset(tex, f"it takes too much to set ({str(error).splitlines()[0][:60]})")
    if "error" in result:
        return _unset(tex, result["error"].removeprefix("KaTeX parse error: "))
    html: str = result["html"]
    return html if len(html) <= MAX_HTML else _unset(tex, "it grows too large")


def formula_problem(html: str) -> str | None:
    """What to say to the publisher about a formula's HTML."""
    found = PROBLEM.match(html)
    return f"a formula cannot be set, its source is shown: {unescape(found[1])}" if found else None


def _unset(tex: str, problem: str) -> str:
    return f'<code class="tex" data-problem="{escape(problem[:200])}">{escape(tex, quote=False)}</code>'


@cache
def _setter() -> Any:
    context = quickjs.Context()
    context.set_memory_limit(MEMORY)
    context.eval(Path(__file__).with_name("katex").joinpath("katex.min.js").read_text("utf-8"))
    context.eval(SET % json.dumps(OPTIONS))
    context.set_time_limit(SECONDS)
    return context.get("set")
