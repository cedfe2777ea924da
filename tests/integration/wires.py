"""The upstreams that the suite runs over: our own bot, and Discord, for which a sandbox stands in.

A test that is marked `both_wires` runs over both. What it does is the same, but for how an account
is had and how the bot is made to ask for a person. What is about our own bot alone (its painters,
the names of its accounts, its challenge switch) runs over it alone.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Protocol

import pytest

from heliograph.discord.accounts import connected
from heliograph.sandbox.server import Sandbox
from heliograph.sandbox.settings import Settings as SandboxSettings
from heliograph.studio.painters.blank import BlankPainter
from heliograph.wiring import Connecting

both_wires = pytest.mark.parametrize("wire", ["studio", "discord"], indirect=True, scope="module")

# More than any test needs, each with a person of its own behind it.
ACCOUNTS = 24
# Discord's own are 0.35 s and, in the sandbox, 0.1 s; what they cost is seen in tests/e2e.
SPACING = 0.005
FIRST_DISPATCH = 0.01

Flags = dict[str, Any]
Post = Callable[[str, dict[str, Any]], Awaitable[Any]]


class Wire(Protocol):
    """`flags` are the server's settings for it, `first` is the token of user 1's channel, `memory`
    the file in which the bot keeps its queue."""

    flags: Flags
    first: str
    memory: Path
    connect: Connecting

    def token(self) -> str:
        """One of an account that nobody has used."""

    async def bar(self, post: Post, channel: str) -> None:
        """The channel's next command is met with a moderation message."""

    async def clear(self, delete: Callable[[str], Awaitable[Any]], channel: str) -> None:
        """A person has acknowledged it."""


class Studio:
    """Our own bot, in the server's process."""

    first = "studio"

    def __init__(self, data: Path) -> None:
        self.flags: Flags = {}
        self.memory = data / "studio.db"
        self.connect: Connecting = connected

    def token(self) -> str:
        return f"studio-{secrets.token_hex(6)}"

    async def bar(self, post: Post, channel: str) -> None:
        await post(f"studio/{channel}/challenge", {"kind": "moderation"})

    async def clear(self, delete: Callable[[str], Awaitable[Any]], channel: str) -> None:
        await delete(f"studio/{channel}/challenge")


class Network:
    """Discord, as far as a client can tell: everything goes through sockets."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.memory = folder / "bot.db"
        self.flags: Flags = {
            "discord.enabled": "true",
            "discord.api": f"{sandbox.url}/api",
            "discord.gateway": sandbox.gateway,
            "discord.activities": f"{sandbox.url}/activities",
            "midjourney.cdn": f"{sandbox.url}/cdn",
        }
        self.connect: Connecting = partial(connected, spacing=SPACING, chance=Random(3))
        self._people = iter(sandbox.accounts)
        self.first = next(self._people).token

    def token(self) -> str:
        return next(self._people).token

    async def bar(self, post: Post, channel: str) -> None:
        [user] = [one.user for one in self.sandbox.accounts if one.at(channel)]
        self.sandbox.trouble({"notice": {"name": "pending mod message", "user": user}})

    async def clear(self, delete: Callable[[str], Awaitable[Any]], channel: str) -> None:
        """It was one command that met it."""


@asynccontextmanager
async def opened(wire: str, data: Path, flags: Flags) -> AsyncIterator[Wire]:
    """The upstream of that name, for a server over `data`. What `flags` (dotted settings) say of
    our own bot holds for the sandbox's, too."""
    if wire == "studio":
        yield Studio(data)
        return
    settings = SandboxSettings(
        accounts=ACCOUNTS,
        first_dispatch_seconds=FIRST_DISPATCH,
        update_seconds=float(flags.get("studio.update_seconds", 0.5)),
        calls_per_second=1000,
    )
    painter = BlankPainter(float(flags.get("studio.blank_seconds", 0)))
    folder = data / "sandbox"
    async with Sandbox(painter, folder, settings) as sandbox:
        yield Network(sandbox, folder)


@pytest.fixture(scope="module")
def wire(request: pytest.FixtureRequest) -> str:
    """The name of the upstream; `studio` where a test does not choose."""
    return str(getattr(request, "param", "studio"))
