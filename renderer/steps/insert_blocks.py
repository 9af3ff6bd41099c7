"""Code and formulas, into the places that were kept for them. After the sanitiser: this HTML is ours."""

import re

from renderer.body import MARK, Work

# What the sanitiser writes: attributes in double quotes, no `<` in text. A mark inside a tag came there by markup
# that was left open over it.
TAG = re.compile(r'<[a-z/][^>"]*(?:"[^"]*"[^>"]*)*>')
IN_ATTRIBUTE = re.compile('="[^"]*\ufdd0')
PLACE = re.compile(f"<pre>{MARK.pattern}</pre>|{MARK.pattern}")


def insert_blocks(work: Work) -> None:
    """Put each block at its mark; a mark in an attribute holds no place."""
    if IN_ATTRIBUTE.search(work.html):
        work.html = TAG.sub(lambda tag: MARK.sub("", tag[0]), work.html)
    work.html = PLACE.sub(lambda place: work.set_blocks[int(place[1] or place[2])], work.html)
