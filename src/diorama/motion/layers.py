"""Layers: a picture unfolded into flats that can be moved apart, as in a toy theatre.

Painters only ever lay something over what is there, so a painter that is run over black and over
white tells both the colour and the cover of what it lays. The layers take their colours from
finished pictures, each with one layer more: put back at rest, they are the finished picture again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from diorama.canvas import Canvas
from diorama.noise import Field
from diorama.scene import Thing

Paint = Callable[[Canvas], None]


@dataclass(frozen=True)
class Layer:
    """A flat: premultiplied bytes (h, w, 4) with the cover last, at (left, top) of the set.

    `near` is its nearness (0 at infinity, 1 where the subject stands): one number, or a field over
    the frame. `foot` is what it stands on, in pixels of the set. `role` says how it may move.
    """

    role: str
    image: Field
    left: int
    top: int
    near: float | Field
    foot: tuple[float, float] = (0.0, 0.0)
    thing: Thing | None = None
    tall: float = 0.0


@dataclass(frozen=True)
class Matte:
    """What one painter lays over a picture: its colour over black, and its cover (h, w)."""

    colour: Field
    cover: Field

    def over(self, pixels: Field) -> Field:
        """Return a picture with this laid over it."""
        return np.asarray(pixels * (1 - self.cover[..., None]) + self.colour, np.float32)


def matte(paint: Paint, canvas: Canvas) -> Matte:
    """Return what `paint` lays over a picture of the canvas' window."""
    shape = canvas.pixels.shape
    black = Canvas(canvas.width, canvas.height, canvas.left, canvas.top, canvas.unit,
                   np.zeros(shape, np.float32))  # fmt: skip
    white = Canvas(canvas.width, canvas.height, canvas.left, canvas.top, canvas.unit,
                   np.ones(shape, np.float32))  # fmt: skip
    paint(black)
    paint(white)
    through = np.clip((white.pixels - black.pixels).mean(axis=2), 0, 1)
    return Matte(black.pixels, np.asarray(1 - through, np.float32))


def hidden_share(before: Field, after: Field, other: Field, other_after: Field) -> Field:
    """Return how much of a backdrop is hidden, from two backdrops and what was painted on each."""
    change = np.abs(other - before).sum(axis=2)
    through = np.abs(other_after - after).sum(axis=2) / np.maximum(change, 1e-3)
    hidden = np.clip(1 - through, 0, 1)
    return np.asarray(np.clip((hidden - 0.03) / 0.94, 0, 1), np.float32)


@dataclass
class Unfolding:
    """Collects layers from finished pictures; `plate` is the finished picture so far (0..1)."""

    plate: Field
    layers: list[Layer] = field(default_factory=list)

    def add(self, after: Field, parts: list[tuple[Layer, Field]]) -> None:
        """Add layers (with their covers) that together turn the plate into `after`.

        Where several of them cover a pixel they share its colour.
        """
        through = np.ones(after.shape[:2], np.float32)
        for _, cover in parts:
            through = through * (1 - cover)
        union = np.maximum(1 - through, 1e-4)[..., None]
        own = (after - self.plate * through[..., None]) / union
        for layer, cover in parts:
            premultiplied = np.clip(own, 0, 1) * cover[..., None]
            self.layers.append(_cut(layer, premultiplied, cover))
        self.plate = after

    def add_light(self, after: Field, layer: Layer) -> None:
        """Add a layer that only adds light to the plate."""
        light = np.clip(after - self.plate, 0, 1)
        bright = np.asarray(light.max(axis=2) > 1 / 255, np.float32)
        self.layers.append(_cut(layer, light, np.zeros_like(bright), bright))
        self.plate = after

    def amend(self, after: Field) -> None:
        """Make the layers show `after` at rest: each takes the difference where it is on top."""
        change, free = after - self.plate, np.ones(after.shape[:2], np.float32)
        for index in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[index]
            rows = slice(layer.top, layer.top + layer.image.shape[0])
            columns = slice(layer.left, layer.left + layer.image.shape[1])
            image = layer.image.astype(np.float32) / 255
            image[..., :3] += change[rows, columns] * image[..., 3:]
            own = np.asarray(free[rows, columns] > 0.5)[..., None]
            mended = np.where(own, as_bytes(image), layer.image)
            self.layers[index] = replace(layer, image=np.ascontiguousarray(mended))
            free[rows, columns] *= 1 - image[..., 3]
        self.plate = after

    def nearness(self) -> Field:
        """Return how near what is seen at each pixel of the set stands."""
        total = np.zeros(self.plate.shape[:2], np.float32)
        for layer in self.layers:
            rows = slice(layer.top, layer.top + layer.image.shape[0])
            columns = slice(layer.left, layer.left + layer.image.shape[1])
            near = float(np.mean(layer.near))
            cover = layer.image[..., 3].astype(np.float32) / 255
            total[rows, columns] += (near - total[rows, columns]) * cover
        return total


def _cut(layer: Layer, colour: Field, cover: Field, seen: Field | None = None) -> Layer:
    """Return the layer with its image, trimmed to what is seen."""
    shown = (cover if seen is None else seen) > 1 / 255
    ys, xs = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    if not len(ys):
        ys, xs = np.asarray([0, 1]), np.asarray([0, 1])
    y0, y1, x0, x1 = int(ys[0]), int(ys[-1]) + 1, int(xs[0]), int(xs[-1]) + 1
    image = as_bytes(np.dstack([colour, cover])[y0:y1, x0:x1])
    return replace(layer, image=image, left=x0, top=y0)


def as_bytes(picture: Field) -> Field:
    """Return a picture of 0..1 as bytes, rounded."""
    return np.ascontiguousarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def whole(role: str, plate: Field, near: float | Field) -> Layer:
    """Return a layer that covers the whole set with a finished picture."""
    full = np.ones((*plate.shape[:2], 1), np.float32)
    return Layer(role, as_bytes(np.dstack([plate, full])), 0, 0, near)
