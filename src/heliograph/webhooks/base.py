"""The port to what has to be told to whom. Every implementation passes
tests/contract/test_deliveries.py.

A *target* is an address that wants a job's news; a *delivery* is one event on its way there. The
store writes deliveries in the transaction of the change that they report. Of a target's pending
deliveries only the oldest is due: so they arrive in order.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from heliograph.job import Event, Job
from heliograph.task import Task

State = Literal["pending", "delivered", "failed"]
Kind = Literal["job", "task"]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job's events go. `ref` is the caller's own reference, `kind` the body's shape."""

    id: int
    url: str
    host: str
    kind: Kind = "job"
    ref: str | None = None


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery whose turn it is, with all that its body is made of.

    `attempts` counts those that failed; `first` is when the first of them was, in ms. `job` is
    None for a task that never had one; its `event` stands for the task's end.
    """

    id: int
    user: int
    target: Target
    job: Job | None
    task: Task | None = None
    event: Event
    attempts: int = 0
    first: int | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One call: when (ms since 1970), how long it took, and what came of it.

    `answer` is the beginning of the answer's body; `error` a sentence when there was no answer.
    """

    at: int
    ms: int
    status: int | None = None
    answer: str = ""
    error: str | None = None

    @property
    def heard(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt means for its delivery; `again` is when the next one is (ms), None never."""

    due: Due
    attempt: Attempt
    again: int | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as it is shown. Times in ms since 1970; `due` is the next attempt."""

    id: int
    job: str | None
    task: str | None = None
    event: str
    seq: int
    url: str
    state: State
    attempts: int
    created: int
    due: int | None = None
    settled: int | None = None


class Deliveries(Protocol):
    """Reads and durable writes over deliveries."""

    async def hosts(self) -> dict[str, int]:
        """Each host with pending deliveries, and when its earliest is due (ms)."""

    async def hosts_of(self, jobs: Sequence[str]) -> set[str]:
        """The hosts that those jobs' (or tasks') due deliveries go to."""

    async def due(
        self, host: str, now: int, limit: int, known: frozenset[int] = frozenset()
    ) -> list[Due]:
        """At most so many that are due at a host, the longest overdue first; `known` ones are
        left out."""

    async def settle(self, settled: Sequence[Settled], now: int) -> set[str]:
        """Notes what came of attempts; returns the hosts for which a next one is due at once."""

    async def secrets(self, user: int, now: int) -> list[str]:
        """The user's valid signing secrets, newest first; the first call makes one."""

    async def rotate(self, user: int, secret: str, now: int, keep_until: int) -> None:
        """Adds a secret; the ones before it stay valid until `keep_until` (ms)."""

    async def listed(self, user: int, *, state: State | None, limit: int) -> list[Delivery]:
        """A user's deliveries, newest first."""

    async def show(self, user: int, id: int) -> tuple[Delivery, list[Attempt]] | None:
        """One of a user's deliveries with its attempts."""

    async def replay(self, user: int, id: int, now: int) -> Delivery | None:
        """Makes a delivery due again, from its first attempt on; None when there is none."""
