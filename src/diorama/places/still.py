"""Still water: lakes, rivers and ice, which lie level in the hollows of a relief.

The surface is a plane at the height `water` of the place's table. Where it is nearer than the
ground it hides, it is seen, and in it the picture above the far shore, upside down. Ripples bend
the mirrored rays, the more the nearer they are.
"""

from __future__ import annotations

import cv2
import numpy as np

from diorama.canvas import Canvas, mix, rgb, vec
from diorama.noise import Field, fbm, smoothstep, warped
from diorama.sky import sun_height
from diorama.stage import Stage


def lay_water(stage: Stage, low: Canvas) -> None:
    """Fill the hollows of the ground with water or ice; `low` is the canvas of the relief.

    The note "wet" keeps where the water is open, for what moves.
    """
    canvas, relief = stage.canvas, stage.ground()
    part = canvas.band(round((low.top - canvas.top) * canvas.unit), canvas.height)
    x, y = low.grid()
    below = np.maximum(y - stage.horizon, 1e-3)
    v = (relief.eye - float(stage.spec["water"])) / below
    edge = relief.v - v
    wet = smoothstep(0.0, 0.03, edge / v) * (y > stage.horizon + 0.002) * relief.seen
    if not wet.any():
        return
    u = x * v
    size = (low.width, low.height + round((low.top - canvas.top) * low.unit))
    picture = np.asarray(cv2.resize(canvas.pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    paint = _ice if stage.spec.get("ice") else _open
    colour = paint(stage, low, picture, wet, (x, y, u, v))
    shore = np.exp(-(((edge / v - 0.035) / 0.03) ** 2)) * wet * smoothstep(14, 3, v)
    colour = colour + (vec(stage.tone(0.8)) - colour) * (shore * 0.28)[..., None]
    haze = 1 - np.exp(-v * (0.006 + 0.03 * stage.light.mist))
    colour = colour + (vec(stage.haze()) - colour) * (haze * 0.8)[..., None]
    cover = np.clip(part.fit(np.asarray(wet, np.float32)), 0, 1)
    part.blend(part.fit(np.asarray(colour, np.float32)), cover)
    if not stage.spec.get("ice"):
        stage.notes["wet"] = cover


def _mirrored(low: Canvas, picture: Field, wet: Field, x: Field, y: Field, bend: Field) -> Field:
    """Return what each pixel mirrors: the picture turned over at the far shore of its column."""
    rows = np.arange(low.height, dtype=np.float32)[:, None]
    first = np.where(wet > 0.5, rows, low.height).min(axis=0)
    first = np.where(first >= low.height, np.median(first), first).astype(np.float32)
    first = cv2.GaussianBlur(first[None, :], (0, 0), 0.02 * low.unit + 0.5)
    above = picture.shape[0] - low.height  # rows of the picture over the ground's canvas
    my = above + 2 * first - rows - 1 + bend * low.unit
    mx = (x - low.left) * low.unit + 0.25 * bend * low.unit
    out = cv2.remap(
        picture, np.asarray(mx, np.float32), np.asarray(np.abs(my), np.float32),
        cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    return np.asarray(cv2.GaussianBlur(out, (0, 0), 0.3 + 0.0012 * low.unit), np.float32)


def _open(
    stage: Stage, low: Canvas, picture: Field, wet: Field, at: tuple[Field, Field, Field, Field]
) -> Field:
    x, y, u, v = at
    light = stage.light
    wind = float(stage.spec.get("wind", 0.5)) + 0.8 * stage.storm
    fine = fbm(u * 0.55, v * 1.5, stage.noise("ripple"), gain=0.62)
    long = fbm(u * 0.16, v * 0.55, stage.noise("ripple2"))
    near = smoothstep(5.0, 1.0, v)
    bend = (0.004 + 0.030 * near) * (fine + 0.7 * long) * (0.25 + wind)
    mirror = _mirrored(low, picture, wet, x, y, bend)
    deep = vec(stage.colour("deep", "#12434f")) * vec(stage.tone(0.62))
    glance = np.clip(0.93 - 0.50 * near**1.3 - 0.16 * fine * near, 0.2, 0.95)
    colour = deep + (mirror * 0.96 - deep) * glance[..., None]
    # the wind roughens bands of the surface, which then mirror the sky above and not the shore
    band = smoothstep(0.12, 0.5, fbm(u * 0.03, v * 0.16 + 0.2, stage.noise("streak"))) * wind
    sky = vec(mix(rgb(light.middle), rgb(light.horizon), 0.55)) * (0.5 if light.moon else 0.92)
    colour = colour + (sky - colour) * (band * 0.4 * (1 - 0.45 * near))[..., None]
    away = np.abs(x - light.azimuth) / (0.05 + 0.16 * (y - stage.horizon))
    spark = smoothstep(0.05, 0.5, fine + 0.5 * long) * np.exp(-(away**2))
    low_sun = smoothstep(0.75, 0.2, light.elevation) if not light.moon else 0.7
    spark = spark * float(low_sun) * light.key * (1 - 0.6 * stage.storm)
    if "fog" in stage.scene.weather:
        spark = spark * 0.3
    colour = colour * (1 + 0.10 * fine * near)[..., None]
    return np.asarray(colour + (0.7 * spark)[..., None] * vec(rgb(light.sun)), np.float32)


def _ice(
    stage: Stage, low: Canvas, picture: Field, wet: Field, at: tuple[Field, Field, Field, Field]
) -> Field:
    x, y, u, v = at
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.006 * low.unit + 0.3)
    mirror = _mirrored(low, np.asarray(blurred, np.float32), wet, x, y, np.zeros_like(x))
    cloudy = warped(u * 0.12, v * 0.16, stage.noise("ice"), 0.1)
    clear, frosted = vec((0.30, 0.52, 0.62)), vec((0.74, 0.85, 0.93))
    body = clear + (frosted - clear) * np.clip(0.42 + 0.6 * cloudy, 0, 1)[..., None]
    colour = body * vec(stage.tone(0.62))
    glance = np.clip(0.62 - 0.34 * smoothstep(9, 1.2, v), 0, 1)
    colour = colour + (mirror - colour) * glance[..., None]
    cracks = np.zeros_like(x)
    for k, scale in enumerate((0.10, 0.23)):
        bend = 0.25 * fbm(u * 0.4, v * 0.4, 71 + k)
        line = fbm(u * scale + bend * 0.1, v * scale, stage.noise(f"crack{k}"), gain=0.45)
        wide = 0.012 + 0.004 * v
        cracks = np.maximum(cracks, smoothstep(wide, wide * 0.2, np.abs(line)) / (1 + k))
    pale = vec(stage.frost()) * 1.05
    colour = colour + (pale - colour) * (cracks * 0.75 * smoothstep(16, 3, v))[..., None]
    blown = smoothstep(0.05, 0.42, warped(u * 0.09 + 0.3, v * 0.2, stage.noise("blown"), 0.14))
    colour = colour + (pale * 0.96 - colour) * (blown * 0.8)[..., None]
    height = np.abs(y - sun_height(stage.light, stage.horizon))
    glow = np.exp(-(((x - stage.light.azimuth) / 0.14) ** 2)) * np.exp(-height / 0.9)
    shine = (0.22 * glow * stage.light.key * (1 - blown))[..., None]
    return np.asarray(colour + shine * vec(rgb(stage.light.sun)), np.float32)
