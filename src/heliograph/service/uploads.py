"""Pictures and masks that come with a command: checked, and kept until the bot has them."""

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol

from heliograph import command, errors, pictures
from heliograph.fields import Upload


class Inbox(Protocol):
    """Keeps what callers upload until the bot has it."""

    async def keep(self, filename: str, data: bytes, content_type: str) -> str:
        """Returns an unguessable key for it."""

    async def drop(self, key: str) -> None:
        """Forgets what was kept; quiet when it is gone."""


class Uploads:
    """Checks what was sent before anything of it is kept."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def mask(self, message: dict[str, Any], mask: bytes | None) -> str:
        """The key of a mask that fits the message's picture. Raises Invalid."""
        if mask is None:
            raise errors.Invalid("Parameter mask is required for Vary (Region)")
        (picture, *_) = message.get("attachments") or [{}]
        size = (picture.get("width"), picture.get("height"))
        content_type = await asyncio.to_thread(pictures.check_mask, mask, size)
        return await self._inbox.keep(f"mask.{content_type[6:]}", mask, content_type)

    async def images(self, images: Iterable[command.Image]) -> list[dict[str, Any]]:
        """The pictures as the driver finds them: uploads are checked, all of them before any is
        kept."""
        checked = [(image, await _checked(image)) for image in images]
        return [await self._kept(image, type) for image, type in checked]

    async def _kept(self, image: command.Image, content_type: str) -> dict[str, Any]:
        if not isinstance(image, Upload):
            return {"url": image}
        filename = pictures.filename(image.filename, content_type)
        key = await self._inbox.keep(filename, image.data, content_type)
        return {"key": key, "filename": filename, "content_type": content_type}

    async def drop(self, inputs: dict[str, Any]) -> None:
        """Forgets what was kept for a command that was not taken."""
        kept = [inputs.get("mask"), *(image.get("key") for image in inputs.get("images", ()))]
        for key in filter(None, kept):
            await self._inbox.drop(key)


async def _checked(image: command.Image) -> str:
    if not isinstance(image, Upload):
        return ""
    return (await asyncio.to_thread(pictures.inspect, image.field, image.data)).content_type
