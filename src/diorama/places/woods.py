"""Inside the trees: the forest with its trunks, mist and shafts of light, and the jungle."""

from __future__ import annotations

import numpy as np

from diorama import flora, undergrowth
from diorama.canvas import Canvas, blur, mix, rgb, vec
from diorama.noise import fbm, profile, smoothstep
from diorama.relief import look, soften
from diorama.stage import Stage

from .land import LIMIT, border, canvas_copy, drift, height_of, paint_weather_sky


def _glade(stage: Stage) -> None:
    paint_weather_sky(stage)
    canvas, light = stage.canvas, stage.light
    low = canvas.small(640)
    x, y = low.grid()
    leaf = fbm(x * 0.5, y * 0.7, stage.noise("canopy"), gain=0.7)
    depth = np.exp(-(((x - light.azimuth * 0.6) / 0.34) ** 2))
    deep = vec(stage.colour("canopy", "#274a2c")) * vec(stage.tone(0.55))
    glow = vec(mix(rgb(light.horizon), rgb(light.sun), 0.4))
    amount = np.clip(
        0.24 + 0.66 * depth * smoothstep(1.0, 0.35, y / max(stage.horizon, 0.1) * 0.8) + 0.2 * leaf,
        0.04,
        1,
    )
    back = deep * 1.25 + (glow * (0.9 if not light.moon else 0.5) - deep) * amount[..., None] ** 1.3
    above = smoothstep(stage.horizon + 0.05, stage.horizon - 0.05, y)
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(np.asarray(back, np.float32), np.asarray(above * (0.94 - 0.3 * amount), np.float32))
    canvas.pixels[:] = canvas.fit(low.pixels)


def trunks(
    stage: Stage, layer: int, count: int, width: float, foot: float, fog: float, gap: float
) -> None:
    """Stand a row of trunks, `foot` the world y of their roots."""
    canvas = stage.canvas
    sun = stage.light.azimuth
    bark = mix(stage.colour("bark", "#4b3a2e"), (0, 0, 0), 0.1)
    tone = vec(stage.tone(0.42)) * vec(bark)
    tone = tone + (vec(stage.haze()) * (0.35 if stage.light.moon else 0.85) - tone) * fog
    rows = canvas.ys()
    marked = float(stage.spec.get("marks", 0.0)) * (1 - 0.6 * fog)
    width *= float(stage.spec.get("slim", 1.0))
    for rng, dx in stage.scattered(f"trunks{layer}", count, 4, -2):
        x = float(rng.random()) * 4 - 2 + dx
        wide = width * (0.6 + 0.8 * float(rng.random()))
        phase = float(rng.random()) * 50
        root = foot + 0.03 * float(rng.random())
        if (
            abs(x - stage.notes.get("focus", 0.0)) < gap
            or not canvas.left - 0.2 < x < canvas.right + 0.2
        ):
            continue
        centre = x + 0.02 * profile(rows * 1.3 + phase, 5, octaves=3)
        flare = 1 + 1.6 * np.exp(-(np.clip(root - rows, 0, 9) / 0.05)) - 0.18 * (root - rows)
        half = np.asarray(wide / 2 * flare, np.float32)
        x0 = max(0, int((x - wide * 2.2 - canvas.left) * canvas.unit))
        x1 = min(canvas.width, int((x + wide * 2.2 - canvas.left) * canvas.unit) + 1)
        y1 = min(canvas.height, int((root + 0.02 - canvas.top) * canvas.unit))
        if x1 <= x0 or y1 <= 0:
            continue
        gx = canvas.xs()[None, x0:x1]
        across = (gx - centre[:y1, None]) / half[:y1, None]
        alpha = smoothstep(1.04, 0.96, np.abs(across) + 1.0 / (half[:y1, None] * canvas.unit) * 0.2)
        alpha = alpha * smoothstep(root + 0.012, root - 0.004, rows[:y1, None] + 0.012 * across**2)
        grain = fbm(
            gx * 2.2 / max(wide * 14, 0.4) + phase + 0 * across,
            rows[:y1, None] * 0.35 + 0 * across,
            23,
            gain=0.65,
        )
        rim = smoothstep(0.25, 1.0, across * np.sign(sun - x)) * (1 - 0.6 * fog)
        shade = 0.72 + 0.42 * grain * (1 - fog * 0.7) + 0.25 * across * np.sign(sun - x)
        if marked:
            scar = fbm(
                gx * 0.35 + phase + 0 * across,
                rows[:y1, None] * 1.1 + phase + 0 * across,
                24,
                gain=0.6,
            )
            shade = shade * (1 - 0.8 * marked * smoothstep(0.30, 0.5, scar + 0.1 * grain))
        colour = tone * np.clip(shade, 0.2, 1.6)[..., None] + (rim * 0.34 * stage.light.key)[
            ..., None
        ] * vec(rgb(stage.light.sun))
        part = canvas.pixels[:y1, x0:x1]
        part += (colour - part) * alpha[..., None]


def _floor(stage: Stage) -> None:
    canvas, light = stage.canvas, stage.light
    low = canvas.small(LIMIT)
    relief = look(low, height_of(stage), horizon=stage.horizon, eye=0.42)
    stage.relief = relief
    u, v = relief.u, relief.v
    fine = fbm(u * 1.1, v * 1.1, stage.noise("litter"), gain=0.78)
    broad = fbm(u * 0.14, v * 0.14, stage.noise("moss"))
    first, second = vec(stage.colour("ground", "#4a3b22")), vec(stage.colour("ground2", "#5f7a34"))
    albedo = first + (second - first) * np.clip(0.5 + 0.9 * broad + 0.5 * fine, 0, 1)[..., None]
    if stage.snow:
        albedo = albedo + (vec((0.9, 0.93, 0.98)) - albedo) * smoothstep(-0.5, 0.1, fine)[..., None]
    dapple = smoothstep(0.05, 0.4, fbm(u * 0.22 + 0.5, v * 0.3, stage.noise("dapple"), gain=0.6))
    path = np.exp(-(((u / v - light.azimuth * 0.5) / 0.3) ** 2))
    diffuse = relief.diffuse(light.azimuth * 2, light.elevation) * np.clip(
        0.2 + 0.8 * dapple + 0.4 * path, 0, 1.2
    )
    colour = stage.lit(albedo, diffuse)
    haze = 1 - np.exp(-np.maximum(v - 0.8, 0) * (0.10 + 0.12 * light.mist))
    far = vec(stage.haze()) * (0.4 if light.moon else 0.85)
    colour += (far - colour) * haze[..., None]
    low.pixels[:] = canvas_copy(stage, low)
    low.blend(colour, relief.seen)
    soften(low, relief, low.pixels)
    canvas.blend(canvas.fit(low.pixels), np.clip(canvas.fit(relief.seen), 0, 1))


def _shafts(stage: Stage, strength: float) -> None:
    canvas = stage.canvas
    low = canvas.small(420)
    x, y = low.grid()
    source, top = stage.light.azimuth, -0.25
    slant = (x - source) / np.maximum(y - top, 0.01)
    rays = smoothstep(
        0.0, 0.5, fbm(slant * 0.8 + 0.2, np.full_like(x, 0.4), stage.noise("shafts"), gain=0.6)
    )
    fade = np.exp(-np.abs(slant) * 1.3) * smoothstep(1.0, 0.25, y) * smoothstep(top, top + 0.2, y)
    canvas.glow(rgb(stage.light.sun), canvas.fit(blur(rays * fade, 2.0)) * strength)


def back(stage: Stage) -> None:
    """Paint the forest: far trunks in mist, the floor, near trunks, shafts of light."""
    _glade(stage)
    stage.reached(0.35)
    _floor(stage)
    stage.reached(0.6)
    h = stage.horizon
    trunks(stage, 0, 80, 0.014, h + 0.02, 0.8, 0.0)
    trunks(stage, 1, 46, 0.028, h + 0.06, 0.55, 0.03)
    _canopy(stage, 0, 0.10, 0.5)
    stage.reached(0.75)
    trunks(stage, 2, 20, 0.055, h + 0.15, 0.26, 0.2)
    _canopy(stage, 1, 0.05, 0.15)
    stage.reached(0.88)
    _bushes(stage)
    _shafts(stage, 0.38 if stage.light.key > 0.7 else 0.18)


def _bushes(stage: Stage) -> None:
    for rng, dx in stage.scattered("bushes", 26, 3.4, -1.7):
        x = float(rng.random()) * 3.4 - 1.7 + dx
        y = stage.horizon + 0.05 + 0.16 * float(rng.random())
        near = (y - stage.horizon) / 0.21
        if abs(x - stage.notes.get("focus", 0.0)) < 0.24 * near + 0.05:
            continue
        flora.stamp(
            stage.canvas,
            flora.bush(int(rng.integers(4)), str(stage.spec.get("fern", "#47703a"))),
            x,
            y + 0.02,
            0.05 + 0.11 * near,
            tone=stage.tone(0.45),
            haze=stage.haze(),
            fog=0.55 * (1 - near),
        )


def _canopy(stage: Stage, layer: int, edge: float, fog: float) -> None:
    if stage.spec.get("leafless"):
        _branches(stage, layer, fog)
        return
    canvas = stage.canvas
    low = canvas.small(900)
    x, y = low.grid()
    line = (
        edge
        + 0.10 * profile(x[0] * 2.0 + layer * 9, stage.noise(f"canopy{layer}"), octaves=4)[None, :]
    )
    line = line + 0.16 * smoothstep(0.15, 0.8, np.abs(x - stage.light.azimuth * 0.5))
    leaf = fbm(x * 1.6, y * 1.6, stage.noise(f"leaf{layer}"), gain=0.8)
    alpha = smoothstep(0.02, -0.02, y - line - 0.12 * leaf)
    tone = vec(stage.colour("leaf", "#3c6b2c")) * vec(stage.tone(0.5))
    tone = tone + (vec(stage.haze()) * (0.35 if stage.light.moon else 0.85) - tone) * fog
    shade = np.clip(0.75 + 0.9 * leaf, 0.3, 1.7)
    near = np.exp(-(((x - stage.light.azimuth) / 0.35) ** 2))
    colour = tone * shade[..., None] + (near * np.clip(leaf, 0, 1) * 0.5 * stage.light.key)[
        ..., None
    ] * vec(rgb(stage.light.sun))
    canvas.blend(
        canvas.fit(np.asarray(colour, np.float32)),
        np.clip(canvas.fit(np.asarray(alpha * 0.95, np.float32)), 0, 1),
    )


def _branches(stage: Stage, layer: int, fog: float) -> None:
    """Stand crooked, leafless trees where leaves would hang."""
    for rng, dx in stage.scattered(f"crooked{layer}", 9 - 4 * layer, 3.2, -1.6):
        x = float(rng.random()) * 3.2 - 1.6 + dx
        foot = stage.horizon + 0.05 + (0.05 + 0.09 * layer) * float(rng.random())
        tall = (0.42 + 0.30 * layer) * (0.8 + 0.5 * float(rng.random()))
        pick, turn = int(rng.integers(5)), float(rng.random())
        if abs(x - stage.notes.get("focus", 0.0)) > 0.12 + 0.12 * layer:
            flora.stamp(
                stage.canvas, flora.bare(pick, "#221d1c"), x, foot, tall, flip=turn < 0.5,
                tone=stage.tone(0.5), haze=stage.haze(), fog=min(0.85, fog),
            )  # fmt: skip


def front(stage: Stage) -> None:
    """Ferns and grass, or snow, at the lower edge; one dark trunk frames the side."""
    if stage.snow:
        drift(stage, (0.90, 0.93, 0.98))
    else:
        greens = stage.spec.get("blades", ["#35591f", "#4f7d2e", "#6f963c"])
        border(stage, greens, stage.spec.get("flowers", []))


def jungle(stage: Stage) -> None:
    """Paint layer upon layer of large leaves with light falling in from above."""
    _glade(stage)
    stage.reached(0.35)
    _floor(stage)
    stage.reached(0.6)
    trunks(stage, 5, 16, 0.03, stage.horizon + 0.06, 0.6, 0.05)
    greens = ["#1f5c34", "#2f7a3c", "#4c9a45", "#6fb04a", "#2a6f5a"]
    for layer in range(4):
        stage.reached(0.6 + 0.1 * layer)
        fog = 0.62 - 0.2 * layer
        tone = mix(stage.tone(0.55), stage.haze(), fog * 0.7)
        y = stage.horizon - 0.12 + 0.09 * layer
        where = []
        for rng, dx in stage.scattered(f"jungle{layer}", 46 - 6 * layer, 3.2, -1.6):
            x = float(rng.random()) * 3.2 - 1.6 + dx
            away = abs(x - stage.notes.get("focus", 0.0))
            if away < 0.1 + 0.10 * layer:
                continue
            where.append(
                (x, y + 0.12 * float(rng.random()), -np.pi / 2 + float(rng.normal()) * 0.75)
            )
        undergrowth.leaves(
            stage.canvas, stage.noise(f"leaves{layer}"), where, greens, tone, 0.16 + 0.05 * layer
        )
    half = stage.half
    hanging = [
        (
            -half * 1.1 + half * 2.2 * float(rng.random()) + dx,
            -0.03,
            np.pi / 2 + float(rng.normal()) * 0.6,
        )
        for rng, dx in stage.scattered("hanging", 26, half * 2.2, -half * 1.1)
    ]
    undergrowth.leaves(
        stage.canvas,
        stage.noise("hanging"),
        hanging,
        greens[:3],
        mix(stage.tone(0.3), (0, 0, 0), 0.2),
        0.2,
    )
    _shafts(stage, 0.34)


def jungle_front(stage: Stage) -> None:
    """Dark leaves close to the eye frame the two sides."""
    rng, canvas = stage.rng("frame"), stage.canvas
    layer = Canvas(canvas.width, canvas.height, canvas.left, canvas.top, canvas.unit, canvas.pixels)
    half = stage.half
    where = []
    for side in (-1, 1):
        for _ in range(9):
            angle = (0 if side < 0 else np.pi) + float(rng.normal()) * 0.55 - side * 0.3
            where.append((side * half * 1.05, 0.5 + 0.55 * float(rng.random()), angle))
    for _ in range(12):
        where.append(
            (float(rng.random()) * 2 * half - half, 1.08, -np.pi / 2 + float(rng.normal()) * 0.6)
        )
    undergrowth.leaves(
        layer,
        stage.noise("frame"),
        where,
        ["#123d25", "#1c5230", "#2a6a38"],
        mix(stage.tone(0.4), (0, 0, 0), 0.25),
        0.2,
    )
