"""Drawn media: brush and ink, pencil, blueprint, and the cel of an anime film."""

from __future__ import annotations

import numpy as np

from diorama import strokes
from diorama.canvas import blur, rgb, vec
from diorama.noise import Field, fbm, smoothstep


def ink(pixels: Field, unit: float, seed: int) -> Field:
    """Brush line and wet grey washes on warm paper."""
    x, y = strokes.grid(pixels, unit)
    light = strokes.grey(pixels)
    low, high = np.percentile(light, (2, 98))
    light = np.clip((light - low) / max(high - low, 0.1), 0, 1)
    soft = strokes.kuwahara(np.dstack([light] * 3), round(0.010 * unit))[..., 0]
    wobble = fbm(x * 0.8, y * 0.8, seed) * 0.10
    wash = np.zeros_like(light)
    for level, tone in ((0.72, 0.16), (0.5, 0.24), (0.3, 0.28), (0.14, 0.2)):
        wash += tone * smoothstep(level + 0.05, level - 0.05, soft + wobble)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    wash = wash * (0.86 + 0.25 * fbm(x * 0.4, y * 0.4, seed + 1) + 0.08 * grain)
    line = np.maximum(
        strokes.contours(light, 0.0022 * unit, 22), 0.8 * strokes.contours(light, 0.0045 * unit, 20)
    )
    dry = smoothstep(-0.9, 0.1, grain + 0.6)
    black = np.clip(wash + line * (0.72 + 0.28 * dry), 0, 1) * 0.95
    sheet = vec((0.955, 0.93, 0.875)) * (1 + 0.015 * grain)[..., None]
    colour = strokes.saturate(pixels, 1.25) / np.maximum(strokes.grey(pixels), 0.12)[..., None]
    tinted = sheet * (0.82 + 0.18 * np.clip(colour, 0, 1.6))
    return strokes.shown(
        tinted * (1 - black)[..., None] + vec((0.07, 0.07, 0.09)) * black[..., None]
    )


def pencil(pixels: Field, unit: float, seed: int) -> Field:
    """Graphite hatching in three directions, and drawn contours, on tooth paper."""
    x, y = strokes.grid(pixels, unit)
    light = strokes.grey(pixels)
    low, high = np.percentile(light, (1, 97))
    light = np.clip((light - low) / max(high - low, 0.1), 0, 1) ** 0.8
    light = strokes.kuwahara(np.dstack([light] * 3), round(0.006 * unit))[..., 0]
    bend = 0.010 * fbm(x * 0.8, y * 0.8, seed)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    tone = np.zeros_like(light)
    for angle, level, pitch in ((0.7, 0.72, 110.0), (-0.5, 0.46, 120.0), (1.5, 0.26, 130.0)):
        along = (x * np.cos(angle) + y * np.sin(angle) + bend) * pitch
        across = (-x * np.sin(angle) + y * np.cos(angle)) * 6
        thick = np.clip((level - light) * 1.7, 0, 0.75)
        wave = 0.5 + 0.5 * np.cos(along * 6.283 + 0.8 * fbm(across * 0.3, along * 0.02, seed + 3))
        tone += smoothstep(1 - thick - 0.25, 1 - thick + 0.25, wave) * (thick > 0) * 0.34
    smooth = np.clip(0.85 - light, 0, 1) * 0.5
    line = np.maximum(
        strokes.contours(light, 0.0013 * unit, 26), 0.8 * strokes.contours(light, 0.003 * unit, 24)
    )
    dark = np.clip(tone + smooth + line * 0.85, 0, 1) * np.clip(0.84 + 0.22 * grain, 0.3, 1.2)
    sheet = vec((0.965, 0.955, 0.93)) * (1 + 0.012 * grain)[..., None]
    dark = np.clip(dark, 0, 0.94)[..., None]
    return np.clip(sheet * (1 - dark) + vec((0.16, 0.16, 0.18)) * dark, 0, 1)


def blueprint(pixels: Field, unit: float, seed: int) -> Field:
    """White lines and a grid on blue."""
    x, y = strokes.grid(pixels, unit)
    light = strokes.grey(pixels)
    line = np.maximum(
        strokes.contours(light, 0.0014 * unit, 30), strokes.contours(1 - light, 0.0014 * unit, 26)
    )
    grid = smoothstep(0.0016, 0.0006, np.abs(x * 16 - np.round(x * 16)) / 16) + smoothstep(
        0.0016, 0.0006, np.abs(y * 16 - np.round(y * 16)) / 16
    )
    tone = vec(rgb("#123f7d")) * (0.72 + 0.5 * light)[..., None]
    tone = (
        tone + (vec((0.9, 0.96, 1.0)) - tone) * np.clip(line * 0.92 + 0.13 * grid, 0, 1)[..., None]
    )
    return np.clip(tone * (1 + 0.03 * strokes.paper(pixels.shape[:2], unit, seed))[..., None], 0, 1)


def anime(pixels: Field, unit: float, seed: int) -> Field:
    """Cel shading: calm surfaces, two tones, thin warm lines, a bright airy light."""
    flat = strokes.kuwahara(pixels, round(0.008 * unit))
    light = strokes.grey(flat)
    cell = light * 5
    stepped = (np.floor(cell) + smoothstep(0.35, 0.65, cell - np.floor(cell))) / 5
    tone = flat * ((0.7 * stepped + 0.3 * light + 0.03) / (light + 0.03))[..., None]
    tone = strokes.saturate(tone, 1.2) * 1.02 + 0.02
    line = strokes.contours(light, 0.0013 * unit, 24)
    tone = tone + (tone * vec((0.32, 0.26, 0.38)) - tone) * (line * 0.85)[..., None]
    glow = blur(np.clip(tone - 0.62, 0, 1), 0.02 * unit)
    return np.clip(tone + glow * 0.7, 0, 1)
