"""A small client that knows nothing of ours but the wire, and sandboxes for it to visit."""

import asyncio
import itertools
import json
import zlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp

from heliograph.sandbox.people import Person
from heliograph.sandbox.server import Sandbox
from heliograph.sandbox.settings import Settings
from heliograph.studio.painters.base import Painter
from heliograph.studio.painters.blank import BlankPainter

Json = dict[str, Any]
BOT = "936929561302675456"
NONCES = itertools.count(1_025_000_000_000_000_000)
SECONDS = 30


class Gateway:
    """One socket. `frames` are all that came, dispatches and others."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, packed: bool) -> None:
        self.socket = socket
        self.frames: list[Json] = []
        self._inflate = zlib.decompressobj() if packed else None

    async def next(self) -> Json:
        """The next frame. Raises EOFError, with the close code, if there are no more."""
        async with asyncio.timeout(SECONDS):
            message = await self.socket.receive()
        if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            closed = message.type is aiohttp.WSMsgType.CLOSE
            raise EOFError(message.data if closed else self.socket.close_code)
        data = message.data
        if self._inflate:
            assert data.endswith(b"\x00\x00\xff\xff")
            data = self._inflate.decompress(data)
        frame: Json = json.loads(data)
        self.frames.append(frame)
        return frame

    async def say(self, op: int, data: Any) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def op(self, op: int) -> Json:
        while (frame := await self.next())["op"] != op:
            pass
        return frame

    async def until(self, wanted: Callable[[str, Json], bool]) -> Json:
        """The data of the next dispatch that is wanted."""
        while True:
            frame = await self.next()
            if frame["op"] == 0 and wanted(frame["t"], frame["d"]):
                data: Json = frame["d"]
                return data

    async def event(self, type: str) -> Json:
        return await self.until(lambda t, d: t == type)

    @property
    def sequence(self) -> int:
        return max((frame["s"] for frame in self.frames if frame["s"]), default=0)

    def dispatches(self, start: int = 0) -> list[tuple[str, Json]]:
        return [(f["t"], f["d"]) for f in self.frames[start:] if f["op"] == 0]

    async def ended(self) -> int:
        """The close code, after whatever still comes."""
        try:
            while True:
                await self.next()
        except EOFError as end:
            return int(end.args[0])


class Visitor:
    """One account's client."""

    def __init__(
        self, sandbox: Sandbox, person: Person, http: aiohttp.ClientSession, stack: AsyncExitStack
    ) -> None:
        self.sandbox = sandbox
        self.person = person
        self.http = http
        self.api = f"{sandbox.url}/api/v9"
        self.session_id = ""
        self._stack = stack

    @property
    def channel(self) -> str:
        return self.person.direct.channel

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """Status and JSON (or bytes) of a call."""
        headers = {"Authorization": self.person.token} | more.pop("headers", {})
        url = path if "://" in path else f"{self.api}/{path}"
        async with self.http.request(method, url, headers=headers, **more) as answer:
            data = await answer.read()
            if answer.headers.get("Content-Type") == "application/json":
                return answer.status, json.loads(data)
            return answer.status, data

    async def control(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        return await self.call(method, f"{self.sandbox.url}/__{path}", **more)

    async def connect(self, query: str = "?v=9&encoding=json", path: str = "/gateway") -> Gateway:
        url = self.sandbox.gateway.removesuffix("/gateway") + path + query
        socket = await self._stack.enter_async_context(self.http.ws_connect(url, max_msg_size=0))
        return Gateway(socket, packed="zlib-stream" in query)

    async def identified(self, **more: Any) -> Gateway:
        gateway = await self.connect(**more)
        await gateway.say(2, {"token": self.person.token, "properties": {"browser": "a test"}})
        self.session_id = (await gateway.event("READY"))["session_id"]
        await gateway.event("READY_SUPPLEMENTAL")
        return gateway

    async def resumed(self, sequence: int) -> Gateway:
        gateway = await self.connect()
        body = {"token": self.person.token, "session_id": self.session_id, "seq": sequence}
        await gateway.say(6, body)
        return gateway

    def command(self, name: str, *options: Json, guild: bool = False, **data: Any) -> Json:
        account = self.person.inside if guild else self.person.direct
        return {
            "type": 2,
            "application_id": BOT,
            "channel_id": account.channel,
            "session_id": self.session_id or "invented",
            "nonce": str(next(NONCES)),
            "data": {"version": "1", "id": "1", "name": name, "type": 1, "options": list(options)}
            | data,
        } | ({"guild_id": account.guild} if guild else {})

    def imagine(self, prompt: str = "a cat", *, guild: bool = False) -> Json:
        return self.command("imagine", {"type": 3, "name": "prompt", "value": prompt}, guild=guild)

    def press(self, message: Json, label: str) -> Json:
        [custom_id] = [
            button["custom_id"]
            for row in message["components"]
            for button in row["components"]
            if button.get("label") == label
        ]
        return {
            "type": 3,
            "application_id": BOT,
            "channel_id": message["channel_id"],
            "guild_id": message.get("guild_id"),
            "message_id": message["id"],
            "message_flags": 0,
            "nonce": str(next(NONCES)),
            "session_id": self.session_id,
            "data": {"component_type": 2, "custom_id": custom_id},
        }

    async def send(self, payload: Json, status: int = 204) -> Any:
        got, body = await self.call("POST", "interactions", json=payload)
        assert got == status, (got, body)
        return body


def is_final(type: str, data: Json) -> bool:
    return (
        type == "MESSAGE_CREATE"
        and bool(data["attachments"])
        and bool(data.get("message_reference"))
    )


class Town:
    """Sandboxes over one folder, and who visits them."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.folder = folder
        self.stack = stack

    async def sandbox(self, painter: Painter | None = None, **settings: Any) -> Sandbox:
        defaults = {"first_dispatch_seconds": 0.02, "update_seconds": 0.05}
        sandbox = Sandbox(painter or BlankPainter(), self.folder, Settings(**(defaults | settings)))
        return await self.stack.enter_async_context(sandbox)

    async def visitor(self, sandbox: Sandbox, number: int = 0) -> Visitor:
        http = await self.stack.enter_async_context(aiohttp.ClientSession())
        return Visitor(sandbox, sandbox.accounts[number], http, self.stack)
