"""Skies apart: the sky of a place as layers of its own, and where the place hides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from diorama.canvas import Canvas
from diorama.noise import Field, smoothstep
from diorama.places.land import AURORA, bolt_of, cover_of_clouds
from diorama.sky import clouds, paint_aurora, paint_lightning, paint_sky
from diorama.stage import Stage

from .layers import Layer, Matte, Unfolding, hidden_share, whole

Finish = Callable[[Stage, Field], Field]


@dataclass(frozen=True)
class Sky:
    """A sky in its parts: clear, its clouds, and the whole after each light laid over it."""

    clear: Field
    clouds: Matte
    lights: tuple[tuple[str, Field], ...]
    pixels: Field

    def unfolded(self, stage: Stage, finish: Finish) -> Unfolding:
        """Return the unfolding of a picture that is nothing but this sky."""
        unfolding = Unfolding(finish(stage, self.clear))
        unfolding.layers.append(whole("sky", unfolding.plate, 0.0))
        if float(self.clouds.cover.max()) > 0.02:
            after = finish(stage, self.clouds.over(self.clear))
            unfolding.add(after, [(Layer("clouds", after, 0, 0, 0.01), self.clouds.cover)])
        for role, lit in self.lights:
            unfolding.add_light(finish(stage, lit), Layer(role, lit, 0, 0, 0.01))
        return unfolding

    def hidden_by(self, back: Callable[[Stage], None], stage: Stage, place: Field) -> Field:
        """Return how much of this sky a place hides, by painting it over another sky too."""
        own, other_sky = stage.canvas, _inverse(self.pixels)

        def inverted(other: Stage) -> None:
            other.canvas.pixels[:] = other_sky

        canvas = Canvas(own.width, own.height, own.left, own.top, own.unit, np.zeros_like(place))
        other = replace(stage, canvas=canvas, notes={**stage.notes, "sky": inverted})
        back(other)
        other.relief = None
        hidden = hidden_share(self.pixels, place, other_sky, canvas.pixels)
        below = smoothstep(stage.horizon + 0.004, stage.horizon + 0.012, own.ys())[:, None]
        return np.asarray(np.maximum(hidden, below), np.float32)


@dataclass
class SkyPainter:
    """Paints the sky when the place asks for it, as `paint_weather_sky` does, in parts."""

    found: list[Sky] = field(default_factory=list)

    def __call__(self, stage: Stage) -> None:
        canvas, light = stage.canvas, stage.light
        seed = stage.noise("sky")
        paint_sky(canvas, light, stage.horizon, seed, 0.0, stage.storm)
        clear = canvas.pixels.copy()
        low = canvas.small(720)
        cover = cover_of_clouds(stage)
        colour, alpha = clouds(low, light, stage.horizon, seed, cover, stage.storm, stage.frames)
        shade = np.clip(canvas.fit(alpha), 0, 1)
        veil = Matte(canvas.fit(colour) * shade[..., None], shade)
        canvas.pixels[:] = veil.over(canvas.pixels)
        stage.reached(0.25)
        lights = tuple(_lights(stage))
        self.found.append(Sky(clear, veil, lights, canvas.pixels.copy()))


def _lights(stage: Stage) -> list[tuple[str, Field]]:
    canvas, found = stage.canvas, []
    if "aurora" in stage.scene.weather:
        paint_aurora(canvas, stage.horizon, stage.noise("aurora"), AURORA)
        found.append(("aurora", canvas.pixels.copy()))
    x = bolt_of(stage)
    if x is not None:
        stage.notes["bolt"] = x
        paint_lightning(canvas, stage.horizon, stage.noise("bolt"), "#b9c8ff", x)
        found.append(("bolt", canvas.pixels.copy()))
    return found


def _inverse(sky: Field) -> Field:
    return np.where(sky > 0.5, sky - 0.35, sky + 0.35).astype(np.float32)
