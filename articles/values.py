"""The values of this folder: a draft as it is stored, an article as it stands."""

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec

from renderer.body import Picture
from renderer.source import Source


@dataclass(frozen=True)
class Draft:
    """An upload that was read, with its pictures stored: all that rendering it takes."""

    source: Source
    pictures: dict[str, Picture]

    @cached_property
    def digest(self) -> str:
        """The hash of what it says; the file's name, which only warnings give, is not part of it."""
        content = replace(self, source=replace(self.source, file="", warnings=()))
        return sha256(msgspec.json.encode(content, order="sorted")).hexdigest()

    def stored(self) -> bytes:
        """As a revision holds it."""
        return msgspec.json.encode(self)


def read_draft(stored: bytes) -> Draft:
    """The draft that a revision holds."""
    return msgspec.json.decode(stored, type=Draft)


@dataclass(frozen=True, slots=True)
class Article:
    """An article as its row stands."""

    id: int
    slug: str
    draft: int
    "The number of the newest revision."
    published: int | None
    "The number of the revision that readers see, or saw last."
    live: bool
    title: str
    digest: str
    published_at: int | None
    updated_at: int | None
    month: str | None
    "In the site's time zone: 2025-11."

    @property
    def card(self) -> tuple[object, ...]:
        """What lists show of it; None of it while it is not live."""
        return (self.slug, self.title, self.digest, self.published_at) if self.live else ()

    @property
    def state(self) -> str:
        """Draft, published or taken down, in the words of the API."""
        if self.live:
            return "published"
        return "draft" if self.published is None else "gone"


def article_of(row: Any) -> Article:
    """An article of its row."""
    return Article(
        row.id,
        row.slug,
        row.draft,
        row.published,
        bool(row.live),
        row.title,
        row.digest,
        row.published_at,
        row.updated_at,
        row.month,
    )


@dataclass(frozen=True, slots=True)
class Revision:
    """One upload of an article."""

    number: int
    digest: str
    title: str
    created_at: int

    @property
    def etag(self) -> str:
        """The strong tag that `If-Match` names."""
        return f'"{self.number}-{self.digest[:16]}"'
