"""The states in which the v3 pages' statuses are met, on real servers.

`Calls` makes the things that requests name: `{parent}` is a finished job, and so on. Each maker
has the name that stands in the braces.
"""

import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image

from heliograph import wiring
from tests.contract_table import V3, Asked
from tests.integration.conftest import TOKEN, Running, events, running

DAY_MS = 86_400_000
USERS = {"user": 1, "unpaid": 2, "bare": 3, "locked": 4, "several": 5, "aged": 6, "keeper": 7}


BLUE = (40, 90, 160)


def picture(
    size: tuple[int, int] = (64, 64), format: str = "PNG", tint: tuple[int, int, int] = BLUE
) -> bytes:
    """An encoded picture of one colour."""
    out = BytesIO()
    Image.new("RGB", size, tint).save(out, format)
    return out.getvalue()


def square_mask(size: tuple[int, int]) -> bytes:
    """A mask of that size as a PNG: black, with a white square."""
    mask, out = Image.new("L", size), BytesIO()
    mask.paste(255, (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
    mask.save(out, "PNG")
    return out.getvalue()


class Calls:
    """What one user may say to a server."""

    def __init__(self, server: Running, token: str | None, cdn: str = "") -> None:
        self.server = server
        self.headers = {"Authorization": f"Bearer {token}"} if token else {"Authorization": ""}
        self.cdn_url = cdn
        self.kept: dict[str, str] = {}

    async def ask(self, asked: Asked) -> httpx2.Response:
        request = await self.request(asked)
        if asked.repeated:
            await self.send(request)
        return await self.send(request)

    async def send(self, request: dict[str, Any]) -> httpx2.Response:
        return await self.server.client.request(**request)

    async def streamed(self, asked: Asked) -> list[dict[str, Any]]:
        """The events of the stream that answers."""
        async with self.server.client.stream(**await self.request(asked)) as answer:
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            return [event async for event in events(answer)]

    async def request(self, asked: Asked) -> dict[str, Any]:
        """The request with its names filled in."""
        body = {name: await self.filled(value) for name, value in (asked.body or {}).items()}
        request: dict[str, Any] = {"method": asked.method, "url": await self.filled(asked.path)}
        if asked.uploads:
            values = {
                name: (None, value if isinstance(value, str) else json.dumps(value))
                for name, value in body.items()
            }
            files = {name: (f"{name}.png", picture(), "image/png") for name in asked.uploads}
            request["files"] = values | files
        elif asked.body is not None:
            request["json"] = body
        return request | {"headers": self.headers}

    async def filled(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for name in re.findall(r"\{(\w+)\}", value):
            value = value.replace(f"{{{name}}}", self.kept.get(name) or await getattr(self, name)())
        return value

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.server.client.post(f"{V3}/{path}", json=body, headers=self.headers)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    async def ended(self, id: str) -> dict[str, Any]:
        """The job, once its stream has ended."""
        headers = self.headers | {"Accept": "text/event-stream"}
        await self.server.client.get(f"{V3}/jobs/{id}", headers=headers)
        answer = await self.server.client.get(f"{V3}/jobs/{id}", headers=self.headers)
        found: dict[str, Any] = answer.json()
        return found

    async def made(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """A job of that verb, ended."""
        job = await self.post(f"jobs/{verb}", body | {"stream": False})
        return await self.ended(job["jobid"])

    async def parent(self) -> str:
        job = await self.made("imagine", {"prompt": "a cat in a hat"})
        assert job["status"] == "completed", job
        return str(job["jobid"])

    async def running(self) -> str:
        """One of as many running jobs as the channel takes."""
        body = {"prompt": "a slow cat", "stream": False}
        while (await self.post_quietly("jobs/imagine", body)) == 201:
            pass
        answer = await self.server.client.get(f"{V3}/jobs", headers=self.headers)
        (channel,) = answer.json()["channels"].values()
        return str(channel["jobs"][0]["jobId"])

    async def post_quietly(self, path: str, body: dict[str, Any]) -> int:
        answer = await self.server.client.post(f"{V3}/{path}", json=body, headers=self.headers)
        return answer.status_code

    async def channel(self) -> str:
        answer = await self.server.client.get(f"{V3}/accounts", headers=self.headers)
        return str(next(iter(answer.json())))

    async def cdn(self) -> str:
        return self.cdn_url

    async def fresh_token(self) -> str:
        return self.server.wire.token()

    async def fresh_channel(self) -> str:
        made = await self.post("accounts", {"discord": await self.fresh_token()})
        return str(made["channel"])

    async def lock(self, channel: str) -> str:
        """Puts a channel in error, as its users would meet it; returns the job that met it."""
        await self.server.wire.bar(self.post, channel)
        job = await self.made("imagine", {"prompt": "a cat", "channel": channel})
        assert job["code"] == 596, job
        return str(job["jobid"])


@asynccontextmanager
async def states(folder: Path, cdn: str, wire: str = "studio") -> AsyncIterator[dict[str, Calls]]:
    """All states but the busy one, each of a user of its own, on one server."""
    async with running(folder, wire, **{"midjourney.cdn": cdn}) as server:
        async with wiring.offline(server.settings) as offline:
            tokens = {
                name: await offline.people.create_token(id, "tests")
                for name, id in USERS.items()
                if name != "user"
            }
            await offline.people.subscribe(USERS["unpaid"], 1)
        found = {name: Calls(server, token, cdn) for name, token in tokens.items()}
        found |= {"user": Calls(server, TOKEN, cdn), "stranger": Calls(server, "no-such-token")}
        for name in ("stranger", "unpaid"):
            # They get no further than the door, whatever they name.
            found[name].kept = dict.fromkeys(("parent", "channel", "fresh_channel"), "1")
        await _prepared(found)
        yield found


async def _prepared(found: dict[str, Calls]) -> None:
    user, locked, several, aged = (found[name] for name in ("user", "locked", "several", "aged"))
    hook = {"replyUrl": "http://127.0.0.1:9/hook"}
    first = {"discord": user.server.wire.first}
    user.kept = {"channel": (await user.post("accounts", first | hook))["channel"]}
    alone = await locked.fresh_channel()
    locked.kept = {"parent": await locked.parent()}
    locked.kept["stopped"] = await locked.lock(alone)
    await several.post("accounts", {"discord": await several.fresh_token()} | hook)
    await several.lock(await several.fresh_channel())
    await aged.fresh_channel()
    aged.kept = {"parent": await aged.parent()}
    age(aged.server, aged.kept["parent"], days=63)


def age(server: Running, job: str, *, days: float) -> None:
    """Makes a job so much older, in the database of a running server."""
    with closing(sqlite3.connect(server.home.database, timeout=10)) as database:
        changed = database.execute(
            "UPDATE jobs SET created = created - ? WHERE id = ?", (int(days * DAY_MS), job)
        )
        assert changed.rowcount == 1
        database.commit()


@asynccontextmanager
async def busy(folder: Path, wire: str = "studio") -> AsyncIterator[Calls]:
    """A user all of whose slots are taken, by jobs that take a minute; `{parent}` is done."""
    async with running(folder, wire) as server:
        parent = await Calls(server, TOKEN).parent()
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(
            running(folder, wire, **{"studio.blank_seconds": 60})
        )
        calls = Calls(slow, TOKEN)
        calls.kept = {"parent": parent}
        yield calls
