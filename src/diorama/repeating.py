"""Repeating: a picture whose edges meet, painted with its own surroundings and joined to itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .canvas import Canvas
from .noise import Field

RIM = 0.11


def repeating(width: int, height: int, paint: Callable[[Canvas], Field]) -> Field:
    """Return pixels (height, width, 3) that repeat without a seam.

    `paint` paints a canvas that shows the tile and a rim of its neighbours. What the world repeats
    agrees on both sides of an edge; what it does not (a medium's grain) fades over the rim.
    """
    rim = max(4, round(RIM * min(width, height)))
    unit = float(height)
    pixels = np.zeros((height + 2 * rim, width + 2 * rim, 3), np.float32)
    left, top = -width / unit / 2 - rim / unit, -rim / unit
    wide = paint(Canvas(width + 2 * rim, height + 2 * rim, left, top, unit, pixels))
    return _joined(_joined(wide, rim, 1), rim, 0)


def _joined(pixels: Field, rim: int, axis: int) -> Field:
    """Return the tile along one axis: its end fades into what lies before its beginning."""
    turned = np.moveaxis(pixels, axis, 0)
    out = np.array(turned[rim:-rim])
    fade = ((np.arange(rim, dtype=np.float32) + 0.5) / rim)[:, None, None]
    out[-rim:] += (turned[:rim] - out[-rim:]) * fade
    return np.asarray(np.moveaxis(out, 0, axis), np.float32)
