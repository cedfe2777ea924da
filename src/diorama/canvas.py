"""The picture being painted: a linear-ish RGB field with world coordinates.

World: x is 0 in the middle and grows to the right, y is 0 at the top and 1 at the bottom of the
base frame, and one unit is the frame's height. A camera moves and scales the window, so that the
old frame lies inside a wider one with the same content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from .noise import Field

Colour = Sequence[float]


def rgb(code: str) -> tuple[float, float, float]:
    """Return (r, g, b) in 0..1 of a "#rrggbb" code."""
    value = int(code.lstrip("#"), 16)
    return ((value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255)


def mix(a: Colour, b: Colour, t: float) -> tuple[float, float, float]:
    """Return the colour a fraction t of the way from a to b."""
    return (
        a[0] + (b[0] - a[0]) * t,
        a[1] + (b[1] - a[1]) * t,
        a[2] + (b[2] - a[2]) * t,
    )


def vec(colour: Colour) -> Field:
    """Return a colour as a (3,) float32 array."""
    return np.asarray(colour, dtype=np.float32)


@dataclass
class Canvas:
    """Pixels (height, width, 3) float32, nominally 0..1, and the window of the world they show."""

    width: int
    height: int
    left: float
    top: float
    unit: float
    pixels: Field = field(repr=False)

    @classmethod
    def window(cls, width: int, height: int, camera: Sequence[float] = (0, 0.5, 1)) -> Canvas:
        """Return a black canvas; camera is (centre x, centre y, zoom)."""
        unit = height * camera[2]
        left = camera[0] - width / unit / 2
        top = camera[1] - height / unit / 2
        return cls(width, height, left, top, unit, np.zeros((height, width, 3), np.float32))

    @property
    def right(self) -> float:
        return self.left + self.width / self.unit

    @property
    def bottom(self) -> float:
        return self.top + self.height / self.unit

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def span(self) -> float:
        """Width of the window in world units."""
        return self.width / self.unit

    def xs(self) -> Field:
        """World x of each column, shape (width,)."""
        return (np.arange(self.width, dtype=np.float32) + 0.5) / self.unit + self.left

    def ys(self) -> Field:
        """World y of each row, shape (height,)."""
        return (np.arange(self.height, dtype=np.float32) + 0.5) / self.unit + self.top

    def grid(self) -> tuple[Field, Field]:
        """World (x, y) of each pixel, two (height, width) arrays."""
        x, y = np.meshgrid(self.xs(), self.ys())
        return x, y

    def small(self, limit: int) -> Canvas:
        """Return an empty canvas over the same window with no side above `limit` pixels."""
        ratio = min(1.0, limit / max(self.width, self.height))
        width = max(min(8, self.width), round(self.width * ratio))
        height = max(min(8, self.height), round(self.height * ratio))
        pixels = np.zeros((height, width, 3), np.float32)
        return Canvas(width, height, self.left, self.top, self.unit * height / self.height, pixels)

    def rows(self, top: float, bottom: float) -> Canvas:
        """Return the part of this canvas between two heights of the world: on the same pixels."""
        first = max(-1e6, (top - self.top) * self.unit)
        last = min(1e6, (bottom - self.top) * self.unit)
        return self.band(int(first), int(last) + 1)

    def band(self, first: int, last: int) -> Canvas:
        """Return the part of this canvas between two of its rows: on the same pixels."""
        first = min(max(0, first), self.height - 2)
        last = max(first + 2, min(self.height, last))
        place = self.top + first / self.unit
        part = self.pixels[first:last]
        return Canvas(self.width, last - first, self.left, place, self.unit, part)

    def fit(self, layer: Field) -> Field:
        """Enlarge a layer of a smaller canvas over the same window to this size."""
        if layer.shape[:2] == (self.height, self.width):
            return layer
        size = (self.width, self.height)
        return np.asarray(cv2.resize(layer, size, interpolation=cv2.INTER_CUBIC), np.float32)

    def to_px(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel position of a world point."""
        return (x - self.left) * self.unit, (y - self.top) * self.unit

    def part(self, image: Field, left: int, top: int) -> tuple[slice, slice, slice, slice] | None:
        """Return (rows, columns) here and (rows, columns) of an image laid at (left, top), or None.

        None means that the image lies wholly outside.
        """
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.width, left + image.shape[1]), min(self.height, top + image.shape[0])
        if x1 <= x0 or y1 <= y0:
            return None
        return slice(y0, y1), slice(x0, x1), slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)

    def blend(self, colour: Field, alpha: Field) -> None:
        """Lay colour, (3,) or (h, w, 3), over the picture with alpha (h, w) of 0..1."""
        a = alpha[..., None]
        self.pixels += (colour - self.pixels) * a

    def glow(self, colour: Colour, amount: Field) -> None:
        """Add light: amount (h, w) times colour, screened so that it does not burn out."""
        light = amount[..., None] * vec(colour)
        self.pixels += light * np.clip(1.15 - self.pixels, 0, 1.15)


def blur(layer: Field, sigma: float) -> Field:
    """Gaussian blur with sigma in pixels; large blurs are done on a smaller copy."""
    if sigma < 0.3:
        return layer
    step = max(1, int(sigma / 4))
    if step == 1:
        return np.asarray(cv2.GaussianBlur(layer, (0, 0), sigma), np.float32)
    height, width = layer.shape[:2]
    size = (max(2, width // step), max(2, height // step))
    low = cv2.resize(layer, size, interpolation=cv2.INTER_AREA)
    low = cv2.GaussianBlur(low, (0, 0), sigma / step)
    return np.asarray(cv2.resize(low, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
