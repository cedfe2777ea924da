"""Lettering: a word as a soft, raised form, for what no object shows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .assets import SIDE
from .canvas import blur, rgb, vec
from .noise import Field, seed_of, smoothstep

INKS = ("#ef5d60", "#f2a541", "#3fa7d6", "#59cd90", "#8e6fd8", "#f06ba8")


@lru_cache(maxsize=4)
def mask(text: str, height: int) -> Field:
    """Return the word's coverage (height, any width) of 0..1, trimmed to its ink."""
    font = ImageFont.load_default(size=max(8, int(height * 0.9)))
    box = font.getbbox(text)
    pad = 4
    size = (int(box[2] - box[0]) + 2 * pad, int(box[3] - box[1]) + 2 * pad)
    picture = Image.new("L", (max(size[0], 8), max(size[1], 8)), 0)
    ImageDraw.Draw(picture).text((pad - box[0], pad - box[1]), text, fill=255, font=font)
    return np.asarray(picture, dtype=np.float32) / 255


@lru_cache(maxsize=4)
def word_shape(text: str) -> Field:
    """Return the word as a raised form (SIDE, SIDE, 4), as wide as the field."""
    ink = mask(text[:18], 160)
    ratio = min(SIDE * 0.94 / ink.shape[1], SIDE * 0.6 / ink.shape[0])
    size = (max(4, int(ink.shape[1] * ratio)), max(4, int(ink.shape[0] * ratio)))
    small = Image.fromarray((ink * 255).astype(np.uint8)).resize(size, Image.Resampling.LANCZOS)
    flat = np.zeros((SIDE, SIDE), np.float32)
    x0, y0 = (SIDE - size[0]) // 2, int(SIDE * 0.94) - size[1]
    flat[y0 : y0 + size[1], x0 : x0 + size[0]] = np.asarray(small, np.float32) / 255
    body = smoothstep(0.28, 0.5, blur(flat, 3.0))
    hill = blur(body, 7.0) + 0.5 * blur(body, 3.0)
    gy, gx = np.gradient(hill)
    base = vec(rgb(INKS[seed_of("ink", text) % len(INKS)]))
    lit = np.clip(0.62 + 9.0 * (gy * 0.8 + gx * 0.5), 0.15, 1.25)
    tone = base * lit[..., None] + np.clip(lit - 1, 0, 1)[..., None] * 0.9
    depth = np.zeros_like(body)
    for step in range(14):
        depth = np.maximum(depth, np.roll(body, (step, step // 2), (0, 1)))
    side = base * 0.42
    colour = side + (tone - side) * body[..., None]
    return np.dstack([np.clip(colour, 0, 1), np.maximum(body, depth)]).astype(np.float32)
