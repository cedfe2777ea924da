"""Waves: the sea's surface from calm to storm, its colour, its foam and the light on it.

The surface is a sum of wave trains that run roughly toward the eye. Their crests are sharper than
their troughs and come in groups, and their sum stays below the eye, so that the sea always ends in
a level horizon: what rises over it reads as land. Foam lies on crests, not on heights; that is why
`Waves.crest` is asked apart from `Waves.height`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from diorama.canvas import mix, rgb, vec
from diorama.noise import Field, fbm, smoothstep
from diorama.relief import Relief
from diorama.stage import Stage

EYE = 0.46
BOLT = "#b9c8ff"


@dataclass(frozen=True)
class Waves:
    """`swell` is 0 calm .. 1 storm; `trains` are (ku, kv, phase, length) of each wave train."""

    swell: float
    seed: int
    trains: tuple[tuple[float, float, float, float], ...]

    @classmethod
    def of(cls, stage: Stage, swell: float) -> Waves:
        rng = stage.rng("waves")
        trains = []
        for k in range(7):
            angle = float(rng.normal()) * 0.42 + 0.3
            length = 0.55 * 1.75**k / 4
            ku, kv = float(np.sin(angle)) / length, float(np.cos(angle)) / length
            trains.append((ku, kv, float(rng.random()) * 6.28, length))
        return cls(swell, stage.noise("sea"), tuple(trains))

    def _trains(self, u: Field, v: Field) -> Iterator[tuple[Field, Field]]:
        bend = fbm(u * 0.03, v * 0.03, self.seed) * 0.5
        group = 0.62 + 0.5 * fbm(u * 0.045 + 0.3, v * 0.03, self.seed + 3)
        for ku, kv, phase, length in self.trains:
            most = 0.012 * length**0.6
            most += 0.135 * self.swell * length**0.7 / (1 + (length / 2.4) ** 2)
            # a wave that is thinner than a pixel in the distance would only flicker
            most = most * smoothstep(length * 26 + 8, length * 6 + 2, v)
            wave = 0.5 + 0.5 * np.sin((ku * u + kv * v) * 1.6 + phase + bend * 4 / length)
            yield most, wave * np.sqrt(wave) * group

    def height(self, u: Field, v: Field) -> Field:
        """Return the height of the surface, about -0.3..0.4 in a storm."""
        total = np.zeros_like(u)
        for most, wave in self._trains(u, v):
            total += most * (wave - 0.3)
        total += (0.012 + 0.05 * self.swell) * fbm(u * 0.19, v * 0.25, self.seed + 1, gain=0.5)
        total += (0.004 + 0.03 * self.swell) * fbm(
            u * 0.4, v * 0.6, self.seed + 2, gain=0.5, ridged=True
        )
        far = smoothstep(45, 14, v) * 0.9 + 0.1
        return np.asarray(total * far, np.float32)

    def crest(self, u: Field, v: Field) -> Field:
        """Return how near each point is to a crest of the breaking waves (0..1).

        The longest trains are swell, which rolls and does not break; the shortest are ripples.
        """
        total, weight = np.zeros_like(u), np.full_like(u, 1e-3)
        for most, wave in list(self._trains(u, v))[1:5]:
            total += most * wave**3
            weight += most
        return np.asarray(np.clip(1.6 * total / weight, 0, 1), np.float32)


def shade(stage: Stage, relief: Relief, waves: Waves) -> Field:
    """Return the colours of the water that the relief sees."""
    light = stage.light
    up, cos, bounce = _mirrored(relief)
    low, middle, zenith = vec(rgb(light.horizon)), vec(rgb(light.middle)), vec(rgb(light.zenith))
    t = up[..., None]
    sky = np.where(
        t < 0.35, low + (middle - low) * t / 0.35, middle + (zenith - middle) * (t - 0.35) / 0.65
    )
    sky = sky * (1 - 0.42 * stage.storm)
    fresnel = (0.03 + 0.97 * (1 - cos) ** 4.2)[..., None]
    body = _body(stage, relief, waves)
    colour = body + (sky - body) * np.clip(fresnel, 0, 0.92)
    colour = colour + _glints(stage, bounce)
    foam = foam_on(stage, relief, waves)
    form = 0.62 + 0.5 * relief.diffuse(light.azimuth * 2, light.elevation, ahead=0.1)
    white = vec(mix(stage.tone(0.8), (1, 1, 1), 0.10)) * (0.95 - 0.2 * stage.storm)
    colour = colour + (white * form[..., None] - colour) * foam[..., None]
    haze = 1 - np.exp(-relief.v * (0.012 + 0.05 * light.mist))
    return np.asarray(colour + (vec(rgb(light.haze)) - colour) * haze[..., None], np.float32)


def _mirrored(relief: Relief) -> tuple[Field, Field, tuple[Field, Field, Field]]:
    """Return (height of the mirrored sky 0..1, cosine to the eye, mirrored direction)."""
    ex, ey, ev = -relief.u, relief.eye - relief.level, -relief.v
    size = np.sqrt(ex * ex + ey * ey + ev * ev)
    ex, ey, ev = ex / size, ey / size, ev / size
    calm = np.clip(1.1 / (0.4 + relief.v * 0.22), 0.12, 1)
    nx, nz = relief.nx * calm, relief.nz * calm
    ny = np.sqrt(np.clip(1 - nx * nx - nz * nz, 0.02, 1))
    cos = np.clip(nx * ex + ny * ey + nz * ev, 0.0, 1)
    bounce = (2 * cos * nx - ex, 2 * cos * ny - ey, 2 * cos * nz - ev)
    return np.clip(bounce[1] * 1.7, 0, 1), cos, bounce


def _body(stage: Stage, relief: Relief, waves: Waves) -> Field:
    """Return the water's own colour: deep in the troughs, lit through where it is thin."""
    deep = vec(stage.colour("deep", "#0d3b52")) * vec(stage.tone(0.55)) * (1.15 - 0.5 * stage.storm)
    shallow = vec(stage.colour("shallow", "#2f9aa0")) * vec(stage.tone(0.8))
    lift = smoothstep(0.0, 0.10 + 0.28 * waves.swell, relief.level)[..., None]
    return np.asarray(
        deep + (shallow - deep) * (0.12 - 0.08 * stage.storm + (0.6 - 0.3 * stage.storm) * lift)
    )


def _glints(stage: Stage, bounce: tuple[Field, Field, Field]) -> Field:
    """Return the light of sun or moon, and of a bolt, broken on the waves (h, w, 3)."""
    light = stage.light
    high = light.elevation * max(stage.horizon, 0.3)
    hit = _hit(bounce, light.azimuth, high)
    glint = 0.9 * hit**220 + 0.35 * hit**40 + (0.1 - 0.07 * stage.storm) * hit**8
    strength = light.key * (0.8 if light.moon else 1.0 - 0.5 * stage.storm)
    total = (glint * strength)[..., None] * vec(rgb(light.sun))
    if "bolt" in stage.notes:
        hit = _hit(bounce, float(stage.notes["bolt"]), 0.22)
        total = total + (0.75 * hit**160 + 0.22 * hit**30)[..., None] * vec(rgb(BOLT))
    return np.asarray(total, np.float32)


def _hit(bounce: tuple[Field, Field, Field], azimuth: float, elevation: float) -> Field:
    source = np.asarray([azimuth, elevation, 1.0], np.float32)
    source /= np.linalg.norm(source)
    cosine = bounce[0] * source[0] + bounce[1] * source[1] + bounce[2] * source[2]
    return np.asarray(np.clip(cosine, 0, 1), np.float32)


def foam_on(stage: Stage, relief: Relief, waves: Waves) -> Field:
    """Return the foam (0..1): torn caps on the crests, and streaks that the wind has drawn."""
    u, v, swell = relief.u, relief.v, waves.swell
    crest = waves.crest(u, v)
    net = fbm(u * 0.5, v * 0.9, stage.noise("foam"), gain=0.72, ridged=True)
    torn = fbm(u * 0.16, v * 0.2, stage.noise("torn"), gain=0.5)
    cap = smoothstep(0.58 - 0.2 * swell, 0.92 - 0.2 * swell, crest + 0.3 * torn)
    caps = cap * smoothstep(0.28, 0.62, net + 0.22 * cap) * min(1.0, 0.1 + swell)
    wind = fbm(u * 0.10 + v * 0.02, v * 0.62 + relief.level * 1.4, stage.noise("streak"), gain=0.6,
               ridged=True)  # fmt: skip
    streaks = smoothstep(0.52, 0.95, wind) * smoothstep(-0.2, 0.5, torn) * 0.5 * swell
    near = smoothstep(34, 5, v) * (0.35 + 0.65 * smoothstep(1.5, 3.4, v))
    return np.asarray(np.clip(caps * 0.9 + streaks, 0, 0.9) * near, np.float32)
