"""Pictures and clips: one door to wherever they are kept (obstore: a folder, later a bucket).

A key is `<unguessable>/<file name>`; whoever knows it may read it, so URLs need no credentials.
What lies under a key never changes, so it may be cached for ever.
"""

import contextlib
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import obstore
from obstore.exceptions import InvalidPathError, NotFoundError
from obstore.store import LocalStore, ObjectStore

PREFIX = "/media/"
SHARED = "shared/"
# File systems refuse longer names; ours are far shorter.
LONGEST_NAME = 200
DEEPEST = 4
CHUNK = 256 * 1024
TYPES = {".webp": "image/webp", ".mp4": "video/mp4"}


class Kept(msgspec.Struct, frozen=True):
    """What is known of a file without reading it."""

    size: int
    etag: str
    content_type: str


class Media:
    """Files by key. Open a folder with `Media.folder`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._shared: set[str] = set()

    @classmethod
    def folder(cls, path: Path) -> "Media":
        return cls(LocalStore(path, automatic_cleanup=False, mkdir=True))

    async def publish(
        self, key: str, data: bytes, content_type: str, *, same_as: str | None = None
    ) -> str:
        """Stores `data` whole or not at all and returns its server-relative URL.

        `same_as` is a digest of `data`: files with one digest share their bytes on disk.
        """
        if same_as is None:
            await obstore.put_async(self._store, key, data)
            return PREFIX + key
        shared = f"{SHARED}{same_as}{Path(key).suffix}"
        if shared not in self._shared:
            await obstore.put_async(self._store, shared, data)
            self._shared.add(shared)
        await obstore.copy_async(self._store, shared, key)
        return PREFIX + key

    async def fetch(self, url: str) -> bytes:
        """The bytes at a URL that `publish` returned, or at a key. Raises FileNotFoundError."""
        try:
            result = await obstore.get_async(self._store, url.removeprefix(PREFIX))
            return bytes(await result.bytes_async())
        except (NotFoundError, InvalidPathError) as error:
            raise FileNotFoundError(url) from error

    async def delete(self, key: str) -> None:
        """Removes what lies under a key; quiet when there is nothing."""
        with contextlib.suppress(NotFoundError, InvalidPathError, FileNotFoundError):
            await obstore.delete_async(self._store, key)

    async def stat(self, key: str) -> Kept | None:
        """None when there is no such file; never raises for a strange key."""
        parts = key.split("/")
        if key.startswith(SHARED) or len(parts) > DEEPEST or not all(map(_sound, parts)):
            return None
        try:
            meta = await obstore.head_async(self._store, key)
        except (NotFoundError, InvalidPathError, ValueError, OSError):
            return None
        content_type = TYPES.get(Path(key).suffix) or mimetypes.guess_type(key)[0]
        return Kept(
            size=meta["size"],
            etag='"' + (meta["e_tag"] or f"{meta['size']:x}").strip('"') + '"',
            content_type=content_type or "application/octet-stream",
        )

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not with, `end`, in pieces."""
        while start < end:
            stop = min(start + CHUNK, end)
            yield bytes(await obstore.get_range_async(self._store, key, start=start, end=stop))
            start = stop


def _sound(name: str) -> bool:
    return 0 < len(name.encode("utf-8", "surrogatepass")) <= LONGEST_NAME
