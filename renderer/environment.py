"""The one Jinja environment, and the press that carves contexts into pages."""

import base64
import re
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from core.page import Composed, Headers, compose
from renderer.contexts import (
    ArticlePage,
    AtomFeed,
    Context,
    HomePage,
    JSONFeed,
    MonthPage,
    NoticePage,
    RobotsPage,
    RSSFeed,
    SitePage,
    TagPage,
    TwinPage,
)
from renderer.pipeline import PIPELINE

TEMPLATES: dict[type[Context], str] = {
    ArticlePage: "pages/article.html",
    TwinPage: "pages/article.md",
    HomePage: "pages/home.html",
    MonthPage: "pages/month.html",
    TagPage: "pages/tag.html",
    AtomFeed: "feeds/atom.xml",
    RSSFeed: "feeds/rss.xml",
    JSONFeed: "feeds/feed.json",
    SitePage: "pages/site.html",
    NoticePage: "pages/notice.html",
    RobotsPage: "pages/robots.txt",
}
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    "atom.xml": "application/atom+xml; charset=utf-8",
    "rss.xml": "application/rss+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
}
STYLE = "parts/style.css"
COPY = "parts/copy.js"
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
            autoescape=select_autoescape(("html", "xml"), default=False),  # by its name: the rest is no markup
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        # Chinese stays Chinese in JSON-LD; the filter still escapes what could end the script element.
        self._environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        style = _minified(self._environment.get_template(STYLE).render())
        copy = COMMENT.sub("", self._environment.get_template(COPY).render()).strip()
        self._environment.globals.update(style=Markup(style), copy=Markup(copy), static=static)  # noqa: S704 - our own
        self._templates = {kind: self._environment.get_template(name) for kind, name in TEMPLATES.items()}
        self._policy: Headers = (("content-security-policy", _policy(style, copy)),)
        self.rendered_by = _fingerprint(templates, static)

    def text(self, context: Context) -> str:
        """The HTML of a page."""
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        return self._templates[type(context)].render(values)

    def compose(
        self, key: str, context: Context, status: HTTPStatus = HTTPStatus.OK, headers: Headers = ()
    ) -> Composed:
        """The page for an address, before it is carved."""
        return compose(
            key,
            self.text(context),
            rendered_by=self.rendered_by,
            status=status,
            media_type=next(kind for end, kind in MEDIA_TYPES.items() if TEMPLATES[type(context)].endswith(end)),
            headers=(*self._policy, *headers),
        )


def _minified(css: str) -> str:
    return AROUND_MARKS.sub(lambda found: found[1] or ":", COMMENT.sub("", css)).replace(";}", "}").strip()


def _policy(style: str, copy: str) -> str:
    """One script and one style, known by their hashes (CSP level 3); pictures may be anywhere.

    Nothing of ours connects anywhere, but Lighthouse reads robots.txt from within the page. Styles on elements are
    those that renderer/styles.py lets stand, and KaTeX's own.
    """
    return (
        "default-src 'none'; img-src 'self' https: http: data:; media-src 'self' https:; font-src 'self'; "
        f"manifest-src 'self'; connect-src 'self'; script-src '{_hash(copy)}'; style-src 'self' '{_hash(style)}'; "
        "style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


def _fingerprint(templates: Path, static: Mapping[str, str]) -> str:
    seal = sha256(f"{PIPELINE}\n{sorted(static.items())}\n".encode())
    for path in sorted(path for path in templates.rglob("*") if path.is_file()):
        seal.update(f"{path.relative_to(templates).as_posix()}\n".encode())
        seal.update(path.read_bytes())
    return seal.hexdigest()[:16]
