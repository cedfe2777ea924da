"""A painter that a test holds in its hand; imported by the tests and by the bot they kill."""

import asyncio

from heliograph.studio.painters.base import Fetch, Order, Painting, Report
from heliograph.studio.painters.blank import BlankPainter


class ScriptedPainter:
    """Begins an order, reports `percent`, and finishes when `go` is set. `painted` are its orders.

    With `error` it raises that instead of finishing.
    """

    name = "scripted"

    def __init__(
        self, *, percent: int = 40, slots: int = 1, error: Exception | None = None
    ) -> None:
        self.slots = slots
        self.percent = percent
        self.error = error
        self.go = asyncio.Event()
        self.begun = asyncio.Event()
        self.given_up = asyncio.Event()
        self.painted: list[Order] = []
        self._blank = BlankPainter()

    async def paint(self, order: Order, report: Report, fetch: Fetch) -> Painting:
        self.painted.append(order)
        painting = await self._blank.paint(order, report, fetch)
        report(self.percent, None)
        self.begun.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise
        if self.error:
            raise self.error
        return painting

    async def close(self) -> None:
        await self._blank.close()
