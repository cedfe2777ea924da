"""Paints with `diorama`, the composing painter: on any machine, without weights or a GPU.

What an order needs is cut into tasks for a pool of processes: `grids` cuts grids, `reels` clips;
the rest is one task each. The tasks themselves are in `easel` and `projector`.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from heliograph.studio import sizes
from heliograph.studio.painters.base import Fetch, Order, Painting, Picture, Report
from heliograph.studio.painters.grids import Grid
from heliograph.studio.painters.processes import Pool
from heliograph.studio.painters.reels import Reel
from heliograph.studio.painters.steps import EASEL, LAST, PROJECTOR, Bench, silent


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
        # Clips take a while, and pictures come before them: one process is left free.
        self._for_clips = asyncio.Semaphore(max(1, self._pool.size - 1))

    async def paint(self, order: Order, report: Report, fetch: Fetch) -> Painting:
        if order.operation == "single":
            return await self._single(order, fetch)
        report(0, None)
        async with self._room() as folder:
            bench = Bench(self._pool, order, report, folder)
            await bench.gather(fetch)
            match order.operation:
                case "describe":
                    return Painting(None, prompts=tuple(await bench.call(f"{EASEL}:describe")))
                case "upscale":
                    return await self._upscale(bench)
                case "animate" | "extend":
                    return await Reel(bench, self._for_clips).make()
                case _:
                    return await Grid(bench).paint()

    async def close(self) -> None:
        await self._pool.close()

    async def _single(self, order: Order, fetch: Fetch) -> Painting:
        source = await fetch(order.sources[0])
        scene = order.origin.scene if order.origin else ""
        if order.of_clips:
            found = await self._pool.call(f"{PROJECTOR}:clip", silent, video=source)
            clip = msgspec.convert(found, Picture)
            return Painting(clip, (clip,), (scene,))
        found = await self._pool.call(
            f"{EASEL}:single", silent, grid=source, cell=order.cell, scene=scene
        )
        picture, cell = msgspec.convert(found, list[Picture])
        return Painting(picture, (cell,), (scene,))

    async def _upscale(self, bench: Bench) -> Painting:
        order = bench.order
        found = await bench.call(
            f"{EASEL}:upscale",
            lambda fraction: bench.report(int(fraction * LAST), None),
            size=sizes.upscaled(sizes.cell_size(order.aspect), order.factor),
            threads=self._pool.size,
        )
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
