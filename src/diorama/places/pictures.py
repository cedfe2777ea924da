"""Pictures on a wall: small paintings in frames, each of its own kind."""

from __future__ import annotations

import numpy as np

from diorama.canvas import vec
from diorama.noise import Field
from diorama.stage import Stage

from . import walls
from .blocks import Box, block, shadow

FRAMES = ((0.33, 0.22, 0.14), (0.15, 0.14, 0.14), (0.80, 0.66, 0.38), (0.92, 0.90, 0.86))


def hang(stage: Stage) -> None:
    """Hang two to four pictures on the wall, each of its own kind, away from the window."""
    rng = stage.rng("frames")
    side = 1.0 if stage.light.azimuth >= 0 else -1.0
    half = min(stage.half, 0.95)
    middle = -side * half * (0.30 if "window" in stage.spec.get("furniture", []) else 0.0)
    count = int(rng.integers(2, 5))
    step = 0.62 * half / count + 0.05
    for k in range(count):
        x = middle + (k - (count - 1) / 2) * step
        wide = step * (0.55 + 0.25 * float(rng.random()))
        tall = wide * (0.8 + 0.6 * float(rng.random()))
        y = 0.21 + 0.05 * float(rng.random()) - tall / 2
        tall = min(tall, stage.horizon - 0.40)
        box = (x - wide / 2, y, x + wide / 2, y + tall)
        shadow(stage, (box[0] + 0.006, y + 0.008, box[2] + 0.012, box[3] + 0.014), 0.25, 0.01)
        block(stage, box, FRAMES[int(rng.integers(4))], 0.002)
        edge = 0.09 * wide
        inner = (box[0] + edge, y + edge, box[2] - edge, box[3] - edge)
        block(stage, inner, (0.95, 0.93, 0.88), 0.001)
        mat = 0.16 * wide
        _painting(stage, (inner[0] + mat, inner[1] + mat, inner[2] - mat, inner[3] - mat), k,
                  int(rng.integers(4)))  # fmt: skip


def _painting(stage: Stage, box: Box, k: int, kind: int) -> None:
    """Paint a small picture in a frame: hills, a sun over water, stripes, or a round form."""
    canvas = stage.canvas
    x0, y0 = (max(0, round(v)) for v in canvas.to_px(box[0], box[1]))
    x1, y1 = (round(v) for v in canvas.to_px(box[2], box[3]))
    x1, y1 = min(canvas.width, x1), min(canvas.height, y1)
    if x1 <= x0 or y1 <= y0:
        return
    u = ((canvas.xs()[x0:x1] - box[0]) / (box[2] - box[0]))[None, :]
    v = ((canvas.ys()[y0:y1] - box[1]) / (box[3] - box[1]))[:, None]
    a, b, c = (vec(walls.palette(stage, k + i)) for i in (1, 2, 3))
    paper: Field = a + (vec((1, 0.95, 0.86)) - a) * (0.75 * v + 0 * u)[..., None]
    if kind == 0:
        for i, tone in enumerate((c, b)):
            hill = 0.5 + 0.2 * i + 0.10 * np.sin(u * (5 + 3 * i) + k)
            paper = np.where((v > hill)[..., None], tone * (1.05 - 0.3 * v)[..., None], paper)
    elif kind == 1:
        paper = np.where((np.hypot(u - 0.5, v - 0.42) < 0.24)[..., None], b, paper)
        paper = np.where(
            (v > 0.6)[..., None], c * (0.9 + 0.2 * np.sin(v * 60 + 0 * u))[..., None], paper
        )
    elif kind == 2:
        band = np.floor(u * 5 + 0.5 * np.sin(v * 6)) % 3
        paper = np.where((band == 0)[..., None], b, np.where((band == 1)[..., None], c, paper))
    else:
        paper = np.where(
            (np.abs(u - 0.5) + 0.5 * np.abs(v - 0.55) < 0.30 * np.sin(v * 3))[..., None], b, paper
        )
        paper = np.where(((np.abs(u - 0.5) < 0.02) & (v > 0.4))[..., None], c * 0.6, paper)
    canvas.pixels[y0:y1, x0:x1] = paper * vec(walls.ambient(stage)) * 0.94
