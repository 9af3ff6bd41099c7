"""Tokens: shown once, stored as a hash, expiring, revocable; each belongs to one account.

A token reads `dbn_{id}_{secret}`. The secret has 256 random bits, so that a fast hash is enough (there is nothing to
guess), and the id finds the row without comparing secrets.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import insert, select, update

from accounts.accounts import Account
from accounts.tables import accounts, tokens
from core.database import Database
from core.errors import NotFoundError, UnauthorizedError

MARK = "dbn"  # lets secret scanners find a token in a repository
REFUSAL = "this token is unknown, expired or revoked. Make one: diaoban token add ACCOUNT"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token in the one moment in which it is known."""

    id: str
    text: str


class Tokens:
    """The tokens of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: Account, now: int, expires_at: int | None = None) -> NewToken:
        """Make a token for an account."""
        identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        row = {
            "id": identity,
            "account_id": account.id,
            "secret_hash": _hash(secret),
            "created_at": now,
            "expires_at": expires_at,
        }
        async with self._database.change() as connection:
            await connection.execute(insert(tokens).values(row))
        return NewToken(identity, f"{MARK}_{identity}_{secret}")

    async def revoke(self, identity: str, now: int) -> None:
        """End a token, given as its id or whole. Raises NotFoundError."""
        identity = identity.removeprefix(f"{MARK}_").partition("_")[0]
        statement = update(tokens).where(tokens.c.id == identity).values(revoked_at=now)
        async with self._database.change() as connection:
            found = (await connection.execute(statement)).rowcount
        if not found:
            msg = f"there is no token {identity!r}"
            raise NotFoundError(msg)

    async def account_of(self, text: str, now: int) -> Account:
        """Whose token this is. Raises UnauthorizedError, the same whatever is wrong with it."""
        mark, _, rest = text.partition("_")
        identity, _, secret = rest.partition("_")
        query = select(tokens, accounts.c.slug, accounts.c.name, accounts.c.base_url).join(accounts)
        async with self._database.read() as connection:
            row = (await connection.execute(query.where(tokens.c.id == identity))).first()
        known = compare_digest(_hash(secret), row.secret_hash if row else "")
        if row is None or not known or mark != MARK or row.revoked_at or (row.expires_at or now + 1) <= now:
            raise UnauthorizedError(REFUSAL)
        return Account(row.account_id, row.slug, row.name, row.base_url)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
