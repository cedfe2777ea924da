"""Forms that no cut-out shows, generated: lathe-turned vessels, roses, rocks, planets, crystals.

Each form is a straight-alpha RGBA field (SIDE, SIDE, 4), in the soft light of the cut-outs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from . import creatures, fixtures, furniture, masonry, shelters, shipyard, solid, structures
from .assets import SIDE
from .canvas import mix, rgb, vec
from .noise import Field, fbm, smoothstep

Form = Callable[[], Field]


def _blank() -> Field:
    return np.zeros((SIDE, SIDE, 4), np.float32)


def _axes() -> tuple[Field, Field]:
    t = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    return np.meshgrid(t, t)


VASE = (
    (0.20, 0.105),
    (0.24, 0.085),
    (0.32, 0.075),
    (0.45, 0.12),
    (0.62, 0.185),
    (0.78, 0.175),
    (0.90, 0.12),
    (0.95, 0.115),
)
GLASS = ((0.20, 0.17), (0.5, 0.155), (0.8, 0.14), (0.95, 0.13))
BOTTLE = (
    (0.06, 0.05),
    (0.10, 0.045),
    (0.3, 0.045),
    (0.42, 0.13),
    (0.5, 0.14),
    (0.9, 0.14),
    (0.95, 0.12),
)
PILLAR = (
    (0.03, 0.19),
    (0.09, 0.17),
    (0.10, 0.115),
    (0.5, 0.12),
    (0.88, 0.125),
    (0.89, 0.18),
    (0.97, 0.2),
)


def _radius(profile: tuple[tuple[float, float], ...], y: Field) -> Field:
    heights = np.asarray([p[0] for p in profile])
    widths = np.asarray([p[1] for p in profile])
    fine = np.linspace(heights[0], heights[-1], 64)
    rough = np.interp(fine, heights, widths).astype(np.float32)
    soft = cv2.GaussianBlur(np.pad(rough, 6, mode="edge")[None], (0, 0), 2.2)[0, 6:-6]
    return np.asarray(np.interp(y, fine, soft), np.float32)


def _turned(profile: tuple[tuple[float, float], ...]) -> tuple[Field, Field, Field, Field]:
    x, y = _axes()
    r = _radius(profile, y)
    across = (x - 0.5) / r
    top, bottom = profile[0][0], profile[-1][0]
    curve = 0.16 * r * np.sqrt(np.clip(1 - across**2, 0, 1))
    inside = smoothstep(1.0 + 0.012, 1.0 - 0.012, np.abs(across))
    inside = inside * smoothstep(top - curve - 0.004, top - curve + 0.004, y)
    inside = inside * smoothstep(bottom + curve * 0.8 + 0.004, bottom + curve * 0.8 - 0.004, y)
    return x, y, across, inside


def vessel(profile: tuple[tuple[float, float], ...], water: float) -> Field:
    """Return a clear glass vessel: bright edges, a soft streak, water up to a height (0 none)."""
    _x, y, across, inside = _turned(profile)
    rim = np.abs(across)
    edge = smoothstep(0.58, 1.0, rim) ** 1.3
    outline = smoothstep(0.86, 0.97, rim)
    alpha = 0.17 + 0.6 * edge + 0.2 * outline
    colour = np.empty((SIDE, SIDE, 3), np.float32)
    colour[:] = vec((0.80, 0.92, 0.97))
    colour *= (0.74 + 0.26 * smoothstep(0.95, 0.55, rim))[..., None]
    # thick glass seen along its wall is dark: that line is what the eye knows a vessel by
    colour += (vec((0.16, 0.36, 0.46)) - colour) * (outline * 0.85)[..., None]
    if water:
        level = water - 0.012 * np.sqrt(np.clip(1 - across**2, 0, 1))
        wet = smoothstep(level - 0.004, level + 0.004, y)
        colour += (vec((0.45, 0.75, 0.88)) - colour) * (wet * (1 - outline) * 0.7)[..., None]
        alpha = alpha + wet * 0.30
        line = np.exp(-(((y - level) / 0.006) ** 2))
        colour += line[..., None] * 0.35
        alpha = alpha + 0.45 * line
    streak = np.exp(-(((across + 0.55) / 0.10) ** 2)) * smoothstep(
        profile[0][0], profile[0][0] + 0.1, y
    )
    streak = streak + 0.5 * np.exp(-(((across - 0.62) / 0.06) ** 2))
    colour += (streak * 0.55)[..., None]
    alpha = alpha + 0.6 * streak
    lip = np.exp(-(((y - profile[0][0]) / 0.010) ** 2))
    base = smoothstep(profile[-1][0] - 0.05, profile[-1][0], y)
    alpha = np.clip(alpha + 0.5 * lip + 0.4 * base, 0, 0.94) * inside
    colour += (vec((0.30, 0.50, 0.58)) - colour) * (base * 0.45 * (1 - streak))[..., None]
    colour += (lip * 0.25)[..., None]
    return np.dstack([np.clip(colour, 0, 1.1), alpha]).astype(np.float32)


def ceramic(profile: tuple[tuple[float, float], ...], colour: str, rough: float = 0.0) -> Field:
    """Return an opaque turned body in a colour; rough > 0 gives it a stony surface."""
    x, y, across, inside = _turned(profile)
    nz = np.sqrt(np.clip(1 - across**2, 0, 1))
    lit = smoothstep(-0.3, 1.0, -0.5 * across + 0.75 * nz)
    base = vec(rgb(colour))
    tone = base * 0.55 + (base * 0.35 + 0.14) * lit[..., None] * 1.5
    if rough:
        tone = tone * (1 + rough * fbm(x * 0.8, y * 0.8, 11))[..., None]
    shine = np.exp(-(((across + 0.42) / 0.11) ** 2)) * (0 if rough else 0.3)
    return np.dstack([np.clip(tone + shine[..., None], 0, 1), inside]).astype(np.float32)


def _petal(
    field: Field, at: tuple[float, float], size: tuple[float, float], angle: float, tone: float
) -> None:
    reach = max(size) * 1.25
    x0, x1 = max(int((at[0] - reach) * SIDE), 0), min(int((at[0] + reach) * SIDE), SIDE)
    y0, y1 = max(int((at[1] - reach) * SIDE), 0), min(int((at[1] + reach) * SIDE), SIDE)
    gy, gx = np.mgrid[y0:y1, x0:x1].astype(np.float32) / SIDE
    c, s = np.cos(angle), np.sin(angle)
    dx, dy = gx - at[0], gy - at[1]
    ex, ey = (dx * c + dy * s) / size[0], (-dx * s + dy * c) / size[1]
    wave = 1 + 0.05 * np.sin(5 * np.arctan2(ey, ex) + tone * 40)
    d = np.hypot(ex, ey) / wave
    alpha = smoothstep(1.02, 0.98, d)
    out = np.clip(ex * 0.5 + 0.5, 0, 1)
    dark, mid, light = vec(rgb("#6d0a1e")), vec(rgb("#d5213d")), vec(rgb("#ff6f7c"))
    shade = np.clip(0.18 + 0.72 * out**1.3 + tone * 0.22, 0, 1)[..., None]
    colour = np.where(
        shade < 0.6, dark + (mid - dark) * shade / 0.6, mid + (light - mid) * (shade - 0.6) / 0.4
    )
    curl = smoothstep(0.86, 0.97, d) * smoothstep(0.1, 0.7, ex)
    colour = colour + (vec(rgb("#ffa3a8")) - colour) * (curl * 0.6)[..., None]
    light_side = 1.05 - 0.16 * (gx - 0.5) / 0.2 - 0.2 * (gy - at[1]) / max(size)
    part = field[y0:y1, x0:x1]
    under = smoothstep(1.22, 0.92, d) * 0.32
    part[..., :3] *= (1 - under * (1 - alpha))[..., None]
    a = alpha[..., None]
    part[..., :3] = part[..., :3] * (1 - a) + np.clip(colour * light_side[..., None], 0, 1) * a
    part[..., 3] = np.maximum(part[..., 3], alpha)


def _leaf(
    field: Field, start: tuple[float, float], stop: tuple[float, float], width: float
) -> None:
    ax, ay = stop[0] - start[0], stop[1] - start[1]
    length = float(np.hypot(ax, ay))
    x, y = _axes()
    t = ((x - start[0]) * ax + (y - start[1]) * ay) / length**2
    side = (-(x - start[0]) * ay + (y - start[1]) * ax) / length
    half = width * np.clip(np.sin(np.clip(t, 0, 1) ** 0.8 * np.pi), 0, 1) ** 0.85
    alpha = smoothstep(0.004, -0.004, np.abs(side) - half) * (t > 0) * (t < 1)
    tone = np.clip(0.55 + side / max(width, 1e-3) * 0.45, 0, 1)
    vein = np.exp(-((side / 0.004) ** 2)) + 0.4 * smoothstep(
        0.9, 1.0, np.cos((t - np.abs(side) * 6) * 50)
    )
    dark, light = vec(rgb("#1d6b3a")), vec(rgb("#6cc46a"))
    colour = dark + (light - dark) * tone[..., None] - (vein * 0.07)[..., None]
    a = alpha[..., None].astype(np.float32)
    field[..., :3] = field[..., :3] * (1 - a) + colour * a
    field[..., 3] = np.maximum(field[..., 3], alpha)


def rose() -> Field:
    """Return a rose in bloom on a long stem with leaves."""
    field = _blank()
    green = rgb("#3f9a4d")
    points = ((0.5, 0.34), (0.492, 0.5), (0.50, 0.66), (0.515, 0.82), (0.51, 0.98))
    for a, b in itertools.pairwise(points):
        solid.limb(field, green, a, b, (0.013, 0.013))
    _leaf(field, (0.5, 0.68), (0.32, 0.585), 0.052)
    _leaf(field, (0.505, 0.64), (0.69, 0.53), 0.056)
    _leaf(field, (0.5, 0.46), (0.36, 0.52), 0.026)
    _leaf(field, (0.5, 0.46), (0.65, 0.51), 0.026)
    cx, cy = 0.5, 0.27
    rings = (
        (6, 0.160, 0.141, 0.129, 0.35),
        (6, 0.120, 0.120, 0.108, 0.0),
        (5, 0.086, 0.098, 0.086, 0.5),
        (4, 0.054, 0.074, 0.064, 0.1),
        (3, 0.030, 0.052, 0.044, 0.7),
    )
    for k, (count, away, long, wide, turn) in enumerate(rings):
        order = sorted(range(count), key=lambda i: np.sin(2 * np.pi * (i + turn) / count))
        for i in order:
            angle = 2 * np.pi * (i + turn) / count
            at = (cx + np.cos(angle) * away, cy + np.sin(angle) * away * 0.82 - 0.006 * k)
            _petal(field, at, (long, wide), float(angle), 0.1 * ((i * 7 + k * 3) % 5) / 5)
    solid.ellipse(field, rgb("#8d1029"), (cx, cy - 0.03), (0.020, 0.016), flat=0.6, gloss=0.0)
    return field


def planet(colour: str, ring: bool = False) -> Field:
    """Return a banded planet, lit from the upper left."""
    x, y = _axes()
    dx, dy = (x - 0.5) / 0.4, (y - 0.5) / 0.4
    d = np.hypot(dx, dy)
    nz = np.sqrt(np.clip(1 - d * d, 0, 1))
    u, v = np.arctan2(dx, nz) / 6.3, np.arcsin(np.clip(dy, -1, 1)) / 3.1
    bands = fbm(u * 0.15 + 0.1, v * 0.9 + 0.04 * fbm(u * 0.7, v * 0.7, 5), 31)
    lit = np.clip(-0.55 * dx - 0.45 * dy + 0.62 * nz, 0, 1) ** 0.85
    base = vec(rgb(colour))
    tone = base * (0.8 + 0.35 * bands)[..., None] + 0.1 * bands[..., None]
    tone = tone * (0.06 + 1.08 * lit)[..., None]
    rim = smoothstep(0.75, 1.0, d) * lit
    tone = tone + rim[..., None] * 0.25 * vec(mix(rgb(colour), (0.7, 0.85, 1), 0.6))
    return np.dstack([np.clip(tone, 0, 1), smoothstep(1.006, 0.99, d)]).astype(np.float32)


def boulder() -> Field:
    """Return a rounded rock."""
    x, y = _axes()
    dx, dy = (x - 0.5) / 0.42, (y - 0.62) / 0.33
    angle = np.arctan2(dy, dx)
    edge = 1 + 0.09 * np.sin(angle * 3 + 1) + 0.05 * np.sin(angle * 7 + 2)
    d = np.hypot(dx, dy) / edge
    bump = fbm(x * 0.5, y * 0.5, 91)
    nz = np.sqrt(np.clip(1 - d * d, 0, 1))
    lit = np.clip(-0.45 * dx - 0.6 * dy + 0.6 * nz + 0.25 * bump, 0, 1)
    tone = vec((0.46, 0.45, 0.46)) * (0.42 + 0.9 * lit)[..., None] * (1 + 0.12 * bump)[..., None]
    return np.dstack([np.clip(tone, 0, 1), smoothstep(1.01, 0.98, d)]).astype(np.float32)


def horn() -> Field:
    """Return a golden spiral horn, pointing up."""
    x, y = _axes()
    half = np.clip((y - 0.04) / 0.92, 0, 1) * 0.13
    across = (x - 0.5) / np.maximum(half, 1e-3)
    nz = np.sqrt(np.clip(1 - across**2, 0, 1))
    groove = 0.5 + 0.5 * np.sin((y * 11 + across * 0.16) * 6.28)
    lit = np.clip(0.7 * nz - 0.4 * across, 0, 1) * (0.72 + 0.28 * groove)
    dark, light = vec(rgb("#b8742a")), vec(rgb("#ffe9a6"))
    tone = dark + (light - dark) * lit[..., None]
    alpha = smoothstep(1.05, 0.95, np.abs(across)) * (y > 0.04) * (y < 0.97)
    return np.dstack([tone, alpha]).astype(np.float32)


FRUIT = (
    ("1f34c", 0.66, 0.36, 0.36),
    ("1f350", 0.40, 0.36, 0.36),
    ("1f34a", 0.25, 0.50, 0.26),
    ("1f347", 0.79, 0.52, 0.30),
    ("1f34e", 0.54, 0.51, 0.31),
)

FORMS: dict[str, Form] = {
    "vase": lambda: vessel(VASE, 0.52),
    "glass": lambda: vessel(GLASS, 0.45),
    "bottle": lambda: vessel(BOTTLE, 0.5),
    "pot": lambda: ceramic(VASE, "#c8785a"),
    "pillar": lambda: ceramic(PILLAR, "#a89f92", 0.2),
    "rose": rose,
    "planet": lambda: planet("#c98b62"),
    "blue-planet": lambda: planet("#4f7fc9"),
    "boulder": boulder,
    "horn": horn,
    "cabin": structures.cabin,
    "lighthouse": structures.lighthouse,
    "windmill": structures.windmill,
    "balloon": structures.balloon,
    "dragon": creatures.dragon,
    "galleon": lambda: shipyard.galleon(rgb("#efe6d2"), ""),
    "black-galleon": lambda: shipyard.galleon(rgb("#2c2a31"), "1f480"),
    "submarine": shipyard.submarine,
    "fruit-bowl": lambda: shipyard.bowl_of(FRUIT),
    "table": furniture.table,
    "bowl": lambda: shipyard.bowl_of(()),
    "chest": shipyard.chest,
    "pyramid": shelters.pyramid,
    "igloo": shelters.igloo,
    "barn": shelters.barn,
    "bridge": shelters.bridge,
    "waterfall": shelters.waterfall,
    **shelters.TREES,
    **fixtures.FIXTURES,
    **masonry.MASONRY,
}


@lru_cache(maxsize=8)  # a village asks for four kinds of house
def form(name: str) -> Field:
    """Return a form by name. Raises KeyError for a name that is not in FORMS."""
    out = FORMS[name]()
    out.setflags(write=False)
    return out
