"""A bot on a real SQLite file, and a client's view of it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from heliograph.midjourney import buttons, interactions
from heliograph.midjourney.wire import Dispatch, Message, Payload
from heliograph.studio.bot import Bot
from heliograph.studio.files import LinkRefused
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
        """By URL or by key, as the port has it."""
        url = f"/media/{url.removeprefix('/media/')}"
        if url not in self.kept:
            raise FileNotFoundError(url)
        return self.kept[url][0]

    async def read(self, url: str) -> bytes:
        """Of the web there is what a test has put into `kept`."""
        if not url.startswith("/media/") and url not in self.kept:
            raise LinkRefused("Could not fetch image. Received status code 403")
        return self.kept[url][0] if url in self.kept else await self.fetch(url)


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

    async def press_id(
        self, message: Message, custom_id: str, values: Sequence[str] | None = None
    ) -> str:
        nonce = self.nonce()
        payload = interactions.press(message, custom_id, nonce, values=values)
        await self.link.interact(payload)
        return nonce

    async def run(self, build: Callable[..., Payload], *arguments: Any) -> str:
        """A command, by the function that builds its payload from channel, arguments and nonce."""
        nonce = self.nonce()
        await self.link.interact(build(self.link.channel, *arguments, nonce))
        return nonce

    async def command(self, name: str) -> str:
        """A command without options."""
        nonce = self.nonce()
        await self.link.interact(interactions.command(name, self.link.channel, nonce))
        return nonce

    async def told(self, nonce: str) -> tuple[Message, Message]:
        """A private answer: as it began, and as it is."""
        first = await self.acknowledged(nonce)
        edited = await self.until(
            lambda d: d.type == "MESSAGE_UPDATE" and d.data["id"] == first["id"]
        )
        return first, edited.data

    async def opened(self, nonce: str) -> Dispatch:
        """The form or frame that a press opened."""
        return await self.until(lambda d: "MODAL_CREATE" in d.type and d.data.get("nonce") == nonce)

    async def submit(self, form: Dispatch, text: str | None = None) -> str:
        nonce = self.nonce()
        await self.link.interact(interactions.submit(form.data, text, nonce))
        return nonce

    async def asked(self, parent: Message, custom_id: str) -> Message:
        """The acknowledgement of what a press began, by the button's custom_id."""
        return await self.acknowledged(await self.press_id(parent, custom_id))

    def custom_id(self, message: Message, part: str) -> str:
        """Of the message's only button whose custom_id has that part."""
        [found] = [b.custom_id for b in buttons.offered(message) if part in b.custom_id]
        return found

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
