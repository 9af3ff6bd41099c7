"""Slugs: addresses that people can read, from Chinese titles too."""

import re
import unicodedata

from pypinyin import lazy_pinyin

from renderer.front_matter import MAX_SLUG
from renderer.reading import DATE_PREFIX

NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


def slug_of_title(title: str) -> str:
    """Letters, digits and hyphens; Chinese by its reading in the phrase (重庆银行 -> chong-qing-yin-hang)."""
    spelled = "-".join(lazy_pinyin(title))
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode().lower()
    slug = NOT_IN_SLUG.sub("-", plain).strip("-")
    return slug if len(slug) <= MAX_SLUG else slug[: MAX_SLUG + 1].rpartition("-")[0].strip("-") or slug[:MAX_SLUG]


def slug_of_file(name: str, title: str) -> str:
    """The slug of a file that names none: its own name without a date, or the title where that says nothing."""
    bare = DATE_PREFIX.sub("", name)
    return slug_of_title(bare) if bare.isascii() and NOT_IN_SLUG.sub("", bare.lower()) else slug_of_title(title)
