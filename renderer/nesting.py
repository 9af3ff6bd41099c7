"""HTML before any parser sees it: how deep it goes, and that it holds no mark of ours."""

import re
from collections import Counter

from core.errors import InvalidInputError

FIRST_NONCHARACTER, LAST_NONCHARACTER = 0xFDD0, 0xFDEF
MAX_NESTING = 256  # elements in each other; an editor's soup has forty
TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)[^>]*?(/?)>?")
# They have no content, or end by themselves where the next one begins: they cannot nest without the others.
# A mark (renderer/body.py) that an author writes as a character reference; the character itself no text may hold.
REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,10})|([0-9]{1,10}))")
FLAT = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"),
    *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "rt", "rp", "caption", "colgroup"),
}


def checked(html: str, file: str) -> str:
    """The HTML without references to marks. Raises InvalidInputError for elements without end: parsers take hours."""
    _check_nesting(html, file)
    return REFERENCE.sub(_without_mark, html) if "&#" in html else html


def _check_nesting(html: str, file: str) -> None:
    """Count what is open at each tag. An end without its beginning closes nothing."""
    if html.count("<") <= MAX_NESTING:
        return
    depth, is_open = 0, Counter[str]()
    for ends, written, _ in TAG.findall(html):
        tag = written.lower()
        if tag in FLAT:
            continue
        if not ends:
            is_open[tag] += 1
            depth += 1
        elif is_open[tag]:
            is_open[tag] -= 1
            depth -= 1
        if depth > MAX_NESTING:
            message = (
                f"elements are nested deeper than {MAX_NESTING} (at a <{tag[:30]}>); close them, or write less HTML"
            )
            raise InvalidInputError.of(message, file)


def _without_mark(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    return "&#xFFFD" if FIRST_NONCHARACTER <= code <= LAST_NONCHARACTER else found[0]
