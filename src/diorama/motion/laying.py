"""Laying: images of bytes put over a frame of bytes, moved by a matrix or by maps.

A matrix (2, 3) leads from a pixel of the frame to one of the image; premultiplied images have their
cover last.
"""

from __future__ import annotations

import cv2
import numpy as np

from diorama.noise import Field

from .camera import Lens
from .layers import Layer

EDGE = cv2.BORDER_REPLICATE


def lay(frame: Field, image: Field) -> None:
    """Lay premultiplied bytes (h, w, 4) over a frame of bytes (h, w, 3), in place."""
    through = cv2.merge([cv2.bitwise_not(cv2.extractChannel(image, 3))] * 3)
    cv2.multiply(frame, through, dst=frame, scale=1 / 255)
    cv2.add(frame, cv2.cvtColor(image, cv2.COLOR_RGBA2RGB), dst=frame)


def mix_in(frame: Field, tone: tuple[int, int, int], mask: Field) -> None:
    """Mix a colour into a frame, in place, by a mask of bytes (h, w)."""
    wide = cv2.merge([mask] * 3)
    cv2.multiply(frame, cv2.bitwise_not(wide), dst=frame, scale=1 / 255)
    light = cv2.multiply(wide, np.asarray([*tone, 0], np.float64), scale=1 / 255)
    cv2.add(frame, light, dst=frame)


def into(move: Field, left: int, top: int, step: int = 1) -> Field:
    out = np.array(move, np.float64)
    out[0, 2] -= left
    out[1, 2] -= top
    if step > 1:
        out[:, :] /= step
        out[:, 2] += 0.5 / step - 0.5
    return out


def shift(move: Field, x: int, y: int) -> Field:
    """Return the matrix for a part of the frame that begins at (x, y)."""
    out = np.array(move, np.float64)
    out[:, 2] += out[:, 0] * x + out[:, 1] * y
    return out


def warped(image: Field, move: Field, lens: Lens, edge: int = cv2.BORDER_CONSTANT) -> Field:
    return np.asarray(
        cv2.warpAffine(image, move, (lens.width, lens.height),
                       flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=edge)
    )  # fmt: skip


def remap(image: Field, x: Field, y: Field) -> Field:
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT))


def box_of(move: Field, image: Field, picture: Field) -> tuple[int, int, int, int] | None:
    """Return the part of the frame (x0, y0, x1, y1) in which an image shows."""
    height, width = image.shape[:2]
    back = np.linalg.inv(np.vstack([move, [0, 0, 1]]))
    corners = back @ np.asarray([[-1, width, -1, width], [-1, -1, height, height], [1, 1, 1, 1]])
    x0, y0 = np.floor(corners[:2].min(axis=1)).astype(int)
    x1, y1 = np.ceil(corners[:2].max(axis=1)).astype(int) + 1
    x0, y0 = max(0, int(x0)), max(0, int(y0))
    x1, y1 = min(picture.shape[1], int(x1)), min(picture.shape[0], int(y1))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def lay_in_box(picture: Field, image: Field, move: Field) -> tuple[int, int, int, int] | None:
    box = box_of(move, image, picture)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    seen = cv2.warpAffine(image, shift(move, x0, y0), (x1 - x0, y1 - y0),
                          flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)  # fmt: skip
    part = np.ascontiguousarray(picture[y0:y1, x0:x1])
    lay(part, seen)
    picture[y0:y1, x0:x1] = part
    return box


def lay_swaying(picture: Field, layer: Layer, bend: Field, view: Field) -> None:
    move = into(view, layer.left, layer.top)
    box = box_of(move, layer.image, picture)
    if box is None:
        return
    x0, y0, x1, y1 = box
    own, size = shift(move, x0, y0), (x1 - x0, y1 - y0)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    bent = cv2.warpAffine(bend, own, size, flags=flags, borderMode=EDGE)
    columns = np.arange(size[0], dtype=np.float32)[None, :]
    rows = np.arange(size[1], dtype=np.float32)[:, None]
    x = np.asarray(own[0, 0] * columns + own[0, 2] - bent, np.float32)
    y = np.asarray(own[1, 1] * rows + own[1, 2] + 0 * columns, np.float32)
    part = np.ascontiguousarray(picture[y0:y1, x0:x1])
    lay(part, remap(layer.image, x, y))
    picture[y0:y1, x0:x1] = part
