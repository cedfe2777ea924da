"""Façades: walls of houses along a street, with windows, shops, awnings and signs.

A wall is given by two coordinates: how far along it runs, counted in lots, and the level over the
street. What a lot looks like is drawn from its number.
"""

from __future__ import annotations

import numpy as np

from diorama.canvas import mix, rgb, vec
from diorama.noise import Field, fbm, smoothstep
from diorama.stage import Stage

GLOWS = ("#ffcf7a", "#ffe3ad", "#ffb45e", "#cfe6ff")
SIGNS = ("#ff3d7f", "#31d6ff", "#ffd23d", "#7dff6a", "#b36bff", "#ff7a3d")
CLOTHS = ("#a83a32", "#2f5d4a", "#31547a", "#b98a3a", "#6d3b52", "#8a8f86")
WALLS = ("#a4604a", "#8d8578", "#c2a57c", "#77808a", "#b9a894", "#8a5b4c", "#9aa08e")
SHOP = 0.40  # the level at which the shops end


def hashed(a: Field, b: Field, seed: int) -> Field:
    """Return a random number (0..1) for each pair of whole numbers."""
    x = a.astype(np.int32).view(np.uint32) * np.uint32(73856093)
    x ^= b.astype(np.int32).view(np.uint32) * np.uint32(19349663)
    x ^= np.uint32(seed * 83492791 & 0xFFFFFFFF)
    x ^= x >> np.uint32(13)
    x *= np.uint32(1274126177)
    x ^= x >> np.uint32(16)
    return np.asarray(x & np.uint32(0xFFFF), np.float32) * np.float32(1 / 65535)


def lamps_of(stage: Stage) -> float:
    """Return the share of windows that are lit at this hour."""
    light = stage.light
    if "lamps" in stage.spec:
        return float(stage.spec["lamps"])
    if light.moon:
        return 0.62
    return (
        0.5
        if light.time in ("dusk", "sunset")
        else 0.14
        if light.elevation > 0.4 and not stage.storm
        else 0.32
    )


def windows(
    stage: Stage, col: Field, row: Field, fx: Field, fy: Field, wall: Field, glow: float
) -> Field:
    """Put window panes on a wall colour; fx, fy are the places inside a cell (0..1)."""
    pane = (
        smoothstep(0.2, 0.26, fx)
        * smoothstep(0.8, 0.74, fx)
        * smoothstep(0.2, 0.27, fy)
        * smoothstep(0.86, 0.8, fy)
    )
    roll = hashed(col, row, stage.noise("panes"))
    tint = hashed(row, col, stage.noise("tints"))
    lit = (roll < glow).astype(np.float32)
    warm = np.asarray([rgb(code) for code in GLOWS], np.float32)[(tint * 3.99).astype(np.int64)]
    power = (0.55 + 0.55 * hashed(col + 7, row + 3, 5)) * (1.0 if stage.light.moon else 0.8)
    glass = vec(mix(rgb(stage.light.middle), rgb(stage.light.zenith), 0.5)) * (
        0.35 + 0.4 * tint[..., None]
    )
    inner = glass + (warm * power[..., None] - glass) * lit[..., None]
    bars = 1 - 0.5 * smoothstep(0.035, 0.015, np.abs(fx - 0.5)) * (1 - 0.5 * lit)
    return np.asarray(wall + (inner * bars[..., None] - wall) * pane[..., None], np.float32)


def pick(lot: Field, seed: int, codes: tuple[str, ...]) -> Field:
    """Return one of the colours for each lot (h, w, 3)."""
    table = np.asarray([rgb(code) for code in codes], np.float32)
    return table[(hashed(lot, lot * 0 + 9, seed) * (len(codes) - 0.01)).astype(np.int64)]


def box(value: Field, low: float, high: float, soft: float) -> Field:
    """Return 1 between low and high, 0 outside, over a soft edge."""
    return smoothstep(low - soft, low + soft, value) * smoothstep(high + soft, high - soft, value)


def house_fronts(
    stage: Stage, lot: Field, along: Field, level: Field, tall: Field, diffuse: Field
) -> Field:
    """Return the lit colours of the walls; `along` is the place in a lot, `tall` its height."""
    wall = pick(lot, stage.noise("walls"), WALLS)
    brick = fbm(along * 0.35 + lot * 0.37, level * 0.55, 41, gain=0.75)
    row = level * 26
    course = smoothstep(0.14, 0.04, np.abs(row - np.round(row)))
    stain = fbm(along * 0.25 + lot * 0.21, level * 0.07, 43) * smoothstep(0.3, 1.6, level)
    worn = float(stage.spec.get("worn", 0.0))
    shade = 0.92 + 0.20 * brick - 0.10 * course - (0.10 + 0.3 * worn) * np.clip(stain, 0, 1)
    wall = stage.lit(np.asarray(wall * shade[..., None], np.float32), diffuse)
    count = 2 + np.floor(2.99 * hashed(lot, lot * 0 + 31, stage.noise("bays")))
    a, b = along * count, (level - SHOP - 0.10) / 0.34
    col, row = np.floor(a) + lot * 16, np.floor(b)
    fx, fy = a - np.floor(a), b - np.floor(b)
    upper = smoothstep(SHOP + 0.10, SHOP + 0.12, level) * smoothstep(0.0, 0.04, tall - level - 0.16)
    trim = vec((0.86, 0.83, 0.78)) * (0.35 + 0.65 * diffuse)[..., None] * vec(stage.tone(0.7))
    frame = box(fx, 0.20, 0.80, 0.015) * box(fy, 0.14, 0.90, 0.015) * upper
    wall = wall + (trim - wall) * (frame * 0.7)[..., None]
    panes = windows(stage, col, row, fx, 1 - fy, wall, lamps_of(stage))
    wall = wall + (panes - wall) * upper[..., None]
    sill = box(fx, 0.17, 0.83, 0.02) * box(fy, 0.09, 0.15, 0.015) * upper
    wall = wall + (trim * 1.05 - wall) * sill[..., None]
    cast = (
        box(fx, 0.18, 0.84, 0.03) * smoothstep(0.90, 0.80, fy) * smoothstep(0.74, 0.82, fy) * upper
    )
    wall = wall * (1 - 0.25 * cast)[..., None]
    band = box(level, SHOP + 0.05, SHOP + 0.08, 0.006) + smoothstep(0.09, 0.07, tall - level)
    under = smoothstep(0.17, 0.09, tall - level) * smoothstep(0.05, 0.08, tall - level)
    wall = wall * (1 + 0.16 * np.clip(band, 0, 1) - 0.35 * under)[..., None]
    seam = np.minimum(along, 1 - along)
    wall = wall * (0.58 + 0.42 * smoothstep(0.0, 0.02, seam))[..., None]
    return shops(stage, lot, along, level, wall, diffuse)


def shops(
    stage: Stage, lot: Field, along: Field, level: Field, wall: Field, diffuse: Field
) -> Field:
    """Return the walls with shops at their feet: door, window with goods, awning, sign."""
    shut = float(stage.spec.get("worn", 0.0))
    dark = stage.light.moon or stage.light.time in ("dusk", "neon")
    power = (1.0 if dark else 0.55 if stage.storm else 0.30) * (1 - 0.85 * shut)
    paint = pick(lot, stage.noise("shops"), CLOTHS)
    lit = stage.lit(np.asarray(paint * 0.72, np.float32), diffuse * 0.6)
    front = box(level, 0.0, SHOP + 0.005, 0.004) * box(along, 0.05, 0.95, 0.008)
    wall = wall + (lit - wall) * front[..., None]
    glow = pick(lot, stage.noise("glows"), GLOWS)
    glass = vec(mix(rgb(stage.light.middle), rgb(stage.light.zenith), 0.4)) * 0.34
    deep = smoothstep(0.06, 0.34, level)
    inner = glow * (0.30 + 0.62 * deep * (1 - 0.4 * np.abs(2 * along - 0.7)))[..., None]
    col, row = np.floor(along * 26), np.floor(level / 0.062)
    goods = hashed(col + lot * 40, row, stage.noise("goods"))
    inside = box(along * 26 - col, 0.12, 0.88, 0.06) * smoothstep(
        0.25 + 0.6 * goods, 0.15 + 0.6 * goods, level / 0.062 - row
    )
    tone = pick(lot * 40 + col + 7 * row, stage.noise("wares"), (*CLOTHS, "#e2c9a0", "#d8d4cc"))
    shelf = inside * smoothstep(0.27, 0.25, level)
    inner = inner + (tone * (0.35 + 0.65 * glow) - inner) * (0.78 * shelf)[..., None]
    seen = glass + (inner - glass) * (0.22 + 0.78 * power)
    sheen = smoothstep(0.12, 0.0, np.abs((along * 1.4 + level * 1.1) % 0.5 - 0.25)) * (1 - power)
    seen = seen + (0.12 * sheen)[..., None] * vec(rgb(stage.light.middle))
    window = box(along, 0.11, 0.62, 0.006) * box(level, 0.075, 0.30, 0.004)
    window = window * (1 - 0.8 * smoothstep(0.008, 0.004, np.abs((along - 0.11) % 0.17 - 0.085)))
    door = box(along, 0.71, 0.87, 0.006) * box(level, 0.02, 0.30, 0.004)
    pane = box(along, 0.735, 0.845, 0.006) * box(level, 0.09, 0.28, 0.004)
    wall = wall + (lit * 0.6 - wall) * (door * (1 - pane))[..., None]
    wall = wall + (seen - wall) * np.clip(window + door * pane, 0, 1)[..., None]
    cloth = pick(lot, stage.noise("cloth"), CLOTHS)
    stripe = (np.floor(along * 22) % 2)[..., None]
    cloth = cloth + (vec((0.93, 0.90, 0.84)) - cloth) * stripe
    hem = 0.305 - 0.012 * np.abs(np.sin(along * 22 * np.pi))
    fall = smoothstep(hem - 0.002, hem + 0.004, level) * smoothstep(0.372, 0.366, level)
    has = hashed(lot, lot * 0 + 51, stage.noise("awning")) > 0.35 + 0.6 * shut
    awning = fall * box(along, 0.07, 0.93, 0.006) * has
    bright = stage.lit(np.asarray(cloth * 0.9, np.float32), 0.35 + 0.6 * diffuse)
    bright = bright * (0.75 + 4.0 * np.clip(level - 0.30, 0, 0.08))[..., None]
    wall = wall + (bright - wall) * awning[..., None]
    drop = box(level, 0.255, 0.30, 0.02) * box(along, 0.08, 0.94, 0.01) * has
    wall = wall * (1 - 0.34 * drop * (1 - 0.5 * power))[..., None]
    return _sign(stage, lot, along, level, wall, power)


def _sign(stage: Stage, lot: Field, along: Field, level: Field, wall: Field, power: float) -> Field:
    """Return the walls with a name over each shop: strokes of letters, of light after dark."""
    board = box(along, 0.12, 0.88, 0.006) * box(level, 0.376, 0.438, 0.003)
    base = pick(lot, stage.noise("boards"), ("#2b2622", "#24343a", "#e6dcc6", "#3a2a2e"))
    wall = wall + (base * vec(stage.tone(0.5)) - wall) * (0.92 * board)[..., None]
    count = 6 + np.floor(5 * hashed(lot, lot * 0 + 61, 3))
    place = (along - 0.18) / 0.64 * count
    letter = np.floor(place)
    fx, fy = place - letter, (level - 0.386) / 0.042
    roll = [hashed(letter + lot * 20, letter * 0 + k, stage.noise("letters")) for k in range(4)]
    stem = box(fx, 0.16, 0.32, 0.05) * (roll[0] > 0.12)
    far = box(fx, 0.62, 0.78, 0.05) * (roll[1] > 0.45)
    bars = box(fy, 0.82, 1.0, 0.06) * (roll[2] > 0.4) + box(fy, 0.0, 0.16, 0.06) * (roll[3] > 0.4)
    bars = (bars + box(fy, 0.42, 0.58, 0.06) * (roll[1] > 0.3)) * box(fx, 0.16, 0.78, 0.05)
    ink = np.clip(stem + far + bars, 0, 1) * box(fy, 0.0, 1.0, 0.05)
    ink = ink * box(along, 0.18, 0.82, 0.004)
    tone = pick(lot, stage.noise("signs"), SIGNS)
    pale = np.where(base.mean(axis=-1, keepdims=True) > 0.5, 0.22, 0.86)
    plain = pale * vec(stage.tone(0.7))
    letters = plain + (tone * 1.25 - plain) * (power if power > 0.4 else 0.0)
    wall = wall + (letters - wall) * (ink * 0.95)[..., None]
    halo = box(along, 0.10, 0.90, 0.05) * np.exp(-(((level - 0.407) / 0.05) ** 2))
    return np.asarray(wall + tone * (0.26 * halo * (power > 0.5) * power)[..., None], np.float32)
