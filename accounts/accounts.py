"""Accounts: added, found, listed."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.tables import accounts
from core.database import Database
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.settings import checked_base_url

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_SLUG = 40
MAX_NAME = 100
RESERVED = {"api", "media", "static", "p", "tags", "archive", "robots", "sitemap", "llms", "favicon", "index"}


@dataclass(frozen=True, slots=True)
class Account:
    """A publisher's own corner of the site."""

    id: int
    slug: str
    name: str
    base_url: str | None = None
    "The origin of a domain of its own, where it is mounted at `/`."


class Accounts:
    """The accounts of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, slug: str) -> Account:
        """The account, or NotFoundError with the command that adds it."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(accounts).where(accounts.c.slug == slug))).first()
        if row is None:
            msg = f"there is no account {slug!r}. Add it: diaoban account add {slug} --name NAME"
            raise NotFoundError(msg)
        return _account(row)

    async def all(self) -> list[Account]:
        """Every account, by slug."""
        async with self._database.read() as connection:
            return await all_accounts(connection)

    async def domains(self) -> dict[str, str]:
        """The origins of the accounts that have a domain of their own, by slug."""
        return {account.slug: account.base_url for account in await self.all() if account.base_url}


async def all_accounts(connection: AsyncConnection) -> list[Account]:
    """Every account, by slug, as a transaction sees it."""
    return [_account(row) for row in await connection.execute(select(accounts).order_by(accounts.c.slug))]


async def add_account(connection: AsyncConnection, account: Account, now: int) -> Account:
    """Store a new account inside the caller's transaction. Raises InvalidInputError or ConflictError."""
    if len(account.slug) > MAX_SLUG or not SLUG.fullmatch(account.slug) or account.slug in RESERVED:
        message = f"{account.slug[:60]!r} cannot be an account's slug: use a-z, 0-9 and single hyphens, "
        message += f"{MAX_SLUG} characters at most, and none of {', '.join(sorted(RESERVED))}"
        raise InvalidInputError.of(message)
    if not account.name.strip() or len(account.name) > MAX_NAME:
        raise InvalidInputError.of(f"an account needs a name of 1 to {MAX_NAME} characters")
    try:
        base_url = checked_base_url(account.base_url) if account.base_url else None
    except ValueError as error:
        raise InvalidInputError.of(f"--base-url: {error}") from error
    row = {"slug": account.slug, "name": account.name.strip(), "base_url": base_url, "created_at": now}
    try:
        result = await connection.execute(insert(accounts).values(row))
    except IntegrityError as error:
        msg = f"there is an account {account.slug!r} already, or its domain belongs to another"
        raise ConflictError(msg) from error
    (identity,) = result.inserted_primary_key or (0,)
    return Account(identity, row["slug"], row["name"], base_url)  # type: ignore[arg-type]


async def lock_account(connection: AsyncConnection, account: Account) -> None:
    """Hold the account's row until the transaction ends: one change to an account at a time."""
    await connection.execute(select(accounts.c.id).where(accounts.c.id == account.id).with_for_update())


def _account(row: Any) -> Account:
    return Account(row.id, row.slug, row.name, row.base_url)
