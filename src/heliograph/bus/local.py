"""Hints within one process."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

from heliograph.bus.base import Hint


class LocalBus:
    """`heliograph.bus.base.Bus` for one event loop."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()

    def publish(self, hint: Hint) -> None:
        for listener in self._listeners:
            if listener.kind == hint.kind:
                listener.put(hint.id)

    def listen(self, kind: Literal["job", "channel"]) -> AsyncIterator[str]:
        listener = _Listener(kind)
        self._listeners.add(listener)
        return self._drain(listener)

    async def _drain(self, listener: "_Listener") -> AsyncIterator[str]:
        try:
            while True:
                yield await listener.take()
        finally:
            self._listeners.discard(listener)


class _Listener:
    """Pending ids, each once: memory is bounded by the number of rows, not of hints."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._pending: dict[str, None] = {}
        self._arrived = asyncio.Event()

    def put(self, id: str) -> None:
        self._pending[id] = None
        self._arrived.set()

    async def take(self) -> str:
        while not self._pending:
            self._arrived.clear()
            await self._arrived.wait()
        id = next(iter(self._pending))
        del self._pending[id]
        return id
