"""Walls and floors: what every room is built from. Floor and wall meet at the horizon line."""

from __future__ import annotations

import cv2
import numpy as np

from diorama.canvas import Canvas, blur, mix, rgb, vec
from diorama.noise import fbm, smoothstep
from diorama.stage import Stage

from .land import LIMIT


def palette(stage: Stage, index: int) -> tuple[float, float, float]:
    """Return a colour of the scene's palette, counted round."""
    colours = stage.scene.palette
    return rgb(colours[index % len(colours)])


def ambient(stage: Stage) -> tuple[float, float, float]:
    """Return the light of a room: warm lamps after dark, the sky's light by day."""
    if stage.light.moon:
        return (0.62, 0.46, 0.34)
    tone = mix(rgb(stage.light.ambient), rgb(stage.light.sun), 0.55)
    return mix(tone, (1, 1, 1), 0.66)


def wall(stage: Stage, base: tuple[float, float, float]) -> Canvas:
    """Return a lit plaster wall over the whole picture, still to be laid on the canvas."""
    stage.inside = True
    canvas = stage.canvas
    low = canvas.small(900)
    x, y = low.grid()
    plaster = fbm(x * 0.7, y * 0.7, stage.noise("plaster"), gain=0.72)
    lamp = np.exp(-(((x - stage.light.azimuth) / 0.75) ** 2 + ((y - 0.2) / 0.6) ** 2))
    tone = vec(base) * vec(ambient(stage))
    low.pixels[:] = tone * (0.62 + 0.46 * lamp + 0.035 * plaster)[..., None]
    return low


def planks(
    stage: Stage, colour: tuple[float, float, float], horizon: float, eye: float = 0.42
) -> None:
    """Lay boards that run away from the eye; `eye` is its height over them."""
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    x, y = low.grid()
    z = eye / np.maximum(y - horizon + 0.055, 1e-3)
    u = x * z
    board = np.floor(u * 3.6)
    fx = u * 3.6 - board
    shift = np.abs(np.sin(board * 12.9898)) * 7.0
    end = np.floor(z * 0.62 + shift)
    fz = z * 0.62 + shift - end
    grain = fbm(u * 0.9 + board * 0.37, z * 0.055 + board * 0.71 + end * 0.31, 63, gain=0.62)
    fine = fbm(u * 6.0 + board * 0.17, z * 0.2 + end, 64, gain=0.7) * smoothstep(5, 1.5, z)
    vary = np.abs(np.sin(board * 78.233 + end * 37.7)) - 0.5
    tone = vec(colour) * (0.86 + 0.26 * grain + 0.12 * fine + 0.16 * vary)[..., None]
    line = 0.010 + 0.004 * z
    gap = smoothstep(line, line * 0.3, np.minimum(fx, 1 - fx)) + 0.8 * smoothstep(
        0.008, 0.003, np.minimum(fz, 1 - fz)
    )
    tone = tone * (1 - 0.5 * np.clip(gap, 0, 1) * smoothstep(9, 3, z))[..., None]
    light = np.exp(-(((x - stage.light.azimuth * 0.7) / 0.8) ** 2)) * 0.42 + 0.62
    tone = tone * vec(ambient(stage)) * light[..., None]
    size = (low.width, low.height)
    wall = cv2.resize(canvas.pixels, size, interpolation=cv2.INTER_AREA)
    my = ((2 * horizon - y) - low.top) * low.unit
    mx = (x - low.left) * low.unit
    mirror = cv2.remap(
        wall,
        mx.astype(np.float32),
        my.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mirror = blur(np.asarray(mirror, np.float32), 0.012 * low.unit)
    gloss = (0.10 + 0.26 * smoothstep(horizon + 0.35, horizon, y))[..., None]
    tone = tone + (mirror - tone) * gloss
    alpha = smoothstep(horizon - 0.001, horizon + 0.001, y)
    canvas.blend(canvas.fit(np.asarray(tone, np.float32)), np.clip(canvas.fit(alpha), 0, 1))


def skirting(
    stage: Stage, horizon: float, colour: tuple[float, float, float], tall: float = 0.03
) -> None:
    """Run a board along the foot of the wall."""
    canvas = stage.canvas
    y = canvas.ys()[:, None] + 0 * canvas.xs()[None, :]
    px = 0.6 / canvas.unit
    board = smoothstep(horizon - tall - px, horizon - tall + px, y) * smoothstep(
        horizon + px, horizon - px, y
    )
    shade = (
        1.0
        - 0.25 * smoothstep(horizon - tall * 0.3, horizon, y)
        + 0.12 * smoothstep(horizon - tall + 0.004, horizon - tall, y)
    )
    canvas.blend(
        shade[..., None] * vec(colour) * vec(ambient(stage)) * 0.95, np.asarray(board, np.float32)
    )
    crease = np.exp(-(((y - horizon) / 0.02) ** 2)) * 0.28
    canvas.pixels *= (1 - crease)[..., None]


def rug(stage: Stage) -> None:
    """Lay a round rug under the subject."""
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    x, y = low.grid()
    focus = float(stage.notes.get("focus", 0.0))
    cy = stage.horizon + (1 - stage.horizon) * 0.55
    d = np.hypot((x - focus) / 0.52, (y - cy) / 0.125)
    base, edge = vec(palette(stage, 1)), vec(palette(stage, 2))
    ring = smoothstep(0.035, 0.02, np.abs(d - 0.82)) + smoothstep(0.03, 0.015, np.abs(d - 0.58))
    weave = fbm(x * 4, y * 9, 71, gain=0.8)
    tone = (
        (base + (edge - base) * np.clip(ring, 0, 1)[..., None])
        * (0.86 + 0.15 * weave)[..., None]
        * vec(ambient(stage))
        * 0.92
    )
    alpha = smoothstep(1.008, 0.99, d)
    shadow = smoothstep(1.06, 0.98, np.hypot((x - focus) / 0.52, (y - cy - 0.008) / 0.127)) * 0.3
    canvas.pixels *= (1 - canvas.fit(np.asarray(shadow, np.float32)))[..., None]
    canvas.blend(canvas.fit(np.asarray(tone, np.float32)), np.clip(canvas.fit(alpha), 0, 1))
