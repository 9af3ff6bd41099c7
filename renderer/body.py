"""What the pipeline makes of a source, and what it holds while it works."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser

from core.errors import Problem
from renderer.source import Source
from renderer.styles import hard_to_read

# A block's place in the text: its number between two characters that no text may hold (Unicode's noncharacters).
MARK = re.compile("\ufdd0(\\d+)\ufdd1")


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
class Block:
    """A piece that is set by itself, whatever stands around it: code, or a formula."""

    kind: str
    "code, math, or display for a formula on a line of its own."
    text: str
    info: str = ""
    "What stands after a fence: language, marked lines."
    line: int | None = None
    "Where it stands in the file, for a warning."


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A source once it is read, whatever its format was: HTML with a mark at the place of each block."""

    html: str
    blocks: tuple[Block, ...]
    warnings: tuple[Problem, ...]


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
    links: tuple[str, ...] = ()
    "The slugs of the articles of the same account that it leads to."
    has_code: bool = False
    has_math: bool = False


@dataclass(slots=True)
class Work:
    """The workpiece that the steps hand on."""

    source: Source
    pictures: Pictures = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    tree: LexborHTMLParser = field(default_factory=lambda: LexborHTMLParser("", is_fragment=True))
    html: str = ""
    blocks: list[Block] = field(default_factory=list)
    set_blocks: list[str] = field(default_factory=list)
    "The HTML of each block."
    headings: list[Heading] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    excerpt: str = ""
    words: int = 0
    lang: str = ""
    warnings: list[Problem] = field(default_factory=list)

    def warn(self, message: str, line: int | None = None) -> None:
        """Say something about the source that does not keep it from being shown."""
        self.warnings.append(Problem(message, self.source.file, line))

    def warn_of_colours(self) -> None:
        """Report the colours of the tree's text that no reader could read as they are."""
        styles = (node.attributes.get("style") or "" for node in self.tree.css("[style]"))
        if hard := hard_to_read(styles):
            self.warn(f"hard to read on white, and shown darker: {', '.join(hard[:10])}")

    def place(self, block: Block) -> str:
        """Lay a block aside; give the mark that holds its place."""
        self.blocks.append(block)
        return f"\ufdd0{len(self.blocks) - 1}\ufdd1"

    def plain(self, text: str) -> str:
        """A text of the tree as a reader reads it: formulas as they were written, code left out."""
        return MARK.sub(self._plain_block, text) if "\ufdd0" in text else text

    def _plain_block(self, found: re.Match[str]) -> str:
        number = int(found[1][:9])
        block = self.blocks[number] if number < len(self.blocks) else None
        return block.text if block and block.kind != "code" else ""

    def manuscript(self) -> Manuscript:
        """The source as it was read."""
        return Manuscript(self.html, tuple(self.blocks), tuple(self.warnings))

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
            links=tuple(dict.fromkeys(self.links)),
            has_code=any(block.kind == "code" for block in self.blocks),
            has_math=any(block.kind != "code" for block in self.blocks),
        )
