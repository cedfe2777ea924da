"""Places without ground: outer space and a sea of clouds."""

from __future__ import annotations

import numpy as np

from diorama.canvas import blur, mix, rgb, vec
from diorama.flora import pressed, stamp
from diorama.forms import planet
from diorama.noise import Field, fbm, smoothstep, warped
from diorama.relief import look, soften
from diorama.sky import paint_stars
from diorama.stage import Stage

from .land import LIMIT, canvas_copy, paint_weather_sky

STARS = 2600  # in a part of the sky, 3 by 1.5 world units


def space(stage: Stage) -> None:
    """Paint nebulae, stars and a planet."""
    canvas = stage.canvas
    low = canvas.small(760)
    x, y = low.grid()
    palette = [rgb(c) for c in stage.scene.palette]
    base = vec(mix(palette[0], (0.005, 0.008, 0.03), 0.93))
    low.pixels[:] = base
    turn = float(stage.rng("turn").random()) * 3.1
    across = x * np.cos(turn) + (y - 0.45) * np.sin(turn)
    band = np.exp(-((across / 0.40) ** 2))
    fine = fbm(x * 0.5, y * 0.5, stage.noise("gas"), gain=0.62)
    for k in range(3):
        at = (x * 0.13 + 0.3 * k, y * 0.13 + 0.2 * k)
        gas = warped(*at, stage.noise(f"nebula{k}"), 0.05) + 0.42 * fine * (1 - 0.2 * k)
        amount = smoothstep(-0.35, 1.15, gas + 0.55 * band - 0.25) ** 2.2
        tint = vec(mix(palette[(k + 1) % len(palette)], (1, 1, 1), 0.05))
        low.pixels += (amount * (0.80 - 0.16 * k))[..., None] * tint
        low.pixels += (0.40 * amount**3)[..., None] * (0.3 + 0.7 * tint)
        stage.reached(0.2 + 0.15 * k)
    dust = warped(x * 0.2 + 0.7, y * 0.2, stage.noise("dust"), 0.05) + 0.4 * fine
    low.pixels *= (1 - 0.80 * smoothstep(0.0, 0.9, dust) * band)[..., None]
    low.pixels += 0.035 * band[..., None] * vec(mix(palette[1], (0.8, 0.85, 1), 0.5))
    low.pixels[:] = low.pixels / (1 + 0.55 * low.pixels)  # what is bright keeps its colour
    canvas.pixels[:] = np.clip(canvas.fit(low.pixels), 0, 1)
    _star_dust(stage, across)
    stage.reached(0.65)
    paint_stars(canvas, stage.light, stage.noise("stars"), top=2.0)
    paint_stars(canvas, stage.light, stage.noise("stars2"), top=2.0)
    if stage.spec.get("planet", True):
        _planet(stage, palette)
    stage.notes["void"] = True


def _star_dust(stage: Stage, across: Field) -> None:
    """Strew the far stars, most of them along the band, and a few near ones with their glow."""
    canvas = stage.canvas
    points = np.zeros((canvas.height, canvas.width), np.float32)
    near = np.zeros_like(points)
    for part, dx, dy in stage.chunks(3.0, -1.5, 1.5, -0.25):
        rng = stage.rng("stardust" + part)
        x, y = rng.random(STARS) * 3.0 - 1.5 + dx, rng.random(STARS) * 1.5 - 0.25 + dy
        power, roll = 0.10 + 0.9 * rng.random(STARS) ** 7, rng.random(STARS)
        column = ((x - canvas.left) * canvas.unit).astype(np.int64)
        row = ((y - canvas.top) * canvas.unit).astype(np.int64)
        seen = (column >= 0) & (column < canvas.width) & (row >= 0) & (row < canvas.height)
        column, row, power, roll = column[seen], row[seen], power[seen], roll[seen]
        tall, wide = across.shape
        lane = across[row * tall // canvas.height, column * wide // canvas.width]
        kept = roll < 0.22 + 0.78 * np.exp(-((lane / 0.3) ** 2))
        points[row[kept], column[kept]] = power[kept]
        bright = kept & (power > 0.9)
        near[row[bright], column[bright]] = 1.0
    size = 0.0009 * canvas.unit  # a star is as large in the picture at every size
    light = 2 * blur(points, size) * max(1.0, 5.0 * size * size)
    halo = 0.4 * blur(near, 0.004 * canvas.unit) * (0.01 * canvas.unit) ** 2
    canvas.pixels += (light + halo)[..., None] * vec((0.90, 0.94, 1.0))


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
    stamp(canvas, pressed(thin, 0), x, y + radius / 0.8, radius * 2 / 0.8)


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
