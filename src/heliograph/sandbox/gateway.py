"""The gateway: one WebSocket, from HELLO to whatever ends it.

Text and binary frames are read alike, unknown opcodes passed over, and IDENTIFY may come before
HELLO was read. With `compress=zlib-stream` everything sent is one zlib stream, flushed after each
frame; permessage-deflate is never agreed on.
"""

import asyncio
import contextlib
import zlib
from collections import deque
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from heliograph.sandbox import discord
from heliograph.sandbox.kinds import (
    InvalidSession,
)
from heliograph.sandbox.sessions import Session
from heliograph.sandbox.world import World

UNREADABLE, TOKEN_REFUSED, TWICE, TIMED_OUT = 4002, 4004, 4005, 4009
# A client that was not heard of for so many intervals is gone.
PATIENCE = 2.5
MOST_BYTES = 1024 * 1024
# How long the other side has to close as well.
CLOSE_SECONDS = 1.0

encode = msgspec.json.encode


class _Frame(msgspec.Struct):
    op: int
    d: Any = None


class _Identify(msgspec.Struct):
    token: str
    # Libraries for bots send some; users' clients have none.
    intents: Any = None


class _Resume(msgspec.Struct):
    token: str
    session_id: str
    seq: int | None = None


class Socket:
    """One connection; the `Outlet` of at most one session."""

    def __init__(self, web_socket: web.WebSocketResponse, transport: Any, *, zlib_stream: bool):
        self._web_socket = web_socket
        self._transport = transport
        self._deflate = zlib.compressobj() if zlib_stream else None
        self._due: deque[bytes | int] = deque()
        self.closing = False
        self._news = asyncio.Event()
        self._loud = asyncio.Event()
        self._loud.set()
        self._quiet_until = 0.0

    def send(self, frame: bytes) -> None:
        self._due.append(frame)
        self._news.set()

    def close(self, code: int) -> None:
        """Closes after what waits to be sent."""
        self._due.append(code)
        self._news.set()

    def drop(self) -> None:
        """Ends the connection as a cut cable does."""
        if self._transport is not None:
            self._transport.abort()

    def silence(self, seconds: float) -> None:
        """Holds everything back for so long."""
        loop = asyncio.get_running_loop()
        self._quiet_until = max(self._quiet_until, loop.time() + seconds)
        self._loud.clear()
        loop.call_at(self._quiet_until, self._speak, self._quiet_until)

    def _speak(self, due: float) -> None:
        # A longer silence may have begun meanwhile.
        if due >= self._quiet_until:
            self._loud.set()

    async def write(self) -> None:
        """Sends what is due, in order, until a close code is."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._due:
                await self._loud.wait()
                frame = self._due.popleft()
                if isinstance(frame, int):
                    self.closing = True
                    await self._web_socket.close(code=frame)
                    return
                await self._send(frame)

    async def _send(self, frame: bytes) -> None:
        if self._deflate is None:
            await self._web_socket.send_str(frame.decode())
        else:
            packed = self._deflate.compress(frame) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self._web_socket.send_bytes(packed)


async def serve(request: web.Request, world: World) -> web.WebSocketResponse:
    """Speaks with one client until it leaves, is sent away, or the cable is cut."""
    web_socket = web.WebSocketResponse(
        compress=False, max_msg_size=MOST_BYTES, timeout=CLOSE_SECONDS
    )
    await web_socket.prepare(request)
    packed = request.query.get("compress") == "zlib-stream"
    socket = Socket(web_socket, request.transport, zlib_stream=packed)
    world.journal.gateway("connected")
    writing = asyncio.create_task(_written(socket))
    talk = _Talk(world, socket)
    try:
        await talk.run(web_socket)
    finally:
        talk.leave()
        # To say why it ends is the last thing that is written.
        if not socket.closing:
            writing.cancel()
        await asyncio.wait([writing])
    return web_socket


async def _written(socket: Socket) -> None:
    with contextlib.suppress(ConnectionError):
        await socket.write()


class _Talk:
    """What a client says on one socket, and what follows from it."""

    def __init__(self, world: World, socket: Socket) -> None:
        self._world = world
        self._socket = socket
        self._session: Session | None = None

    async def run(self, web_socket: web.WebSocketResponse) -> None:
        world = self._world
        self._say(
            10, {"heartbeat_interval": round(world.settings.heartbeat_seconds * 1000), "_trace": []}
        )
        if world.quiet_seconds:
            self._socket.silence(world.quiet_seconds)
            world.quiet_seconds = 0.0
        settings = world.settings
        patience = max(settings.heartbeat_seconds * PATIENCE, settings.silent_seconds)
        while True:
            try:
                async with asyncio.timeout(patience):
                    message = await web_socket.receive()
            except TimeoutError:
                world.journal.gateway("timed_out")
                self._socket.close(TIMED_OUT)
                continue
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            await self._hear(message.data)

    def leave(self) -> None:
        if self._session:
            self._world.sessions.leave(self._session, self._socket)

    async def _hear(self, data: str | bytes) -> None:
        try:
            frame = msgspec.json.decode(data, type=_Frame)
            match frame.op:
                case 1:
                    self._world.journal.gateway("heartbeat")
                    self._say(11, None)
                case 2:
                    await self._identify(msgspec.convert(frame.d, _Identify))
                case 6:
                    self._resume(msgspec.convert(frame.d, _Resume))
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
            self._socket.close(UNREADABLE)

    async def _identify(self, asked: _Identify) -> None:
        world = self._world
        world.journal.gateway("identify")
        person = world.people.of_token(asked.token)
        if self._session:
            self._socket.close(TWICE)
        elif person is None:
            self._socket.close(TOKEN_REFUSED)
        else:
            last = await world.last_messages(person)
            # From here on without a pause: READY is the session's first dispatch.
            self._session = session = world.sessions.begin(
                person.user, bot=asked.intents is not None
            )
            session.outlet = self._socket
            ready = discord.ready(person, session.id, world.gateway, last)
            session.dispatch("READY", encode(ready))
            session.dispatch("READY_SUPPLEMENTAL", encode(discord.ready_supplemental(person)))

    def _resume(self, asked: _Resume) -> None:
        world = self._world
        world.journal.gateway("resume")
        person = world.people.of_token(asked.token)
        if self._session:
            self._socket.close(TWICE)
            return
        if person is None:
            self._socket.close(TOKEN_REFUSED)
            return
        session = world.sessions.found(asked.session_id, person.user, asked.seq or 0)
        if session and world.faults.take(InvalidSession, person.user):
            world.sessions.end(session)
            session = None
        if session is None:
            world.journal.gateway("invalid_session")
            self._say(9, False)
        else:
            world.journal.gateway("resumed")
            self._session = session
            session.replay(asked.seq or 0, self._socket)

    def _say(self, op: int, data: object) -> None:
        self._socket.send(encode({"t": None, "s": None, "op": op, "d": data}))
