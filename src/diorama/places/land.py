"""Open country: mountains, meadows, deserts, snow, moons and planets, from one table of heights."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from diorama import flora
from diorama.canvas import Canvas, Colour, mix, rgb, vec
from diorama.lens import linger
from diorama.noise import TILE, Field, fbm, generator, sample, smoothstep
from diorama.relief import Relief, look, soften
from diorama.sky import paint_aurora, paint_lightning, paint_sky
from diorama.stage import Stage

LIMIT = 1100
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
                value = fbm(a, b * 1.9, seed, gain=0.2, ridged=True)
            elif kind == "mesa":
                raw = fbm(a, b, seed, gain=0.42)
                value = smoothstep(0.1, 0.32, raw) * (0.85 + 0.3 * raw)
            elif kind == "crater":
                value = sample(crater_tile(seed % 7), a, b)
            else:
                value = fbm(a, b, seed, gain=0.36)
            total += tall * value * (smoothstep(near, far, v) if far > near else 1.0)
        return np.asarray(total, np.float32)

    return height


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
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    eye = float(stage.spec.get("eye", 0.5))
    relief = look(low, height_of(stage), horizon=stage.horizon, eye=eye)
    stage.reached(0.5)
    stage.relief = relief
    light = stage.light
    azimuth = float(np.clip(light.azimuth * 2.2, -1.4, 1.4))
    diffuse = relief.diffuse(azimuth, light.elevation, ahead=0.3)
    diffuse *= 1 - 0.85 * relief.shadow(azimuth, light.elevation)
    albedo = _albedo(stage)
    stage.reached(0.65)
    colour = stage.lit(albedo, diffuse)
    white = stage.notes.pop("white", None)
    if white is not None:
        frost = vec(stage.frost()) * (0.62 + 0.30 * diffuse)[..., None]
        frost += vec(rgb(light.sun)) * (0.24 * light.key * diffuse**2)[..., None]
        colour += (frost - colour) * (white * (0.8 if stage.snow else 0.6))[..., None]
    glitter = float(stage.spec.get("glitter", 0.0))
    if stage.snow or glitter:
        fine = fbm(relief.u * 6.1, relief.v * 6.1, 17)
        colour += (smoothstep(0.75, 1.1, fine) * diffuse * 0.25 * smoothstep(4, 1, relief.v))[
            ..., None
        ]
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
    lay(stage, low, relief, colour)
    stage.reached(0.78)
    grow(stage)


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


def _albedo(stage: Stage) -> Field:
    relief = stage.ground()
    u, v = relief.u, relief.v
    broad = fbm(u * 0.06, v * 0.06, stage.noise("patch"))
    fine = fbm(u * 0.9, v * 0.9, stage.noise("fine"), gain=0.7)
    fade = smoothstep(14, 3, v)
    mixed = np.clip(0.5 + 0.7 * broad + 0.55 * fine * fade, 0, 1)[..., None]
    first, second = vec(stage.colour("ground", "#4f7a2c")), vec(stage.colour("ground2", "#86a545"))
    tone = first + (second - first) * mixed
    rock = vec(stage.colour("rock", "#6b625c"))
    bare = smoothstep(0.86, 0.62, relief.ny + 0.12 * fine)
    if "treeline" in stage.spec:
        line = float(stage.spec["treeline"])
        bare = np.maximum(bare, smoothstep(line, line * 1.7, relief.level + 0.5 * broad))
    strata = 0.85 + 0.3 * fbm(u * 0.05, relief.level * 0.5 + 0.1 * broad, stage.noise("rock"))
    tone = tone + (rock * strata[..., None] - tone) * bare[..., None]
    snowline = float(stage.spec.get("snowline", 99))
    white = smoothstep(0.55, 0.78, relief.ny + 0.2 * fine) * smoothstep(
        snowline * 0.75, snowline * 1.15, relief.level + 0.7 * broad
    )
    if stage.snow:
        white = np.maximum(white, smoothstep(0.42, 0.7, relief.ny + 0.15 * fine))
    stage.notes["white"] = white
    snow = vec((0.90, 0.93, 0.98)) * (0.95 + 0.07 * broad)[..., None]
    return np.asarray(tone + (snow - tone) * white[..., None], np.float32)


def _spots(
    stage: Stage, name: str, count: int, near: float, far: float
) -> list[tuple[float, float, float]]:
    """Return (u, v, random) of scattered growth, far ones first."""
    found = []
    for part, dx, _ in stage.chunks(4.4, -2.2):
        rng = stage.rng(name + part)
        v = near + (far - near) * rng.random(count) ** 0.8
        x = rng.random(count) * 4.4 - 2.2 + dx
        found.append((v, x, rng.random(count)))
    v, x, roll = (np.concatenate(values) for values in zip(*found, strict=True))
    order = np.argsort(-v)
    return [(float(x[i] * v[i]), float(v[i]), float(roll[i])) for i in order]


def grow(stage: Stage) -> None:
    """Plant the trees and bushes of the place's table, far ones first."""
    relief = stage.ground()
    plans = stage.spec.get("trees", [])
    for order, plan in enumerate(plans):
        stage.reached(0.78 + 0.22 * order / len(plans))
        kind, count, near, far, tall = plan[:5]
        green = plan[5] if len(plan) > 5 else ""
        clear = float(plan[6]) if len(plan) > 6 else 0.3
        spots = _spots(stage, f"trees-{kind}-{far}", int(count), near, far)
        points = np.asarray(spots, np.float32)
        levels = relief.height(points[:, :1], points[:, 1:2])[:, 0]
        for (u, v, roll), level in zip(spots, levels, strict=True):
            x = u / v
            y = relief.horizon + (relief.eye - float(level)) / v
            if (
                abs(x - stage.notes.get("focus", 0.0)) < clear / max(v / near, 1) ** 0.5
                and v < far * 0.55
            ):
                continue
            if any(
                y > ry - 0.01 and abs(x - rx) < half
                for rx, ry, half in stage.notes.get("stands", [])
            ):
                continue
            height = tall * (0.75 + 0.5 * roll) / v
            if y - height > stage.canvas.bottom or height * stage.canvas.unit < 1.5:
                continue
            _tree(stage, kind, green, x, y, v, height, roll)


def _tree(
    stage: Stage, kind: str, green: str, x: float, y: float, v: float, tall: float, roll: float
) -> None:
    pick = (stage.noise("tree") + int(roll * 5)) % 8
    light = stage.light
    sun_side = np.exp(-(((x - light.azimuth) / 0.8) ** 2))
    tone: Colour = stage.tone(0.45 + 0.35 * (1 - sun_side) + 0.1 * roll)
    if stage.snow:
        tone = mix(tone, stage.frost(), 0.74)
    image = plant(kind, pick, season(stage, kind, green), stage.snow)
    flora.stamp(
        stage.canvas,
        image,
        x,
        y + tall * 0.02,
        tall,
        flip=light.azimuth > 0,
        tone=tone,
        haze=stage.haze(),
        fog=min(0.93, stage.fog(v * 1.25)),
    )


SEASONS = {"leaves": "#d9832b", "petals": "#ef9fbd"}


def season(stage: Stage, kind: str, green: str) -> str:
    """Return the colour of leaves in this weather: falling leaves and petals come from trees."""
    if kind not in ("broad", "bush"):
        return green
    return next((SEASONS[name] for name in stage.scene.weather if name in SEASONS), green)


def plant(kind: str, seed: int, green: str, snow: bool) -> Field:
    """Return the image of a plant by kind: pine, broad, palm, bare or bush."""
    if kind == "pine":
        return flora.pine(seed, snow, green or "#2f6b45")
    if kind == "palm":
        return flora.palm(seed)
    if kind == "bare":
        return flora.bare(seed)
    if kind == "bush":
        return flora.bush(seed, green or "#4d8a3c", "")
    if kind == "bloom":
        return flora.bush(seed, "#4d8a3c", green or "#f2a0b8")
    if snow:
        return flora.bare(seed)
    return flora.broad(seed, green or "#5d9440")


def front(stage: Stage) -> None:
    """Grow grass, flowers or drifts before the things, at the lower edge."""
    kind = str(stage.spec.get("front", ""))
    if stage.snow or kind == "drift":
        drift(stage, (0.90, 0.93, 0.98) if stage.snow else stage.colour("ground2", "#c9a36a"))
        return
    if kind in ("grass", "flowers"):
        tone = stage.tone(0.5)
        shade = mix(tone, (0, 0, 0), 0.12)
        greens = stage.spec.get("blades", ["#3f6b24", "#5a8a2f", "#79a63f"])
        blooms = stage.spec.get("flowers", []) if kind == "flowers" else []
        for row, (y, tall, count) in enumerate(
            ((0.965, 0.07, 340), (1.01, 0.10, 320), (1.07, 0.15, 240))
        ):
            flora.grass(
                stage.canvas,
                stage.noise(f"grass{row}"),
                y,
                tall,
                greens,
                shade,
                count=count,
                flowers=blooms,
            )


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
