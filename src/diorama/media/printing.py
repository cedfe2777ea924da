"""Printed media: few flat inks, a key line and a margin."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur, vec
from diorama.noise import Field, fbm, smoothstep


def woodblock(pixels: Field, unit: float, seed: int, focus: Field | None = None) -> Field:
    """Flat printed colours with key lines, wood grain and washi."""
    x, y = strokes.grid(pixels, unit)
    flat = strokes.kuwahara(strokes.calmed(pixels, unit, focus), round(0.005 * unit))
    old = strokes.saturate(np.clip(flat, 0, 1) ** 0.8, 0.95) * vec((1.0, 0.97, 0.88)) + vec(
        (0.03, 0.02, 0.0)
    )
    _, printed = strokes.few_colours(np.asarray(old, np.float32), 14, seed)
    printed = calm(printed, unit)
    blend = printed * 0.86 + old * 0.14
    grain = fbm(x * 0.14, y * 2.6 + 0.05 * fbm(x * 0.5, y * 0.5, seed), seed + 1, gain=0.6)
    blend *= (1 + 0.075 * grain)[..., None]
    line = np.maximum(
        strokes.contours(strokes.grey(flat), 0.0020 * unit, 26),
        0.7 * strokes.contours(strokes.grey(printed), 0.0014 * unit, 22),
    )
    blend += (vec((0.10, 0.11, 0.19)) - blend) * (line * 0.88)[..., None]
    sheet = strokes.paper(pixels.shape[:2], unit, seed)
    return framed(
        np.clip(blend * (1 + 0.02 * sheet)[..., None], 0, 1), unit, 0.022, (0.94, 0.90, 0.81)
    )


def comic(pixels: Field, unit: float, seed: int, focus: Field | None = None) -> Field:
    """Flat bright colours, halftone in the shade, and a bold key line."""
    x, y = strokes.grid(pixels, unit)
    flat = strokes.kuwahara(strokes.calmed(pixels, unit, focus), round(0.006 * unit))
    flat = np.clip(strokes.saturate(flat, 1.5) * 1.08, 0, 1)
    light = strokes.grey(flat)
    stepped = np.where(
        light < 0.25, 0.16, np.where(light < 0.5, 0.42, np.where(light < 0.75, 0.68, 0.93))
    )
    stepped = blur(stepped.astype(np.float32), 0.0008 * unit)
    tone = flat * ((0.65 * stepped + 0.35 * light) / np.maximum(light, 0.05))[..., None]
    a, b = (x + y) * 92, (x - y) * 92
    dots = (np.cos(a * 6.283 / 1.414) + np.cos(b * 6.283 / 1.414)) * 0.5
    shade = np.clip(0.62 - light, 0, 0.6) * 1.5
    mask = smoothstep(-0.15, 0.15, dots - (1 - 2 * shade)) * (light < 0.6)
    tone = tone * (1 - 0.32 * mask)[..., None]
    line = np.maximum(
        strokes.contours(strokes.grey(flat), 0.0028 * unit, 30),
        strokes.contours(light, 0.0012 * unit, 30) * 0.8,
    )
    tone = np.clip(tone, 0, 1) * (1 - line)[..., None] + vec((0.05, 0.04, 0.08)) * line[..., None]
    return framed(np.clip(tone, 0, 1), unit, 0.014, (0.99, 0.985, 0.97))


def poster(pixels: Field, unit: float, seed: int, focus: Field | None = None) -> Field:
    """A travel poster: few flat inks with soft misregister and a margin."""
    flat = strokes.kuwahara(strokes.calmed(pixels, unit, focus), round(0.005 * unit))
    warm = np.clip(
        strokes.saturate(np.clip(flat, 0, 1) ** 0.88, 1.2) * vec((1.03, 1.0, 0.93)) + 0.02, 0, 1
    )
    _, printed = strokes.few_colours(np.asarray(warm, np.float32), 13, seed)
    printed = calm(printed, unit)
    printed = blur(printed, 0.0007 * unit)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    ink_grain = 1 + 0.03 * grain
    return framed(np.clip(printed * ink_grain[..., None], 0, 1), unit, 0.035, (0.955, 0.925, 0.85))


def calm(printed: Field, unit: float) -> Field:
    """Return the print without specks that no block could carry."""
    size = min(max(3, int(0.0055 * unit) | 1), 9)
    still = cv2.medianBlur((np.clip(printed, 0, 1) * 255).astype(np.uint8), size)
    return np.asarray(still, np.float32) / 255


def framed(pixels: Field, unit: float, width: float, colour: tuple[float, float, float]) -> Field:
    """Return the picture with a margin of bare paper, width in world units."""
    edge = max(2, round(width * unit))
    out = np.empty_like(pixels)
    out[:] = vec(colour)
    out[edge:-edge, edge:-edge] = pixels[edge:-edge, edge:-edge]
    return out
