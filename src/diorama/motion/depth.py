"""Depth: how near each part of a place is, so that a moving camera shifts it by the right amount.

Nearness is the inverse of distance: 0 at infinity, 1 where the subject stands. On level ground it
grows evenly from the horizon down, which is why one formula moves ground, walls and things alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diorama.canvas import Canvas
from diorama.noise import Field

MOST = 1.7
# The nearness of what stands beyond the horizon line of a place.
BACKS = {
    "land": 0.05, "sea": 0.02, "beach": 0.02, "underwater": 0.16, "woods": 0.24, "jungle": 0.3,
    "street": 0.06, "skyline": 0.1, "room": 0.5, "studio": 0.55, "kitchen": 0.5, "library": 0.5,
    "cave": 0.2, "space": 0.05, "clouds": 0.02, "abstract": 0.3, "picture": 0.14,
}  # fmt: skip


@dataclass(frozen=True)
class Depth:
    """The nearness of a place: `horizon` and `stand` (the subject's foot) are world y."""

    painter: str
    horizon: float
    stand: float
    vanish: float = 0.0

    @property
    def far(self) -> float:
        return BACKS.get(self.painter, 0.1)

    def at(self, y: float) -> float:
        """Return the nearness of what stands on the ground at world y."""
        level = (y - self.horizon) / max(self.stand - self.horizon, 0.08)
        if self.painter == "street":
            return float(np.clip(level, self.far, MOST))
        return float(np.clip(self.far + (1 - self.far) * level, self.far, MOST))

    def over(self, canvas: Canvas) -> Field:
        """Return the nearness of the place at each pixel of a window."""
        x, y = canvas.grid()
        if self.painter in ("space", "abstract"):
            away = np.hypot(x - self.vanish, y - 0.5)
            return np.asarray(self.far * (0.6 + 0.8 * away), np.float32)
        unit = max(self.stand - self.horizon, 0.08)
        ground = np.maximum((y - self.horizon) / unit, 0.0)
        if self.painter == "street":  # walls stand 0.62 aside, the eye 0.34 above the road
            wall = np.abs(x - self.vanish) * (0.34 / 0.62 / unit)
            return np.asarray(np.clip(np.maximum(ground, wall), self.far, MOST), np.float32)
        if self.painter == "skyline":  # what is mirrored in water is as far as what it mirrors
            ground = 0.25 * ground
        if self.painter == "cave":
            side = np.hypot(x - self.vanish, 0.7 * np.minimum(y - self.horizon, 0.0))
            ground = np.maximum(ground, side * 1.3)
        return np.asarray(np.clip(self.far + (1 - self.far) * ground, 0, MOST), np.float32)
