"""Readers of running jobs: a cursor over rows, woken by hints.

Theory. A reader is a position in a job's event log, never a queue: what it has not read yet lies
in the store, so a reader that stalls holds nothing but its cursor. Readers of one job share a
`Feed`, which loads each row once for all of them and is let go with its last reader. The hint
after a commit wakes the feed; where a hint is lost, the poll finds the row an interval later.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator

from heliograph.bus.base import Bus
from heliograph.job import FINAL, Event
from heliograph.store.base import Store

POLL_SECONDS = 2.0


class Feed:
    """One job's events as loaded so far, and the number of those who read them."""

    def __init__(self, store: Store, job: str) -> None:
        self.readers = 0
        self._store = store
        self._job = job
        self._events: list[Event] = []
        self._loading = asyncio.Lock()
        self._moved = asyncio.Event()

    def wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def after(self, seq: int) -> list[Event]:
        """The events behind `seq`, waiting up to a poll interval for one; [] when none came."""
        if found := self._loaded(seq):
            return found
        moved = self._moved
        if found := await self._load(seq):
            return found
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await moved.wait()
        return await self._load(seq)

    async def _load(self, seq: int) -> list[Event]:
        async with self._loading:
            if found := self._loaded(seq):
                return found
            last = self._events[-1].seq if self._events else 0
            self._events += await self._store.events(self._job, last)
        return self._loaded(seq)

    def _loaded(self, seq: int) -> list[Event]:
        if not self._events or self._events[-1].seq <= seq:
            return []
        return [event for event in self._events if event.seq > seq]


class Hub:
    """Hears of moved jobs from its making on; `close` lets every reader end."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._feeds: dict[str, Feed] = {}
        self._closed = False
        self._leave = bus.subscribe("job", self._moved)

    def close(self) -> None:
        """Ends all following after what is already there: the server is going down."""
        self._closed = True
        self._leave()
        for feed in self._feeds.values():
            feed.wake()

    def _moved(self, job: str) -> None:
        if feed := self._feeds.get(job):
            feed.wake()

    async def follow(self, job: str, after: int) -> AsyncGenerator[list[Event], None]:
        """Batches of the job's events behind `after`; [] when an interval passed without any.

        Ends behind a final event, or when the hub closes. Close it when you stop before that.
        """
        with self._reading(job) as feed:
            while not self._closed:
                events = await feed.after(after)
                if events:
                    after = events[-1].seq
                yield events
                if events and events[-1].status in FINAL:
                    return

    @contextlib.contextmanager
    def _reading(self, job: str) -> Iterator[Feed]:
        feed = self._feeds.setdefault(job, Feed(self._store, job))
        feed.readers += 1
        try:
            yield feed
        finally:
            feed.readers -= 1
            if feed.readers == 0:
                self._feeds.pop(job, None)
