"""HTML before any parser sees it: how deep it goes, and that it holds no mark of ours."""

import re
from collections import Counter

from core.errors import InvalidInputError

FIRST_NONCHARACTER, LAST_NONCHARACTER = 0xFDD0, 0xFDEF
MAX_NESTING = 256  # elements in each other; an editor's soup has forty
MAX_TAGS = 25_000  # a long article out of an editor has three thousand
MAX_ATTRIBUTES = 200  # of one element
TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)([^>]*)")
# A mark (renderer/body.py) that an author writes as a character reference; the character itself no text may hold.
REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,10})|([0-9]{1,10}))")
# They have no content, or end by themselves where the next one begins: they cannot nest without the others.
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
    if html.count("<") <= MAX_NESTING and len(html) <= MAX_TAGS:
        return
    depth, is_open = 0, Counter[str]()
    for number, (ends, written, attributes) in enumerate(TAG.findall(html)):
        if number > MAX_TAGS or (len(attributes) > MAX_TAGS and attributes.count("=") > MAX_ATTRIBUTES):
            message = (
                f"there are over {MAX_TAGS:,} tags, or over {MAX_ATTRIBUTES} attributes in one. Split the article."
            )
            raise InvalidInputError.of(message, file)
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
