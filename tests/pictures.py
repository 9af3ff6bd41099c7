"""Small pictures, made as they are needed."""

import io

from PIL import Image


def picture(width: int = 40, height: int = 30, form: str = "PNG", color: str = "#8f2d22", **options: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), color).save(made, form, **options)
    return made.getvalue()
