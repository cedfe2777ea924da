"""Open country: mountains, meadows, deserts, snow, moons and planets, from one table of heights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from diorama import undergrowth
from diorama.canvas import Canvas, Colour, mix, rgb, vec
from diorama.lens import linger
from diorama.noise import TILE, Field, fbm, generator, sample, smoothstep
from diorama.relief import Relief, look, skyline, soften
from diorama.sky import paint_aurora, paint_lightning, paint_sky
from diorama.stage import Stage

from .ground import albedo
from .growth import grow
from .still import lay_water

LIMIT = 1100
# rows of grass before the eye: foot, height, density, key light, blur
ROWS = (
    (0.955, 0.070, 1.0, 0.64, 0.0),
    (1.005, 0.120, 0.9, 0.58, 0.0),
    (1.075, 0.190, 0.6, 0.42, 0.0022),
)
AURORA = ("#4dff9e", "#35d0c8", "#a86bff")


@lru_cache(maxsize=4)
def crater_tile(seed: int) -> Field:
    """Return a periodic height tile (TILE, TILE) of craters with raised rims."""
    rng = generator("crater", seed)
    line = np.arange(TILE, dtype=np.float32) / TILE
    out = np.zeros((TILE, TILE), np.float32)
    for _ in range(90):
        radius = 0.006 + 0.075 * float(rng.random()) ** 4
        dx, dy = np.abs(line - float(rng.random())), np.abs(line - float(rng.random()))
        dx, dy = np.minimum(dx, 1 - dx), np.minimum(dy, 1 - dy)
        columns, rows = np.flatnonzero(dx < 3 * radius), np.flatnonzero(dy < 3 * radius)
        d = np.hypot(dx[columns][None, :], dy[rows][:, None]) / radius
        bowl = np.where(d < 1, -0.75 + 0.95 * d**2.5, 0.2 * np.exp(-(d - 1) * 3.2))
        out[np.ix_(rows, columns)] += np.where(d < 3, bowl, 0) * radius * 9
    return out


def height_of(stage: Stage) -> Any:
    """Return the height function of the place's table: a sum of its layers."""
    layers = stage.spec.get("heights", [])
    shift = (stage.noise("ground") % 997) / 997
    peak = peak_of(stage)

    def height(u: Field, v: Field) -> Field:
        total = np.zeros_like(u)
        for index, layer in enumerate(layers):
            kind, scale, tall, near, far = layer
            seed = (stage.noise("ground") + index * 131) & 0xFFFF
            a = u * scale + shift + 0.31 * index
            b = v * scale + shift * 1.7 + 0.17 * index
            if kind == "ridged":
                value = fbm(a, b, seed, gain=0.44, ridged=True)
            elif kind == "dune":
                value = dune(u, v, scale, fbm(a * 0.45, b * 0.3, seed, gain=0.12))
            elif kind == "mesa":
                raw = fbm(a, b, seed, gain=0.42)
                value = smoothstep(0.1, 0.32, raw) * (0.85 + 0.3 * raw)
            elif kind == "crater":
                value = sample(crater_tile(seed % 7), a, b)
            elif kind in ("basin", "channel", "headland", "cone"):
                aside = peak if kind == "cone" else 0.0
                total += tall * _cut(kind, fbm(a, b, seed, gain=0.5), u - aside, v, near, far)
                continue
            else:
                value = fbm(a, b, seed, gain=0.36)
            total += tall * value * (smoothstep(near, far, v) if far > near else 1.0)
        return np.asarray(total, np.float32)

    return height


def dune(u: Field, v: Field, scale: float, rough: Field) -> Field:
    """Return rows of dunes (0..1): a long slope to windward, a crest, a short slope behind it."""
    row = (v + 0.3 * u) * scale * 3.4 + 1.1 * rough
    part = row - np.floor(row)
    rise, fall = part / 0.62, (1 - part) / 0.38
    rise, fall = rise * rise * (1.5 - 0.5 * rise), fall * (1.5 - 0.5 * fall)
    # the crest is a little round: a sharp one, seen from afar, falls between two slices
    share = np.clip(0.5 + 2.0 * (fall - rise), 0, 1)
    slope = fall + (rise - fall) * share - 0.25 * share * (1 - share)
    return np.asarray(slope * np.clip(0.5 + 0.55 * rough, 0.1, 1), np.float32)


def peak_of(stage: Stage) -> float:
    """Return how far aside (u) a cone of the place stands: on the light's other side."""
    away = -np.sign(stage.light.azimuth or 1.0) * min(stage.half, 0.9)
    return float(away * 17.0 * (0.25 + 0.3 * float(stage.rng("peak").random())))


def _cut(kind: str, rough: Field, u: Field, v: Field, near: float, far: float) -> Field:
    """Return where a layer cuts into the ground (0..1): a basin, a channel, a headland at a side.

    A basin lies between two distances. A channel winds away from the eye, `near` wide, to `far`. A
    headland rises beyond `near` world units aside, on the side of the sign of `far`. A cone stands
    at the distance `near`, `far` wide, with a crater at its top.
    """
    if kind == "basin":
        away = v * (1 + 0.3 * rough * smoothstep(0.8, 5.0, v))  # the bank before the eye is calm
        return smoothstep(near * 0.86, near * 1.14, away) * smoothstep(far * 1.12, far * 0.9, away)
    if kind == "channel":
        middle = 0.55 * np.sin(v * 0.55 + 1.2) * np.sqrt(v) + 0.5 * rough * np.sqrt(v)
        across = np.abs(u - middle) / (near * (0.75 + 0.11 * v))
        return smoothstep(1.25, 0.72, across) * smoothstep(far * 1.1, far * 0.8, v)
    if kind == "cone":
        away = np.hypot(u, v - near) / far * (1 + 0.10 * rough)
        slope = np.clip(1 - away, 0, 1)
        return np.asarray(slope**1.7 - 1.6 * np.clip(slope - 0.86, 0, 1), np.float32)
    side = u / np.maximum(v, 0.1) * np.sign(far)
    return smoothstep(near, near + 0.28, side + 0.16 * rough) * smoothstep(1.2, 2.4, v)


def cover_of_clouds(stage: Stage) -> float:
    """Return the share of the sky that clouds take in this place and weather (0..1)."""
    if "clear" in stage.scene.weather:
        return 0.08
    if stage.storm:
        return 0.95 if stage.storm > 0.6 else 0.85
    return float(stage.notes.get("cover", stage.spec.get("cover", 0.45)))


def bolt_of(stage: Stage) -> float | None:
    """Return the world x at which lightning strikes, away from the light, or None."""
    if stage.storm <= 0.6:
        return None
    side = -1 if stage.light.azimuth > 0 else 1
    return side * stage.half * (0.35 + 0.45 * float(stage.rng("bolt").random()))


def paint_weather_sky(stage: Stage) -> None:
    """Paint the sky of the scene with its clouds, aurora and lightning."""
    apart: Callable[[Stage], None] | None = stage.notes.get("sky")
    if apart is not None:  # whoever unfolds the picture into layers paints the sky by itself
        apart(stage)
        return
    cover = cover_of_clouds(stage)
    seed, frames = stage.noise("sky"), stage.frames
    paint_sky(stage.canvas, stage.light, stage.horizon, seed, cover, stage.storm, frames)
    stage.reached(0.25)
    if "aurora" in stage.scene.weather:
        paint_aurora(stage.canvas, stage.horizon, stage.noise("aurora"), AURORA)
    x = bolt_of(stage)
    if x is not None:
        stage.notes["bolt"] = x
        paint_lightning(stage.canvas, stage.horizon, stage.noise("bolt"), "#b9c8ff", x)
    linger(stage)


def back(stage: Stage) -> None:
    """Paint sky, ground and everything that grows on it behind the things."""
    paint_weather_sky(stage)
    eye, height = float(stage.spec.get("eye", 0.5)), height_of(stage)
    top = skyline(stage.canvas, height, stage.horizon, eye)
    part = replace(stage, canvas=stage.canvas.rows(top, 1e9))
    low = part.canvas.small(LIMIT)
    relief = look(low, height, horizon=stage.horizon, eye=eye)
    stage.reached(0.5)
    stage.relief = relief
    light = stage.light
    azimuth = float(np.clip(light.azimuth * 2.2, -1.4, 1.4))
    diffuse = relief.diffuse(azimuth, light.elevation, ahead=0.3)
    diffuse *= 1 - 0.85 * relief.shadow(azimuth, light.elevation)
    bare = albedo(stage)
    stage.reached(0.65)
    colour = stage.lit(bare, diffuse)
    white = stage.notes.pop("white", None)
    if white is not None:
        blown = fbm(relief.u * 0.30, relief.v * 0.85, stage.noise("blown"), gain=0.62)
        blown = blown * smoothstep(18, 2, relief.v)
        frost = vec(stage.frost()) * (0.50 + 0.30 * diffuse + 0.07 * blown)[..., None]
        frost += vec(rgb(light.sun)) * (0.20 * light.key * diffuse**2)[..., None]
        colour += (frost - colour) * (white * (0.8 if stage.snow else 0.6))[..., None]
    glitter = float(stage.spec.get("glitter", 0.0))
    if stage.snow or glitter:
        fine = fbm(relief.u * 6.1, relief.v * 6.1, 17)
        colour += (smoothstep(0.75, 1.1, fine) * diffuse * 0.25 * smoothstep(4, 1, relief.v))[
            ..., None
        ]
    if "lava" in stage.spec:
        colour += _lava(stage, relief)
    density = 0.010 + 0.075 * light.mist * float(stage.spec.get("haze", 1.0))
    haze = 1 - np.exp(-np.maximum(relief.v - 0.6, 0) * density)
    sky_side = np.exp(-(((relief.u / relief.v - light.azimuth) / 0.7) ** 2)) * (
        0 if light.moon else 0.5
    )
    far = (
        vec(rgb(light.haze))
        + (vec(rgb(light.horizon)) - vec(rgb(light.haze))) * sky_side[..., None]
    )
    colour += (far - colour) * haze[..., None]
    lay(part, low, relief, colour)
    grow(stage, "woods")
    if "water" in stage.spec:
        lay_water(stage, low)
    stage.reached(0.78)
    grow(stage)


def _lava(stage: Stage, relief: Relief) -> Field:
    """Return the light of lava (h, w, 3): in cracks of low ground, in streams down the slopes."""
    u, v = relief.u, relief.v
    crack = fbm(u * 0.13, v * 0.13, stage.noise("crack"), gain=0.5)
    wide = 0.030 + 0.05 * smoothstep(0.25, -0.1, relief.level)
    glow = smoothstep(wide, wide * 0.15, np.abs(crack)) * smoothstep(1.3, 0.1, relief.level)
    slope = np.hypot(u - peak_of(stage), v - 17.0) / 9.5
    turn = np.arctan2(u - peak_of(stage), 17.0 - v)
    stream = np.abs(np.sin(turn * 2.5 + 1.2 * crack))
    run = smoothstep(0.16, 0.02, stream) * smoothstep(0.95, 0.15, slope) * (slope < 1)
    mouth = smoothstep(0.17, 0.08, slope)
    heat = np.clip(np.maximum(glow, run) + mouth, 0, 1)
    crust = 0.55 + 0.6 * fbm(u * 0.6, v * 0.6, stage.noise("crust"), gain=0.7)
    heat = heat * np.clip(crust + mouth, 0.25, 1.2)
    tone = vec((1.25, 0.36, 0.07)) + np.clip(heat - 0.55, 0, 1)[..., None] * vec((0.3, 0.9, 0.5))
    return np.asarray(heat[..., None] * tone * 1.15, np.float32)


def lay(stage: Stage, low: Canvas, relief: Relief, colour: Field) -> None:
    """Lay a relief, painted on a smaller canvas, over the stage, its far edges softened."""
    canvas = stage.canvas
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(colour, relief.seen)
    soften(low, relief, low.pixels)
    if low.width == canvas.width:
        canvas.pixels[:] = low.pixels
    else:
        canvas.blend(canvas.fit(low.pixels), np.clip(canvas.fit(relief.seen), 0, 1))


def canvas_copy(stage: Stage, low: Any) -> Field:
    """Return the painted picture at the size of a smaller canvas."""
    import cv2

    if low.width == stage.canvas.width:
        return stage.canvas.pixels
    size = (low.width, low.height)
    return np.asarray(
        cv2.resize(stage.canvas.pixels, size, interpolation=cv2.INTER_AREA), np.float32
    )


def front(stage: Stage) -> None:
    """Grow grass, flowers or drifts before the things, at the lower edge."""
    kind = str(stage.spec.get("front", ""))
    if stage.snow or kind == "drift":
        drift(stage, (0.90, 0.93, 0.98) if stage.snow else stage.colour("ground2", "#c9a36a"))
        return
    if kind in ("grass", "flowers"):
        greens = stage.spec.get("blades", ["#4d7a2a", "#6b9a35", "#8db24a"])
        blooms = stage.spec.get("flowers", []) if kind == "flowers" else []
        border(stage, greens, blooms)


def border(stage: Stage, greens: list[str], blooms: list[str]) -> None:
    """Stand grass along the lower edge: rows ever nearer, darker and softer before the eye."""
    wild = 1 + 0.6 * float(stage.spec.get("wild", 0.0))
    for row, (y, tall, dense, key, soft) in enumerate(ROWS):
        tone = mix(stage.tone(key), (0, 0, 0), 0.10 * row)
        undergrowth.grass(
            stage.canvas, stage.noise(f"grass{row}"), y, tall * wild, greens, tone,
            dense=dense, flowers=blooms if row < 2 else (), soft=soft,
        )  # fmt: skip


def drift(stage: Stage, colour: Colour) -> None:
    """Lay a soft bank along the lower edge, out of focus, in the ground's colour."""
    from diorama.noise import profile

    canvas = stage.canvas
    top = 0.965 + 0.022 * profile(canvas.xs() * 1.6 + 7, stage.noise("drift"), octaves=3)
    y = canvas.ys()[:, None]
    depth = y - top[None, :]
    # below the first frame the bank runs out into the ground it lies on
    alpha = smoothstep(-0.008, 0.012, depth) * smoothstep(0.18, 0.035, depth)
    shade = np.clip((0.75 if stage.snow else 0.95) - np.minimum(depth, 0.035) * 2.2, 0.35, 1)
    tone = vec(stage.frost()) * 1.05 if stage.snow else vec(stage.tone(0.55)) * vec(colour)
    canvas.blend(np.asarray(shade[..., None] * tone, np.float32), np.asarray(alpha, np.float32))
