"""Inlays: cut-outs from somebody's picture that a scene carries with it, as text in `Thing.asset`.

An inlay is "inlay:" and a WebP with alpha in base64, so that a scene stays one piece of JSON.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from .assets import SIDE
from .noise import Field
from .scene import PictureError, Thing

PREFIX = "inlay:"
LARGEST = 80_000  # characters of base64
STORED = 384  # pixels of the longer side as stored


def is_inlay(asset: str) -> bool:
    """Tell whether an asset is an inlay of a bearable size."""
    return bool(
        asset.startswith(PREFIX)
        and len(asset) <= LARGEST
        and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", asset[len(PREFIX) :])
    )


def inlay(cut: Field) -> str:
    """Return the asset text of a straight-alpha cut-out (h, w, 4), 0..1; "" if it is too large."""
    ratio = min(1.0, STORED / max(cut.shape[:2]))
    size = (max(1, round(cut.shape[1] * ratio)), max(1, round(cut.shape[0] * ratio)))
    small = cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    picture = Image.fromarray((np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA")
    for quality in (84, 70, 50, 30):
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=4)
        text = PREFIX + base64.b64encode(out.getvalue()).decode()
        if len(text) <= LARGEST:
            return text
    return ""


@lru_cache(maxsize=4)
def inlaid(asset: str) -> Field:
    """Return the field of an inlay (SIDE, SIDE, 4), its foot on the lower edge.

    Raises PictureError when the text holds no picture or one larger than is ever stored.
    """
    try:
        data = base64.b64decode(asset[len(PREFIX) :], validate=True)
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
            if max(picture.size) > SIDE:
                raise PictureError("The scene carries a cut-out that is too large.")
            rgba = np.asarray(picture.convert("RGBA"), np.float32) / 255
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError("The scene carries a cut-out that cannot be read.") from error
    ratio = (SIDE - 8) / max(rgba.shape[:2])
    size = (max(1, round(rgba.shape[1] * ratio)), max(1, round(rgba.shape[0] * ratio)))
    large = np.clip(cv2.resize(rgba, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    field = np.zeros((SIDE, SIDE, 4), np.float32)
    left, top = (SIDE - size[0]) // 2, SIDE - 4 - size[1]
    field[top : top + size[1], left : left + size[0]] = large
    field.setflags(write=False)
    return field


def carried_over(old: Sequence[Thing], new: Sequence[Thing]) -> tuple[Thing, ...]:
    """Return the new things with the inlays of the old ones.

    An inlay takes the place of a new thing of its name; one without such a thing goes to the other
    side of the picture.
    """
    things = list(new)
    for thing in old:
        if not is_inlay(thing.asset):
            continue
        at = next((k for k, other in enumerate(things) if other.name == thing.name), -1)
        if at >= 0:
            things[at] = replace(things[at], asset=thing.asset, body="", tint="")
        else:
            things.append(replace(thing, x=-thing.x, flip=not thing.flip))
    return tuple(things)
