"""The Discord upstream under load: how late a frame is told, and what an account costs.

The upstream (`bench.upstream`), the server and its reader are processes of their own. The delay
spans both sockets and the reader's waking up, so it is more than the server's own share.
"""

import asyncio
import contextlib
import os
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Set
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from bench.processes import TOKEN, Started, process, server
from bench.upstream import direct_channel, token, user_of

ACCOUNTS, EACH = 20, 12
RATE, SECONDS = 500, 20
MANY = 300
IDLE_SECONDS = 20
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
_TOLD = re.compile(rb'"content":"\*\*([^*]+)\*\* - <@1> \((\d+)%\)')
TICKS = os.sysconf("SC_CLK_TCK")


def upstream() -> contextlib.AbstractContextManager[Started]:
    return process([str(Path(__file__).with_name("upstream.py"))])


@contextlib.contextmanager
def connected(data: Path, discord: Started) -> Iterator[Started]:
    """A server whose Discord is the upstream."""
    with server(
        data,
        studio__painter="blank",
        discord__enabled="true",
        discord__api=f"{discord.url}/api",
        discord__gateway=discord.url.replace("http", "ws"),
        log__level="warning",
    ) as started:
        yield started


def spent(pid: int) -> float:
    """The processor time of a process so far, in seconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def channel_of(number: int) -> str:
    """The channel of an account."""
    return direct_channel(user_of(token(number)))


class Caller:
    """Who uses the server, and asks the upstream what it knows."""

    def __init__(self, http: aiohttp.ClientSession, started: Started, discord: Started) -> None:
        self._http = http
        self._api = f"{started.url}/v3/midjourney"
        self._discord = discord.url
        self.heard: dict[str, float] = {}
        self._news = asyncio.Event()

    async def add(self, number: int) -> None:
        """Configures an account."""
        limits = dict.fromkeys(("maxJobs", "maxImageJobs", "maxVideoJobs"), EACH)
        body = {"discord": token(number)} | limits
        async with self._http.post(f"{self._api}/accounts", json=body, headers=HEADERS) as answer:
            if answer.status != 201:
                raise RuntimeError(await answer.text())

    async def until(self, what: str, count: int) -> None:
        """Waits until the upstream has so many."""
        url = f"{self._discord}/until?{what}={count}"
        async with self._http.get(url) as answer:
            await answer.read()

    async def read(self, number: int) -> None:
        """Submits a job, and notes when its percents come."""
        body = {"prompt": f"job {number}", "channel": channel_of(number % ACCOUNTS)}
        url = f"{self._api}/jobs/imagine"
        async with self._http.post(url, json=body, headers=HEADERS) as answer:
            async for line in answer.content:
                if found := _TOLD.search(line):
                    self.heard[f"{found[1].decode()}/{int(found[2])}"] = time.perf_counter()
                    self._news.set()

    async def has_heard(self, frames: Set[str]) -> None:
        while not self.heard.keys() >= frames:
            self._news.clear()
            await self._news.wait()

    async def progress(self, rate: float, count: int) -> tuple[dict[str, float], float]:
        """Frames at that rate: when each went out, and by how much the worst was late."""
        url = f"{self._discord}/progress?rate={rate}&count={count}"
        async with self._http.post(url) as answer:
            found: Any = msgspec.json.decode(await answer.read())
        return found["sent"], found["late"]


@contextlib.asynccontextmanager
async def calling(started: Started, discord: Started) -> AsyncIterator[Caller]:
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        yield Caller(http, started, discord)


async def delays(folder: Path) -> tuple[list[float], float, float]:
    """Seconds from frame to event, the server's processor time for 1,000 frames, and by how much
    the upstream itself was late at worst."""
    with upstream() as discord, connected(folder / "busy", discord) as started:
        async with calling(started, discord) as caller:
            await asyncio.gather(*(caller.add(number) for number in range(ACCOUNTS)))
            reading = [asyncio.create_task(caller.read(n)) for n in range(ACCOUNTS * EACH)]
            await caller.until("jobs", len(reading))
            before, count = spent(started.pid), RATE * SECONDS
            sent, late = await caller.progress(RATE, count)
            async with asyncio.timeout(30):
                await caller.has_heard(sent.keys())
            cost = (spent(started.pid) - before) / count * 1000
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
            return [caller.heard[key] - at for key, at in sent.items()], cost, late


class Idle(msgspec.Struct):
    """What accounts cost that do nothing. `bytes_each` of memory; `share` of a core, all together;
    seconds until they were `added`, and until all were `back` after a restart."""

    bytes_each: float
    share: float
    added: float
    back: float


async def idle(folder: Path) -> Idle:
    data = folder / "idle"
    with upstream() as discord:
        # A first start makes the database, which takes memory that later ones don't need.
        with connected(data, discord) as started:
            async with calling(started, discord) as caller:
                await caller.add(0)
        with connected(data, discord) as started:
            async with calling(started, discord) as caller:
                await caller.until("sockets", 1)
                bytes_each, share, added = await _added(caller, started)
        began = time.perf_counter()
        with connected(data, discord) as started:
            async with calling(started, discord) as caller:
                await caller.until("sockets", MANY)
                return Idle(bytes_each, share, added, time.perf_counter() - began)


async def _added(caller: Caller, started: Started) -> tuple[float, float, float]:
    """All accounts but one are added, each with a session of its own; then nothing happens."""
    await asyncio.sleep(2)
    bare, began = started.resident, time.perf_counter()
    await asyncio.gather(*(caller.add(number) for number in range(1, MANY)))
    added = time.perf_counter() - began
    await asyncio.sleep(2)
    before = spent(started.pid)
    await asyncio.sleep(IDLE_SECONDS)
    share = (spent(started.pid) - before) / IDLE_SECONDS
    return (started.resident - bare) / (MANY - 1), share, added


async def measured() -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        seconds, cost, late = await delays(Path(folder))
        quiet = await idle(Path(folder))
    cuts = statistics.quantiles(seconds, n=100)
    shown = f"p50 {1000 * cuts[49]:.1f} ms, p99 {1000 * cuts[98]:.1f} ms"
    return [
        (
            f"Discord, frame to event at {RATE}/s",
            f"{shown} (pace off by {1000 * late:.0f} ms)",
            "p50 ≤ 3 ms, p99 ≤ 20 ms",
        ),
        ("Discord, 1,000 progress frames", f"{1000 * cost:.0f} ms of processor time", ""),
        ("Discord, an idle account", f"{quiet.bytes_each / 1e6:.2f} MB", "≤ 1.5 MB"),
        (
            f"Discord, {MANY} accounts",
            f"added in {quiet.added:.1f} s, back {quiet.back:.1f} s after a start",
            "",
        ),
        (f"Discord, {MANY} idle accounts", f"{100 * quiet.share:.1f} % of a core", ""),
    ]


def rows() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, aim)."""
    return asyncio.run(measured())


if __name__ == "__main__":
    for what, figure, aim in rows():
        print(f"{what:34} {figure:46} {aim}", flush=True)
