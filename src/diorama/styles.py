"""Styles: the finished picture in its medium, as paint, ink, glass or print.

A medium works at no more than WORK pixels a side, in sizes measured in world units, and the result
is enlarged for larger pictures: the strokes are the same at every size.
"""

from __future__ import annotations

import cv2
import numpy as np

from .media import MEDIA
from .noise import Field, seed_of
from .scene import Scene
from .stage import Stage

WORK = 1100


def has_medium(scene: Scene) -> bool:
    """Tell whether the scene's style repaints the picture, which takes time."""
    return scene.style in MEDIA


def apply_style(stage: Stage, pixels: Field) -> Field:
    """Return the picture in the scene's medium (h, w, 3)."""
    medium = MEDIA.get(stage.scene.style)
    if medium is None:
        return pixels
    height, width = pixels.shape[:2]
    ratio = min(1.0, WORK / max(height, width))
    pixels = np.clip(pixels, 0, 1)
    if ratio < 1:
        size = (round(width * ratio), round(height * ratio))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    unit = stage.canvas.unit * ratio * min(1.0, 0.35 + 0.65 * stage.canvas.span)
    out = medium(pixels, unit, seed_of(stage.seed, "medium") & 0xFFFF)
    if ratio < 1:
        flag = cv2.INTER_NEAREST if stage.scene.style == "pixel" else cv2.INTER_CUBIC
        out = np.asarray(cv2.resize(out, (width, height), interpolation=flag), np.float32)
    return out
