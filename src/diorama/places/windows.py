"""Windows: what is seen through them, their frames, sills and curtains, the light they let in."""

from __future__ import annotations

import numpy as np

from diorama.canvas import mix, rgb, vec
from diorama.noise import fbm, profile, smoothstep
from diorama.stage import Stage

from . import walls
from .blocks import Box, block, shadow

WHITE = (0.94, 0.93, 0.90)


def window(stage: Stage, x: float, wide: float = 0.34, top: float = 0.09) -> None:
    """Set a window into the wall: the sky and hills outside, a sill, curtains at its sides."""
    canvas, light = stage.canvas, stage.light
    wide = min(wide, 0.8 * stage.half)
    low = min(stage.horizon - 0.17, top + 0.40)
    box = (x - wide / 2, top, x + wide / 2, low)
    shadow(stage, (box[0] - 0.02, top, box[2] + 0.02, low + 0.03), 0.18, 0.03)
    block(
        stage, (box[0] - 0.018, top - 0.018, box[2] + 0.018, low + 0.018), (0.93, 0.92, 0.89), 0.004
    )
    view(stage, box)
    for bar in ((x - 0.006, top, x + 0.006, low), (box[0], top + 0.4 * (low - top) - 0.005, box[2],
                                                    top + 0.4 * (low - top) + 0.005)):  # fmt: skip
        block(stage, bar, (0.93, 0.92, 0.89), 0.001)
    block(
        stage, (box[0] - 0.035, low + 0.012, box[2] + 0.035, low + 0.034), (0.95, 0.94, 0.91), 0.004
    )
    if stage.spec.get("curtains", True):
        curtains(stage, (box[0] - 0.10, top - 0.045, box[2] + 0.10, low + 0.10))
    if light.moon:
        return
    gx, gy = canvas.grid()
    slant = (gy - stage.horizon) * (0.9 if x < 0 else -0.9)
    beam = np.exp(-(((gx - x - slant) / (0.55 * wide)) ** 4)) * smoothstep(
        stage.horizon + 0.06, stage.horizon + 0.12, gy
    )
    beam *= smoothstep(1.02, min(stage.horizon + 0.2, 0.98), gy)  # also where the floor is low
    cross = 1 - 0.6 * smoothstep(0.03, 0.012, np.abs(gx - x - slant))
    canvas.glow(rgb(light.sun), np.asarray(0.24 * light.key * beam * cross, np.float32))


def view(stage: Stage, box: Box) -> None:
    """Paint what is seen through a window: sky, clouds, two rows of hills."""
    canvas, light = stage.canvas, stage.light
    left, top, right, bottom = box
    x0, y0 = (max(0, int(v)) for v in canvas.to_px(left, top))
    x1, y1 = (int(v) + 1 for v in canvas.to_px(right, bottom))
    x1, y1 = min(canvas.width, x1), min(canvas.height, y1)
    if x1 <= x0 or y1 <= y0:
        return
    x, y = np.meshgrid(canvas.xs()[x0:x1], canvas.ys()[y0:y1])
    t = np.clip((y - top) / (bottom - top), 0, 1)
    sky = vec(rgb(light.middle)) + (vec(rgb(light.horizon)) - vec(rgb(light.middle))) * t[..., None]
    cloud = smoothstep(0.1, 0.6, fbm(x * 0.9, y * 2.0, stage.noise("view"), gain=0.6))
    sky = (
        sky
        + (vec(mix(rgb(light.sun), (1, 1, 1), 0.5)) * (0.4 if light.moon else 1) - sky)
        * (0.5 * cloud)[..., None]
    )
    for k, (line, rise, code) in enumerate(((0.62, 0.10, "#6f8f7a"), (0.78, 0.08, "#557a45"))):
        ridge = line + rise * profile(x[0] * (5 + 3 * k), stage.noise(f"view{k}"), octaves=4)
        tone = mix(np.multiply(rgb(code), stage.tone(0.7)).tolist(), stage.haze(), 0.45 - 0.35 * k)
        leaf = 1 + 0.22 * fbm(x * 4, y * 4, 55 + k, gain=0.8)
        inside = smoothstep(-0.01, 0.012, t - ridge[None, :])[..., None]
        sky = sky + (vec(tone) * leaf[..., None] - sky) * inside
    shine = smoothstep(0.05, 0.0, np.abs((x - left) - 0.5 * (y - top) - 0.1)) * 0.12
    canvas.pixels[y0:y1, x0:x1] = sky + shine[..., None]


def curtains(stage: Stage, box: Box) -> None:
    """Hang a rod and two curtains in folds; the note "curtains" keeps where, for what moves."""
    left, top, right, bottom = box
    block(stage, (left - 0.02, top - 0.006, right + 0.02, top + 0.006), (0.32, 0.24, 0.18), 0.003)
    canvas = stage.canvas
    stage.notes.setdefault("curtains", []).append(box)
    x, y = canvas.grid()
    base = mix(walls.palette(stage, 2), (0.95, 0.92, 0.86), 0.45)
    for a, b in ((left, left + 0.12), (right - 0.12, right)):
        sway = 0.008 * np.sin(y * 9 + a * 30)
        inside = smoothstep(a - 0.002, a + 0.002, x - sway) * smoothstep(
            b + 0.002, b - 0.002, x - sway
        )
        inside *= smoothstep(top, top + 0.004, y) * smoothstep(bottom + 0.004, bottom, y)
        fold = np.sin((x - sway - a) / 0.12 * 19 + 0.6 * np.sin(y * 7)) * 0.5 + 0.5
        tone = vec(base) * vec(walls.ambient(stage)) * (0.66 + 0.36 * fold)[..., None]
        canvas.blend(np.asarray(tone, np.float32), np.asarray(inside, np.float32))
