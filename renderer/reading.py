"""The first look at an upload: what it says, and which pictures it shows. Light to import: workers start with it."""

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath
from zoneinfo import ZoneInfo

from renderer.body import Work
from renderer.front_matter import parsed_date
from renderer.source import Source, is_outside, picture_name, read_source
from renderer.steps.parse import parse
from renderer.steps.to_tree import to_tree

DATE_PREFIX = re.compile(r"\A(\d{4})-?(\d{2})-?(\d{2})[-_.]?")


def read_article(data: bytes, file: str, zone: str, head: str = "") -> tuple[Source, list[str]]:
    """Read an upload; give its source and the names of the pictures that it shows, the cover first.

    An article without a date has that of its file's name (Jekyll's custom): 2024-05-14-name or 20240514-name.
    Raises what `read_source` raises.
    """
    source = read_source(data, file, ZoneInfo(zone), head)
    found = DATE_PREFIX.match(file_stem(file))
    if source.front.date is None and found is not None:
        with suppress(ValueError):  # digits that are no date are part of the name
            date = parsed_date("-".join(found.groups()), ZoneInfo(zone))
            source = replace(source, front=replace(source.front, date=date))
    return source, pictures_of(source)


def pictures_of(source: Source) -> list[str]:
    """The names of the upload's pictures that an article shows, in order, each once; the cover first."""
    work = Work(source, {})
    for step in (parse, to_tree):
        step(work)
    links = [source.front.cover, *(node.attributes.get("src") for node in work.tree.css("img"))]
    names = (picture_name(link) for link in links if link and not is_outside(link))
    return list(dict.fromkeys(name for name in names if name is not None))


def file_stem(file: str) -> str:
    """What an article's file is called: its folder's name where the file is an index."""
    path = PurePath(file)
    return path.parent.name if path.stem == "index" else path.stem
