"""Places as a slab on a table, seen along its diagonal: the isometric view of small worlds."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import flora
from diorama.canvas import Canvas, blur, mix, rgb, vec
from diorama.noise import Field, fbm, smoothstep
from diorama.stage import Stage

from . import walls
from .growth import plant
from .overhead import INDOORS, WET

TOP, HALF, FLAT = 0.36, 0.44, 0.52  # world y of the far corner, half width, height to width
DEEP = 0.105


def back(stage: Stage) -> None:
    """Paint a plain ground and the slab: its top from the place, its sides from what lies below."""
    canvas = stage.canvas
    stage.inside = True
    stage.notes["above"] = True
    stage.notes["void"] = True
    x, y = canvas.grid()
    wide = min(HALF, stage.half * 0.9)
    ground = vec(mix(walls.palette(stage, 0), (1, 1, 1), 0.35))
    dusk = 0.45 if stage.light.moon else 1.0
    fall = 1.02 - 0.22 * np.hypot(x / max(stage.half, 0.3) * 0.6, y - 0.45)
    canvas.pixels[:] = ground * (fall * dusk)[..., None]
    _cast(canvas, wide)
    stage.reached(0.4)
    u = (x / wide + (y - TOP) / (wide * FLAT)) / 2
    v = ((y - TOP) / (wide * FLAT) - x / wide) / 2
    top = _inside(u, canvas, wide) * _inside(v, canvas, wide)
    if stage.scene.place in INDOORS:
        _walls(stage, canvas, wide)
    surface = _surface(stage, u, v)
    for side in (-1, 1):
        _flank(stage, canvas, wide, side, surface[canvas.height // 2].mean(axis=0))
    canvas.blend(surface * vec(mix(stage.tone(0.75), (1, 1, 1), 0.35)), top)
    stage.reached(0.8)
    if stage.scene.place not in INDOORS:
        _planted(stage, canvas, wide)


def front(stage: Stage) -> None:
    """Nothing stands before the slab."""


def _inside(t: Field, canvas: Canvas, wide: float) -> Field:
    soft = 1.2 / (canvas.unit * wide)
    return np.asarray(smoothstep(-soft, soft, t) * smoothstep(1 + soft, 1 - soft, t), np.float32)


def _corners(wide: float) -> tuple[tuple[float, float], ...]:
    """Return the far, right, near and left corner of the slab's top."""
    low = TOP + 2 * wide * FLAT
    middle = TOP + wide * FLAT
    return (0.0, TOP), (wide, middle), (0.0, low), (-wide, middle)


def _fill(canvas: Canvas, points: list[tuple[float, float]], tone: Field, dark: float) -> None:
    mask = np.zeros((canvas.height, canvas.width), np.float32)
    places = np.asarray([canvas.to_px(*point) for point in points])
    cv2.fillPoly(mask, [(places * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    canvas.blend(tone * dark, mask)


def _cast(canvas: Canvas, wide: float) -> None:
    far, right, near, left = _corners(wide)
    shift = DEEP + 0.03
    points = [(px + 0.02, py + shift) for px, py in (far, right, near, left)]
    mask = np.zeros((canvas.height, canvas.width), np.float32)
    places = np.asarray([canvas.to_px(*point) for point in points])
    cv2.fillPoly(mask, [(places * 16).astype(np.int32)], 0.55, cv2.LINE_AA, 4)
    canvas.pixels *= 1 - blur(mask, 0.03 * canvas.unit)[..., None]


def _surface(stage: Stage, u: Field, v: Field) -> Field:
    place, painter = stage.scene.place, stage.spec["painter"]
    broad = fbm(u * 0.25, v * 0.25, stage.noise("patch"))
    fine = fbm(u * 1.3, v * 1.3, stage.noise("fine"), gain=0.72)
    if place in INDOORS:
        board = np.floor(u * 9)
        seam = smoothstep(0.03, 0.01, np.abs(u * 9 - board - 0.5) * -1 + 0.5)
        tone = vec(rgb("#b9814c")) * (0.92 + 0.12 * np.sin(board * 37) - 0.3 * seam)[..., None]
        return np.asarray(tone * (1 + 0.08 * fine)[..., None], np.float32)
    if painter in WET:
        deep = vec(stage.colour("deep", "#0d3b52"))
        bright = vec(stage.colour("shallow", "#2f9aa0"))
        ripple = smoothstep(0.7, 1.0, 1 - np.abs(fbm(u, v * 1.4, stage.noise("net"))))
        tone = deep + (bright - deep) * np.clip(0.75 + 0.3 * broad, 0, 1)[..., None]
        return np.asarray(tone + (0.22 * ripple)[..., None], np.float32)
    if painter == "street":
        tone = vec(rgb("#a8a49c")) * (0.96 + 0.08 * fine)[..., None]
        road = (np.abs(u - 0.5) < 0.17) | (np.abs(v - 0.5) < 0.17)
        tone = tone + (vec(rgb("#4a4c55")) - tone) * road[..., None]
        dash = (np.abs(u - 0.5) < 0.012) & (np.abs(v * 9 - np.floor(v * 9) - 0.5) < 0.28)
        dash |= (np.abs(v - 0.5) < 0.012) & (np.abs(u * 9 - np.floor(u * 9) - 0.5) < 0.28)
        return np.asarray(tone + (vec((0.95, 0.9, 0.7)) - tone) * dash[..., None], np.float32)
    first, second = vec(stage.colour("ground", "#4f7a2c")), vec(stage.colour("ground2", "#86a545"))
    if stage.snow:
        first, second = vec((0.84, 0.89, 0.96)), vec((0.96, 0.97, 1.0))
    mixed = np.clip(0.6 + 0.5 * broad + 0.35 * fine, 0, 1)[..., None]
    tone = first + (second - first) * mixed
    if stage.spec.get("settle") == "grass" and not stage.snow:
        way = smoothstep(0.075, 0.06, np.abs(u - 0.36 - 0.1 * np.sin(v * 5)))
        tone = tone + (vec(rgb("#d2b182")) - tone) * (0.85 * way)[..., None]
    return np.asarray(tone, np.float32)


def _flank(stage: Stage, canvas: Canvas, wide: float, side: int, lid: Field) -> None:
    """Paint one side of the slab in layers of earth; the side toward the light is brighter."""
    _, right, near, left = _corners(wide)
    edge = right if side > 0 else left
    lit = 0.95 if side * (stage.light.azimuth or 1.0) > 0 else 0.66
    earth = vec(rgb("#8a6242")) if stage.scene.place not in INDOORS else vec(rgb("#d9cbb8"))
    if stage.spec["painter"] in WET:
        earth = vec(stage.colour("deep", "#0d3b52"))
    dusk = 0.6 if stage.light.moon else 1.0
    for start, end, tone in (
        (0.0, 1.0, earth),
        (0.45, 0.62, earth * 0.82),
        (0.0, 0.2, lid * 0.92),
    ):
        points = [
            (edge[0], edge[1] + DEEP * start),
            (near[0], near[1] + DEEP * start),
            (near[0], near[1] + DEEP * end),
            (edge[0], edge[1] + DEEP * end),
        ]
        _fill(canvas, points, tone, lit * dusk)


def _walls(stage: Stage, canvas: Canvas, wide: float) -> None:
    """Stand the two far walls of a room on the slab, with a window in one of them."""
    far, right, _, left = _corners(wide)
    tall = min(0.33, TOP - 0.02)
    ambient = vec(walls.ambient(stage))
    for corner, light, shade in ((left, 1.0, 1), (right, 0.82, 2)):
        tone = vec(mix(walls.palette(stage, 0 if shade == 1 else 1), (1, 1, 1), 0.3)) * ambient
        box = [far, corner, (corner[0], corner[1] - tall), (far[0], far[1] - tall)]
        _fill(canvas, box, tone, light)
        inner = [_between(far, corner, t, tall * h) for t, h in WINDOW]
        pane = vec(rgb(stage.light.middle)) if shade == 1 else vec(walls.palette(stage, 3))
        _fill(canvas, [_between(far, corner, t, tall * h) for t, h in FRAME], vec((1, 1, 1)), light)
        _fill(canvas, inner, pane, 1.0)


FRAME = ((0.28, 0.34), (0.72, 0.34), (0.72, 0.80), (0.28, 0.80))
WINDOW = ((0.31, 0.38), (0.69, 0.38), (0.69, 0.76), (0.31, 0.76))


def _between(
    a: tuple[float, float], b: tuple[float, float], t: float, up: float
) -> tuple[float, float]:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t - up


def _planted(stage: Stage, canvas: Canvas, wide: float) -> None:
    """Plant the place's trees along the two far edges, the far ones first."""
    painter = stage.spec["painter"]
    plans = stage.spec.get("trees") or PLANTS.get(painter, [])
    if not plans:
        return
    rng = stage.rng("slab")
    spots = []
    for _ in range(16):
        along, away = float(rng.random()), 0.05 + 0.16 * float(rng.random())
        u, v = (along, away) if float(rng.random()) < 0.5 else (away, along)
        if u + v < 1.0:
            spots.append((u, v, float(rng.random())))
    for u, v, roll in sorted(spots, key=lambda spot: spot[0] + spot[1]):
        plan = plans[int(roll * len(plans)) % len(plans)]
        x, y = (u - v) * wide, TOP + (u + v) * wide * FLAT
        tall = (0.17 + 0.12 * roll) * (0.5 if plan[0] in ("bush", "bloom") else 1.0)
        image = plant(str(plan[0]), int(roll * 7), plan[5] if len(plan) > 5 else "", stage.snow)
        flora.stamp(canvas, image, x, y, tall, tone=mix(stage.tone(0.7), (1, 1, 1), 0.2))


PLANTS = {"woods": [["broad"]], "jungle": [["palm"], ["bush"]], "beach": [["palm"]]}
