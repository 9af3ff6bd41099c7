"""Inputs that make parsers slow, at 65,536 repeats: each ends within a second or is refused: `make bench-pathological`.

The kinds of CommonMark's and markdown-it's pathological test sets, and those of our own extensions. CPU seconds of one
process, with what came of it.
"""

import sys
import time
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

N = 65_536
LIMIT = 1.0  # seconds of CPU time
GIVE_UP = 30

CASES = {
    "nested strong emphasis": "*a **a " * N + "b" + " a** a*" * N,
    "emphasis closers without openers": "a_ " * N,
    "emphasis openers without closers": "_a " * N,
    "strong openers": "a**b" + "c* " * N,
    "mismatched openers and closers": "*a_ " * N,
    "pattern [ (]( many times": "[ (](" * N,
    "links without closers": "[a](<b" * N,
    "link openers": "[a](" * N,
    "link closers without openers": "a]" * N,
    "link openers without closers": "[a" * N,
    "nested brackets": "[" * N + "a" + "]" * N,
    "nested block quotes": "> " * N + "a",
    "deeply nested lists": "".join("  " * level + "* a\n" for level in range(360)),
    "one list of one line": "* " * N + "a",
    "backslash in a link": "[" + "\\" * N + "\n",
    "backticks": "".join("e" + "`" * level for level in range(1, 360)),
    "backslash in a raw tag": "<" * N + "\n",
    "raw tags that do not close": "<a x='" * N,
    "unclosed comments": "</" + "<!--" * N,
    "unclosed declarations": "<!X " * N,
    "unclosed instructions": "<?" * N,
    "unclosed CDATA": "<![CDATA[" * N,
    "empty raw comments": "<!-->" * N,
    "reference definitions": "".join(f"[r{n}]: u\n" for n in range(N // 8)) + "[r0] " * N,
    "reference labels": "[" + "a" * N + "]" * 2,
    "many references to a long one": "[a]: " + "u" * 2_000 + "\n\n" + "[a]" * N,
    "table rows": "| a | b |\n| - | - |\n" + "| x | y |\n" * N,
    "table columns": "|" + "x|" * N + "\n|" + "-|" * N + "\n",
    "table of lines that are none": "a | b\n- | -\n" + "x\n" * N,
    "headings underlined": "a\n=\n" * N,
    "thematic breaks": "---\n\n" * N,
    "hard breaks": "a  \n" * N,
    "entities": "&" * N,
    "entities without end": "&#x41" * N,
    "autolinks": "<http://a" * N,
    "bare addresses": "http://a " * N,
    "bare addresses in brackets": "http://a(" * N,
    "pictures": "![" * N,
    "pictures in pictures": "![[]()" * N,
    "strikethrough": "~~a " * N,
    "one tilde": "~" * N,
    "highlighted": "==a " * N,
    "inserted": "++" * N,
    "lowered": "~a" * N,
    "readings": "{a|" * N,
    "attributes": "![](a){" * N,
    "formulas": "$a " * N,
    "formulas of two dollars": "$$a" * N,
    "formula blocks": "$$\n" * N,
    "footnotes": "[^" * N,
    "footnote references": "[^1]" * N + "\n\n[^1]: x",
    "footnote definitions": "".join(f"[^{n}]: x\n" for n in range(N)),
    "definition lists": "a\n: b\n" * N,
    "definitions": "a\n" + ": b\n" * N,
    "containers": ":::tip\n" * N,
    "colons": ":" * N,
    "fences": "```\n" * N,
    "alerts": "> [!NOTE]\n" * N,
    "tasks": "- [ ] a\n" * N,
    "nested elements": "<div>" * N,
    "nested formatting": "<b>" * N,
    "formatting with attributes": "".join(f"<b a{n}>" for n in range(N)),
    "paragraphs left open": "<p>" * N,
    "cells left open": "<table><tr>" + "<td>" * N,
    "nested tables": "<table><tr><td>" * N,
    "closing tags": "</div>" * N,
    "many attributes": "<a " + " ".join(f"a{n}=1" for n in range(N)) + ">",
    "a long word": "字" * N * 4,
    "lines": "字\n" * N,
    "blank lines": "\n" * N,
    "tabs": "\t" * N + "a",
    "asterisks": "*" * N,
    "asterisks and a letter": "**a" * N,
    "underscores": "_" * N,
    "brackets and parentheses": "[]()" * N,
}
HTML = {
    "nested elements (HTML)": "<section>" * N,
    "nested formatting (HTML)": "<b>" * N,
    "paragraphs left open (HTML)": "<p>a" * N,
    "items left open (HTML)": "<ul>" + "<li>a" * N,
    "spans (HTML)": "<span style='color:red'>a</span>" * N,
    "breaks (HTML)": "a<br>" * N,
    "styles (HTML)": "<p style='" + "color:red;" * N + "'>a",
    "tables (HTML)": "<table><tr><td>a" * N,
    "unclosed comment (HTML)": "<!--" * N,
    "cells (HTML)": "<table><tr>" + "<td>a" * N,
}


def measure(text: str, kind: str) -> tuple[float, str]:
    """CPU seconds, and what came of it."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from core.errors import InvalidInputError  # noqa: PLC0415
    from renderer.pipeline import render_body  # noqa: PLC0415 - only the child needs them
    from renderer.source import read_source  # noqa: PLC0415

    render_body(read_source(b"# t\n\n**a** [b](c)\n", "a.md", ZoneInfo("UTC")), {})
    start = time.process_time()
    try:
        source = read_source(f"---\ntitle: t\n---\n{text}".encode(), "a.md", ZoneInfo("UTC"), kind=kind)  # type: ignore[arg-type]
        said = f"{len(render_body(source, {}).html):,} characters"
    except InvalidInputError as error:
        said = f"refused: {str(error).partition(': ')[2][:70]}"
    return time.process_time() - start, said


def main() -> int:
    """Measure every case in a process of its own; 1 when one is over the limit."""
    over = 0
    wanted = sys.argv[1:]
    for kind, cases in (("markdown", CASES), ("html", HTML)):
        for name, text in cases.items():
            if wanted and not any(part in name for part in wanted):
                continue
            with get_context("fork").Pool(1) as pool:
                try:
                    seconds, said = pool.apply_async(measure, (text, kind)).get(GIVE_UP)
                except Exception as error:  # noqa: BLE001 - a time-out, or what a case broke
                    seconds, said = float(GIVE_UP), f"{type(error).__name__}: {error}"[:80]
            over += seconds > LIMIT
            print(f"{'OVER ' if seconds > LIMIT else '     '}{seconds:6.2f} s  {name}: {said}", flush=True)
    print(f"\n{over} over {LIMIT:g} s of {len(CASES) + len(HTML)}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
