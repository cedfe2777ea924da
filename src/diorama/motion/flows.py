"""Flows: clouds, water, aurora and fog, drifting without end and without a jump.

A drift that must come back is shown by two copies, half a turn apart, each fading out before it is
set back: the flow maps of computer games. At clock 0 the first copy is at rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from diorama.canvas import Canvas
from diorama.noise import Field, fbm, generator, smoothstep

from .layers import Layer


def copies(clock: float, rounds: int = 1) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (drift, weight) of the two copies; the drift is -0.5..0.5 of a whole round."""
    first = (clock * rounds + 0.5) % 1.0
    second = (clock * rounds) % 1.0
    weight = smoothstep(0.0, 1.0, 1 - abs(2 * first - 1))
    return (first - 0.5, float(weight)), (second - 0.5, 1 - float(weight))


def shifted(image: Field, dx: Field, dy: Field) -> Field:
    """Return the image moved by (dx, dy) pixels, its border going on beyond it."""
    height, width = image.shape[:2]
    x = np.arange(width, dtype=np.float32) - dx
    y = np.arange(height, dtype=np.float32)[:, None] - dy
    return np.asarray(
        cv2.remap(image, np.asarray(x, np.float32), np.asarray(y, np.float32), cv2.INTER_LINEAR,
                  borderMode=cv2.BORDER_REFLECT_101)
    )  # fmt: skip


@dataclass(frozen=True)
class Drift:
    """A layer that drifts over the sky: `reach` is the way of a whole round at each row, in px.

    It is worked at `step` times fewer pixels: what drifts is soft.
    """

    image: Field
    reach: Field
    lift: Field
    step: int

    @classmethod
    def of(cls, layer: Layer, unit: float, seed: int, step: int) -> Drift:
        """Return the drift of clouds: one way by the seed, faster overhead than at the horizon."""
        rng = generator("wind", seed)
        image = layer.image
        if step > 1:
            size = (max(2, image.shape[1] // step), max(2, image.shape[0] // step))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        side = 1.0 if rng.random() < 0.5 else -1.0
        wind = side * (0.10 + 0.07 * float(rng.random())) * unit / step
        high = np.linspace(1.0, 0.12, image.shape[0], dtype=np.float32)[:, None]
        y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32) * (step / unit)
        swirl = fbm(x * 0.25, y * 0.25, seed & 0xFFFF)
        return cls(image, wind * high * (1 + 0.4 * swirl), 0.25 * abs(wind) * high * swirl, step)

    def at(self, clock: float) -> Field:
        """Return the drifted image, at its working size."""
        (far, weight), (other, rest) = copies(clock)
        one = shifted(self.image, self.reach * far, self.lift * far)
        if rest < 0.004:
            return one
        two = shifted(self.image, self.reach * other, self.lift * other)
        return np.asarray(cv2.addWeighted(one, weight, two, rest, 0))


@dataclass(frozen=True)
class Waving:
    """The surface of water in the frame: rows it covers, its cover, and how it moves."""

    top: int
    cover: Field
    near: Field
    reach: Field
    trains: tuple[tuple[Field, int, float, float], ...]

    @classmethod
    def of(
        cls, frame: Canvas, water: Field, near: Field, storm: float, seed: int, flow: float = 1.0
    ) -> Waving:
        """Return the waves of water: they run toward the eye, the larger the nearer.

        `flow` is how far the surface itself goes with them: 1 at sea, 0 where it lies still.
        """
        rng = generator("swell", seed)
        top = int(np.flatnonzero(water.max(axis=1) > 0.01)[0])
        x, _ = frame.grid()
        cover, q = water[top:], np.maximum(near[top:], 0.02)
        size = (0.0022 * (2 - flow) + 0.0030 * storm) * frame.unit
        trains = []
        for k, (length, power) in enumerate(((1.3, 1.0), (0.7, 0.6), (0.37, 0.35))):
            lean = (float(rng.random()) - 0.5) * 1.4
            phase = (x[top:] / q * lean + 1.0 / q * 1.6) / length * 2 * np.pi
            # waves narrower than a few rows would only flicker
            fine = smoothstep(0.9, 0.25, 0.02 / (q * q * length))
            turns = 2 + k + int(rng.integers(2))
            trains.append((np.asarray(phase, np.float32), turns, size * power, float(rng.random())))
            cover = np.asarray(cover, np.float32)
            q = np.asarray(q, np.float32)
            if k == 0:
                weight = np.asarray(cover * np.clip(q, 0, 1.4) * fine, np.float32)
        reach = cover * np.clip(q * q, 0, 1.2) * (flow * (0.030 + 0.02 * storm) * frame.unit)
        return cls(top, cover, weight, np.asarray(reach, np.float32), tuple(trains))

    def ripple(self, clock: float) -> tuple[Field, Field]:
        """Return how far (x, y) the water at each pixel is moved by the wavelets."""
        dx = np.zeros_like(self.near)
        dy = np.zeros_like(self.near)
        for phase, turns, size, start in self.trains:
            angle = phase + np.float32(2 * np.pi * (turns * clock + start))
            rest = phase + np.float32(2 * np.pi * start)
            dy += size * (np.sin(angle) - np.sin(rest))
            dx += 0.7 * size * (np.cos(angle) - np.cos(rest))
        dx *= self.near
        dy *= self.near
        return dx, dy
