"""The first look at an upload: what it says, its manuscript, and which pictures it shows."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Literal
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from renderer.body import Manuscript
from renderer.front_matter import parsed_date
from renderer.pipeline import read
from renderer.slugs import DATE_PREFIX
from renderer.source import Source, is_outside, picture_name, read_source


@dataclass(frozen=True, slots=True)
class Read:
    """An upload once it is read."""

    source: Source
    manuscript: Manuscript
    pictures: tuple[str, ...]
    "The names of the pictures that it shows, each once, the cover first."
    embedded: dict[str, bytes] = field(default_factory=dict)
    "Pictures that the upload itself holds, by name."


def read_article(
    data: bytes, file: str, zone: str, head: str = "", kind: Literal["markdown", "html"] = "markdown"
) -> Read:
    """Read an upload of text.

    An article without a date has that of its file's name (Jekyll's custom): 2024-05-14-name or 20240514-name.
    Raises what `read_source` and the pipeline raise.
    """
    source = read_source(data, file, ZoneInfo(zone), head, kind)
    found = DATE_PREFIX.match(file_stem(file))
    if source.front.date is None and found is not None:
        with suppress(ValueError):  # digits that are no date are part of the name
            date = parsed_date("-".join(found.groups()), ZoneInfo(zone))
            source = replace(source, front=replace(source.front, date=date))
    manuscript = read(source)
    return Read(source, manuscript, tuple(_pictures(source, manuscript)))


def _pictures(source: Source, manuscript: Manuscript) -> list[str]:
    tree = LexborHTMLParser(manuscript.html, is_fragment=True) if "<img" in manuscript.html else None
    links = [source.front.cover, *(node.attributes.get("src") for node in (tree.css("img") if tree else ()))]
    names = (picture_name(link) for link in links if link and not is_outside(link))
    return list(dict.fromkeys(name for name in names if name is not None))


def file_stem(file: str) -> str:
    """What an article's file is called: its folder's name where the file is an index."""
    path = PurePath(file)
    return path.parent.name if path.stem == "index" else path.stem
