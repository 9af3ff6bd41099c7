"""The one Jinja environment, and the press that carves contexts into pages."""

import base64
import re
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.page import Headers, Page, carve
from renderer.contexts import ArticlePage, Context, HomePage, MonthPage, NoticePage, SitePage
from renderer.pipeline import PIPELINE

TEMPLATES: dict[type[Context], str] = {
    ArticlePage: "pages/article.html",
    HomePage: "pages/home.html",
    MonthPage: "pages/month.html",
    SitePage: "pages/site.html",
    NoticePage: "pages/notice.html",
}
STYLE = "parts/style.css"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
AROUND_MARKS = re.compile(r"\s*([{};,>])\s*|:\s+")


class Press:
    """Carves pages: a context in, a Page out.

    `static` gives the address of each file of static/ by its name; the environment compiles every template
    at once, so that a broken one stops the start and not a publish.
    """

    def __init__(self, templates: Path, static: Mapping[str, str]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        # Chinese stays Chinese in JSON-LD; the filter still escapes what could end the script element.
        self._environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        style = _minified(self._environment.get_template(STYLE).render())
        self._environment.globals.update(style=Markup(style), static=static)  # noqa: S704 - our own file
        self._templates = {kind: self._environment.get_template(name) for kind, name in TEMPLATES.items()}
        self._policy: Headers = (("content-security-policy", _policy(style)),)
        self.rendered_by = _fingerprint(templates, static)

    def text(self, context: Context) -> str:
        """The HTML of a page."""
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        return self._templates[type(context)].render(values)

    def carve(self, key: str, context: Context, status: HTTPStatus = HTTPStatus.OK, headers: Headers = ()) -> Page:
        """The finished page for an address."""
        return carve(
            key,
            self.text(context),
            rendered_by=self.rendered_by,
            status=status,
            headers=(*self._policy, *headers),
        )


def _minified(css: str) -> str:
    return AROUND_MARKS.sub(lambda found: found[1] or ":", COMMENT.sub("", css)).replace(";}", "}").strip()


def _policy(style: str) -> str:
    """No script at all, one inline style known by its hash (CSP level 3); pictures may be anywhere."""
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        "default-src 'none'; img-src 'self' https: http: data:; media-src 'self' https:; font-src 'self'; "
        f"manifest-src 'self'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )


def _fingerprint(templates: Path, static: Mapping[str, str]) -> str:
    seal = sha256(f"{PIPELINE}\n{sorted(static.items())}\n".encode())
    for path in sorted(path for path in templates.rglob("*") if path.is_file()):
        seal.update(f"{path.relative_to(templates).as_posix()}\n".encode())
        seal.update(path.read_bytes())
    return seal.hexdigest()[:16]
