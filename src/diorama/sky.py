"""Skies: gradient, sun, moon, stars, clouds, aurora and lightning, over world coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np

from .canvas import Canvas, blur, mix, rgb, vec
from .noise import Field, fbm, generator, profile, seed_of, smoothstep, warped
from .scene import Light

WORK = 720
TURN = 0.25  # world units from a frame's edge over which clouds turn into others
Frame = tuple[tuple[float, float, float, float], int]  # a world window, the seed of clouds round it


def paint_sky(
    canvas: Canvas, light: Light, horizon: float, seed: int, cover: float, storm: float = 0.0,
    frames: Sequence[Frame] = (),
) -> None:  # fmt: skip
    """Paint the whole sky; cover is the share of clouds (0..1), storm darkens their bases.

    Outside of each of `frames`, from the innermost on, the clouds turn into those of its seed.
    """
    low = canvas.small(WORK)
    low.pixels[:] = gradient(low, light, horizon)
    if light.stars > 0:
        canvas.pixels[:] = canvas.fit(low.pixels)
        paint_stars(canvas, light, seed)
        _sun_or_moon(canvas, low, light, horizon, seed)
        layer, alpha = clouds(low, light, horizon, seed, cover, storm, frames)
        canvas.blend(canvas.fit(layer), np.clip(canvas.fit(alpha), 0, 1))
        return
    _sun_or_moon(low, low, light, horizon, seed)
    layer, alpha = clouds(low, light, horizon, seed, cover, storm, frames)
    low.blend(layer, alpha)
    canvas.pixels[:] = np.clip(canvas.fit(low.pixels), 0, 1.6)


def gradient(canvas: Canvas, light: Light, horizon: float) -> Field:
    """Return the clear sky's colours (height, width, 3)."""
    t = np.clip(canvas.ys() / max(horizon, 0.15), 0, 1)[:, None]
    zenith, middle, low = vec(rgb(light.zenith)), vec(rgb(light.middle)), vec(rgb(light.horizon))
    upper = smoothstep(0.0, 0.72, t)
    lower = smoothstep(0.55, 1.02, t)
    rows = zenith + (middle - zenith) * upper
    rows = rows + (low - rows) * lower
    x = canvas.xs()
    near = np.exp(-(((x - light.azimuth) / 0.9) ** 2))[None, :, None]
    side = 0.86 + 0.2 * near
    return np.asarray(rows[:, None, :] * side, dtype=np.float32)


def sun_height(light: Light, horizon: float) -> float:
    """World y of the sun or moon."""
    return horizon - light.elevation * max(horizon, 0.3)


def _sun_or_moon(canvas: Canvas, low: Canvas, light: Light, horizon: float, seed: int) -> None:
    x, y = low.grid()
    cy = sun_height(light, horizon)
    distance = np.hypot(x - light.azimuth, y - cy)
    colour = rgb(light.sun)
    if light.moon:
        halo = 0.32 * np.exp(-((distance / 0.16) ** 2)) + 0.16 * np.exp(-((distance / 0.5) ** 2))
        canvas.glow(colour, canvas.fit(halo * light.key))
        _moon(canvas, light, cy, seed)
        return
    strength = light.key * (0.45 if light.elevation > 0.5 else 0.85)
    halo = 0.55 * np.exp(-((distance / 0.13) ** 2)) + 0.4 * np.exp(-(distance / 0.34))
    canvas.glow(colour, canvas.fit(halo * strength))
    xx, yy = canvas.grid()
    disc = np.hypot(xx - light.azimuth, yy - cy)
    radius = 0.034
    core = smoothstep(radius * 1.12, radius * 0.9, disc)
    canvas.blend(vec(mix(colour, (1.25, 1.22, 1.1), 0.8)), core * min(1.0, strength * 1.2))


def _moon(canvas: Canvas, light: Light, cy: float, seed: int) -> None:
    radius = 0.052 + 0.02 * ((seed >> 5) % 8) / 8
    x, y = canvas.grid()
    dx, dy = (x - light.azimuth) / radius, (y - cy) / radius
    d = dx * dx + dy * dy
    face = smoothstep(1.03, 0.97, d)
    z = np.sqrt(np.clip(1 - d, 0, 1))
    seas = fbm(dx * 0.09 + 0.3, dy * 0.09 + 0.2, 77)
    tone = 0.93 - 0.26 * smoothstep(-0.05, 0.5, seas) + 0.05 * fbm(dx * 0.4, dy * 0.4, 78)
    shade = np.clip(0.62 + 0.5 * z, 0, 1) * tone
    canvas.blend(shade[..., None] * vec(mix(rgb(light.sun), (1, 1, 0.96), 0.6)), face)


def paint_stars(canvas: Canvas, light: Light, seed: int, top: float = 1.0) -> None:
    """Sprinkle stars; sizes in world units so that every picture size shows the same ones."""
    layer = np.zeros_like(canvas.pixels)
    columns = range(int((canvas.left + 3) // 6), int((canvas.right + 3) // 6) + 1)
    rows = range(int((canvas.top + 0.7) // 2.4), int((canvas.bottom + 0.7) // 2.4) + 1)
    for i, j in product(columns, rows):
        rng = generator("stars", seed, i, j) if i or j else generator("stars", seed)
        _stars(canvas, layer, light, rng, (6.0 * i - 3, 2.4 * j - 0.7), top)
    canvas.pixels += layer


def _stars(
    canvas: Canvas,
    layer: Field,
    light: Light,
    rng: np.random.Generator,
    corner: tuple[float, float],
    top: float,
) -> None:
    """Add the stars of one part of the sky, 6 x 2.4 world units from its corner on."""
    count = int(900 * light.stars)
    px = rng.random(count) * 6 + corner[0]
    py = rng.random(count) * 2.4 + corner[1]
    size = 0.0006 + 0.0016 * rng.random(count) ** 6
    power = (0.25 + 0.75 * rng.random(count) ** 2) * light.stars
    hue = rng.random(count)
    for i in range(count):
        cx, cy = canvas.to_px(float(px[i]), float(py[i]))
        if not (0 <= cx < canvas.width and 0 <= cy < canvas.height) or py[i] > top:
            continue
        radius = max(size[i] * canvas.unit, 0.42)
        gain = min(1.0, (size[i] * canvas.unit / radius) ** 1.2) * power[i] * 1.3
        tint = mix((0.75, 0.85, 1.0), (1.0, 0.88, 0.72), float(hue[i] ** 3))
        _dot(layer, cx, cy, radius, (tint[0] * gain, tint[1] * gain, tint[2] * gain))


def _dot(layer: Field, cx: float, cy: float, radius: float, colour: tuple[float, ...]) -> None:
    reach = int(radius * 2.5) + 2
    x0, y0 = int(cx) - reach, int(cy) - reach
    x1, y1 = int(cx) + reach + 1, int(cy) + reach + 1
    xa, ya = max(x0, 0), max(y0, 0)
    xb, yb = min(x1, layer.shape[1]), min(y1, layer.shape[0])
    dx = np.arange(xa, xb, dtype=np.float32)[None, :] + 0.5 - cx
    dy = np.arange(ya, yb, dtype=np.float32)[:, None] + 0.5 - cy
    spot = np.exp(-(dx * dx + dy * dy) / (2 * (radius * 0.62) ** 2))
    layer[ya:yb, xa:xb] += spot[..., None] * vec(colour)


def clouds(
    canvas: Canvas, light: Light, horizon: float, seed: int, cover: float, storm: float,
    frames: Sequence[Frame] = (),
) -> tuple[Field, Field]:  # fmt: skip
    """Return cloud colours and alpha over the canvas, lit from the sun's side."""
    x, y = canvas.grid()
    if cover <= 0.02:
        return np.zeros((*x.shape, 3), np.float32), np.zeros_like(x)
    high = np.clip(horizon + 0.04 - y, 0.0, None)
    depth = 1 / (high + 0.16)
    body, lit = _bodies(x, depth, light, seed)
    for (left, top, wide, tall), other in frames:
        aside = np.abs(x - left - wide / 2) - wide / 2
        away = np.maximum(aside, np.abs(y - top - tall / 2) - tall / 2)
        new_body, new_lit = _bodies(x, depth, light, other)
        # Thick clouds come sooner than thin ones: an even turn would show the frame's shape.
        share = smoothstep(0, TURN, away * np.clip(1 + 1.2 * new_body, 0.4, 2.2))
        body, lit = body + (new_body - body) * share, lit + (new_lit - lit) * share
    threshold = 0.62 - 1.05 * cover
    alpha = smoothstep(threshold, threshold + 0.5, body)
    thick = smoothstep(threshold + 0.15, threshold + 0.95, body)
    sun = np.hypot(x - light.azimuth, (y - sun_height(light, horizon)) * 1.2)
    near = np.exp(-sun / 0.42)
    edge = np.clip(0.42 + 1.5 * lit, 0, 1)
    bright = mix(
        mix(rgb(light.horizon), rgb(light.sun), 0.45), (1, 1, 1), 0.35 if light.key > 0.8 else 0.05
    )
    dark = mix(mix(rgb(light.zenith), rgb(light.ambient), 0.55), (0, 0, 0), 0.1 + 0.55 * storm)
    if light.moon:
        bright = mix(rgb(light.middle), rgb(light.sun), 0.28)
        dark = mix(rgb(light.zenith), rgb(light.middle), 0.35)
    glow = edge * (1 - 0.55 * thick) * (0.75 - 0.45 * storm) + near * (0.75 * (1 - 0.6 * thick))
    glow = np.clip(glow, 0, 1)[..., None]
    colour = vec(dark) + (vec(bright) - vec(dark)) * glow
    colour = colour + (near * (1 - thick) * 0.35 * light.key)[..., None] * vec(rgb(light.sun))
    fade = smoothstep(0.0, 0.12, high)
    return np.asarray(colour, np.float32), np.asarray(alpha * fade * 0.96, np.float32)


def _bodies(x: Field, depth: Field, light: Light, seed: int) -> tuple[Field, Field]:
    """Return how thick the clouds are, and how much more so than a little towards the light."""
    u = x * depth * 0.20 + (seed % 97) * 0.13
    v = depth * 0.25 + (seed % 89) * 0.17
    bend = seed_of("cloud", seed) & 0xFFFF
    body = warped(u, v, bend, 0.09)
    toward_x = np.sign(light.azimuth - x) * np.minimum(np.abs(light.azimuth - x), 1) * 0.02
    return body, body - warped(u + toward_x, v + 0.022, bend, 0.09)


def paint_aurora(canvas: Canvas, horizon: float, seed: int, colours: tuple[str, ...]) -> None:
    """Lay curtains of aurora over the upper sky."""
    low = canvas.small(512)
    x, y = low.grid()
    total = np.zeros_like(low.pixels)
    rng = generator("aurora", seed)
    for k in range(3):
        shift = float(rng.random() * 9)
        base = horizon * (0.72 - 0.2 * k) + 0.13 * profile(x * 1.3 + shift, seed + k, octaves=3)
        rays = 0.55 + 0.45 * profile(x * 26 + shift + 0.6 * y, seed + 31 + k, octaves=3)
        above = base - y
        curtain = np.where(above > 0, np.exp(-above / 0.2), np.exp(above / 0.018))
        strength = curtain * np.clip(rays, 0.1, 1) * (0.85 - 0.2 * k)
        fade = np.clip(above / 0.3, 0, 1)[..., None]
        tone = vec(rgb(colours[k % len(colours)]))
        tip = vec(rgb(colours[(k + 1) % len(colours)]))
        total += strength[..., None] * (tone + (tip - tone) * fade)
    canvas.pixels += canvas.fit(np.asarray(total, np.float32)) * 0.75


def paint_lightning(canvas: Canvas, horizon: float, seed: int, colour: str, x: float) -> None:
    """Strike one branched bolt from the top of the sky to the horizon near world x."""
    rng = generator("bolt", seed)
    layer = np.zeros((canvas.height, canvas.width), np.float32)

    def strike(px: float, py: float, end: float, spread: float, power: float, level: int) -> None:
        steps = max(6, int(abs(end - py) / 0.011))
        for k in range(steps):
            nx = px + float(rng.normal()) * spread
            ny = py + (end - py) / (steps - k)
            a, b = canvas.to_px(px, py), canvas.to_px(nx, ny)
            width = max(1, round(power * 0.0045 * canvas.unit))
            start = (int(a[0] * 16), int(a[1] * 16))
            stop = (int(b[0] * 16), int(b[1] * 16))
            cv2.line(layer, start, stop, power, width, cv2.LINE_AA, 4)
            if level < 2 and rng.random() < 0.13:
                strike(
                    nx,
                    ny,
                    ny + 0.05 + 0.16 * float(rng.random()),
                    spread * 1.5,
                    power * 0.5,
                    level + 1,
                )
            px, py = nx, ny

    strike(x, -0.02, horizon, 0.0085, 1.0, 0)
    if canvas.top < 0:  # in a wider picture it comes from higher up and is the same below
        strike(x, -0.02, canvas.top - 0.02, 0.0085, 1.0, 2)
    tone = rgb(colour)
    halo = blur(layer, 0.012 * canvas.unit) * 2.2 + blur(layer, 0.07 * canvas.unit) * 4.5
    canvas.glow(tone, np.asarray(halo, np.float32))
    canvas.blend(vec((1.1, 1.1, 1.2)), np.clip(layer * 1.2, 0, 1))
