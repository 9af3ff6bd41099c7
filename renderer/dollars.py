"""Formulas between dollars: `$a^2$` in a line, `$$ … $$` on lines of their own; `$5和$6` is money."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from renderer.cjk import IS_CJK

MAX_LENGTH = 5_000  # characters
FORMULA = rf"((?:[^$\\]|\\.){{1,{MAX_LENGTH}}}?)"
# Pandoc's rules: no space inside the dollars, no digit after them; and no letter before them (US$5).
INLINE = re.compile(rf"\$(?![\s$]){FORMULA}(?<!\s)\$(?![\d$])", re.DOTALL)
DOUBLE = re.compile(rf"\$\${FORMULA}\$\$(?!\$)", re.DOTALL)
TEXT = re.compile(r"\\(?:text|mbox|mathrm|textbf|operatorname)\s*\{[^{}]*\}")


def add_formulas(markdown: MarkdownIt) -> None:
    """Teach a parser formulas."""
    markdown.inline.add_terminator_char("$")
    markdown.inline.ruler.before("escape", "formula", _read_inline)
    markdown.block.ruler.before("fence", "formulas", _read_block, {"alt": ["paragraph", "reference", "blockquote"]})


def _read_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    if state.src[state.pos] != "$":
        return False
    before = state.src[state.pos - 1 : state.pos]
    double = DOUBLE.match(state.src, state.pos, state.posMax)
    found = double or INLINE.match(state.src, state.pos, state.posMax)
    if found is None or before == "$" or (not double and before.isascii() and before.isalnum()):
        return False
    if not double and IS_CJK.search(TEXT.sub("", found[1])):
        return False
    if not silent:
        state.push("formula", "display" if double else "math", 0).content = found[1].strip()
    state.pos = found.end()
    return True


def _read_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """`$$`, the formula, `$$`; a paragraph's text cannot follow on the closing line."""
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].rstrip()
    if not first.startswith("$$") or state.is_code_block(start) or "$$" in first[2:-2]:
        return False
    lines, line = [first[2:]], start
    while not (lines[-1].endswith("$$") and (line > start or len(first) > len("$$$$"))):
        line += 1
        if line >= end or state.sCount[line] < state.blkIndent:
            return False
        lines.append(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip())
        if not lines[-1]:
            return False
    lines[-1] = lines[-1][:-2]
    if not silent:
        token = state.push("formula_block", "", 0)
        token.content, token.map = "\n".join(lines).strip(), [start, line + 1]
        state.line = line + 1
    return True
