"""Owns channels by lease and sees their jobs to the end.

Each leased channel has a `Lane`: it sends the channel's new jobs upstream, hears what comes back,
and applies what the driver makes of it. A lane starts by re-attaching: it reads the channel's
history for the jobs that were under way when the last owner stopped, so that nothing is sent a
second time and nothing that finished meanwhile is missed (rule 4).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog

from heliograph import errors, job
from heliograph.bus.base import Bus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.job import Change, Job
from heliograph.midjourney.driver import Driver, Reading
from heliograph.midjourney.wire import Dispatch, Wire, WireLost, WireRefused
from heliograph.store.base import Store

log: Any = structlog.get_logger("heliograph.worker")

LEASE_SECONDS = 30.0
# Lost hints cost this much at most; it also notices jobs that ended behind the lane's back.
POLL_SECONDS = 5.0
RECONNECT_SECONDS = (1.0, 30.0)
# How long a command whose sending broke off may take to show up in the channel.
UNKNOWN_MS = 60_000

Connect = Callable[[Channel], Awaitable[Wire]]


class Worker:
    """Run it once a process; `attached` is set when every channel at hand is being served."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        calm: Calm,
        connect: Connect,
        *,
        owner: str,
        now: Callable[[], int],
    ) -> None:
        self.attached = asyncio.Event()
        self._store = store
        self._bus = bus
        self._calm = calm
        self._connect = connect
        self._owner = owner
        self._now = now
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; then gives the leases back."""
        leave = self._bus.subscribe("channel", self._wake)
        try:
            async with asyncio.TaskGroup() as group:
                await self._lease(group)
                for lane in list(self._lanes.values()):
                    await lane.attached.wait()
                self.attached.set()
                while True:
                    await asyncio.sleep(LEASE_SECONDS / 3)
                    try:
                        await self._lease(group)
                    except Exception:
                        # A disk that is full or locked for a moment; there are two more rounds
                        # before the leases lapse.
                        log.exception("leases not renewed")
        finally:
            leave()
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
            lane = Lane(
                self._store, self._bus, self._calm, self._connect, channels[id], now=self._now
            )
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


class Lane:
    """One channel's jobs, from the row to the bot and back."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        calm: Calm,
        connect: Connect,
        channel: Channel,
        *,
        now: Callable[[], int],
    ) -> None:
        self.attached = asyncio.Event()
        self._store = store
        self._bus = bus
        self._calm = calm
        self._connect = connect
        self._channel = channel
        self._now = now
        self._woken = asyncio.Event()
        # Held while rows and the driver's memory are compared or changed together.
        self._books = asyncio.Lock()
        self._log = log.bind(channel=channel.id)

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Serves the channel; connects and re-attaches anew, with growing pauses, when the upstream
        or the store fails."""
        shortest, longest = RECONNECT_SECONDS
        pause = shortest
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            try:
                await self._serve()
            except* (WireLost, WireRefused, OSError) as lost:
                self._log.warning("connection lost", reason=str(lost.exceptions[0]), retry_in=pause)
            except* Exception:
                self._log.exception("channel interrupted", retry_in=pause)
            self.attached.set()
            await asyncio.sleep(pause)
            # A connection that held is no part of the failures before it.
            pause = shortest if clock() - began > 2 * longest else min(pause * 2, longest)

    async def _serve(self) -> None:
        wire = await self._connect(self._channel)
        driver = Driver(wire)
        try:
            dispatches = wire.dispatches()
            await self._reattach(driver)
            self.attached.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._work(driver))
                await self._listen(driver, dispatches)
                raise WireLost("the upstream closed the connection")
        finally:
            await wire.close()

    async def _reattach(self, driver: Driver) -> None:
        running = await self._store.running_on(self._channel.id)
        sent = [found for found in running if found.sent is not None]
        for found in sent:
            driver.adopt(found)
        if not sent:
            return
        oldest = min(found.sent or 0 for found in sent)
        for message in await driver.history(since=oldest):
            await self._act(driver, driver.read(message, self._now()))
        for id in driver.unheard():
            await self._give_up(driver, id)

    async def _listen(self, driver: Driver, dispatches: AsyncIterator[Dispatch]) -> None:
        async for dispatch in dispatches:
            try:
                reading = driver.hear(dispatch, self._now())
            except Exception:
                # One message that can't be understood must not end the channel's other jobs.
                self._log.exception("dispatch not understood", dispatch=dispatch.type)
                continue
            await self._act(driver, reading)

    async def _work(self, driver: Driver) -> None:
        while True:
            self._woken.clear()
            async with self._calm.turn():
                unsent = await self._settle(driver)
            for waiting in unsent:
                await self._send(driver, waiting)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._woken.wait()

    async def _settle(self, driver: Driver) -> list[Job]:
        """Stops upstream what has ended here; returns what waits to be sent."""
        async with self._books:
            running = await self._store.running_ids(self._channel.id)
            for id in [id for id in driver.jobs if id not in running]:
                await self._stop(driver, id)
        for id in driver.lost(self._now() - UNKNOWN_MS):
            await self._give_up(driver, id)
        return await self._store.unsent_on(self._channel.id)

    async def _stop(self, driver: Driver, id: str) -> None:
        """Stops a job upstream that has ended here. One of which nothing has been heard yet can't
        be stopped: it is kept until its first message, which wakes this lane, or for a minute."""
        sent = driver.jobs[id].sent or 0
        try:
            pressed = await driver.cancel(id)
        except (WireLost, WireRefused):
            pressed = True
        if pressed or sent < self._now() - UNKNOWN_MS:
            self._log.info("job ended here, stopped upstream", job=id)
            driver.drop(id)

    async def _send(self, driver: Driver, waiting: Job) -> None:
        async with self._calm.turn(), self._books:
            sending = await self._store.apply(job.sending(waiting, self._now()))
            if sending is None:
                return
            driver.adopt(sending)
        try:
            await driver.send(sending)
        except WireRefused as refused:
            await self._end(driver, sending, errors.UpstreamRefused(), str(refused))
        except WireLost as lost:
            # The bot may have taken it all the same: its message decides, or `lost` in a minute.
            self._log.warning("sending broke off", job=sending.id, reason=str(lost))

    async def _give_up(self, driver: Driver, id: str) -> None:
        if unknown := driver.jobs.get(id):
            await self._end(driver, unknown, errors.UpstreamUnknown(), None)

    async def _end(
        self, driver: Driver, ending: Job, problem: errors.Upstream, details: str | None
    ) -> None:
        change = job.fail(ending, self._now(), str(problem), code=problem.code, details=details)
        await self._act(driver, Reading(changes=(change,)))

    async def _act(self, driver: Driver, reading: Reading) -> None:
        for change in reading.changes:
            async with self._books:
                await self._apply(driver, change)
        if reading.channel_error:
            self._log.error("channel needs a person", reason=reading.channel_error)
            await self._store.set_channel_error(self._channel.id, reading.channel_error)

    async def _apply(self, driver: Driver, change: Change) -> None:
        changed = await self._store.apply(change)
        if changed is None:
            # Out of date, or the job has ended behind this lane's back: `_settle` finds out.
            self._woken.set()
            return
        if change.event is not None:
            self._bus.publish("job", changed.id)
        if changed.running:
            driver.keep(changed)
        else:
            driver.drop(changed.id)
            self._log.info("job ended", job=changed.id, status=changed.status.value)
