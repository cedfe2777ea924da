"""Sway: trees, grass, weeds and ribbons that bend from their foot and come back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from diorama.noise import Field, fbm, generator

from .layers import Layer


@dataclass(frozen=True)
class Sway:
    """How far each pixel of a layer bends: a wave of its own phase, at rest at clock 0."""

    sine: Field
    cosine: Field
    turns: int

    @classmethod
    def of(cls, layer: Layer, unit: float, seed: int, power: float, turns: int = 2) -> Sway:
        """Return the sway of a layer: none at its foot, `power` world units at one unit's height.

        Its foot is the lowest thing seen in each column.
        """
        alpha = layer.image[..., 3]
        height, width = alpha.shape
        step = 4
        small = cv2.resize(alpha, (max(2, width // step), max(2, height // step)),
                           interpolation=cv2.INTER_AREA) > 60  # fmt: skip
        rows = np.arange(small.shape[0], dtype=np.float32)[:, None]
        low = np.where(small, rows, -1).max(axis=0)
        low = np.where(low < 0, float(low.max()), low).astype(np.float32)
        foot = cv2.GaussianBlur(low[None, :], (0, 0), 0.02 * unit / step + 1)
        above = np.clip((foot - rows) * step / unit, 0, None)
        x = (np.arange(small.shape[1], dtype=np.float32)[None, :] * step + layer.left) / unit
        y = (rows * step + layer.top) / unit
        phase = 6.0 * fbm(x * 0.22 + 0 * y, y * 0.1 + 0 * x, seed & 0xFFFF) + 5.0 * x
        amount = power * unit * above**1.4
        rng = generator("gust", seed)
        side = 1.0 if rng.random() < 0.5 else -1.0
        size = (width, height)
        sine = cv2.resize(np.asarray(side * amount * np.sin(phase), np.float32), size)
        cosine = cv2.resize(np.asarray(side * amount * np.cos(phase), np.float32), size)
        return cls(sine, cosine, turns)

    def bend(self, clock: float) -> Field:
        """Return how far to the right each pixel of the layer is bent, in pixels."""
        angle = 2 * np.pi * self.turns * clock
        second = 0.35 * np.sin(2 * angle)
        return np.asarray(
            self.cosine * (np.sin(angle) + second) + self.sine * (np.cos(angle) - 1), np.float32
        )
