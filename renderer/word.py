"""Word files: read by mammoth into HTML, which goes the way of all HTML."""

import io
import zipfile
from html import escape
from pathlib import PurePath
from typing import Any

import mammoth

from core.errors import InvalidInputError, TooLargeError
from renderer.reading import Read, read_article

MAX_UNPACKED = 200 * 1024 * 1024  # bytes of a .docx with all that is in it
MAX_PARTS = 5_000
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='标题'] => h1:fresh
p[style-name='Quote'] => blockquote:fresh > p:fresh
p[style-name='Intense Quote'] => blockquote:fresh > p:fresh
p[style-name='Code'] => pre:separator('\\n')
u => u
strike => s
"""


def read_word(data: bytes, file: str, zone: str, head: str = "") -> Read:
    """Read a .docx. Raises InvalidInputError for a file that is none, TooLargeError for a bomb."""
    _check(data, file)
    pictures: dict[str, bytes] = {}

    def keep(picture: Any) -> dict[str, str]:
        with picture.open() as opened:
            name = f"word/image{len(pictures) + 1}.{picture.content_type.rpartition('/')[2]}"
            pictures[name] = opened.read()
        return {"src": name}

    try:
        result = mammoth.convert_to_html(
            io.BytesIO(data), convert_image=mammoth.images.img_element(keep), style_map=STYLES, id_prefix=""
        )
    except Exception as error:  # its reader of hostile XML may raise anything
        message = f"this Word file cannot be read ({type(error).__name__}). Open it in Word and save it again as .docx."
        raise InvalidInputError.of(message, file) from error
    title = "" if "<h1" in result.value else f"<title>{escape(PurePath(file).stem)}</title>"
    read = read_article((title + result.value).encode(), file, zone, head, "html")
    return Read(read.source, read.manuscript, read.pictures, pictures)


def _check(data: bytes, file: str) -> None:
    """A bomb is refused by what its directory says, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise InvalidInputError.of("this is no Word file (.docx), or it is damaged", file) from error
    size = sum(part.file_size for part in parts)
    if size > MAX_UNPACKED or len(parts) > MAX_PARTS:
        message = (
            f"this file unpacks to {size:,} bytes in {len(parts)} parts; the most is {MAX_UNPACKED:,} in {MAX_PARTS}"
        )
        raise TooLargeError.of(message, file)
    if "word/document.xml" not in {part.filename for part in parts}:
        raise InvalidInputError.of("this archive holds no Word document", file)
