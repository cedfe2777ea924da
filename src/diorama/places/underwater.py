"""Under water: deep water with shafts of light, a sandy floor, weed, coral and bubbles."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from diorama import flora
from diorama.canvas import Canvas, blur, mix, rgb, vec
from diorama.noise import fbm, smoothstep
from diorama.relief import look
from diorama.rocks import rock
from diorama.stage import Stage

from .land import height_of


def back(stage: Stage) -> None:
    """Paint deep water with shafts of light, a sandy floor and weed."""
    canvas = stage.canvas
    low = canvas.small(800)
    x, y = low.grid()
    top, bottom = vec(stage.colour("shallow", "#4fd0d8")), vec(stage.colour("deep", "#06304f"))
    night = 0.35 if stage.light.moon else 1.0
    t = smoothstep(-0.1, 1.0, y)[..., None]
    low.pixels[:] = (top + (bottom - top) * t) * night
    source = stage.light.azimuth
    slant = (x - source) / np.maximum(y + 0.55, 0.1)
    rays = fbm(slant * 0.55 + 0.3, np.full_like(x, 0.2) + y * 0.02, stage.noise("rays"))
    shaft = np.clip(rays + 0.12, 0, 1) * np.exp(-(slant**2) / 0.5) * smoothstep(1.0, -0.1, y)
    low.pixels += (shaft * 0.75 * night)[..., None] * vec((0.75, 1.0, 0.95))
    # the surface is seen from below, up to its line; over that the light goes on without it
    ceiling = 0.05 / np.maximum(y + 0.14, 0.02) + 1.5 * np.maximum(-0.12 - y, 0)
    surface = smoothstep(0.16, -0.06, y) * (
        0.5 + 0.5 * fbm(x * 0.5, ceiling, stage.noise("surface"))
    )
    low.pixels += (surface * 0.5 * night)[..., None]
    stage.reached(0.35)
    relief = look(low, height_of(stage), horizon=stage.horizon, eye=0.42)
    stage.reached(0.65)
    stage.relief = relief
    caustic = fbm(relief.u * 0.5, relief.v * 0.5, stage.noise("caustic"), ridged=True) ** 2
    sand = (
        vec(stage.colour("ground", "#c9b98a"))
        * (0.32 + 0.45 * relief.diffuse(source, 1.0) + 0.85 * caustic * smoothstep(5, 1, relief.v))[
            ..., None
        ]
    )
    sand = sand * vec((0.55, 0.85, 0.95)) * night
    haze = 1 - np.exp(-relief.v * 0.42)
    far = (top + (bottom - top) * 0.55) * night
    low.blend(sand + (far - sand) * haze[..., None], relief.seen)
    canvas.pixels[:] = canvas.fit(low.pixels)
    stage.reached(0.85)
    _reef(stage)
    weeds(stage, 0.78, 26, 0.55)
    stage.notes["bubbles"] = True


def _reef(stage: Stage) -> None:
    """Set rocks and heads of coral on the sea floor, far ones in the blue."""
    sea = mix(stage.colour("shallow", "#4fd0d8"), stage.colour("deep", "#06304f"), 0.55)
    dim = 0.35 if stage.light.moon else 1.0
    found = []
    for rng, dx in stage.scattered("reef", 22, 3.6, -1.8):
        near, x = float(rng.random()) ** 1.4, float(rng.random()) * 3.6 - 1.8 + dx
        found.append((near, x, int(rng.integers(4)), float(rng.random())))
    for near, x, shape, hue in sorted(found):
        y = stage.horizon + 0.06 + 0.36 * near
        if abs(x - stage.notes.get("focus", 0.0)) < 0.12 + 0.26 * near:
            continue
        code = "#6f7d78" if hue < 0.55 else ("#b0607a", "#c07a4a", "#7a6ab0", "#b89a4a")[shape]
        flora.stamp(
            stage.canvas, rock(shape, code), x, y, (0.05 + 0.13 * near) * (0.7 + 0.6 * hue),
            flip=hue < 0.3, tone=mix((0.62 * dim, 0.92 * dim, dim), (0, 0, 0), 0.12),
            haze=mix(sea, (0, 0, 0), 0.0 if dim == 1 else 0.6), fog=0.78 - 0.58 * near,
        )  # fmt: skip


def weeds(stage: Stage, y: float, count: int, fog: float) -> None:
    """Grow kelp and coral along a line."""
    canvas = stage.canvas
    far = mix(
        rgb(str(stage.spec.get("deep", "#06304f"))),
        rgb(str(stage.spec.get("shallow", "#4fd0d8"))),
        0.4,
    )
    for rng, dx in stage.scattered(f"weeds{y}", count, 3.2, -1.6):
        x = float(rng.random()) * 3.2 - 1.6 + dx
        foot = y + 0.1 * float(rng.random())
        tall = (0.10 + 0.22 * float(rng.random())) * (1.5 if fog < 0.3 else 1)
        sway = float(rng.normal()) * 0.05
        hue = float(rng.random())
        coral = hue > 0.72
        base = (
            mix(rgb("#e0567a"), rgb("#f2a24f"), float(rng.random()))
            if coral
            else mix(rgb("#1f7a4a"), rgb("#7fae3a"), hue)
        )
        tone = mix(base, far, fog)
        phase = float(rng.random()) * 6
        if abs(x - stage.notes.get("focus", 0.0)) < 0.22 and fog < 0.3:
            continue
        if coral:
            _coral(canvas, rng, x, foot, tall * 0.45, tone)
            continue
        t = np.linspace(0, 1, 26)
        cx = x + sway * t * 2 + 0.016 * np.sin(t * 9 + phase) * (0.3 + t)
        cy = foot - tall * t
        half = (
            0.013 * np.sin(np.clip(t + 0.12, 0, 1) * np.pi) ** 0.7 * (1 + 0.4 * np.sin(t * 30))
            + 0.001
        )
        poly = np.concatenate([np.stack([cx - half, cy], 1), np.stack([cx + half, cy], 1)[::-1]])
        points = ((poly - (canvas.left, canvas.top)) * canvas.unit * 16).astype(np.int32)
        cv2.fillPoly(canvas.pixels, [points], tuple(tone), cv2.LINE_AA, 4)
        spine = ((np.stack([cx, cy], 1) - (canvas.left, canvas.top)) * canvas.unit * 16).astype(
            np.int32
        )
        cv2.polylines(
            canvas.pixels,
            [spine],
            False,
            mix(tone, (1, 1, 0.8), 0.22),
            max(1, int(canvas.unit * 0.0025)),
            cv2.LINE_AA,
            4,
        )


def _coral(
    canvas: Canvas, rng: np.random.Generator, x: float, y: float, tall: float, tone: Any
) -> None:
    def grow(px: float, py: float, angle: float, long: float, thick: float) -> None:
        nx, ny = px + np.cos(angle) * long, py + np.sin(angle) * long
        a, b = canvas.to_px(px, py), canvas.to_px(nx, ny)
        width = max(1, round(thick * canvas.unit))
        cv2.line(
            canvas.pixels,
            (round(a[0]), round(a[1])),
            (round(b[0]), round(b[1])),
            mix(tone, (1, 1, 1), 0.25 * (1 - thick / 0.02)),
            width,
            cv2.LINE_AA,
        )
        if thick > 0.006:
            for _ in range(2):
                grow(nx, ny, angle + float(rng.normal()) * 0.55, long * 0.78, thick * 0.74)

    grow(x, y, -np.pi / 2, tall * 0.42, 0.02)


def front(stage: Stage) -> None:
    """Bubbles, drifting motes, and weed close to the eye."""
    canvas = stage.canvas
    weeds(stage, 1.02, 14, 0.15)
    for rng, dx in stage.scattered("bubbles", 46, 3, -1.5):
        x, y = float(rng.random()) * 3 - 1.5 + dx, float(rng.random())
        radius = 0.003 + 0.012 * float(rng.random()) ** 3
        px, py = canvas.to_px(x, y)
        r = radius * canvas.unit
        if r < 0.7 or not (-r < px < canvas.width + r):
            continue
        layer = np.zeros((int(r * 2) + 5, int(r * 2) + 5), np.float32)
        centre = (r + 2 + (px % 1), r + 2 + (py % 1))
        gy, gx = np.mgrid[0 : layer.shape[0], 0 : layer.shape[1]].astype(np.float32)
        d = np.hypot(gx + 0.5 - centre[0], gy + 0.5 - centre[1]) / r
        ring = np.exp(-(((d - 0.86) / 0.16) ** 2)) * 0.55 + 0.8 * np.exp(
            -(((gx - centre[0] + r * 0.35) ** 2 + (gy - centre[1] + r * 0.4) ** 2) / (0.05 * r * r))
        )
        x0, y0 = int(px) - int(r) - 2, int(py) - int(r) - 2
        xa, ya = max(0, x0), max(0, y0)
        xb, yb = min(canvas.width, x0 + layer.shape[1]), min(canvas.height, y0 + layer.shape[0])
        if xb > xa and yb > ya:
            canvas.pixels[ya:yb, xa:xb] += (ring[ya - y0 : yb - y0, xa - x0 : xb - x0] * 0.6)[
                ..., None
            ]
    low = canvas.small(480)
    gx, gy = low.grid()
    veil = blur(smoothstep(0.2, 0.9, fbm(gx * 0.4, gy * 0.4, stage.noise("veil"))), 6)
    canvas.blend(
        vec(stage.colour("shallow", "#4fd0d8")) * 0.7,
        canvas.fit(np.asarray(veil * 0.12, np.float32)),
    )
