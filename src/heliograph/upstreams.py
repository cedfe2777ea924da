"""Which upstream an account belongs to: our own bot's, or Discord's."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from heliograph.channel import Channel, is_own
from heliograph.errors import Invalid
from heliograph.midjourney.wire import Wire, WireBarred

OFF_NOW = "The Discord upstream of this server is off (the setting discord.enabled)"
OFF = (
    "Parameter discord is a Discord token, and this server's Discord upstream is off;"
    " a token that begins with studio makes a channel of the server's own bot"
)


class Discord(Protocol):
    """The network upstream."""

    async def discover(self, token: str) -> str:
        """The channel of an account. Raises Unauthorized, Invalid, Upstream."""

    async def connect(self, token: str, channel: str) -> Wire:
        """That channel's wire. Raises WireBarred, WireRefused, WireLost."""


class Upstreams:
    """`own` opens our own bot's wire for a token; `discord` is None while it is off."""

    def __init__(self, own: Callable[[str], Awaitable[Wire]], discord: Discord | None) -> None:
        self._own = own
        self._discord = discord

    async def discover(self, token: str) -> str:
        """The channel of an account's token. Raises Invalid, Unauthorized, Upstream."""
        if is_own(token):
            return (await self._own(token)).channel
        if self._discord is None:
            raise Invalid(OFF)
        return await self._discord.discover(token)

    async def connect(self, channel: Channel) -> Wire:
        """Raises WireBarred, WireRefused, WireLost."""
        if channel.own:
            return await self._own(channel.token)
        if self._discord is None:
            raise WireBarred(503, {"message": OFF_NOW})
        return await self._discord.connect(channel.token, channel.id)
