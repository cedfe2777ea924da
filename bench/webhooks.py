"""Webhooks: how many a second, how soon, and what dead receivers cost a healthy one.

The receiver is a process of its own. The yardstick signs and posts the very same bodies with the
very same client and concurrency, and has no store: no rows read, no outcomes written.
"""

import asyncio
import multiprocessing
import socket
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import TypeVar

from aiohttp import web

from heliograph import job
from heliograph.bus.local import LocalBus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.clock import milliseconds
from heliograph.command import Imagine
from heliograph.http import views
from heliograph.inbox import Inbox
from heliograph.job import Job
from heliograph.media.store import Media
from heliograph.outgoing import Outgoing, Policy
from heliograph.retry import Schedule
from heliograph.service.jobs import Jobs
from heliograph.store.deliveries import SqliteDeliveries
from heliograph.store.sqlite import SqliteStore
from heliograph.webhooks import signing
from heliograph.webhooks.base import Due
from heliograph.webhooks.calling import GuardedCaller
from heliograph.webhooks.delivery import Dispatcher

MANY = 3_000
PER_HOST = 16
RATE = 200
SECONDS = 8
DEAD = 100
# What a finished grid's message is like: about 4 KB.
RESPONSE = {"id": "1" * 19, "content": "**a cat**", "filler": "x" * 3_600}


def receive(listening: socket.socket, pipe: Connection) -> None:
    """Answers every call, and says of each when it came."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        pipe.send((request.headers["webhook-id"], time.monotonic()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    web.run_app(app, sock=listening, print=lambda *_: None, access_log=None, handle_signals=False)


@contextmanager
def receiver() -> Iterator[tuple[str, Connection]]:
    """The URL of a receiver, and a pipe with its calls."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=receive, args=(listening, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", ours
    finally:
        process.kill()
        process.join()
        listening.close()


class Bench:
    """A store with its dispatcher, in this process."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore.open(folder / "store.db")
        self.deliveries = SqliteDeliveries(self.store.database)
        self.bus = LocalBus()
        self.outgoing = Outgoing(Policy(loopback=True))
        self.caller = GuardedCaller(self.outgoing)
        inbox = Inbox(Media.folder(folder / "media"), self.outgoing)
        self._jobs = Jobs(self.store, self.bus, Calm(), inbox=inbox)

    async def open(self) -> None:
        most = 10**6
        channel = Channel(id="1", user=1, token="studio", max_jobs=most, max_image_jobs=most)
        await self.store.add_channel(channel, milliseconds())

    async def job(self, url: str) -> Job:
        asked = Imagine(prompt="a cat", reply_url=url, reply_level="minimal")
        return (await self._jobs.imagine(1, asked)).job

    async def complete(self, made: Job) -> float:
        """Ends the job, and says so, as the worker does; returns when it was committed."""
        await self.store.apply(job.complete(made, milliseconds(), RESPONSE))
        committed = time.monotonic()
        self.bus.publish("delivery", made.id)
        return committed

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(
            self.deliveries,
            self.bus,
            self.caller,
            body,
            schedule=Schedule((5.0, 30.0)),
            per_host=PER_HOST,
            now=milliseconds,
            rng=Random(1),
        )

    async def close(self) -> None:
        await self.outgoing.close()
        await self.store.close()


def body(due: Due) -> bytes:
    if due.job is None or due.event is None:
        raise TypeError("a task's delivery")
    return views.callback(due.job, due.event, "http://127.0.0.1", due.target.ref)


async def bare(bench: Bench, bodies: list[bytes], url: str) -> None:
    """The yardstick: signs and posts, and nothing else."""
    secrets = await bench.deliveries.secrets(1, milliseconds())
    left = list(enumerate(bodies))

    async def post() -> None:
        while left:
            number, text = left.pop()
            headers = signing.headers(f"msg_{number}_1", int(time.time()), text, secrets)
            kind = {"Content-Type": "application/json"}
            await bench.caller.post(url, text, kind | headers)

    await asyncio.gather(*(post() for _ in range(PER_HOST)))


def heard(pipe: Connection, count: int) -> dict[str, float]:
    """The next calls: when each came."""
    return dict(pipe.recv() for _ in range(count))


async def rates(bench: Bench) -> tuple[float, float]:
    """Deliveries a second: ours, and the yardstick's."""
    with receiver() as (url, pipe):
        jobs = [await bench.job(url) for _ in range(MANY)]
        await asyncio.gather(*(bench.complete(made) for made in jobs))
        (host,) = await bench.deliveries.hosts()
        bodies = [body(due) for due in await bench.deliveries.due(host, milliseconds(), MANY)]
        began = time.monotonic()
        running = asyncio.create_task(bench.dispatcher().run())
        times = await asyncio.to_thread(heard, pipe, MANY)
        ours = MANY / (max(times.values()) - began)
        while await bench.deliveries.hosts():
            pass
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        began = time.monotonic()
        # Somebody has to empty the pipe meanwhile.
        await asyncio.gather(bare(bench, bodies, url), asyncio.to_thread(heard, pipe, MANY))
        return ours, MANY / (time.monotonic() - began)


async def delays(bench: Bench, dead: int) -> list[float]:
    """Seconds from the commit of a change to its arrival, at a steady rate, while that many dead
    receivers have deliveries of their own."""
    with receiver() as (url, pipe):
        closed = [_closed_port() for _ in range(dead)]
        jobs = [await bench.job(url) for _ in range(RATE * SECONDS)]
        lost = [await bench.job(f"http://127.0.0.1:{port}/") for port in closed for _ in range(5)]
        running = asyncio.create_task(bench.dispatcher().run())
        await asyncio.gather(*(bench.complete(made) for made in lost))
        committed: dict[str, float] = {}
        began = time.monotonic()
        for number, made in enumerate(jobs):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            committed[made.id] = await bench.complete(made)
        times = await asyncio.to_thread(heard, pipe, len(jobs))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        rows = await bench.deliveries.listed(1, state=None, limit=10**6)
        # The receiver knows a call by its target's number, which grows with the jobs.
        order = sorted(times, key=lambda id: int(id.split("_")[1]))
        assert len(rows) >= len(jobs)
        return [times[id] - committed[made.id] for id, made in zip(order, jobs, strict=True)]


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def shown(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {1000 * cuts[49]:.1f} ms, p99 {1000 * cuts[98]:.1f} ms"


T = TypeVar("T")


async def on(measure: Callable[[Bench], Awaitable[T]]) -> T:
    """What is measured on a fresh store."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        await bench.open()
        try:
            return await measure(bench)
        finally:
            await bench.close()


async def measured() -> list[tuple[str, str, str]]:
    ours, plain = await on(rates)
    alone = await on(lambda bench: delays(bench, 0))
    beside = await on(lambda bench: delays(bench, DEAD))
    return [
        (
            "webhooks, a fast receiver",
            f"{ours:.0f}/s, bare {plain:.0f}/s: {ours / plain:.2f}",
            "≥ 0.4 of bare",
        ),
        ("webhooks, delay at 200/s", shown(alone), "p50 ≤ 5 ms, p99 ≤ 50 ms"),
        ("webhooks, beside 100 dead ones", shown(beside), "no change that shows"),
    ]


def rows() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, aim)."""
    return asyncio.run(measured())


if __name__ == "__main__":
    for what, figure, aim in rows():
        print(f"{what:34} {figure:46} {aim}", flush=True)
