"""Uploads: from the bytes of somebody's picture file to plain RGB pixels, or a clear refusal.

Only the header is read before the checks: a file that claims huge dimensions is never decoded.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from contextlib import suppress

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .scene import PictureError

LARGEST_FILE = 10 * 1024 * 1024
MOST_PIXELS = 64_000_000
LONGEST_SIDE, SHORTEST_SIDE = 16_384, 8
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
DEEP = ("I;16", "I;16B", "I;16L", "I", "F")  # Pillow's modes of more than 8 bits
# What Pillow's decoders raise for damaged files of the four formats.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError)
DAMAGED = (*BROKEN, struct.error, zlib.error, OverflowError, MemoryError)


class EmptyPicture(PictureError):
    """The file holds no bytes."""


class HeavyPicture(PictureError):
    """The file has more bytes than LARGEST_FILE."""


class UnknownPicture(PictureError):
    """The file is none of FORMATS."""


class HugePicture(PictureError):
    """The picture has too many pixels, or sides too long or too short."""


class BrokenPicture(PictureError):
    """The file claims to be a picture and cannot be decoded to its end."""


def read_picture(data: bytes) -> Image.Image:
    """Return the picture in a PNG, JPEG, WebP or GIF file as RGB.

    It is turned as its EXIF orientation says, transparent parts are laid on white, and an
    animation gives its first frame. Raises EmptyPicture, HeavyPicture, UnknownPicture,
    HugePicture or BrokenPicture, each a PictureError with a sentence for the user.
    """
    if not isinstance(data, bytes):
        raise UnknownPicture("The picture must be the bytes of a file.")
    if not data:
        raise EmptyPicture("The picture is empty: the file has no bytes.")
    if len(data) > LARGEST_FILE:
        size = len(data) / 1024 / 1024
        raise HeavyPicture(f"The picture has {size:.1f} MB; at most 10 MB are taken.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Pillow's, of EXIF that it cannot read
        return _decoded(data)


def _decoded(data: bytes) -> Image.Image:
    with _opened(data) as picture:
        _check_size(*picture.size)
        try:
            picture.load()
            _turn(picture)
            return flat(picture)
        except DAMAGED as error:
            raise BrokenPicture("The picture is broken: its file ends early or is damaged.") from (
                error
            )


def _turn(picture: Image.Image) -> None:
    """Turn the picture as its EXIF says, in place: 64 million pixels are not to be held twice.

    EXIF that cannot be read says nothing.
    """
    with suppress(*DAMAGED):
        ImageOps.exif_transpose(picture, in_place=True)


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise HugePicture(_too_many()) from error
    except UnidentifiedImageError as error:
        raise UnknownPicture(
            "The file is not a picture that can be read: PNG, JPEG, WebP and GIF are taken."
        ) from error
    except DAMAGED as error:
        raise BrokenPicture("The picture is broken: its header cannot be read.") from error


def _too_many() -> str:
    return f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels."


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise HugePicture(_too_many())
    if max(width, height) > LONGEST_SIDE:
        raise HugePicture(f"The picture is {width} x {height}; no side may exceed {LONGEST_SIDE}.")
    if min(width, height) < SHORTEST_SIDE:
        raise HugePicture(
            f"The picture is {width} x {height}; each side needs {SHORTEST_SIDE} pixels or more."
        )


def flat(picture: Image.Image) -> Image.Image:
    """Return the picture as 8-bit RGB without transparency."""
    if picture.mode in DEEP:
        return _sixteen(picture)
    if picture.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        rgba = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        white = Image.new("RGB", rgba.size, "white")
        white.paste(rgba, mask=rgba)
        return white
    return picture.convert("RGB")


def _sixteen(picture: Image.Image) -> Image.Image:
    """Return a 16-bit grey picture as RGB: its high bytes (Pillow's own convert would clip)."""
    values = np.asarray(picture)
    grey = np.empty(values.shape, np.uint8)
    for row in range(len(values)):  # as a whole, the floating point takes a gigabyte
        grey[row] = np.clip(values[row], 0, 65535) / 257 + 0.5
    return Image.fromarray(grey, "L").convert("RGB")
