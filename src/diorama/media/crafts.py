"""Crafts: cut paper, cross-stitch, risograph, chalk on a board."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur, rgb, vec
from diorama.noise import Field, fbm, smoothstep

from .printing import calm

RISO = ("#1d5fa8", "#f0527a", "#f7c52f")


def papercut(pixels: Field, unit: float, seed: int, focus: Field | None = None) -> Field:
    """Sheets of coloured paper one over another; the lighter lie higher and cast shadows."""
    flat = strokes.kuwahara(strokes.calmed(pixels, unit, focus), round(0.006 * unit))
    lively = np.clip(strokes.saturate(flat, 1.3), 0, 1)
    _, printed = strokes.few_colours(np.asarray(lively, np.float32), 10, seed)
    sheet = calm(printed, unit)
    height = strokes.grey(sheet)
    shift = max(1, round(0.007 * unit))
    moved = np.roll(height, (shift, shift), (0, 1))
    shade = np.clip(blur(moved, 0.005 * unit) - height, 0, 0.5)
    lip = np.clip(height - np.roll(height, (1, 1), (0, 1)), 0, 0.2)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    out = sheet * (1 - 1.25 * shade)[..., None] + (0.6 * lip)[..., None]
    return strokes.shown(out * (1 + 0.028 * grain)[..., None])


def stitch(pixels: Field, unit: float, seed: int) -> Field:
    """Cross-stitch: a thread's cross in each square of the cloth."""
    height, width = pixels.shape[:2]
    cells = 84
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


def risograph(pixels: Field, unit: float, seed: int) -> Field:
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


def chalk(pixels: Field, unit: float, seed: int) -> Field:
    """Coloured chalk on a blackboard, with the dust of what was wiped off."""
    x, y = strokes.grid(pixels, unit)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    flat = strokes.kuwahara(pixels, round(0.009 * unit))
    light = strokes.grey(flat)
    low, high = np.percentile(light, (4, 97))
    light = np.clip((light - low) / max(float(high - low), 0.1), 0, 1)
    dx = np.full(light.shape, 0.86, np.float32)
    rub = strokes.drag(grain, dx, dx * -0.55, 0.016 * unit, 9)
    cover = smoothstep(0.1, 0.9, 0.85 * light + 0.55 * rub + 0.16 * grain - 0.12)
    line = strokes.contours(strokes.grey(pixels), 0.0026 * unit, 26)
    line = line * smoothstep(-0.9, 0.3, grain)
    colour = 0.30 + 0.70 * strokes.saturate(np.clip(flat * 1.15, 0, 1), 1.25)
    dust = 0.05 * smoothstep(0.0, 0.8, fbm(x * 0.25, y * 0.7, seed + 2))
    board = vec(rgb("#22332d")) * (1 + 0.05 * grain)[..., None] + dust[..., None]
    out = board + (colour - board) * (0.80 * cover)[..., None]
    return strokes.shown(out + (vec((0.97, 0.97, 0.93)) - out) * (0.82 * line)[..., None])
