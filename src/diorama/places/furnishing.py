"""Furnishing: what belongs to a room by itself: seats, beds, lamps and plants.

The pieces of a place are named in its table (`furniture`) and stand along the wall, away from the
subject.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diorama import undergrowth
from diorama.canvas import Colour, blur, mix, vec
from diorama.noise import fbm, smoothstep
from diorama.stage import Stage

from . import walls
from .blocks import block, shadow
from .windows import window


def furnish(stage: Stage) -> None:
    """Place the furniture of the place's table along the wall."""
    side = 1.0 if stage.light.azimuth >= 0 else -1.0
    focus = float(stage.notes.get("focus", 0.0))
    half = min(stage.half, 0.95)
    alone = "focus" not in stage.notes
    spots = {
        "window": side * half * 0.52,
        "seat": -side * half * (0.24 if alone else 0.56),
        "bed": -side * half * (0.24 if alone else 0.5),
        "desk": -side * half * 0.42,
        "lamp": -side * half * 0.90,
        "plant": side * half * 0.90,
    }
    narrow = stage.half < 0.4  # a tall picture has room for less
    for name in stage.spec.get("furniture", []):
        x = spots[name]
        if narrow and (name == "lamp" or (name == "plant" and not alone)):
            continue
        if name in ("lamp", "plant") and abs(x - focus) < 0.3:
            x = -x if abs(x + focus) > 0.3 else x
        PIECES[name](stage, x)


def seat(stage: Stage, x: float) -> None:
    """Set a sofa against the wall."""
    foot, wide = stage.horizon + 0.075, 0.66 if stage.half > 0.4 else 0.44
    cloth = mix(walls.palette(stage, 3), walls.palette(stage, 1), 0.55)
    left, right = x - wide / 2, x + wide / 2
    shadow(stage, (left - 0.02, foot - 0.02, right + 0.02, foot + 0.035), 0.5, 0.02)
    shadow(stage, (left, foot - 0.26, right + 0.02, foot - 0.05), 0.22, 0.03)
    for leg in (left + 0.03, right - 0.05):
        block(stage, (leg, foot - 0.04, leg + 0.02, foot), (0.30, 0.20, 0.13), 0.003)
    block(stage, (left + 0.02, foot - 0.255, right - 0.02, foot - 0.06), cloth, 0.03, 0.25)
    middle = (left + right) / 2
    for a, b in ((left + 0.06, middle - 0.003), (middle + 0.003, right - 0.06)):
        block(stage, (a, foot - 0.235, b, foot - 0.115), mix(cloth, (1, 1, 1), 0.08), 0.03, 0.5)
        block(stage, (a, foot - 0.125, b, foot - 0.065), mix(cloth, (1, 1, 1), 0.14), 0.018, 0.4)
    block(
        stage,
        (left + 0.03, foot - 0.075, right - 0.03, foot - 0.025),
        mix(cloth, (0, 0, 0), 0.16),
        0.008,
    )
    for a in (left - 0.01, right - 0.075):
        block(
            stage,
            (a, foot - 0.175, a + 0.085, foot - 0.022),
            mix(cloth, (0, 0, 0), 0.05),
            0.026,
            0.4,
        )
    _cushion(stage, left + 0.14, foot - 0.125, 0.11, walls.palette(stage, 2), 9)
    _cushion(stage, right - 0.15, foot - 0.122, 0.10, walls.palette(stage, 4), -12)


def _cushion(stage: Stage, x: float, foot: float, size: float, colour: Colour, tilt: float) -> None:
    canvas = stage.canvas
    gx, gy = canvas.grid()
    c, s = np.cos(np.deg2rad(tilt)), np.sin(np.deg2rad(tilt))
    dx, dy = gx - x, gy - (foot - size * 0.45)
    u, v = (dx * c + dy * s) / (size * 0.5), (dy * c - dx * s) / (size * 0.5)
    away = (np.abs(u) ** 3 + np.abs(v) ** 3) ** (1 / 3) + 0.10 * (1 - np.minimum(np.abs(u * v), 1))
    alpha = smoothstep(1.02, 0.98, away)
    light = 1.02 - 0.16 * v - 0.22 * np.clip(away, 0, 1) ** 3
    stripe = 0.10 * (np.sin(u * 9) > 0.4)
    tone = vec(colour) * vec(walls.ambient(stage)) * (light - stripe)[..., None]
    canvas.blend(np.asarray(tone, np.float32), np.asarray(alpha, np.float32))


def bed(stage: Stage, x: float) -> None:
    """Set a bed with its head at the wall, a blanket and two pillows."""
    foot, wide = stage.horizon + 0.15, 0.64 if stage.half > 0.4 else 0.46
    left, right, wood = x - wide / 2, x + wide / 2, (0.50, 0.34, 0.22)
    linen = mix(walls.palette(stage, 1), (1, 1, 1), 0.25)
    shadow(stage, (left - 0.02, foot - 0.02, right + 0.03, foot + 0.05), 0.5, 0.025)
    block(stage, (left - 0.01, foot - 0.42, right + 0.01, foot - 0.05), wood, 0.02)
    block(
        stage,
        (left + 0.03, foot - 0.39, right - 0.03, foot - 0.2),
        mix(wood, (1, 1, 1), 0.10),
        0.012,
    )
    block(stage, (left, foot - 0.25, right, foot - 0.03), (0.94, 0.93, 0.90), 0.03, 0.15)
    middle = (left + right) / 2
    for a, b in ((left + 0.03, middle - 0.015), (middle + 0.015, right - 0.03)):
        block(stage, (a, foot - 0.315, b, foot - 0.205), (0.97, 0.96, 0.94), 0.04, 0.6)
    block(stage, (left - 0.012, foot - 0.205, right + 0.012, foot - 0.02), linen, 0.02, 0.35)
    block(
        stage,
        (left - 0.012, foot - 0.215, right + 0.012, foot - 0.165),
        mix(linen, (1, 1, 1), 0.35),
        0.02,
    )
    for leg in (left, right - 0.025):
        block(
            stage, (leg, foot - 0.03, leg + 0.025, foot + 0.012), mix(wood, (0, 0, 0), 0.2), 0.003
        )


def desk(stage: Stage, x: float) -> None:
    """Set a sideboard with books and a vase against the wall."""
    foot, wide, wood = stage.horizon + 0.055, 0.44, (0.56, 0.38, 0.24)
    left, right = x - wide / 2, x + wide / 2
    shadow(stage, (left, foot - 0.01, right + 0.02, foot + 0.03), 0.5, 0.02)
    block(stage, (left, foot - 0.21, right, foot - 0.02), wood, 0.006)
    for k in range(3):
        a = left + 0.015 + k * (wide - 0.02) / 3
        b = a + (wide - 0.04) / 3 - 0.006
        block(stage, (a, foot - 0.195, b, foot - 0.035), mix(wood, (1, 1, 1), 0.07), 0.004)
        block(
            stage,
            ((a + b) / 2 - 0.012, foot - 0.122, (a + b) / 2 + 0.012, foot - 0.115),
            (0.85, 0.72, 0.42),
            0.002,
        )
    block(
        stage,
        (left - 0.012, foot - 0.222, right + 0.012, foot - 0.205),
        mix(wood, (1, 1, 1), 0.12),
        0.003,
    )
    at = left + 0.03
    for k in range(7):
        tall = 0.075 + 0.02 * np.sin(k * 2.3)
        block(
            stage,
            (at, foot - 0.222 - tall, at + 0.017, foot - 0.222),
            walls.palette(stage, k),
            0.002,
        )
        at += 0.019


def lamp(stage: Stage, x: float) -> None:
    """Stand a lamp on the floor; after dark it shines on wall and floor."""
    foot, top = stage.horizon + 0.07, stage.horizon - 0.42
    shadow(stage, (x - 0.05, foot - 0.012, x + 0.05, foot + 0.012), 0.45, 0.012)
    block(stage, (x - 0.045, foot - 0.014, x + 0.045, foot), (0.24, 0.21, 0.19), 0.006)
    block(stage, (x - 0.005, top + 0.05, x + 0.005, foot - 0.01), (0.30, 0.25, 0.20), 0.002)
    canvas = stage.canvas
    gx, gy = canvas.grid()
    t = np.clip((gy - top) / 0.115, 0, 1)
    half = 0.045 + 0.035 * t
    across = (gx - x) / half
    shade = smoothstep(1.02, 0.98, np.abs(across)) * smoothstep(top - 0.002, top + 0.002, gy)
    shade *= smoothstep(top + 0.117, top + 0.113, gy)
    lit = stage.light.moon or stage.light.elevation < 0.2
    tone = vec((1.0, 0.90, 0.70)) * (1.05 if lit else 0.86) * (1 - 0.18 * across**2)[..., None]
    canvas.blend(
        np.asarray(tone * (1 if lit else vec(walls.ambient(stage)))), np.asarray(shade, np.float32)
    )
    if lit:
        away = np.hypot(gx - x, (gy - top - 0.06) * 0.9)
        canvas.glow((1.0, 0.74, 0.40), np.asarray(0.42 * np.exp(-((away / 0.26) ** 2)), np.float32))


def plant(stage: Stage, x: float) -> None:
    """Stand a pot with large leaves on the floor."""
    foot, size = stage.horizon + 0.09, 0.13
    shadow(stage, (x - 0.08, foot - 0.015, x + 0.09, foot + 0.02), 0.45, 0.02)
    rng = stage.rng("houseplant")
    where = []
    for k in range(15):
        angle = -np.pi / 2 + (k - 7) * 0.19 + 0.12 * float(rng.normal())
        where.append((x + 0.012 * float(rng.normal()), foot - 0.12 - 0.004 * k, angle))
    tone = mix(walls.ambient(stage), (0, 0, 0), 0.08)
    greens = ["#2f6b3a", "#3f8a45", "#57a050"]
    undergrowth.leaves(
        stage.canvas,
        stage.noise("houseplant"),
        where[::2],
        greens,
        mix(tone, (0, 0, 0), 0.25),
        size * 1.5,
    )
    undergrowth.leaves(
        stage.canvas, stage.noise("houseplant2"), where[1::2], greens, tone, size * 1.3
    )
    pot = mix(walls.palette(stage, 1), (0.9, 0.86, 0.8), 0.5)
    block(stage, (x - 0.058, foot - 0.12, x + 0.058, foot), pot, 0.016, 0.2)
    block(
        stage, (x - 0.066, foot - 0.135, x + 0.066, foot - 0.108), mix(pot, (1, 1, 1), 0.1), 0.005
    )


def worn(stage: Stage) -> None:
    """Let plaster peel and dust lie where nobody lives any more."""
    amount = float(stage.spec.get("worn", 0.0))
    if amount < 0.5:
        return
    canvas = stage.canvas
    low = canvas.small(700)
    x, y = low.grid()
    patch = fbm(x * 0.35, y * 0.35, stage.noise("peel"), gain=0.62)
    bare = smoothstep(0.22, 0.30, patch) * smoothstep(stage.horizon, stage.horizon - 0.05, y)
    rim = (
        smoothstep(0.16, 0.23, patch)
        * (1 - bare)
        * smoothstep(stage.horizon, stage.horizon - 0.05, y)
    )
    brick = np.floor(y * 30)
    joint = np.minimum(np.abs((x * 14 + 0.5 * (brick % 2)) % 1 - 0.5), 0.5)
    tone = vec((0.50, 0.33, 0.26)) * (0.8 + 0.3 * (joint < 0.44) + 0.2 * patch)[..., None]
    tone = tone * vec(walls.ambient(stage)) * 0.8
    canvas.blend(canvas.fit(np.asarray(tone, np.float32)), np.clip(canvas.fit(bare), 0, 1) * 0.85)
    canvas.pixels *= (1 - 0.22 * np.clip(canvas.fit(blur(rim, 1.0)), 0, 1))[..., None]
    canvas.pixels *= vec((0.92, 0.90, 0.86))


PIECES: dict[str, Callable[[Stage, float], None]] = {
    "window": window, "seat": seat, "bed": bed, "desk": desk, "lamp": lamp, "plant": plant,
}  # fmt: skip
