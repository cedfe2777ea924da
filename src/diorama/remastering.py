"""Remastering: the same picture painted again more finely, and finished with more care.

The picture is painted larger than it is shown and made smaller, which gives edges and textures
that no single pass at its size has. Then comes the finish: local contrast at two scales, after the
manner of an unsharp mask that leaves strong edges alone, fuller colour where there was little, and
deeper shade.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from .canvas import blur, vec
from .noise import Field, smoothstep
from .scene import PictureError, Scene

FINER = 1.5  # how much larger than shown a remastered picture is painted
LARGEST = 2300  # pixels of the longer side beyond which nothing is painted larger
WARMEST = 0.03  # how far a seed's tint goes, in parts of full red and blue
STEPS = 1 << 10  # of a seed's tint, and as many of its contrast


def remaster(scene: Scene, seed: int) -> Scene:
    """Return the scene with its layout kept and more detail and finish.

    Seeds differ in tint and contrast: nothing else of a scene that is remastered already changes.
    Raises PictureError for a seed that is no whole number.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise PictureError("A seed must be a whole number.")
    patches = tuple(replace(patch, scene=remaster(patch.scene, seed)) for patch in scene.patches)
    return replace(scene, detail=1 + seed % STEPS**2, patches=patches)


def finer_size(detail: int, width: int, height: int) -> tuple[int, int]:
    """Return the size at which a scene of that detail is painted, to be shown at another."""
    ratio = min(FINER, LARGEST / max(width, height)) if detail else 1.0
    if ratio <= 1:
        return width, height
    return round(width * ratio), round(height * ratio)


def finished(pixels: Field, unit: float, detail: int, *, medium: bool) -> Field:
    """Return a remastered picture's finish; a picture in a medium gets less of it."""
    part = 0.45 if medium else 1.0
    pixels = np.clip(pixels, 0, 1)
    light = pixels @ vec((0.3, 0.59, 0.11))
    tint, contrast = ((detail - 1) // step % STEPS / (STEPS - 1) for step in (1, STEPS))
    clear, fine = 0.35 + 0.4 * contrast, 0.6 + 0.4 * contrast
    change = part * (clear * _local(light, 0.045 * unit) + fine * _local(light, 0.0035 * unit))
    lifted = np.clip(light + change, 0, 1)
    out = pixels * ((lifted + 0.02) / (light + 0.02))[..., None]
    grey = out @ vec((0.3, 0.59, 0.11))
    vivid = out.max(2) - out.min(2)
    more = part * 0.22 * (1 - smoothstep(0.25, 0.7, vivid)) * smoothstep(0.02, 0.12, vivid)
    out = grey[..., None] + (out - grey[..., None]) * (1 + more)[..., None]
    warm = part * WARMEST * (2 * tint - 1)
    out = out + vec((warm, 0, -warm)) * smoothstep(0.1, 0.8, grey)[..., None]
    return np.asarray(np.clip(out, 0, 1), np.float32)


def _local(light: Field, sigma: float) -> Field:
    """Return the contrast of each pixel with its neighbourhood, less of it at strong edges."""
    soft = cv2.bilateralFilter(light.astype(np.float32), 5, 0.2, 2) if sigma < 2 else light
    away = soft - blur(light, max(sigma, 0.8))
    return np.asarray(away * np.exp(-((away / 0.22) ** 2)), np.float32)
