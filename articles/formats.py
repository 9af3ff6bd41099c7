"""What an upload is, told by its content and its name; and bundles, which are opened here."""

import io
import posixpath
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.errors import InvalidInputError, TooLargeError, UnsupportedTypeError
from renderer.cjk import IDEOGRAPHS
from renderer.reading import Read, file_stem, read_article
from renderer.source import picture_name
from renderer.word import read_word

MAX_UNPACKED = 128 * 1024 * 1024  # bytes: an article with a hundred pictures
MAX_FILES = 300
MARKDOWN = {".md", ".markdown", ".mdown", ".txt"}
HTML = {".html", ".htm", ".xhtml"}
ARTICLES = (*sorted(MARKDOWN - {".txt"}), *sorted(HTML), ".docx")
"The names' ends by which an article is found in a folder or a bundle."
UTF_8 = 0x800  # the flag of an entry whose name is so encoded (APPNOTE.TXT 4.4.4)
ZIP = b"PK\x03\x04"
DOCUMENT = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|section|div)\b", re.IGNORECASE)
OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Word file (.doc); save it as .docx",
    b"%PDF": "a PDF; upload the Word or HTML file that it was made of",
    b"{\\rtf": "an RTF file; save it as .docx",
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """An article with its pictures, once it is unpacked."""

    file: str
    data: bytes
    pictures: dict[str, bytes]


def reader_of(data: bytes, file: str) -> Callable[..., Read]:
    """The function of the renderer that reads such a file. Raises UnsupportedTypeError."""
    for start, what in OTHERS.items():
        if data.startswith(start):
            raise UnsupportedTypeError.of(f"this is {what}", file)
    suffix = posixpath.splitext(file.lower())[1]
    if data.startswith(ZIP):
        return read_word
    if suffix == ".docx":
        raise InvalidInputError.of("this is no Word file (.docx), or it is damaged", file)
    is_html = suffix in HTML or (suffix not in MARKDOWN and DOCUMENT.match(data[:4096]))
    return partial(read_article, kind="html") if is_html else read_article


def is_bundle(data: bytes, file: str) -> bool:
    """Whether it is an archive with an article in it, and no Word file (which is an archive too)."""
    return data.startswith(ZIP) and not file.lower().endswith(".docx") and b"word/document.xml" not in data


def open_bundle(data: bytes, file: str) -> Bundle:
    """Unpack an article and its pictures. Raises InvalidInputError, TooLargeError; nothing is written anywhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _checked(archive.infolist(), file)
            contents = {name: archive.read(entry) for name, entry in entries.items()}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InvalidInputError.of(f"this archive cannot be read: {error}", file) from error
    article = _article_of(contents, file)
    folder = posixpath.dirname(article)
    inside = f"{folder}/" if folder else ""
    pictures = {name.removeprefix(inside): one for name, one in contents.items() if name.startswith(inside)}
    return Bundle(f"{file_stem(file)}/{article}", contents[article], pictures)


def _checked(entries: list[zipfile.ZipInfo], file: str) -> dict[str, zipfile.ZipInfo]:
    """The entries that count, by their plain names; all bounds are checked before anything is unpacked."""
    if len(entries) > MAX_FILES:
        raise TooLargeError.of(f"the archive holds {len(entries)} files; the most is {MAX_FILES}", file)
    size = sum(entry.file_size for entry in entries)
    if size > MAX_UNPACKED:
        raise TooLargeError.of(f"the archive unpacks to {size:,} bytes; the most is {MAX_UNPACKED:,}", file)
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = picture_name(_name(entry))
        if name is None:
            raise InvalidInputError.of(f"the archive holds {entry.filename!r}, a name that leads out of it", file)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InvalidInputError.of(f"the archive holds a symbolic link, {name!r}; put the file itself there", file)
        hidden = any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
        if not entry.is_dir() and not hidden:
            found[name] = entry
    return found


def _name(entry: zipfile.ZipInfo) -> str:
    """A name that is not marked as UTF-8 is GB 18030 on most publishers' machines.

    Some names are valid in both (图片 in GB 18030 is ͼƬ in UTF-8): the reading with more Chinese in it is meant.
    """
    if entry.flag_bits & UTF_8:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    readings = [raw.decode(encoding, "replace") for encoding in ("utf-8", "gb18030")]
    return max(readings, key=lambda name: (len(IDEOGRAPHS.findall(name)) - name.count("\ufffd"), name == readings[0]))


def _article_of(names: dict[str, bytes], file: str) -> str:
    found = sorted(
        (name for name in names if name.lower().endswith(ARTICLES)), key=lambda name: (name.count("/"), name)
    )
    index = [name for name in found if posixpath.basename(name).startswith("index.")]
    if not found:
        raise InvalidInputError.of(f"the archive holds no article ({', '.join(ARTICLES)})", file)
    top = [name for name in found if name.count("/") == found[0].count("/")]
    if not index and len(top) > 1:
        message = f"the archive holds {len(top)} articles ({top[0]}, {top[1]} …); put each into an archive of its own"
        raise InvalidInputError.of(message, file)
    return (index or found)[0]
