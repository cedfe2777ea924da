"""The one door to the product for http, console and cli: submit, read, cancel, accounts, tokens."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from heliograph import errors, job
from heliograph.bus.base import Bus
from heliograph.calm import Calm
from heliograph.channel import Channel, Load, choose
from heliograph.command import Imagine
from heliograph.job import JOB_EXPIRY_DAYS, Job, JobType
from heliograph.midjourney import prompt
from heliograph.store.base import Store, Token

# How long a token that another process revoked may still be honoured.
TOKEN_MEMORY_SECONDS = 1.0
DAY_MS = 86_400_000


def milliseconds() -> int:
    """The wall clock in ms since 1970, UTC."""
    return time.time_ns() // 1_000_000


def token_hash(token: str) -> str:
    """What is stored of a token. Tokens are random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


class _Draft(msgspec.Struct, frozen=True, kw_only=True):
    """`heliograph.store.base.Draft` by the rules of `heliograph.channel`."""

    user: int
    verb: str
    type: JobType | None
    request: dict[str, Any]
    named: str | None
    now: Callable[[], int]
    rng: Random

    def choose(self, channels: Sequence[Channel], loads: Mapping[str, Load]) -> Channel:
        return choose(channels, loads, self.type, self.rng, named=self.named)

    def job(self, channel: str) -> Job:
        return job.new(
            now=self.now(),
            digits=self.rng.randrange(10**6),
            user=self.user,
            channel=channel,
            verb=self.verb,
            type=self.type,
            request=self.request,
        )


class Service:
    """What a user may do. Every method takes the user, and shows nothing of another's."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        calm: Calm,
        *,
        now: Callable[[], int] = milliseconds,
        rng: Random | None = None,
    ) -> None:
        self.now = now
        self._store = store
        self._bus = bus
        self._calm = calm
        self._rng = rng or Random()
        self._users: dict[str, tuple[float, int]] = {}

    async def user_of(self, token: str) -> int:
        """Raises Unauthorized for a token that is unknown or revoked."""
        hashed = token_hash(token)
        known = self._users.get(hashed)
        if known is not None and time.monotonic() - known[0] < TOKEN_MEMORY_SECONDS:
            return known[1]
        self._users.pop(hashed, None)
        user = await self._store.user_of(hashed)
        if user is None:
            raise errors.Unauthorized
        self._users[hashed] = (time.monotonic(), user)
        return user

    async def imagine(self, user: int, command: Imagine) -> Job:
        """Creates the job on a channel with room. Raises what `channel.choose` raises."""
        draft = _Draft(
            user=user,
            verb="imagine",
            type=JobType.VIDEO if prompt.is_video(command.prompt) else JobType.IMAGE,
            request=command.echo,
            named=command.channel,
            now=self.now,
            rng=self._rng,
        )
        with self._calm.disturbed():
            created = await self._store.admit(user, draft)
        self._bus.publish("channel", created.channel)
        return created

    async def job(self, user: int, id: str) -> Job:
        """Raises JobNotFound, also for another user's job, and JobExpired after 62 days."""
        found = await self._store.job(id)
        if found is None or found.user != user:
            raise errors.JobNotFound
        if self.now() - found.created > JOB_EXPIRY_DAYS * DAY_MS:
            raise errors.JobExpired(job=id)
        return found

    async def running(self, user: int) -> list[Job]:
        return await self._store.running(user)

    async def cancel(self, user: int, id: str) -> Job:
        """Ends a running job (decision 23). Raises JobNotFound, JobExpired or JobEnded."""
        found = await self.job(user, id)
        ended = await self._store.apply(job.cancel(found, self.now()))
        if ended is None:
            # It ended between the reading and the writing: say how.
            now_ended = await self.job(user, id)
            raise errors.JobEnded(state=now_ended.status.value)
        self._bus.publish("job", id)
        self._bus.publish("channel", ended.channel)
        return ended

    async def channels(self, user: int) -> list[Channel]:
        return await self._store.channels(user)

    async def channel(self, user: int, id: str) -> Channel:
        """Raises ChannelNotFound, also for another user's channel."""
        found = await self._store.channel(id)
        if found is None or found.user != user:
            raise errors.ChannelNotFound(channel=id)
        return found

    async def create_token(self, user: int, name: str, *, secret: str | None = None) -> str:
        """Makes a token and returns its secret, which can't be read again.

        With `secret` that text becomes a token; one that exists already stays as it is.
        """
        secret = secret or f"hg_{secrets.token_urlsafe(24)}"
        await self._store.add_token(user, name, token_hash(secret), secret[-3:], self.now())
        return secret

    async def tokens(self, user: int) -> list[Token]:
        return await self._store.tokens(user)

    async def revoke_token(self, user: int, id: int) -> bool:
        """False when the user has no such token, or it has been revoked before."""
        self._users.clear()
        return await self._store.revoke_token(user, id, self.now())
