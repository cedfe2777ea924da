"""The cave: rock all around, light from its mouth."""

from __future__ import annotations

import cv2
import numpy as np

from diorama.canvas import mix, rgb, vec
from diorama.flora import stamp
from diorama.noise import fbm, profile, smoothstep
from diorama.relief import look
from diorama.rocks import dripstone, rock
from diorama.stage import Stage

from .land import LIMIT, canvas_copy, height_of


def back(stage: Stage) -> None:
    """Paint a cave that opens on the sky, with light falling on its floor."""
    from .land import paint_weather_sky

    paint_weather_sky(stage)
    canvas, light = stage.canvas, stage.light
    low = canvas.small(LIMIT)
    relief = look(low, height_of(stage), horizon=stage.horizon, eye=0.42)
    stage.reached(0.5)
    stage.relief = relief
    rough = fbm(relief.u * 0.5, relief.v * 0.5, stage.noise("rough"), gain=0.7)
    beam = np.exp(-(((relief.u / relief.v - light.azimuth * 0.4) / 0.32) ** 2)) * smoothstep(
        0.6, 4.0, relief.v
    )
    rock = vec(stage.colour("rock", "#6b5a52")) * (0.8 + 0.4 * rough)[..., None]
    colour = stage.lit(rock, np.clip(0.15 + beam, 0, 1) * relief.diffuse(0.2, 0.6))
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(colour * 0.9, relief.seen)
    x, y = low.grid()
    cx, cy = light.azimuth * 0.4, stage.horizon - 0.10
    angle = np.arctan2(x - cx, cy - y)  # its seam is below, under the floor
    ragged = profile(angle * 2.2 + 20, stage.noise("mouth"), octaves=5)
    for k, (size, tone) in enumerate(((0.27, 0.72), (0.36, 0.42), (0.5, 0.2))):
        edge = size * (1 + 0.22 * np.roll(ragged, k * 3, axis=1)) + 0.05 * profile(
            angle * 5 + k * 7, stage.noise(f"mouth{k}"), octaves=4
        )
        d = np.hypot((x - cx) / 1.05, (y - cy) / 1.1)
        wall = smoothstep(edge - 0.004, edge + 0.006, d) * smoothstep(
            stage.horizon + 0.10 + 0.12 * k, stage.horizon + 0.02 + 0.12 * k, y - 0.05 * ragged
        )
        stone = fbm(x * 0.8 + k, y * 0.8, stage.noise(f"stone{k}"), gain=0.66)
        rim = np.exp(-np.clip(d - edge, 0, 9) / 0.035)
        shade = (
            vec(stage.colour("rock", "#6b5a52"))
            * vec(stage.tone(0.3))
            * (tone * (0.9 + 0.9 * stone))[..., None]
        )
        shade = (
            shade
            + (rim * (0.30 - 0.07 * k))[..., None]
            * vec(mix(rgb(light.horizon), rgb(light.sun), 0.5))
            * vec(stage.colour("rock", "#6b5a52"))
            * 1.6
        )
        low.blend(np.asarray(shade, np.float32), np.asarray(wall, np.float32))
    canvas.pixels[:] = canvas.fit(low.pixels)
    soft = canvas.small(360)
    gx, gy = soft.grid()
    fall = (
        np.exp(-(((gx - cx) / (0.1 + 0.35 * np.clip(gy - cy, 0, 1))) ** 2))
        * smoothstep(1.0, 0.2, gy)
        * smoothstep(cy - 0.2, cy + 0.2, gy)
    )
    canvas.glow(rgb(light.sun), canvas.fit(np.asarray(fall * 0.22 * light.key, np.float32)))
    _floor(stage, cx)


def _floor(stage: Stage, cx: float) -> None:
    """Lay a pool that mirrors the mouth, and stand dripstones and boulders at both sides."""
    canvas = stage.canvas
    focus = float(stage.notes.get("focus", 9.0))
    _pool(stage, cx + (0.16 if focus < cx else -0.16))
    code = str(stage.spec.get("rock", "#6b5a52"))
    found = []
    for rng, dx in stage.scattered("drips", 26, 3.2, -1.6):
        near, x = float(rng.random()) ** 1.3, float(rng.random()) * 3.2 - 1.6 + dx
        found.append((near, x, int(rng.integers(4)), float(rng.random())))
    for near, x, shape, roll in sorted(found):
        y = stage.horizon + 0.05 + 0.36 * near
        if abs(x - cx) < 0.16 + 0.12 * near or abs(x - focus) < 0.16 + 0.26 * near:
            continue
        lit = float(np.exp(-(((x - cx) / 0.55) ** 2))) * (1 - 0.55 * near)
        tone = mix((0.12, 0.12, 0.14), stage.tone(0.85), 0.18 + 0.75 * lit)
        size = 0.35 + 0.65 * near
        drip = roll < 0.6
        image = dripstone(shape, code) if drip else rock(shape, code)
        tall = size * (0.12 + 0.34 * roll if drip else 0.16 * roll)
        stamp(canvas, image, x, y, tall, flip=x < cx, tone=tone)


def _pool(stage: Stage, x: float) -> None:
    """Let water stand in a hollow of the floor."""
    whole = stage.canvas
    top = stage.horizon + 0.11
    canvas = whole.rows(top, top + 0.13)
    gx, gy = canvas.grid()
    rough = fbm(gx * 0.5, gy * 1.4, stage.noise("pool"), gain=0.45)
    away = np.hypot((gx - x) / 0.30, (gy - top - 0.06) / 0.042) + 0.30 * rough
    cover = smoothstep(1.0, 0.93, away)
    rim = smoothstep(1.16, 1.0, away) * (1 - cover)
    ripple = fbm(gx * 0.6, gy * 4.0, stage.noise("puddle"), gain=0.5)
    rows = (2 * stage.horizon + 0.03 - gy + 0.012 * ripple - whole.top) * whole.unit
    columns = (gx - whole.left) * whole.unit
    mirror = cv2.remap(whole.pixels, np.asarray(columns, np.float32), np.asarray(rows, np.float32),
                       cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    canvas.pixels *= (1 - 0.55 * rim)[..., None]
    canvas.blend(np.asarray(mirror * 0.80 + 0.008, np.float32), cover)


def front(stage: Stage) -> None:
    """Dark stalactites hang before the eye."""
    canvas = stage.canvas
    x = canvas.xs()
    teeth = np.abs(profile(x * 7 + 3, stage.noise("teeth"), octaves=2))
    line = 0.02 + 0.13 * teeth**1.6 + 0.05 * np.abs(x)
    alpha = smoothstep(0.004, -0.004, canvas.ys()[:, None] - line[None, :])
    canvas.blend(vec(stage.tone(0.15)) * 0.14, np.asarray(alpha, np.float32))
