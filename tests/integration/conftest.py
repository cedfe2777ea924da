"""A real server on a free port, in the test's own event loop."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from heliograph import wiring
from heliograph.home import Home
from heliograph.settings import Settings, load
from tests.integration.wires import Wire, opened
from tests.integration.wires import wire as wire

V3 = "/v3/midjourney"
TOKEN = "a-token-for-tests"


@dataclass
class Running:
    """A server under test and a client that speaks for user 1."""

    url: str
    settings: Settings
    client: httpx2.AsyncClient
    stop: asyncio.Event
    wire: Wire
    home: Home = field(init=False)

    def __post_init__(self) -> None:
        self.home = Home(self.settings.data)

    async def submit(self, prompt: str = "a cat", **fields: Any) -> dict[str, Any]:
        """A job made with `stream: false`."""
        body = {"prompt": prompt, "stream": False} | fields
        answer = await self.client.post(f"{V3}/jobs/imagine", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def job(self, id: str) -> dict[str, Any]:
        answer = await self.client.get(f"{V3}/jobs/{id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def ended(self, id: str) -> dict[str, Any]:
        """The job once it has ended: waits for its stream to end."""
        await self.follow(id)
        return await self.job(id)

    async def follow(self, id: str, after: int | None = None) -> list[dict[str, Any]]:
        """Every event of a job's stream up to its end."""
        headers = {"Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        async with self.client.stream("GET", f"{V3}/jobs/{id}", headers=headers) as answer:
            return [event async for event in events(answer)]


async def events(answer: httpx2.Response) -> AsyncIterator[dict[str, Any]]:
    """The events of an open stream, read the way existing clients read it."""
    async for line in answer.aiter_lines():
        if line.startswith("data:"):
            yield json.loads(line.removeprefix("data:"))


@asynccontextmanager
async def running(data: Path, wire: str = "studio", /, **flags: Any) -> AsyncIterator[Running]:
    """Serves `data` with the blank painter unless `flags` (dotted settings) say otherwise. Over
    `discord` user 1 has a channel of a sandbox's in place of our own bot's."""
    async with opened(wire, data, flags) as upstream:
        chosen = {"studio.painter": "blank", "token": TOKEN, "port": 0} | upstream.flags | flags
        environ = {
            f"HELIOGRAPH_{name.upper().replace('.', '__')}": str(value)
            for name, value in chosen.items()
        }
        settings = load({"data": data}, environ)
        stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(
                wiring.serve(settings, ready=ready.set_result, stop=stop, discord=upstream.connect)
            )
            await asyncio.wait([ready, serving], return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
            async with httpx2.AsyncClient(
                base_url=ready.result(), headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
            ) as client:
                try:
                    await _settled(client, upstream)
                    yield Running(ready.result(), settings, client, stop, upstream)
                finally:
                    stop.set()


async def _settled(client: httpx2.AsyncClient, wire: Wire) -> None:
    """Sees to it that user 1's first channel is the upstream's."""
    if wire.first == "studio":
        return
    [own] = (await client.get(f"{V3}/accounts")).json()
    answer = await client.post(f"{V3}/accounts", json={"discord": wire.first})
    if answer.status_code == 201:
        await client.delete(f"{V3}/accounts/{own}")


Serve = Callable[..., Awaitable[Running]]


@pytest.fixture
async def serve(tmp_path: Path, wire: str) -> AsyncIterator[Serve]:
    """Starts servers with settings of the test's own, on one data folder a test."""
    async with AsyncExitStack() as stack:

        async def start(**flags: Any) -> Running:
            return await stack.enter_async_context(running(tmp_path / "data", wire, **flags))

        yield start


@pytest.fixture
async def server(serve: Serve) -> Running:
    return await serve()
