"""Indoors: studio, room, kitchen, library, cave. Floor and wall meet at the horizon line."""

from __future__ import annotations

import cv2
import numpy as np

from diorama.canvas import Canvas, blur, mix, rgb, vec
from diorama.noise import fbm, profile, smoothstep
from diorama.relief import look
from diorama.stage import Stage

from .land import LIMIT, canvas_copy, height_of


def _palette(stage: Stage, index: int) -> tuple[float, float, float]:
    palette = stage.scene.palette
    return rgb(palette[index % len(palette)])


def _ambient(stage: Stage) -> tuple[float, float, float]:
    """Return the light of a room: warm lamps after dark, the sky's light by day."""
    if stage.light.moon:
        return (0.62, 0.46, 0.34)
    tone = mix(rgb(stage.light.ambient), rgb(stage.light.sun), 0.55)
    return mix(tone, (1, 1, 1), 0.66)


def _wall(stage: Stage, base: tuple[float, float, float]) -> Canvas:
    stage.inside = True
    canvas = stage.canvas
    low = canvas.small(900)
    x, y = low.grid()
    plaster = fbm(x * 0.7, y * 0.7, stage.noise("plaster"), gain=0.72)
    lamp = np.exp(-(((x - stage.light.azimuth) / 0.75) ** 2 + ((y - 0.2) / 0.6) ** 2))
    tone = vec(base) * vec(_ambient(stage))
    low.pixels[:] = tone * (0.62 + 0.46 * lamp + 0.035 * plaster)[..., None]
    return low


def _sunbeam(stage: Stage, low: Canvas, horizon: float) -> None:
    """Throw the shape of a window on the wall, and on to the floor."""
    if stage.light.moon and float(stage.rng("beam").random()) < 0.5:
        return
    x, y = low.grid()
    rng = stage.rng("window")
    left = stage.light.azimuth * 0.3 - 0.20 + 0.12 * float(rng.random())
    slant = 0.24 * (1 if stage.light.azimuth < 0 else -1)
    top = 0.08 + 0.08 * float(rng.random())
    px = x - left - slant * (y - top)
    py = y - top - 0.12 * px
    soft = 0.012
    patch = np.zeros_like(x)
    for column in range(2):
        for row in range(2):
            x0, y0 = column * 0.165, row * 0.19
            box = smoothstep(x0 - soft, x0 + soft, px) * smoothstep(
                x0 + 0.145 + soft, x0 + 0.145 - soft, px
            )
            patch += (
                box
                * smoothstep(y0 - soft, y0 + soft, py)
                * smoothstep(y0 + 0.17 + soft, y0 + 0.17 - soft, py)
            )
    leaf = fbm(x * 0.8, y * 0.8, stage.noise("leafshade"), gain=0.6)
    patch = (
        patch * np.clip(0.85 + 0.5 * leaf, 0.2, 1) * smoothstep(horizon + 0.001, horizon - 0.004, y)
    )
    low.glow(rgb(stage.light.sun), np.asarray(patch * 0.26 * stage.light.key, np.float32))


def _planks(
    stage: Stage, colour: tuple[float, float, float], horizon: float, eye: float = 0.42
) -> None:
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    x, y = low.grid()
    z = eye / np.maximum(y - horizon + 0.055, 1e-3)
    u = x * z
    board = np.floor(u * 3.6)
    fx = u * 3.6 - board
    shift = np.abs(np.sin(board * 12.9898)) * 7.0
    end = np.floor(z * 0.62 + shift)
    fz = z * 0.62 + shift - end
    grain = fbm(u * 0.9 + board * 0.37, z * 0.055 + board * 0.71 + end * 0.31, 63, gain=0.62)
    fine = fbm(u * 6.0 + board * 0.17, z * 0.2 + end, 64, gain=0.7) * smoothstep(5, 1.5, z)
    vary = np.abs(np.sin(board * 78.233 + end * 37.7)) - 0.5
    tone = vec(colour) * (0.86 + 0.26 * grain + 0.12 * fine + 0.16 * vary)[..., None]
    line = 0.010 + 0.004 * z
    gap = smoothstep(line, line * 0.3, np.minimum(fx, 1 - fx)) + 0.8 * smoothstep(
        0.008, 0.003, np.minimum(fz, 1 - fz)
    )
    tone = tone * (1 - 0.5 * np.clip(gap, 0, 1) * smoothstep(9, 3, z))[..., None]
    light = np.exp(-(((x - stage.light.azimuth * 0.7) / 0.8) ** 2)) * 0.42 + 0.62
    tone = tone * vec(_ambient(stage)) * light[..., None]
    size = (low.width, low.height)
    wall = cv2.resize(canvas.pixels, size, interpolation=cv2.INTER_AREA)
    my = ((2 * horizon - y) - low.top) * low.unit
    mx = (x - low.left) * low.unit
    mirror = cv2.remap(
        wall,
        mx.astype(np.float32),
        my.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mirror = blur(np.asarray(mirror, np.float32), 0.012 * low.unit)
    gloss = (0.10 + 0.26 * smoothstep(horizon + 0.35, horizon, y))[..., None]
    tone = tone + (mirror - tone) * gloss
    alpha = smoothstep(horizon - 0.001, horizon + 0.001, y)
    canvas.blend(canvas.fit(np.asarray(tone, np.float32)), np.clip(canvas.fit(alpha), 0, 1))


def _skirting(
    stage: Stage, horizon: float, colour: tuple[float, float, float], tall: float = 0.03
) -> None:
    canvas = stage.canvas
    y = canvas.ys()[:, None] + 0 * canvas.xs()[None, :]
    px = 0.6 / canvas.unit
    board = smoothstep(horizon - tall - px, horizon - tall + px, y) * smoothstep(
        horizon + px, horizon - px, y
    )
    shade = (
        1.0
        - 0.25 * smoothstep(horizon - tall * 0.3, horizon, y)
        + 0.12 * smoothstep(horizon - tall + 0.004, horizon - tall, y)
    )
    canvas.blend(
        shade[..., None] * vec(colour) * vec(_ambient(stage)) * 0.95, np.asarray(board, np.float32)
    )
    crease = np.exp(-(((y - horizon) / 0.02) ** 2)) * 0.28
    canvas.pixels *= (1 - crease)[..., None]


def _frames(stage: Stage, horizon: float) -> None:
    """Hang one to three pictures on the wall, away from the middle."""
    canvas, rng = stage.canvas, stage.rng("frames")
    half = canvas.span / 2
    for k in range(int(rng.integers(1, 4))):
        side = -1 if (k + stage.seed) % 2 else 1
        x = side * half * (0.5 + 0.32 * float(rng.random()))
        y = 0.10 + 0.14 * float(rng.random())
        wide, tall = 0.09 + 0.06 * float(rng.random()), 0.11 + 0.07 * float(rng.random())
        a, b = (
            canvas.to_px(x - wide / 2, y),
            canvas.to_px(x + wide / 2, min(y + tall, horizon - 0.1)),
        )
        box = (round(a[0]), round(a[1]), round(b[0]), round(b[1]))
        if box[2] - box[0] < 6 or box[0] < 0 or box[2] > canvas.width:
            continue
        shade = canvas.pixels[max(0, box[1]) : box[3] + 6, box[0] + 4 : box[2] + 8]
        shade *= 0.8
        ambient = vec(_ambient(stage))
        cv2.rectangle(
            canvas.pixels, box[:2], box[2:], tuple((vec(rgb("#5b3d28")) * ambient).tolist()), -1
        )
        edge = max(2, round(0.008 * canvas.unit))
        inner = canvas.pixels[box[1] + edge : box[3] - edge, box[0] + edge : box[2] - edge]
        if inner.size == 0:
            continue
        sy = np.linspace(0, 1, inner.shape[0], dtype=np.float32)[:, None]
        sx = np.linspace(0, 1, inner.shape[1], dtype=np.float32)[None, :]
        hill = 0.6 + 0.12 * np.sin(sx * 5 + k * 2) + 0.05 * np.sin(sx * 13)
        top, low = vec(_palette(stage, k + 1)), vec(_palette(stage, k + 2))
        paper = top + (vec((1, 0.95, 0.85)) - top) * (sy * 0.8)[..., None]
        paper = np.where(
            (sy > hill)[..., None], low * (1.1 - 0.4 * sy)[..., None], paper + 0 * sx[..., None]
        )
        inner[:] = paper * ambient * 0.92


def studio(stage: Stage) -> None:
    """Paint a seamless backdrop that curves into the floor under a soft spot."""
    stage.inside = True
    canvas = stage.canvas
    low = canvas.small(640)
    x, y = low.grid()
    base, other = _palette(stage, 0), _palette(stage, 1)
    focus = float(stage.notes.get("focus", 0.0))
    spot = np.exp(-(((x - focus) / 0.55) ** 2 + ((y - 0.36) / 0.45) ** 2))
    sweep = smoothstep(stage.horizon - 0.12, stage.horizon + 0.16, y)
    wall = vec(mix(base, other, 0.25)) * (0.60 + 0.5 * spot)[..., None]
    wall = wall + 0.16 * (spot**2)[..., None]
    floor = (
        vec(mix(base, (1, 1, 1), 0.12))
        * (0.82 + 0.26 * np.exp(-(((x - focus) / 0.8) ** 2)))[..., None]
    )
    tone = wall + (floor - wall) * sweep[..., None]
    tone = tone * (1 - 0.14 * np.exp(-(((y - stage.horizon - 0.0) / 0.09) ** 2)))[..., None]
    grain = fbm(x * 0.6, y * 0.6, stage.noise("paper"), gain=0.7)
    low.pixels[:] = tone * vec(mix(_ambient(stage), (1, 1, 1), 0.5)) * (1 + 0.02 * grain)[..., None]
    canvas.pixels[:] = canvas.fit(low.pixels)
    if float(stage.rng("disc").random()) < 0.55:
        xx, yy = canvas.grid()
        radius = 0.30 + 0.06 * float(stage.rng("disc").random())
        d = np.hypot(xx - focus, yy - 0.42)
        disc = smoothstep(radius + 0.002, radius - 0.002, d) * smoothstep(
            stage.horizon + 0.04, stage.horizon - 0.06, yy
        )
        shade = vec(mix(other, (1, 1, 1), 0.28)) * (1.02 - 0.25 * (yy - 0.2))[..., None]
        canvas.blend(np.asarray(shade, np.float32), np.asarray(disc * 0.62, np.float32))


def room(stage: Stage) -> None:
    """Paint a room: wall, pictures, the window's light, skirting, a plank floor, a rug."""
    low = _wall(stage, _palette(stage, 0))
    _sunbeam(stage, low, stage.horizon)
    stage.canvas.pixels[:] = stage.canvas.fit(low.pixels)
    _frames(stage, stage.horizon)
    _planks(stage, stage.colour("floor", "#a06a3c"), stage.horizon)
    _skirting(stage, stage.horizon, (0.93, 0.91, 0.88))
    if float(stage.rng("rug").random()) < 0.7:
        _rug(stage)


def _rug(stage: Stage) -> None:
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    x, y = low.grid()
    focus = float(stage.notes.get("focus", 0.0))
    cy = stage.horizon + (1 - stage.horizon) * 0.55
    d = np.hypot((x - focus) / 0.52, (y - cy) / 0.125)
    base, edge = vec(_palette(stage, 1)), vec(_palette(stage, 2))
    ring = smoothstep(0.035, 0.02, np.abs(d - 0.82)) + smoothstep(0.03, 0.015, np.abs(d - 0.58))
    weave = fbm(x * 4, y * 9, 71, gain=0.8)
    tone = (
        (base + (edge - base) * np.clip(ring, 0, 1)[..., None])
        * (0.86 + 0.15 * weave)[..., None]
        * vec(_ambient(stage))
        * 0.92
    )
    alpha = smoothstep(1.008, 0.99, d)
    shadow = smoothstep(1.06, 0.98, np.hypot((x - focus) / 0.52, (y - cy - 0.008) / 0.127)) * 0.3
    canvas.pixels *= (1 - canvas.fit(np.asarray(shadow, np.float32)))[..., None]
    canvas.blend(canvas.fit(np.asarray(tone, np.float32)), np.clip(canvas.fit(alpha), 0, 1))


def kitchen(stage: Stage) -> None:
    """Paint tiles, a shelf with jars, a window, and a counter to stand things on."""
    low = _wall(stage, mix(_palette(stage, 0), (1, 1, 1), 0.45))
    x, y = low.grid()
    a, b = x / 0.085, y / 0.085
    row = np.floor(b)
    a = a + 0.5 * (row % 2)
    fx, fy = a - np.floor(a), b - row
    grout = np.minimum(np.minimum(fx, 1 - fx), np.minimum(fy, 1 - fy))
    gloss = np.abs(np.sin(np.floor(a) * 12.98 + row * 78.2)) * 0.06
    shade = (0.97 + gloss + 0.05 * (0.5 - fy)) * (1 - 0.16 * smoothstep(0.045, 0.02, grout))
    low.pixels *= shade[..., None]
    _sunbeam(stage, low, stage.horizon)
    stage.canvas.pixels[:] = stage.canvas.fit(low.pixels)
    _shelf(stage, 0.17)
    stage.canvas.pixels[:] = blur(stage.canvas.pixels, 0.0016 * stage.canvas.unit)
    _counter(stage)


def _shelf(stage: Stage, y: float) -> None:
    canvas, rng = stage.canvas, stage.rng("shelf")
    ambient = vec(_ambient(stage))
    half = canvas.span / 2
    x = -half * 1.02
    while x < half:
        wide, tall = 0.035 + 0.05 * float(rng.random()), 0.05 + 0.08 * float(rng.random())
        if float(rng.random()) < 0.72:
            a, b = canvas.to_px(x, y - tall), canvas.to_px(x + wide, y)
            tone = vec(mix(_palette(stage, int(rng.integers(5))), (1, 1, 1), 0.25))
            x0, x1 = max(0, round(a[0])), min(canvas.width, round(b[0]))
            y0, y1 = max(0, round(a[1])), max(0, round(b[1]))
            if x1 > x0 + 1 and y1 > y0 + 1:
                t = np.linspace(-1, 1, x1 - x0, dtype=np.float32)[None, :, None]
                jar = tone * ambient * (0.62 + 0.4 * np.sqrt(np.clip(1 - (t + 0.25) ** 2, 0, 1)))
                canvas.pixels[y0:y1, x0:x1] = jar
                lid = max(1, (y1 - y0) // 6)
                canvas.pixels[y0 : y0 + lid, x0:x1] = jar * 0.55
        x += wide + 0.012 + 0.03 * float(rng.random())
    a, b = canvas.to_px(-half - 0.1, y), canvas.to_px(half + 0.1, y + 0.018)
    y0, y1 = round(a[1]), max(round(b[1]), round(a[1]) + 1)
    canvas.pixels[y0:y1] = vec(rgb("#8a5a34")) * ambient
    shade = np.linspace(0.75, 1, max(2, round(0.05 * canvas.unit)), dtype=np.float32)[:, None, None]
    part = canvas.pixels[y1 : y1 + len(shade)]
    part *= shade[: len(part)]


def _counter(stage: Stage) -> None:
    canvas = stage.canvas
    low = canvas.small(LIMIT)
    x, y = low.grid()
    h = stage.horizon
    z = 0.34 / np.maximum(y - h + 0.11, 1e-3)
    u = x * z
    grain = fbm(u * 0.16, z * 1.1, stage.noise("counter"), gain=0.65)
    fine = fbm(u * 0.9, z * 5.0, stage.noise("counter2"), gain=0.7)
    tone = vec(stage.colour("floor", "#b98552")) * (0.88 + 0.2 * grain + 0.1 * fine)[..., None]
    light = 0.72 + 0.4 * np.exp(-(((x - stage.light.azimuth * 0.6) / 0.7) ** 2))
    tone = tone * vec(_ambient(stage)) * light[..., None]
    picture = cv2.resize(canvas.pixels, (low.width, low.height), interpolation=cv2.INTER_AREA)
    my = ((2 * h - y) - low.top) * low.unit
    mx = (x - low.left) * low.unit
    mirror = cv2.remap(
        picture,
        mx.astype(np.float32),
        my.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mirror = blur(np.asarray(mirror, np.float32), 0.014 * low.unit)
    tone = tone + (mirror - tone) * (0.08 + 0.24 * smoothstep(h + 0.25, h, y))[..., None]
    canvas.blend(
        canvas.fit(np.asarray(tone, np.float32)),
        np.clip(canvas.fit(smoothstep(h - 0.001, h + 0.001, y)), 0, 1),
    )
    crease = np.exp(-(((canvas.ys() - h) / 0.012) ** 2)) * 0.3
    canvas.pixels *= (1 - crease)[:, None, None]


def library(stage: Stage) -> None:
    """Paint shelves full of books under lamp light, and a wooden floor."""
    stage.inside = True
    canvas, rng = stage.canvas, stage.rng("books")
    ambient = vec(mix(_ambient(stage), (1.0, 0.78, 0.52), 0.45))
    wood = vec(stage.colour("wood", "#5b3820"))
    canvas.pixels[:] = wood * 0.35 * ambient
    half = canvas.span / 2
    hues = (
        "#7c2f2b",
        "#2f4a6b",
        "#3c5b3e",
        "#8a6a2f",
        "#5a3a5e",
        "#a3553a",
        "#d8c79a",
        "#27424a",
        "#c08a3e",
    )
    step = 0.135
    y = stage.horizon - 0.03
    while y > -step:
        x = -half - 0.05
        while x < half:
            wide = 0.011 + 0.016 * float(rng.random())
            tall = step * (0.58 + 0.28 * float(rng.random()))
            gap = float(rng.random()) < 0.035
            roll, hue = float(rng.random()), hues[int(rng.integers(len(hues)))]
            a, b = canvas.to_px(x, y - tall), canvas.to_px(x + wide, y)
            x0, x1 = max(0, round(a[0])), min(canvas.width, round(b[0]))
            y0, y1 = max(0, round(a[1])), max(0, round(b[1]))
            if not gap and x1 > x0 and y1 > y0:
                t = np.linspace(-0.9, 0.9, x1 - x0, dtype=np.float32)[None, :, None]
                book = (
                    vec(mix(rgb(hue), (0.4, 0.3, 0.2), 0.2 * roll))
                    * ambient
                    * (0.55 + 0.45 * np.sqrt(1 - t * t))
                )
                canvas.pixels[y0:y1, x0:x1] = book
                for at in (0.12, 0.2, 0.82):
                    row = y0 + int((y1 - y0) * at)
                    if roll > 0.4 and y1 - y0 > 12:
                        canvas.pixels[row : row + max(1, (y1 - y0) // 40), x0:x1] = (
                            book * 0.4 + vec((0.85, 0.68, 0.32)) * 0.5
                        )
            x += wide + 0.0015 + (0.03 if gap else 0)
        a, b = canvas.to_px(0, y), canvas.to_px(0, y + 0.02)
        y0, y1 = max(0, round(a[1])), max(0, round(b[1]))
        canvas.pixels[y0:y1] = wood * ambient * 1.1
        shade = np.linspace(0.45, 1, max(2, round(0.045 * canvas.unit)), dtype=np.float32)[
            :, None, None
        ]
        part = canvas.pixels[y1 : y1 + len(shade)]
        part *= shade[: len(part)]
        y -= step
    for k in range(-3, 4):
        px = canvas.to_px(k * 0.52 + 0.26, 0)[0]
        wide = max(2, round(0.022 * canvas.unit))
        x0 = round(px - wide / 2)
        if 0 <= x0 < canvas.width - wide:
            t = np.linspace(-0.8, 0.8, wide, dtype=np.float32)[None, :, None]
            canvas.pixels[:, x0 : x0 + wide] = wood * ambient * (0.7 + 0.6 * np.sqrt(1 - t * t))
    low = canvas.small(480)
    gx, gy = low.grid()
    lamp = 0.5 + 0.75 * np.exp(
        -(((gx - stage.light.azimuth * 0.5) / 0.5) ** 2 + ((gy - 0.32) / 0.42) ** 2)
    )
    canvas.pixels *= canvas.fit(np.asarray(lamp, np.float32))[..., None]
    canvas.pixels[:] = blur(canvas.pixels, 0.0022 * canvas.unit)
    _planks(stage, stage.colour("floor", "#6e4526"), stage.horizon)
    if float(stage.rng("rug").random()) < 0.8:
        _rug(stage)


def cave(stage: Stage) -> None:
    """Paint a cave that opens on the sky, with light falling on its floor."""
    from .land import paint_weather_sky

    paint_weather_sky(stage)
    canvas, light = stage.canvas, stage.light
    low = canvas.small(LIMIT)
    relief = look(low, height_of(stage), horizon=stage.horizon, eye=0.42)
    stage.relief = relief
    rough = fbm(relief.u * 0.5, relief.v * 0.5, stage.noise("rough"), gain=0.7)
    beam = np.exp(-(((relief.u / relief.v - light.azimuth * 0.4) / 0.32) ** 2)) * smoothstep(
        0.6, 4.0, relief.v
    )
    rock = vec(stage.colour("rock", "#6b5a52")) * (0.8 + 0.4 * rough)[..., None]
    colour = stage.lit(rock, np.clip(0.15 + beam, 0, 1) * relief.diffuse(0.2, 0.6))
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(colour * 0.9, relief.seen)
    x, y = low.grid()
    cx, cy = light.azimuth * 0.4, stage.horizon - 0.10
    angle = np.arctan2(y - cy, x - cx)
    ragged = profile(angle * 2.2 + 20, stage.noise("mouth"), octaves=5)
    for k, (size, tone) in enumerate(((0.27, 0.72), (0.36, 0.42), (0.5, 0.2))):
        edge = size * (1 + 0.22 * np.roll(ragged, k * 3, axis=1)) + 0.05 * profile(
            angle * 5 + k * 7, stage.noise(f"mouth{k}"), octaves=4
        )
        d = np.hypot((x - cx) / 1.05, (y - cy) / 1.1)
        wall = smoothstep(edge - 0.004, edge + 0.006, d) * smoothstep(
            stage.horizon + 0.10 + 0.12 * k, stage.horizon + 0.02 + 0.12 * k, y - 0.05 * ragged
        )
        stone = fbm(x * 0.8 + k, y * 0.8, stage.noise(f"stone{k}"), gain=0.66)
        rim = np.exp(-np.clip(d - edge, 0, 9) / 0.035)
        shade = (
            vec(stage.colour("rock", "#6b5a52"))
            * vec(stage.tone(0.3))
            * (tone * (0.9 + 0.9 * stone))[..., None]
        )
        shade = (
            shade
            + (rim * (0.30 - 0.07 * k))[..., None]
            * vec(mix(rgb(light.horizon), rgb(light.sun), 0.5))
            * vec(stage.colour("rock", "#6b5a52"))
            * 1.6
        )
        low.blend(np.asarray(shade, np.float32), np.asarray(wall, np.float32))
    canvas.pixels[:] = canvas.fit(low.pixels)
    soft = canvas.small(360)
    gx, gy = soft.grid()
    fall = (
        np.exp(-(((gx - cx) / (0.1 + 0.35 * np.clip(gy - cy, 0, 1))) ** 2))
        * smoothstep(1.0, 0.2, gy)
        * smoothstep(cy - 0.2, cy + 0.2, gy)
    )
    canvas.glow(rgb(light.sun), canvas.fit(np.asarray(fall * 0.22 * light.key, np.float32)))


def cave_front(stage: Stage) -> None:
    """Dark stalactites hang before the eye."""
    canvas = stage.canvas
    x = canvas.xs()
    teeth = np.abs(profile(x * 7 + 3, stage.noise("teeth"), octaves=2))
    line = 0.02 + 0.13 * teeth**1.6 + 0.05 * np.abs(x)
    alpha = smoothstep(0.004, -0.004, canvas.ys()[:, None] - line[None, :])
    canvas.blend(vec(stage.tone(0.15)) * 0.14, np.asarray(alpha, np.float32))


def front(stage: Stage) -> None:
    """Nothing stands before the things of a room."""
