"""Buildings and craft that no cut-out shows well: cabin, lighthouse, windmill, hot-air balloon."""

from __future__ import annotations

import cv2
import numpy as np

from .assets import SIDE
from .canvas import Colour, mix, rgb, vec
from .noise import Field, fbm, smoothstep


def _axes() -> tuple[Field, Field]:
    t = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    x, y = np.meshgrid(t, t)
    return x, y


def _lay(field: Field, tone: Field, alpha: Field) -> None:
    a = alpha[..., None]
    field[..., :3] = field[..., :3] * (1 - a) + tone * a
    field[..., 3] = np.maximum(field[..., 3], alpha)


def _poly(points: list[tuple[float, float]]) -> Field:
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.fillPoly(mask, [(np.asarray(points) * SIDE * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return mask


def _box(
    x: Field, y: Field, x0: float, y0: float, x1: float, y1: float, soft: float = 0.0025
) -> Field:
    inside = smoothstep(x0 - soft, x0 + soft, x) * smoothstep(x1 + soft, x1 - soft, x)
    return np.asarray(
        inside * smoothstep(y0 - soft, y0 + soft, y) * smoothstep(y1 + soft, y1 - soft, y),
        np.float32,
    )


def _window(
    field: Field, x: Field, y: Field, cx: float, cy: float, wide: float, tall: float, frame: Colour
) -> None:
    _lay(
        field,
        np.ones_like(field[..., :3]) * vec(frame),
        _box(x, y, cx - wide - 0.012, cy - tall - 0.012, cx + wide + 0.012, cy + tall + 0.016),
    )
    glow = np.exp(-(((x - cx) / wide) ** 2 + ((y - cy - tall * 0.4) / tall) ** 2) * 0.7)
    warm = vec(rgb("#ff9a2e")) + (vec(rgb("#fff3b8")) - vec(rgb("#ff9a2e"))) * glow[..., None]
    _lay(field, warm, _box(x, y, cx - wide, cy - tall, cx + wide, cy + tall))
    bars = np.maximum(
        _box(x, y, cx - 0.005, cy - tall, cx + 0.005, cy + tall),
        _box(x, y, cx - wide, cy - 0.005, cx + wide, cy + 0.005),
    )
    _lay(field, np.ones_like(warm) * vec(frame), bars)


def cabin() -> Field:
    """Return a log cabin with lit windows, a chimney and a shingled roof."""
    field = np.zeros((SIDE, SIDE, 4), np.float32)
    x, y = _axes()
    stone = 0.48 + 0.16 * fbm(x * 1.1, y * 1.1, 7, gain=0.7)
    _lay(field, stone[..., None] * vec((1.0, 0.93, 0.88)), _box(x, y, 0.655, 0.13, 0.745, 0.42))
    _lay(
        field,
        (stone * 0.8)[..., None] * vec((1.0, 0.93, 0.88)),
        _box(x, y, 0.640, 0.115, 0.760, 0.150),
    )
    logs = 10
    row = (y - 0.47) / (0.47 / logs)
    part = row - np.floor(row)
    round_log = np.sqrt(np.clip(1 - (2 * part - 1) ** 2, 0, 1))
    grain = fbm(x * 0.35 + np.floor(row) * 0.37, y * 2.4, 19, gain=0.65)
    light = 0.42 + 0.62 * round_log * (1.05 - 0.35 * part) + 0.10 * grain
    wall = vec(rgb("#a8683a")) * (light * (1.12 - 0.28 * x))[..., None]
    gable = np.maximum(
        _box(x, y, 0.16, 0.50, 0.84, 0.94), _poly([(0.16, 0.52), (0.5, 0.22), (0.84, 0.52)])
    )
    _lay(field, wall, gable)
    for cx in (0.165, 0.835):
        ends = np.hypot((x - cx) / 0.024, (part - 0.5) * 1.9)
        ring = 0.72 + 0.22 * np.cos(ends * 9)
        mask = smoothstep(1.05, 0.92, ends) * (y > 0.50) * (y < 0.94)
        _lay(field, vec(rgb("#d09a62")) * ring[..., None], np.asarray(mask, np.float32))
    door = _box(x, y, 0.43, 0.655, 0.57, 0.94)
    plank = 0.8 + 0.2 * np.abs(np.sin(x * 110)) + 0.1 * grain
    _lay(field, np.ones_like(wall) * vec(rgb("#4c2d1a")), _box(x, y, 0.415, 0.638, 0.585, 0.94))
    _lay(field, vec(rgb("#8d4a2b")) * plank[..., None], door)
    _lay(
        field,
        np.ones_like(wall) * vec(rgb("#e8c15a")),
        np.asarray(smoothstep(0.013, 0.010, np.hypot(x - 0.548, y - 0.80)), np.float32),
    )
    for cx in (0.285, 0.715):
        _window(field, x, y, cx, 0.735, 0.066, 0.072, rgb("#5a371f"))
    _window(field, x, y, 0.5, 0.455, 0.045, 0.045, rgb("#5a371f"))
    for side in (-1, 1):
        edge = [
            (0.5, 0.165),
            (0.5 + side * 0.455, 0.555),
            (0.5 + side * 0.425, 0.605),
            (0.5, 0.245),
        ]
        mask = _poly(edge)
        t = (y - 0.165) / 0.4
        shingle = 0.72 + 0.2 * np.abs(np.sin((x * side * 0.8 + t * 0.3) * 95)) + 0.12 * grain
        tone = vec(rgb("#6d3f35")) * (shingle * (1.15 if side < 0 else 0.85))[..., None]
        _lay(field, tone, mask)
    base = 0.5 + 0.15 * fbm(x * 1.4, y * 1.4, 23, gain=0.7)
    _lay(field, base[..., None] * vec((0.9, 0.87, 0.85)), _box(x, y, 0.15, 0.925, 0.85, 0.965))
    _lay(
        field,
        (base * 1.15)[..., None] * vec((0.9, 0.87, 0.85)),
        _box(x, y, 0.405, 0.935, 0.595, 0.985),
    )
    return field


def lighthouse() -> Field:
    """Return a striped lighthouse with a lit lantern."""
    field = np.zeros((SIDE, SIDE, 4), np.float32)
    x, y = _axes()
    half = 0.075 + 0.085 * np.clip((y - 0.22) / 0.72, 0, 1)
    across = (x - 0.5) / half
    nz = np.sqrt(np.clip(1 - across**2, 0, 1))
    lit = 0.45 + 0.6 * np.clip(0.75 * nz - 0.5 * across, 0, 1)
    band = np.where(np.floor((y - 0.22 + 0.012 * nz) / 0.144).astype(int) % 2 == 0, 1.0, 0.0)[
        ..., None
    ]
    tone = (vec((0.97, 0.96, 0.94)) * band + vec(rgb("#d63a3f")) * (1 - band)) * lit[..., None]
    mask = smoothstep(1.02, 0.97, np.abs(across)) * _box(x, y, 0.1, 0.22, 0.9, 0.955)
    _lay(field, tone, np.asarray(mask, np.float32))
    for cy in (0.40, 0.58, 0.75):
        _lay(
            field,
            np.ones_like(tone) * vec((0.13, 0.15, 0.25)),
            _box(x, y, 0.487, cy, 0.513, cy + 0.045),
        )
    _lay(
        field,
        np.ones_like(tone) * vec((0.2, 0.22, 0.28)) * (0.7 + 0.5 * nz)[..., None],
        _box(x, y, 0.395, 0.205, 0.605, 0.232),
    )
    glow = np.exp(-(((x - 0.5) / 0.05) ** 2))
    warm = vec(rgb("#f6a92f")) + (vec(rgb("#fffbd8")) - vec(rgb("#f6a92f"))) * glow[..., None]
    _lay(field, warm, _box(x, y, 0.44, 0.125, 0.56, 0.206))
    for cx in (0.44, 0.48, 0.52, 0.56):
        _lay(
            field,
            np.ones_like(tone) * vec((0.2, 0.22, 0.28)),
            _box(x, y, cx - 0.003, 0.125, cx + 0.003, 0.206),
        )
    _lay(
        field,
        vec(rgb("#c9343a")) * (0.75 + 0.4 * (0.56 - x) / 0.12)[..., None],
        _poly([(0.42, 0.13), (0.5, 0.045), (0.58, 0.13)]),
    )
    return field


def windmill() -> Field:
    """Return a Dutch windmill."""
    field = np.zeros((SIDE, SIDE, 4), np.float32)
    x, y = _axes()
    half = 0.10 + 0.10 * np.clip((y - 0.36) / 0.6, 0, 1)
    across = (x - 0.5) / half
    lit = 0.5 + 0.55 * np.clip(0.7 * np.sqrt(np.clip(1 - across**2, 0, 1)) - 0.45 * across, 0, 1)
    brick = 1 + 0.12 * fbm(x * 1.2, y * 2.2, 5, gain=0.7)
    _lay(
        field,
        vec(rgb("#e8d9c0")) * (lit * brick)[..., None],
        np.asarray(
            smoothstep(1.02, 0.97, np.abs(across)) * _box(x, y, 0.1, 0.36, 0.9, 0.96), np.float32
        ),
    )
    _lay(
        field,
        vec(rgb("#8a4a36")) * (1.1 - 0.4 * x)[..., None],
        _poly([(0.385, 0.38), (0.42, 0.27), (0.5, 0.23), (0.58, 0.27), (0.615, 0.38)]),
    )
    _lay(
        field,
        np.ones_like(field[..., :3]) * vec(rgb("#5a3a28")),
        _box(x, y, 0.455, 0.80, 0.545, 0.96),
    )
    for cy in (0.48, 0.64):
        _window(field, x, y, 0.5, cy, 0.028, 0.032, rgb("#6b4a36"))
    hub = (0.5, 0.33)
    for k in range(4):
        angle = 0.42 + k * np.pi / 2
        c, s = np.cos(angle), np.sin(angle)
        tip = (hub[0] + c * 0.33, hub[1] + s * 0.33)
        n = (-s * 0.072, c * 0.072)
        start = (hub[0] + c * 0.06, hub[1] + s * 0.06)
        sail = _poly(
            [start, (start[0] + n[0], start[1] + n[1]), (tip[0] + n[0], tip[1] + n[1]), tip]
        )
        lattice = 0.8 + 0.2 * np.cos(((x - hub[0]) * c + (y - hub[1]) * s) * 190)
        _lay(field, vec(rgb("#f7f0e2")) * lattice[..., None], sail * 0.96)
        arm = _poly(
            [
                (hub[0] - n[0] * 0.09, hub[1] - n[1] * 0.09),
                (hub[0] + n[0] * 0.09, hub[1] + n[1] * 0.09),
                (tip[0] + n[0] * 0.09, tip[1] + n[1] * 0.09),
                (tip[0] - n[0] * 0.09, tip[1] - n[1] * 0.09),
            ]
        )
        _lay(field, np.ones_like(field[..., :3]) * vec(rgb("#6b4a30")), arm)
    _lay(
        field,
        np.ones_like(field[..., :3]) * vec(rgb("#4a3524")),
        np.asarray(smoothstep(0.026, 0.022, np.hypot(x - hub[0], y - hub[1])), np.float32),
    )
    return field


def balloon() -> Field:
    """Return a striped hot-air balloon with its basket."""
    field = np.zeros((SIDE, SIDE, 4), np.float32)
    x, y = _axes()
    for cx in (0.40, 0.46, 0.54, 0.60):
        foot = 0.5 + (cx - 0.5) * 0.62
        rope = _poly(
            [(cx - 0.002, 0.66), (cx + 0.002, 0.66), (foot + 0.002, 0.86), (foot - 0.002, 0.86)]
        )
        _lay(field, np.ones_like(field[..., :3]) * vec(rgb("#6b5138")), rope)
    top = smoothstep(0.04, 0.40, y)
    half = np.where(
        y < 0.40,
        0.36 * np.sqrt(np.clip(1 - ((y - 0.40) / 0.36) ** 2, 0, 1)),
        0.36 * np.clip(np.cos((y - 0.40) / 0.30 * 1.22), 0.1, 1),
    )
    across = (x - 0.5) / np.maximum(half, 1e-3)
    turn = np.arcsin(np.clip(across, -1, 1)) / np.pi * 8 + 4
    index = np.clip(np.floor(turn), 0, 7).astype(int)
    hues = np.asarray(
        [
            rgb(c)
            for c in (
                "#e8453c",
                "#f7b733",
                "#fdf3d8",
                "#3a9ad9",
                "#e8453c",
                "#f7b733",
                "#fdf3d8",
                "#3a9ad9",
            )
        ],
        np.float32,
    )
    nz = np.sqrt(np.clip(1 - across**2, 0, 1))
    seam = np.abs(turn - np.floor(turn) - 0.5) * 2
    lit = (
        0.42
        + 0.62 * np.clip(0.65 * nz - 0.42 * across - 0.5 * (y - 0.35), 0, 1.1)
        + 0.08 * (1 - seam**2)
    )
    mask = smoothstep(1.01, 0.98, np.abs(across)) * _box(x, y, 0.05, 0.04, 0.95, 0.70)
    _lay(field, hues[index] * (lit * (0.9 + 0.1 * top))[..., None], np.asarray(mask, np.float32))
    weave = 0.8 + 0.2 * np.sin(x * 260) * np.sin(y * 240)
    basket = _poly([(0.415, 0.855), (0.585, 0.855), (0.57, 0.965), (0.43, 0.965)])
    _lay(
        field,
        vec(mix(rgb("#a8713c"), (0, 0, 0), 0.05)) * (weave * (1.2 - 0.5 * x))[..., None],
        basket,
    )
    _lay(
        field,
        np.ones_like(field[..., :3]) * vec(rgb("#6b4526")),
        _box(x, y, 0.408, 0.845, 0.592, 0.868),
    )
    return field
