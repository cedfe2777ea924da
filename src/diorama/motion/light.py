"""Light that lives: stars that twinkle, fires that flicker, the shadows of clouds, lightning."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from diorama.canvas import Canvas, mix
from diorama.noise import Field, fbm, generator, smoothstep, warped
from diorama.scene import Thing
from diorama.stage import Stage

from .flows import copies
from .laying import mix_in

CELL = 5
FLAMES = {"1f525": 1.0, "1f56f": 0.8, "1f3ee": 0.6, "1fa94": 0.8, "1f383": 0.5, "1f4a1": 0.2,
          "form:fireplace": 0.9}  # fmt: skip


@dataclass(frozen=True)
class Twinkle:
    """Small bright spots of an image, each with a rhythm of its own; all shine at clock 0."""

    base: Field
    spots: Field
    phase: Field
    turns: Field
    depth: float

    @classmethod
    def of(
        cls, image: Field, seed: int, depth: float, floor: int = 18, cell: int = CELL
    ) -> Twinkle:
        """Return the twinkle of what stands out of an image of bytes (h, w, 4) by `floor`."""
        colour = np.ascontiguousarray(image[..., :3])
        around = cv2.medianBlur(colour, 5)
        spots = cv2.subtract(colour, cv2.convertScaleAbs(around, alpha=1, beta=floor))
        base = cv2.subtract(colour, spots)
        rng = generator("twinkle", seed)
        shape = (colour.shape[0] // cell + 1, colour.shape[1] // cell + 1)
        turns = rng.integers(2, 8, shape).astype(np.float32)
        return cls(base, spots, rng.random(shape, dtype=np.float32), turns, depth)

    def at(self, clock: float) -> Field:
        """Return the image of bytes (h, w, 3) at a clock."""
        angle = 2 * np.pi * (self.turns * clock + self.phase)
        wave = np.abs(np.sin(angle) - np.sin(2 * np.pi * self.phase)) / 2
        gain = np.asarray((1 - self.depth * wave) * 255, np.uint8)
        size = (self.spots.shape[1], self.spots.shape[0])
        full = cv2.merge([cv2.resize(gain, size, interpolation=cv2.INTER_LINEAR)] * 3)
        return np.asarray(cv2.add(self.base, cv2.multiply(self.spots, full, scale=1 / 255)))


def wander(frame: Canvas, ground: Field, seed: int, amount: float) -> Shadows:
    """Return the shadows of clouds over the daylit ground of a frame."""
    size = (max(8, frame.width // 12), max(8, frame.height // 12))
    cover = cv2.resize(ground, size, interpolation=cv2.INTER_AREA)
    return Shadows(np.asarray(cover, np.float32), seed & 0xFFFF, amount)


@dataclass(frozen=True)
class Shadows:
    """Soft shade that passes over the ground, at rest at clock 0."""

    cover: Field
    seed: int
    amount: float

    def _shade(self, clock: float) -> Field:
        height, width = self.cover.shape
        x = np.linspace(0, 0.22, width, dtype=np.float32)[None, :] + 0 * self.cover
        y = np.linspace(0, 0.5, height, dtype=np.float32)[:, None] + 0 * self.cover
        total = np.zeros_like(self.cover)
        for far, weight in copies(clock):
            total += weight * fbm(x + 0.3 * far, y + 0.04 * far, self.seed)
        return total

    def apply(self, frame: Field, clock: float) -> None:
        """Darken and lighten a frame of bytes, in place."""
        gain = 1 + self.amount * self.cover * (self._shade(0.0) - self._shade(clock))
        small = np.asarray(np.clip(gain, 0.6, 1.4) * 160, np.uint8)
        size = (frame.shape[1], frame.shape[0])
        full = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
        cv2.multiply(frame, cv2.merge([full] * 3), dst=frame, scale=1 / 160)


@dataclass(frozen=True)
class Lightning:
    """How bright the bolt is: it stands at clock 0, dies away, and strikes again at times."""

    strikes: tuple[float, ...]
    seconds: float

    @classmethod
    def of(cls, seed: int, seconds: float) -> Lightning:
        rng = generator("strikes", seed)
        first = 0.3 + 0.25 * float(rng.random())
        second = first + 0.04 + 0.02 * float(rng.random())
        return cls((0.0, first, second, 0.985), seconds)

    def at(self, clock: float) -> float:
        """Return the brightness 0..1; it is 1 at clock 0."""
        value = 0.0
        for strike in self.strikes:
            age = ((clock - strike) % 1.0) * self.seconds
            value = max(value, float(np.exp(-age / 0.16)))
        return value


def flicker(clock: float, seed: int) -> float:
    """Return the brightness of a flame (about 0.75..1.15), 1 at clock 0."""
    rng = generator("flame", seed)
    total = 0.0
    for turns, size in ((3, 0.05), (7, 0.06), (13, 0.05), (23, 0.03)):
        phase = 2 * np.pi * float(rng.random())
        turn = turns + int(rng.integers(2))
        total += size * (np.sin(2 * np.pi * turn * clock + phase) - np.sin(phase))
    return 1 + float(total)


def flame_of(thing: Thing, dark: bool) -> float:
    """Return how much a thing's light flickers (0: it gives none)."""
    from diorama.anchors import table

    if thing.asset in FLAMES:
        return FLAMES[thing.asset]
    lamps = table()["lamps"]
    return 0.35 if thing.asset in lamps and (dark or thing.asset in lamps["always"]) else 0.0


@dataclass(frozen=True)
class Fog:
    """Banks of fog that drift along the horizon."""

    x: Field
    y: Field
    band: Field
    tone: tuple[int, int, int]
    seed: int

    @classmethod
    def of(cls, stage: Stage, frame: Canvas) -> Fog:
        low = frame.small(150)
        x, y = low.grid()
        band = np.exp(-(((y - stage.horizon) / 0.2) ** 2))
        tone = mix(stage.haze(), (0.8, 0.82, 0.85), 0.2 if not stage.light.moon else 0)
        red, green, blue = (int(255 * min(1.0, c)) for c in tone)
        return cls(x, y, np.asarray(band, np.float32), (red, green, blue), stage.noise("fog"))

    def apply(self, frame: Field, clock: float) -> None:
        """Lay the fog over a frame of bytes, in place."""
        bank = np.zeros_like(self.x)
        for far, weight in copies(clock):
            bank += weight * warped((self.x + 0.5 * far) * 0.22, self.y * 0.6, self.seed, 0.1)
        alpha = np.clip(0.62 * (0.25 + 0.75 * self.band) * (0.75 + 0.75 * bank), 0, 0.9)
        mask = cv2.resize(np.asarray(alpha * 255, np.uint8), (frame.shape[1], frame.shape[0]),
                          interpolation=cv2.INTER_CUBIC)  # fmt: skip
        mix_in(frame, self.tone, mask)


def glow_of(image: Field) -> Field:
    """Return the light (bytes) around the bright warm parts of an image of bytes (h, w, 4)."""
    colour = image[..., :3].astype(np.float32) / 255
    warm = smoothstep(0.62, 0.95, colour[..., 0]) * smoothstep(
        0.05, 0.3, colour[..., 0] - colour[..., 2]
    )
    small = cv2.resize(np.asarray(warm, np.float32), None, fx=0.25, fy=0.25)
    size = max(1.0, 0.10 * small.shape[0])
    halo = cv2.GaussianBlur(small, (0, 0), size)
    full = cv2.resize(halo, (image.shape[1], image.shape[0]))
    light = np.clip(full * 0.5 + warm * 0.35, 0, 1)[..., None] * np.asarray([1.0, 0.72, 0.38])
    return np.asarray(light * 255, np.uint8)
