"""A space between Chinese and Latin, for authors who ask for it (`spacing: true`).

For all others the style does it where the browser can (`text-autospace`).
"""

import re

from selectolax.lexbor import LexborNode

from renderer.body import Work

IDEOGRAPH = r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
BETWEEN = re.compile(rf"(?<={IDEOGRAPH})(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?={IDEOGRAPH})")
AS_WRITTEN = {"pre", "code", "kbd", "samp", "rt"}


def space_scripts(work: Work) -> None:
    """Put one where none is; code stays as it was written."""
    if work.source.front.spacing and work.tree.root is not None:
        _space(work.tree.root)


def _space(parent: LexborNode) -> None:
    for node in list(parent.iter(include_text=True)):
        if node.tag == "-text":
            text = node.text_content or ""
            if (spaced := BETWEEN.sub(" ", text)) != text:
                node.replace_with(spaced)
        elif node.tag not in AS_WRITTEN:
            _space(node)
