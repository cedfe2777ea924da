"""A small Discord on paper: real sockets on loopback, and every answer is the test's own.

It knows nothing of a bot. A test says what REST answers, sends dispatches, and breaks what it
likes; what the client sent is kept.
"""

import asyncio
import contextlib
import json
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
from aiohttp import web

Json = dict[str, Any]

TOKEN = "MTIz.abc.secret-token"
USER, DIRECT, GUILD = "777", "555", "888"
BOT = "936929561302675456"
INDEX = {
    "applications": [],
    "application_commands": [
        {"id": "1", "application_id": "42", "version": "9", "name": "imagine", "type": 1},
        {"id": "2", "application_id": BOT, "version": "100", "name": "imagine", "type": 1},
        {"id": "3", "application_id": BOT, "version": "100", "name": "Cancel Job", "type": 3},
    ],
}


class Call:
    """A REST call that was received."""

    def __init__(self, request: web.Request, body: bytes, at: float) -> None:
        self.method, self.path, self.query = request.method, request.path, dict(request.query)
        self.raw, self.transport = request.raw_path, request.transport
        self.headers, self.body, self.at = request.headers, body, at

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Socket:
    """A gateway connection, as the test sees it."""

    def __init__(self, ws: web.WebSocketResponse, query: Json, headers: Any) -> None:
        self.ws, self.query, self.headers = ws, query, headers
        self.frames: asyncio.Queue[Json] = asyncio.Queue()
        self.beats = 0
        self.closed_with: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.acknowledges = True
        self._deflate = zlib.compressobj() if query.get("compress") else None

    async def send(
        self, op: int, d: Any = None, s: int | None = None, t: str | None = None
    ) -> None:
        text = json.dumps({"op": op, "d": d, "s": s, "t": t})
        if self._deflate is None:
            await self.ws.send_str(text)
            return
        data = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        # Discord may cut a message in two.
        for part in (data[:7], data[7:]):
            await self.ws.send_bytes(part)

    async def expect(self, op: int) -> Any:
        """The next frame that is no heartbeat must have that op; returns its `d`."""
        frame = await asyncio.wait_for(self.frames.get(), 10)
        assert frame["op"] == op, frame["op"]
        return frame["d"]


class Paper:
    """`answers` are REST answers by method and path, each used once; then `standing` ones."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.sockets: list[Socket] = []
        self.answers: dict[str, list[Callable[[Call], web.StreamResponse]]] = defaultdict(list)
        self.standing: dict[str, Callable[[Call], web.StreamResponse]] = {}
        self.heartbeat = 60_000.0
        self.sequence = 0
        self.ready_extra: Json = {}
        self.welcome: Callable[[Socket], Any] | None = None
        self._connected: asyncio.Queue[Socket] = asyncio.Queue()

    @property
    def gateway(self) -> str:
        return self.url.replace("http", "ws")

    def answer(self, what: str, status: int, body: Any = None, **headers: str) -> None:
        """Answers the next call of `what` ("POST /api/v9/interactions") so."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[what].append(lambda call: reply(status, body, named))

    def called(self, what: str) -> list[Call]:
        return [call for call in self.calls if f"{call.method} {call.path}" == what]

    async def connection(self) -> Socket:
        """The next connection to the gateway."""
        return await asyncio.wait_for(self._connected.get(), 20)

    async def session(self, id: str = "session-1") -> Socket:
        """The next connection, which must begin a session, and gets it."""
        socket = await self.connection()
        await socket.expect(2)
        await self.ready(socket, id)
        return socket

    async def ready(self, socket: Socket, id: str) -> None:
        self.sequence = 1
        d = {
            "session_id": id,
            "resume_gateway_url": f"{self.gateway}/resume",
            "user": {"id": USER, "username": "somebody"},
            "guilds": [],
            "private_channels": [{"id": DIRECT, "type": 1, "recipient_ids": [BOT]}],
        }
        await socket.send(0, d | self.ready_extra, 1, "READY")

    async def dispatch(self, socket: Socket, type: str, d: Json) -> None:
        self.sequence += 1
        await socket.send(0, d, self.sequence, type)

    async def rest(self, request: web.Request) -> web.StreamResponse:
        at = asyncio.get_running_loop().time()
        call = Call(request, await request.read(), at)
        self.calls.append(call)
        what = f"{call.method} {call.path}"
        if self.answers[what]:
            return self.answers[what].pop(0)(call)
        if what in self.standing:
            return self.standing[what](call)
        return reply(404, {"message": "404: Not Found", "code": 0}, {})

    async def talk(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(compress=False, timeout=1.0)
        await ws.prepare(request)
        socket = Socket(ws, dict(request.query), request.headers)
        self.sockets.append(socket)
        await socket.send(10, {"heartbeat_interval": self.heartbeat})
        self._connected.put_nowait(socket)
        with contextlib.suppress(ConnectionError):
            async for message in ws:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                frame = json.loads(message.data)
                if frame["op"] == 1:
                    socket.beats += 1
                    if socket.acknowledges:
                        await socket.send(11)
                else:
                    socket.frames.put_nowait(frame)
        socket.closed_with.set_result(ws.close_code)
        return ws


def reply(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.json_response(body, status=status, headers=headers)


def listing() -> Callable[[Call], web.StreamResponse]:
    return lambda call: reply(200, INDEX, {})


@contextlib.asynccontextmanager
async def discord() -> AsyncIterator[Paper]:
    paper = Paper()
    paper.standing = {
        "GET /api/v9/users/@me": lambda call: (
            reply(200, {"id": USER}, {})
            if call.headers.get("Authorization") == TOKEN
            else reply(401, {"message": "401: Unauthorized", "code": 0}, {})
        ),
        "POST /api/v9/interactions": lambda call: reply(204, None, {}),
        f"GET /api/v9/channels/{DIRECT}/application-command-index": listing(),
    }
    app = web.Application()
    for path in ("/", "/resume", "/gateway"):
        app.router.add_get(path, paper.talk)
    app.router.add_route("*", "/{rest:.*}", paper.rest)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    paper.url = f"http://127.0.0.1:{port}"
    try:
        yield paper
    finally:
        await runner.cleanup()
