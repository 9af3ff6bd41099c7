"""Inline styles: an allow-list of properties, each with the values that it may have.

What is left says colour, alignment and weight, and the width of a picture. Nothing can be fetched (`url()`), laid over
the page (`position`, margins, transforms), or blown up: those properties are not on the list.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import tinycss2

from renderer.colours import (
    DARK_PAPER,
    LIGHT_PAPER,
    READABLE,
    Colour,
    contrast,
    hexadecimal,
    is_grey,
    parse_colour,
    readable,
)

MAX_STYLE = 2_000  # characters; editors write three hundred
BOTH = re.compile(r"light-dark\((#[0-9a-f]{6}),(#[0-9a-f]{6})\)")
PERCENT = re.compile(r"(100|[1-9]?\d)%")
BOLD = {"bold", "bolder", "600", "700", "800", "900"}


@lru_cache(4096)
def checked_style(css: str) -> str:
    """The declarations that may stand, in one way of writing; checking twice changes no more than once."""
    written = declarations(css)
    kept = [f"{name}:{value}" for name, check in _CHECKS.items() if (value := check(written.get(name, "")))]
    return ";".join([*_colours(written), *kept])


def hard_to_read(styles: Iterable[str]) -> list[str]:
    """The colours of text that cannot be read on white paper, as they were written; they are shown darker."""
    written = dict.fromkeys(declarations(css).get("color", "") for css in styles)
    colours = {text: parse_colour(text) for text in written if text}
    return [
        text
        for text, colour in colours.items()
        if colour is not None and not is_grey(colour) and contrast(colour, LIGHT_PAPER) < READABLE
    ]


def declarations(css: str) -> dict[str, str]:
    """Property -> value, in lower case; of a property that is written twice the last stands."""
    if len(css) > MAX_STYLE:
        return {}
    parsed = tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True)
    found = (one for one in parsed if one.type == "declaration")
    return {one.lower_name: tinycss2.serialize(one.value).strip().lower() for one in found}


def _colours(written: dict[str, str]) -> list[str]:
    """A colour of the text for both papers; or, with a background of its own, the pair."""
    paper = parse_colour(written.get("background-color", "") or written.get("background", ""))
    on_light, on_dark = _inks(written.get("color", ""))
    if paper is not None and not is_grey(paper):
        ink = on_light or WHITE
        if contrast(ink, paper) < CLEAR:
            ink = max((WHITE, BLACK), key=lambda one: contrast(one, paper))
        return [f"color:{hexadecimal(ink)}", f"background-color:{hexadecimal(paper)}"]
    if on_light is None or on_dark is None or is_grey(on_light):
        return []
    light, dark = hexadecimal(readable(on_light, LIGHT_PAPER)), hexadecimal(readable(on_dark, DARK_PAPER))
    # Browsers that do not know light-dark() keep the first.
    return [f"color:{light}", f"color:light-dark({light},{dark})"]


def _inks(value: str) -> tuple[Colour | None, Colour | None]:
    """The colour on light paper, and on dark."""
    both = BOTH.fullmatch(value.replace(" ", ""))
    return (parse_colour(both[1]), parse_colour(both[2])) if both else (parse_colour(value),) * 2


def _one_of(*allowed: str) -> Callable[[str], str]:
    return lambda value: value if value in allowed else ""


def _weight(value: str) -> str:
    return "bold" if value in BOLD else ""


def _percent(value: str) -> str:
    return value if PERCENT.fullmatch(value) and value != "0%" else ""


CLEAR = 3.0  # contrast at which white is what a designer meant on a colour
BLACK: Colour = (0.0, 0.0, 0.0)
WHITE: Colour = LIGHT_PAPER
_CHECKS: dict[str, Callable[[str], str]] = {
    "text-align": _one_of("center", "right"),
    "font-weight": _weight,
    "font-style": _one_of("italic"),
    "text-decoration": _one_of("underline", "line-through"),
    "width": _percent,
}
