"""A lane over a store, with a bot on paper that does what nobody foresaw."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from heliograph import job
from heliograph.bus.local import LocalBus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.clock import milliseconds
from heliograph.job import Job, JobType, Status
from heliograph.lane import Lane, Tools
from heliograph.midjourney.wire import Dispatch, Message
from heliograph.service.draft import JobDraft
from heliograph.store.sqlite import SqliteStore
from tests.unit.midjourney.scripted import BOT, Pictures, ScriptedBot

CHANNEL = Channel(id="5", user=1, token="studio", max_jobs=3)


class Line(ScriptedBot):
    """Says what its jobs' scripts say as soon as it is asked for something; `before` is what the
    history shows."""

    def __init__(self, *before: Message) -> None:
        super().__init__()
        self.connections = 0
        self.fails = False
        self.failed = asyncio.Event()
        self._before = list(before)
        self._said: asyncio.Queue[Dispatch] = asyncio.Queue()

    async def interact(self, payload: dict[str, Any]) -> None:
        if self.fails:
            self.failed.set()
            raise KeyError("custom_id")
        await super().interact(payload)
        for dispatch in self.running.pop():
            self._said.put_nowait(dispatch)

    async def history(self, *, limit: int = 50, before: str | None = None) -> list[Message]:
        return [] if before else self._before

    async def dispatches(self) -> AsyncIterator[Dispatch]:
        while True:
            yield await self._said.get()


class FullDisk(Pictures):
    async def copy(self, attachment: dict[str, Any]) -> dict[str, Any]:
        raise OSError("No space left on device")


class Scene:
    """A lane of its own; `token` is its channel's."""

    def __init__(
        self,
        store: SqliteStore,
        line: Line,
        *,
        token: str = "studio",
        files: Pictures | None = None,
    ) -> None:
        self.store = store
        self.line = line
        self.bus = LocalBus()
        self._moved = asyncio.Event()
        self.bus.subscribe("job", lambda _: self._moved.set())
        tools = Tools(
            store=store,
            bus=self.bus,
            calm=Calm(),
            connect=self._connect,
            files=files or Pictures(),
            now=milliseconds,
        )
        self.lane = Lane(tools, msgspec.structs.replace(CHANNEL, token=token))
        self.bus.subscribe("channel", lambda _: self.lane.wake())

    async def _connect(self, _: Channel) -> Line:
        self.line.connections += 1
        return self.line

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        serving = asyncio.create_task(self.lane.run())
        try:
            async with asyncio.timeout(30):
                await self.lane.attached.wait()
                yield
        finally:
            serving.cancel()
            await asyncio.wait([serving])

    async def ended(self, id: str) -> Job:
        while (found := await self.store.job(id)) is None or found.running:
            await self._moved.wait()
            self._moved.clear()
        return found


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "jobs.db")
    await store.add_channel(CHANNEL, milliseconds())
    yield store
    await store.close()


async def admitted(store: SqliteStore) -> Job:
    draft = JobDraft(
        user=1,
        verb="imagine",
        type=JobType.IMAGE,
        request={"prompt": "x"},
        named=None,
        now=milliseconds,
        rng=Random(),
    )
    made, _ = await store.admit(1, draft)
    return made


async def test_a_call_that_fails_for_no_known_reason_ends_no_other_job(
    store: SqliteStore,
) -> None:
    scene = Scene(store, Line())
    async with scene.running():
        scene.line.fails = True
        failed = await admitted(store)
        scene.lane.wake()
        await scene.line.failed.wait()
        scene.line.fails = False
        painted = await admitted(store)
        scene.lane.wake()
        assert (await scene.ended(painted.id)).status is Status.COMPLETED
    assert scene.line.connections == 1
    # Whether the bot took it is found out in a minute.
    left = await store.job(failed.id)
    assert left is not None
    assert left.running


async def test_a_message_of_an_unknown_shape_keeps_no_channel_shut(store: SqliteStore) -> None:
    lost = await admitted(store)
    await store.apply(job.sending(lost, milliseconds()))
    odd = {"id": "100", "author": BOT, "nonce": lost.nonce, "content": "", "embeds": [None]}
    scene = Scene(store, Line(odd))
    async with scene.running():
        painted = await admitted(store)
        scene.lane.wake()
        assert (await scene.ended(painted.id)).status is Status.COMPLETED
    assert scene.line.connections == 1


async def test_a_result_that_cannot_be_copied_ends_its_job_and_no_other(store: SqliteStore) -> None:
    scene = Scene(store, Line(), token="somebody's", files=FullDisk())
    async with scene.running():
        painted = [await admitted(store) for _ in range(3)]
        scene.lane.wake()
        for one in painted:
            ended = await scene.ended(one.id)
            assert ended.status is Status.COMPLETED
            assert (ended.response or {})["attachments"]
    assert scene.line.connections == 1
