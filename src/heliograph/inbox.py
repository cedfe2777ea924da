"""What callers bring for a job: files they upload, and pictures that they name by URL."""

import contextlib
import secrets
from typing import Any
from urllib.parse import unquote, urlsplit

from heliograph import pictures
from heliograph.command import IMAGE_BYTES
from heliograph.errors import Invalid
from heliograph.media.store import PREFIX, Media
from heliograph.midjourney.files import FileRefused
from heliograph.outgoing import Outgoing, OutgoingRefused

FOLDER = "inbox"
# A grid of 2688 x 1792 is some 8 MB as PNG; an upscale by four, and clips, are larger.
MOST_COPIED = 100 * 1024 * 1024


class Inbox:
    """Keeps uploads in the media store, and fetches what is named.

    It is the service's `Inbox` and the driver's `Files`. `upstream` fetches what the bot made, from
    wherever the operator says the upstream is.
    """

    def __init__(self, media: Media, outgoing: Outgoing, upstream: Outgoing | None = None) -> None:
        self._media = media
        self._outgoing = outgoing
        self._upstream = upstream or outgoing

    async def keep(self, filename: str, data: bytes, content_type: str) -> str:
        """Returns an unguessable key."""
        key = f"{FOLDER}/{secrets.token_hex(16)}/{filename}"
        await self._media.publish(key, data, content_type)
        return key

    async def drop(self, key: str) -> None:
        await self._media.delete(key)

    async def read(self, image: dict[str, Any]) -> tuple[str, str, bytes]:
        """As `heliograph.midjourney.files.Files` says."""
        if "key" in image:
            try:
                data = await self._media.fetch(image["key"])
            except FileNotFoundError:
                raise FileRefused("The uploaded picture is no longer there") from None
            return image["filename"], image["content_type"], data
        data = await self.fetch(image["url"])
        try:
            found = pictures.inspect("image", data)
        except Invalid:
            raise FileRefused("Invalid link: there is no PNG, JPEG, WebP or GIF picture") from None
        name = unquote(urlsplit(image["url"]).path)
        return pictures.filename(name, found.content_type), found.content_type, data

    async def copy(self, attachment: dict[str, Any]) -> dict[str, Any]:
        """As `heliograph.midjourney.files.Files` says."""
        try:
            got = await self._upstream.get(attachment["url"], most_bytes=MOST_COPIED)
        except OutgoingRefused as refused:
            raise FileRefused(str(refused)) from None
        if got.status != 200:
            raise FileRefused(f"Received status code {got.status}")
        name = str(attachment.get("filename") or "file").replace("/", "_")
        content_type = attachment.get("content_type") or got.content_type
        key = f"{secrets.token_hex(16)}/{name}"
        url = await self._media.publish(key, got.data, content_type)
        return attachment | {"url": url, "proxy_url": url}

    async def fetch(self, url: str) -> bytes:
        """What lies at a caller's URL, at most 10 MB. Raises FileRefused in the bot's own words."""
        if (own := await self._own(url)) is not None:
            return own
        try:
            got = await self._outgoing.get(url, most_bytes=IMAGE_BYTES)
        except OutgoingRefused as refused:
            raise FileRefused(f"Could not fetch image. {refused}") from None
        if got.status != 200:
            raise FileRefused(f"Could not fetch image. Received status code {got.status}")
        return got.data

    async def _own(self, url: str) -> bytes | None:
        """What lies under a media URL of this server, by whatever name the caller knows it: the
        keys can't be guessed, so one that fits is proof enough."""
        with contextlib.suppress(ValueError, FileNotFoundError):
            path = unquote(urlsplit(url).path)
            if path.startswith(PREFIX) and await self._media.stat(path.removeprefix(PREFIX)):
                return await self._media.fetch(path)
        return None
