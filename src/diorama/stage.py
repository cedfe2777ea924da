"""The stage: canvas, light and place of one picture, passed from painter to painter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .canvas import Canvas, mix, rgb, vec
from .noise import Field, generator, seed_of
from .progress import Progress
from .relief import Relief
from .scene import Light, Scene


@dataclass
class Stage:
    """`spec` is the place's table; `relief` is set by places with ground; `ripple` by water."""

    canvas: Canvas
    scene: Scene
    light: Light
    spec: dict[str, Any]
    horizon: float
    relief: Relief | None = None
    ripple: Field | None = None
    inside: bool = False
    notes: dict[str, Any] = field(default_factory=dict)
    progress: Progress = field(default_factory=lambda: Progress(lambda _: None))

    @property
    def seed(self) -> int:
        return self.scene.seed

    def ground(self) -> Relief:
        """Return the relief of a place that has ground; LookupError where there is none."""
        if self.relief is None:
            raise LookupError("this place has no ground")
        return self.relief

    def reached(self, part: float) -> None:
        """Tell that a part (0..1) of what is being painted now is done; see `Progress`."""
        self.progress.reached(part)

    def noise(self, name: str) -> int:
        """Return a noise seed for one layer of this picture."""
        return seed_of(self.scene.seed, self.scene.variant, name) & 0xFFFFFF

    def rng(self, name: str) -> np.random.Generator:
        """Return a generator for one layer of this picture."""
        return generator(self.scene.seed, self.scene.variant, name)

    @property
    def snow(self) -> bool:
        return "snow" in self.scene.weather or bool(self.spec.get("snow"))

    @property
    def storm(self) -> float:
        return (
            1.0 if "storm" in self.scene.weather else 0.45 if "rain" in self.scene.weather else 0.0
        )

    def colour(self, name: str, default: str) -> tuple[float, float, float]:
        """Return a colour of the place's table."""
        return rgb(str(self.spec.get(name, default)))

    def lit(self, albedo: Field, diffuse: Field) -> Field:
        """Return albedo (..., 3) under the sky's light and the key light (diffuse: 0..1)."""
        sun = vec(rgb(self.light.sun)) * (1.12 * self.light.key)
        sky = vec(rgb(self.light.ambient)) * (1.15 * self.light.fill)
        return np.asarray(albedo * (diffuse[..., None] * sun + sky), np.float32)

    def frost(self) -> tuple[float, float, float]:
        """Return the colour of snow in this light: white on its sunny side, blue in the shade."""
        white = mix(mix(rgb(self.light.ambient), (0.84, 0.90, 1.0), 0.68), rgb(self.light.sun), 0.2)
        level = 0.62 if self.light.moon else 0.97 * (0.72 + 0.28 * self.light.key)
        return (white[0] * level, white[1] * level, white[2] * level)

    def tone(self, key: float = 0.62) -> tuple[float, float, float]:
        """Return what flat things are multiplied by under this light."""
        sun, sky = rgb(self.light.sun), rgb(self.light.ambient)
        k, f = self.light.key * key, self.light.fill * 0.95
        return (sun[0] * k + sky[0] * f, sun[1] * k + sky[1] * f, sun[2] * k + sky[2] * f)

    def fog(self, distance: float) -> float:
        """Return how far something at a distance has faded into the haze (0..1)."""
        return float(1 - np.exp(-distance * (0.012 + 0.09 * self.light.mist)))

    def haze(self) -> tuple[float, float, float]:
        return mix(rgb(self.light.haze), rgb(self.light.horizon), 0.3)
