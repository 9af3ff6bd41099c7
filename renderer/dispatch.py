"""Rules by the character that they begin with, so that a parser asks only those that can match.

markdown-it asks every rule at every line and at every mark. Nearly all of them look at one character and say no; here
that look is one look-up, made before any is asked. The rules, and their order, stay what they were.
"""

from collections.abc import Callable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock, lheading, table
from markdown_it.rules_inline import StateInline

from renderer.cjk_emphasis import TooManyMarksError

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]

CODE_INDENT = 4
MAX_COLUMNS = 1_000
BULLETS = "*-+0123456789"
# The characters that a block may begin with; a rule that is not named may begin with any.
BLOCKS = {
    "container_box": ":",
    "formulas": "$",
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": BULLETS,
    "footnote_def": "[",
    "reference": "[",
    "html_block": "<",
    "heading": "#",
}
INLINES = {
    "newline": "\n",
    "bare_link": ":",
    "formula": "$",
    "escape": "\\",
    "backticks": "`",
    "raised": "~^",
    "strikethrough": "~",
    "paired_marks": "=+",
    "emphasis": "*_",
    "ruby": "{",
    "link": "[",
    "image": "!",
    "footnote_ref": "[",
    "autolink": "<",
    "html_inline": "<",
    "entity": "&",
    "picture_attributes": "{",
}


def dispatch_rules(markdown: MarkdownIt) -> None:
    """Let a parser, whose rules are complete, find them so."""
    markdown.block.ruler = _Dispatching(markdown.block.ruler, BLOCKS, _block)
    markdown.inline.ruler = _Dispatching(markdown.inline.ruler, INLINES, _inline)


class _Dispatching(Ruler[Any]):
    """The rules of another ruler, each chain of them as one rule."""

    def __init__(self, ruler: Ruler[Any], starts: dict[str, str], join: Callable[..., Any]) -> None:
        super().__init__()
        self.__rules__ = ruler.__rules__
        characters = {character for start in starts.values() for character in start}
        self._chains: dict[str, list[Any]] = {}
        for chain in {"", *(chain for rule in ruler.__rules__ for chain in rule.alt)}:
            enabled = [one for one in ruler.__rules__ if one.enabled and (not chain or chain in one.alt)]
            rules = [(one.name, GUARDED.get(one.name, one.fn)) for one in enabled]
            chosen = {
                character: tuple(rule for name, rule in rules if character in starts.get(name, character))
                for character in characters
            }
            others = tuple(rule for name, rule in rules if name not in starts)
            self._chains[chain] = [join(chosen, others, tuple(rule for _, rule in rules))]

    def getRules(self, chainName: str = "") -> list[Any]:  # noqa: N802, N803 - markdown-it's names
        return self._chains.get(chainName, [])


def _block(
    chosen: dict[str, Sequence[BlockRule]], others: Sequence[BlockRule], every: Sequence[BlockRule]
) -> BlockRule:
    def ask(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
        if state.sCount[line] - state.blkIndent >= CODE_INDENT:
            rules = every
        else:
            start = state.bMarks[line] + state.tShift[line]
            rules = chosen.get(state.src[start : start + 1], others)
        for rule in rules:  # noqa: SIM110 - a generator costs as much as most rules
            if rule(state, line, end, silent):
                return True
        return False

    return ask


def _inline(
    chosen: dict[str, Sequence[InlineRule]], others: Sequence[InlineRule], _every: Sequence[InlineRule]
) -> InlineRule:
    (text,) = others

    def ask(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
        rules = chosen.get(state.src[state.pos])
        if rules is None:
            return text(state, silent)
        for rule in rules:  # noqa: SIM110 - likewise
            if rule(state, silent):
                return True
        return False

    return ask


def _table(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """A table's second line draws its columns."""
    if line + 1 >= end:
        return False
    start = state.bMarks[line + 1] + state.tShift[line + 1]
    if state.src[start : start + 1] not in {"|", "-", ":"}:
        return False
    if state.src.count("|", start, state.eMarks[line + 1]) > MAX_COLUMNS:
        msg = f"a table has over {MAX_COLUMNS:,} columns"
        raise TooManyMarksError(msg)
    return table(state, line, end, silent)


def _lheading(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """A heading that is underlined has a line of `=` or `-` below it, before the next empty line."""
    for below in range(line + 1, end):
        start = state.bMarks[below] + state.tShift[below]
        if start >= state.eMarks[below]:
            return False
        if state.src[start] in "=-":
            return lheading(state, line, end, silent)
    return False


GUARDED: dict[str, Any] = {"table": _table, "lheading": _lheading}
