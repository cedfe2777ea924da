"""The bot's desk: which job is painted next.

Turbo before fast before relaxed, the oldest first, as many at once as the painter has slots.
Taking one picture out of a grid needs no painting; it passes the queue by, a few at a time.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from heapq import heappop, heappush
from typing import Any

from heliograph.studio.tickets import Mode, Shown, Ticket

RANK: dict[Mode, int] = {"turbo": 0, "fast": 1, "relax": 2}
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

    def next(self) -> tuple[Ticket, Shown] | None:
        """What to start now, if there is a free slot for it."""
        while self._heap and self.free:
            _, _, uuid = heappop(self._heap)
            if found := self.waiting.pop(uuid, None):
                return found
        return None


class Desk:
    """Runs `work` for every ticket that is put in, while `run` runs."""

    def __init__(self, slots: int, work: Work) -> None:
        self._work = work
        self._lanes = {False: _Lane(slots), True: _Lane(QUICK_SLOTS)}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._held: Counter[str] = Counter()
        self._group: asyncio.TaskGroup | None = None
        self._closing = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def held(self, user: str) -> int:
        """How many jobs of a user wait or are being painted."""
        return self._held[user]

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
        return self._lanes[ticket.order.operation == "single"]

    def _start_due(self) -> None:
        if self._group is None:
            return
        for lane in self._lanes.values():
            while due := lane.next():
                lane.free -= 1
                task = self._group.create_task(self._work(*due))
                self._running[due[0].uuid] = task
                task.add_done_callback(partial(self._done, lane, due[0]))

    def _done(self, lane: _Lane, ticket: Ticket, _: object) -> None:
        lane.free += 1
        del self._running[ticket.uuid]
        self._release(ticket)
        self._start_due()

    def _release(self, ticket: Ticket) -> None:
        self._held[ticket.account.user] -= 1
        if not self._held[ticket.account.user]:
            del self._held[ticket.account.user]
