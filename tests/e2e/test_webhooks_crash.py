"""Webhooks while receivers misbehave and the server is killed: every event arrives, in order."""

import asyncio
import os
import random
import signal
from pathlib import Path

import msgspec
from aiohttp import web

from tests.e2e.serving import Server, started
from tests.receivers import (
    Call,
    Handler,
    Receiver,
    fine,
    hang,
    moody,
    receiving,
    reset,
    slow,
    status,
)

KILLS = 10
# More tries than ten crashes and bad luck can use up, each soon after the one before.
SCHEDULE = msgspec.json.encode([0.05] * 40 + [0.3] * 60).decode()
LIFE = ["created", "started", "completed"]


class Loads:
    """The jobs that were submitted, each with the receiver that is to hear of it."""

    def __init__(self, server: Server, receivers: list[Receiver], rng: random.Random) -> None:
        self.jobs: list[tuple[str, Receiver]] = []
        self._server = server
        self._receivers = receivers
        self._rng = rng

    async def submit(self) -> None:
        """As many jobs as there is room for."""
        room = 3 - await asyncio.to_thread(self._server.running)
        for _ in range(room):
            receiver = self._receivers[len(self.jobs) % len(self._receivers)]
            prompt = f"cat number {len(self.jobs)}"
            job = await asyncio.to_thread(self._server.post, prompt, replyUrl=receiver.url)
            self.jobs.append((job, receiver))

    async def crash(self) -> None:
        """Kills the server at some moment of the deliveries, and starts it again."""
        await asyncio.sleep(self._rng.uniform(0.05, 0.9))
        await asyncio.to_thread(self._server.end, signal.SIGKILL)
        await asyncio.to_thread(self._server.start)


def lifecycle(calls: list[Call], job: str) -> list[str]:
    """The states that were told of a job, progress left out, as they came."""
    shown = [call.job["status"] for call in calls if call.job["jobid"] == job]
    return [state for state in shown if state != "progress"]


def check(calls: list[Call], job: str) -> None:
    """Nothing is lost, and nothing comes after what followed it."""
    assert list(dict.fromkeys(lifecycle(calls, job))) == LIFE
    seqs = [call.seq for call in calls if call.job["jobid"] == job]
    assert seqs == sorted(seqs)


async def away_and_back(receiver: Receiver, rng: random.Random) -> None:
    """A receiver that goes away and comes back, again and again."""
    while True:
        await asyncio.sleep(rng.uniform(0.2, 0.8))
        await receiver.stop()
        await asyncio.sleep(rng.uniform(0.1, 0.5))
        await receiver.start()


def hanging_once() -> Handler:
    """Leaves its second call without an answer."""
    calls = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal calls
        calls += 1
        return await (hang if calls == 2 else fine)(request)

    return answer


async def test_everything_arrives_in_order_through_ten_crashes(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    print("SEED", seed)
    rng = random.Random(seed)
    redirect = status(302, Location="http://127.0.0.1:9/elsewhere")
    moods = [status(500), reset, redirect, slow(0.3), status(429, **{"Retry-After": "0"})]
    settings = {"HELIOGRAPH_WEBHOOKS__SCHEDULE": SCHEDULE}
    with started(tmp_path / "data", 0.2, **settings) as server:
        async with (
            receiving(moody(rng, moods)) as bad,
            receiving(fine) as absent,
            receiving(status(410)) as retired,
            receiving(hanging_once()) as hanging,
        ):
            loads = Loads(server, [bad, absent, retired, hanging], rng)
            leaving = asyncio.create_task(away_and_back(absent, rng))
            for _ in range(KILLS):
                await loads.submit()
                await loads.crash()
            async with asyncio.timeout(60):
                for job, receiver in loads.jobs:

                    def told(calls: list[Call], job: str = job) -> bool:
                        return "completed" in lifecycle(calls, job)

                    await receiver.until(told)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            for job, receiver in loads.jobs:
                check(receiver.calls, job)
            assert len(loads.jobs) >= 4
            assert "/elsewhere" not in {call.path for call in bad.calls}
