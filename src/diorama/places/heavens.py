"""Places without ground: outer space and a sea of clouds."""

from __future__ import annotations

import numpy as np

from diorama.canvas import blur, mix, rgb, vec
from diorama.forms import planet
from diorama.noise import Field, fbm, smoothstep, warped
from diorama.relief import look, soften
from diorama.sky import paint_stars
from diorama.stage import Stage

from .land import LIMIT, canvas_copy, paint_weather_sky


def space(stage: Stage) -> None:
    """Paint nebulae, stars and a planet."""
    canvas = stage.canvas
    low = canvas.small(760)
    x, y = low.grid()
    palette = [rgb(c) for c in stage.scene.palette]
    base = vec(mix(palette[0], (0.005, 0.008, 0.03), 0.93))
    low.pixels[:] = base
    turn = float(stage.rng("turn").random()) * 3.1
    band = np.exp(-(((x * np.cos(turn) + (y - 0.45) * np.sin(turn)) / 0.42) ** 2))
    for k in range(3):
        cloud = warped(x * 0.26 + 0.3 * k, y * 0.26 + 0.2 * k, stage.noise(f"nebula{k}"), 0.16)
        amount = smoothstep(0.02, 0.75, cloud) ** 1.4 * (0.3 + 0.8 * band)
        low.pixels += (amount * (0.85 - 0.14 * k))[..., None] * vec(
            mix(palette[(k + 1) % len(palette)], (1, 1, 1), 0.08)
        )
        stage.reached(0.2 + 0.15 * k)
    dust = warped(x * 0.33 + 0.7, y * 0.33, stage.noise("dust"), 0.18)
    low.pixels *= (1 - 0.75 * smoothstep(0.1, 0.6, dust) * band)[..., None]
    canvas.pixels[:] = np.clip(canvas.fit(low.pixels), 0, 1)
    stage.reached(0.65)
    paint_stars(canvas, stage.light, stage.noise("stars"), top=2.0)
    paint_stars(canvas, stage.light, stage.noise("stars2"), top=2.0)
    if stage.spec.get("planet", True):
        _planet(stage, palette)
    stage.notes["void"] = True


def _planet(stage: Stage, palette: list[tuple[float, float, float]]) -> None:
    canvas, rng = stage.canvas, stage.rng("planet")
    half = stage.half
    radius = 0.12 + 0.26 * float(rng.random()) ** 2
    side = 1 if stage.light.azimuth < 0 else -1
    x, y = side * half * (0.55 + 0.35 * float(rng.random())), 0.12 + 0.75 * float(rng.random())
    tone = palette[int(rng.integers(len(palette)))]
    code = "#" + "".join(f"{int(c * 255):02x}" for c in mix(tone, (0.6, 0.5, 0.45), 0.4))
    image = planet(code)
    if side < 0:
        image = np.ascontiguousarray(image[:, ::-1])
    thin = np.array(image)
    thin[..., :3] *= thin[..., 3:]
    from diorama.flora import stamp

    stamp(canvas, thin, x, y + radius / 0.8, radius * 2 / 0.8)


def front(stage: Stage) -> None:
    """Nothing stands before the things."""


def clouds(stage: Stage) -> None:
    """Paint a sea of clouds under a wide sky."""
    stage.notes.setdefault("cover", 0.35)
    paint_weather_sky(stage)
    low = stage.canvas.small(LIMIT)
    seed = stage.noise("billow")

    def height(u: Field, v: Field) -> Field:
        soft = 1 - np.abs(fbm(u * 0.05, v * 0.05, seed, gain=0.45))
        puff = 1 - np.abs(fbm(u * 0.16, v * 0.16, seed + 1, gain=0.5))
        return 0.75 * soft**2 + 0.24 * puff**2 - 0.55

    relief = look(low, height, horizon=stage.horizon, eye=0.8, far=60, grain=0.02)
    stage.reached(0.6)
    stage.relief = relief
    diffuse = relief.diffuse(
        float(np.clip(stage.light.azimuth * 2, -1, 1)), stage.light.elevation, ahead=-0.2
    )
    light = stage.light
    dark = vec(
        mix(mix(rgb(light.ambient), rgb(light.middle), 0.5), (1, 1, 1), 0.1 if light.moon else 0.2)
    )
    bright = vec(mix(rgb(light.sun), (1, 1, 1), 0.3)) * (0.6 if light.moon else 1.0)
    t = smoothstep(0.25, 0.95, diffuse)[..., None]
    colour = dark * (0.75 + 0.35 * smoothstep(-0.3, 0.4, relief.level))[..., None]
    colour = colour + (bright - colour) * t * 0.85
    haze = (1 - np.exp(-relief.v * 0.05))[..., None]
    colour = colour + (vec(rgb(light.horizon)) - colour) * haze
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(np.asarray(colour, np.float32), relief.seen)
    soften(low, relief, low.pixels)
    low.pixels[:] = low.pixels * 0.65 + blur(low.pixels, 0.006 * low.unit) * 0.35
    stage.canvas.blend(
        stage.canvas.fit(low.pixels), np.clip(stage.canvas.fit(blur(relief.seen, 1.0)), 0, 1)
    )


def clouds_front(stage: Stage) -> None:
    """Thin cloud drifts across the lower edge."""
    canvas = stage.canvas
    low = canvas.small(520)
    x, y = low.grid()
    wisp = warped(x * 0.3, y * 0.5, stage.noise("wisp"), 0.1)
    alpha = smoothstep(-0.2, 0.6, wisp) * smoothstep(0.8, 1.04, y) * 0.85
    tone = mix(stage.tone(0.9), (1, 1, 1), 0.25 if stage.light.moon else 0.6)
    canvas.blend(vec(tone), np.clip(canvas.fit(np.asarray(alpha, np.float32)), 0, 1))
