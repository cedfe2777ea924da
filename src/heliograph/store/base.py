"""The port to the rows: users, tokens, channels, jobs, events. Every implementation passes
tests/contract/test_store.py."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from heliograph.channel import Channel, Load
from heliograph.job import Change, Child, Event, Job, JobType
from heliograph.task import Known, Task, Usage
from heliograph.turns import Waiting


class Draft(Protocol):
    """A job that looks for a channel. Its methods run inside the inserting transaction, so they
    must be quick and must not wait."""

    @property
    def type(self) -> JobType | None: ...

    @property
    def named(self) -> str | None:
        """The channel that it has to be."""

    @property
    def once(self) -> tuple[str, str] | None:
        """The parent's id, and what it may have done only once."""

    @property
    def key(self) -> tuple[str, str] | None:
        """The caller's key for sending twice safely, and a digest of what was asked with it."""

    @property
    def relaxed(self) -> bool | None:
        """Whether it asks to be relaxed; None where it leaves that to its channel."""

    @property
    def queue(self) -> int | None:
        """How many jobs of the user may wait, this one among them; None for one that won't."""

    def now(self) -> int:
        """The time, in ms since 1970."""

    def bind(
        self, channels: Sequence[Channel], loads: Mapping[str, Load], waiting: Mapping[str, int]
    ) -> Channel:
        """The channel that it waits for; raises the Problem that says why there is none."""

    def choose(self, channels: Sequence[Channel], loads: Mapping[str, Load]) -> Channel:
        """A channel for it; raises the Problem that says why there is none. The store may find
        one with room by itself, and then does not ask."""

    def job(self, channel: str) -> Job:
        """The new job on that channel; another one, with another id, at every call."""


How = Literal["new", "once", "replay"]
"""How a job came out of `admit`: made by this call; there already, and had only once; or made by
an earlier call with the same key."""


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


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Who has tokens, channels and jobs. Times in ms since 1970; no end is for ever.

    `fast_jobs` and `relaxed_jobs` are how many v1 tasks a month, `unfinished` how many at once;
    None is any number. `mail` is where mails go; None: where the settings say.
    """

    id: int
    created: int
    subscription_until: int | None = None
    fast_jobs: int | None = None
    relaxed_jobs: int | None = None
    unfinished: int | None = 10
    mail: str | None = None


class Silent(msgspec.Struct, frozen=True):
    """A running job of which nothing was heard; `relaxed` says how its channel is set."""

    job: Job
    relaxed: bool


class Store(Protocol):
    """Reads and durable writes. What a write returns has been committed."""

    async def admit(self, user: int, draft: Draft) -> tuple[Job, How]:
        """Inserts the drafted job, its slot and its first event, in one transaction. One that may
        `queue`, and finds no room or others before it, gets a place in the queue and no slot.

        A draft that may be had only `once` gives the job that is there already, unless that one
        failed or was moderated; one with a `key` of the last 24 hours gives that key's job.
        Raises KeyReused when something else was asked with that key.
        """

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
        """The channel's jobs that have not gone upstream yet and may, oldest first."""

    async def children(self, parent: str) -> list[Child]:
        """The jobs that were made from that one, oldest first."""

    async def forget_keys(self, before: int) -> None:
        """Forgets keys that were used before that moment."""

    async def prune_events(self, before: int, most: int) -> int:
        """Drops up to `most` events of jobs that ended before that moment, all but their last;
        returns how many."""

    async def prune_deliveries(self, before: int, most: int) -> int:
        """Drops up to `most` deliveries that were settled before that moment, with their
        attempts; returns how many."""

    async def prune_mails(self, before: int, most: int) -> int:
        """Drops up to `most` mails that were settled before that moment; returns how many."""

    async def silent(self, before: int) -> list[Silent]:
        """Running jobs, anybody's, without news after that moment, oldest first; not those that
        wait in the queue."""

    async def channels(self, user: int) -> list[Channel]: ...

    async def channel(self, id: str) -> Channel | None:
        """None also for one that was deleted."""

    async def add_channel(self, channel: Channel, now: int) -> bool:
        """False when the channel is there already, whoever's it is (nothing changes). One that was
        deleted comes back as given."""

    async def update_channel(self, channel: Channel) -> None:
        """Sets its token, limits and address."""

    async def delete_channel(self, user: int, id: str, now: int) -> bool:
        """Running jobs go on; False when the user has no such channel."""

    async def lock_channel(self, id: str, error: str, now: int) -> bool:
        """Puts a channel in error, with a mail to its user; False (and nothing happens) when it is
        in just that error already."""

    async def open_channel(self, id: str, now: int) -> bool:
        """Ends a channel's error, with a mail to its user; False (and nothing happens) when it is
        in none."""

    async def set_channel_speed(self, id: str, *, relaxed: bool) -> None:
        """How its jobs run that don't say."""

    async def claim(self, owner: str, now: int, until: int) -> list[Channel]:
        """Leases every channel that is free, lapsed or already the owner's; returns them all.

        Of the deleted ones only those whose jobs still run.
        """

    async def release(self, owner: str | None) -> None:
        """Gives the owner's leases back. None is for the only process on a store, at its start:
        it gives back everybody's, and counts the taken slots anew."""

    async def user_of(self, token_hash: str) -> User | None:
        """The user whose unrevoked token hashes to `token_hash`."""

    async def users(self) -> list[User]: ...

    async def set_subscription(self, user: int, until: int | None) -> bool:
        """False when there is no such user."""

    async def set_mail(self, user: int, address: str | None) -> bool:
        """Where mails to the user go; False when there is no such user."""

    async def set_quotas(self, user: int, quotas: Mapping[str, int | None]) -> bool:
        """Sets those of `fast_jobs`, `relaxed_jobs` and `unfinished` that are given; False when
        there is no such user."""

    async def usage(self, since: int, before: int) -> list[Usage]:
        """What each user had done of what was asked for between the two moments (ms)."""

    async def welcome(self, user: int, now: int) -> bool:
        """Makes the user if need be; True the first time only."""

    async def add_token(
        self, user: int, name: str, token_hash: str, hint: str, now: int
    ) -> Token | None:
        """Makes the user if need be. None when a token with that hash exists (nothing changes)."""

    async def tokens(self, user: int) -> list[Token]: ...

    async def revoke_token(self, user: int, id: int, now: int) -> bool:
        """False when the user has no such unrevoked token."""

    async def close(self) -> None: ...


class Turn(Protocol):
    """Who is next, and what a task's job looks like. Its methods run inside the transaction, so
    they must be quick and must not wait."""

    def now(self) -> int:
        """The time, in ms since 1970."""

    def next_up(self, waiting: Sequence[Waiting], running: Mapping[int, int]) -> Waiting:
        """One of those; `running` counts each user's jobs."""

    def job(self, task: Task, type: JobType, channel: str) -> Job:
        """The task's job on that channel; another one, with another id, at every call."""


class Queue(Protocol):
    """What waits for room."""

    async def advance(self, turn: Turn, most: int) -> list[Job]:
        """Lets up to `most` of the waiting take a slot, in the order of their turns; returns their
        jobs, those made for tasks among them. What finds no room stays."""

    async def stranded(self) -> list[Job]:
        """Waiting jobs whose channel was deleted."""


class Tasks(Protocol):
    """The tasks of the v1 API."""

    async def submit(
        self,
        task: Task,
        type: JobType,
        *,
        month: int,
        most: int,
        key: tuple[str, str] | None = None,
    ) -> Task:
        """Puts a new task into the queue; one with a `key` of the last 24 hours gives that key's
        task. Raises KeyReused when something else was asked with that key.

        Raises TooManyTasks when the user has too many unfinished ones, or `most` waiting; and
        QuotaUsed when those since `month` (ms) have used up the user's quota of the task's mode.
        One that failed before it had a job doesn't count.
        """

    async def find(self, user: int, ids: Sequence[str], since: int) -> list[Known]:
        """Those of the user's tasks that were made after `since` (ms), in the order of `ids`."""

    async def overdue(self, now: int) -> list[Known]:
        """Unfinished tasks, anybody's, whose time is up."""

    async def fail(self, id: str, reason: str, now: int) -> bool:
        """Ends a task that has no job, and takes it out of the queue; False if it has one, or has
        ended."""
