"""Cut-outs on disk: loaded when first asked for, kept for the process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from .noise import Field

ROOT = Path(__file__).resolve().parent / "assets"
SIDE = 512


def have(asset: str) -> bool:
    """Tell whether a cut-out of that code is shipped."""
    return (ROOT / "objects" / f"{asset}.webp").is_file()


@lru_cache(maxsize=2)
def cutout(asset: str) -> Field:
    """Return a cut-out (SIDE, SIDE, 4) float32, 0..1, straight alpha. Do not write to it.

    Raises FileNotFoundError for a code that is not shipped.
    """
    with Image.open(ROOT / "objects" / f"{asset}.webp") as picture:
        rgba = np.asarray(picture.convert("RGBA"), dtype=np.float32) / 255
    if rgba.shape[0] != SIDE:
        rgba = np.asarray(cv2.resize(rgba, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    rgba.setflags(write=False)
    return rgba
