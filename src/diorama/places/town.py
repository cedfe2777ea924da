"""Streets and skylines: façades with lit windows, in perspective and in rows."""

from __future__ import annotations

import cv2
import numpy as np

from diorama.canvas import blur, mix, rgb, vec
from diorama.noise import Field, fbm, profile, smoothstep
from diorama.stage import Stage

from .land import canvas_copy, paint_weather_sky

LIMIT = 1100
GLOWS = ("#ffcf7a", "#ffe3ad", "#ffb45e", "#cfe6ff")
SIGNS = ("#ff3d7f", "#31d6ff", "#ffd23d", "#7dff6a", "#b36bff", "#ff7a3d")


def _hash(a: Field, b: Field, seed: int) -> Field:
    x = (a.astype(np.int64) * 73856093) ^ (b.astype(np.int64) * 19349663) ^ (seed * 83492791)
    x = (x ^ (x >> 13)) * 1274126177
    return np.asarray(((x ^ (x >> 16)) & 0xFFFF) / 65535.0, np.float32)


def _lamps(stage: Stage) -> float:
    """Return the share of windows that are lit at this hour."""
    light = stage.light
    if light.moon:
        return 0.62
    return (
        0.5
        if light.time in ("dusk", "sunset")
        else 0.14
        if light.elevation > 0.4 and not stage.storm
        else 0.32
    )


def _windows(
    stage: Stage, col: Field, row: Field, fx: Field, fy: Field, wall: Field, glow: float
) -> Field:
    """Put window panes on a wall colour; fx, fy are the places inside a cell (0..1)."""
    pane = (
        smoothstep(0.2, 0.26, fx)
        * smoothstep(0.8, 0.74, fx)
        * smoothstep(0.2, 0.27, fy)
        * smoothstep(0.86, 0.8, fy)
    )
    roll = _hash(col, row, stage.noise("panes"))
    tint = _hash(row, col, stage.noise("tints"))
    lit = (roll < glow).astype(np.float32)
    warm = np.asarray([rgb(code) for code in GLOWS], np.float32)[(tint * 3.99).astype(np.int64)]
    power = (0.55 + 0.55 * _hash(col + 7, row + 3, 5)) * (1.0 if stage.light.moon else 0.8)
    glass = vec(mix(rgb(stage.light.middle), rgb(stage.light.zenith), 0.5)) * (
        0.35 + 0.4 * tint[..., None]
    )
    inner = glass + (warm * power[..., None] - glass) * lit[..., None]
    bars = 1 - 0.5 * smoothstep(0.035, 0.015, np.abs(fx - 0.5)) * (1 - 0.5 * lit)
    return np.asarray(wall + (inner * bars[..., None] - wall) * pane[..., None], np.float32)


def street(stage: Stage) -> None:
    """Paint a street that runs to the vanishing point, with façades, signs and a wet road."""
    stage.notes["cover"] = 0.5
    paint_weather_sky(stage)
    canvas, light = stage.canvas, stage.light
    far_town(stage, 2, stage.horizon + 0.01, 0.9)
    stage.reached(0.4)
    low = canvas.small(LIMIT)
    x, y = low.grid()
    vx = 0.1 * (float(stage.rng("vanish").random()) - 0.5) * 2
    h, eye, wide = stage.horizon, 0.34, 0.62
    dx = x - vx
    side = np.sign(dx)
    z = wide / np.maximum(np.abs(dx), 1e-3)
    level = eye + (h - y) * z
    lot = np.floor(np.log(z + 0.05) * 2.6 + side * 40)
    edge = np.log(z + 0.05) * 2.6 - np.floor(np.log(z + 0.05) * 2.6)
    tall = 1.5 + 2.6 * _hash(lot, lot * 0 + 3, stage.noise("lots")) ** 1.4
    night = light.moon or light.time in ("dusk",)
    hues = [
        mix(rgb(c), (0.5, 0.45, 0.45), 0.2)
        for c in stage.spec.get("walls", ["#9c5b48", "#7c7f8c", "#b08a64", "#5f6f83", "#a3a094"])
    ]
    table = np.asarray(hues, np.float32)
    wall = table[
        (_hash(lot, lot * 0 + 9, stage.noise("walls")) * (len(hues) - 0.01)).astype(np.int64)
    ]
    brick = fbm(z * 0.7, level * 1.1, 41, gain=0.7)
    shade = 0.8 + 0.16 * brick + 0.18 * (side * np.sign(light.azimuth - vx) < 0)
    diffuse = np.where(side * (light.azimuth - vx) > 0, 0.18, 0.62).astype(np.float32)
    wall = stage.lit(np.asarray(wall * shade[..., None], np.float32), diffuse)
    fade = smoothstep(9.0, 3.5, z)
    step = 0.30
    a, b = np.log(z + 0.05) * 2.6 * 3.0, level / step
    panes = _windows(
        stage,
        np.floor(a) + side * 100,
        np.floor(b),
        a - np.floor(a),
        b - np.floor(b),
        wall,
        _lamps(stage),
    )
    upper = smoothstep(0.42, 0.46, level) * smoothstep(0.0, 0.05, tall - level - 0.12)
    wall = wall + (panes - wall) * (upper * np.clip(fade + 0.25, 0, 1))[..., None]
    cornice = smoothstep(0.05, 0.03, np.abs(level - tall + 0.04)) + smoothstep(
        0.03, 0.02, np.abs(level - 0.44)
    )
    wall = (
        wall
        * (1 + 0.22 * cornice * fade)[..., None]
        * (0.55 + 0.45 * smoothstep(0.0, 0.025, edge) * smoothstep(1.0, 0.975, edge))[..., None]
    )
    shop = (
        smoothstep(0.06, 0.08, level)
        * smoothstep(0.34, 0.32, level)
        * smoothstep(0.1, 0.14, edge)
        * smoothstep(0.9, 0.86, edge)
    )
    glow_tone = np.asarray([rgb(c) for c in (*GLOWS, *SIGNS)], np.float32)[
        (_hash(lot, lot * 0 + 17, stage.noise("shops")) * 9.99).astype(np.int64)
    ]
    power = 1.0 if night else 0.5 if stage.storm else 0.32
    wall = (
        wall + (glow_tone * (0.9 * power + 0.1) - wall) * (shop * (0.25 + 0.65 * power))[..., None]
    )
    sign = (
        smoothstep(0.345, 0.355, level)
        * smoothstep(0.425, 0.415, level)
        * smoothstep(0.14, 0.17, edge)
        * smoothstep(0.86, 0.83, edge)
    )
    tone2 = np.asarray([rgb(c) for c in SIGNS], np.float32)[
        (_hash(lot, lot * 0 + 23, stage.noise("signs")) * 5.99).astype(np.int64)
    ]
    wall = wall + (tone2 * (0.4 + 0.8 * power) - wall) * (sign * 0.85)[..., None]
    haze = (1 - np.exp(-np.maximum(z - 1, 0) * (0.05 + 0.10 * light.mist)))[..., None]
    wall = wall + (vec(stage.haze()) - wall) * haze
    on_wall = smoothstep(-0.004, 0.004, (tall - level) / z) * smoothstep(-0.002, 0.002, level / z)
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(np.asarray(wall, np.float32), np.asarray(on_wall, np.float32))
    canvas.pixels[:] = canvas.fit(low.pixels)
    stage.reached(0.7)
    _road(stage, vx, wide, eye, power)
    stage.reached(0.9)
    _street_lamps(stage, vx, power if night or stage.storm else 0.0)


def _road(stage: Stage, vx: float, wide: float, eye: float, power: float) -> None:
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    x, y = low.grid()
    h = stage.horizon
    z = eye / np.maximum(y - h, 1e-3)
    u = (x - vx) * z
    road = smoothstep(-0.001, 0.003, y - h) * smoothstep(wide + 0.004, wide - 0.004, np.abs(u))
    grain = fbm(u * 1.2, z * 1.2, stage.noise("road"), gain=0.75) * smoothstep(6, 1, z)
    asphalt = vec((0.27, 0.27, 0.30)) * (1 + 0.25 * grain)[..., None]
    walk = vec((0.52, 0.50, 0.49)) * (1 + 0.12 * grain)[..., None]
    tiles = smoothstep(0.04, 0.02, np.abs(z * 2.5 - np.round(z * 2.5))) * smoothstep(5, 2, z)
    kerb = smoothstep(wide * 0.68 - 0.01, wide * 0.68, np.abs(u))
    base = asphalt + (walk * (1 - 0.25 * tiles)[..., None] - asphalt) * kerb[..., None]
    dash = smoothstep(0.016, 0.011, np.abs(u)) * (np.sin(z * 5.0) > 0) * smoothstep(7, 3, z)
    base = base + (vec((0.85, 0.82, 0.72)) - base) * (dash * 0.8)[..., None]
    colour = stage.lit(np.asarray(base, np.float32), np.full_like(x, 0.5))
    wet = 0.62 if stage.storm else 0.34 if stage.light.moon else 0.10
    size = (low.width, low.height)
    picture = cv2.resize(canvas.pixels, size, interpolation=cv2.INTER_AREA)
    wobble = fbm(u * 0.8, z * 0.5, stage.noise("puddle"), gain=0.6)
    my = ((2 * h - y + 0.015 * wobble) - low.top) * low.unit
    mx = (x - low.left + 0.012 * wobble) * low.unit
    mirror = cv2.remap(
        picture,
        mx.astype(np.float32),
        my.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mirror = np.asarray(
        cv2.GaussianBlur(mirror, (0, 0), sigmaX=0.004 * low.unit, sigmaY=0.02 * low.unit),
        np.float32,
    )
    puddle = np.clip(wet * (0.65 + 0.9 * wobble), 0, 0.85) * (1 - 0.4 * kerb)
    colour = colour + (mirror * 0.95 - colour) * puddle[..., None]
    haze = (1 - np.exp(-np.maximum(z - 1, 0) * (0.05 + 0.10 * stage.light.mist)))[..., None]
    colour = colour + (vec(stage.haze()) - colour) * haze
    canvas.blend(
        canvas.fit(np.asarray(colour, np.float32)),
        np.clip(canvas.fit(np.asarray(road, np.float32)), 0, 1),
    )


def _street_lamps(stage: Stage, vx: float, power: float) -> None:
    canvas = stage.canvas
    glow = np.zeros((canvas.height, canvas.width), np.float32)
    for z in (4.6, 3.1, 2.1, 1.45):
        for side in (-1, 1):
            x = vx + side * 0.44 / z
            foot, top = stage.horizon + 0.34 / z, stage.horizon + (0.34 - 0.72) / z
            a, b = canvas.to_px(x, foot), canvas.to_px(x, top)
            tone = mix((0.09, 0.09, 0.11), stage.haze(), min(0.7, 0.1 * z))
            width = max(1, round(0.008 / z * canvas.unit))
            cv2.line(
                canvas.pixels,
                (round(a[0]), round(a[1])),
                (round(b[0]), round(b[1])),
                tone,
                width,
                cv2.LINE_AA,
            )
            radius = max(1, round(0.022 / z * canvas.unit))
            cv2.circle(
                canvas.pixels,
                (round(b[0]), round(b[1])),
                radius,
                mix((0.75, 0.73, 0.68), (1.2, 1.05, 0.75), min(1.0, power)),
                -1,
                cv2.LINE_AA,
            )
            cv2.circle(glow, (round(b[0]), round(b[1])), radius, 1.0, -1, cv2.LINE_AA)
    if power > 0:
        halo = blur(glow, 0.02 * canvas.unit) * 1.6 + blur(glow, 0.07 * canvas.unit) * 3.0
        canvas.glow((1.0, 0.80, 0.48), np.asarray(halo * power, np.float32))


def street_front(stage: Stage) -> None:
    """Nothing stands before the street's things."""


def far_town(stage: Stage, rows: int, foot: float, fog: float) -> None:
    """Stand rows of towers, far to near, their feet at world y `foot`."""
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    low.pixels[:] = canvas_copy(stage, low)
    x, y = low.grid()
    lamps = _lamps(stage)
    for k in range(rows):
        near = k / max(rows - 1, 1)
        seed = stage.noise(f"tower{k}")
        cell = 0.085 + 0.05 * near
        lot = np.floor(x / cell + 0.31 * k)
        fx = x / cell + 0.31 * k - lot
        roll = _hash(lot, lot * 0 + k, seed)
        tall = (0.08 + (0.38 - 0.13 * near) * roll**1.7) * (1 + 0.35 * np.exp(-((x / 0.5) ** 2)))
        inset = 0.02 + 0.10 * _hash(lot, lot * 0 + 5, seed)
        step = (roll > 0.55) & (np.abs(fx - 0.5) > 0.27)
        top = foot - tall * np.where(step, 0.86, 1.0)
        spire = (roll > 0.72) & (np.abs(fx - 0.5) < 0.018)
        top = np.where(spire, foot - tall * 1.22, top)
        inside = smoothstep(0, 0.004 / cell, fx - inset) * smoothstep(
            0, 0.004 / cell, 1 - inset - fx
        )
        inside = np.where(spire, 1.0, inside) * smoothstep(-0.0012, 0.0012, y - top)
        base = (
            vec(mix(rgb("#6f7a8c"), rgb("#a58a7a"), 0.3))
            * (0.75 + 0.4 * _hash(lot, lot * 0 + 11, seed))[..., None]
        )
        wall = stage.lit(
            np.asarray(base, np.float32), np.where(fx > 0.5, 0.25, 0.55).astype(np.float32)
        )
        a, b = fx * (5 + np.floor(4 * roll)), (foot - y) / (0.0135 + 0.004 * near)
        wall = _windows(
            stage,
            lot * 16 + np.floor(a),
            np.floor(b) + 1000 * k,
            a - np.floor(a),
            b - np.floor(b),
            wall,
            lamps,
        )
        amount = fog * (1 - 0.62 * near)
        haze = vec(mix(rgb(stage.light.horizon), rgb(stage.light.haze), 0.5))
        wall = wall + (haze * (0.75 if stage.light.moon else 1) - wall) * (amount * 0.8)
        alpha = inside * (y < foot + 0.004)
        low.blend(np.asarray(wall, np.float32), np.asarray(alpha, np.float32))
    canvas.pixels[:] = canvas.fit(low.pixels)


def skyline(stage: Stage) -> None:
    """Paint a city across the water, with its reflection."""
    paint_weather_sky(stage)
    canvas = stage.canvas
    foot = stage.horizon + 0.03
    far_town(stage, 3, foot, 0.75)
    stage.reached(0.6)
    low = canvas.small(LIMIT)
    x, y = low.grid()
    z = 0.3 / np.maximum(y - foot, 2e-3)
    u = x * z
    ripple = fbm(u * 0.6, z * 1.3, stage.noise("ripple"), gain=0.6)
    picture = cv2.resize(canvas.pixels, (low.width, low.height), interpolation=cv2.INTER_AREA)
    stretch = (y - foot) * 1.05
    my = (foot - stretch + 0.05 * ripple * np.clip((y - foot) * 3, 0, 1) - low.top) * low.unit
    mx = (x + 0.012 * ripple - low.left) * low.unit
    mirror = cv2.remap(
        picture,
        mx.astype(np.float32),
        my.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    mirror = np.asarray(
        cv2.GaussianBlur(mirror, (0, 0), sigmaX=0.001 * low.unit + 0.1, sigmaY=0.007 * low.unit),
        np.float32,
    )
    deep = vec(mix(rgb(stage.light.zenith), (0.02, 0.08, 0.12), 0.4)) * 0.8
    near = smoothstep(foot, 1.05, y)
    water = mirror * (0.88 - 0.42 * near)[..., None] + deep * (0.06 + 0.4 * near)[..., None]
    water = water * (1 + 0.22 * ripple)[..., None]
    canvas.blend(
        canvas.fit(np.asarray(water, np.float32)),
        np.clip(canvas.fit(smoothstep(foot - 0.001, foot + 0.003, y)), 0, 1),
    )
    stage.notes["water"] = True


def skyline_front(stage: Stage) -> None:
    """A low parapet or bank closes the picture below."""
    canvas = stage.canvas
    line = 0.955 + 0.004 * profile(canvas.xs() * 3, stage.noise("bank"), octaves=3)
    alpha = smoothstep(-0.002, 0.002, canvas.ys()[:, None] - line[None, :])
    shade = mix(stage.tone(0.3), (0.05, 0.06, 0.09), 0.6)
    canvas.blend(vec(shade) * 0.7 * _quay(stage)[..., None], np.asarray(alpha, np.float32))


def _quay(stage: Stage) -> Field:
    """Return the light on the bank: a kerb at its edge, then paving in perspective (h, w)."""
    x, y = stage.canvas.grid()
    z = 0.16 / np.maximum(y - 0.9, 1e-3)
    u = x * z * 9
    row = np.floor(z * 12)
    line = np.minimum(np.abs(u + 0.5 * (row % 2) - np.round(u + 0.5 * (row % 2))), 0.5)
    joint = smoothstep(0.07, 0.03, line) + smoothstep(0.1, 0.04, np.abs(z * 12 - np.round(z * 12)))
    worn = fbm(x * z * 2.0, z * 2.0, stage.noise("quay"), gain=0.7)
    stones = 1.5 + 0.35 * worn - 0.35 * np.clip(joint, 0, 1)
    return np.asarray(1 + (stones - 1) * smoothstep(1.0, 1.06, y), np.float32)
