"""The bot's desk: which job is painted next.

Turbo before fast before relaxed, the oldest first, as many at once as the painter has slots. Two
kinds of jobs have a queue of their own. Taking one picture out of a grid, or describing one, is
done in a moment, and must not wait behind a painting. A clip takes minutes, and pictures must not
wait behind it: they have as many slots beside them.

As plans of the real bot do, it can bound how much of one user's is painted at once; what is done in
a moment does not count.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from heapq import heappop, heappush
from typing import Any, Literal

from heliograph.studio.painters.base import Operation
from heliograph.studio.tickets import Mode, Shown, Ticket

RANK: dict[Mode, int] = {"turbo": 0, "fast": 1, "relax": 2}
Kind = Literal["quick", "picture", "clip"]
KINDS: dict[Operation, Kind] = {
    "single": "quick",
    "describe": "quick",
    "animate": "clip",
    "extend": "clip",
}
QUICK_SLOTS = 2

Work = Callable[[Ticket, Shown], Coroutine[Any, Any, None]]


class _Lane:
    """A queue with slots. A withdrawn ticket stays in the heap until its turn, and is passed."""

    def __init__(self, slots: int) -> None:
        self.free = slots
        self._heap: list[tuple[int, int, str]] = []
        self.waiting: dict[str, tuple[Ticket, Shown]] = {}

    def put(self, ticket: Ticket, shown: Shown) -> None:
        self.waiting[ticket.uuid] = ticket, shown
        heappush(self._heap, (RANK[ticket.mode], int(ticket.message), ticket.uuid))

    def next(self, may: Callable[[Ticket], bool]) -> tuple[Ticket, Shown] | None:
        """What to start now, if there is a free slot for one that may be."""
        passed = []
        found = None
        while self._heap and self.free and not found:
            entry = heappop(self._heap)
            due = self.waiting.get(entry[2])
            if due and may(due[0]):
                found = self.waiting.pop(entry[2])
            elif due:
                passed.append(entry)
        for entry in passed:
            heappush(self._heap, entry)
        return found


class Desk:
    """Runs `work` for every ticket that is put in, while `run` runs. `concurrent` is how many
    pictures and clips of one user are painted at once; without it any number."""

    def __init__(self, slots: int, work: Work, concurrent: int | None = None) -> None:
        self.concurrent = concurrent
        self._work = work
        self._painting: Counter[str] = Counter()
        self._lanes: dict[Kind, _Lane] = {
            "quick": _Lane(QUICK_SLOTS),
            "picture": _Lane(slots),
            "clip": _Lane(slots),
        }
        self._running: dict[str, asyncio.Task[None]] = {}
        self._held: Counter[str] = Counter()
        self._group: asyncio.TaskGroup | None = None
        self._closing = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def held(self, user: str) -> int:
        """How many jobs of a user wait or are being painted."""
        return self._held[user]

    def full(self, ticket: Ticket) -> bool:
        """Whether it would have to wait for another one of its user's."""
        return not self._may(self._lane(ticket), ticket)

    def put(self, ticket: Ticket, shown: Shown) -> None:
        self._held[ticket.account.user] += 1
        self._lane(ticket).put(ticket, shown)
        self._start_due()

    def withdraw(self, ticket: Ticket) -> None:
        """Forgets a ticket, whether it waits or is being painted."""
        if self._lane(ticket).waiting.pop(ticket.uuid, None):
            self._release(ticket)
        elif task := self._running.get(ticket.uuid):
            task.cancel()

    async def run(self) -> None:
        """Works until `close`, then gives up what is being painted."""
        self._idle.clear()
        try:
            async with asyncio.TaskGroup() as self._group:
                try:
                    self._start_due()
                    await self._closing.wait()
                finally:
                    # Before the group ends: nothing may be started in it any more.
                    self._give_up()
        finally:
            self._idle.set()

    async def close(self) -> None:
        """Ends `run`, and waits until nothing is being painted."""
        self._closing.set()
        await self._idle.wait()

    def _give_up(self) -> None:
        self._group = None
        for task in self._running.values():
            task.cancel()

    def _lane(self, ticket: Ticket) -> _Lane:
        return self._lanes[KINDS.get(ticket.order.operation, "picture")]

    def _may(self, lane: _Lane, ticket: Ticket) -> bool:
        if self.concurrent is None or lane is self._lanes["quick"]:
            return True
        return self._painting[ticket.account.user] < self.concurrent

    def _start_due(self) -> None:
        if self._group is None:
            return
        for lane in self._lanes.values():
            while due := lane.next(partial(self._may, lane)):
                lane.free -= 1
                self._painting[due[0].account.user] += lane is not self._lanes["quick"]
                task = self._group.create_task(self._work(*due))
                self._running[due[0].uuid] = task
                task.add_done_callback(partial(self._done, lane, due[0]))

    def _done(self, lane: _Lane, ticket: Ticket, _: object) -> None:
        lane.free += 1
        self._painting[ticket.account.user] -= lane is not self._lanes["quick"]
        del self._running[ticket.uuid]
        self._release(ticket)
        self._start_due()

    def _release(self, ticket: Ticket) -> None:
        self._held[ticket.account.user] -= 1
        if not self._held[ticket.account.user]:
            del self._held[ticket.account.user]
