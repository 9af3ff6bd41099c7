"""The command `diaoban`. Exit codes: 0 done, 1 some input failed or something is wrong, 2 wrong use."""

import asyncio
import os
import resource
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import uvicorn

from accounts.accounts import Account
from core.errors import DiaobanError, NotFoundError, SettingsError, UnavailableError
from core.logs import start_logging
from core.settings import Settings, read_settings
from core.version import VERSION
from ops.check import check_all
from ops.migrate import current, head, migrate
from ops.parts import Parts, make_parts, now
from ops.preview import preview
from ops.publish_files import Outcome, find_articles, publish_files
from renderer.front_matter import parsed_date

DAY = 86_400
BACKLOG = 2048  # connections that wait to be accepted
FILES_BESIDE = 256  # databases, Redis, logs, pictures
GRACE_SECONDS = 10  # for requests under way when the server is stopped
MARKS = {"published": "green", "unchanged": "blue", "failed": "red"}
Result = TypeVar("Result")


def examples(*lines: str) -> str:
    """An epilog that shows commands as they are typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "diaoban migrate",
        'diaoban account add demo --name "示例"',
        "diaoban publish articles/ --account demo",
        "diaoban serve --port 8000",
    ),
)
@click.version_option(VERSION, prog_name="diaoban")
def main() -> None:
    """雕版: carves official-account articles into finished pages and serves them.

    Settings are environment variables that begin with DIAOBAN_; `diaoban settings` lists them.
    """


@main.command("migrate", epilog=examples("diaoban migrate"))
def migrate_command() -> None:
    """Bring the database's schema to this release. Safe to repeat."""
    click.echo(f"the schema is at {_run(lambda parts: migrate(parts.database))}")


@main.command("settings", epilog=examples("diaoban settings", "DIAOBAN_LOG_FORMAT=json diaoban settings"))
def settings_command() -> None:
    """Print every setting as it is in force, secrets hidden."""
    for name, value in _settings().shown().items():
        click.echo(f"{name}={value}")


@main.command("check", epilog=examples("diaoban check"))
def check_command() -> None:
    """Look at settings, templates, database, Redis and folders; say what is wrong and what to do."""
    findings = _run(check_all)
    for finding in findings:
        good = click.style("note ", fg="yellow") if finding.is_note else click.style("ok   ", fg="green")
        mark = good if finding.is_good else click.style("wrong", fg="red")
        click.echo(f"{mark}  {finding.name:<10} {finding.text}")
    sys.exit(0 if all(finding.is_good for finding in findings) else 1)


@main.group("account")
def account_group() -> None:
    """Accounts (公众号): who publishes here."""


@account_group.command(
    "add",
    epilog=examples(
        'diaoban account add demo --name "示例"',
        'diaoban account add ruyi --name "如意" --base-url https://ruyi.example',
    ),
)
@click.argument("slug")
@click.option("--name", required=True, help="The name that readers see.")
@click.option("--base-url", help="A domain of its own, where the account is at `/`.")
def account_add(slug: str, name: str, base_url: str | None) -> None:
    """Add an account, with its home page."""
    account = _run(lambda parts: parts.publishing.open_account(Account(0, slug, name, base_url)))
    click.echo(f"added {account.slug}: {account.name}")


@account_group.command("list", epilog=examples("diaoban account list"))
def account_list() -> None:
    """List the accounts with their addresses."""
    settings = _settings()
    for account in _run(lambda parts: parts.accounts.all()):
        click.echo(f"{account.slug}\t{account.base_url or f'{settings.base_url}/{account.slug}'}/\t{account.name}")


@main.group("token")
def token_group() -> None:
    """Tokens of the publishers' API."""


@token_group.command("add", epilog=examples("diaoban token add demo", "diaoban token add demo --expires 90"))
@click.argument("account")
@click.option("--expires", type=click.IntRange(min=1), metavar="DAYS", help="Days until it ends; without it, never.")
def token_add(account: str, expires: int | None) -> None:
    """Make a token for an account and print it, this once."""

    async def add(parts: Parts) -> str:
        owner = await parts.accounts.find(account)
        ends = None if expires is None else now() + expires * DAY
        return (await parts.tokens.add(owner, now(), ends)).text

    click.echo(_run(add))
    click.echo("Keep it now: it is stored as a hash and cannot be shown again.", err=True)


@token_group.command("revoke", epilog=examples("diaoban token revoke 3f9a0c1d2e4b"))
@click.argument("token")
def token_revoke(token: str) -> None:
    """End a token, given whole or as the id in its middle."""
    _run(lambda parts: parts.tokens.revoke(token, now()))
    click.echo("revoked")


@main.command(
    "publish",
    epilog=examples(
        "diaoban publish articles/ --account demo",
        "diaoban publish 2026-autumn.md summer/index.md --account demo --dry-run",
        "diaoban publish imported/ --account demo --at 2024-01-01T08:00+08:00",
    ),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--account", required=True, help="The account that publishes.")
@click.option("--at", metavar="TIME", help="The time of articles that give no date; without it, now.")
@click.option("--dry-run", is_flag=True, help="Read and render everything, publish nothing.")
def publish_command(paths: tuple[Path, ...], account: str, at: str | None, *, dry_run: bool) -> None:
    """Publish Markdown files, and folders searched for them.

    A folder with an index.md is one article with its pictures. What was published before and has not changed is left
    alone; a file that fails stops no other.
    """
    try:
        moment = None if at is None else parsed_date(at, _settings().zone)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from error
    files = find_articles(paths)
    if not files:
        raise click.UsageError("there is no *.md in " + ", ".join(map(str, paths)))
    outcomes = _run(lambda parts: _publish(parts, account, files, at=moment, dry_run=dry_run))
    _report(outcomes, dry_run=dry_run)
    sys.exit(1 if any(outcome.state == "failed" for outcome in outcomes) else 0)


@main.command("unpublish", epilog=examples("diaoban unpublish old-news --account demo"))
@click.argument("slug")
@click.option("--account", required=True, help="The account that the article belongs to.")
def unpublish_command(slug: str, account: str) -> None:
    """Take an article down: 410 at its address. Returns when no process can serve it any more."""

    async def take_down(parts: Parts) -> bool:
        return (await parts.publishing.take_down(await parts.accounts.find(account), slug)).changed

    click.echo(f"{slug}: " + ("taken down" if _run(take_down) else "was down already"))


@main.command("move", epilog=examples("diaoban move old-slug new-slug --account demo"))
@click.argument("slug")
@click.argument("new_slug")
@click.option("--account", required=True, help="The account that the article belongs to.")
def move_command(slug: str, new_slug: str, account: str) -> None:
    """Give an article another address; the old one redirects there for ever."""

    async def move(parts: Parts) -> None:
        await parts.publishing.move(await parts.accounts.find(account), slug, new_slug)

    _run(move)
    click.echo(f"{slug} -> {new_slug}")


@main.command("rerender", epilog=examples("diaoban rerender", "diaoban rerender --account demo --dry-run"))
@click.option("--account", help="Only this account.")
@click.option("--dry-run", is_flag=True, help="Say what would be rewritten, write nothing.")
def rerender_command(account: str | None, *, dry_run: bool) -> None:
    """Carve all pages anew, after a change of templates or a new release.

    Idempotent, and resumable: what is right is not written. With --dry-run it verifies the page store.
    """

    async def rerender(parts: Parts) -> None:
        for one in [await parts.accounts.find(account)] if account else await parts.accounts.all():
            count = 0
            with _bar(one.slug, 0) as bar:
                async for step in parts.publishing.carve_again(one, dry_run=dry_run):
                    bar.length = step.total
                    bar.update(step.done)
                    count += len(step.keys)
            click.echo(f"{one.slug}: {count} pages differ" + ("" if dry_run else " and were rewritten"))

    _run(rerender)


@main.command("render", epilog=examples("diaoban render article.md > article.html"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def render_command(file: Path) -> None:
    """Print the page of an article, without any database. Warnings go to standard error."""
    html, problems = _run(lambda parts: preview(parts, file))
    for problem in problems:
        click.echo(f"warning: {problem}", err=True)
    click.echo(html, nl=False)


@main.command("serve", epilog=examples("diaoban serve", "diaoban serve --host 0.0.0.0 --port 80 --workers 4"))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="Processes that serve.")
def serve_command(host: str, port: int, workers: int) -> None:
    """Serve readers, publishers and crawlers."""
    _run(_require_schema)
    settings = _settings()
    _allow_files(2 * settings.max_connections + FILES_BESIDE)
    if workers > 1:
        # The workers inherit the folder, and their counts are added up. It is made anew: a start counts from nothing;
        # nobody removes it at the end, for a signal ends this process inside uvicorn.
        counts = settings.var.absolute() / "metrics" / str(port)
        shutil.rmtree(counts, ignore_errors=True)
        counts.mkdir(parents=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)  # noqa: TID251 - prometheus_client's own variable
    uvicorn.run(
        "app:create_served_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="cache.protocol:FastProtocol",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        limit_concurrency=settings.max_connections,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _allow_files(count: int) -> None:
    """Let this process open as many files as it may need, or warn that it cannot hold all connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
    if hard < count:
        click.echo(f"warning: {hard} files may be open here, {count} may be needed. Raise LimitNOFILE.", err=True)


async def _require_schema(parts: Parts) -> None:
    """A server that would fail at its first reader does not start; one whose database is away waits for it."""
    try:
        revision = await current(parts.database)
    except UnavailableError as error:
        click.echo(f"warning: {error} Serving what Redis holds until it answers.", err=True)
        return
    if revision != head():
        msg = f"the schema is {revision or 'empty'}, this release needs {head()}. Run `diaoban migrate` first."
        raise SettingsError(msg)


async def _publish(parts: Parts, account: str, files: list[Path], *, at: int | None, dry_run: bool) -> list[Outcome]:
    """Publish, showing a bar on a terminal and a line a file elsewhere."""
    owner = await parts.accounts.find(account)
    await parts.delivery.wake_redis()
    outcomes = []
    with _bar("publishing", len(files)) as bar:
        async for outcome in publish_files(parts, owner, files, at=at, dry_run=dry_run):
            outcomes.append(outcome)
            bar.update(1)
            if not sys.stderr.isatty():
                click.echo(_line(outcome))
    return outcomes


def _bar(label: str, length: int) -> Any:
    """How far a long piece of work is; only where somebody looks."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def _report(outcomes: list[Outcome], *, dry_run: bool) -> None:
    """The end of a run: how many of each, every warning, every failure with its reason."""
    for outcome in outcomes:
        for problem in outcome.warnings:
            click.echo(f"warning: {problem}")
    for outcome in outcomes:
        if outcome.state == "failed":
            click.secho(f"failed: {outcome.error}", fg="red")
    counts = ", ".join(f"{sum(one.state == state for one in outcomes)} {state}" for state in MARKS)
    click.echo(counts + (" (dry run: nothing was published)" if dry_run else ""))


def _line(outcome: Outcome) -> str:
    return f"{click.style(f'{outcome.state:<9}', fg=MARKS[outcome.state])}  {outcome.slug:<40}  {outcome.file}"


def _run(work: Callable[[Parts], Awaitable[Result]]) -> Result:
    """Do a piece of work with the parts, and close them; an error of ours becomes a sentence and an exit code."""

    async def main() -> Result:
        parts = make_parts(_settings())
        try:
            return await work(parts)
        finally:
            await parts.close()

    try:
        return asyncio.run(main())
    except DiaobanError as error:
        _fail(error)


def _settings() -> Settings:
    try:
        settings = read_settings()
    except SettingsError as error:
        _fail(error)
    start_logging(settings)
    return settings


def _fail(error: DiaobanError) -> NoReturn:
    wrong_use = isinstance(error, (SettingsError, NotFoundError))
    click.secho(f"error: {error}", fg="red", err=True)
    sys.exit(2 if wrong_use else 1)


if __name__ == "__main__":
    main()
