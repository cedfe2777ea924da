"""Styles: the finished picture in its medium, as paint, ink, glass or print.

A medium works at no more than WORK pixels a side, in sizes measured in world units, and the result
is enlarged for larger pictures: the strokes are the same at every size.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from . import strokes
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
    if not has_medium(stage.scene):
        return pixels
    height, width = pixels.shape[:2]
    ratio = min(1.0, WORK / max(height, width))
    pixels = np.clip(pixels, 0, 1)
    if ratio < 1:
        size = (round(width * ratio), round(height * ratio))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    unit = stage.canvas.unit * ratio * min(1.0, 0.35 + 1.3 * stage.half)
    with strokes.pulsing(_pulse(stage)):
        out = _painted(stage, pixels, unit)
    if ratio < 1:
        flag = cv2.INTER_NEAREST if stage.scene.style == "pixel" else cv2.INTER_CUBIC
        out = np.asarray(cv2.resize(out, (width, height), interpolation=flag), np.float32)
    return out


def _pulse(stage: Stage) -> Callable[[], None]:
    """Return what tells, after each slow step of a medium, that a part of the rest is done."""
    left = 1.0

    def pulse() -> None:
        nonlocal left
        left *= 0.86
        stage.reached(1 - left)

    return pulse


def _painted(stage: Stage, pixels: Field, unit: float) -> Field:
    seed = seed_of(stage.seed, "medium") & 0xFFFF
    shown = stage.notes.get("shown")
    focus = np.zeros(pixels.shape[:2], np.float32)
    if shown is not None:
        size = (pixels.shape[1], pixels.shape[0])
        focus = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA), np.float32)
    return MEDIA[stage.scene.style](pixels, unit, seed, focus)
