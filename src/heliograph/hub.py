"""Readers of running jobs: a cursor over rows, woken by hints.

Theory. A reader is a position in a job's event log, never a queue: what it has not read yet lies
in the store, so a reader that stalls holds nothing but its cursor. Readers of one job share a
`Feed`, which loads each row once for all of them and is let go with its last reader. The hint
after a commit wakes the feed; where a hint is lost, the poll finds the row an interval later.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Iterator

from heliograph.bus.base import Bus
from heliograph.job import FINAL, Event, Job
from heliograph.store.base import Store

POLL_SECONDS = 2.0
# Hints of a job may still come when its last event has been read: that many jobs are remembered.
ENDED = 1_000


class Feed:
    """One job's events as loaded so far, and the number of those who read them."""

    def __init__(self, store: Store, job: str) -> None:
        self.readers = 0
        self._store = store
        self._job = job
        self._events: list[Event] = []
        self._loading = asyncio.Lock()
        self._moved = asyncio.Event()
        # Whether there may be rows that are not loaded, as far as hints tell.
        self._stale = True

    def wake(self) -> None:
        self._stale = True
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def after(self, seq: int) -> list[Event]:
        """The events behind `seq`, waiting up to a poll interval for one; [] when none came."""
        if found := self._loaded(seq):
            return found
        moved = self._moved
        if self._stale and (found := await self._load(seq)):
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
            # Not afterwards: a hint that comes meanwhile may be of a row that comes too late.
            self._stale = False
            try:
                self._events += await self._store.events(self._job, last)
            except BaseException:
                self._stale = True
                raise
        return self._loaded(seq)

    def _loaded(self, seq: int) -> list[Event]:
        if not self._events or self._events[-1].seq <= seq:
            return []
        return [event for event in self._events if event.seq > seq]


class Hub:
    """Hears of moved jobs from its making on; `close` lets every reader end."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus
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

    async def tail(self, user: int) -> AsyncGenerator[list[tuple[Job, Event]], None]:
        """Batches of events of all the user's jobs from now on; [] when an interval passed without
        any, and first of all, when it has begun to listen.

        For looking on: it can't be resumed. Close it when you stop before the hub closes.
        """
        moved, woken = set[str](), asyncio.Event()

        def hear(job: str) -> None:
            moved.add(job)
            woken.set()

        leave = self._bus.subscribe("job", hear)
        try:
            watch = _Watch(self._store, user)
            await watch.begin()
            yield []
            while not self._closed:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await woken.wait()
                woken.clear()
                jobs, moved = sorted(moved), set[str]()
                yield [event for job in jobs async for event in watch.since(job)]
        finally:
            leave()

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


class _Watch:
    """How far one who looks on has read each of the user's jobs."""

    def __init__(self, store: Store, user: int) -> None:
        self._store = store
        self._user = user
        self._seen: dict[str, int] = {}
        self._ended = deque[str]()

    async def begin(self) -> None:
        """What the jobs did that are under way is old; of all others everything is new."""
        self._seen = {job.id: job.seq for job in await self._store.running(self._user)}

    async def since(self, id: str) -> AsyncGenerator[tuple[Job, Event], None]:
        """The job's events since the last time; none of another user's job."""
        job = await self._store.job(id)
        if job is None or job.user != self._user:
            return
        for event in await self._store.events(id, self._seen.get(id, 0)):
            self._seen[id] = event.seq
            yield job, event
            if event.status in FINAL:
                self._forget_later(id)

    def _forget_later(self, id: str) -> None:
        self._ended.append(id)
        if len(self._ended) > ENDED:
            self._seen.pop(self._ended.popleft(), None)
