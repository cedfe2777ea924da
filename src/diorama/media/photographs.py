"""Photographs and tapes: silver, sepia, a broken signal."""

from __future__ import annotations

import numpy as np

from diorama import strokes
from diorama.canvas import blur, rgb, vec
from diorama.noise import Field, fbm, generator, smoothstep


def noir(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Silver-gelatine black and white with deep contrast."""
    light = np.clip((strokes.grey(pixels) - 0.06) * 1.18, 0, 1)
    light = light * light * (3 - 2 * light)
    grain = generator("silver", seed).standard_normal(light.shape, dtype=np.float32)
    light = light + 0.03 * blur(grain, 0.7)
    return np.clip(light[..., None] * vec((1.0, 0.995, 0.98)), 0, 1)


def sepia(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """A brown, faded print with worn edges."""
    x, y = strokes.grid(pixels, unit)
    light = np.clip(strokes.grey(pixels) * 1.10 - 0.03, 0, 1)
    light = 0.07 + 0.88 * (light + 0.45 * light * (1 - light) * (2 * light - 1))
    deep, pale = vec(rgb("#24160d")), vec(rgb("#f6e7c8"))
    tone = deep + (pale - deep) * light[..., None]
    wide, high = pixels.shape[1] / unit, pixels.shape[0] / unit
    edge = np.minimum(np.minimum(x, wide - x), np.minimum(y, high - y))
    worn = smoothstep(0.09, 0.0, edge + 0.02 * fbm(x * 0.6, y * 0.6, seed))
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    tone = tone + (vec(rgb("#f6ead0")) - tone) * (worn * 0.5)[..., None]
    return strokes.shown(tone * (1 + 0.018 * grain)[..., None])


def glitch(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Shifted bands and parted colours, as on a worn tape."""
    rng = generator("glitch", seed)
    out = np.array(pixels)
    shift = max(1, round(0.008 * unit))
    out[..., 0], out[..., 2] = np.roll(out[..., 0], shift, 1), np.roll(out[..., 2], -shift, 1)
    for _ in range(14):
        y = int(float(rng.random()) * out.shape[0])
        tall = max(1, int(0.03 * float(rng.random()) * unit))
        out[y : y + tall] = np.roll(
            out[y : y + tall], int((float(rng.random()) - 0.5) * 0.16 * unit), 1
        )
    rows = 0.93 + 0.07 * np.cos(np.arange(out.shape[0]) / unit * 240 * 6.283)
    return strokes.shown(strokes.saturate(out, 1.25) * rows[:, None, None])
