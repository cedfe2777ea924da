"""Jobs, channels, store and worker over the network client, without HTTP: pointed at a sandbox."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from random import Random

from heliograph.bus.local import LocalBus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.clock import milliseconds
from heliograph.command import Account as Configured
from heliograph.discord.account import Endpoints
from heliograph.discord.accounts import Accounts, connected
from heliograph.discord.memory import Memory
from heliograph.inbox import Inbox
from heliograph.job import Job, Status
from heliograph.lane import Tools
from heliograph.media.store import Media
from heliograph.midjourney.wire import Payload, Wire
from heliograph.outgoing import Outgoing, Policy
from heliograph.sandbox.server import Sandbox
from heliograph.service.channels import Channels
from heliograph.service.jobs import Jobs, Submitted
from heliograph.store.sqlite import SqliteStore
from heliograph.worker import Worker

USER = 1
SECONDS = 60


class Office:
    """What a test needs of the running whole."""

    def __init__(self, jobs: Jobs, channels: Channels, store: SqliteStore, bus: LocalBus) -> None:
        self.jobs = jobs
        self.channels = channels
        self.store = store
        # The nonces of the interactions that were answered with a 204.
        self.taken: asyncio.Queue[str] = asyncio.Queue()
        self._bus = bus

    async def connect(self, accounts: Accounts, channel: Channel) -> Wire:
        wire = await accounts.connect(channel.token, channel.id)
        posted = wire.interact

        async def interact(payload: Payload) -> None:
            await posted(payload)
            self.taken.put_nowait(payload["nonce"])

        wire.interact = interact  # type: ignore[method-assign]
        return wire

    def connections(self) -> list[asyncio.Task[None]]:
        """The gateways that are being kept connected."""
        tasks: set[asyncio.Task[None]] = asyncio.all_tasks()
        return [task for task in tasks if task.get_name() == "discord gateway"]

    async def configure(self, token: str, jobs: int = 12) -> Channel:
        asked = Configured(token=token, max_jobs=jobs, max_image_jobs=jobs, max_video_jobs=jobs)
        channel, _ = await self.channels.configure(USER, asked)
        return channel

    async def ended(self, submitted: Submitted | str) -> Job:
        """The job as it ends."""
        id = submitted if isinstance(submitted, str) else submitted.job.id
        return await self._once(id, lambda job: not job.running)

    async def begun(self, id: str) -> Job:
        """The job as soon as the bot has taken it."""
        return await self._once(id, lambda job: job.status is not Status.CREATED)

    async def _once(self, id: str, wanted: Callable[[Job], bool]) -> Job:
        moved = asyncio.Event()
        leave = self._bus.subscribe("job", lambda moving: moved.set() if moving == id else None)
        try:
            async with asyncio.timeout(SECONDS):
                while not wanted(job := await self.jobs.job(USER, id)):
                    await moved.wait()
                    moved.clear()
                return job
        finally:
            leave()

    async def events(self, id: str) -> list[str]:
        return [event.name for event in await self.store.events(id, after=0)]


@contextlib.asynccontextmanager
async def opened(sandbox: Sandbox, folder: Path) -> AsyncIterator[Office]:
    """Runs until the context ends; over the same folder it goes on where it left off."""
    os.makedirs(folder, exist_ok=True)
    store = SqliteStore.open(folder / "jobs.db")
    bus, calm = LocalBus(), Calm()
    outgoing = Outgoing(Policy(loopback=True))
    inbox = Inbox(Media.folder(folder / "media"), outgoing)
    endpoints = Endpoints(
        api=f"{sandbox.url}/api",
        gateway=sandbox.gateway,
        activities=f"{sandbox.url}/activities",
        cdn=f"{sandbox.url}/cdn",
    )
    await store.release(None)
    memory = Memory(folder / "sessions.json")
    async with connected(endpoints, spacing=0.02, chance=Random(3), memory=memory) as accounts:
        jobs = Jobs(store, bus, calm, inbox=inbox)
        channels = Channels(store, bus, discover=accounts.discover)
        office = Office(jobs, channels, store, bus)
        tools = Tools(
            store=store,
            bus=bus,
            calm=calm,
            connect=partial(office.connect, accounts),
            files=inbox,
            now=milliseconds,
        )
        worker = Worker(tools, owner="office")
        working = asyncio.create_task(worker.run())
        try:
            yield office
        finally:
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
            await outgoing.close()
            await store.close()
