"""What a picture is, by its content. Runs in a worker process: what it reads is hostile."""

import io
import warnings
from dataclasses import dataclass
from hashlib import sha256

from PIL import Image, UnidentifiedImageError

from core.errors import InvalidInputError, TooLargeError, UnsupportedTypeError

MIB = 1024 * 1024
MAX_PICTURE = 10 * MIB  # WeChat's own limit for permanent pictures
MAX_PIXELS = 50_000_000  # 200 MB decoded; phones take 48 million
MAX_FRAMES = 500
# No others: Pillow knows dozens of formats, and each is code that an attacker can reach.
FORMATS = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "GIF": ("image/gif", "gif"),
    "WEBP": ("image/webp", "webp"),
}
EXTENSIONS = dict(FORMATS.values())
ORIENTATION = 0x0112  # EXIF
TURNED = {5, 6, 7, 8}  # orientations that swap width and height


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """A picture that may be stored."""

    digest: str
    media_type: str
    width: int
    height: int
    size: int

    @property
    def file_name(self) -> str:
        """Its name in the store and in its address."""
        return f"{self.digest}.{EXTENSIONS[self.media_type]}"


def inspect_picture(data: bytes, name: str) -> PictureFacts:
    """Read a picture to its last pixel.

    Raises TooLargeError, UnsupportedTypeError or InvalidInputError, naming the picture.
    """
    if len(data) > MAX_PICTURE:
        raise TooLargeError.of(f"the picture has {len(data):,} bytes; the most is {MAX_PICTURE:,}", name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _read(data, name)
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise UnsupportedTypeError.of(f"this is no picture that can be used. Use {known}.", name) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLargeError.of(f"the picture has more than {MAX_PIXELS:,} pixels", name) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError) as error:
        raise InvalidInputError.of(f"the picture is broken ({error}). Save it anew.", name) from error


def _read(data: bytes, name: str) -> PictureFacts:
    with Image.open(io.BytesIO(data), formats=tuple(FORMATS)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise TooLargeError.of(f"the picture has more than {MAX_PIXELS:,} pixels", name)
        if getattr(picture, "n_frames", 1) > MAX_FRAMES:
            raise TooLargeError.of(f"the picture has more than {MAX_FRAMES} frames", name)
        media_type = FORMATS[str(picture.format)][0]
        width, height = picture.size
        if picture.getexif().get(ORIENTATION) in TURNED:
            width, height = height, width
        picture.load()
    return PictureFacts(sha256(data).hexdigest(), media_type, width, height, len(data))
