"""How each kind of block is set: a function of the block alone, with the version of its code."""

from collections.abc import Callable
from dataclasses import dataclass

from renderer.body import Block
from renderer.code import code_block
from renderer.math import formula, formula_problem


@dataclass(frozen=True, slots=True)
class Setter:
    """Sets the blocks of one kind."""

    version: str
    "Raise it when the result changes: blocks that are kept are set anew, and nothing else."
    set: Callable[[Block], str]
    problem: Callable[[str], str | None]
    "What to say to the publisher about a result."


SETTERS: dict[str, Setter] = {
    "code": Setter("code-2", lambda block: code_block(block.text, block.info), lambda _html: None),
    "math": Setter("katex-0.19.1", lambda block: formula(block.text, display=False), formula_problem),
    "display": Setter("katex-0.19.1", lambda block: formula(block.text, display=True), formula_problem),
}
