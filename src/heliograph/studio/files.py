"""Where the bot puts its pictures: the narrow side of whatever keeps files for the server."""

from typing import Protocol

# What the bot's own URLs begin with; `{MEDIA}/cdn/<uuid>/0_<n>.jpeg` are the single pictures.
MEDIA = "/media"


class LinkRefused(Exception):
    """A link leads to no picture; the text says why in the bot's words, such as "Could not fetch
    image. Received status code 403"."""


class Files(Protocol):
    """Keeps what is published under a key, for good and readable without credentials.

    The bot makes every key: `<32 random hex>/<file name>` for attachments, so that their URLs
    can't be guessed, `cdn/<uuid>/0_<n>.jpeg` for single pictures, as the real CDN has them, and
    `cdn/video/<uuid>/<n>.mp4` for clips.
    """

    async def publish(
        self, key: str, data: bytes, content_type: str, *, same_as: str | None = None
    ) -> str:
        """Stores `data` under `key` and returns its server-relative URL, `/media/<key>`.

        `same_as` is a digest of `data` that the caller vouches for: the store may keep one file
        for all keys published with it. Publishing a key again replaces nothing: it is the same.
        """

    async def fetch(self, url: str) -> bytes:
        """What was published at `url` (or under that key). Raises FileNotFoundError."""

    async def read(self, url: str) -> bytes:
        """What any URL leads to: something published (server-relative or under the server's public
        URL), or a picture elsewhere that a user named.

        Raises FileNotFoundError for what should be here and isn't, LinkRefused for the rest.
        """
