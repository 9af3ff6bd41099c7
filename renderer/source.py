"""What a publisher uploaded, read and checked: `Source`."""

import posixpath
import re
import unicodedata
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal
from urllib.parse import unquote

from markdown_it import MarkdownIt

from core.errors import InvalidInputError, Problem, TooLargeError
from renderer.front_matter import UNSEEN, FrontMatter, read_front_matter
from renderer.html_head import with_what_html_says

KIB = 1024
MIB = 1024 * KIB
MAX_TEXT = {"markdown": 1 * MIB, "html": 4 * MIB}  # a long chapter is 50 KB; an editor's soup ten times its text
MAX_TITLE = 200
OUTSIDE = re.compile(r"(https?:)?//", re.IGNORECASE)
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]")  # and Unicode's noncharacters
CHARSET = re.compile(rb"<meta[^>]{1,100}?charset=[\"']?(gb[\w-]+|big5)", re.IGNORECASE)
TITLE_LINE = re.compile(r"\A(?P<before>\s*\n)?#[ \t]+(?P<title>[^\n]*?)[ \t]*#*[ \t]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Source:
    """One article as its publisher wrote it, and what it says about itself."""

    file: str
    "The name that errors and warnings give."
    text: str
    "Markdown without front matter and without the title's line; or HTML."
    first_line: int
    "The line of the file on which the text begins, counted from 1."
    title: str
    front: FrontMatter
    warnings: tuple[Problem, ...] = ()
    format: Literal["markdown", "html"] = "markdown"

    @property
    def lang(self) -> str | None:
        """The language that the publisher named."""
        return self.front.lang


def read_source(
    data: bytes, file: str, zone: tzinfo, head: str = "", kind: Literal["markdown", "html"] = "markdown"
) -> Source:
    """Read an upload's text. `head` is front matter that was sent beside it, which stands above its own.

    Raises TooLargeError, or InvalidInputError with the file, the line and what to do.
    """
    if len(data) > MAX_TEXT[kind]:
        message = f"the text has {len(data):,} bytes; the most is {MAX_TEXT[kind]:,}. Split the article."
        raise TooLargeError.of(message, file)
    text = _decoded(data, file)
    front, text, line, warnings = read_front_matter(text, file, zone, head)
    if kind == "html":
        front = with_what_html_says(front, text)
        title = front.title or ""
    else:
        title, text, line = _title(front, text, line)
    title = " ".join(UNSEEN.sub("", title).split())
    if not title:
        where = "<title> or <h1>" if kind == "html" else "line '# Title'"
        message = f"there is no title. Begin with a {where}, or write 'title:' into the front matter."
        raise InvalidInputError.of(message, file, line)
    if len(title) > MAX_TITLE:
        message = f"the title has {len(title)} characters; the most is {MAX_TITLE}."
        raise InvalidInputError.of(message, file)
    return Source(file, text, line, title, front, warnings, kind)


def picture_name(link: str) -> str | None:
    """The name of an upload's picture as a link writes it, made plain; None when it leads out of the upload."""
    name = unquote(link.partition("?")[0].partition("#")[0]).replace("\\", "/")
    path = posixpath.normpath(unicodedata.normalize("NFC", name))
    inside = name and not path.startswith(("/", "../")) and path not in {".", ".."} and ":" not in path
    return path if inside else None


def is_outside(link: str) -> bool:
    """Whether a link leads to another site."""
    return bool(OUTSIDE.match(link))


def _decoded(data: bytes, file: str) -> str:
    declared = CHARSET.search(data[:2048])
    try:
        text = data.decode(("big5" if declared[1] == b"big5" else "gb18030") if declared else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        message = f"this is not UTF-8 (byte 0x{byte:02x}). {_encoding_advice(data)}"
        raise InvalidInputError.of(message, file, line) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"there is a control character (U+{ord(found[0]):04X}). Is this a text file? Delete it."
        raise InvalidInputError.of(message, file, line)
    return text


def _encoding_advice(data: bytes) -> str:
    for encoding in ("gb18030", "utf-16"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return f"Save the file as UTF-8, for example: iconv -f {encoding.upper()} -t UTF-8"
    return "Save the file as UTF-8."


def _title(front: FrontMatter, text: str, line: int) -> tuple[str, str, int]:
    """The title, the text without it, and the text's first line."""
    found = TITLE_LINE.match(text)
    if found is None:
        return front.title or "", text, line
    heading = _plain(found["title"])
    if front.title and front.title != heading:
        return front.title, text, line
    return front.title or heading, text[found.end() :], line + found[0].count("\n")


def _plain(markdown: str) -> str:
    """A line of Markdown as a reader reads it."""
    (inline,) = MarkdownIt("commonmark", {"html": False}).parseInline(markdown)
    return " ".join("".join(token.content for token in inline.children or ()).split())
