"""`diaoban publish`: finds articles among files and folders, and publishes each."""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accounts.accounts import Account
from articles.formats import ARTICLES
from articles.read import dead_link
from articles.upload import PictureOf, Uploads
from articles.values import Draft
from core.errors import (
    ConflictError,
    DiaobanError,
    InvalidInputError,
    NotFoundError,
    Problem,
    UnavailableError,
)
from media.inspect import MAX_PICTURE
from ops.parts import Parts
from renderer.body import Body
from renderer.reading import file_stem
from renderer.slugs import slug_of_file

AHEAD = 2  # articles that are read and rendered, for each process, before the one that is being published

MAX_FILE = 64 * 1024 * 1024  # bytes: a Word file, or a bundle with its pictures

Prepared = tuple[Draft, Body]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    file: str
    state: str
    "published, unchanged or failed."
    slug: str = ""
    error: str = ""
    warnings: tuple[Problem, ...] = field(default_factory=tuple)


@dataclass(slots=True)
class Seen:
    """The articles of one run."""

    expected: frozenset[str]
    "The slugs of all its files, as far as their names tell."
    taken: dict[str, str] = field(default_factory=dict)
    "Slug -> file, of those that were read."


def find_articles(paths: Iterable[Path]) -> list[Path]:
    """The articles among files and folders, in a steady order.

    A folder with an `index.md` (or .html, .docx) is one article with its pictures; elsewhere every such file is one,
    and every `.zip`.
    """
    found: list[Path] = []
    for path in paths:
        found += [path] if not path.is_dir() else _articles_in(path)
    return list(dict.fromkeys(found))


async def publish_files(
    parts: Parts, account: Account, files: Sequence[Path], *, at: int | None, dry_run: bool
) -> AsyncIterator[Outcome]:
    """Publish each file; one that fails stops no other. Yields what became of each, in order."""
    uploads = Uploads(parts.workers, None, parts.site.zone) if dry_run else parts.uploads
    seen = Seen(frozenset(slug_of_file(stem, stem) for file in files if (stem := file_stem(str(file))).isascii()))
    ahead: deque[tuple[Path, asyncio.Task[Prepared]]] = deque()
    waiting = deque(files)
    try:
        while waiting or ahead:
            while waiting and len(ahead) < AHEAD * parts.workers.processes:
                file = waiting.popleft()
                ahead.append((file, asyncio.ensure_future(_prepared(parts, uploads, file))))
            file, prepared = ahead.popleft()
            try:
                yield await _publish(parts, account, await prepared, seen, at=at, dry_run=dry_run)
            except UnavailableError:
                raise
            except DiaobanError as error:
                yield Outcome(str(file), "failed", error=str(error))
    finally:
        for _, task in ahead:
            task.cancel()
        await asyncio.gather(*(task for _, task in ahead), return_exceptions=True)


def read_file(file: Path) -> bytes:
    """An article's text, as far as it may reach. Raises NotFoundError, InvalidInputError."""
    return _bytes_of(file, file.parent, MAX_FILE)


def reader_of_pictures(folder: Path) -> PictureOf:
    """Gives the pictures that lie in or under an article's folder. A symbolic link is not followed."""

    async def picture(name: str) -> bytes | None:
        try:
            return _bytes_of(folder / name, folder, MAX_PICTURE)
        except NotFoundError:
            return None

    return picture


async def _prepared(parts: Parts, uploads: Uploads, file: Path) -> Prepared:
    """Read an article, store its pictures, render its body; give the draft and the body."""
    upload = await uploads.read(read_file(file), str(file), reader_of_pictures(file.parent))
    return upload.draft, await parts.bodies.of(upload.draft, upload.manuscript)


async def _publish(
    parts: Parts, account: Account, prepared: Prepared, seen: Seen, *, at: int | None, dry_run: bool
) -> Outcome:
    draft, body = prepared
    file = draft.source.file
    slug = draft.source.front.slug or slug_of_file(file_stem(file), draft.source.title)
    if slug in seen.taken:
        message = f"the slug {slug!r} is that of {seen.taken[slug]} too. Write another 'slug:' into the front matter."
        raise ConflictError(f"{file}: {message}")
    seen.taken[slug] = file
    dead = [
        dead_link(one, file) for one in await parts.reading.unknown(account, body.links) if one not in seen.expected
    ]
    warnings = (*body.warnings, *dead)
    if dry_run:
        return Outcome(file, await _state_of(parts, account, slug, draft), slug, warnings=warnings)
    await parts.drafts.save(account, slug, draft)
    published = await parts.publishing.publish(account, slug, at)
    return Outcome(file, "published" if published.changed else "unchanged", slug, warnings=warnings)


async def _state_of(parts: Parts, account: Account, slug: str, draft: Draft) -> str:
    """What a real run would say."""
    try:
        full = await parts.reading.article(account, slug)
    except NotFoundError:
        return "published"
    is_same = full.article.live and full.article.published == full.article.draft and full.newest.digest == draft.digest
    return "unchanged" if is_same else "published"


def _articles_in(folder: Path) -> list[Path]:
    found: list[Path] = []
    for path, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        known = sorted(name for name in names if name.lower().endswith((*ARTICLES, ".zip")))
        articles = [name for name in known if name.startswith("index.")][:1] or known
        found += [Path(path, name) for name in articles if not name.startswith(".")]
    return found


def _bytes_of(path: Path, root: Path, limit: int) -> bytes:
    """A file's content. Raises NotFoundError, or InvalidInputError for what is no plain file inside the root."""
    for part in (path, *path.parents):
        if part == root:
            break
        if part.is_symlink():
            raise InvalidInputError.of("this is a symbolic link; put the file itself there", str(path))
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)  # one byte over the limit is enough to refuse it
    except FileNotFoundError as error:
        msg = f"there is no file {path}"
        raise NotFoundError(msg) from error
    except OSError as error:
        raise InvalidInputError.of(f"this cannot be read: {error.strerror}", str(path)) from error
