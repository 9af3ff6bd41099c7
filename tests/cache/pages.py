"""Pages for tests of the rungs."""

from dataclasses import replace
from http import HTTPStatus

from core.page import Composed, Headers, Page, compose


def composed(key: str, text: str = "text", status: int = 200, headers: Headers = ()) -> Composed:
    return compose(key, text, rendered_by="test", status=HTTPStatus(status), headers=headers)


def page(key: str, text: str = "text", generation: int = 1, status: int = 200, headers: Headers = ()) -> Page:
    return replace(composed(key, text, status, headers).carve(), generation=generation)
