"""Slugs: addresses that people can read, from Chinese titles too."""

import re
import unicodedata

from renderer.front_matter import MAX_SLUG

DATE_PREFIX = re.compile(r"\A(\d{4})-?(\d{2})-?(\d{2})[-_.]?")
NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


def slug_of_title(title: str) -> str:
    """Letters, digits and hyphens; Chinese by its reading in the phrase (重庆银行 -> chong-qing-yin-hang)."""
    # Its dictionary takes 0.4 s to load, a third of a command's start, and few commands need it.
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    spelled = "-".join(lazy_pinyin(title))
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode().lower()
    slug = NOT_IN_SLUG.sub("-", plain).strip("-")
    return slug if len(slug) <= MAX_SLUG else slug[: MAX_SLUG + 1].rpartition("-")[0].strip("-") or slug[:MAX_SLUG]


def slug_of_file(name: str, title: str) -> str:
    """The slug of a file that names none: its own name without a date, or the title where that says nothing."""
    bare = DATE_PREFIX.sub("", name)
    plain = NOT_IN_SLUG.sub("-", bare.lower()).strip("-")
    return plain[:MAX_SLUG].strip("-") if plain and bare.isascii() else slug_of_title(title)
