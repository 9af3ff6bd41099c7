"""`diaoban check`: what is wrong with this installation, and what to do about it."""

import platform
import sys
import sysconfig
import tempfile
from dataclasses import dataclass

from sqlalchemy import func, select

from cache.tables import pages
from core.errors import UnavailableError
from ops.migrate import current, head
from ops.parts import Parts


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    text: str
    is_good: bool = True
    is_note: bool = False
    "Whether it is worth knowing, though nothing is wrong."


def bad(name: str, text: str) -> Finding:
    """A finding that somebody has to do something about."""
    return Finding(name, text, is_good=False)


async def check_all(parts: Parts) -> list[Finding]:
    """Look at everything that a start needs. Never raises."""
    schema = await check_schema(parts)
    return [
        Finding("settings", f"read; the site is {parts.settings.base_url}"),
        Finding("templates", f"compiled, fingerprint {parts.site.press.rendered_by}"),
        schema,
        await check_redis(parts),
        _check_folder(parts),
        check_interpreter(sysconfig.get_config_var("CONFIG_ARGS") or "", sys.base_prefix),
        *([await _check_pages(parts)] if schema.is_good else []),
    ]


async def check_readiness(parts: Parts) -> tuple[bool, list[Finding]]:
    """Whether readers can be answered: by the database, or by what is held while the database is away."""
    schema = await check_schema(parts)
    return schema.is_good or parts.ladder.trust.is_usable(), [schema, await check_redis(parts)]


async def check_schema(parts: Parts) -> Finding:
    """Whether the database answers and has this release's schema."""
    try:
        revision = await current(parts.database)
    except UnavailableError as error:
        return bad("database", f"{error} Is the server running, and DIAOBAN_DATABASE_URL right?")
    if revision != head():
        return bad("database", f"the schema is {revision or 'empty'}, not {head()}. Run `diaoban migrate`.")
    return Finding("database", f"answers; the schema is {revision}")


async def check_redis(parts: Parts) -> Finding:
    """Whether Redis answers, where one is set. Readers do not need it."""
    if parts.redis is None:
        return Finding("redis", "not set; each process keeps its own memory")
    if await parts.redis.answers():
        return Finding("redis", "answers")
    return bad("redis", "does not answer. Is the server running, and DIAOBAN_REDIS_URL right?")


def check_interpreter(configured: str, prefix: str) -> Finding:
    """Whether this Python was built with optimisation. Distributions' are; many that were compiled by hand are not."""
    name = f"{platform.python_implementation()} {platform.python_version()}"
    if "--enable-optimizations" in configured or prefix == "/usr":
        return Finding("python", f"{name}, built with optimisation")
    advice = "Use the distribution's python3, or build with --enable-optimizations --with-lto."
    text = f"{name}, built without optimisation: rendering takes up to 1.5 times as long. {advice}"
    return Finding("python", text, is_note=True)


def _check_folder(parts: Parts) -> Finding:
    folder = parts.settings.media_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding("pictures", f"{folder} can be written")
    except OSError as error:
        return bad("pictures", f"{folder} cannot be written: {error.strerror}. Set DIAOBAN_VAR.")


async def _check_pages(parts: Parts) -> Finding:
    others = select(func.count()).where(pages.c.rendered_by != parts.site.press.rendered_by)
    try:
        async with parts.database.read() as connection:
            count = await connection.scalar(others)
    except UnavailableError as error:
        return bad("pages", str(error))
    if count:
        return bad("pages", f"{count} were carved by another release. Run `diaoban rerender`.")
    return Finding("pages", "all were carved by these templates")
