import io

import pytest
from PIL import Image

from core.errors import InvalidInputError, TooLargeError, UnsupportedTypeError
from media.inspect import MAX_PICTURE, inspect_picture
from tests.pictures import picture


@pytest.mark.parametrize(
    ("form", "media_type", "extension"),
    [
        ("PNG", "image/png", "png"),
        ("JPEG", "image/jpeg", "jpg"),
        ("GIF", "image/gif", "gif"),
        ("WEBP", "image/webp", "webp"),
    ],
)
def test_a_picture_is_what_its_content_is(form: str, media_type: str, extension: str) -> None:
    facts = inspect_picture(picture(40, 30, form), "a.txt")
    assert (facts.media_type, facts.width, facts.height) == (media_type, 40, 30)
    assert facts.file_name == f"{facts.digest}.{extension}"


def test_a_turned_picture_has_the_size_that_is_shown() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    facts = inspect_picture(picture(40, 30, "JPEG", exif=exif.tobytes()), "a.jpg")
    assert (facts.width, facts.height) == (30, 40)


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (b"", UnsupportedTypeError, "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedTypeError, "Use JPEG, PNG, GIF, WEBP"),
        (picture(40, 30, "TIFF"), UnsupportedTypeError, "no picture"),
        (picture(400, 300)[:200], InvalidInputError, "broken"),
        (b"x" * (MAX_PICTURE + 1), TooLargeError, "bytes"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(data: bytes, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        inspect_picture(data, "a.png")


def test_a_bomb_of_pixels_is_refused_before_it_is_decoded() -> None:
    small = io.BytesIO()
    Image.new("1", (8000, 8000)).save(small, "PNG")
    with pytest.raises(TooLargeError, match="pixels"):
        inspect_picture(small.getvalue(), "a.png")
    huge = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(huge, "PNG")
    with pytest.raises(TooLargeError, match="pixels"):
        inspect_picture(huge.getvalue(), "a.png")


def test_a_film_is_no_picture() -> None:
    film = io.BytesIO()
    frames = [Image.new("L", (2, 2), shade % 256) for shade in range(600)]
    frames[0].save(film, "GIF", save_all=True, append_images=frames[1:], duration=10)
    with pytest.raises(TooLargeError, match="frames"):
        inspect_picture(film.getvalue(), "a.gif")
