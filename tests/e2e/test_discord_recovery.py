"""The program killed at every step of every kind of sending over Discord, and started again: what
was sent is never sent again, what the bot took is completed, a form that was surely not filled in
is filled in, and the rest says what it is.

Each kind has an account of its own, so that one crash meets all of them, each at the step that is
due. A sandbox stands in for Discord, and counts; a gatekeeper before it holds the calls.
"""

import asyncio
import base64
import os
import random
import signal
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from heliograph import clock
from heliograph.clock import milliseconds
from heliograph.job import nonce_of
from heliograph.midjourney import interactions
from heliograph.sandbox.people import Person
from heliograph.sandbox.server import Sandbox
from heliograph.sandbox.settings import Settings
from heliograph.studio.painters.base import Fetch, Order, Painting, Report
from heliograph.studio.painters.blank import BlankPainter
from tests.e2e.gatekeeper import Gatekeeper
from tests.e2e.serving import HEADERS, V3, Server
from tests.integration.conftest import running

Job = dict[str, Any]

MOST_JOBS = 12
MINUTE_MS = 61_000
SETTINGS = Settings(
    accounts=8, first_dispatch_seconds=0.02, update_seconds=0.1, calls_per_second=1000
)


def png(size: tuple[int, int], mode: str = "RGB") -> bytes:
    out, image = BytesIO(), Image.new(mode, size)
    image.paste(255 if mode == "L" else (40, 90, 160), (size[0] // 4, size[1] // 4, *size))
    image.save(out, "PNG")
    return out.getvalue()


class Uneven:
    """A painter that is done at once, soon, or only after the server is back."""

    name = "uneven"
    slots = 64

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._painters = [BlankPainter(seconds) for seconds in (0.0, 0.5, 3.0)]
        self.hurried = True

    async def paint(self, order: Order, report: Report, fetch: Fetch) -> Painting:
        painter = self._painters[0] if self.hurried else self._rng.choice(self._painters)
        return await painter.paint(order, report, fetch)

    async def close(self) -> None:
        for painter in self._painters:
            await painter.close()


@dataclass
class Sending:
    """One kind of command with its account: the calls that it takes, and its jobs with the moment
    at which each was cut off."""

    verb: str
    person: Person
    body: dict[str, Any]
    steps: list[str] = field(default_factory=list)
    jobs: dict[str, int | None] = field(default_factory=dict)
    parents: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        return self.person.token

    @property
    def moments(self) -> int:
        return 2 * len(self.steps)

    @property
    def opens(self) -> bool:
        """Whether its press opens a form, which is then filled in."""
        return "prompt" in self.body and self.verb == "button"

    def completes(self, moment: int | None) -> bool:
        """Whether a job that was cut off at that moment ends well: all of the command had arrived,
        or what was left of it is surely not done yet, or may be done twice."""
        if moment is None or moment == self.moments - 1:
            return True
        return (moment == 1 and self.opens) or (moment in (1, 2) and self.verb == "seed")

    def sentence(self, moment: int | None) -> str:
        """What the others say. A form that is always asked for makes nothing before."""
        always = self.body.get("button") in ("Custom Zoom", "Vary (Region)")
        return "nothing was made" if always and moment == 0 else "unknown whether"

    def nonces(self, job: str) -> list[str]:
        """Those of the interactions that were to arrive: the command's, and that of the form which
        it opened."""
        nonce, moment = nonce_of(job), self.jobs[job]
        posts = [n for n, path in enumerate(self.steps) if path.endswith("/interactions")]
        known = zip(posts, (nonce, interactions.nonce(nonce, "form")), strict=False)
        done = self.completes(moment)
        return [nonce for n, nonce in known if done or moment is None or moment > 2 * n]


class User:
    """Whoever uses the server, as it is started again and again."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def call(self, verb: str, body: dict[str, Any], *, picture: bool = False) -> str:
        return await asyncio.to_thread(self._call, verb, body, picture)

    def _call(self, verb: str, body: dict[str, Any], picture: bool) -> str:
        sent: dict[str, Any] = {"json": body | {"stream": False}}
        if picture:
            sent = {"data": body | {"stream": "false"}, "files": {"imageBlob": png((64, 64))}}
        url = f"{self.server.url}{V3}/jobs/{verb}"
        answer = requests.post(url, headers=HEADERS, timeout=30, **sent)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["jobid"])

    async def ended(self, job: str) -> Job:
        return await asyncio.to_thread(lambda: dict([*self.server.read(job)][-1]["job"]))

    async def made(self, verb: str, body: dict[str, Any]) -> Job:
        job = await self.ended(await self.call(verb, body))
        assert job["status"] == "completed", job
        return job

    async def configure(self, token: str) -> None:
        asked = {"discord": token, "maxJobs": MOST_JOBS, "maxImageJobs": MOST_JOBS}
        url = f"{self.server.url}{V3}/accounts"
        answer = await asyncio.to_thread(requests.post, url, json=asked, headers=HEADERS)
        assert answer.status_code == 201, answer.text


async def prepared(user: User, people: list[Person]) -> list[Sending]:
    """All kinds of sending, each with what it is pressed on."""

    async def imagine(person: Person) -> Sending:
        await user.configure(person.token)
        return Sending("imagine", person, {"channel": person.direct.channel, "prompt": "an owl"})

    async def pressed(person: Person, label: str, *, first: str = "", **more: Any) -> Sending:
        plain = await imagine(person)
        parent = await user.made("imagine", plain.body)
        if first == "remix":
            await user.made("remix", {"channel": person.direct.channel})
        elif first:
            parent = await user.made("button", {"jobId": parent["jobid"], "button": first})
        if label == "Vary (Region)":
            shown = parent["response"]["attachments"][0]
            drawn = png((shown["width"], shown["height"]), "L")
            more["mask"] = base64.b64encode(drawn).decode()
        body = {"jobId": parent["jobid"], "button": label} | more
        return Sending("button", person, body)

    async def asked(person: Person, verb: str) -> Sending:
        await imagine(person)
        return Sending(verb, person, {"channel": person.direct.channel})

    return await asyncio.gather(
        imagine(people[0]),
        pressed(people[1], "V2"),
        pressed(people[2], "V3", first="remix", prompt="a red owl"),
        pressed(people[3], "Custom Zoom", first="U1", prompt="an owl --zoom 1.5"),
        pressed(people[4], "Vary (Region)", first="U1", prompt="an owl with a hat"),
        asked(people[5], "describe"),
        asked(people[6], "seed"),
        asked(people[7], "info"),
    )


async def sent(user: User, gate: Gatekeeper, sending: Sending, moment: int | None) -> str:
    """A job of that kind, once it is held at that moment, or has ended."""
    body = dict(sending.body)
    if sending.verb == "seed":
        # It is told once for each picture.
        grid = await user.made("imagine", body | {"prompt": "an owl"})
        sending.parents.append(grid["jobid"])
        body = {"jobId": grid["jobid"]}
    gate.stop(sending.token, moment)
    job = await user.call(sending.verb, body, picture=sending.verb == "describe")
    sending.jobs[job] = moment
    if moment is None:
        ended = await user.ended(job)
        assert ended["status"] == "completed", ended
    else:
        await gate.stopped(sending.token)
    return job


async def restarted(server: Server) -> None:
    server.end(signal.SIGKILL)
    await asyncio.to_thread(server.start)


async def crash(user: User, gate: Gatekeeper, due: list[Sending], moment: int) -> None:
    """Ends the server when each of them is at that moment; what can be finished is."""
    jobs = await asyncio.gather(*(sent(user, gate, sending, moment) for sending in due))
    await restarted(user.server)
    gate.open()
    for sending, job in zip(due, jobs, strict=True):
        if sending.completes(moment):
            ended = await user.ended(job)
            assert ended["status"] == "completed", (sending.verb, sending.body, ended)


def settings_of(sandbox: Sandbox, gate: Gatekeeper) -> dict[str, str]:
    return {
        "discord.enabled": "true",
        "discord.api": f"{gate.url}/api",
        "discord.gateway": sandbox.gateway,
        "discord.activities": f"{gate.url}/activities",
        "midjourney.cdn": f"{sandbox.url}/cdn",
    }


def server_of(data: Path, settings: dict[str, str]) -> Server:
    environ = {
        f"HELIOGRAPH_{name.upper().replace('.', '__')}": value for name, value in settings.items()
    }
    return Server(data, 0, **environ)


async def test_nothing_is_sent_twice_however_the_sending_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    print("SEED", seed)
    painter = Uneven(random.Random(seed))
    async with (
        asyncio.timeout(150),
        Sandbox(painter, tmp_path / "sandbox", SETTINGS) as sandbox,
        Gatekeeper(sandbox) as gate,
    ):
        settings = settings_of(sandbox, gate)
        server = server_of(tmp_path / "data", settings)
        await asyncio.to_thread(server.start)
        try:
            kinds = await crashes(User(server), gate, sandbox, painter)
        finally:
            server.end(signal.SIGKILL)
        each_was_received_once(sandbox, kinds)
        painter.hurried = True
        await the_rest_fails(tmp_path / "data", sandbox, settings, kinds, monkeypatch)


async def crashes(user: User, gate: Gatekeeper, sandbox: Sandbox, painter: Uneven) -> list[Sending]:
    """One crash for each moment that any kind of sending has."""
    kinds = await prepared(user, sandbox.accounts)
    [gate.nameless] = [one.token for one in kinds if one.body.get("button") == "Vary (Region)"]
    await restarted(user.server)
    sandbox.world.journal.clear()
    await asyncio.gather(*(sent(user, gate, sending, None) for sending in kinds))
    for sending in kinds:
        sending.steps = gate.steps(sending.token)
    assert [len(sending.steps) for sending in kinds] == [2, 1, 2, 2, 2, 4, 2, 2]
    await restarted(user.server)
    painter.hurried = False
    for moment in range(max(sending.moments for sending in kinds)):
        await crash(user, gate, [one for one in kinds if moment < one.moments], moment)
    return kinds


def each_was_received_once(sandbox: Sandbox, kinds: list[Sending]) -> None:
    """Discord was sent what had left before the crashes, forms that were surely not filled in, and
    nothing twice or anew."""
    arrived = [nonce for one in kinds for job in one.jobs for nonce in one.nonces(job)]
    arrived += [nonce_of(job) for one in kinds for job in one.parents]
    assert sandbox.log()["received"] == dict.fromkeys(arrived, 1)
    assert sandbox.log()["accepted"] == dict.fromkeys(arrived, 1)


async def the_rest_fails(
    data: Path,
    sandbox: Sandbox,
    settings: dict[str, str],
    kinds: list[Sending],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What can't be known is said to be so once a minute has passed, and every slot is free."""
    passed = 0
    monkeypatch.setattr(clock, "milliseconds", lambda: milliseconds() + passed)
    async with running(data, **settings) as server:
        owners = {sending.person.direct.channel: sending for sending in kinds}

        async def one_more(channel: str) -> dict[str, Any]:
            made = await server.submit("an owl", channel=channel)
            owners[channel].parents.append(made["jobid"])
            return await server.ended(made["jobid"])

        # A channel that answers has read its history; the next job lets it look at the clock.
        await asyncio.gather(*(one_more(channel) for channel in owners))
        passed = MINUTE_MS
        await asyncio.gather(*(one_more(channel) for channel in owners))
        for sending in kinds:
            for job, moment in sending.jobs.items():
                ended = await server.ended(job)
                known = sending.completes(moment)
                assert ended["status"] == ("completed" if known else "failed"), (job, ended)
                assert known or sending.sentence(moment) in ended["error"]
        each_was_received_once(sandbox, kinds)
        for channel in owners:
            for _ in range(MOST_JOBS):
                await server.submit("the slots are free", channel=channel)


def until(server: Server, job: str, count: int) -> list[dict[str, Any]]:
    return list(islice(server.read(job), count))


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
async def test_the_same_job_goes_on_after_a_restart(tmp_path: Path, ending: signal.Signals) -> None:
    async with (
        Sandbox(BlankPainter(3.0), tmp_path / "sandbox", SETTINGS) as sandbox,
        Gatekeeper(sandbox) as gate,
    ):
        server = server_of(tmp_path / "data", settings_of(sandbox, gate))
        await asyncio.to_thread(server.start)
        try:
            user, person = User(server), sandbox.accounts[0]
            await user.configure(person.token)
            body = {"prompt": "an owl", "channel": person.direct.channel}
            job = await user.call("imagine", body)
            before = await asyncio.to_thread(until, server, job, 6)
            await asyncio.to_thread(server.end, ending)
            await asyncio.to_thread(server.start)
            last = before[-1]["seq"]
            after = await asyncio.to_thread(lambda: list(server.read(job, after=last)))
        finally:
            server.end(signal.SIGKILL)
        told = before + after
        assert [event["seq"] for event in told] == list(range(len(told)))
        names = [event["event"].removeprefix("midjourney_") for event in told]
        percents = [
            event["job"]["response"]["progress_percent"]
            for event in told[1:]
            if "response" in event["job"]
        ]
        progress = names.count("progress")
        assert names == ["initialized", "created", "started", *["progress"] * progress, "completed"]
        assert percents == sorted(percents)
        assert sandbox.log()["received"] == {nonce_of(job): 1}
