"""Printed media: few flat inks, a key line and a margin."""

from __future__ import annotations

import numpy as np

from diorama import strokes
from diorama.canvas import blur, rgb, vec
from diorama.noise import Field, fbm, smoothstep

from . import areas, lines

INDIGO = vec(rgb("#1c2140"))
BLACK = vec((0.05, 0.04, 0.08))


def woodblock(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Flat printed colours that run softly into each other, carved key lines, wood grain, washi."""
    x, y = strokes.grid(pixels, unit)
    parts = areas.found(pixels, unit, focus, ground=10, things=9)
    printed = areas.laid(
        parts, focus, parts.colours, round_off=0.006, fine=0.0026, running=0.9, shaded=0.55
    )
    old = strokes.saturate(np.clip(printed, 0, 1) ** 0.72, 1.12)
    grain = fbm(x * 0.14, y * 2.6 + 0.05 * fbm(x * 0.5, y * 0.5, seed), seed + 1, gain=0.6)
    sheet = strokes.paper(pixels.shape[:2], unit, seed)
    paper = vec((0.97, 0.945, 0.88))
    blend = paper * (0.05 + 1.02 * old) * (1 + 0.035 * grain + 0.018 * sheet)[..., None]
    key = np.maximum(
        lines.contours(pixels, 0.0026 * unit, focus, busy=1.3), lines.outline(focus, 0.0042 * unit)
    )
    worn = np.clip(0.93 + 0.12 * grain, 0, 1)
    blend = over(blend, INDIGO, key * 0.9 * worn)
    return framed(blend, unit, 0.022, (0.94, 0.90, 0.81))


def comic(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Flat bright colours with one shade, dots in the ground's shade, and a bold key line."""
    x, y = strokes.grid(pixels, unit)
    parts = areas.found(pixels, unit, focus, ground=9, things=9)
    bright = np.clip(strokes.saturate(parts.colours, 1.45) * 1.1 + 0.02, 0, 1)
    flat = areas.laid(parts, focus, bright, round_off=0.005, running=0.35, shaded=0.3)
    deep = shade(pixels, parts, focus, unit)
    turned = ((x + y) * 51, (x - y) * 51)
    dots = 0.5 + 0.25 * (np.cos(turned[0] * 6.283) + np.cos(turned[1] * 6.283))
    dotted = smoothstep(-0.14, 0.14, np.clip(5.5 * deep, 0, 0.62) - 0.06 - (1 - dots))
    solid = smoothstep(0.065, 0.085, deep)
    dark = 0.34 * dotted * (1 - focus) + 0.26 * solid * focus
    tone = flat * (1 - dark[..., None] * vec((1.0, 0.92, 0.72)))
    line = np.maximum.reduce(
        [
            lines.contours(pixels, 0.0030 * unit, focus, busy=1.25),
            lines.contours(pixels, 0.0046 * unit, focus, faint=0.16, busy=1.4) * (1 - focus),
            lines.outline(focus, 0.0066 * unit),
        ]
    )
    return framed(over(tone, BLACK, line), unit, 0.014, (0.99, 0.985, 0.97))


def poster(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """A travel poster: broad flat inks, one shade and one light on the things, and a margin."""
    parts = areas.found(pixels, unit, focus, ground=9, things=8, least=0.026)
    warm = strokes.saturate(parts.colours**0.9, 1.22) * vec((1.04, 1.0, 0.93)) + 0.015
    warm = np.asarray(np.clip(warm, 0, 1), np.float32)
    flat = areas.laid(parts, focus, warm, round_off=0.008, fine=0.0028, running=0.3, shaded=0.2)
    flat = parted(flat, focus, unit)
    deep = shade(pixels, parts, focus, unit)
    dark = 0.24 * smoothstep(0.06, 0.075, deep) - 0.14 * smoothstep(0.075, 0.09, -deep)
    line = lines.contours(pixels, 0.0024 * unit, focus) * focus
    tone = flat * (1 - (dark * focus + 0.42 * line)[..., None] * vec((1.0, 0.95, 0.8)))
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    tone = tone * (1 + 0.022 * grain)[..., None]
    return framed(strokes.shown(tone), unit, 0.035, (0.955, 0.925, 0.85))


def shade(pixels: Field, parts: areas.Areas, focus: Field, unit: float) -> Field:
    """Return how much darker (below 0: lighter) the picture is than its flat areas (h, w)."""
    flat = areas.scaled(parts.colours[parts.labels], (pixels.shape[1], pixels.shape[0]))
    off = strokes.grey(flat) - strokes.grey(pixels)
    inside = (focus > 0.5).astype(np.float32)
    soft = 0.006 * unit
    things = blur(off * inside, soft) / (blur(inside, soft) + 0.02)
    ground = blur(off * (1 - inside), soft) / (blur(1 - inside, soft) + 0.02)
    return np.asarray(ground + (things - ground) * focus, np.float32)


def parted(flat: Field, focus: Field, unit: float) -> Field:
    """Return the print with the ground round the things lighter or darker than they are."""
    covered = float(focus.mean())
    if covered < 0.002:
        return flat
    light = strokes.grey(flat)
    things = float((light * focus).mean() / covered)
    around = np.clip(blur(focus, 0.05 * unit), 0, 1) * (1 - focus)
    ground = float((light * around).mean() / max(float(around.mean()), 1e-6))
    away = 0.10 if ground >= things else -0.10
    return np.asarray(flat + (away * around)[..., None], np.float32)


def over(pixels: Field, colour: Field, amount: Field) -> Field:
    """Return the picture with a line of one colour over it, within 0..1."""
    pixels = np.clip(pixels, 0, 1)
    return np.asarray(pixels + (colour - pixels) * amount[..., None], np.float32)


def framed(pixels: Field, unit: float, width: float, colour: tuple[float, float, float]) -> Field:
    """Return the picture with a margin of bare paper, width in world units."""
    edge = max(2, round(width * unit))
    out = np.empty_like(pixels)
    out[:] = vec(colour)
    out[edge:-edge, edge:-edge] = pixels[edge:-edge, edge:-edge]
    return out
