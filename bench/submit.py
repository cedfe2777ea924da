"""How fast `POST /jobs/imagine` with `stream: false` answers 201, beside a bare app.

Both run as processes of their own on this machine, in turns; what counts is the ratio. Every
round is a burst of 64 callers into free slots (eight channels whose limits are raised beyond what
the API allows, so that a burst fits); between rounds the jobs, painted blank, are let finish. The
server's rate includes all that its jobs do meanwhile.
"""

import asyncio
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import msgspec

from bench.load import Measured, median, post, run
from bench.processes import TOKEN, process, server
from heliograph.channel import Channel
from heliograph.clock import milliseconds
from heliograph.home import Home
from heliograph.service.people import token_hash
from heliograph.store.sqlite import SqliteStore
from heliograph.studio.ids import account_ids

CALLERS, EACH, ROUNDS = 64, 12, 7
CHANNELS = 8
BODY = msgspec.json.encode({"prompt": "a cat in a hat --ar 16:9", "stream": False})


async def prepare(data: Path) -> None:
    """A data folder with one user and many channels of our own bot."""
    home = Home(data)
    home.create()
    store = SqliteStore.open(home.database)
    await store.add_token(1, "bench", token_hash(TOKEN), "ken", milliseconds())
    for number in range(CHANNELS):
        token = f"studio-{number}"
        channel = Channel(
            id=account_ids(token)[1],
            user=1,
            token=token,
            max_jobs=CALLERS * EACH // CHANNELS,
            max_image_jobs=CALLERS * EACH // CHANNELS,
        )
        await store.add_channel(channel, milliseconds())
    await store.close()


def running(url: str) -> int:
    request = urllib.request.Request(f"{url}/jobs", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = msgspec.json.decode(answer.read())
    return int(found["total"])


def drain(url: str) -> None:
    """Waits until no job is running."""
    while running(url):
        time.sleep(0.2)


async def measure(folder: Path) -> dict[str, list[Measured]]:
    await prepare(folder / "data")
    results: dict[str, list[Measured]] = {"bare": [], "heliograph": [], "one": [], "bare one": []}
    bare = str(Path(__file__).with_name("bare.py"))
    with (
        process([bare, str(folder)]) as yardstick,
        server(folder / "data", studio__painter="blank") as started,
    ):
        api = f"{started.url}/v3/midjourney"
        ours = post(f"{api}/jobs/imagine", TOKEN, BODY)
        theirs = post(yardstick.url, TOKEN, BODY)
        for _ in range(ROUNDS):
            burst: dict[str, Any] = {"callers": CALLERS, "each": EACH, "status": 201}
            alone: dict[str, Any] = {"callers": 1, "each": 100, "status": 201}
            results["bare"].append(await run(yardstick.url, theirs, **burst))
            results["heliograph"].append(await run(api, ours, **burst))
            await asyncio.to_thread(drain, api)
            results["bare one"].append(await run(yardstick.url, theirs, **alone))
            results["one"].append(await run(api, ours, **alone))
            await asyncio.to_thread(drain, api)
    return results


def rows() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, aim)."""
    with tempfile.TemporaryDirectory() as folder:
        results = asyncio.run(measure(Path(folder)))
    bursts = zip(results["heliograph"], results["bare"], strict=True)
    ratio = median([ours.rate / bare.rate for ours, bare in bursts])
    one = median([measured.percentile(0.5) for measured in results["one"]])
    bare_one = median([measured.percentile(0.5) for measured in results["bare one"]])
    ours = median([measured.rate for measured in results["heliograph"]])
    bare = median([measured.rate for measured in results["bare"]])
    p99 = median([measured.percentile(0.99) for measured in results["heliograph"]])
    return [
        ("POST, one caller, median", f"{one * 1000:.2f} ms (bare {bare_one * 1000:.2f})", "≤ 3 ms"),
        ("POST, 64 callers", f"{ours:.0f}/s, p99 {p99 * 1000:.0f} ms (bare {bare:.0f}/s)", ""),
        ("POST, 64 callers, against bare", f"{ratio:.2f}", "≥ 0.6"),
    ]
