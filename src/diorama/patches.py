"""Patches: what is laid over a painted picture, namely earlier pictures and repainted parts.

A frame is an earlier picture, kept as it was, with new ground painted round it. What is painted
round it in world coordinates nearly meets it; the rest (a print's few inks, a brush's strokes) is
made to meet by spreading the difference along the frame's edge outwards, ever smoother: an
approximate harmonic continuation, as gradient-domain blending uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from .canvas import Canvas
from .filling import spread
from .masks import feather, unpack
from .noise import Field
from .scene import Patch, PictureError, Scene

Paint = Callable[[Scene, int, int], Field]
Box = tuple[int, int, int, int]

# How wide a margin of bare paper a medium leaves, in world units: no part of the scene.
MARGINS = {"woodblock": 0.022, "comic": 0.014, "poster": 0.035, "watercolor": 0.085, "sepia": 0.2}
SMALLEST, LARGEST = 64, 4096  # pixels a side of what is painted for a frame
WIDEST = 16384  # pixels a side of a mask drawn out over the edges
FADE = 0.45  # world units over which the difference at a frame's edge dies away
DEPTH = 0.07  # and over which the difference at a repainted part's edge does, going inwards
LIMIT = 0.3  # the most that a colour is changed by it


def lay(scene: Scene, canvas: Canvas, pixels: Field, paint: Paint) -> Field:
    """Return the picture with the scene's patches laid over it, first ones first.

    `paint` paints a scene at a size, with its own patches.
    """
    for patch in scene.patches:
        if patch.mask:
            pixels = _masked(scene, patch, canvas, pixels, paint)
        else:
            pixels = _framed(patch, canvas, pixels, paint)
    return pixels


def box_of(window: tuple[float, float, float, float], canvas: Canvas) -> Box:
    """Return (left, top, right, bottom), the pixels of the canvas that show a world window."""
    left, top = canvas.to_px(window[0], window[1])
    right, bottom = canvas.to_px(window[0] + window[2], window[1] + window[3])
    return round(left), round(top), round(right), round(bottom)


def inset(box: Box, scene: Scene) -> Box:
    """Return the part of a frame's box that shows its scene: without its medium's paper margin."""
    edge = MARGINS.get(scene.style, 0.0) * (box[3] - box[1])
    step = int(np.ceil(edge * min(1.0, 0.35 + 0.65 * (scene.frame or 1.0))))
    if edge:
        step += 1
    return box[0] + step, box[1] + step, box[2] - step, box[3] - step


def _masked(scene: Scene, patch: Patch, canvas: Canvas, pixels: Field, paint: Paint) -> Field:
    """Lay a repainted part over the picture; where its feather has ended no byte changes."""
    left, top, right, bottom = box_of(patch.window, canvas)
    if max(right - left, bottom - top) > WIDEST:
        raise PictureError("The stored mask of this picture is too far beyond its edges.")
    shown = feather(unpack(patch.mask), max(1, right - left), max(1, bottom - top))
    box = canvas.part(shown, left, top)
    if box is None:
        return pixels
    rows, columns, ry, rx = box
    weight = np.zeros((*pixels.shape[:2], 1), np.float32)
    weight[rows, columns, 0] = shown[ry, rx]
    inner = replace(patch.scene, camera=scene.camera, aspect=scene.aspect)
    new = paint(inner, canvas.width, canvas.height)
    new = new + inward(pixels - new, weight[..., 0], canvas.unit)
    return np.where(weight > 0, pixels + (new - pixels) * weight, pixels)


def _framed(patch: Patch, canvas: Canvas, pixels: Field, paint: Paint) -> Field:
    """Lay an earlier picture over its window, and make what is round it meet its edge."""
    box = box_of(patch.window, canvas)
    wide, high = box[2] - box[0], box[3] - box[1]
    if min(wide, high) < 2:
        return pixels
    inner = _earlier(patch, canvas, wide, high, paint)
    x0, y0, x1, y1 = inset(box, patch.scene)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, canvas.width), min(y1, canvas.height)
    if min(x1 - x0, y1 - y0) < 2:
        return pixels
    kept = inner[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]]
    out = meeting(pixels, kept, x0, y0, canvas.unit)
    out[y0:y1, x0:x1] = kept
    return out


def _earlier(patch: Patch, canvas: Canvas, wide: int, high: int, paint: Paint) -> Field:
    """Return the earlier picture at its size in the new one.

    Where the new picture shows more each way it is painted as large as it was, were the two of
    one size, and then made smaller: its strokes and textures are then the same ones.
    """
    zoom = min(canvas.span / patch.window[2], canvas.height / canvas.unit / patch.window[3])
    zoom = max(1.0, round(zoom, 5))
    zoom = max(zoom, SMALLEST / min(wide, high)) * canvas.unit
    zoom *= min(1.0, LARGEST / (max(patch.window[2:]) * zoom))
    size = (max(1, round(patch.window[2] * zoom)), max(1, round(patch.window[3] * zoom)))
    inner = paint(patch.scene, *size)
    if size == (wide, high):
        return inner
    return np.asarray(cv2.resize(inner, (wide, high), interpolation=cv2.INTER_AREA), np.float32)


def meeting(outer: Field, inner: Field, left: int, top: int, unit: float) -> Field:
    """Return `outer` changed so that it meets `inner`, laid at (left, top), along its edge."""
    high, wide = inner.shape[:2]
    under = outer[top : top + high, left : left + wide]
    differences = _softer(np.clip(_rim(inner - under), -LIMIT, LIMIT))
    x = np.arange(outer.shape[1], dtype=np.float32)[None, :] - left
    y = np.arange(outer.shape[0], dtype=np.float32)[:, None] - top
    cx, cy = np.clip(x, 0, wide - 1), np.clip(y, 0, high - 1)
    away = np.hypot(x - cx, y - cy)
    place = _along(cx + 0 * y, cy + 0 * x, wide, high)
    level = np.log2(1 + away / 1.5)
    level = np.clip(level, 0, len(differences) - 1).astype(np.float32)
    change = cv2.remap(differences, place, level, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(outer + change * np.exp(-away / (FADE * unit))[..., None], np.float32)


def _rim(field: Field) -> Field:
    """Return the outermost pixels of a field, clockwise from its upper left corner (n, 3)."""
    return np.concatenate([field[0], field[1:, -1], field[-1, -2::-1], field[-2:0:-1, 0]])


def _along(x: Field, y: Field, wide: int, high: int) -> Field:
    """Return the index in `_rim` of each point of the edge."""
    top, right = y <= 0, x >= wide - 1
    bottom = y >= high - 1
    index = np.where(bottom, wide + high - 2 + (wide - 1 - x), 2 * (wide + high - 2) - y)
    index = np.where(right & ~top, wide - 1 + y, index)
    return np.where(top, x, index).astype(np.float32)


def _softer(rim: Field) -> Field:
    """Return (levels, n, 3): the closed line as it is, then smoothed twice as far each time."""
    count = len(rim)
    waves = np.fft.rfftfreq(count)[:, None]
    spectrum = np.fft.rfft(rim, axis=0)
    levels = [rim]
    sigma = 1.0
    while sigma < count / 8:
        weight = np.exp(-2 * (np.pi * waves * sigma) ** 2)
        levels.append(np.fft.irfft(spectrum * weight, count, axis=0))
        sigma *= 2
    return np.stack(levels).astype(np.float32)


def inward(difference: Field, weight: Field, unit: float) -> Field:
    """Return the difference at the rim of a repainted part, spread inwards and dying away there.

    Added to the new painting it makes its light and tone meet those round it.
    """
    inside = weight > 0
    away = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)
    limited = np.clip(difference, -LIMIT, LIMIT)
    change = spread(limited * (~inside)[..., None], inside)
    return np.asarray(change * np.exp(-away / (DEPTH * unit))[..., None], np.float32)
