"""Lenses: what the words for a lens or a point of view do to a picture; the table is lenses.toml.

Everything is measured in world units and anchored to the world, so that a reframed picture keeps
what it showed.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from .canvas import Canvas, blur, rgb, vec
from .noise import Field, smoothstep
from .scene import Scene
from .sky import sun_height
from .stage import Stage

VOCABULARY = Path(__file__).resolve().parent / "vocabulary"


@lru_cache(maxsize=1)
def lenses() -> dict[str, Any]:
    """Return the table of lenses."""
    return tomllib.loads((VOCABULARY / "lenses.toml").read_text(encoding="utf-8"))


def measure(lens: tuple[str, ...], key: str, default: float = 0.0) -> float:
    """Return the largest measure of that name among the lenses of a scene, or the default."""
    values = [float(lenses()[name][key]) for name in lens if key in lenses().get(name, {})]
    return max(values, key=abs) if values else default


def painter_of(scene: Scene, usual: str) -> str:
    """Return the place painter: a pattern's, the lens's own, or the place's usual one."""
    if scene.tile:
        return "pattern"
    own = [lenses()[name].get("painter") for name in scene.lens if name in lenses()]
    return str(next((name for name in own if name), usual))


def focus_behind(stage: Stage) -> None:
    """Throw what lies behind the things out of focus, and let the shutter stand open."""
    scene, canvas = stage.scene, stage.canvas
    if "long" in scene.lens and stage.spec.get("painter") in ("sea", "beach", "skyline"):
        _settle_water(stage)
    elif "long" in scene.lens and stage.spec.get("painter") == "street":
        _trails(stage)
    soft = measure(scene.lens, "blur")
    if soft <= 0:
        return
    y = canvas.ys()[:, None]
    foot = max((t.y for t in scene.things if t.host < 0 and t.pose == "stand"), default=9.0)
    depth = smoothstep(0.01, 0.20, np.abs(y - min(foot, 0.98))) if foot < 1.2 else np.ones_like(y)
    discs = measure(scene.lens, "discs")
    out = blur(canvas.pixels, soft * canvas.unit)
    if discs > 0:
        out = np.maximum(out, _discs(stage, discs))
    canvas.pixels += (out - canvas.pixels) * depth[..., None]


def _discs(stage: Stage, size: float) -> Field:
    """Return the picture as points of light spread to discs by the aperture."""
    canvas = stage.canvas
    rng = stage.rng("bokeh")
    out = np.zeros_like(canvas.pixels)
    warm = [rgb(code) for code in ("#ffd98a", "#ffb45e", "#fff3cf", *stage.scene.palette[1:3])]
    level = 0.55 if stage.light.moon else 0.62
    for k in range(150):
        x, y = float(rng.random()) * 5 - 2.5, float(rng.random()) ** 1.2 * 0.92
        radius = size * (0.35 + 0.9 * float(rng.random()))
        power = level * (0.35 + 0.65 * float(rng.random()))
        tone = vec(warm[k % len(warm)]) * power
        centre = canvas.to_px(x, y)
        if not -90 < centre[0] < canvas.width + 90:
            continue
        at, r = (int(centre[0] * 16), int(centre[1] * 16)), radius * canvas.unit
        layer = np.zeros(canvas.pixels.shape[:2], np.float32)
        cv2.circle(layer, at, int(r * 16), 0.8, -1, cv2.LINE_AA, 4)
        cv2.circle(layer, at, int(r * 16), 1.0, max(1, round(0.07 * r)), cv2.LINE_AA, 4)
        out += layer[..., None] * tone
    base = blur(canvas.pixels, measure(stage.scene.lens, "blur") * canvas.unit)
    return np.asarray(base + out * np.clip(1.25 - base, 0.15, 1), np.float32)


def linger(stage: Stage) -> None:
    """Leave the shutter open on the sky: stars turn round the pole, clouds are drawn out."""
    if "long" not in stage.scene.lens:
        return
    canvas, light = stage.canvas, stage.light
    low = canvas.small(760)
    source = np.asarray(cv2.resize(canvas.pixels, (low.width, low.height)), np.float32)
    x, y = low.grid()
    total, best = np.array(source), np.array(source)
    steps = 17
    for k in range(1, steps):
        part = k / (steps - 1)
        if light.stars > 0.3:
            c, s = np.cos(0.34 * part), np.sin(0.34 * part)
            dx, dy = x - 0.12, y - 0.22
            mx, my = 0.12 + dx * c - dy * s, 0.22 + dx * s + dy * c
        else:
            mx, my = x + 0.34 * part * (0.4 + y), y - 0.02 * part
        moved = _sampled(low, source, mx, my)
        total += moved
        best = np.maximum(best, moved * (1 - 0.35 * part))
    drawn = best if light.stars > 0.3 else total / steps
    canvas.pixels[:] = canvas.fit(np.asarray(drawn, np.float32))


def _settle_water(stage: Stage) -> None:
    """Smooth the sea to silk, as a long exposure does."""
    canvas = stage.canvas
    size = (max(3, round(0.45 * canvas.unit)), max(3, round(0.018 * canvas.unit)))
    silk = np.asarray(cv2.blur(canvas.pixels, size), np.float32)
    deep = smoothstep(stage.horizon + 0.004, stage.horizon + 0.03, canvas.ys()[:, None])
    canvas.pixels += (silk - canvas.pixels) * (0.9 * deep)[..., None]


def candlelight(stage: Stage) -> None:
    """Let a pool of warm light lie round the subject, and the rest fall into the dark."""
    if stage.light.time != "candle":
        return
    canvas = stage.canvas
    x, y = canvas.grid()
    focus = next((t for t in stage.scene.things if t.host < 0), None)
    fx, fy = (focus.x, focus.y - 0.45 * focus.size) if focus else (0.0, 0.5)
    away = np.hypot(x - fx, (y - fy) * 1.1)
    pool = np.exp(-((away / 0.42) ** 2))
    canvas.pixels *= (0.30 + 0.85 * pool)[..., None] * vec((1.10, 0.94, 0.74))
    canvas.glow((1.0, 0.62, 0.24), np.asarray(0.20 * pool, np.float32))


def _trails(stage: Stage) -> None:
    """Draw the lamps of passing cars along the road, red away and white toward the eye."""
    canvas, rng = stage.canvas, stage.rng("trails")
    glow = np.zeros_like(canvas.pixels)
    t = np.linspace(0, 1, 40) ** 1.8
    for k in range(14):
        side = -1 if k % 2 else 1
        start = canvas.to_px(0.01 * side, stage.horizon + 0.02)
        end = canvas.to_px(side * (0.12 + 0.65 * float(rng.random())), 1.12)
        bend = 0.06 * (float(rng.random()) - 0.5) * canvas.unit
        px = start[0] + (end[0] - start[0]) * t + bend * np.sin(t * 3)
        py = start[1] + (end[1] - start[1]) * t - 0.03 * canvas.unit * float(rng.random())
        points = (np.stack([px, py], 1) * 16).astype(np.int32)
        tone = (1.0, 0.16, 0.10) if side > 0 else (1.0, 0.93, 0.72)
        width = max(1, round(0.004 * canvas.unit * (0.6 + float(rng.random()))))
        cv2.polylines(glow, [points], False, tone, width, cv2.LINE_AA, 4)
    canvas.pixels += glow + 1.4 * blur(glow, 0.016 * canvas.unit)


def _sampled(canvas: Canvas, source: Field, x: Field, y: Field) -> Field:
    """Return the picture read at world positions (x, y)."""
    mx = ((x - canvas.left) * canvas.unit - 0.5).astype(np.float32)
    my = ((y - canvas.top) * canvas.unit - 0.5).astype(np.float32)
    out = cv2.remap(source, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(out, np.float32)


def look_through(stage: Stage) -> None:
    """Do to the whole picture what the glass does: bulge, or a narrow band in focus."""
    scene, canvas = stage.scene, stage.canvas
    bulge = measure(scene.lens, "bulge")
    if bulge:
        canvas.pixels[:] = _bulged(canvas, bulge, stage.half)
    band = measure(scene.lens, "band")
    if band:
        y = canvas.ys()[:, None]
        focus = max((t.y for t in scene.things if t.host < 0), default=0.7)
        away = smoothstep(0.10, 0.40, np.abs(y - min(focus - 0.08, 0.85)))[..., None]
        soft = blur(canvas.pixels, band * canvas.unit)
        canvas.pixels += (soft - canvas.pixels) * away
        light = (canvas.pixels @ vec((0.3, 0.59, 0.11)))[..., None]
        canvas.pixels += (canvas.pixels - light) * 0.35


def _bulged(canvas: Canvas, amount: float, half: float) -> Field:
    """Return the picture with its middle drawn out; the base frame's corners keep their places."""
    x, y = canvas.grid()
    dx, dy = x / half, (y - 0.5) / 0.5
    far = np.clip(np.hypot(dx, dy) / np.sqrt(2), 0, 1)
    ratio = (1 - amount) + amount * far**1.6
    return _sampled(canvas, canvas.pixels, x * ratio, 0.5 + (y - 0.5) * ratio)


def darkened(stage: Stage, image: Field, x: float) -> Field:
    """Return a thing as a dark shape against the light, with a thin bright rim (premultiplied)."""
    alpha = image[..., 3]
    out = np.array(image)
    out[..., :3] = vec((0.035, 0.030, 0.055)) * alpha[..., None]
    inner = blur(alpha, max(1.0, 0.012 * image.shape[0]))
    rim = np.clip(alpha - inner, 0, 1) * np.exp(-abs(stage.light.azimuth - x))
    out[..., :3] += rim[..., None] * vec(rgb(stage.light.sun)) * 0.9
    return out


def darken_ground(stage: Stage) -> None:
    """Let the ground fall into the dark too, and the sky burn round the light."""
    canvas, light = stage.canvas, stage.light
    x, y = canvas.grid()
    if stage.inside:
        canvas.pixels *= 0.75
        return
    ground = smoothstep(stage.horizon - 0.02, stage.horizon + 0.10, y)
    grey = (canvas.pixels @ vec((0.3, 0.59, 0.11)))[..., None]
    dark = (canvas.pixels * 0.4 + grey * 0.6) * 0.17
    if stage.relief is None:
        ground = ground * 0.55
    canvas.pixels += (dark - canvas.pixels) * ground[..., None]
    away = np.hypot(x - light.azimuth, y - sun_height(light, stage.horizon))
    canvas.glow(rgb(light.sun), np.asarray(0.5 * np.exp(-((away / 0.42) ** 2)), np.float32))
