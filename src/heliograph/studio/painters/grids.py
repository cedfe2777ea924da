"""A grid of four pictures, in tasks.

Eight and two more: four sketches, which show within two seconds what is coming; the four cells,
each as large as it will be; a first preview and the grid in between and at the end. Every task is
on its own, so all cores are busy but for the last.
"""

import msgspec

from heliograph.studio.painters.base import CELLS, Painting, Picture
from heliograph.studio.painters.steps import EASEL, LAST, Bench, all_of
from heliograph.studio.sizes import Size, cell_size, preview_size

# What the sketches take of a grid's time, in percent.
SKETCHED = 10


class Grid:
    """One grid on its way."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._size = cell_size(bench.order.aspect)
        self._preview = preview_size(self._size)
        self._painted = [0.0] * CELLS
        self._percent = 0

    async def paint(self) -> Painting:
        scenes = await all_of(
            [self._sketch(n) for n in range(CELLS)], lambda: self._creep(SKETCHED)
        )
        look = await self._bench.call(f"{EASEL}:look", size=self._preview)
        self._on(SKETCHED, msgspec.convert(look, Picture))
        cells = await all_of(
            [self._cell(n, scene) for n, scene in enumerate(scenes)], lambda: self._creep(LAST)
        )
        grid = await self._bench.call(f"{EASEL}:assemble", size=self._size, scenes=scenes)
        return Painting(msgspec.convert(grid, Picture), tuple(cells), tuple(scenes))

    def _on(self, percent: int, look: Picture | None) -> None:
        self._percent = max(self._percent, percent)
        self._bench.report(self._percent, look)

    def _creep(self, most: int) -> None:
        """A slow step of a cell is seconds without news; a bar that stands still looks broken."""
        self._on(min(self._percent + 1, most), None)

    async def _sketch(self, n: int) -> str:
        width, height = self._preview
        small: Size = (width // 2, height // 2)
        # Whoever sketched a cell has its trees and clouds at hand when it comes to paint it.
        scene: str = await self._bench.call(f"{EASEL}:sketch", about=str(n), cell=n, size=small)
        return scene

    async def _cell(self, n: int, scene: str) -> Picture:
        def progress(fraction: float, look: Picture | None = None) -> None:
            self._painted[n] = max(self._painted[n], fraction)
            share = sum(self._painted) / CELLS
            self._on(SKETCHED + int(share * (LAST - SKETCHED)), look)

        found = await self._bench.call(
            f"{EASEL}:paint",
            progress,
            about=str(n),
            scene=scene,
            cell=n,
            size=self._size,
            preview=self._preview,
        )
        cell, look = msgspec.convert(found, list[Picture])
        progress(1.0, look)
        return cell
