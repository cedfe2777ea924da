"""The users, their tokens, and what each of them may have."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping

from heliograph import errors
from heliograph.clock import milliseconds
from heliograph.mail import addresses
from heliograph.store.base import Store, Token, User
from heliograph.task import Usage

# How long a token that another process revoked may still be honoured.
TOKEN_MEMORY_SECONDS = 1.0


def token_hash(token: str) -> str:
    """What is stored of a token. Tokens are random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


class People:
    """Tells who a caller is, and lets an operator say what users may do."""

    def __init__(self, store: Store, *, now: Callable[[], int] = milliseconds) -> None:
        self._store = store
        self._now = now
        self._users: dict[str, tuple[float, User]] = {}

    async def user_of(self, token: str, *, subscribed: bool = False) -> int:
        """Raises Unauthorized for a token that is unknown or revoked, and, where the user must be
        `subscribed`, NotSubscribed once the subscription has run out."""
        user = await self._user(token_hash(token))
        until = user.subscription_until
        if subscribed and until is not None and until <= self._now():
            raise errors.NotSubscribed
        return user.id

    async def users(self) -> list[User]:
        return await self._store.users()

    async def subscribe(self, user: int, until: int | None) -> bool:
        """Sets when a user's subscription ends, in ms since 1970; False for an unknown user."""
        self._users.clear()
        return await self._store.set_subscription(user, until)

    async def set_quotas(self, user: int, quotas: Mapping[str, int | None]) -> bool:
        """Sets those of `fast_jobs`, `relaxed_jobs` (v1 tasks a month) and `unfinished` (at once)
        that are given; None is any number. False for an unknown user."""
        return await self._store.set_quotas(user, quotas)

    async def usage(self, since: int, before: int) -> list[Usage]:
        """What each user had done of what was asked for between the two moments (ms)."""
        return await self._store.usage(since, before)

    async def set_mail(self, user: int, address: str | None) -> bool:
        """Sets where mails to a user go; None: where the settings say. False for an unknown user.
        Raises Invalid."""
        try:
            checked = address and addresses.address(address)
        except ValueError as fault:
            raise errors.Invalid(f"{address!r} {fault}") from None
        return await self._store.set_mail(user, checked)

    async def create_token(self, user: int, name: str, *, secret: str | None = None) -> str:
        """Makes a token and returns its secret, which can't be read again.

        With `secret` that text becomes a token; one that exists already stays as it is.
        """
        secret = secret or f"hg_{secrets.token_urlsafe(24)}"
        await self._store.add_token(user, name, token_hash(secret), secret[-3:], self._now())
        return secret

    async def tokens(self, user: int) -> list[Token]:
        return await self._store.tokens(user)

    async def revoke_token(self, user: int, id: int) -> bool:
        """False when the user has no such token, or it has been revoked before."""
        self._users.clear()
        return await self._store.revoke_token(user, id, self._now())

    async def _user(self, hashed: str) -> User:
        known = self._users.get(hashed)
        if known is not None and time.monotonic() - known[0] < TOKEN_MEMORY_SECONDS:
            return known[1]
        self._users.pop(hashed, None)
        user = await self._store.user_of(hashed)
        if user is None:
            raise errors.Unauthorized
        self._users[hashed] = (time.monotonic(), user)
        return user
