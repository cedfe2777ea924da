"""Blocks: the rounded boxes that furniture is built of, and the soft shadows they throw.

Positions are world units of the first frame; the light comes from the window's side.
"""

from __future__ import annotations

import numpy as np

from diorama.canvas import Colour, vec
from diorama.noise import fbm, smoothstep
from diorama.stage import Stage

from . import walls

Box = tuple[float, float, float, float]


def block(
    stage: Stage, box: Box, colour: Colour, round_by: float = 0.012, pillow: float = 0.0
) -> None:
    """Draw a box (left, top, right, bottom) with rounded corners; a pillow swells to its middle."""
    canvas = stage.canvas
    left, top, right, bottom = box
    x0, y0 = (int(v) - 2 for v in canvas.to_px(left, top))
    x1, y1 = (int(v) + 3 for v in canvas.to_px(right, bottom))
    x0, x1 = max(0, x0), min(canvas.width, x1)
    y0, y1 = max(0, y0), min(canvas.height, y1)
    if x1 <= x0 or y1 <= y0:
        return
    x, y = canvas.xs()[None, x0:x1], canvas.ys()[y0:y1, None]
    dx = np.abs(x - (left + right) / 2) - (right - left) / 2 + round_by
    dy = np.abs(y - (top + bottom) / 2) - (bottom - top) / 2 + round_by
    away = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
    px = 0.7 / canvas.unit
    alpha = smoothstep(round_by + px, round_by - px, away)
    across = (x - left) / (right - left) * 2 - 1
    down = (y - top) / (bottom - top) * 2 - 1
    toward = 1.0 if stage.light.azimuth >= 0 else -1.0
    shade = 0.93 + 0.10 * across * toward - 0.13 * down
    rim = smoothstep(0.0, -0.03, away - round_by)
    shade = shade * (0.80 + 0.20 * rim)
    if pillow:
        shade = shade + pillow * (0.22 - 0.34 * down - 0.2 * (across**2 + down**2) * 0.5)
    cloth = fbm(x * 5 + 0 * y, y * 5 + 0 * x, 91, gain=0.8)
    tone = vec(colour) * vec(walls.ambient(stage)) * (shade * (1 + 0.05 * cloth))[..., None]
    part = canvas.pixels[y0:y1, x0:x1]
    part += (tone - part) * np.asarray(alpha, np.float32)[..., None]


def shadow(stage: Stage, box: Box, strength: float = 0.4, soft: float = 0.03) -> None:
    """Darken what lies behind a piece or under it, softly."""
    canvas = stage.canvas
    x, y = canvas.xs()[None, :], canvas.ys()[:, None]
    left, top, right, bottom = box
    across = smoothstep(left - soft, left + soft, x) * smoothstep(right + soft, right - soft, x)
    down = smoothstep(top - soft, top + soft, y) * smoothstep(bottom + soft, bottom - soft, y)
    canvas.pixels *= (1 - strength * across * down)[..., None]
