"""One channel's jobs, from the row to the bot and back.

A lane sends the channel's new jobs upstream, hears what comes back, and applies what the driver
makes of it. It starts by re-attaching: it reads the channel's history for the jobs that were under
way when the last owner stopped, so that nothing is sent a second time and nothing that finished
meanwhile is missed (rule 4).
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import structlog

from heliograph import errors, job
from heliograph.bus.base import Bus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.job import Change, Job, Status
from heliograph.midjourney.driver import Driver, Reading
from heliograph.midjourney.files import FileRefused, Files
from heliograph.midjourney.wire import Dispatch, Wire, WireBarred, WireLost, WireRefused
from heliograph.store.base import Store

log: Any = structlog.get_logger("heliograph.worker")

# Lost hints cost this much at most; it also notices jobs that ended behind the lane's back.
POLL_SECONDS = 5.0
RECONNECT_SECONDS = (1.0, 30.0)
# How long a command whose sending broke off may take to show up in the channel.
UNKNOWN_MS = 60_000
# A call under way gets so long when the dispatches have broken off.
SPEAK_SECONDS = 5.0
# More than end in any gap between two connections.
MOST_RESULTS = 1_000
# Shorter than the bot's silence after which a job counts as moderated.
COPY_SECONDS = 30.0

Connect = Callable[[Channel], Awaitable[Wire]]


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What all lanes of a process work with."""

    store: Store
    bus: Bus
    calm: Calm
    connect: Connect
    files: Files
    now: Callable[[], int]


class Lane:
    """One channel's jobs, from the row to the bot and back."""

    def __init__(self, tools: Tools, channel: Channel) -> None:
        self.attached = asyncio.Event()
        self.own = channel.own
        self._store = tools.store
        self._bus = tools.bus
        self._calm = tools.calm
        self._connect = tools.connect
        self._files = tools.files
        self._channel = channel
        self._now = tools.now
        self._woken = asyncio.Event()
        # Held while rows and the driver's memory are compared or changed together.
        self._books = asyncio.Lock()
        self._speaking: set[asyncio.Task[None]] = set()
        # The messages in which jobs ended, from `_since` (ms) on.
        self._results: deque[str] = deque(maxlen=MOST_RESULTS)
        self._since: int | None = None
        # Jobs whose results are being copied, and who looks after that.
        self._copying: set[str] = set()
        self._group: asyncio.TaskGroup | None = None
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
            began, barred = clock(), None
            try:
                await self._serve()
            except* WireBarred as refused:
                barred = _reason(refused)
            except* (WireLost, WireRefused, OSError) as lost:
                self._log.warning("connection lost", reason=str(lost.exceptions[0]), retry_in=pause)
            except* Exception:
                self._log.exception("channel interrupted", retry_in=pause)
            self.attached.set()
            if barred is not None:
                await self._await_person(barred)
            await asyncio.sleep(pause)
            # A connection that held is no part of the failures before it.
            pause = shortest if clock() - began > 2 * longest else min(pause * 2, longest)

    async def _await_person(self, reason: str) -> None:
        """The upstream won't have the account: ends the channel's jobs, of which nothing more can
        be heard, and waits until the channel is opened again, or gets another token."""
        id, token = self._channel.id, self._channel.token
        try:
            current = await self._store.channel(id)
            if current is not None and current.token != token:
                return
            await self._lock(reason)
            for running in await self._store.running_on(id):
                code = errors.ChannelError.status
                await self._commit(job.fail(running, self._now(), reason, code=code))
            current = await self._store.channel(id)
            while current is None or (current.token == token and current.error is not None):
                self._woken.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._woken.wait()
                current = await self._store.channel(id)
        except Exception:
            self._log.exception("channel interrupted")

    async def _serve(self) -> None:
        # Its token may have been replaced.
        self._channel = await self._store.channel(self._channel.id) or self._channel
        wire = await self._connect(self._channel)
        driver = Driver(wire, self._files)
        try:
            dispatches = wire.dispatches()
            await self._reattach(driver)
            self._since = self._since or self._now()
            self.attached.set()
            async with asyncio.TaskGroup() as self._group:
                working = self._group.create_task(self._work(driver, self._group))
                try:
                    await self._listen(driver, dispatches)
                except WireLost:
                    # What is being said is said to its end, so that it is known to be said.
                    working.cancel()
                    if self._speaking:
                        await asyncio.wait(self._speaking, timeout=SPEAK_SECONDS)
                    raise
                raise WireLost("the upstream closed the connection")
        finally:
            self._group = None
            self._copying.clear()
            await wire.close()

    async def _reattach(self, driver: Driver) -> None:
        running = await self._store.running_on(self._channel.id)
        sent = [found for found in running if found.sent is not None]
        for found in sent:
            driver.adopt(found)
        if not sent:
            return
        oldest = min(found.sent or 0 for found in sent)
        history = await driver.history(since=oldest)
        for message in history:
            await self._act(driver, driver.read(message, self._now()))
        if self._since is not None and oldest >= self._since:
            # Every result that was given out since is known, so the others are still somebody's.
            driver.recognise(history, self._results)
            for message in history:
                await self._act(driver, driver.read(message, self._now()))
        for id in driver.unheard(self._now()):
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

    async def _work(self, driver: Driver, group: asyncio.TaskGroup) -> None:
        while True:
            self._woken.clear()
            async with self._calm.turn():
                unsent = await self._settle(driver)
            for waiting in unsent:
                await self._send(driver, waiting, group)
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
        if unseen := driver.unseen(self._now()):
            for message in await driver.history(since=min(found.sent or 0 for found in unseen)):
                await self._act(driver, driver.read(message, self._now()))
        await self._act(driver, driver.overdue(self._now()))
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

    async def _send(self, driver: Driver, waiting: Job, group: asyncio.TaskGroup) -> None:
        async with self._calm.turn(), self._books:
            sending = await self._store.apply(job.sending(waiting, self._now()))
            if sending is None:
                return
            driver.adopt(sending)
        # Some commands take several steps, and wait for an answer to each.
        speaking = group.create_task(self._speak(driver, sending), name=f"sending {sending.id}")
        self._speaking.add(speaking)
        speaking.add_done_callback(self._speaking.discard)

    async def _speak(self, driver: Driver, sending: Job) -> None:
        try:
            await driver.send(sending)
        except WireBarred as barred:
            code = errors.ChannelError.status
            change = job.fail(sending, self._now(), barred.reason, code=code)
            await self._act(driver, Reading((change,), channel_error=barred.reason))
        except WireRefused as refused:
            await self._end(driver, sending, errors.UpstreamRefused(), str(refused))
        except FileRefused as refused:
            await self._end(driver, sending, errors.NoPicture(), str(refused))
        except errors.Upstream as problem:
            await self._end(driver, sending, problem, None)
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
        # The channel first: whoever is told of the job's end finds it locked.
        if reading.channel_error:
            await self._lock(reading.channel_error)
        for change in reading.changes:
            if not self.own and _results(change):
                await self._finish(driver, change)
            else:
                async with self._books:
                    await self._apply(driver, change)

    async def _finish(self, driver: Driver, change: Change) -> None:
        """Copies what a job came to before it ends, while the channel goes on."""
        if change.job in self._copying:
            return
        self._copying.add(change.job)
        copying = self._copy(driver, change)
        if self._group is None:
            # Still re-attaching: the next message may be told apart by what is known now.
            await copying
        else:
            self._group.create_task(copying, name=f"copying {change.job}")

    async def _copy(self, driver: Driver, change: Change) -> None:
        response = change.columns["response"]
        try:
            async with asyncio.timeout(COPY_SECONDS):
                copies = [await self._files.copy(one) for one in _results(change)]
            columns = change.columns | {"response": response | {"attachments": copies}}
            change = msgspec.structs.replace(change, columns=columns)
        except (FileRefused, TimeoutError) as error:
            # The upstream's own URLs work for a day.
            self._log.warning("results not copied", job=change.job, reason=str(error))
        finally:
            self._copying.discard(change.job)
        async with self._books:
            await self._apply(driver, change)

    async def _lock(self, reason: str) -> None:
        self._log.error("channel needs a person", reason=reason)
        id = self._channel.id
        if await self._store.lock_channel(id, reason, self._now()):
            self._bus.publish("mail", id)

    async def _apply(self, driver: Driver, change: Change) -> None:
        changed = await self._commit(change)
        if changed is None:
            # Out of date, or the job has ended behind this lane's back: `_settle` finds out.
            self._woken.set()
        elif changed.running:
            driver.keep(changed)
        else:
            driver.drop(changed.id)
            self._results.append(str((changed.response or {}).get("id")))
            await self._note_speed(changed)

    async def _commit(self, change: Change) -> Job | None:
        """Applies a change and tells those whom it concerns; None when it holds no longer."""
        changed = await self._store.apply(change)
        if changed is None:
            return None
        if change.event is not None:
            self._bus.publish("job", changed.id)
            if changed.watched:
                self._bus.publish("delivery", changed.id)
        if not changed.running:
            self._bus.publish("queue", changed.channel)
            self._log.info("job ended", job=changed.id, status=changed.status.value)
        return changed

    async def _note_speed(self, ended: Job) -> None:
        """How the channel's jobs run from now on, where the answer told it."""
        settings = (ended.response or {}).get("settings") or {}
        if ended.status is Status.COMPLETED and "relax" in settings:
            await self._store.set_channel_speed(self._channel.id, relaxed=bool(settings["relax"]))


def _results(change: Change) -> list[dict[str, Any]]:
    """The files with which a change completes its job."""
    if change.columns.get("status") is not Status.COMPLETED:
        return []
    found: list[dict[str, Any]] = (change.columns.get("response") or {}).get("attachments") or []
    return found


def _reason(barred: BaseExceptionGroup[WireBarred]) -> str:
    """The sentence of the first of them."""
    for inner in barred.exceptions:
        return _reason(inner) if isinstance(inner, BaseExceptionGroup) else inner.reason
    raise ValueError("an empty group")
