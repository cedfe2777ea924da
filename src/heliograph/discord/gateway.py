"""The socket around a session: it connects, reads, beats, and comes back.

What is to be done is `session`'s; here it is done. One task reads, one watches the clock. The
client says what it is: IDENTIFY's properties name this product, as the User-Agent does.
"""

import asyncio
import contextlib
import zlib
from typing import Any, Protocol

import aiohttp
import msgspec
import structlog
from yarl import URL

from heliograph.discord.session import (
    HEARTBEAT,
    IDENTIFY,
    RESUMABLE,
    RESUME,
    Action,
    Barred,
    Chance,
    Deliver,
    Frame,
    Hangup,
    Heartbeat,
    Identify,
    Missed,
    Ready,
    Resume,
    Resumed,
    Session,
    Started,
)

log: Any = structlog.get_logger("heliograph.discord")

PRODUCT = "Heliograph"
# Bits that make READY smaller: no user twice, no guild's whole list of emojis, and so on.
CAPABILITIES = 16381
OPEN_SECONDS = 15.0
# A zombie never answers our close frame.
CLOSE_SECONDS = 1.0
# READY of an account in hundreds of guilds has some ten megabytes.
MOST_BYTES = 128 * 1024**2
# So many attempts go to the host that READY named, before the configured one is asked again.
LOYALTY = 3
FLUSHED = b"\x00\x00\xff\xff"

_Broken = (aiohttp.ClientError, OSError, TimeoutError)


class Listener(Protocol):
    """Whom a gateway tells of what happens; only `identifying`, before IDENTIFY is sent, may take
    its time."""

    async def identifying(self) -> None: ...

    def started(self, ready: Ready) -> None: ...

    def resumed(self) -> None: ...

    def dispatched(self, type: str, data: msgspec.Raw) -> None: ...

    def missed(self) -> None: ...

    def barred(self, code: int) -> None: ...


class Inflate:
    """A zlib stream over many messages: each ends with a flush."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()
        self._buffer = bytearray()

    def feed(self, data: bytes) -> bytes | None:
        """The text, once it is whole. Raises zlib.error."""
        self._buffer += data
        if not self._buffer.endswith(FLUSHED):
            return None
        text = self._stream.decompress(bytes(self._buffer), MOST_BYTES)
        self._buffer.clear()
        if self._stream.unconsumed_tail:
            raise zlib.error("a message is too large")
        return text


class Gateway:
    """`url` is the gateway's address without a query; `compress` asks for a zlib stream."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        token: str,
        url: str,
        listener: Listener,
        *,
        chance: Chance,
        compress: bool = False,
    ) -> None:
        self.session = Session(chance)
        # How a cancelled `run` leaves: with this the session ends, with RESUMABLE it is kept.
        self.farewell: int = aiohttp.WSCloseCode.OK
        self._http = http
        self._token = token
        self._url = url
        self._listener = listener
        self._compress = compress
        # What the watching task waits for, and whether something else has become due.
        self._watched: float | None = None
        self._moved = asyncio.Event()
        self._over = False

    async def run(self) -> None:
        """Stays connected until it is cancelled, or Discord bars the account."""
        while not self._over:
            code = None
            try:
                code = await self._connection()
            except* Exception:
                log.exception("gateway interrupted")
            self._tell(self.session.closed(code))
            if not self._over:
                pause = self.session.pause()
                log.info("gateway closed", code=code, back_in=round(pause, 1))
                await asyncio.sleep(pause)

    async def _connection(self) -> int | None:
        """One connection, from opening to its end; returns the other side's close code."""
        try:
            socket = await self._open()
        except _Broken as error:
            log.info("gateway not reached", reason=type(error).__name__)
            return None
        leaving = RESUMABLE
        try:
            self.session.opened(_now())
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._watch(socket))
                try:
                    return await self._read(socket)
                finally:
                    watching.cancel()
        except asyncio.CancelledError:
            leaving = self.farewell
            raise
        finally:
            await socket.close(code=leaving)

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        async with asyncio.timeout(OPEN_SECONDS):
            return await self._http.ws_connect(
                self._address(),
                max_msg_size=MOST_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
            )

    def _address(self) -> URL:
        """Where to connect to. A session is resumed where READY said, unless that would show the
        token to a listener that the configured address would not."""
        configured = url = URL(self._url)
        if self.session.resumable and self.session.url and self.session.failures <= LOYALTY:
            url = URL(self.session.url)
        if configured.scheme == "wss" and url.scheme != "wss":
            url = configured
        query = {"encoding": "json", "v": "9"}
        return url.with_query(query | ({"compress": "zlib-stream"} if self._compress else {}))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> int | None:
        inflate = Inflate() if self._compress else None
        async for message in socket:
            if message.type is aiohttp.WSMsgType.ERROR:
                return None
            try:
                text = message.data
                if inflate is not None and isinstance(text, bytes):
                    text = inflate.feed(text)
                if text is None:
                    continue
                frame = msgspec.json.decode(text, type=Frame)
                actions = self.session.receive(frame, _now())
            except (msgspec.DecodeError, zlib.error, UnicodeError) as error:
                log.warning("gateway sent what can't be read", reason=type(error).__name__)
                actions = [Hangup(RESUMABLE)]
            await self._perform(socket, actions)
            if self.session.deadline != self._watched:
                self._moved.set()
        return socket.close_code

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await self._perform(socket, self.session.tick(_now()))
            self._watched = self.session.deadline
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._watched):
                    await self._moved.wait()

    async def _perform(
        self, socket: aiohttp.ClientWebSocketResponse, actions: list[Action]
    ) -> None:
        for action in actions:
            match action:
                case Identify():
                    await self._listener.identifying()
                    # Noting it takes its time.
                    self.session.identified = _now()
                    await self._send(socket, IDENTIFY, self._introduction())
                case Resume(session, seq):
                    told = {"token": self._token, "session_id": session, "seq": seq}
                    await self._send(socket, RESUME, told)
                case Heartbeat(seq):
                    await self._send(socket, HEARTBEAT, seq)
                case Hangup(code):
                    await socket.close(code=code)
        self._tell(actions)

    def _tell(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Started(ready):
                    log.info("gateway session begun", account=ready.user.id)
                    self._listener.started(ready)
                case Resumed():
                    self._listener.resumed()
                case Deliver(type, data):
                    self._listener.dispatched(type, data)
                case Missed():
                    log.info("gateway session lost")
                    self._listener.missed()
                case Barred(code):
                    log.warning("gateway refuses the account", code=code)
                    self._over = True
                    self._listener.barred(code)

    async def _send(self, socket: aiohttp.ClientWebSocketResponse, op: int, d: Any) -> None:
        try:
            await socket.send_str(msgspec.json.encode({"op": op, "d": d}).decode())
        except (aiohttp.ClientError, OSError):
            # Whoever reads is told that the socket is broken.
            return

    def _introduction(self) -> dict[str, Any]:
        return {
            "token": self._token,
            "capabilities": CAPABILITIES,
            "properties": dict.fromkeys(("os", "browser", "device"), PRODUCT),
            "presence": {"status": "online", "since": 0, "activities": [], "afk": False},
            "compress": False,
            "client_state": {"guild_versions": {}},
        }


def _now() -> float:
    return asyncio.get_running_loop().time()
