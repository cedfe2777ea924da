"""A street that runs away between house fronts, with its road, lamps and trees."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diorama import flora
from diorama.canvas import blur, mix, vec
from diorama.noise import Field, fbm, smoothstep
from diorama.stage import Stage

from .facades import hashed, house_fronts
from .growth import leafage
from .land import canvas_copy, paint_weather_sky
from .town import far_town

LIMIT = 1100
ROW = 1024
FAR = 720  # the town at the street's end is small and in haze
LOTS = 2.6  # how many houses stand along a distance that grows e times


def street(stage: Stage) -> None:
    """Paint a street with house fronts on both sides, a road that mirrors when wet, and lamps."""
    stage.notes["cover"] = 0.5
    paint_weather_sky(stage)
    canvas, light = stage.canvas, stage.light
    far_town(stage, 2, stage.horizon + 0.01, 0.9, FAR)
    stage.reached(0.4)
    low = canvas.small(LIMIT)
    x, y = low.grid()
    vx = 0.1 * (float(stage.rng("vanish").random()) - 0.5) * 2
    h, eye, wide = stage.horizon, 0.34, 0.62
    dx = x - vx
    side = np.sign(dx)
    z = wide / np.maximum(np.abs(dx), 1e-3)
    level = eye + (h - y) * z
    run = np.log(z + 0.05) * LOTS
    lot = np.floor(run) + side * 40
    along = run - np.floor(run)
    tall = 1.5 + 2.0 * hashed(lot, lot * 0 + 3, stage.noise("lots")) ** 1.4
    night = light.moon or light.time in ("dusk",)
    power = 1.0 if night else 0.5 if stage.storm else 0.32
    on_wall = smoothstep(-0.004, 0.004, (tall - level) / z) * smoothstep(-0.002, 0.002, level / z)
    seen, parts = _gathered(on_wall > 0, lot, along, level, tall, side, z)
    lot, along, level, tall, side, z = parts
    diffuse: Field = np.where(side * (light.azimuth - vx) > 0, 0.18, 0.62).astype(np.float32)
    if light.elevation > 0.4 and not night:  # the roofs opposite shade the lower floors
        diffuse = np.asarray(diffuse * (0.55 + 0.45 * smoothstep(0.5, 1.5, level)), np.float32)
    front = house_fronts(stage, lot, along, level, tall, diffuse)
    front = front * (0.80 + 0.20 * smoothstep(0.0, 0.12, level))[..., None]
    haze = (1 - np.exp(-np.maximum(z - 1, 0) * (0.05 + 0.10 * light.mist)))[..., None]
    front = front + (vec(stage.haze()) - front) * haze
    wall = np.zeros((on_wall.size, 3), np.float32)
    wall[seen] = front.reshape(-1, 3)[: seen.size]
    wall = wall.reshape(*on_wall.shape, 3)
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(np.asarray(wall, np.float32), np.asarray(on_wall, np.float32))
    canvas.pixels[:] = canvas.fit(low.pixels)
    stage.reached(0.7)
    _road(stage, vx, wide, eye, power)
    stage.reached(0.9)
    _street_lamps(
        stage, vx, power if (night or stage.storm) and not stage.spec.get("wild") else 0.0
    )
    _trees(stage, vx)


def _gathered(where: Field, *fields: Field) -> tuple[NDArray[np.int64], list[Field]]:
    """Return the indices at which a mask holds, and the fields there, as rows of a smaller field.

    Less than half of the picture is wall, and each pixel of a wall costs much.
    """
    seen = np.flatnonzero(where)
    padded = np.resize(seen, (max(1, -(-seen.size // ROW)), ROW)) if seen.size else [[0] * ROW]
    return seen, [np.ascontiguousarray(field.ravel()[padded], np.float32) for field in fields]


def _trees(stage: Stage, vx: float) -> None:
    """Plant young trees along both pavements, far ones first."""
    worn = bool(stage.spec.get("leafless")) or stage.snow
    for k, z in enumerate((6.4, 3.9, 2.5)):
        for side in (-1, 1):
            pick = (k + (side > 0)) % 3
            green = leafage(stage, "broad", "#5d8a45", pick)
            image = flora.bare(pick) if worn else flora.broad(pick, green)
            x, foot = vx + side * 0.50 / z, stage.horizon + 0.34 / z
            flora.stamp(
                stage.canvas, image, x, foot, 0.62 / z, flip=stage.light.azimuth > 0,
                tone=stage.tone(0.5), haze=stage.haze(), fog=min(0.8, stage.fog(z * 0.7)),
            )  # fmt: skip


def _road(stage: Stage, vx: float, wide: float, eye: float, power: float) -> None:
    canvas, h = stage.canvas, stage.horizon
    part = canvas.rows(h - 0.004, 1e9)
    low = part.small(LIMIT)
    x, y = low.grid()
    z = eye / np.maximum(y - h, 1e-3)
    u = (x - vx) * z
    road = smoothstep(-0.001, 0.003, y - h) * smoothstep(wide + 0.004, wide - 0.004, np.abs(u))
    grain = fbm(u * 1.2, z * 1.2, stage.noise("road"), gain=0.75) * smoothstep(6, 1, z)
    asphalt = vec((0.27, 0.27, 0.30)) * (1 + 0.25 * grain)[..., None]
    walk = vec((0.52, 0.50, 0.49)) * (1 + 0.12 * grain)[..., None]
    tiles = smoothstep(0.04, 0.02, np.abs(z * 2.5 - np.round(z * 2.5))) * smoothstep(5, 2, z)
    kerb = smoothstep(wide * 0.68 - 0.01, wide * 0.68, np.abs(u))
    base = asphalt + (walk * (1 - 0.25 * tiles)[..., None] - asphalt) * kerb[..., None]
    dash = smoothstep(0.016, 0.011, np.abs(u)) * (np.sin(z * 5.0) > 0) * smoothstep(7, 3, z)
    base = base + (vec((0.85, 0.82, 0.72)) - base) * (dash * 0.8)[..., None]
    colour = stage.lit(np.asarray(base, np.float32), np.full_like(x, 0.5))
    wet = 0.62 if stage.storm else 0.34 if stage.light.moon else 0.10
    size = (low.width, low.height + round((low.top - canvas.top) * low.unit))
    picture = cv2.resize(canvas.pixels, size, interpolation=cv2.INTER_AREA)
    wobble = fbm(u * 0.8, z * 0.5, stage.noise("puddle"), gain=0.6)
    my = ((2 * h - y + 0.015 * wobble) - canvas.top) * low.unit
    mx = (x - low.left + 0.012 * wobble) * low.unit
    mirror = cv2.remap(
        picture,
        mx.astype(np.float32),
        my.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mirror = np.asarray(
        cv2.GaussianBlur(mirror, (0, 0), sigmaX=0.004 * low.unit, sigmaY=0.02 * low.unit),
        np.float32,
    )
    puddle = np.clip(wet * (0.65 + 0.9 * wobble), 0, 0.85) * (1 - 0.4 * kerb)
    colour = colour + (mirror * 0.95 - colour) * puddle[..., None]
    haze = (1 - np.exp(-np.maximum(z - 1, 0) * (0.05 + 0.10 * stage.light.mist)))[..., None]
    colour = colour + (vec(stage.haze()) - colour) * haze
    part.blend(
        part.fit(np.asarray(colour, np.float32)),
        np.clip(part.fit(np.asarray(road, np.float32)), 0, 1),
    )


def _street_lamps(stage: Stage, vx: float, power: float) -> None:
    canvas = stage.canvas
    glow = np.zeros((canvas.height, canvas.width), np.float32)
    for z in (4.6, 3.1, 2.1, 1.45):
        for side in (-1, 1):
            x = vx + side * 0.44 / z
            foot, top = stage.horizon + 0.34 / z, stage.horizon + (0.34 - 0.72) / z
            a, b = canvas.to_px(x, foot), canvas.to_px(x, top)
            tone = mix((0.09, 0.09, 0.11), stage.haze(), min(0.7, 0.1 * z))
            width = max(1, round(0.008 / z * canvas.unit))
            cv2.line(
                canvas.pixels,
                (round(a[0]), round(a[1])),
                (round(b[0]), round(b[1])),
                tone,
                width,
                cv2.LINE_AA,
            )
            radius = max(1, round(0.022 / z * canvas.unit))
            cv2.circle(
                canvas.pixels,
                (round(b[0]), round(b[1])),
                radius,
                mix((0.75, 0.73, 0.68), (1.2, 1.05, 0.75), min(1.0, power)),
                -1,
                cv2.LINE_AA,
            )
            cv2.circle(glow, (round(b[0]), round(b[1])), radius, 1.0, -1, cv2.LINE_AA)
    if power > 0:
        halo = blur(glow, 0.02 * canvas.unit) * 1.6 + blur(glow, 0.07 * canvas.unit) * 3.0
        canvas.glow((1.0, 0.80, 0.48), np.asarray(halo * power, np.float32))


def street_front(stage: Stage) -> None:
    """Nothing stands before the street's things."""
