"""The port to the rows: users, tokens, channels, jobs, events. Every implementation passes
tests/contract/test_store.py."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from heliograph.channel import Channel, Load
from heliograph.job import Change, Event, Job, JobType


class Draft(Protocol):
    """A job that looks for a channel. Its methods run inside the inserting transaction, so they
    must be quick and must not wait."""

    @property
    def type(self) -> JobType | None: ...

    @property
    def named(self) -> str | None:
        """The channel that it has to be."""

    def choose(self, channels: Sequence[Channel], loads: Mapping[str, Load]) -> Channel:
        """A channel for it; raises the Problem that says why there is none. The store may find
        one with room by itself, and then does not ask."""

    def job(self, channel: str) -> Job:
        """The new job on that channel; another one, with another id, at every call."""


class StoreFault(Exception):
    """The store can't be used; the message is a sentence for the operator."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An API token as it may be shown; the secret itself is not kept. Times in ms since 1970."""

    id: int
    user: int
    name: str
    hint: str
    created: int
    revoked: int | None = None


class Store(Protocol):
    """Reads and durable writes. What a write returns has been committed."""

    async def admit(self, user: int, draft: Draft) -> Job:
        """Inserts the drafted job, its slot and its first event, in one transaction."""

    async def apply(self, change: Change) -> Job | None:
        """Applies a transition; None when its guard does not hold (and nothing happened)."""

    async def job(self, id: str) -> Job | None: ...

    async def events(self, job: str, after: int) -> list[Event]:
        """The job's events with a seq above `after`, in order."""

    async def running(self, user: int) -> list[Job]:
        """The user's jobs that have not ended, oldest first."""

    async def running_on(self, channel: str) -> list[Job]:
        """The channel's jobs that have not ended, oldest first."""

    async def running_ids(self, channel: str) -> set[str]: ...

    async def unsent_on(self, channel: str) -> list[Job]:
        """The channel's jobs that have not gone upstream yet, oldest first."""

    async def channels(self, user: int) -> list[Channel]: ...

    async def channel(self, id: str) -> Channel | None: ...

    async def add_channel(self, channel: Channel, now: int) -> bool:
        """False when the channel is there already (nothing changes)."""

    async def set_channel_error(self, id: str, error: str | None) -> None: ...

    async def claim(self, owner: str, now: int, until: int) -> list[Channel]:
        """Leases every channel that is free, lapsed or already the owner's; returns them all."""

    async def release(self, owner: str | None) -> None:
        """Gives the owner's leases back. None is for the only process on a store, at its start:
        it gives back everybody's, and counts the taken slots anew."""

    async def user_of(self, token_hash: str) -> int | None:
        """The user whose unrevoked token hashes to `token_hash`."""

    async def add_token(
        self, user: int, name: str, token_hash: str, hint: str, now: int
    ) -> Token | None:
        """Makes the user if need be. None when a token with that hash exists (nothing changes)."""

    async def tokens(self, user: int) -> list[Token]: ...

    async def revoke_token(self, user: int, id: int, now: int) -> bool:
        """False when the user has no such unrevoked token."""

    async def close(self) -> None: ...
