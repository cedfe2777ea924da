"""Paints with `diorama`, the composing painter: on any machine, without weights or a GPU.

A grid is eight tasks for the pool and two more: four sketches, which show within two seconds what
is coming; the four cells, each as large as it will be; a first preview and the grid in between and
at the end. Every task is on its own, so all cores are busy but for the last.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

import msgspec

from heliograph.studio.painters.base import CELLS, Fetch, Order, Painting, Picture, Report
from heliograph.studio.painters.processes import Pool, Progress
from heliograph.studio.sizes import Size, cell_size, preview_size

EASEL = "heliograph.studio.painters.easel"
T = TypeVar("T")

# What the steps of a grid take of its time, in percent: sketches first, the encoding last.
SKETCHED, PAINTED = 10, 92
TICK_SECONDS = 0.8


class ComposerPainter:
    """`folder` is for pixels between processes: its own, and emptied at every start."""

    name = "composer"
    # One job has work for all cores; two at once would only both take longer.
    slots = 1

    def __init__(
        self, folder: Path, *, workers: int | None = None, idle_seconds: float = 20.0
    ) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        self._folder = folder
        self._pool = Pool(workers, idle_seconds=idle_seconds)

    async def paint(self, order: Order, report: Report, fetch: Fetch) -> Painting:
        if order.operation == "single":
            return await self._single(order, fetch)
        report(0, None)
        async with self._room() as folder:
            return await _Grid(self._pool, order, report, folder).paint()

    async def close(self) -> None:
        await self._pool.close()

    async def _single(self, order: Order, fetch: Fetch) -> Painting:
        grid = await fetch(order.sources[0])
        found = await self._pool.call(f"{EASEL}:single", _silent, grid=grid, cell=order.cell)
        picture, cell = msgspec.convert(found, list[Picture])
        return Painting(picture, (cell,), (order.origin.scene if order.origin else "",))

    @asynccontextmanager
    async def _room(self) -> AsyncIterator[str]:
        room = await asyncio.to_thread(mkdtemp, dir=self._folder)
        try:
            yield room
        finally:
            # At once, even when cancelled: some unlinked files take no time.
            shutil.rmtree(room, ignore_errors=True)


class _Grid:
    """One grid on its way."""

    def __init__(self, pool: Pool, order: Order, report: Report, folder: str) -> None:
        self._pool = pool
        self._order = order
        self._report = report
        self._folder = folder
        self._size = cell_size(order.aspect)
        self._preview = preview_size(self._size)
        self._painted = [0.0] * CELLS
        self._percent = 0

    async def paint(self) -> Painting:
        scenes = await _all([self._sketch(n) for n in range(CELLS)], lambda: self._creep(SKETCHED))
        look = await self._call("look", _silent, size=self._preview)
        self._on(SKETCHED, msgspec.convert(look, Picture))
        cells = await _all(
            [self._cell(n, scene) for n, scene in enumerate(scenes)], lambda: self._creep(PAINTED)
        )
        grid = await self._call("assemble", _silent, size=self._size)
        return Painting(msgspec.convert(grid, Picture), tuple(cells), tuple(scenes))

    def _on(self, percent: int, look: Picture | None) -> None:
        self._percent = max(self._percent, percent)
        self._report(self._percent, look)

    def _creep(self, most: int) -> None:
        """A slow step of a cell is seconds without news; a bar that stands still looks broken."""
        self._on(min(self._percent + 1, most), None)

    async def _sketch(self, n: int) -> str:
        width, height = self._preview
        small: Size = (width // 2, height // 2)
        order = msgspec.to_builtins(self._order)
        scene: str = await self._call(
            "sketch", _silent, about=self._about(n), order=order, cell=n, size=small
        )
        return scene

    async def _cell(self, n: int, scene: str) -> Picture:
        def progress(fraction: float, look: Picture | None = None) -> None:
            self._painted[n] = max(self._painted[n], fraction)
            share = sum(self._painted) / CELLS
            self._on(SKETCHED + int(share * (PAINTED - SKETCHED)), look)

        found = await self._call(
            "paint",
            progress,
            about=self._about(n),
            scene=scene,
            cell=n,
            size=self._size,
            preview=self._preview,
        )
        cell, look = msgspec.convert(found, list[Picture])
        progress(1.0, look)
        return cell

    def _about(self, n: int) -> str:
        """Whoever sketched a cell has its trees and clouds at hand when it comes to paint it."""
        return f"{self._folder} {n}"

    async def _call(self, function: str, progress: Progress, **arguments: Any) -> Any:
        return await self._pool.call(
            f"{EASEL}:{function}", progress, folder=self._folder, **arguments
        )


async def _all(tasks: list[Coroutine[Any, Any, T]], tick: Callable[[], None]) -> list[T]:
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


def _silent(fraction: float) -> None:
    """For what is too short to show."""
