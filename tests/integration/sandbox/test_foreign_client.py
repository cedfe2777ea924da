"""A clean room check: a Discord library that knows nothing of us logs in, and feels at home.

discord.py, for it needs nothing beyond the aiohttp that is here anyway, lets both addresses be set,
and does all of it on its own: zlib-stream, heartbeats, resume, and reading every object whole.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from heliograph.sandbox.server import Sandbox
from tests.integration.sandbox.visiting import Json, Town, Visitor

PROGRAM = Path(__file__).with_name("foreign_client.py")


class Foreign:
    """The program, and what it has told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._told: list[Json] = []

    async def tells(self, event: str, **like: Any) -> Json:
        """The first thing of that kind that it tells, and has not been asked for before."""
        wanted = {"event": event} | like
        async with asyncio.timeout(30):
            while True:
                for told in self._told:
                    if wanted.items() <= told.items():
                        self._told.remove(told)
                        return told
                self._told.append(await self._next())

    async def _next(self) -> Json:
        output = self._process.stdout
        assert output is not None
        line = await output.readline()
        assert line, f"it has ended; it told {self._told}"
        told: Json = json.loads(line)
        return told


@pytest.fixture
async def sandbox(town: Town) -> Sandbox:
    return await town.sandbox(heartbeat_seconds=0.2)


@pytest.fixture
async def foreign(sandbox: Sandbox) -> AsyncIterator[Foreign]:
    arguments = [sys.executable, "-W", "ignore", str(PROGRAM), sandbox.url]
    token = sandbox.accounts[0].token
    process = await asyncio.create_subprocess_exec(
        *arguments, token, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Foreign(process)
    finally:
        process.kill()
        await process.wait()


async def test_discord_py_is_at_home(foreign: Foreign, sandbox: Sandbox, visitor: Visitor) -> None:
    person = visitor.person
    ready = await foreign.tells("ready")
    assert ready["user"] == "tester_1"
    assert ready["guilds"] == {person.guild: [person.inside.channel]}
    for _ in range(3):
        await foreign.tells("acknowledged")
    assert sandbox.log()["gateway"]["heartbeat"] >= 3

    await visitor.send(visitor.imagine(guild=True))
    ack = await foreign.tells("message")
    done = await foreign.tells("message")
    assert "(Waiting to start)" in ack["content"]
    assert done["author"] == "Midjourney Bot#9282"
    assert done["reference"] == ack["id"]
    assert done["guild"] == person.guild
    assert done["buttons"][:4] == ["U1", "U2", "U3", "U4"]
    assert [size > 1000 for _, size in done["files"]] == [True]
    await foreign.tells("deleted", id=ack["id"])

    # Twice: with a close code, and as a cut cable in the midst of a job.
    sandbox.trouble({"close": 4000})
    await foreign.tells("resumed")
    sandbox.trouble({"drop": 1})
    await visitor.send(visitor.imagine("over a cut cable", guild=True))
    again = await foreign.tells("message")
    assert "over a cut cable" in again["content"]
    final = await foreign.tells("message", reference=again["id"])
    assert len(final["files"]) == 1
    assert sandbox.log()["gateway"]["resumed"] == 2
    assert sandbox.log()["gateway"]["identify"] == 1

    # A session that can't be resumed is begun anew.
    sandbox.trouble([{"invalid_session": 1}, {"reconnect": 1}])
    await foreign.tells("ready")
    path = f"channels/{person.inside.channel}/messages"
    _, asked = await visitor.call("POST", path, json={"content": "say hello"})
    said = await foreign.tells("said")
    assert said["history"] == [said["id"], asked["id"]]
    _, [hello, _] = await visitor.call("GET", f"{path}?limit=2")
    assert hello["content"] == "hello"
    assert hello["attachments"][0]["size"] == 5
