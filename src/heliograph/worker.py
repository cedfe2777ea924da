"""Owns channels by lease, and keeps a `Lane` going for each of them."""

import asyncio
import contextlib
from typing import Any

import structlog

from heliograph.lane import Lane, Tools

log: Any = structlog.get_logger("heliograph.worker")

LEASE_SECONDS = 30.0


class Worker:
    """Run it once a process; `attached` is set when every channel of our own bot's that is at hand
    is being served."""

    def __init__(self, tools: Tools, *, owner: str) -> None:
        self.attached = asyncio.Event()
        self._tools = tools
        self._store = tools.store
        self._bus = tools.bus
        self._now = tools.now
        self._owner = owner
        self._unserved = asyncio.Event()
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; then gives the leases back."""
        leave = self._bus.subscribe("channel", self._wake)
        stay_away = self._bus.subscribe("lease", lambda _: self._unserved.set())
        try:
            async with asyncio.TaskGroup() as group:
                await self._lease(group)
                for lane in list(self._lanes.values()):
                    # A network that is down must not hold up the start.
                    if lane.own:
                        await lane.attached.wait()
                self.attached.set()
                while True:
                    self._unserved.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LEASE_SECONDS / 3):
                            await self._unserved.wait()
                    try:
                        await self._lease(group)
                    except Exception:
                        # A disk that is full or locked for a moment; there are two more rounds
                        # before the leases lapse.
                        log.exception("leases not renewed")
        finally:
            leave()
            stay_away()
            await self._give_back()

    async def _lease(self, group: asyncio.TaskGroup) -> None:
        now = self._now()
        leased = await self._store.claim(self._owner, now, now + int(LEASE_SECONDS * 1000))
        channels = {channel.id: channel for channel in leased}
        for id in self._tasks.keys() - channels.keys():
            log.warning("lease lost", channel=id)
            self._tasks.pop(id).cancel()
            self._lanes.pop(id, None)
        for id in channels.keys() - self._tasks.keys():
            lane = Lane(self._tools, channels[id])
            self._lanes[id] = lane
            self._tasks[id] = group.create_task(lane.run(), name=f"lane {id}")

    async def _give_back(self) -> None:
        try:
            await asyncio.shield(self._store.release(self._owner))
        except Exception:
            log.exception("leases not given back: they lapse by themselves")

    def _wake(self, channel: str) -> None:
        if lane := self._lanes.get(channel):
            lane.wake()
        else:
            # A channel that has just been added.
            self._unserved.set()
