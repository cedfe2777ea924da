"""Grading: the tones of one picture given to another, as a colourist would.

A grade says what colour the shadows, the middle and the lights of a picture have, and its level
and contrast. Lightness is shifted and stretched part of the way; the colour of each tone is drawn
towards the grade's colour of that tone (after Reinhard et al., Color Transfer between Images, 2001,
here in three bands of CIE Lab instead of one).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .canvas import rgb
from .noise import Field
from .scene import Grade

BANDS = ((0, 30), (35, 65), (70, 100))  # percentiles of lightness
STRONGEST = 0.85


def lab_of(pixels: Field) -> Field:
    """Return an RGB field of 0..1 as CIE Lab (L 0..100)."""
    clipped = np.clip(np.asarray(pixels, np.float32), 0, 1)
    return np.asarray(cv2.cvtColor(clipped, cv2.COLOR_RGB2LAB), np.float32)


def _tone(colour: str) -> Field:
    return lab_of(np.asarray(rgb(colour), np.float32)[None, None])


def code(colour: Field) -> str:
    """Return an RGB colour of 0..1 as "#rrggbb"."""
    return "#" + "".join(f"{round(float(np.clip(part, 0, 1)) * 255):02x}" for part in colour)


def grade_of(pixels: Field, weight: float = 1.0) -> Grade:
    """Return the grade of a picture (h, w, 3), RGB of 0..1, to act with a weight of 0..1."""
    small = cv2.resize(pixels, (96, 96), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    lab = lab_of(small[None])[0]
    light = lab[:, 0]
    tones = []
    for low, high in BANDS:
        inside = (light >= np.percentile(light, low)) & (light <= np.percentile(light, high))
        tones.append(code(np.median(small[inside], axis=0)))
    level, contrast = round(float(light.mean()), 2), round(float(light.std()), 2)
    return Grade(tones[0], tones[1], tones[2], level, contrast, round(weight, 3))


def graded(pixels: Field, grade: Grade) -> Field:
    """Return a picture (h, w, 3) with the tones of the grade."""
    amount = STRONGEST * min(max(grade.weight, 0.0), 1.0)
    if amount <= 0:
        return pixels
    lab = lab_of(pixels)
    light = lab[..., 0]
    mean, spread = float(light.mean()), max(float(light.std()), 4.0)
    stretch = min(max(grade.contrast / spread, 0.6), 1.5)
    level = mean + (grade.level - mean) * 0.7
    moved = np.clip((light - mean) * stretch + level, 0, 100)
    tones = np.stack([_tone(colour)[0, 0] for colour in grade.tones])
    place = np.clip((light - mean) / (2.4 * spread) + 0.5, 0, 1)
    for channel in (1, 2):
        aim = np.interp(place, (0.12, 0.5, 0.88), tones[:, channel]).astype(np.float32)
        own = lab[..., channel]
        # A part of the picture's own colour stays over the tone, so that things keep their hues.
        lab[..., channel] = own + (aim + 0.42 * (own - own.mean()) - own) * amount
    lab[..., 0] = light + (moved - light) * amount
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.float32)


def mixed(grades: Sequence[Grade]) -> Grade:
    """Return the mean of grades, tone by tone, in CIE Lab."""
    tones = [np.mean([_tone(grade.tones[k]) for grade in grades], axis=0) for k in range(3)]
    codes = [
        code(cv2.cvtColor(np.asarray(tone, np.float32), cv2.COLOR_LAB2RGB)[0, 0]) for tone in tones
    ]
    level, contrast, weight = (
        round(sum(getattr(g, name) for g in grades) / len(grades), 3)
        for name in ("level", "contrast", "weight")
    )
    return Grade(codes[0], codes[1], codes[2], level, contrast, weight)
