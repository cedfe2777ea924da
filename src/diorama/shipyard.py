"""Vessels drawn from polygons: sailing ships, a submarine, a bowl of fruit, a chest."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from . import solid
from .assets import SIDE, cutout
from .canvas import Colour, mix, rgb, vec
from .noise import Field, fbm, smoothstep

Point = tuple[float, float]


def blank() -> tuple[Field, Field, Field]:
    line = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    x, y = np.meshgrid(line, line)
    return np.zeros((SIDE, SIDE, 4), np.float32), x, y


def lay(field: Field, points: Sequence[Point], tone: Field | Colour) -> Field:
    """Fill a polygon with a colour or a field of colours; returns its coverage."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.fillPoly(mask, [(np.asarray(points) * SIDE * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    a = mask[..., None]
    field[..., :3] += (np.asarray(tone, np.float32) - field[..., :3]) * a
    field[..., 3] = np.maximum(field[..., 3], mask)
    return mask


def curve(a: Point, bend: Point, b: Point) -> list[Point]:
    t = np.linspace(0, 1, 14)
    x = (1 - t) ** 2 * a[0] + 2 * t * (1 - t) * bend[0] + t**2 * b[0]
    y = (1 - t) ** 2 * a[1] + 2 * t * (1 - t) * bend[1] + t**2 * b[1]
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _sail(field: Field, x: Field, box: tuple[float, float, float, float], cloth: Colour) -> None:
    """Hang a square sail that the wind from the right fills; box is (left, top, right, bottom)."""
    left, top, right, bottom = box
    wide = right - left
    edge = curve((left, top), (left - 0.22 * wide, (top + bottom) / 2), (left - 0.02, bottom))
    edge += curve((left - 0.02, bottom), ((left + right) / 2, bottom - 0.05), (right, bottom))
    edge += curve((right, bottom), (right - 0.16 * wide, (top + bottom) / 2), (right, top))
    t = np.clip((x - left) / wide, -0.2, 1)
    light = 0.72 + 0.42 * np.sin(np.clip(t + 0.25, 0, 1) * 3.0) + 0.04 * np.cos(x * 300)
    lay(field, edge, vec(cloth) * light[..., None])
    solid.limb(field, rgb("#5a3a24"), (left - 0.015, top), (right + 0.015, top), (0.007, 0.007))


def galleon(cloth: Colour, flag: str) -> Field:
    """Return a three-masted ship sailing to the left; `flag` is a cut-out for its main sail."""
    field, x, y = blank()
    wood = rgb("#6d4023")
    masts = ((0.30, 0.20), (0.50, 0.08), (0.70, 0.20))
    for mx, top in masts:
        solid.limb(field, wood, (mx, 0.78), (mx, top), (0.012, 0.007))
    solid.limb(field, wood, (0.2, 0.70), (0.03, 0.60), (0.011, 0.005))
    lay(field, [(0.055, 0.605), (0.29, 0.30), (0.22, 0.66)], vec(cloth) * 0.9)
    for mx, top in masts:
        tall, half = 0.72 - top, 0.105 if mx == 0.5 else 0.082
        low = top + 0.04 + 0.42 * tall
        _sail(field, x, (mx - half * 0.75, top + 0.04, mx + half * 0.75, low), cloth)
        _sail(field, x, (mx - half, low + 0.02, mx + half, top + 0.94 * tall), cloth)
    for mx, top in masts:
        lay(
            field,
            [(mx, top - 0.055), (mx + 0.085, top - 0.045), (mx + 0.07, top - 0.012), (mx, top)],
            mix(cloth, rgb("#b3202c"), 0.0 if flag else 0.85),
        )
    if flag:
        solid.paste(field, cutout(flag), 0.478, 0.54, 0.15)
    hull = curve((0.13, 0.70), (0.20, 0.93), (0.36, 0.955))
    hull += [(0.74, 0.955), (0.84, 0.90), (0.90, 0.645), (0.78, 0.66), (0.76, 0.735)]
    hull += curve((0.76, 0.735), (0.45, 0.80), (0.13, 0.70))
    plank = 0.86 + 0.10 * np.cos((y + 0.05 * (x - 0.5) ** 2) * 210) + 0.10 * fbm(x, y * 3, 5)
    shade = plank * (1.12 - 0.75 * np.clip(y - 0.68, 0, 1) - 0.25 * x)
    lay(field, hull, vec(mix(wood, (0.9, 0.55, 0.3), 0.12)) * shade[..., None])
    stripe = [(0.155, 0.775), (0.87, 0.77), (0.862, 0.80), (0.165, 0.805)]
    lay(field, stripe, rgb("#d9a441"))
    for k in range(6):
        gun = 0.25 + 0.098 * k
        lay(
            field,
            [(gun, 0.835), (gun + 0.036, 0.835), (gun + 0.036, 0.868), (gun, 0.868)],
            (0.10, 0.07, 0.06),
        )
    for k in range(3):
        pane = 0.785 + 0.034 * k
        lay(
            field,
            [(pane, 0.685), (pane + 0.022, 0.682), (pane + 0.021, 0.725), (pane, 0.728)],
            rgb("#ffd27a"),
        )
    return field


def submarine() -> Field:
    """Return a yellow submarine, looking to the left."""
    field, _, _ = blank()
    body = rgb("#f0b429")
    solid.limb(field, body, (0.52, 0.36), (0.52, 0.50), (0.075, 0.10))
    solid.limb(field, rgb("#b9bec9"), (0.54, 0.34), (0.54, 0.20), (0.013, 0.013))
    solid.limb(field, rgb("#b9bec9"), (0.54, 0.20), (0.475, 0.20), (0.015, 0.018))
    solid.limb(field, rgb("#d8553a"), (0.80, 0.60), (0.90, 0.44), (0.02, 0.045))
    solid.limb(field, rgb("#d8553a"), (0.80, 0.66), (0.90, 0.80), (0.02, 0.045))
    solid.limb(field, body, (0.25, 0.62), (0.72, 0.62), (0.165, 0.155))
    solid.limb(field, body, (0.72, 0.62), (0.86, 0.62), (0.15, 0.05))
    solid.limb(field, rgb("#d8553a"), (0.14, 0.70), (0.80, 0.70), (0.02, 0.016))
    for k in range(3):
        at = (0.26 + 0.18 * k, 0.585)
        solid.ellipse(field, rgb("#c9ced8"), at, (0.065, 0.065))
        solid.ellipse(field, rgb("#53b9e8"), at, (0.047, 0.047), gloss=0.5)
    return field


def bowl_of(pieces: Sequence[tuple[str, float, float, float]]) -> Field:
    """Return a bowl with cut-outs in it: (code, x, y, side) in fractions of the square."""
    field, x, y = blank()
    solid.ellipse(field, rgb("#8a5330"), (0.5, 0.60), (0.40, 0.085), flat=0.5)
    for code, px, py, side in pieces:
        solid.shade_behind(field, px, py, side * 0.4, side * 0.4, 0.18)
        solid.paste(field, cutout(code), px, py, side)
    rim = curve((0.095, 0.60), (0.5, 0.76), (0.905, 0.60))
    flank = curve((0.905, 0.60), (0.86, 0.92), (0.64, 0.945))
    flank += [(0.36, 0.945), *curve((0.36, 0.945), (0.14, 0.92), (0.095, 0.60))]
    t = (x - 0.5) / 0.42
    lit = 0.62 + 0.55 * np.clip(0.7 * np.sqrt(np.clip(1 - t * t, 0, 1)) - 0.42 * t, 0, 1)
    lit = lit * (1.1 - 0.5 * np.clip(y - 0.62, 0, 1))
    lay(field, [*rim, *flank], vec(rgb("#e9e2d4")) * lit[..., None])
    band = curve((0.112, 0.655), (0.5, 0.82), (0.888, 0.655))
    band += curve((0.876, 0.69), (0.5, 0.855), (0.124, 0.69))
    lay(field, band, vec(rgb("#3f78b5")) * lit[..., None])
    return field


def chest() -> Field:
    """Return an open treasure chest full of gold."""
    field, x, y = blank()
    wood = 0.82 + 0.12 * np.cos(y * 120) + 0.12 * fbm(x * 0.6, y * 2.4, 9)
    lid = [(0.14, 0.46), *curve((0.14, 0.30), (0.5, 0.10), (0.86, 0.30)), (0.86, 0.46)]
    lay(field, lid, vec(rgb("#7a4526")) * (wood * 0.8)[..., None])
    inner = [(0.18, 0.46), *curve((0.18, 0.33), (0.5, 0.16), (0.82, 0.33)), (0.82, 0.46)]
    lay(field, inner, rgb("#3a2014"))
    rng = np.random.Generator(np.random.PCG64(5))
    for _ in range(60):
        px, away = 0.2 + 0.6 * float(rng.random()), float(rng.random())
        py = 0.53 - 0.11 * away * (1 - ((px - 0.5) / 0.34) ** 2)
        tone = mix(rgb("#e8a520"), rgb("#fff0a0"), float(rng.random()))
        solid.ellipse(field, tone, (px, py), (0.035, 0.022), gloss=0.4)
    for code, px, py, size in (("1f48e", 0.36, 0.45, 0.15), ("1f451", 0.62, 0.43, 0.2)):
        solid.paste(field, cutout(code), px, py, size)
    front = [(0.11, 0.53), (0.89, 0.53), (0.86, 0.90), (0.14, 0.90)]
    lay(field, front, vec(rgb("#9a5a30")) * (wood * (1.15 - 0.3 * x))[..., None])
    for band in ((0.11, 0.19), (0.46, 0.54), (0.81, 0.89)):
        points = [(band[0], 0.52), (band[1], 0.52), (band[1] - 0.004, 0.905), (band[0], 0.905)]
        lay(field, points, vec(rgb("#d9a441")) * (1.1 - 0.4 * y)[..., None])
    solid.ellipse(field, rgb("#f4cf63"), (0.5, 0.62), (0.045, 0.055))
    solid.ellipse(field, rgb("#4a2d16"), (0.5, 0.62), (0.012, 0.022), flat=0.2)
    field[..., :3] *= (1 - 0.2 * smoothstep(0.8, 0.92, y))[..., None]
    return field
