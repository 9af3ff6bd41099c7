"""The door of the publishers' API: a bearer token opens one account's (RFC 6750)."""

from collections.abc import Callable

from starlette.requests import Request

from accounts.accounts import Account
from accounts.tokens import Tokens
from core.errors import NotFoundError, UnauthorizedError


class Guard:
    """Tells whose request this is."""

    def __init__(self, tokens: Tokens, now: Callable[[], int]) -> None:
        self._tokens = tokens
        self._now = now

    async def account_of(self, request: Request) -> Account:
        """The account of the path, when the token is its own. Raises UnauthorizedError or NotFoundError.

        Another's account is answered like one that does not exist.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            msg = "send a token: Authorization: Bearer dbn_…"
            raise UnauthorizedError(msg)
        account = await self._tokens.account_of(text.strip(), self._now())
        if account.slug != request.path_params["account"]:
            msg = f"there is no account {request.path_params['account']!r} for this token"
            raise NotFoundError(msg)
        return account
