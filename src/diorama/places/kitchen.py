"""The kitchen: tiles, a shelf, a counter to stand things on."""

from __future__ import annotations

import cv2
import numpy as np

from diorama.canvas import blur, mix, rgb, vec
from diorama.noise import fbm, smoothstep
from diorama.stage import Stage

from . import walls
from .blocks import block, shadow
from .land import LIMIT
from .windows import window


def back(stage: Stage) -> None:
    """Paint tiles, a shelf with jars, a window, and a counter to stand things on."""
    low = walls.wall(stage, mix(walls.palette(stage, 0), (1, 1, 1), 0.45))
    x, y = low.grid()
    a, b = x / 0.085, y / 0.085
    row = np.floor(b)
    a = a + 0.5 * (row % 2)
    fx, fy = a - np.floor(a), b - row
    grout = np.minimum(np.minimum(fx, 1 - fx), np.minimum(fy, 1 - fy))
    gloss = np.abs(np.sin(np.floor(a) * 12.98 + row * 78.2)) * 0.06
    shade = (0.97 + gloss + 0.05 * (0.5 - fy)) * (1 - 0.16 * smoothstep(0.045, 0.02, grout))
    low.pixels *= shade[..., None]
    stage.canvas.pixels[:] = stage.canvas.fit(low.pixels)
    stage.reached(0.5)
    side = 1.0 if stage.light.azimuth >= 0 else -1.0
    window(stage, side * min(stage.half, 0.95) * 0.46, 0.36, 0.22)
    _rail(stage, -side * min(stage.half, 0.95) * 0.46)
    _shelf(stage, 0.17)
    stage.canvas.pixels[:] = blur(stage.canvas.pixels, 0.0016 * stage.canvas.unit)
    stage.reached(0.7)
    _counter(stage)


def _rail(stage: Stage, middle: float) -> None:
    """Hang pans on a rail."""
    y = 0.255
    block(stage, (middle - 0.27, y, middle + 0.27, y + 0.009), (0.55, 0.52, 0.50), 0.003)
    rng = stage.rng("rail")
    metals = ((0.72, 0.44, 0.28), (0.30, 0.31, 0.33), (0.66, 0.67, 0.69))
    x, gx, gy = middle - 0.23, *stage.canvas.grid()
    while x < middle + 0.22:
        size, metal = 0.030 + 0.035 * float(rng.random()), metals[int(rng.integers(3))]
        low = y + 0.10 + 0.05 * float(rng.random())
        block(stage, (x - 0.005, y, x + 0.005, low), metal, 0.002)
        away = np.hypot(gx - x, gy - low - size)
        shadow(stage, (x - size, low, x + size * 1.3, low + 2.1 * size), 0.2, 0.02)
        slope = (stage.light.azimuth * (gx - x) - 0.5 * (gy - low - size)) / size
        light = 0.75 + 0.5 * np.clip(slope, -0.5, 0.8)
        ring = 1 + 0.16 * smoothstep(0.06, 0.02, np.abs(away / size - 0.82))
        tone = vec(metal) * vec(walls.ambient(stage)) * (light * ring)[..., None]
        face = smoothstep(size + 0.002, size - 0.002, away)
        stage.canvas.blend(np.asarray(tone, np.float32), np.asarray(face, np.float32))
        x += size + 0.075


def _jars(stage: Stage, rng: np.random.Generator, y: float, x: float, end: float) -> None:
    """Stand jars on the shelf from world x to the end."""
    canvas, ambient = stage.canvas, vec(walls.ambient(stage))
    while x < end:
        wide, tall = 0.035 + 0.05 * float(rng.random()), 0.05 + 0.08 * float(rng.random())
        if float(rng.random()) < 0.72:
            a, b = canvas.to_px(x, y - tall), canvas.to_px(x + wide, y)
            tone = vec(mix(walls.palette(stage, int(rng.integers(5))), (1, 1, 1), 0.25))
            x0, x1 = max(0, round(a[0])), min(canvas.width, round(b[0]))
            y0, y1 = max(0, round(a[1])), max(0, round(b[1]))
            if x1 > x0 + 1 and y1 > y0 + 1:
                t = np.linspace(-1, 1, x1 - x0, dtype=np.float32)[None, :, None]
                jar = tone * ambient * (0.62 + 0.4 * np.sqrt(np.clip(1 - (t + 0.25) ** 2, 0, 1)))
                canvas.pixels[y0:y1, x0:x1] = jar
                lid = max(1, (y1 - y0) // 6)
                canvas.pixels[y0 : y0 + lid, x0:x1] = jar * 0.55
        x += wide + 0.012 + 0.03 * float(rng.random())


def _shelf(stage: Stage, y: float) -> None:
    canvas = stage.canvas
    ambient = vec(walls.ambient(stage))
    half = stage.half
    for name, dx, _ in stage.chunks(2.04 * half + 0.1, -1.02 * half):
        _jars(stage, stage.rng(f"shelf{name}"), y, dx - 1.02 * half, dx + half)
    a, b = canvas.to_px(-half - 0.1, y), canvas.to_px(half + 0.1, y + 0.018)
    y0, y1 = round(a[1]), max(round(b[1]), round(a[1]) + 1)
    canvas.pixels[y0:y1] = vec(rgb("#8a5a34")) * ambient
    shade = np.linspace(0.75, 1, max(2, round(0.05 * canvas.unit)), dtype=np.float32)[:, None, None]
    part = canvas.pixels[y1 : y1 + len(shade)]
    part *= shade[: len(part)]


def _counter(stage: Stage) -> None:
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    x, y = low.grid()
    h = stage.horizon
    z = 0.34 / np.maximum(y - h + 0.11, 1e-3)
    u = x * z
    grain = fbm(u * 0.16, z * 1.1, stage.noise("counter"), gain=0.65)
    fine = fbm(u * 0.9, z * 5.0, stage.noise("counter2"), gain=0.7)
    tone = vec(stage.colour("floor", "#b98552")) * (0.88 + 0.2 * grain + 0.1 * fine)[..., None]
    light = 0.72 + 0.4 * np.exp(-(((x - stage.light.azimuth * 0.6) / 0.7) ** 2))
    tone = tone * vec(walls.ambient(stage)) * light[..., None]
    picture = cv2.resize(canvas.pixels, (low.width, low.height), interpolation=cv2.INTER_AREA)
    my = ((2 * h - y) - low.top) * low.unit
    mx = (x - low.left) * low.unit
    mirror = cv2.remap(
        picture,
        mx.astype(np.float32),
        my.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mirror = blur(np.asarray(mirror, np.float32), 0.014 * low.unit)
    tone = tone + (mirror - tone) * (0.08 + 0.24 * smoothstep(h + 0.25, h, y))[..., None]
    canvas.blend(
        canvas.fit(np.asarray(tone, np.float32)),
        np.clip(canvas.fit(smoothstep(h - 0.001, h + 0.001, y)), 0, 1),
    )
    crease = np.exp(-(((canvas.ys() - h) / 0.012) ** 2)) * 0.3
    canvas.pixels *= (1 - crease)[:, None, None]
