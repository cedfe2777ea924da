"""Water seen from above: the open sea from calm to storm, and the beach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diorama import flora
from diorama.canvas import mix, rgb, vec
from diorama.noise import fbm, profile, smoothstep
from diorama.relief import look
from diorama.rocks import rock
from diorama.stage import Stage

from . import waves
from .ground import albedo
from .growth import grow, veil
from .land import canvas_copy, drift, height_of, lay, paint_weather_sky

WORK = 900  # water is soft: a little less than the picture saves a fifth of the memory


def swell_of(stage: Stage) -> float:
    """Return how high the sea goes in this weather (0 calm .. 1 storm)."""
    return max(
        float(stage.spec.get("swell", 0.12)), 0.95 * (stage.storm > 0.6), 0.4 * (stage.storm > 0)
    )


def sea(stage: Stage, shore: float = 1e9) -> None:
    """Paint sky and open sea, with far islands when the place has them; down to a shore, if any."""
    paint_weather_sky(stage)
    if float(stage.rng("coast").random()) < float(stage.spec.get("coast", 0.0)):
        _coast(stage)
    part = replace(stage, canvas=stage.canvas.rows(stage.horizon - 0.02, shore))
    low = part.canvas.small(WORK)
    surface = waves.Waves.of(stage, swell_of(stage))
    relief = look(low, surface.height, horizon=stage.horizon, eye=waves.EYE, far=60, grain=0.006)
    stage.reached(0.5)
    stage.relief = relief
    colour = waves.shade(stage, relief, surface)
    stage.reached(0.85)
    lay(part, low, relief, colour)
    stage.notes["water"] = True


def _coast(stage: Stage) -> None:
    canvas = stage.canvas
    for k in range(3):
        shore = 0.03 + 0.05 * (2 - k) / 2
        line = stage.horizon - shore * np.clip(
            profile(canvas.xs() * 1.1 + 3 * k, stage.noise(f"coast{k}"), octaves=5) + 0.25, 0, 2
        )
        alpha = smoothstep(
            -1.2 / canvas.unit, 1.2 / canvas.unit, canvas.ys()[:, None] - line[None, :]
        )
        tone = mix(mix(rgb("#31464a"), stage.haze(), 0.72 - 0.16 * k), stage.tone(), 0.1)
        canvas.blend(vec(tone), np.asarray(alpha, np.float32))


def sea_front(stage: Stage) -> None:
    """Spray over the lower edge in heavy weather."""
    if stage.storm <= 0.6:
        return
    canvas = stage.canvas
    low = canvas.small(640)
    x, y = low.grid()
    mist = smoothstep(0.1, 0.9, fbm(x * 0.5, y * 0.9, stage.noise("spray"))) * smoothstep(
        0.72, 1.05, y
    )
    canvas.blend(
        vec(mix(stage.haze(), stage.tone(), 0.5)), canvas.fit(np.asarray(mist * 0.3, np.float32))
    )


def beach(stage: Stage) -> None:
    """Paint the sea, a line of surf and the sand before it."""
    shore = float(stage.spec.get("shore", 0.66))
    tilt = 0.035 * max(abs(stage.canvas.left), abs(stage.canvas.right))
    sea(stage, shore + tilt + 0.03)
    if "cliffs" in stage.spec:
        _headland(stage, shore + tilt + 0.03)
    whole, canvas = stage.canvas, stage.canvas.rows(shore - tilt - 0.16, 1e9)
    stage.canvas = canvas
    low = canvas.small(WORK)
    relief = look(low, height_of(stage), horizon=stage.horizon, eye=0.42)
    stage.relief = relief
    diffuse = relief.diffuse(stage.light.azimuth * 2, stage.light.elevation, ahead=0.2)
    fine = fbm(relief.u * 1.3, relief.v * 1.3, stage.noise("sand"), gain=0.75)
    broad = fbm(relief.u * 0.1, relief.v * 0.1, stage.noise("broad"))
    first, second = vec(stage.colour("ground", "#d9b57c")), vec(stage.colour("ground2", "#f2dca8"))
    sand = first + (second - first) * np.clip(0.5 + 0.22 * fine + 0.4 * broad, 0, 1)[..., None]
    x, y = low.grid()
    edge = (
        shore
        + 0.022 * profile(x[0] * 1.5 + 4, stage.noise("shore"), octaves=4)[None, :]
        + 0.035 * x * (1 if stage.seed % 2 else -1)
    )
    away = y - edge
    wet = smoothstep(0.085, 0.0, away)
    grain = fbm(relief.u * 7, relief.v * 7, 29, gain=0.8)
    bend = fbm(relief.u * 0.25, relief.v * 0.25, stage.noise("wind"))
    ripple = np.sin((relief.v + 0.3 * relief.u) * 52 + bend * 7) * smoothstep(0.06, 0.16, away)
    ripple *= smoothstep(-0.2, 0.3, fbm(relief.u * 0.2, relief.v * 0.2, stage.noise("lull")))
    sand = sand * (0.82 + 0.10 * grain + 0.07 * ripple)[..., None] * (1 - 0.42 * wet)[..., None]
    colour = stage.lit(sand, diffuse)
    mirror = vec(mix(rgb(stage.light.horizon), rgb(stage.light.middle), 0.4))
    colour = colour + (mirror - colour) * (wet * 0.38)[..., None]
    lace = fbm(x * 1.2, y * 2.6, stage.noise("lace"), gain=0.7)
    front_line = np.exp(-(((away - 0.006 - 0.006 * lace) / 0.007) ** 2))
    second_line = (
        0.75 * np.exp(-(((away + 0.030 + 0.012 * lace) / 0.009) ** 2)) * smoothstep(-0.2, 0.3, lace)
    )
    thin = (
        smoothstep(0.0, -0.045, away)
        * smoothstep(-0.09, -0.03, away)
        * smoothstep(0.0, 0.4, lace)
        * 0.6
    )
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(colour, smoothstep(-0.004, 0.006, away))
    foam = np.clip(front_line + second_line + thin, 0, 1) * 0.92
    low.blend(vec(mix(stage.tone(0.85), (1, 1, 1), 0.3)), np.asarray(foam, np.float32))
    alpha = canvas.fit(smoothstep(-0.11, -0.09, away))
    canvas.blend(canvas.fit(low.pixels), np.clip(alpha, 0, 1))
    stage.notes["water"] = False
    stage.canvas = whole
    grow(stage)


def _headland(stage: Stage, shore: float) -> None:
    """Let a cliff stand out of the sea at one side, its foot in foam, with stacks before it."""
    part = replace(stage, canvas=stage.canvas.rows(-1e9, shore))
    canvas, low = part.canvas, part.canvas.small(WORK)
    heights = stage.spec["cliffs"]
    side = 1 if stage.noise("side") % 2 else -1
    spec = {**stage.spec, "heights": [[*row[:4], row[4] * side] for row in heights]}
    raise_up = height_of(replace(stage, spec=spec))
    relief = look(low, raise_up, horizon=stage.horizon, eye=waves.EYE, far=30)
    above = smoothstep(0.02, 0.06, relief.level) * relief.seen
    stage.relief = relief
    diffuse = relief.diffuse(stage.light.azimuth * 2, stage.light.elevation, ahead=0.2)
    diffuse *= 1 - 0.8 * relief.shadow(stage.light.azimuth * 2, stage.light.elevation)
    colour = stage.lit(albedo(stage), diffuse)
    foam = np.exp(-(((relief.level - 0.05) / 0.035) ** 2)) * above
    lace = smoothstep(-0.2, 0.5, fbm(relief.u * 0.7, relief.v * 0.7, stage.noise("lace"), gain=0.7))
    white = vec(mix(stage.tone(0.85), (1, 1, 1), 0.3))
    colour += (white - colour) * (foam * lace * 0.9)[..., None]
    haze = 1 - np.exp(-relief.v * (0.012 + 0.06 * stage.light.mist))
    colour += (vec(stage.haze()) - colour) * haze[..., None]
    low.pixels[:] = canvas_copy(part, low)
    low.blend(np.asarray(colour, np.float32), np.asarray(above, np.float32))
    cover = np.clip(canvas.fit(np.asarray(above, np.float32)), 0, 1)
    canvas.blend(canvas.fit(low.pixels), cover)
    _stacks(stage, side)


def _stacks(stage: Stage, side: int) -> None:
    """Stand rocks in the water near the cliff, foam round their feet."""
    rng = stage.rng("stacks")
    for k in range(5):
        v = 6.5 - 0.9 * k
        x = side * stage.half * (0.15 + 0.65 * float(rng.random()))
        y = stage.horizon + waves.EYE / v
        tall = (0.22 + 0.34 * float(rng.random())) / v
        code = str(stage.spec.get("rock", "#6d675f"))
        flora.stamp(
            stage.canvas, rock(k % 4, code), x, y + 0.02 / v, tall, flip=stage.light.azimuth > 0,
            tone=stage.tone(0.55), haze=stage.haze(), fog=min(0.8, veil(stage, v)),
        )  # fmt: skip
        around = stage.canvas.rows(y - 0.1 / v, y + 0.12 / v)
        low = around.small(WORK)
        gx, gy = low.grid()
        away = np.hypot((gx - x) / (tall * 0.95), (gy - y - 0.004) / (0.055 / v))
        torn = fbm(gx * 3, gy * 9, stage.noise("torn"), gain=0.7)
        foam = smoothstep(1.1, 0.55, away + 0.35 * torn) * smoothstep(0.1, 0.75, away) * 0.85
        foam = around.fit(np.asarray(foam, np.float32))
        around.blend(vec(mix(stage.tone(0.85), (1, 1, 1), 0.25)), np.clip(foam, 0, 1))


def beach_front(stage: Stage) -> None:
    """A soft bank of sand at the lower edge."""
    drift(stage, stage.colour("ground2", "#f2dca8"))
