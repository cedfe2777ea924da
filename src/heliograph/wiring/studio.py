"""Our own bot: in the server, and behind the sandbox."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from heliograph.home import Home, HomeFault
from heliograph.inbox import Inbox
from heliograph.media.store import Media
from heliograph.midjourney.files import FileRefused
from heliograph.sandbox.server import Sandbox
from heliograph.sandbox.settings import Settings as SandboxSettings
from heliograph.settings import Settings
from heliograph.studio.bot import Bot
from heliograph.studio.files import LinkRefused
from heliograph.studio.memory import MemoryFault
from heliograph.studio.moderation import ListInvalid, Moderation
from heliograph.studio.painters.base import Painter
from heliograph.studio.painters.blank import BlankPainter
from heliograph.studio.painters.composer import ComposerPainter


async def opened(settings: Settings, home: Home, media: Media, inbox: Inbox) -> Bot:
    """Raises HomeFault."""
    try:
        return await Bot.open(
            home.studio,
            _painter(settings, home),
            _BotFiles(media, inbox),
            rng=secrets.SystemRandom(),
            update_seconds=settings.studio.update_seconds,
            moderation=Moderation.load(settings.studio.words),
        )
    except (MemoryFault, ListInvalid) as fault:
        raise HomeFault(str(fault)) from None


def _painter(settings: Settings, home: Home) -> Painter:
    if settings.studio.painter == "blank":
        return BlankPainter(seconds=settings.studio.blank_seconds)

    return ComposerPainter(
        home.work / "pixels",
        workers=settings.studio.workers,
        idle_seconds=settings.studio.idle_seconds,
    )


class _BotFiles:
    """`heliograph.studio.files.Files` over the media store and the inbox."""

    def __init__(self, media: Media, inbox: Inbox) -> None:
        self.publish = media.publish
        self.fetch = media.fetch
        self._inbox = inbox

    async def read(self, url: str) -> bytes:
        try:
            return await self._inbox.fetch(url)
        except FileRefused as refused:
            raise LinkRefused(str(refused)) from None


async def sandbox(
    settings: dict[str, Any],
    folder: Path,
    painter: str,
    *,
    seconds: float,
    faults: object,
    ready: Callable[[Sandbox], None],
    stop: asyncio.Event,
) -> None:
    """Runs the sandbox over a folder until `stop` is set. `settings` are those of
    `heliograph.sandbox.settings.Settings`; blank pictures take `seconds`; `faults` are read as
    `POST /__faults` does, unless they are None.

    Raises OSError for the address, sqlite3.Error or HomeFault for the folder, FaultInvalid.
    """
    paints = (
        BlankPainter(seconds=seconds) if painter == "blank" else ComposerPainter(folder / "pixels")
    )
    box = Sandbox(paints, folder, SandboxSettings(**settings))
    try:
        await box.start()
    except MemoryFault as fault:
        raise HomeFault(str(fault)) from None
    try:
        if faults is not None:
            box.trouble(faults)
        ready(box)
        await stop.wait()
    finally:
        await box.stop()
