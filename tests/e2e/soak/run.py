"""One soak: a sandbox and a server as processes of their own, callers, and trouble for them."""

import asyncio
import base64
import io
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

from heliograph.midjourney import interactions
from tests.e2e.serving import HEADERS, V3, Server, started
from tests.e2e.soak import rules
from tests.e2e.soak.plan import (
    CALLERS,
    HEARTBEAT_SECONDS,
    ON_SINGLE,
    REGION,
    Ask,
    Json,
    Plan,
    remixes,
)
from tests.e2e.soak.rules import Heard

# A blank picture's time: some percents and a preview come meanwhile.
PICTURE_SECONDS = 1.0
# The server's own limit for a job is 14 minutes.
PATIENCE = aiohttp.ClientTimeout(total=None, sock_read=180)


@dataclass
class Soaked:
    """What came of it. `broken` is what breaks a rule: nothing, if all is well."""

    heard: list[Heard]
    broken: list[str]
    log: Json
    seconds: float


@contextmanager
def sandbox(accounts: int, seed: int) -> Iterator[str]:
    """The URL of a sandbox with the blank painter."""
    arguments = ["--port", "0", "--painter", "blank", "--seconds", str(PICTURE_SECONDS)]
    arguments += ["--accounts", str(accounts), "--seed", str(seed)]
    arguments += ["--heartbeat", str(HEARTBEAT_SECONDS)]
    process = subprocess.Popen(
        [sys.executable, "-m", "heliograph", "sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.send_signal(signal.SIGTERM)
        # It removes thousands of pictures.
        process.communicate(timeout=180)


def discord(url: str) -> dict[str, str]:
    """The settings with which a server's Discord is the sandbox."""
    return {
        "HELIOGRAPH_DISCORD__ENABLED": "true",
        "HELIOGRAPH_DISCORD__API": f"{url}/api",
        "HELIOGRAPH_DISCORD__GATEWAY": url.replace("http", "ws", 1),
        "HELIOGRAPH_DISCORD__ACTIVITIES": f"{url}/activities",
        "HELIOGRAPH_MIDJOURNEY__CDN": f"{url}/cdn",
    }


def soak(plan: Plan, folder: Path, seed: int) -> Soaked:
    """Runs the plan, and holds what happened against every rule."""
    data = folder / "data"
    with sandbox(len(plan.walks), seed) as url, started(data, 0, **discord(url)) as server:
        soaked = asyncio.run(_soaked(plan, url, server))
        # What it keeps is read when nobody writes any more.
        server.end(signal.SIGTERM)
    soaked.broken += rules.sent_once(soaked.heard, data, soaked.log)
    soaked.broken += rules.nothing_held(data)
    return soaked


async def _soaked(plan: Plan, url: str, server: Server) -> Soaked:
    # A connection that the server is just closing would be taken for a server that is down.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as http:
        run = _Run(plan, http, url, f"{server.url}{V3}")
        return await run.through()


class _Run:
    """The callers of all accounts, and the trouble that is made for them."""

    def __init__(self, plan: Plan, http: aiohttp.ClientSession, url: str, api: str) -> None:
        self._plan = plan
        self._http = http
        self._sandbox = url
        self._api = api
        self._heard: list[Heard] = []
        self._ended = 0
        self._moved = asyncio.Condition()
        self._people: list[Json] = []

    async def through(self) -> Soaked:
        self._people = await self._get(f"{self._sandbox}/__accounts")
        await asyncio.gather(*(self._configure(person) for person in self._people))
        await self._switch_remix_on()
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            troubled = group.create_task(self._trouble())
            for account, walks in enumerate(self._plan.walks):
                left = iter(walks)
                for _ in range(CALLERS):
                    group.create_task(self._call(account, left))
        assert troubled.done()
        seconds = asyncio.get_running_loop().time() - began
        broken = [f"{n} jobs still run" for n in [await self._running()] if n]
        waiting = (await self._get(f"{self._sandbox}/__faults"))["waiting"]
        log = await self._get(f"{self._sandbox}/__log")
        users = [person["user"] for person in self._people]
        broken += rules.events_in_order(self._heard)
        broken += rules.results_at_home(self._heard)
        broken += rules.explained(self._heard, self._plan, waiting, users)
        return Soaked(self._heard, broken, log, seconds)

    async def _configure(self, person: Json) -> None:
        limits = dict.fromkeys(("maxJobs", "maxImageJobs", "maxVideoJobs"), CALLERS)
        body = {"discord": person["token"]} | limits
        async with self._http.post(f"{self._api}/accounts", json=body, headers=HEADERS) as answer:
            assert answer.status == 201, await answer.text()

    async def _switch_remix_on(self) -> None:
        """By hand, as somebody does it in Discord; what is counted begins behind it."""
        for number, person in enumerate(self._people):
            if remixes(number):
                payload = interactions.prefer(person["channel"], "remix", f"1{number:018}")
                url = f"{self._sandbox}/api/v9/interactions"
                headers = {"Authorization": person["token"]}
                async with self._http.post(url, json=payload, headers=headers) as answer:
                    assert answer.status == 204, await answer.text()
        async with self._http.delete(f"{self._sandbox}/__log") as answer:
            assert answer.status == 204

    async def _call(self, account: int, walks: Iterator[list[Ask]]) -> None:
        """One caller: walk after walk."""
        for walk in walks:
            first: Heard | None = None
            single: Heard | None = None
            for ask in walk:
                parent = single if ask.label in ON_SINGLE else first
                if ask.kind in ("button", "seed") and not (parent and parent.completed):
                    # There is no picture to press on: another one is asked for.
                    ask = Ask("imagine", ask.number)
                heard = await self._job(account, ask, first, parent)
                if ask.kind == "imagine":
                    first, single = heard, None
                elif ask.label.startswith("U"):
                    single = heard
                await self._end()

    async def _job(
        self, account: int, ask: Ask, first: Heard | None, parent: Heard | None
    ) -> Heard:
        made = first.ask if first and ask.kind in ("button", "seed") else None
        heard = Heard(ask, made, account)
        self._heard.append(heard)
        while not heard.events:
            async for event in self._events(account, ask, parent):
                heard.events.append(event)
                if len(heard.events) == ask.cancelled:
                    heard.cancelled = await self._cancel(heard)
        return heard

    async def _cancel(self, heard: Heard) -> bool:
        """Whether it was not too late."""
        url = f"{self._api}/jobs/{heard.id}"
        async with self._http.delete(url, headers=HEADERS) as answer:
            assert answer.status in (204, 409), await answer.text()
            return answer.status == 204

    async def _events(self, account: int, ask: Ask, parent: Heard | None) -> AsyncIterator[Json]:
        """The job's stream. Nothing when the channel was locked: then it is open again."""
        channel = self._people[account]["channel"]
        body = _body(ask, channel, parent)
        url = f"{self._api}/jobs/{ask.kind}"
        async with self._http.post(url, headers=HEADERS, **body) as answer:
            if answer.status != 200:
                # Any other refusal, of a channel without room for instance, is a leak.
                assert answer.status == 596, f"{ask}: {answer.status} {await answer.text()}"
                await self._reset(channel)
                return
            async for line in answer.content:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

    async def _reset(self, channel: str) -> None:
        """Somebody looks after the channel: the account works again, and is used again."""
        user = next(one["user"] for one in self._people if one["channel"] == channel)
        await self._fault({"enable": {"user": user}})
        url = f"{self._api}/accounts/reset/{channel}"
        async with self._http.post(url, headers=HEADERS) as answer:
            assert answer.status < 300, await answer.text()

    async def _end(self) -> None:
        async with self._moved:
            self._ended += 1
            self._moved.notify_all()

    async def _trouble(self) -> None:
        for trouble in self._plan.trouble:
            async with self._moved:
                while self._ended < trouble.after:
                    await self._moved.wait()
            user = self._people[trouble.account]["user"]
            for fault in trouble.posted(user):
                await self._fault(fault)

    async def _fault(self, fault: Json) -> None:
        async with self._http.post(f"{self._sandbox}/__faults", json=fault) as answer:
            assert answer.status == 200, await answer.text()

    async def _get(self, url: str) -> Any:
        async with self._http.get(url, headers=HEADERS) as answer:
            return await answer.json()

    async def _running(self) -> int:
        return int((await self._get(f"{self._api}/jobs"))["total"])


def _body(ask: Ask, channel: str, parent: Heard | None) -> Json:
    match ask.kind:
        case "imagine":
            return {"json": {"channel": channel, "prompt": rules.words(ask.number)}}
        case "button":
            assert parent is not None
            return {"json": {"jobId": parent.id, "button": ask.label} | _filled(ask, parent)}
        case "seed":
            assert parent is not None
            return {"json": {"jobId": parent.id}}
        case "describe":
            form = aiohttp.FormData({"channel": channel})
            form.add_field("imageBlob", _picture(), filename=rules.file_name(ask.number))
            return {"data": form}
        case _:
            return {"json": {"channel": channel}}


def _filled(ask: Ask, parent: Heard) -> Json:
    """What the form, or the frame, is filled in with."""
    if ask.label == REGION:
        shown = parent.job["response"]["attachments"][0]
        return {"mask": base64.b64encode(_mask((shown["width"], shown["height"]))).decode()}
    zoom = " --zoom 1.5" if ask.label in ON_SINGLE else ""
    return {"prompt": rules.words(ask.number) + zoom} if ask.form else {}


def _mask(size: tuple[int, int]) -> bytes:
    """The right half is to be painted anew."""
    file, drawn = io.BytesIO(), Image.new("L", size)
    drawn.paste(255, (size[0] // 2, 0, *size))
    drawn.save(file, "PNG")
    return file.getvalue()


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (20, 90, 160)).save(file, "PNG")
    return file.getvalue()
