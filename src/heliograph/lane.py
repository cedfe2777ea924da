"""One channel's jobs, from the row to the bot and back.

A lane sends the channel's new jobs upstream, hears what comes back, and applies what the driver
makes of it. It starts by re-attaching: it reads the channel's history for the jobs that were under
way when the last owner stopped, so that nothing is sent a second time and nothing that finished
meanwhile is missed (rule 4).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import msgspec
import structlog

from heliograph import errors, job
from heliograph.books import Books
from heliograph.bus.base import Bus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.job import Job
from heliograph.midjourney.driver import Driver
from heliograph.midjourney.files import FileRefused, Files
from heliograph.midjourney.reading import Reading
from heliograph.midjourney.wire import Dispatch, Message, Wire, WireBarred, WireLost, WireRefused
from heliograph.store.base import Store

log: Any = structlog.get_logger("heliograph.worker")

# Lost hints cost this much at most; it also notices jobs that ended behind the lane's back.
POLL_SECONDS = 5.0
RECONNECT_SECONDS = (1.0, 30.0)
# How long a command whose sending broke off may take to show up in the channel.
UNKNOWN_MS = 60_000
# A call under way gets so long when the dispatches have broken off.
SPEAK_SECONDS = 5.0

Connect = Callable[[Channel], Awaitable[Wire]]
Step = Callable[[], Coroutine[Any, Any, None]]


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
        self._calm = tools.calm
        self._connect = tools.connect
        self._files = tools.files
        self._channel = channel
        self._now = tools.now
        self._woken = asyncio.Event()
        self._books = Books(tools.store, tools.bus, tools.now, channel, self._woken)
        self._speaking: set[asyncio.Task[None]] = set()
        # From when on (ms) the books know every result.
        self._since: int | None = None
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
            await self._books.close(reason)
            for running in await self._store.running_on(id):
                code = errors.ChannelError.status
                await self._books.commit(job.fail(running, self._now(), reason, code=code))
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
        driver = Driver(wire, self._files, self._filling)
        try:
            dispatches = wire.dispatches()
            await self._reattach(driver)
            self._since = self._since or self._now()
            self.attached.set()
            async with asyncio.TaskGroup() as group:
                working = group.create_task(self._work(driver, group))
                with self._books.copying_in(group):
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
            await wire.close()

    async def _reattach(self, driver: Driver) -> None:
        running = await self._store.running_on(self._channel.id)
        sent = [found for found in running if found.sent is not None]
        for found in sent:
            driver.adopt(found)
        if not sent:
            return
        oldest = min(found.sent or 0 for found in sent)
        history = await self._look_back(driver, oldest)
        if self._since is not None and oldest >= self._since:
            # Every result that was given out since is known, so the others are still somebody's.
            driver.recognise(history, self._books.results)
            await self._read(driver, history)
        for id in driver.unheard(self._now()):
            await self._give_up(driver, id)

    async def _look_back(self, driver: Driver, since: int) -> list[Message]:
        """Reads the channel's history from that moment (ms) on."""
        history = await driver.history(since=since)
        await self._read(driver, history)
        return history

    async def _read(self, driver: Driver, history: list[Message]) -> None:
        for message in history:
            await self._take(driver, partial(driver.read, message), "history")

    async def _listen(self, driver: Driver, dispatches: AsyncIterator[Dispatch]) -> None:
        async for dispatch in dispatches:
            await self._take(driver, partial(driver.hear, dispatch), dispatch.type)

    async def _take(self, driver: Driver, read: Callable[[int], Reading], what: str) -> None:
        try:
            reading = read(self._now())
        except Exception:
            # One message that can't be understood must not end the channel's other jobs.
            self._log.exception("message not understood", dispatch=what)
            return
        await self._books.act(driver, reading)

    async def _work(self, driver: Driver, group: asyncio.TaskGroup) -> None:
        while True:
            self._woken.clear()
            ended, unsent = await self._look(driver)
            for id in ended:
                await self._stop(driver, id)
            await self._settle(driver)
            for waiting in unsent:
                await self._send(driver, waiting, group)
            for halfway, answer in driver.halfway():
                go_on = partial(driver.go_on, halfway, answer, self._now())
                self._begin(driver, halfway, go_on, group)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._woken.wait()

    async def _look(self, driver: Driver) -> tuple[list[str], list[Job]]:
        """The jobs that have ended behind the driver's back, and those that wait to be sent."""
        async with self._calm.turn(), self._books.lock:
            running = await self._store.running_ids(self._channel.id)
            ended = [id for id in driver.jobs if id not in running]
            return ended, await self._store.unsent_on(self._channel.id)

    async def _settle(self, driver: Driver) -> None:
        """Ends what nothing more is heard of, unless the history tells what it came to."""
        for id in driver.lost(self._now() - UNKNOWN_MS):
            await self._give_up(driver, id)
        if unseen := driver.unseen(self._now()):
            await self._look_back(driver, min(found.sent or 0 for found in unseen))
        if repeated := driver.repeated():
            history = await driver.history(since=min(since for _, since in repeated))
            for one, _ in repeated:
                await self._books.act(driver, driver.made(one, history, self._now()))
        await self._books.act(driver, driver.overdue(self._now()))

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
        async with self._calm.turn(), self._books.lock:
            sending = await self._store.apply(job.sending(waiting, self._now()))
            if sending is None:
                return
            driver.adopt(sending)
        self._begin(driver, sending, partial(driver.send, sending), group)

    def _begin(self, driver: Driver, sending: Job, step: Step, group: asyncio.TaskGroup) -> None:
        # Some commands take several steps, and wait for an answer to each.
        speaking = group.create_task(
            self._speak(driver, sending, step), name=f"sending {sending.id}"
        )
        self._speaking.add(speaking)
        speaking.add_done_callback(self._speaking.discard)

    async def _filling(self, pressed: Job) -> Job | None:
        return await self._books.commit(job.filling(pressed, self._now()))

    async def _speak(self, driver: Driver, sending: Job, step: Step) -> None:
        try:
            await step()
        except WireBarred as barred:
            code = errors.ChannelError.status
            change = job.fail(sending, self._now(), barred.reason, code=code)
            await self._books.act(driver, Reading((change,), channel_error=barred.reason))
        except WireRefused as refused:
            await self._books.end(driver, sending, errors.UpstreamRefused(), str(refused))
        except FileRefused as refused:
            await self._books.end(driver, sending, errors.NoPicture(), str(refused))
        except errors.Upstream as problem:
            await self._books.end(driver, sending, problem)
        except WireLost as lost:
            # The bot may have taken it all the same: its message decides, or `lost` in a minute.
            self._log.warning("sending broke off", job=sending.id, reason=str(lost))
        except Exception:
            # So does what nobody foresaw; the channel's other jobs go on.
            self._log.exception("sending failed", job=sending.id)

    async def _give_up(self, driver: Driver, id: str) -> None:
        if unknown := driver.jobs.get(id):
            await self._books.end(driver, unknown, driver.doubt(unknown))


def _reason(barred: BaseExceptionGroup[WireBarred]) -> str:
    """The sentence of the first of them."""
    for inner in barred.exceptions:
        return _reason(inner) if isinstance(inner, BaseExceptionGroup) else inner.reason
    raise ValueError("an empty group")
