"""Drawn media: brush and ink, pencil, blueprint, and the cel of an anime film."""

from __future__ import annotations

import numpy as np

from diorama import strokes
from diorama.canvas import blur, rgb, vec
from diorama.noise import Field, fbm, smoothstep

from . import areas, lines
from .printing import over, shade


def ink(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Brush line and wet grey washes on warm paper."""
    x, y = strokes.grid(pixels, unit)
    light = _stretched(strokes.grey(pixels), 0.9)
    soft = strokes.kuwahara(np.dstack([light] * 3), round(0.010 * unit))[..., 0]
    soft = soft + (light - soft) * 0.5 * focus
    wobble = fbm(x * 0.8, y * 0.8, seed) * 0.08
    wash = np.zeros_like(light)
    for level, tone in ((0.66, 0.14), (0.46, 0.18), (0.28, 0.22), (0.13, 0.22)):
        wash += tone * smoothstep(level + 0.06, level - 0.06, soft + wobble)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    wash = wash * (0.88 + 0.25 * fbm(x * 0.4, y * 0.4, seed + 1) + 0.08 * grain)
    # the brush is pressed and lifted along its way
    press = smoothstep(-0.5, 0.5, fbm(x * 1.3, y * 1.3, seed + 6))
    thin = lines.contours(pixels, 0.0026 * unit, focus, busy=1.3)
    bold = np.maximum(
        lines.contours(pixels, 0.0050 * unit, focus, faint=0.10, busy=1.6),
        lines.outline(focus, 0.0075 * unit),
    )
    line = np.maximum(0.9 * thin, bold * (0.35 + 0.65 * press))
    dry = smoothstep(-1.3, -0.5, grain)
    black = np.clip(wash + line * (0.75 + 0.25 * dry), 0, 1) * 0.95
    sheet = vec((0.955, 0.93, 0.875)) * (1 + 0.015 * grain)[..., None]
    colour = strokes.saturate(pixels, 1.25) / np.maximum(strokes.grey(pixels), 0.12)[..., None]
    tinted = sheet * (0.84 + 0.16 * np.clip(colour, 0, 1.6))
    return over(tinted, vec((0.07, 0.07, 0.09)), black)


def pencil(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Soft graphite on white tooth paper: drawn contours, rubbed tone, hatching in the shade."""
    x, y = strokes.grid(pixels, unit)
    light = _stretched(strokes.grey(pixels), 0.72)
    soft = strokes.kuwahara(np.dstack([light] * 3), round(0.006 * unit))[..., 0]
    soft = blur(soft, 0.002 * unit)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    slant = np.full(light.shape, 0.74, np.float32)
    lead = strokes.drag(grain, slant, -slant * 0.9, 0.010 * unit, 9)
    # the ground is only hinted at, the thing is worked out
    weight = 0.70 + 0.30 * blur(focus, 0.05 * unit)
    tone = 0.66 * np.clip(0.88 - soft, 0, 1) * weight
    tone = tone * np.clip(1 + 0.42 * lead + 0.20 * grain, 0, 2)
    bend = 0.012 * fbm(x * 0.8, y * 0.8, seed)
    for angle, level in ((0.75, 0.44), (-0.35, 0.24)):
        along = (x * np.cos(angle) + y * np.sin(angle) + bend) * 96
        stroke = 0.5 + 0.5 * np.cos(along * 6.283)
        deep = smoothstep(level, level - 0.22, soft) * weight
        tone += 0.28 * deep * smoothstep(0.35, 0.8, stroke) * np.clip(0.8 + 0.4 * grain, 0, 1)
    press = 0.72 + 0.28 * fbm(x * 1.1, y * 1.1, seed + 4)
    line = np.maximum(
        lines.contours(pixels, 0.0022 * unit, focus, busy=1.2) * press,
        lines.outline(focus, 0.0036 * unit),
    )
    line = line * np.clip(0.86 + 0.25 * grain, 0, 1)
    dark = np.clip(tone + 0.88 * line, 0, 0.94)
    sheet = vec((0.975, 0.968, 0.95)) * (1 + 0.010 * grain)[..., None]
    return over(sheet, vec((0.17, 0.17, 0.19)), dark)


def blueprint(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """White lines and a grid on blue."""
    x, y = strokes.grid(pixels, unit)
    light = _stretched(strokes.grey(pixels), 1.0)
    line = np.maximum(
        0.78 * lines.contours(pixels, 0.0021 * unit, focus, busy=1.2),
        lines.outline(focus, 0.0036 * unit),
    )
    half = 0.5 / unit
    fine, broad = (
        np.maximum(
            smoothstep(0.0006 + half, 0.0, np.abs(x * n - np.round(x * n)) / n),
            smoothstep(0.0006 + half, 0.0, np.abs(y * n - np.round(y * n)) / n),
        )
        for n in (40, 8)
    )
    tone = vec(rgb("#123f7d")) * (0.80 + 0.30 * blur(light, 0.003 * unit))[..., None]
    tone = tone * (1 + 0.16 * focus * (light - 0.35))[..., None]
    tone = over(tone, vec((0.9, 0.96, 1.0)), np.clip(0.07 * fine + 0.12 * broad, 0, 1))
    tone = tone * (1 + 0.03 * strokes.paper(pixels.shape[:2], unit, seed))[..., None]
    return over(tone, vec((0.93, 0.97, 1.0)), 0.95 * line)


def anime(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Cels on a painted ground: flat colours with one shade, thin warm lines, an airy light."""
    parts = areas.found(pixels, unit, focus, ground=4, things=10)
    cel = areas.laid(parts, focus, parts.colours, round_off=0.004, running=0.0, shaded=0.45)
    deep = shade(pixels, parts, focus, unit)
    dark = smoothstep(0.055, 0.07, deep)[..., None]
    cel = cel * (1.04 - dark * vec((0.30, 0.28, 0.16)))
    cel = cel + (0.10 * smoothstep(0.09, 0.105, -deep))[..., None]
    painted = strokes.kuwahara(pixels, round(0.010 * unit))
    painted = painted + (pixels - painted) * 0.22
    tone = painted + (cel - painted) * focus[..., None]
    tone = strokes.saturate(tone, 1.2) * 1.02 + 0.02
    line = np.maximum(
        lines.contours(pixels, 0.0022 * unit, focus, busy=2.2), lines.outline(focus, 0.0034 * unit)
    )
    line = line * (0.30 + 0.62 * blur(focus, 0.002 * unit))
    tone = tone + (tone * vec((0.26, 0.20, 0.32)) - tone) * line[..., None]
    glow = blur(np.clip(tone - 0.66, 0, 1), 0.02 * unit)
    return strokes.shown(tone + glow * 0.45)


def _stretched(light: Field, gamma: float) -> Field:
    """Return the lightness drawn out to 0..1."""
    low, high = np.percentile(light[::3, ::3], (1, 97))
    return np.asarray(np.clip((light - low) / max(high - low, 0.1), 0, 1) ** gamma, np.float32)
