"""Tiles: work on a large picture window by window, so that memory stays small and no seam shows.

A tile is worked on with a margin of its surroundings, which is then cut off; neighbouring tiles
overlap and fade into each other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import Field

Pixels = NDArray[np.uint8]
Work = Callable[[Pixels, int, int], Field]


@dataclass(frozen=True)
class Tiling:
    """Sizes in source pixels: a tile's longest side, its margin, and the fade between two."""

    side: int
    margin: int
    fade: int

    def spans(self, length: int) -> list[slice]:
        """Return the tiles along an axis: equal, as few as can be, a fade or more of overlap."""
        count = max(1, -(-(length - self.fade) // (self.side - self.fade)))
        side = -(-(length + (count - 1) * self.fade) // count)
        starts = (round(index * (length - side) / max(1, count - 1)) for index in range(count))
        return [slice(start, start + side) for start in starts]

    def map(
        self,
        source: Pixels,
        scale: int,
        work: Work,
        reached: Callable[[float], None],
        *,
        threads: int = 1,
    ) -> Pixels:
        """Return the picture (height x scale, width x scale, 3) that `work` makes, tile by tile.

        `work` gets a window with its margins and the place (y, x) of the window's corner in the
        source (negative in the margin), and returns the window's pixels 0..1, `scale` times as
        large; it runs in as many threads, and the result does not depend on them. `reached` is
        told the share that is done, and may raise to end it.
        """
        height, width = source.shape[:2]
        rim = self.margin
        padded = np.asarray(
            cv2.copyMakeBorder(source, rim, rim, rim, rim, cv2.BORDER_REFLECT_101), np.uint8
        )

        def make(tile: tuple[slice, slice]) -> Field:
            y, x = tile[0].start, tile[1].start
            window = padded[y : tile[0].stop + 2 * rim, x : tile[1].stop + 2 * rim]
            made = work(window, y - rim, x - rim)
            return made[rim * scale : -rim * scale, rim * scale : -rim * scale]

        target = np.empty((height * scale, width * scale, 3), np.uint8)
        tiles = [(rows, columns) for rows in self.spans(height) for columns in self.spans(width)]
        for index, made in enumerate(_in_order(make, tiles, threads)):
            rows, columns = tiles[index]
            self._lay(target, made, rows.start * scale, columns.start * scale, scale)
            reached((index + 1) / len(tiles))
        return target

    def _lay(self, target: Pixels, made: Field, y: int, x: int, scale: int) -> None:
        """Lay a tile over the ones before it, fading in from its upper and its left edge."""
        under = target[y : y + made.shape[0], x : x + made.shape[1]]
        down = self._ramp(under.shape[0], y, scale)
        weight = down[:, None, None] * self._ramp(under.shape[1], x, scale)[:, None]
        made = np.clip(made, 0, 1) * 255
        under[:] = made + 0.5 if x == y == 0 else under + (made - under) * weight + 0.5

    def _ramp(self, length: int, start: int, scale: int) -> Field:
        ramp = np.ones(length, np.float32)
        if start:
            fade = self.fade * scale
            ramp[:fade] = (np.arange(fade, dtype=np.float32) + 0.5) / fade
        return ramp


def _in_order(
    make: Callable[[tuple[slice, slice]], Field],
    tiles: Sequence[tuple[slice, slice]],
    threads: int,
) -> Iterator[Field]:
    """Yield what each tile makes, in order; no more are under way or waiting than need be."""
    waiting: deque[Future[Field]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for tile in tiles:
                waiting.append(pool.submit(make, tile))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for job in waiting:
                job.cancel()
