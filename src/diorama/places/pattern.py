"""A pattern for cloth or paper: a ground and small ornaments that repeat over the frame."""

from __future__ import annotations

import numpy as np

from diorama.canvas import mix, rgb, vec
from diorama.noise import Field, fbm, smoothstep
from diorama.stage import Stage

from .walls import palette


def back(stage: Stage) -> None:
    """Paint the ground and its ornaments; all of it is periodic in the base frame."""
    canvas = stage.canvas
    stage.inside = True
    stage.notes["void"] = True
    low = canvas.small(1100)
    x, y = low.grid()
    span = 2 * stage.half
    u, v = x / span, y
    base = _ground(stage)
    cloth = fbm(u * 1.0, v * 1.0, stage.noise("cloth")) * 0.5 + 0.25 * fbm(u * 9, v * 9, 7)
    low.pixels[:] = vec(base) * (1 + 0.06 * cloth)[..., None]
    stage.reached(0.3)
    if not stage.scene.things:
        _blocks(stage, low.pixels, u, v, low.unit)
    else:
        _sprigs(stage, low.pixels, u, v, low.unit)
    canvas.pixels[:] = canvas.fit(low.pixels)


def front(stage: Stage) -> None:
    """Nothing lies over the pattern."""


def _ground(stage: Stage) -> tuple[float, float, float]:
    spec = stage.spec
    own = spec.get("ground2") or spec.get("shallow")
    base = mix(rgb(str(own)), (1, 1, 1), 0.15) if own else mix(palette(stage, 0), (1, 1, 1), 0.4)
    return mix(base, (0.09, 0.08, 0.2), 0.62) if stage.light.moon else base


def _columns(stage: Stage, rows: int) -> int:
    return max(1, round(rows * 2 * stage.half))


def _sprigs(stage: Stage, out: Field, u: Field, v: Field, unit: float) -> None:
    """Strew dots, rings and leaves on a half-drop grid, four rows and two sizes."""
    for rows, size, seed in ((4, 0.030, 1), (8, 0.009, 2)):
        columns = _columns(stage, rows)
        a = u * columns + 0.5
        col = np.floor(a)
        b = v * rows + 0.5 * (col % 2) + (0.25 if seed == 2 else 0.0)
        row = np.floor(b)
        code = ((col % columns) * 31 + (row % rows) * 17 + stage.noise("sprig")).astype(int)
        code = (code * 2654435761 >> 7) & 0xFFFF
        dx, dy = (a - col - 0.5) / columns * 2 * stage.half, (b - row - 0.5) / rows
        turn = code / 65535 * 6.28
        c, s = np.cos(turn), np.sin(turn)
        ex, ey = dx * c + dy * s, -dx * s + dy * c
        away = np.hypot(ex, ey)
        leaf = np.hypot(ex / 1.0, ey / 0.42) * 0.8
        star = away * (1.0 + 0.32 * np.cos(5 * np.arctan2(ey, ex)))
        ring = np.abs(away - size * 0.75) + size * 0.7
        kind = code % 4
        shape = np.select([kind == 0, kind == 1, kind == 2], [leaf, star, ring], away)
        mask = smoothstep(size + 0.8 / unit, size - 0.8 / unit, shape)
        tones = np.asarray([palette(stage, k) for k in range(1, 5)], np.float32)
        tone = tones[code // 5 % 4] * 0.85 + 0.15
        out += (tone - out) * (mask * (0.75 if seed == 1 else 0.6))[..., None]


def _blocks(stage: Stage, out: Field, u: Field, v: Field, unit: float) -> None:
    """Lay quarter circles, discs and triangles on a grid that closes on itself."""
    rows = 5
    columns = _columns(stage, rows)
    a, b = u * columns, v * rows
    col, row = np.floor(a), np.floor(b)
    code = ((col % columns) * 131 + (row % rows) * 71 + stage.noise("block")).astype(int)
    code = (code * 2654435761 >> 9) & 0xFFFF
    fx, fy = a - col, b - row
    fx = np.where(code & 1, fx, 1 - fx)
    fy = np.where(code & 2, fy, 1 - fy)
    tones = np.asarray([palette(stage, k) for k in range(5)], np.float32)
    out[:] = tones[code // 8 % 5] * (out / np.maximum(out.mean(axis=(0, 1)), 0.05))
    soft = 1.2 * rows / unit
    shapes = [np.hypot(fx, fy) - 0.96, np.hypot(fx - 0.5, fy - 0.5) - 0.38, fx + fy - 1.0]
    kind = code // 64 % 3
    shape = np.select([kind == 0, kind == 1], shapes[:2], shapes[2])
    mask = smoothstep(soft, -soft, shape)
    out += (tones[(code // 8 + 1 + code // 512 % 4) % 5] - out) * mask[..., None]
