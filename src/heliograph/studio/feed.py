"""Carries dispatches from the bot to whoever listens in a channel.

It keeps nothing for those who don't: a reader that comes later, or comes back, reads the history.
"""

import asyncio
from collections import deque
from weakref import WeakSet

import msgspec

from heliograph.midjourney.wire import Dispatch, WireLost

# Some minutes of a busy channel. A reader that is further behind does better to read the history.
MOST_WAITING = 10_000


class Reader:
    """One listener's dispatches, in order, until `close`.

    Each is decoded for this reader alone: nobody else sees what it does with the data.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._news = asyncio.Event()
        self._closed = False
        self._lost = False

    def __aiter__(self) -> "Reader":
        return self

    async def __anext__(self) -> Dispatch:
        while not self._waiting:
            if self._lost:
                raise WireLost("the reader fell too far behind")
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        type, data = self._waiting.popleft()
        return Dispatch(type, msgspec.json.decode(data))

    def put(self, type: str, data: bytes) -> None:
        if self._closed or self._lost:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._lost = True
        else:
            self._waiting.append((type, data))
        self._news.set()

    def close(self) -> None:
        """Ends the iteration, after what is waiting already."""
        self._closed = True
        self._news.set()


class Feed:
    """The readers of all channels."""

    def __init__(self) -> None:
        # A reader that was dropped without a word must not fill up for ever.
        self._readers: dict[str, WeakSet[Reader]] = {}

    def reader(self, channel: str) -> Reader:
        """Listens from now on."""
        reader = Reader()
        self._readers.setdefault(channel, WeakSet()).add(reader)
        return reader

    def put(self, channel: str, type: str, data: bytes) -> None:
        """Tells everybody in the channel; `data` is the dispatch's `d` as JSON."""
        for reader in self._readers.get(channel, ()):
            reader.put(type, data)

    def close(self) -> None:
        for readers in self._readers.values():
            for reader in readers:
                reader.close()
