"""Receiving hosts: how many calls each may have under way, and all of them together.

Every call takes a socket, so all together are bounded: those to hosts whose last answer came
promptly, and, apart from them, those to hosts that are slow, dead or not known yet. However many of
the latter there are, the former don't wait for them.
"""

import asyncio
from collections.abc import Collection

from heliograph.webhooks.base import Due

OPENS_AFTER = 10
# Both kinds together take half of the 1,024 files that most systems let a process open.
MOST_CALLS = 256
PROMPT_MS = 2_000
UNKNOWN_CALLS = 2
# Hosts that nothing waits for, of which it is remembered how they answered.
MOST_IDLE = 1_000


class Lane:
    """One receiving host: what is under way to it, and how it answers.

    `known` are deliveries that are waiting, flying, or not yet written down; `settled` those that
    were written down since the last look for due ones began.
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.hinted = False
        self.woken = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.waiting: list[Due] = []
        self.flying: set[int] = set()
        self.known: set[int] = set()
        self.settled: set[int] = set()
        self.failures = 0
        # Whether its last answer came promptly; None: there was none yet.
        self.prompt: bool | None = None

    @property
    def idle(self) -> bool:
        return not self.known and (self.task is None or self.task.done())

    def answered(self, ms: int) -> None:
        self.failures = 0
        self.prompt = ms < PROMPT_MS

    def unheard(self, *, dead: bool) -> None:
        """There was no answer; `dead` as in CallFailed."""
        self.failures += dead
        self.prompt = self.prompt and not dead

    def most(self, per_host: int) -> int:
        """How many calls at once: one while the breaker is open, two before the first answer."""
        if self.failures >= OPENS_AFTER:
            return 1
        return min(per_host, UNKNOWN_CALLS) if self.prompt is None else per_host


class Lanes:
    """All of them, by host."""

    def __init__(self, *, most_calls: int = MOST_CALLS, most_idle: int = MOST_IDLE) -> None:
        self._prompt = asyncio.Semaphore(most_calls)
        self._others = asyncio.Semaphore(most_calls)
        self._most_idle = most_idle
        self._lanes: dict[str, Lane] = {}

    def __len__(self) -> int:
        return len(self._lanes)

    def of(self, host: str) -> Lane:
        if host not in self._lanes:
            self._lanes[host] = Lane(host)
        return self._lanes[host]

    def call(self, lane: Lane) -> asyncio.Semaphore:
        """Held while a host is called."""
        return self._prompt if lane.prompt else self._others

    def forget(self, awaited: Collection[str]) -> None:
        """Drops the oldest of those that nothing waits for, where they have become many."""
        idle = [host for host, lane in self._lanes.items() if lane.idle and host not in awaited]
        for host in idle[: max(0, len(idle) - self._most_idle)]:
            del self._lanes[host]
