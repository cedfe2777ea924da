"""The network upstream, connected if the operator wants it."""

import contextlib
from collections.abc import AsyncIterator, Callable

from heliograph.discord.account import Endpoints
from heliograph.discord.accounts import Accounts
from heliograph.discord.memory import Memory
from heliograph.home import Home
from heliograph.settings import Settings

Connecting = Callable[..., contextlib.AbstractAsyncContextManager[Accounts]]


@contextlib.asynccontextmanager
async def discord(
    settings: Settings, home: Home, connect: Connecting
) -> AsyncIterator[Accounts | None]:
    """The upstream's accounts; None while it is off."""
    if not settings.discord.enabled:
        yield None
        return
    endpoints = Endpoints(
        api=settings.discord.api,
        gateway=settings.discord.gateway,
        activities=settings.discord.activities,
        cdn=settings.midjourney.cdn,
    )
    async with connect(endpoints, memory=Memory(home.sessions)) as accounts:
        yield accounts
