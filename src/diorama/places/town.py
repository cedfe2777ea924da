"""Skylines: rows of towers with lit windows, and a city across the water."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from diorama.canvas import mix, rgb, vec
from diorama.noise import Field, fbm, profile, smoothstep
from diorama.stage import Stage

from .facades import hashed, lamps_of, pick, windows
from .land import canvas_copy, paint_weather_sky

LIMIT = 1100
HIGHEST = 0.64  # of the towers, over their feet
FRONTS = ("#5f7389", "#8b8078", "#a1795f", "#76879a", "#b09c82", "#4f5f74", "#946f60")


def far_town(stage: Stage, rows: int, foot: float, fog: float, limit: int = LIMIT) -> None:
    """Stand rows of towers, far to near, their feet at world y `foot`; limit is the finest size."""
    canvas = stage.canvas.rows(foot - HIGHEST, foot + 0.006)
    low = canvas.small(limit)
    low.pixels[:] = canvas_copy(replace(stage, canvas=canvas), low)
    x, y = low.grid()
    lamps = lamps_of(stage)
    for k in range(rows):
        near = k / max(rows - 1, 1)
        seed = stage.noise(f"tower{k}")
        cell = 0.085 + 0.05 * near
        lot = np.floor(x / cell + 0.31 * k)
        fx = x / cell + 0.31 * k - lot
        roll = hashed(lot, lot * 0 + k, seed)
        tall = (0.08 + (0.38 - 0.13 * near) * roll**1.7) * (1 + 0.35 * np.exp(-((x / 0.5) ** 2)))
        inset = 0.02 + 0.10 * hashed(lot, lot * 0 + 5, seed)
        step = (roll > 0.55) & (np.abs(fx - 0.5) > 0.27)
        top = foot - tall * np.where(step, 0.86, 1.0)
        spire = (roll > 0.72) & (np.abs(fx - 0.5) < 0.018)
        top = np.where(spire, foot - tall * 1.22, top)
        inside = smoothstep(0, 0.004 / cell, fx - inset) * smoothstep(
            0, 0.004 / cell, 1 - inset - fx
        )
        inside = np.where(spire, 1.0, inside) * smoothstep(-0.0012, 0.0012, y - top)
        base = pick(lot, seed, FRONTS) * (0.75 + 0.4 * hashed(lot, lot * 0 + 11, seed))[..., None]
        wall = stage.lit(
            np.asarray(base, np.float32), np.where(fx > 0.5, 0.25, 0.55).astype(np.float32)
        )
        a, b = fx * (5 + np.floor(4 * roll)), (foot - y) / (0.0135 + 0.004 * near)
        wall = windows(
            stage,
            lot * 16 + np.floor(a),
            np.floor(b) + 1000 * k,
            a - np.floor(a),
            b - np.floor(b),
            wall,
            lamps,
        )
        amount = fog * (1 - 0.62 * near)
        haze = vec(mix(rgb(stage.light.horizon), rgb(stage.light.haze), 0.5))
        wall = wall + (haze * (0.75 if stage.light.moon else 1) - wall) * (amount * 0.8)
        alpha = inside * (y < foot + 0.004)
        low.blend(np.asarray(wall, np.float32), np.asarray(alpha, np.float32))
    canvas.pixels[:] = canvas.fit(low.pixels)


def skyline(stage: Stage) -> None:
    """Paint a city across the water, with its reflection."""
    paint_weather_sky(stage)
    canvas = stage.canvas
    foot = stage.horizon + 0.03
    far_town(stage, 3, foot, 0.75)
    stage.reached(0.6)
    part = canvas.rows(foot - 0.004, 1e9)
    low = part.small(LIMIT)
    x, y = low.grid()
    z = 0.3 / np.maximum(y - foot, 2e-3)
    u = x * z
    ripple = fbm(u * 0.6, z * 1.3, stage.noise("ripple"), gain=0.6)
    size = (low.width, low.height + round((low.top - canvas.top) * low.unit))
    picture = cv2.resize(canvas.pixels, size, interpolation=cv2.INTER_AREA)
    stretch = (y - foot) * 1.05
    my = (foot - stretch + 0.05 * ripple * np.clip((y - foot) * 3, 0, 1) - canvas.top) * low.unit
    mx = (x + 0.012 * ripple - low.left) * low.unit
    mirror = cv2.remap(
        picture,
        mx.astype(np.float32),
        my.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    mirror = np.asarray(
        cv2.GaussianBlur(mirror, (0, 0), sigmaX=0.001 * low.unit + 0.1, sigmaY=0.007 * low.unit),
        np.float32,
    )
    deep = vec(mix(rgb(stage.light.zenith), (0.02, 0.08, 0.12), 0.4)) * 0.8
    near = smoothstep(foot, 1.05, y)
    water = mirror * (0.88 - 0.42 * near)[..., None] + deep * (0.06 + 0.4 * near)[..., None]
    water = water * (1 + 0.22 * ripple)[..., None]
    part.blend(
        part.fit(np.asarray(water, np.float32)),
        np.clip(part.fit(smoothstep(foot - 0.001, foot + 0.003, y)), 0, 1),
    )
    stage.notes["water"] = True


def skyline_front(stage: Stage) -> None:
    """A low parapet or bank closes the picture below."""
    canvas = stage.canvas
    line = 0.955 + 0.004 * profile(canvas.xs() * 3, stage.noise("bank"), octaves=3)
    alpha = smoothstep(-0.002, 0.002, canvas.ys()[:, None] - line[None, :])
    shade = mix(stage.tone(0.3), (0.05, 0.06, 0.09), 0.6)
    canvas.blend(vec(shade) * 0.7 * _quay(stage)[..., None], np.asarray(alpha, np.float32))


def _quay(stage: Stage) -> Field:
    """Return the light on the bank: a kerb at its edge, then paving in perspective (h, w)."""
    x, y = stage.canvas.grid()
    z = 0.16 / np.maximum(y - 0.9, 1e-3)
    u = x * z * 9
    row = np.floor(z * 12)
    line = np.minimum(np.abs(u + 0.5 * (row % 2) - np.round(u + 0.5 * (row % 2))), 0.5)
    joint = smoothstep(0.07, 0.03, line) + smoothstep(0.1, 0.04, np.abs(z * 12 - np.round(z * 12)))
    worn = fbm(x * z * 2.0, z * 2.0, stage.noise("quay"), gain=0.7)
    stones = 1.5 + 0.35 * worn - 0.35 * np.clip(joint, 0, 1)
    return np.asarray(1 + (stones - 1) * smoothstep(1.0, 1.06, y), np.float32)
