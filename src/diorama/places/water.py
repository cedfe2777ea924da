"""Water: the sea from calm to storm, the beach, and the world below the surface."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from diorama.canvas import Canvas, blur, mix, rgb, vec
from diorama.noise import Field, fbm, profile, smoothstep
from diorama.relief import Relief, look, soften
from diorama.stage import Stage

from .land import canvas_copy, drift, height_of, paint_weather_sky

WORK = 900  # water is soft: a little less than the picture saves a fifth of the memory


def wave_height(stage: Stage, swell: float) -> Any:
    """Return the height function of a sea with a swell (0 calm .. 1 storm)."""
    rng = stage.rng("waves")
    trains = []
    for k in range(7):
        angle = float(rng.normal()) * 0.55 + 0.35
        length = 0.55 * 1.75**k / 4
        trains.append(
            (np.sin(angle) / length, np.cos(angle) / length, float(rng.random()) * 6.28, length)
        )
    seed = stage.noise("sea")

    def height(u: Field, v: Field) -> Field:
        total = np.zeros_like(u)
        bend = fbm(u * 0.03, v * 0.03, seed) * 0.5
        for kx, kv, phase, length in trains:
            amount = 0.012 * length**0.6 + 0.115 * swell * length**0.75
            wave = 0.5 + 0.5 * np.sin((kx * u + kv * v) * 1.6 + phase + bend * 4 / length)
            total += amount * (wave * np.sqrt(wave) - 0.42)
        chop = fbm(u * 0.16, v * 0.21, seed + 1, gain=0.55, ridged=True)
        total += (0.016 + 0.15 * swell) * chop
        far = smoothstep(9, 2.2, v) * 0.72 + smoothstep(26, 9, v) * 0.2 + 0.08
        return np.asarray(total * far, np.float32)

    return height


def shade_sea(stage: Stage, relief: Relief, swell: float) -> Field:
    """Return the colours of the water that the relief sees."""
    light = stage.light
    ex, ey, ev = -relief.u, relief.eye - relief.level, -relief.v
    size = np.sqrt(ex * ex + ey * ey + ev * ev)
    ex, ey, ev = ex / size, ey / size, ev / size
    calm = np.clip(1.1 / (0.4 + relief.v * 0.22), 0.12, 1)
    nx, nz = relief.nx * calm, relief.nz * calm
    ny = np.sqrt(np.clip(1 - nx * nx - nz * nz, 0.02, 1))
    cos = np.clip(nx * ex + ny * ey + nz * ev, 0.0, 1)
    rx, ry, rv = 2 * cos * nx - ex, 2 * cos * ny - ey, 2 * cos * nz - ev
    up = np.clip(ry * 1.7, 0, 1)[..., None]
    low, middle, zenith = vec(rgb(light.horizon)), vec(rgb(light.middle)), vec(rgb(light.zenith))
    sky = np.where(
        up < 0.35, low + (middle - low) * up / 0.35, middle + (zenith - middle) * (up - 0.35) / 0.65
    )
    sky = sky * (1 - 0.45 * stage.storm)
    deep = vec(stage.colour("deep", "#0d3b52")) * vec(stage.tone(0.55)) * 1.15
    shallow = vec(stage.colour("shallow", "#2f9aa0")) * vec(stage.tone(0.8))
    lift = smoothstep(0.0, 0.10 + 0.2 * swell, relief.level)[..., None]
    body = deep + (shallow - deep) * (0.12 + 0.6 * lift)
    fresnel = (0.03 + 0.97 * (1 - cos) ** 4.2)[..., None]
    colour = body + (sky - body) * np.clip(fresnel, 0, 0.92)
    sun = np.asarray([light.azimuth, light.elevation * max(stage.horizon, 0.3), 1.0], np.float32)
    sun /= np.linalg.norm(sun)
    hit = np.clip(rx * sun[0] + ry * sun[1] + rv * sun[2], 0, 1)
    glint = 0.9 * hit**220 + 0.35 * hit**40 + 0.1 * hit**8
    colour = colour + (glint * light.key * (0.75 if light.moon else 1.0) * (1 - 0.5 * stage.storm))[
        ..., None
    ] * vec(rgb(light.sun))
    foam_noise = fbm(relief.u * 0.5, relief.v * 0.5, stage.noise("foam"), gain=0.65)
    crest = smoothstep(
        0.10 + 0.1 * swell, 0.20 + 0.24 * swell, relief.level + 0.07 * swell * foam_noise
    )
    lace = smoothstep(0.12, 0.6, foam_noise + 0.8 * crest)
    foam = crest * lace * min(1.0, 0.15 + swell) * smoothstep(16, 5, relief.v)
    streaks = fbm(relief.u * 0.3, relief.v * 1.3, stage.noise("streak"), gain=0.62)
    foam = np.clip(
        foam + swell * 0.22 * smoothstep(0.35, 0.8, streaks) * smoothstep(12, 3, relief.v), 0, 1
    )
    white = vec(mix(stage.tone(0.8), (1, 1, 1), 0.12))
    colour = colour + (white * 0.95 - colour) * foam[..., None]
    haze = 1 - np.exp(-relief.v * (0.012 + 0.05 * light.mist))
    return np.asarray(colour + (vec(rgb(light.haze)) - colour) * haze[..., None], np.float32)


def _lay(stage: Stage, low: Canvas, relief: Relief, colour: Field) -> None:
    canvas = stage.canvas
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(colour, relief.seen)
    soften(low, relief, low.pixels)
    if low.width == canvas.width:
        canvas.pixels[:] = low.pixels
    else:
        canvas.blend(canvas.fit(low.pixels), np.clip(canvas.fit(relief.seen), 0, 1))


def swell_of(stage: Stage) -> float:
    """Return how high the sea goes in this weather (0 calm .. 1 storm)."""
    return max(
        float(stage.spec.get("swell", 0.12)), 0.95 * (stage.storm > 0.6), 0.4 * (stage.storm > 0)
    )


def sea(stage: Stage) -> None:
    """Paint sky and open sea, with far islands when the place has them."""
    paint_weather_sky(stage)
    if float(stage.rng("coast").random()) < float(stage.spec.get("coast", 0.0)):
        _coast(stage)
    low = stage.canvas.small(WORK)
    swell = swell_of(stage)
    relief = look(
        low, wave_height(stage, swell), horizon=stage.horizon, eye=0.42, far=60, grain=0.006
    )
    stage.relief = relief
    stage.ripple = relief.nx
    _lay(stage, low, relief, shade_sea(stage, relief, swell))
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
    sea(stage)
    canvas = stage.canvas
    low = canvas.small(WORK)
    relief = look(low, height_of(stage), horizon=stage.horizon, eye=0.42)
    stage.relief = relief
    diffuse = relief.diffuse(stage.light.azimuth * 2, stage.light.elevation, ahead=0.2)
    fine = fbm(relief.u * 1.3, relief.v * 1.3, stage.noise("sand"), gain=0.75)
    broad = fbm(relief.u * 0.1, relief.v * 0.1, stage.noise("broad"))
    first, second = vec(stage.colour("ground", "#d9b57c")), vec(stage.colour("ground2", "#f2dca8"))
    albedo = first + (second - first) * np.clip(0.5 + 0.5 * fine + 0.4 * broad, 0, 1)[..., None]
    x, y = low.grid()
    edge = (
        shore
        + 0.022 * profile(x[0] * 1.5 + 4, stage.noise("shore"), octaves=4)[None, :]
        + 0.035 * x * (1 if stage.seed % 2 else -1)
    )
    away = y - edge
    wet = smoothstep(0.085, 0.0, away)
    albedo = albedo * (1 - 0.42 * wet)[..., None]
    colour = stage.lit(albedo, diffuse)
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


def beach_front(stage: Stage) -> None:
    """A soft bank of sand at the lower edge."""
    drift(stage, stage.colour("ground2", "#f2dca8"))


def underwater(stage: Stage) -> None:
    """Paint deep water with shafts of light, a sandy floor and weed."""
    canvas = stage.canvas
    low = canvas.small(800)
    x, y = low.grid()
    top, bottom = vec(stage.colour("shallow", "#4fd0d8")), vec(stage.colour("deep", "#06304f"))
    night = 0.35 if stage.light.moon else 1.0
    t = smoothstep(-0.1, 1.0, y)[..., None]
    low.pixels[:] = (top + (bottom - top) * t) * night
    source = stage.light.azimuth
    slant = (x - source) / (y + 0.55)
    rays = fbm(slant * 0.55 + 0.3, np.full_like(x, 0.2) + y * 0.02, stage.noise("rays"))
    shaft = np.clip(rays + 0.12, 0, 1) * np.exp(-(slant**2) / 0.5) * smoothstep(1.0, -0.1, y)
    low.pixels += (shaft * 0.75 * night)[..., None] * vec((0.75, 1.0, 0.95))
    surface = smoothstep(0.16, -0.06, y) * (
        0.5 + 0.5 * fbm(x * 0.5, 0.05 / (y + 0.14), stage.noise("surface"))
    )
    low.pixels += (surface * 0.5 * night)[..., None]
    relief = look(low, height_of(stage), horizon=stage.horizon, eye=0.42)
    stage.relief = relief
    caustic = fbm(relief.u * 0.5, relief.v * 0.5, stage.noise("caustic"), ridged=True) ** 2
    sand = (
        vec(stage.colour("ground", "#c9b98a"))
        * (0.32 + 0.45 * relief.diffuse(source, 1.0) + 0.85 * caustic * smoothstep(5, 1, relief.v))[
            ..., None
        ]
    )
    sand = sand * vec((0.55, 0.85, 0.95)) * night
    haze = 1 - np.exp(-relief.v * 0.42)
    far = (top + (bottom - top) * 0.55) * night
    low.blend(sand + (far - sand) * haze[..., None], relief.seen)
    canvas.pixels[:] = canvas.fit(low.pixels)
    weeds(stage, 0.78, 26, 0.55)
    stage.notes["bubbles"] = True


def weeds(stage: Stage, y: float, count: int, fog: float) -> None:
    """Grow kelp and coral along a line."""
    canvas, rng = stage.canvas, stage.rng(f"weeds{y}")
    far = mix(
        rgb(str(stage.spec.get("deep", "#06304f"))),
        rgb(str(stage.spec.get("shallow", "#4fd0d8"))),
        0.4,
    )
    for _ in range(count):
        x = float(rng.random()) * 3.2 - 1.6
        foot = y + 0.1 * float(rng.random())
        tall = (0.10 + 0.22 * float(rng.random())) * (1.5 if fog < 0.3 else 1)
        sway = float(rng.normal()) * 0.05
        hue = float(rng.random())
        coral = hue > 0.72
        base = (
            mix(rgb("#e0567a"), rgb("#f2a24f"), float(rng.random()))
            if coral
            else mix(rgb("#1f7a4a"), rgb("#7fae3a"), hue)
        )
        tone = mix(base, far, fog)
        phase = float(rng.random()) * 6
        if abs(x - stage.notes.get("focus", 0.0)) < 0.22 and fog < 0.3:
            continue
        if coral:
            _coral(canvas, rng, x, foot, tall * 0.45, tone)
            continue
        t = np.linspace(0, 1, 26)
        cx = x + sway * t * 2 + 0.016 * np.sin(t * 9 + phase) * (0.3 + t)
        cy = foot - tall * t
        half = (
            0.013 * np.sin(np.clip(t + 0.12, 0, 1) * np.pi) ** 0.7 * (1 + 0.4 * np.sin(t * 30))
            + 0.001
        )
        poly = np.concatenate([np.stack([cx - half, cy], 1), np.stack([cx + half, cy], 1)[::-1]])
        points = ((poly - (canvas.left, canvas.top)) * canvas.unit * 16).astype(np.int32)
        cv2.fillPoly(canvas.pixels, [points], tuple(tone), cv2.LINE_AA, 4)
        spine = ((np.stack([cx, cy], 1) - (canvas.left, canvas.top)) * canvas.unit * 16).astype(
            np.int32
        )
        cv2.polylines(
            canvas.pixels,
            [spine],
            False,
            mix(tone, (1, 1, 0.8), 0.22),
            max(1, int(canvas.unit * 0.0025)),
            cv2.LINE_AA,
            4,
        )


def _coral(
    canvas: Canvas, rng: np.random.Generator, x: float, y: float, tall: float, tone: Any
) -> None:
    def grow(px: float, py: float, angle: float, long: float, thick: float) -> None:
        nx, ny = px + np.cos(angle) * long, py + np.sin(angle) * long
        a, b = canvas.to_px(px, py), canvas.to_px(nx, ny)
        width = max(1, round(thick * canvas.unit))
        cv2.line(
            canvas.pixels,
            (round(a[0]), round(a[1])),
            (round(b[0]), round(b[1])),
            mix(tone, (1, 1, 1), 0.25 * (1 - thick / 0.02)),
            width,
            cv2.LINE_AA,
        )
        if thick > 0.006:
            for _ in range(2):
                grow(nx, ny, angle + float(rng.normal()) * 0.55, long * 0.78, thick * 0.74)

    grow(x, y, -np.pi / 2, tall * 0.42, 0.02)


def underwater_front(stage: Stage) -> None:
    """Bubbles, drifting motes, and weed close to the eye."""
    canvas, rng = stage.canvas, stage.rng("bubbles")
    weeds(stage, 1.02, 14, 0.15)
    for _ in range(46):
        x, y = float(rng.random()) * 3 - 1.5, float(rng.random())
        radius = 0.003 + 0.012 * float(rng.random()) ** 3
        px, py = canvas.to_px(x, y)
        r = radius * canvas.unit
        if r < 0.7 or not (-r < px < canvas.width + r):
            continue
        layer = np.zeros((int(r * 2) + 5, int(r * 2) + 5), np.float32)
        centre = (r + 2 + (px % 1), r + 2 + (py % 1))
        gy, gx = np.mgrid[0 : layer.shape[0], 0 : layer.shape[1]].astype(np.float32)
        d = np.hypot(gx + 0.5 - centre[0], gy + 0.5 - centre[1]) / r
        ring = np.exp(-(((d - 0.86) / 0.16) ** 2)) * 0.55 + 0.8 * np.exp(
            -(((gx - centre[0] + r * 0.35) ** 2 + (gy - centre[1] + r * 0.4) ** 2) / (0.05 * r * r))
        )
        x0, y0 = int(px) - int(r) - 2, int(py) - int(r) - 2
        xa, ya = max(0, x0), max(0, y0)
        xb, yb = min(canvas.width, x0 + layer.shape[1]), min(canvas.height, y0 + layer.shape[0])
        if xb > xa and yb > ya:
            canvas.pixels[ya:yb, xa:xb] += (ring[ya - y0 : yb - y0, xa - x0 : xb - x0] * 0.6)[
                ..., None
            ]
    low = canvas.small(480)
    gx, gy = low.grid()
    veil = blur(smoothstep(0.2, 0.9, fbm(gx * 0.4, gy * 0.4, stage.noise("veil"))), 6)
    canvas.blend(
        vec(stage.colour("shallow", "#4fd0d8")) * 0.7,
        canvas.fit(np.asarray(veil * 0.12, np.float32)),
    )
