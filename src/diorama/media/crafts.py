"""Crafts: cut paper, cross-stitch, risograph, chalk on a board."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur, rgb, vec
from diorama.noise import Field, fbm, smoothstep

from . import areas, lines
from .printing import over

RISO = ("#1d5fa8", "#f0527a", "#f7c52f")


def papercut(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Sheets of coloured paper one over another: the lower in the picture, the nearer."""
    parts = areas.found(pixels, unit, focus, ground=8, things=8, least=0.03)
    lively = np.clip(strokes.saturate(parts.colours, 1.3) * 1.04, 0, 1)
    sheet = areas.laid(parts, focus, lively, round_off=0.007, fine=0.0028, running=0.25)
    rise = areas.laid(parts, focus, _heights(parts), round_off=0.007, fine=0.0028)[..., 0]
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    shade = np.zeros_like(rise)
    for far, soft, deep in ((0.004, 0.002, 0.34), (0.012, 0.007, 0.38)):
        step = max(1, round(far * unit))
        moved = cv2.copyMakeBorder(rise, step, 0, step, 0, cv2.BORDER_REPLICATE)
        above = blur(moved[: rise.shape[0], : rise.shape[1]], soft * unit) - rise
        shade += deep * np.clip(above * 4, 0, 1)
    thick = max(1, round(0.0015 * unit))
    below = cv2.copyMakeBorder(rise, thick, 0, thick, 0, cv2.BORDER_REPLICATE)
    lip = np.clip((rise - below[: rise.shape[0], : rise.shape[1]]) * 4, 0, 1)
    slit = lines.contours(pixels, 0.0024 * unit, focus) * focus
    out = sheet * (1 - shade - 0.32 * slit * (1 - shade))[..., None] + (0.16 * lip)[..., None]
    return strokes.shown(out * (1 + 0.028 * grain)[..., None])


def _heights(parts: areas.Areas) -> Field:
    """Return how high each area's sheet lies (n, 3): things over the ground, small over large."""
    count = len(parts.sizes)
    rows = np.arange(parts.labels.shape[0], dtype=np.float32)[:, None]
    down = np.broadcast_to(rows / len(rows), parts.labels.shape).ravel()
    middle = np.bincount(parts.labels.ravel(), down, count) / parts.sizes
    small = 1 - np.sqrt(parts.sizes / parts.labels.size)
    height = np.where(parts.things, 1.2 + 0.8 * small, 0.9 * middle + 0.2 * small)
    return np.repeat(height[:, None].astype(np.float32), 3, 1)


def stitch(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Cross-stitch: a thread's cross in each square of the cloth."""
    height, width = pixels.shape[:2]
    cells = 96
    size = (max(12, round(width * cells / unit)), max(12, round(height * cells / unit)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    _, flat = strokes.few_colours(np.clip(strokes.saturate(small, 1.3), 0, 1), 26, seed)
    tone = np.asarray(cv2.resize(flat, (width, height), interpolation=cv2.INTER_NEAREST))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    fx, fy = (x + 0.5) * size[0] / width, (y + 0.5) * size[1] / height
    fx, fy = fx - np.floor(fx), fy - np.floor(fy)
    one, two = np.abs(fx - fy), np.abs(fx + fy - 1)
    over, under = smoothstep(0.34, 0.16, one), smoothstep(0.34, 0.16, two)
    twist = 0.10 * np.cos((fx + fy) * 22) * over + 0.10 * np.cos((fx - fy) * 22) * under * (
        1 - over
    )
    light = 0.72 + 0.34 * over * (1 - one * 1.6) + 0.2 * under * (1 - over) + twist
    cover = np.maximum(over, under)[..., None]
    cloth = (
        vec((0.93, 0.90, 0.84)) * (0.92 + 0.08 * np.cos(fx * 12.6) * np.cos(fy * 12.6))[..., None]
    )
    return strokes.shown(cloth + (tone * light[..., None] - cloth) * cover)


def risograph(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Three transparent inks in coarse screens, a little out of register."""
    x, y = strokes.grid(pixels, unit)
    flat = strokes.saturate(strokes.kuwahara(pixels, round(0.004 * unit)), 1.35)
    flat = np.clip(flat, 0, 1) ** 0.9
    light = strokes.grey(flat)
    amounts = (
        np.clip(1.05 - flat[..., 0], 0, 1) * (1.12 - 0.5 * light),
        np.clip(1.0 - flat[..., 1], 0, 1),
        np.clip(1.0 - flat[..., 2], 0, 1) * (0.35 + 0.65 * light),
    )
    sheet = strokes.paper(pixels.shape[:2], unit, seed)
    out = np.ones_like(pixels) * vec((0.965, 0.945, 0.90))
    for k, amount in enumerate(amounts):
        angle = (0.26, 1.31, 0.0)[k]
        c, s = np.cos(angle), np.sin(angle)
        u, v = (x * c + y * s) * 110, (-x * s + y * c) * 110
        dots = 0.5 + 0.25 * (np.cos(u * 6.283) + np.cos(v * 6.283))
        moved = np.roll(
            amount, ((2 * k - 2) * round(0.0016 * unit), k * round(0.001 * unit)), (0, 1)
        )
        ink = smoothstep(-0.18, 0.18, moved - (1 - dots) * 0.92 - 0.03)
        ink = np.clip(ink * (0.92 + 0.10 * sheet), 0, 1)
        out *= 1 - (1 - vec(rgb(RISO[k]))) * (0.94 * ink)[..., None]
    return strokes.shown(out)


def chalk(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Coloured chalk on a blackboard, with the dust of what was wiped off."""
    x, y = strokes.grid(pixels, unit)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    parts = areas.found(pixels, unit, focus, ground=9, things=9)
    flat = areas.laid(parts, focus, parts.colours, round_off=0.005, running=0.9, shaded=0.9)
    light = strokes.grey(flat)
    low, high = np.percentile(light[::3, ::3], (3, 97))
    light = np.clip((light - low) / max(float(high - low), 0.1), 0, 1)
    dx = np.full(light.shape, 0.86, np.float32)
    rub = strokes.drag(grain, dx, dx * -0.55, 0.009 * unit, 9)
    # the side of the chalk covers the board's ridges only: more of them under more pressure
    press = 0.16 + 0.54 * light + 0.34 * focus
    cover = smoothstep(-0.9, 0.9, press * 1.9 - 1.0 + 0.55 * rub + 0.30 * grain)
    bright = flat / np.maximum(flat.max(2, keepdims=True), 0.12)
    colour = 0.42 * strokes.saturate(bright, 1.1) + 0.58 * np.clip(flat * 1.2 + 0.10, 0, 1)
    line = np.maximum(
        lines.contours(pixels, 0.0034 * unit, focus, busy=1.3), lines.outline(focus, 0.0066 * unit)
    )
    line = line * smoothstep(-1.5, -0.2, grain + 0.2 * rub)
    dust = 0.05 * smoothstep(0.0, 0.8, fbm(x * 0.25, y * 0.7, seed + 2))
    board = vec(rgb("#22332d")) * (1 + 0.05 * grain)[..., None] + dust[..., None]
    out = board + (colour - board) * (0.86 * cover)[..., None]
    return over(out, vec((0.97, 0.97, 0.93)), 0.85 * line)
