"""Indoors: studio, room, and what stays empty before the things."""

from __future__ import annotations

import cv2
import numpy as np

from diorama.canvas import mix, rgb, vec
from diorama.noise import fbm, smoothstep
from diorama.stage import Stage

from . import walls


def studio(stage: Stage) -> None:
    """Paint a seamless backdrop that curves into the floor under a soft spot."""
    stage.inside = True
    canvas = stage.canvas
    low = canvas.small(640)
    x, y = low.grid()
    base, other = walls.palette(stage, 0), walls.palette(stage, 1)
    focus = float(stage.notes.get("focus", 0.0))
    spot = np.exp(-(((x - focus) / 0.55) ** 2 + ((y - 0.36) / 0.45) ** 2))
    sweep = smoothstep(stage.horizon - 0.12, stage.horizon + 0.16, y)
    wall = vec(mix(base, other, 0.25)) * (0.60 + 0.5 * spot)[..., None]
    wall = wall + 0.16 * (spot**2)[..., None]
    floor = (
        vec(mix(base, (1, 1, 1), 0.12))
        * (0.82 + 0.26 * np.exp(-(((x - focus) / 0.8) ** 2)))[..., None]
    )
    tone = wall + (floor - wall) * sweep[..., None]
    tone = tone * (1 - 0.14 * np.exp(-(((y - stage.horizon - 0.0) / 0.09) ** 2)))[..., None]
    grain = fbm(x * 0.6, y * 0.6, stage.noise("paper"), gain=0.7)
    low.pixels[:] = (
        tone * vec(mix(walls.ambient(stage), (1, 1, 1), 0.5)) * (1 + 0.02 * grain)[..., None]
    )
    canvas.pixels[:] = canvas.fit(low.pixels)
    if float(stage.rng("disc").random()) < 0.55:
        xx, yy = canvas.grid()
        radius = 0.30 + 0.06 * float(stage.rng("disc").random())
        d = np.hypot(xx - focus, yy - 0.42)
        disc = smoothstep(radius + 0.002, radius - 0.002, d) * smoothstep(
            stage.horizon + 0.04, stage.horizon - 0.06, yy
        )
        shade = vec(mix(other, (1, 1, 1), 0.28)) * (1.02 - 0.25 * (yy - 0.2))[..., None]
        canvas.blend(np.asarray(shade, np.float32), np.asarray(disc * 0.62, np.float32))


def room(stage: Stage) -> None:
    """Paint a room: wall, pictures, the window's light, skirting, a plank floor, a rug."""
    low = walls.wall(stage, walls.palette(stage, 0))
    walls.sunbeam(stage, low, stage.horizon)
    stage.canvas.pixels[:] = stage.canvas.fit(low.pixels)
    _frames(stage, stage.horizon)
    stage.reached(0.4)
    walls.planks(stage, stage.colour("floor", "#a06a3c"), stage.horizon)
    stage.reached(0.75)
    walls.skirting(stage, stage.horizon, (0.93, 0.91, 0.88))
    if float(stage.rng("rug").random()) < 0.7:
        walls.rug(stage)


def _frames(stage: Stage, horizon: float) -> None:
    """Hang one to three pictures on the wall, away from the middle."""
    canvas, rng = stage.canvas, stage.rng("frames")
    half = stage.half
    for k in range(int(rng.integers(1, 4))):
        side = -1 if (k + stage.seed) % 2 else 1
        x = side * half * (0.5 + 0.32 * float(rng.random()))
        y = 0.10 + 0.14 * float(rng.random())
        wide, tall = 0.09 + 0.06 * float(rng.random()), 0.11 + 0.07 * float(rng.random())
        a, b = (
            canvas.to_px(x - wide / 2, y),
            canvas.to_px(x + wide / 2, min(y + tall, horizon - 0.1)),
        )
        box = (round(a[0]), round(a[1]), round(b[0]), round(b[1]))
        if box[2] - box[0] < 6 or box[0] < 0 or box[2] > canvas.width:
            continue
        shade = canvas.pixels[max(0, box[1]) : box[3] + 6, box[0] + 4 : box[2] + 8]
        shade *= 0.8
        ambient = vec(walls.ambient(stage))
        cv2.rectangle(
            canvas.pixels, box[:2], box[2:], tuple((vec(rgb("#5b3d28")) * ambient).tolist()), -1
        )
        edge = max(2, round(0.008 * canvas.unit))
        inner = canvas.pixels[box[1] + edge : box[3] - edge, box[0] + edge : box[2] - edge]
        if inner.size == 0:
            continue
        sy = np.linspace(0, 1, inner.shape[0], dtype=np.float32)[:, None]
        sx = np.linspace(0, 1, inner.shape[1], dtype=np.float32)[None, :]
        hill = 0.6 + 0.12 * np.sin(sx * 5 + k * 2) + 0.05 * np.sin(sx * 13)
        top, low = vec(walls.palette(stage, k + 1)), vec(walls.palette(stage, k + 2))
        paper = top + (vec((1, 0.95, 0.85)) - top) * (sy * 0.8)[..., None]
        paper = np.where(
            (sy > hill)[..., None], low * (1.1 - 0.4 * sy)[..., None], paper + 0 * sx[..., None]
        )
        inner[:] = paper * ambient * 0.92


def front(stage: Stage) -> None:
    """Nothing stands before the things of a room."""
