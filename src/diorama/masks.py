"""Masks: which part of a picture is painted anew, read from a file and kept as short text."""

from __future__ import annotations

import base64
import io
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .noise import Field
from .scene import PictureError
from .uploads import BROKEN, DEEP, LARGEST_FILE, flat

Mask = NDArray[np.bool_]

FORMATS = ("PNG", "WEBP")
MOST_PIXELS = 4096 * 4096
KEPT = 512  # pixels of the longer side of a mask that a scene keeps
WHITE = 128


class MaskRefused(PictureError):
    """The mask cannot be used; the message is a sentence for the user."""


class HeavyMask(MaskRefused):
    """The mask's file has more bytes than are taken."""


class UnreadableMask(MaskRefused):
    """The mask is no picture, or one that is broken or too large to decode."""


class MaskOfAnotherSize(MaskRefused):
    """The mask is not of the picture's size."""


class EmptyMask(MaskRefused):
    """Nothing in the mask is white, so there is nothing to paint."""


def read_mask(data: bytes, size: tuple[int, int] | None = None) -> Mask:
    """Return the mask in a PNG or WebP file: True where it is white, to be painted anew.

    Transparent parts count as black. With `size` (width, height) the mask must be of that size.
    Raises HeavyMask, UnreadableMask, MaskOfAnotherSize or EmptyMask.
    """
    if not isinstance(data, bytes):
        raise UnreadableMask("The mask must be the bytes of a PNG or WebP picture.")
    if len(data) > LARGEST_FILE:
        raise HeavyMask("The mask is too large: at most 10 MB are taken.")
    grey = _decoded(data, size)
    mask = grey >= WHITE
    if not mask.any():
        raise EmptyMask("The mask is all black: paint white what is to be painted anew.")
    return mask


def _decoded(data: bytes, size: tuple[int, int] | None) -> NDArray[np.uint8]:
    """Return the mask's lightness; only its header is read before its size is known to be right."""
    broken = UnreadableMask("The mask cannot be read: it must be a PNG or WebP picture.")
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableMask("The mask has too many pixels.") from error
    except BROKEN as error:
        raise broken from error
    with picture:
        _check_size(picture.size, size)
        try:
            rgba = (flat(picture) if picture.mode in DEEP else picture).convert("RGBA")
        except (*BROKEN, zlib.error, MemoryError) as error:
            raise broken from error
    black = Image.new("RGBA", rgba.size, "black")
    return np.asarray(Image.alpha_composite(black, rgba).convert("L"))


def _check_size(found: tuple[int, int], wanted: tuple[int, int] | None) -> None:
    if found[0] * found[1] > MOST_PIXELS:
        raise UnreadableMask("The mask has too many pixels.")
    if wanted is not None and found != wanted:
        raise MaskOfAnotherSize(
            f"The mask is {found[0]} x {found[1]} pixels, but the picture is "
            f"{wanted[0]} x {wanted[1]}: they must be of one size."
        )


def pack(mask: Mask) -> str:
    """Return the mask as text: "WIDTHxHEIGHT:" and its bits, at most KEPT pixels a side."""
    ratio = min(1.0, KEPT / max(mask.shape))
    size = (max(1, round(mask.shape[1] * ratio)), max(1, round(mask.shape[0] * ratio)))
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    kept = small >= min(0.5, float(small.max()))
    bits = zlib.compress(np.packbits(kept).tobytes(), 9)
    return f"{size[0]}x{size[1]}:{base64.b85encode(bits).decode()}"


def unpack(text: str) -> Mask:
    """Return what `pack` wrote. Raises PictureError for other text."""
    try:
        size, _, bits = text.partition(":")
        width, height = (int(side) for side in size.split("x"))
        if not (0 < width <= KEPT and 0 < height <= KEPT):
            raise ValueError(size)
        found = zlib.decompressobj().decompress(base64.b85decode(bits), KEPT * KEPT)
        if len(found) * 8 < width * height:
            raise ValueError(text)
        flat = np.unpackbits(np.frombuffer(found, np.uint8), count=width * height)
    except (ValueError, zlib.error) as error:
        raise PictureError("The stored mask of this picture cannot be read.") from error
    return flat.reshape(height, width).astype(bool)


def feather(mask: Mask, width: int, height: int) -> Field:
    """Return how much of the new painting shows at each pixel (0..1) of a picture of a size.

    It is 1 on the white of the mask and falls to 0 within 1/100 of the longer side, and within
    `reach` pixels at most.
    """
    source = mask.astype(np.float32)
    if source.shape != (height, width):
        size = (width, height)
        source = np.asarray(cv2.resize(source, size, interpolation=cv2.INTER_LINEAR), np.float32)
    away = cv2.distanceTransform((source < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    t = np.clip(1 - away / reach(width, height), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def reach(width: int, height: int) -> float:
    """Return how many pixels outside the mask a repainting may change, in a picture of a size."""
    return min(12.0, 1.5 + max(width, height) / 110)


def bounds(mask: Mask) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) of the white part, in pixels."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
