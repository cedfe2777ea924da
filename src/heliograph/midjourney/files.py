"""The port by which the driver gets the pictures that a command names."""

from typing import Any, Protocol


class FileRefused(Exception):
    """A picture can't be had; the text is a sentence for the caller."""


class Files(Protocol):
    """Uploads that callers left here, pictures behind their URLs, and a place for results."""

    async def read(self, image: dict[str, Any]) -> tuple[str, str, bytes]:
        """A picture's file name, content type and bytes.

        `image` is `{"url": …}`, or `{"key": …, "filename": …, "content_type": …}` for an upload.
        Raises FileRefused.
        """

    async def copy(self, attachment: dict[str, Any]) -> dict[str, Any]:
        """An attachment of the upstream's as one of our own: `url` and `proxy_url` lead to a copy
        that we keep, since Discord's own URLs expire within a day. Raises FileRefused.
        """
