"""The HTTP API for publishers. Each handler reads the request, calls one verb, answers."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.guard import Guard
from articles.bodies import Bodies
from articles.drafts import Drafts
from articles.publish import Published, Publishing
from articles.read import MAX_LIST, Reading, dead_link
from articles.upload import MAX_PICTURES, PictureOf, Upload, Uploads
from articles.values import Article, Revision
from core.errors import InvalidInputError, Problem, UnsupportedTypeError
from renderer.beside import markdown_of, text_of
from renderer.body import Body
from renderer.front_matter import FrontMatter
from renderer.source import picture_name

ARTICLE = "/api/accounts/{account}/articles/{slug}"
SUFFIXES = {
    "text/markdown": ".md",
    "text/html": ".html",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/zip": ".zip",
}
OPENAPI = Path(__file__).with_name("openapi.json")
META = tuple(field.name for field in fields(FrontMatter))


class ArticleHandlers:
    """`/api/…`: drafts, publication, reading."""

    def __init__(
        self,
        *,
        guard: Guard,
        uploads: Uploads,
        bodies: Bodies,
        drafts: Drafts,
        publishing: Publishing,
        reading: Reading,
    ) -> None:
        self._guard = guard
        self._uploads = uploads
        self._bodies = bodies
        self._drafts = drafts
        self._publishing = publishing
        self._reading = reading
        self._openapi = json.loads(OPENAPI.read_text("utf-8"))

    def routes(self) -> list[BaseRoute]:
        """Every address of the API."""
        return [
            # The description
            Route("/api/openapi.json", self.openapi, methods=["GET"], name="openapi"),
            # Reading
            Route("/api/accounts/{account}/articles", self.index, methods=["GET"], name="articles"),
            Route(ARTICLE, self.show, methods=["GET"], name="article"),
            Route(f"{ARTICLE}/body", self.body, methods=["GET"], name="body"),
            Route(f"{ARTICLE}/revisions", self.revisions, methods=["GET"], name="revisions"),
            # Drafts
            Route(ARTICLE, self.save, methods=["PUT"], name="save"),
            # What readers see
            Route(f"{ARTICLE}/publication", self.publish, methods=["PUT"], name="publish"),
            Route(f"{ARTICLE}/publication", self.take_down, methods=["DELETE"], name="take_down"),
            Route(f"{ARTICLE}/address", self.move, methods=["PUT"], name="move"),
        ]

    async def openapi(self, _request: Request) -> Response:
        """GET /api/openapi.json"""
        return JSONResponse(self._openapi)

    async def index(self, request: Request) -> Response:
        """GET /api/accounts/{account}/articles?after=SLUG&limit=N"""
        account = await self._guard.account_of(request)
        limit = _limit(request)
        found = await self._reading.list(account, request.query_params.get("after"), limit)
        last = str(request.url_for("articles", account=account.slug).path)
        following = f"{last}?after={found[-1].slug}&limit={limit}" if len(found) == limit else None
        items = [_article(one, self._reading.url(account, one)) for one in found]
        return JSONResponse({"articles": items, "next": following}, headers=_link(following))

    async def show(self, request: Request) -> Response:
        """GET /api/accounts/{account}/articles/{slug}"""
        account = await self._guard.account_of(request)
        full = await self._reading.article(account, request.path_params["slug"])
        source = {full.draft.source.format: full.draft.source.text, "pictures": sorted(full.draft.pictures)}
        about = {**_article(full.article, full.url), "revision": _revision(full.newest), "draft": source}
        return JSONResponse(about, headers={"etag": full.newest.etag})

    async def body(self, request: Request) -> Response:
        """GET /api/accounts/{account}/articles/{slug}/body"""
        account = await self._guard.account_of(request)
        full = await self._reading.article(account, request.path_params["slug"])
        return JSONResponse(_body(await self._bodies.of(full.draft), full.url))

    async def revisions(self, request: Request) -> Response:
        """GET /api/accounts/{account}/articles/{slug}/revisions?before=N&limit=N"""
        account = await self._guard.account_of(request)
        limit, slug = _limit(request), request.path_params["slug"]
        found = await self._reading.revisions(account, slug, _number(request, "before"), limit)
        here = str(request.url_for("revisions", account=account.slug, slug=slug).path)
        following = f"{here}?before={found[-1].number}&limit={limit}" if len(found) == limit else None
        items = [_revision(revision) for revision in found]
        return JSONResponse({"revisions": items, "next": following}, headers=_link(following))

    async def save(self, request: Request) -> Response:
        """PUT /api/accounts/{account}/articles/{slug}"""
        account = await self._guard.account_of(request)
        upload = await self._read(request)
        body = await self._bodies.of(upload.draft, upload.manuscript)
        if_match = request.headers.get("if-match")
        saved = await self._drafts.save(account, request.path_params["slug"], upload.draft, if_match)
        dead = [dead_link(slug) for slug in await self._reading.unknown(account, body.links)]
        about = {
            **_revision(saved.revision),
            "is_new": saved.is_new_revision,
            "warnings": [_problem(problem) for problem in (*body.warnings, *dead)],
        }
        return JSONResponse(about, 201 if saved.is_new_article else 200, {"etag": saved.revision.etag})

    async def publish(self, request: Request) -> Response:
        """PUT /api/accounts/{account}/articles/{slug}/publication"""
        account = await self._guard.account_of(request)
        published = await self._publishing.publish(account, request.path_params["slug"])
        about = _article(published.article, self._reading.url(account, published.article))
        return JSONResponse(about, 201 if published.changed else 200)

    async def take_down(self, request: Request) -> Response:
        """DELETE /api/accounts/{account}/articles/{slug}/publication"""
        account = await self._guard.account_of(request)
        await self._publishing.take_down(account, request.path_params["slug"])
        return Response(status_code=204)

    async def move(self, request: Request) -> Response:
        """PUT /api/accounts/{account}/articles/{slug}/address"""
        account = await self._guard.account_of(request)
        wanted = _json(await request.body(), {"slug"}).get("slug")
        if not isinstance(wanted, str):
            raise InvalidInputError.of('send {"slug": "new-slug"}')
        moved: Published = await self._publishing.move(account, request.path_params["slug"], wanted)
        return JSONResponse(_article(moved.article, self._reading.url(account, moved.article)))

    async def _read(self, request: Request) -> Upload:
        """The article that a request carries, in any of the forms."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        slug = request.path_params["slug"]
        name = f"{slug}.md"
        if media_type in SUFFIXES:
            return await self._uploads.read(await request.body(), slug + SUFFIXES[media_type], _no_pictures)
        if media_type == "application/json":
            content = _json(await request.body(), {"markdown", *META})
            markdown = content.pop("markdown", None)
            if not isinstance(markdown, str):
                raise InvalidInputError.of('send {"markdown": "…"}, with the front matter\'s keys beside it')
            head = json.dumps({key: value for key, value in content.items() if value is not None}, ensure_ascii=False)
            return await self._uploads.read(markdown.encode(errors="surrogatepass"), name, _no_pictures, head)
        if media_type == "multipart/form-data":
            async with request.form(max_files=MAX_PICTURES + 1, max_fields=10) as form:
                text, file, pictures = await _parts(form, name)
                return await self._uploads.read(text, file, pictures)
        known = ", ".join((*SUFFIXES, "application/json"))
        message = f"send {known} or multipart/form-data, not {media_type or 'an unnamed type'}"
        raise UnsupportedTypeError.of(message)


async def _no_pictures(_name: str) -> None:
    """A form of upload that carries the text alone."""


async def _parts(form: FormData, name: str) -> tuple[bytes, str, PictureOf]:
    """The text, its file's name, and the pictures of a form."""
    text = form.get("article")
    if text is None:
        raise InvalidInputError.of("the form has no part 'article'; put the Markdown there, pictures into 'pictures'")
    pictures: dict[str, UploadFile] = {}
    for part in form.getlist("pictures"):
        if not isinstance(part, UploadFile) or not (plain := picture_name(part.filename or "")):
            shown = part.filename if isinstance(part, UploadFile) else "a part without a file name"
            raise InvalidInputError.of(f"{shown!r} is no name of a picture; send files with names inside the upload")
        pictures[plain] = part

    async def picture(wanted: str) -> bytes | None:
        return await pictures[wanted].read() if wanted in pictures else None

    if isinstance(text, UploadFile):
        return await text.read(), text.filename or name, picture
    return text.encode(), name, picture


def _json(body: bytes, known: set[str]) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError.of(f"this is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise InvalidInputError.of("send a JSON object")
    if unknown := sorted(set(content) - known):
        raise InvalidInputError.of(f"unknown keys: {', '.join(unknown)}. Known are: {', '.join(sorted(known))}.")
    return content


def _limit(request: Request) -> int:
    limit = _number(request, "limit")
    if limit is not None and not 1 <= limit <= MAX_LIST:
        raise InvalidInputError.of(f"limit must be from 1 to {MAX_LIST}")
    return limit or 50


def _number(request: Request, name: str) -> int | None:
    value = request.query_params.get(name)
    if value is not None and not (value.isascii() and value.isdigit() and len(value) < 10):  # noqa: PLR2004 - fits a row's number
        raise InvalidInputError.of(f"{name} must be a number")
    return None if value is None else int(value)


def _link(following: str | None) -> Mapping[str, str]:
    return {"link": f'<{following}>; rel="next"'} if following else {}


def _article(article: Article, url: str) -> dict[str, object]:
    return {
        "slug": article.slug,
        "state": article.state,
        "title": article.title,
        "digest": article.digest,
        "url": url,
        "draft_revision": article.draft,
        "published_revision": article.published,
        "published_at": _time(article.published_at),
        "updated_at": _time(article.updated_at),
    }


def _revision(revision: Revision) -> dict[str, object]:
    return {
        "revision": revision.number,
        "etag": revision.etag,
        "title": revision.title,
        "created_at": _time(revision.created_at),
    }


def _body(body: Body, url: str) -> dict[str, object]:
    return {
        "html": body.html,
        "markdown": markdown_of(body.html, url),
        "text": text_of(body.html),
        "excerpt": body.excerpt,
        "words": body.words,
        "lang": body.lang,
        "headings": [{"level": one.level, "id": one.id, "text": one.text} for one in body.headings],
        "warnings": [_problem(problem) for problem in body.warnings],
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {"detail": problem.message, "file": problem.file, "line": problem.line}


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
