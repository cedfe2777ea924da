"""Places seen from straight above: a table top, a lawn, sand, water or asphalt under the things."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import flora
from diorama.canvas import Canvas, blur, mix, rgb, vec
from diorama.noise import Field, fbm, smoothstep, warped
from diorama.stage import Stage

from . import walls
from .growth import plant
from .land import LIMIT

INDOORS = {"room", "bedroom", "office", "kitchen", "library", "studio"}
BUILT = {"village", "street", "skyline", "castle"}
ROOFS = ("#b5503c", "#9a5a44", "#7a4a52", "#5f6f83", "#a8763e", "#8a8d96")
WET = {"sea", "beach", "underwater", "skyline"}


def back(stage: Stage) -> None:
    """Paint the surface that the things lie on, in the light that falls from one side."""
    canvas, place = stage.canvas, stage.scene.place
    stage.inside = True
    stage.notes["above"] = True
    low = canvas.small(LIMIT)
    x, y = low.grid()
    if place in INDOORS:
        low.pixels[:] = _boards(stage, x, y)
    elif stage.spec["painter"] in WET:
        low.pixels[:] = _water(stage, x, y)
    elif stage.spec["painter"] == "street":
        low.pixels[:] = _asphalt(stage, x, y)
    else:
        low.pixels[:] = _soil(stage, x, y)
    stage.reached(0.6)
    side = np.sign(stage.light.azimuth or 1.0)
    fall = 0.90 + 0.22 * smoothstep(-0.9, 0.9, side * x - (y - 0.5) * 0.7)
    low.pixels *= fall[..., None] * vec(mix(walls.ambient(stage), (1, 1, 1), 0.35))
    canvas.pixels[:] = canvas.fit(low.pixels)
    if place not in INDOORS:
        _crowns(stage)
    if stage.scene.place in BUILT:
        _roofs(stage)


def front(stage: Stage) -> None:
    """Nothing comes between the eye above and the things."""


def _boards(stage: Stage, x: Field, y: Field) -> Field:
    wide = 0.21
    board = np.floor(y / wide)
    inside = y / wide - board
    grain = fbm(x * 0.35 + board * 0.37, y * 4 + board * 0.7, 63, gain=0.66)
    fine = fbm(x * 1.1 + board * 0.2, y * 18, 64, gain=0.7)
    wood = mix(walls.palette(stage, 1), rgb("#a8733f"), 0.72)
    tone = 0.86 + 0.24 * grain + 0.10 * fine + 0.10 * np.sin(board * 78.2)
    seam = smoothstep(0.02, 0.008, np.minimum(inside, 1 - inside))
    return np.asarray(vec(wood) * (tone * (1 - 0.55 * seam))[..., None], np.float32)


def _water(stage: Stage, x: Field, y: Field) -> Field:
    deep, shallow = vec(stage.colour("deep", "#0d3b52")), vec(stage.colour("shallow", "#2f9aa0"))
    broad = warped(x * 0.35, y * 0.35, stage.noise("shoal"), 0.12)
    net = 1 - np.abs(warped(x * 1.3, y * 1.3, stage.noise("net"), 0.06))
    tone = deep + (shallow - deep) * np.clip(0.5 + 0.6 * broad, 0, 1)[..., None]
    tone = tone + (smoothstep(0.86, 1.0, net) * 0.35)[..., None]
    if stage.spec["painter"] == "beach":
        shore = x * 0.8 + y - 0.62 + 0.10 * fbm(x * 0.6, y * 0.6, stage.noise("shore"))
        sand = vec(stage.colour("ground2", "#f3dfae"))
        sand = sand * (0.9 + 0.12 * fbm(x * 2, y * 2, 9, gain=0.7))[..., None]
        tone = tone + (sand - tone) * smoothstep(-0.01, 0.03, shore)[..., None]
        foam = np.exp(-(((shore + 0.012) / 0.016) ** 2)) + 0.5 * np.exp(
            -(((shore + 0.07) / 0.012) ** 2)
        )
        tone = tone + (vec((0.97, 0.99, 1.0)) - tone) * np.clip(foam, 0, 0.92)[..., None]
    return np.asarray(tone, np.float32)


def _asphalt(stage: Stage, x: Field, y: Field) -> Field:
    grit = fbm(x * 3, y * 3, 12, gain=0.8)
    tone = vec(rgb("#4a4c55")) * (0.92 + 0.16 * grit)[..., None]
    line = (np.abs(x) < 0.012) & (np.abs(y * 4 - np.floor(y * 4) - 0.5) < 0.3)
    cross = (y > 0.80) & (y < 0.97) & (np.abs(x * 9 - np.floor(x * 9) - 0.5) < 0.26)
    white = vec((0.9, 0.9, 0.86)) * (0.9 + 0.15 * grit)[..., None]
    tone = tone + (white - tone) * ((line | cross) * 0.88)[..., None]
    kerb = smoothstep(0.40, 0.405, np.abs(x))
    slab = (np.abs(x * 8 - np.floor(x * 8) - 0.5) > 0.47) | (
        np.abs(y * 8 - np.floor(y * 8) - 0.5) > 0.47
    )
    pave = vec(rgb("#a8a49c")) * (0.95 + 0.1 * grit - 0.2 * slab)[..., None]
    return np.asarray(tone + (pave - tone) * kerb[..., None], np.float32)


def _soil(stage: Stage, x: Field, y: Field) -> Field:
    first, second = vec(stage.colour("ground", "#4f7a2c")), vec(stage.colour("ground2", "#86a545"))
    broad = fbm(x * 0.3, y * 0.3, stage.noise("patch"))
    fine = fbm(x * 2.6, y * 2.6, stage.noise("fine"), gain=0.75)
    mixed = np.clip(0.5 + 0.5 * broad + 0.5 * fine, 0, 1)[..., None]
    tone = first + (second - first) * mixed
    if stage.snow:
        tone = vec((0.90, 0.93, 0.98)) * (0.95 + 0.06 * broad + 0.03 * fine)[..., None]
    step = fbm(x * 2.6 + 0.004, y * 2.6 + 0.004, stage.noise("fine"), gain=0.75) - fine
    tone = tone * (1 - 1.6 * step)[..., None]
    if stage.spec.get("settle") == "grass" and not stage.snow:
        path = np.abs(x + 0.24 * np.sin(y * 3.1 + stage.noise("path") % 7) + 0.22)
        way = smoothstep(0.09, 0.075, path + 0.02 * fine)
        earth = vec(rgb("#c9a877")) * (0.92 + 0.14 * fine)[..., None]
        tone = tone + (earth - tone) * (way * 0.9)[..., None]
    return np.asarray(tone, np.float32)


def _crowns(stage: Stage) -> None:
    """Lay the crowns of trees round the rim, as one sees them from above."""
    plans = stage.spec.get("trees") or ([["broad"]] if stage.spec["painter"] == "woods" else [])
    if not plans:
        return
    canvas, rng = stage.canvas, stage.rng("crowns")
    green = plans[0][5] if len(plans[0]) > 5 and plans[0][5] else "#4d8a3c"
    image = _crown(stage, green)
    for _ in range(22):
        x, y = (float(rng.random()) * 2 - 1) * stage.half * 1.1, float(rng.random()) * 1.2 - 0.1
        size = 0.13 + 0.14 * float(rng.random())
        if np.hypot(x / stage.half, (y - 0.5) / 0.5) < 0.86:
            continue
        _shadow_disc(canvas, x - 0.03 * np.sign(stage.light.azimuth), y + 0.03, size * 0.5)
        flora.stamp(canvas, image, x, y + size / 2, size, tone=stage.tone(0.7))


def _roofs(stage: Stage) -> None:
    """Set gabled roofs, or the flat ones of a city, beside the way, each with its shadow."""
    canvas, rng = stage.canvas, stage.rng("roofs")
    flat = stage.spec["painter"] in ("street", "skyline")
    clear = 0.46 if flat else 0.30 * stage.half
    placed: list[tuple[float, float]] = []
    for _ in range(80):
        x, y = (float(rng.random()) * 2 - 1) * stage.half, float(rng.random())
        wide, tall = 0.10 + 0.06 * float(rng.random()), 0.085 + 0.05 * float(rng.random())
        tone = vec(rgb(ROOFS[int(rng.integers(len(ROOFS)))]))
        crowded = any(abs(x - a) < 0.21 and abs(y - b) < 0.19 for a, b in placed)
        if crowded or abs(x) < clear or len(placed) > 13:
            continue
        placed.append((x, y))
        side = -1 if stage.light.azimuth > 0 else 1
        _box(canvas, x + 0.035 * side, y + 0.04, wide, tall, vec((0, 0, 0)), 0.42)
        _box(canvas, x, y - tall / 4, wide, tall / 2, tone * (1.0 if flat else 1.12), 1.0)
        _box(canvas, x, y + tall / 4, wide, tall / 2, tone * (1.0 if flat else 0.74), 1.0)
        _box(canvas, x + wide * 0.25, y - tall * 0.2, 0.02, 0.02, vec((0.35, 0.33, 0.33)), 1.0)


def _box(
    canvas: Canvas, x: float, y: float, wide: float, tall: float, tone: Field, alpha: float
) -> None:
    a, b = canvas.to_px(x - wide / 2, y - tall / 2), canvas.to_px(x + wide / 2, y + tall / 2)
    x0, x1 = np.clip([round(a[0]), round(b[0])], 0, canvas.width)
    y0, y1 = np.clip([round(a[1]), round(b[1])], 0, canvas.height)
    part = canvas.pixels[y0:y1, x0:x1]
    part += (tone - part) * alpha


def _shadow_disc(canvas: Canvas, x: float, y: float, radius: float) -> None:
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    px, py = canvas.to_px(x, y)
    cv2.circle(layer, (round(px), round(py)), round(radius * canvas.unit), 0.4, -1, cv2.LINE_AA)
    canvas.pixels *= 1 - blur(layer, 0.012 * canvas.unit)[..., None]


def _crown(stage: Stage, green: str) -> Field:
    """Return a round crown of leaves: a bush and its mirror image, so that no foot shows."""
    half = plant("bush", 3, green, stage.snow) if not stage.snow else flora.bush(3, "#dfe8f2")
    both = np.concatenate([half, half[::-1]], axis=0)
    side = max(both.shape[:2])
    return np.asarray(cv2.resize(both, (side, side), interpolation=cv2.INTER_AREA))
