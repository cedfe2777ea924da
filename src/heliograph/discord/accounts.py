"""All accounts that are connected, each once.

An account's connection serves all its wires, and outlives the last by five seconds: so whoever
comes back at once finds its session still there, and none is begun within five seconds of another.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from functools import partial
from random import Random
from typing import Any

import aiohttp
import msgspec

from heliograph import __version__, errors
from heliograph.discord import routes
from heliograph.discord.account import Account, Endpoints, Kept, Manner
from heliograph.discord.buckets import SPACING
from heliograph.discord.gateway import PRODUCT
from heliograph.discord.memory import Memory
from heliograph.discord.session import IDENTIFY_SECONDS, Chance
from heliograph.discord.wire import DiscordWire
from heliograph.midjourney.wire import WireBarred, WireLost, WireRefused

AGENT = f"{PRODUCT}/{__version__}"
# How long a session may take to begin: connecting, a pause for IDENTIFY, READY, and all that twice.
OPEN_SECONDS = 60.0
DISCOVER_SECONDS = 30.0
# Behind Cloudflare connections live longer; a call over one that was just dropped is lost.
KEEP_SECONDS = 15.0
# Dispatches of so long come twice after a crash, which costs nothing.
REMEMBER_SECONDS = 2.0

NO_DIRECT_CHANNEL = (
    "This account has no direct channel with the Midjourney bot: open Discord with it, open the"
    " bot's profile, send it any command as a direct message (/info, for instance), then try again"
)
NOT_ACCEPTED = "Discord does not accept this token: it is wrong, or a new password has replaced it"


class _Held:
    """An account, with how many use it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.users = 0
        self.running: asyncio.Task[None] | None = None
        self.leaving: asyncio.TimerHandle | None = None


class Accounts:
    """Made by `connected`."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        group: asyncio.TaskGroup,
        endpoints: Endpoints,
        manner: Manner,
        chance: Chance,
        memory: Memory | None,
    ) -> None:
        self._http = http
        self._group = group
        self._endpoints = endpoints
        self._manner = manner
        self._chance = chance
        self._memory = memory
        self._held: dict[str, _Held] = {}
        self._begun = asyncio.Event()
        self._writing = asyncio.Lock()

    async def remember(self) -> None:
        """Keeps what a later process needs to go on with the sessions; until cancelled."""
        while self._memory is not None:
            # A session that has just begun is kept before its first command is under way.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REMEMBER_SECONDS):
                    await self._begun.wait()
            self._begun.clear()
            await self._note()

    async def discover(self, token: str) -> str:
        """The direct channel of the token's account with the bot.

        Raises errors.Unauthorized for a token that Discord doesn't accept, errors.Invalid when
        there is no such channel, errors.Upstream when Discord doesn't answer.
        """
        if not _plausible(token):
            raise errors.Unauthorized(NOT_ACCEPTED)
        held = self._take(token)
        try:
            async with asyncio.timeout(DISCOVER_SECONDS):
                await held.account.rest.me()
                self._run(held)
                await held.account.opened()
                found = await held.account.direct_channel()
        except WireBarred:
            raise errors.Unauthorized(NOT_ACCEPTED) from None
        except (WireRefused, WireLost, TimeoutError) as error:
            reason = str(error) or f"nothing within {DISCOVER_SECONDS:.0f} seconds"
            raise errors.Upstream(f"Discord did not answer as it should: {reason}") from None
        finally:
            self._leave(token, held)
        if found is None:
            raise errors.Invalid(NO_DIRECT_CHANNEL)
        return found

    async def connect(self, token: str, channel: str) -> DiscordWire:
        """That channel's wire, once the account has a session. Close it.

        Raises WireBarred, WireRefused, WireLost.
        """
        held = self._take(token)
        try:
            self._run(held)
            async with asyncio.timeout(OPEN_SECONDS):
                await held.account.opened()
                self._begun.set()
                return await self._wire(token, held, channel)
        except TimeoutError:
            self._leave(token, held)
            raise WireLost("Discord's gateway opened no session") from None
        except BaseException:
            self._leave(token, held)
            raise

    async def close(self) -> None:
        """Closes every connection; a later process may go on with the sessions, if they are
        remembered."""
        await self._note()
        for token, held in list(self._held.items()):
            if self._memory is not None:
                held.account.suspend()
            self._drop(token, held)

    async def _note(self) -> None:
        # What is told first is written first.
        async with self._writing:
            if self._memory is not None:
                await asyncio.to_thread(self._memory.write, self._sessions())

    def _sessions(self) -> dict[str, Kept]:
        return {
            token: kept
            for token, held in self._held.items()
            if (kept := held.account.keep()) is not None
        }

    async def _wire(self, token: str, held: _Held, channel: str) -> DiscordWire:
        account = held.account
        direct = await account.direct_channel()
        guild = None if channel == direct else await _guild_of(account, channel)
        left = partial(self._leave, token, held)
        return DiscordWire(account, channel, guild=guild, direct=direct, left=left)

    def _take(self, token: str) -> _Held:
        held = self._held.get(token)
        if held is None or held.account.over:
            # Who asks for an account that was barred has had a person look at it.
            held = self._held[token] = _Held(self._account(token, held))
        held.users += 1
        if held.leaving is not None:
            held.leaving.cancel()
            held.leaving = None
        return held

    def _account(self, token: str, before: _Held | None) -> Account:
        """An account that goes on where `before`, or an earlier process, stopped."""
        account = Account(
            self._http,
            token,
            self._endpoints,
            self._manner,
            self._chance,
            time.monotonic,
            self._note,
        )
        kept = self._memory.take(token) if self._memory is not None else None
        if before is not None:
            kept = before.account.keep()
        if kept is not None:
            account.restore(kept)
        return account

    def _run(self, held: _Held) -> None:
        if held.running is None:
            held.running = self._group.create_task(held.account.run(), name="discord gateway")

    def _leave(self, token: str, held: _Held) -> None:
        held.users -= 1
        if held.users == 0 and self._held.get(token) is held:
            wait = partial(self._drop, token, held)
            held.leaving = asyncio.get_running_loop().call_later(IDENTIFY_SECONDS, wait)

    def _drop(self, token: str, held: _Held) -> None:
        if self._held.get(token) is held:
            # Else another has taken its place.
            del self._held[token]
        if held.leaving is not None:
            held.leaving.cancel()
        if held.running is not None:
            held.running.cancel()


@contextlib.asynccontextmanager
async def connected(
    endpoints: Endpoints,
    *,
    spacing: float = SPACING,
    compress: bool = False,
    chance: Chance | None = None,
    memory: Memory | None = None,
) -> AsyncIterator[Accounts]:
    """The accounts of one process. `spacing` is how many seconds lie between two calls of an
    account, `compress` asks the gateway for a zlib stream, `memory` lets sessions outlive the
    process."""
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS),
            # No cookies, no proxies or passwords from the environment.
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            headers={"User-Agent": AGENT},
        ) as http,
        asyncio.TaskGroup() as group,
    ):
        manner = Manner(spacing, compress)
        accounts = Accounts(http, group, endpoints, manner, chance or Random(), memory)
        remembering = group.create_task(accounts.remember(), name="discord sessions")
        try:
            yield accounts
        finally:
            remembering.cancel()
            await accounts.close()


async def _guild_of(account: Account, channel: str) -> str | None:
    """The guild that the channel belongs to, if any."""
    try:
        answer: Any = await account.rest.call(routes.channel(channel))
    except WireBarred:
        raise
    except WireRefused as refused:
        if refused.status not in (403, 404):
            raise
        message = f"Discord shows the account no channel {channel}"
        raise WireBarred(refused.status, {"message": message}) from None
    return msgspec.convert(answer, _Place).guild_id or None


class _Place(msgspec.Struct):
    guild_id: str | None = None


def _plausible(token: str) -> bool:
    """Whether it can be sent as a header at all."""
    return token.isascii() and token.isprintable() and token != "" and " " not in token
