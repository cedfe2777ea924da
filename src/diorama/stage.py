"""The stage: canvas, light and place of one picture, passed from painter to painter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .canvas import Canvas, mix, rgb, vec
from .noise import Field, generator, seed_of
from .progress import Progress
from .relief import Relief
from .scene import Light, Scene

# Layers that are small details of a picture: what a subtle variation draws anew.
SMALL = (
    "blades", "bubbles", "bushes", "cap", "dapple", "fern", "fine", "flakes", "foam", "grass",
    "lace", "leafshade", "litter", "motes", "paper", "petals", "puddle", "rain", "ripple",
    "settle", "shafts", "spray", "streak", "tints", "torn", "tree-", "weeds",
    "wisp",
)  # fmt: skip


@dataclass
class Stage:
    """`spec` is the place's table; `relief` is set by places with ground."""

    canvas: Canvas
    scene: Scene
    light: Light
    spec: dict[str, Any]
    horizon: float
    relief: Relief | None = None
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
        return seed_of(*self._parts(name)) & 0xFFFFFF

    def rng(self, name: str) -> np.random.Generator:
        """Return a generator for one layer of this picture."""
        return generator(*self._parts(name))

    def _parts(self, name: str) -> tuple[object, ...]:
        parts = (self.scene.seed, self.scene.variant, name)
        return (*parts, self.scene.touch) if self.scene.touch and name.startswith(SMALL) else parts

    @property
    def frames(self) -> list[tuple[tuple[float, float, float, float], int]]:
        """The windows of earlier pictures, the innermost first, with the seed of what is beyond."""
        return _frames(self.scene)

    @property
    def half(self) -> float:
        """Half the width of the first frame: what is spread over the frame keeps to it, so that
        a wider picture of the same scene shows it at the same places."""
        width, height = self.scene.aspect
        return (self.scene.frame or width / height) / 2

    def chunks(
        self, wide: float, left: float, tall: float = 0.0, top: float = 0.0
    ) -> list[tuple[str, float, float]]:
        """Return (name, x, y) of the parts, `wide` x `tall` world units, that cover the picture.

        The first one begins at (left, top), has no name and is always there; what is scattered
        over it by a generator of that name goes on in the others. Without `tall` there is one row.
        """
        view = self.canvas
        columns = range(int((view.left - left) // wide), int((view.right - left) // wide) + 1)
        rows = range(1)
        if tall:
            rows = range(int((view.top - top) // tall), int((view.bottom - top) // tall) + 1)
        cells = {(0, 0)} | {(i, j) for i in columns for j in rows}
        order = sorted(cells, key=lambda cell: (cell != (0, 0), cell))
        return [(f"/{i}/{j}" if i or j else "", i * wide, j * tall) for i, j in order]

    def scattered(
        self, name: str, count: int, wide: float, left: float
    ) -> Iterator[tuple[np.random.Generator, float]]:
        """Yield (generator, x to add) `count` times for each part of `chunks` in a row."""
        for part, dx, _ in self.chunks(wide, left):
            rng = self.rng(name + part)
            for _ in range(count):
                yield rng, dx

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


def _frames(scene: Scene) -> list[tuple[tuple[float, float, float, float], int]]:
    found = []
    for patch in scene.patches:
        if not patch.mask:
            found += [*_frames(patch.scene), (patch.window, patch.beyond)]
    return [frame for frame in found if frame[1]]
