"""What the pipeline makes of a source, and what it holds while it works."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser

from core.errors import Problem
from renderer.source import Source


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an upload, once media/ has stored it."""

    address: str
    "Root-relative and immutable: `/media/{hash}.{ext}`."
    width: int
    height: int
    "As shown, in CSS pixels; together they hold the place before the picture arrives."


Pictures = Mapping[str, Picture]
"By the name that the article uses, as `renderer.source.picture_name` writes it."


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the table of contents."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """The article without its page: sanitised, ready for any template."""

    html: str
    headings: tuple[Heading, ...]
    excerpt: str
    "The first sentences as plain text; the digest where the publisher gave none."
    words: int
    "Chinese characters, and words of other scripts."
    lang: str
    pictures: tuple[str, ...]
    "Addresses of the pictures shown, in order."
    warnings: tuple[Problem, ...]


@dataclass(slots=True)
class Work:
    """The workpiece that the steps hand on."""

    source: Source
    pictures: Pictures
    tokens: list[Token] = field(default_factory=list)
    tree: LexborHTMLParser = field(default_factory=lambda: LexborHTMLParser("", is_fragment=True))
    html: str = ""
    headings: list[Heading] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    excerpt: str = ""
    words: int = 0
    lang: str = ""
    warnings: list[Problem] = field(default_factory=list)

    def warn(self, message: str, line: int | None = None) -> None:
        """Say something about the source that does not keep it from being shown."""
        self.warnings.append(Problem(message, self.source.file, line))

    def body(self) -> Body:
        """The finished piece."""
        return Body(
            html=self.html,
            headings=tuple(self.headings),
            excerpt=self.excerpt,
            words=self.words,
            lang=self.lang,
            pictures=tuple(self.shown),
            warnings=tuple(self.warnings),
        )
