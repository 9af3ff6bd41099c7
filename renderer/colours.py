"""Colours that an author gives to text: kept in their hue, and made readable on both papers (WCAG 2.2 §1.4.3)."""

import colorsys
from functools import lru_cache

import tinycss2.color4

Colour = tuple[float, float, float]
"Red, green and blue from 0 to 1 (sRGB)."

LIGHT_PAPER: Colour = (1.0, 1.0, 1.0)
DARK_PAPER: Colour = (25 / 255, 25 / 255, 25 / 255)
READABLE = 4.5  # contrast of running text, WCAG's level AA
MIN_CHROMA = 0.25  # below it a colour is a grey, which is the page's matter


def parse_colour(written: str) -> Colour | None:
    """A colour as CSS writes it; None for what is none, or is seen through for the most part."""
    colour = tinycss2.color4.parse_color(written)
    if colour is None or colour == "currentcolor" or colour.alpha < 0.5:  # noqa: PLR2004 - half
        return None
    red, green, blue = (min(1.0, max(0.0, float(part))) for part in colour.to("srgb").coordinates)
    return red, green, blue


def is_grey(colour: Colour) -> bool:
    """Whether a colour says nothing by its hue: black, white, and what editors write for text."""
    return max(colour) - min(colour) < MIN_CHROMA


def contrast(one: Colour, other: Colour) -> float:
    """WCAG's ratio, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(1024)
def readable(colour: Colour, paper: Colour) -> Colour:
    """The colour, or the nearest of its hue that can be read on the paper."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*colour)
    step = -0.01 if _luminance(paper) > 0.5 else 0.01  # noqa: PLR2004 - half
    while contrast(as_written(colour), paper) < READABLE and 0 < lightness < 1:
        lightness = min(1.0, max(0.0, lightness + step))
        colour = colorsys.hls_to_rgb(hue, lightness, saturation)
    return as_written(colour)


def as_written(colour: Colour) -> Colour:
    """The colour that eight bits a part can say."""
    red, green, blue = (round(part * 255) / 255 for part in colour)
    return red, green, blue


def hexadecimal(colour: Colour) -> str:
    """`#rrggbb`"""
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)  # noqa: PLR2004 - WCAG's
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
