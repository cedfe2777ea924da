"""What all ways of painting share: an order laid out for the worker processes, and its steps."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from heliograph.studio.painters.base import Fetch, Order, Report
from heliograph.studio.painters.processes import Pool, Progress

EASEL = "heliograph.studio.painters.easel"
PROJECTOR = "heliograph.studio.painters.projector"
T = TypeVar("T")

TICK_SECONDS = 0.8
# The percent behind which there is only encoding left.
LAST = 92


class Bench:
    """An order with everything that its tasks are told: the folder, and the sources in it."""

    def __init__(self, pool: Pool, order: Order, report: Report, folder: str) -> None:
        self.order = order
        self.report = report
        self.folder = folder
        self._pool = pool
        self._plain = msgspec.to_builtins(order)

    async def gather(self, fetch: Fetch) -> None:
        """Lays the order's sources and references into the folder, for `easel.source`."""
        for kind, urls in (("source", self.order.sources), ("reference", self.order.references)):
            for n, url in enumerate(urls):
                data = await fetch(url)
                await asyncio.to_thread(Path(self.folder, f"{kind}.{n}").write_bytes, data)

    async def call(
        self, function: str, progress: Progress | None = None, *, about: str = "", **arguments: Any
    ) -> Any:
        """One task of the order; see `Pool.call`."""
        return await self._pool.call(
            function,
            progress or silent,
            about=f"{self.folder} {about}" if about else "",
            folder=self.folder,
            order=self._plain,
            **arguments,
        )


async def all_of(tasks: list[Coroutine[Any, Any, T]], tick: Callable[[], None]) -> list[T]:
    """The tasks' results in their order; the first failure ends them all. Ticks meanwhile."""
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(task) for task in tasks]
            ticking = group.create_task(_ticking(tick))
            await asyncio.wait(running)
            ticking.cancel()
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in running]


async def _ticking(tick: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        tick()


def silent(fraction: float) -> None:
    """For what is too short to show."""
