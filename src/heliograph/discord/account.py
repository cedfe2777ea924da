"""One account's connection to Discord, which all its channels share."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import msgspec
import structlog

from heliograph.discord import routes
from heliograph.discord.gateway import Gateway
from heliograph.discord.rest import Rest
from heliograph.discord.session import NOT_ACCEPTED, RESUMABLE, Chance, PrivateChannel, Ready
from heliograph.midjourney.interactions import MIDJOURNEY
from heliograph.midjourney.wire import Dispatch, WireBarred, WireLost, WireRefused

log: Any = structlog.get_logger("heliograph.discord")

MESSAGES = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"})
# A reader that has so many dispatches before it will not catch up.
MOST_WAITING = 10_000
# An account's channels are all connected within this.
EARLY_SECONDS = 60.0


class Endpoints(msgspec.Struct, frozen=True):
    """Where Discord is: `api` without the version, `activities` is the host of the bot's embedded
    pages, `cdn` the bot's own."""

    api: str
    gateway: str
    activities: str
    cdn: str


class Manner(msgspec.Struct, frozen=True):
    """How an account behaves: seconds between its calls, and whether its gateway is compressed."""

    spacing: float
    compress: bool


class Kept(msgspec.Struct):
    """What a later process needs to go on with an account's session; `session` is None while it is
    still being begun. `identified` is the last IDENTIFY's moment in seconds since 1970."""

    session: str | None
    url: str | None
    seq: int
    user: str
    direct: str | None
    identified: float | None = None


class _Where(msgspec.Struct):
    channel_id: str | None = None


class Reader:
    """The dispatches of some channels, and of interactions, which name no channel."""

    def __init__(self, channels: frozenset[str]) -> None:
        self._channels = channels
        self._waiting: asyncio.Queue[Dispatch | Exception] = asyncio.Queue()
        self._ended: Exception | None = None

    def hear(self, type: str, channel: str | None, data: msgspec.Raw) -> None:
        if self._ended is not None or (channel is not None and channel not in self._channels):
            return
        if self._waiting.qsize() >= MOST_WAITING:
            self.end(WireLost("the channel's dispatches came faster than they could be read"))
            return
        self._waiting.put_nowait(Dispatch(type, msgspec.json.decode(data)))

    def end(self, reason: Exception | None) -> None:
        """After what was heard comes `reason`, or, where it is None, the iteration's end."""
        if self._ended is None:
            self._ended = reason or StopAsyncIteration()
            self._waiting.put_nowait(self._ended)

    def __aiter__(self) -> "Reader":
        return self

    async def __anext__(self) -> Dispatch:
        if self._ended is not None and self._waiting.empty():
            raise self._ended
        heard = await self._waiting.get()
        if isinstance(heard, Dispatch):
            return heard
        raise heard


class Account:
    """An account's gateway and calls. `run` it once; `opened` waits for its session."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        token: str,
        endpoints: Endpoints,
        manner: Manner,
        chance: Chance,
        clock: Callable[[], float],
        note: Callable[[], Awaitable[None]],
    ) -> None:
        """`note` writes down what `keep` tells."""
        self.endpoints = endpoints
        self.rest = Rest(
            http,
            token,
            api=endpoints.api,
            activities=endpoints.activities,
            spacing=manner.spacing,
            clock=clock,
        )
        self.user = ""
        self.session = ""
        # Grows with every session, so that who got hold of one knows when it is over.
        self.sessions = 0
        self._direct: str | None = None
        self._note = note
        self._identified: float | None = None
        self._gateway = Gateway(
            http, token, endpoints.gateway, self, chance=chance, compress=manner.compress
        )
        self._readers: set[Reader] = set()
        # What an earlier process missed, until its channels listen again.
        self._early: list[tuple[str, str | None, msgspec.Raw]] | None = None
        self._barred: WireBarred | None = None
        self._settled = asyncio.Event()

    @property
    def over(self) -> bool:
        """Whether Discord has barred it: nothing more comes of this one."""
        return self._barred is not None

    async def run(self) -> None:
        """Keeps the gateway connected until cancelled or barred."""
        await self._gateway.run()

    def restore(self, kept: Kept) -> None:
        """Goes on where an earlier process stopped, if Discord allows it."""
        session, self._identified = self._gateway.session, kept.identified
        if kept.identified is not None:
            # Two processes have no other clock in common; one that was set back has us wait longer.
            passed = max(time.time() - kept.identified, 0.0)
            session.identified = asyncio.get_running_loop().time() - passed
        if kept.session is not None:
            session.restore(kept.session, kept.url, kept.seq)
            self.user, self.session, self._direct = kept.user, kept.session, kept.direct
            self._early = []

    def keep(self) -> Kept | None:
        """What `restore` needs; None before the first IDENTIFY."""
        session = self._gateway.session
        if session.id is None and self._identified is None:
            return None
        seq = session.seq or 0
        return Kept(session.id, session.url, seq, self.user, self._direct, self._identified)

    def suspend(self) -> None:
        """Lets the session outlive this process: `run` may be cancelled then."""
        self._gateway.farewell = RESUMABLE

    async def opened(self) -> None:
        """Returns when the account has a session. Raises WireBarred."""
        await self._settled.wait()
        if self._barred is not None:
            raise self._barred

    async def direct_channel(self) -> str | None:
        """The account's direct channel with the bot, if there is one. Raises WireBarred and
        WireLost."""
        if self._direct is None:
            # READY may leave channels out in which nothing happened for long.
            try:
                answer = await self.rest.call(routes.private_channels())
                self._direct = _with_bot(msgspec.convert(answer, tuple[PrivateChannel, ...]))
            except WireBarred:
                raise
            except (WireRefused, msgspec.ValidationError) as error:
                log.info("direct channels not listed", account=self.user, reason=str(error))
        return self._direct

    def listen(self, channels: frozenset[str], since: int) -> Reader:
        """The dispatches from now on; at an end from the start when the session of that number
        (`sessions`) is over."""
        reader = Reader(channels)
        if self._barred is not None:
            reader.end(self._barred)
        elif since != self.sessions or not self._settled.is_set():
            reader.end(_missed())
        else:
            for early in self._early or ():
                reader.hear(*early)
            self._readers.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        self._readers.discard(reader)
        reader.end(None)

    async def identifying(self) -> None:
        self._identified = time.time()
        await self._note()
        self._identified = time.time()

    def started(self, ready: Ready) -> None:
        self.user, self.session = ready.user.id, ready.session_id
        self.sessions += 1
        self._direct = _with_bot(ready.private_channels) or self._direct
        self._settled.set()

    def resumed(self) -> None:
        if not self._settled.is_set():
            # The first of this process.
            self.sessions += 1
            self._settled.set()
            asyncio.get_running_loop().call_later(EARLY_SECONDS, self._forget_early)

    def dispatched(self, type: str, data: msgspec.Raw) -> None:
        if type not in MESSAGES and not type.startswith("INTERACTION_"):
            return
        try:
            where = msgspec.json.decode(data, type=_Where)
        except msgspec.DecodeError:
            log.warning("dispatch not understood", dispatch=type, account=self.user)
            return
        for reader in self._readers:
            reader.hear(type, where.channel_id, data)
        if self._early is not None and not self._readers and len(self._early) < MOST_WAITING:
            self._early.append((type, where.channel_id, msgspec.Raw(bytes(data))))

    def missed(self) -> None:
        self._forget_early()
        self._settled.clear()
        self._end(_missed())

    def barred(self, code: int) -> None:
        if code in NOT_ACCEPTED:
            reason = "Discord does not accept the account's token any more"
        else:
            reason = "Discord refuses this client"
        self._barred = WireBarred(401, {"message": f"{reason} (close code {code})"})
        self._settled.set()
        self._end(self._barred)

    def _forget_early(self) -> None:
        self._early = None

    def _end(self, reason: Exception) -> None:
        readers, self._readers = self._readers, set()
        for reader in readers:
            reader.end(reason)


def _missed() -> WireLost:
    return WireLost("the gateway's session was lost, and what happened meanwhile is in the history")


def _with_bot(channels: tuple[PrivateChannel, ...]) -> str | None:
    return next((channel.id for channel in channels if channel.has(MIDJOURNEY)), None)
