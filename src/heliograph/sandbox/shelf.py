"""The bot's files, kept under the paths that their links have."""

import asyncio
import io
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiohttp
from PIL import Image

from heliograph.media.store import Media
from heliograph.sandbox.finals import webp_name
from heliograph.sandbox.links import ATTACHMENTS, CDN, place
from heliograph.studio.files import MEDIA, LinkRefused

MOST_BYTES = 10 * 1024 * 1024
SECONDS = 10
WEBP_QUALITY = 80


class Shelf:
    """`heliograph.studio.files.Files` of the sandbox. It never asks another machine for anything:
    a link that leads away from this one is answered as a site that refuses."""

    def __init__(self, media: Media, *, with_webp: bool = False) -> None:
        self.media = media
        # How large the WebP is, by the URL of its PNG.
        self.reduced: dict[str, int] = {}
        self._with_webp = with_webp

    async def publish(
        self, key: str, data: bytes, content_type: str, *, same_as: str | None = None
    ) -> str:
        await self.media.publish(place(key), data, content_type, same_as=same_as)
        url = f"{MEDIA}/{key}"
        if self._with_webp and content_type == "image/png":
            webp = await asyncio.to_thread(_webp, data)
            self.reduced[url] = len(webp)
            await self.media.publish(webp_name(place(key)), webp, "image/webp")
        return url

    async def fetch(self, url: str) -> bytes:
        return await self.media.fetch(place(url))

    async def read(self, url: str) -> bytes:
        if url.startswith(f"{MEDIA}/"):
            return await self.fetch(url)
        if (own := await self._own(url)) is not None:
            return own
        return await _loopback(url)

    async def _own(self, url: str) -> bytes | None:
        """What one of our own links leads to. Its signature does not count: the bot sees what its
        users have sent it for as long as it is there."""
        kind, *rest = unquote(urlsplit(url).path).strip("/").split("/")
        key = {ATTACHMENTS: "/".join([ATTACHMENTS, *rest[1:]]), CDN: "/".join([CDN, *rest])}.get(
            kind
        )
        if key and await self.media.stat(key):
            return await self.media.fetch(key)
        return None


def _webp(png: bytes) -> bytes:
    """The same in fewer bytes. What is no picture stays what it is."""
    file = io.BytesIO()
    try:
        with Image.open(io.BytesIO(png)) as image:
            image.save(file, "WEBP", quality=WEBP_QUALITY, method=0)
    except (OSError, Image.DecompressionBombError):
        return png
    return file.getvalue()


async def _loopback(url: str) -> bytes:
    try:
        host = urlsplit(url).hostname or ""
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise LinkRefused("Could not fetch image. Received status code 403")
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                status = answer.status
                raise LinkRefused(f"Could not fetch image. Received status code {status}")
            data = await answer.content.read(MOST_BYTES + 1)
            while len(data) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES)):
                data += more
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise LinkRefused("Could not fetch image. Nobody answers there") from error
    if len(data) > MOST_BYTES:
        raise LinkRefused("Could not fetch image. It is larger than 10 MB")
    return data
