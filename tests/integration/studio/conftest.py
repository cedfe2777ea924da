"""A bot on a real SQLite file, and a client's view of it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from heliograph.midjourney import buttons, interactions
from heliograph.midjourney.wire import Dispatch, Message
from heliograph.studio.bot import Bot
from heliograph.studio.link import StudioLink
from heliograph.studio.painters.base import Painter
from heliograph.studio.painters.blank import BlankPainter

# One count for all clients: a bot that lives again knows the nonces of its former life.
NONCES = count(1_025_000_000_000_000_000)


class KeptFiles:
    """The port's smallest keeper: everything in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, str]] = {}

    async def publish(
        self, key: str, data: bytes, content_type: str, *, same_as: str | None = None
    ) -> str:
        self.kept[f"/media/{key}"] = data, content_type
        return f"/media/{key}"

    async def fetch(self, url: str) -> bytes:
        if url not in self.kept:
            raise FileNotFoundError(url)
        return self.kept[url][0]


class Client:
    """Sends commands over one link and collects what comes back."""

    def __init__(self, link: StudioLink) -> None:
        self.link = link
        self.seen: list[Dispatch] = []
        self._feed = link.dispatches()

    def nonce(self) -> str:
        return str(next(NONCES))

    async def imagine(self, prompt: str, nonce: str | None = None) -> str:
        nonce = nonce or self.nonce()
        await self.link.interact(interactions.imagine(self.link.channel, prompt, nonce))
        return nonce

    async def press(self, message: Message, label: str) -> str:
        button = buttons.find(message, label)
        assert button, f"{label} is not among {buttons.labels(message)}"
        nonce = self.nonce()
        await self.link.interact(interactions.press(message, button.custom_id, nonce))
        return nonce

    async def press_id(self, message: Message, custom_id: str) -> None:
        await self.link.interact(interactions.press(message, custom_id, self.nonce()))

    async def cancel(self, message: Message) -> None:
        payload = interactions.message_command("Cancel Job", message, self.nonce())
        await self.link.interact(payload)

    async def next(self) -> Dispatch:
        dispatch = await anext(self._feed)
        self.seen.append(dispatch)
        return dispatch

    async def until(self, wanted: Callable[[Dispatch], bool]) -> Dispatch:
        """The next dispatch that is wanted; what comes before it is in `seen`."""
        async with asyncio.timeout(30):
            while not wanted(dispatch := await self.next()):
                pass
            return dispatch

    async def acknowledged(self, nonce: str) -> Message:
        found = await self.until(
            lambda d: d.type == "MESSAGE_CREATE" and d.data.get("nonce") == nonce
        )
        return found.data

    async def final(self, reference: str) -> Message:
        """The finished picture that refers to that message."""
        found = await self.until(
            lambda d: (
                d.type == "MESSAGE_CREATE"
                and bool(d.data["attachments"])
                and d.data["message_reference"]["message_id"] == reference
            )
        )
        return found.data

    async def painted(self, prompt: str) -> Message:
        ack = await self.acknowledged(await self.imagine(prompt))
        return await self.final(ack["id"])

    def updates(self, id: str) -> list[Message]:
        return [d.data for d in self.seen if d.type == "MESSAGE_UPDATE" and d.data["id"] == id]


class Studio:
    """A folder in which a bot lives, and lives again."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.path = folder / "studio.db"
        self.files = KeptFiles()
        self.rng = Random(seed)

    @asynccontextmanager
    async def bot(self, painter: Painter | None = None, **settings: Any) -> AsyncIterator[Bot]:
        bot = await Bot.open(
            self.path, painter or BlankPainter(), self.files, rng=self.rng, **settings
        )
        async with bot:
            yield bot

    @asynccontextmanager
    async def client(
        self, painter: Painter | None = None, token: str = "studio", **settings: Any
    ) -> AsyncIterator[Client]:
        async with self.bot(painter, **settings) as bot:
            yield Client(await StudioLink.open(bot, token))


@pytest.fixture
def seed() -> int:
    """Of all that is random in a test; `STUDIO_SEED` repeats one that failed."""
    seed = int(os.environ.get("STUDIO_SEED") or int.from_bytes(os.urandom(4)))
    print(f"STUDIO_SEED={seed}")
    return seed


@pytest.fixture
def studio(tmp_path: Path, seed: int) -> Studio:
    return Studio(tmp_path, seed)


@pytest.fixture
def connect() -> type[Client]:
    return Client


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Painter]:
    """Makes painters that wait for the test; see `scripted_painter.py`."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    painter: Callable[..., Painter] = import_module("scripted_painter").ScriptedPainter
    return painter
