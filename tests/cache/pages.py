"""Pages for tests of the rungs."""

from dataclasses import replace
from http import HTTPStatus

from core.page import Headers, Page, carve


def page(key: str, text: str = "text", generation: int = 1, status: int = 200, headers: Headers = ()) -> Page:
    carved = carve(key, text, rendered_by="test", status=HTTPStatus(status), headers=headers)
    return replace(carved, generation=generation)
