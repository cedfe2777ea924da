"""Ground in perspective: a height field seen from a low camera, with normals and shadow.

The camera stands at height `eye` above level 0 and looks along +v. A point (u, v, height) is shown
at world x = u / v and y = horizon + (eye - height) / v. For each column of the picture the slices
of v are walked from near to far; a slice is visible where it rises over all nearer ones. A running
minimum along v gives the skyline of each slice, a scatter and a second running minimum give the
slice of each pixel: no loop over pixels or columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from .canvas import Canvas
from .noise import Field

Height = Callable[[Field, Field], Field]


@dataclass
class Relief:
    """What each pixel of a canvas sees of the ground; arrays are (height, width) float32.

    `seen` is 1 on the ground, `v` the distance, `u` the sideways position, `level` the height,
    `nx`, `ny`, `nz` the normal (right, up, away from the camera).
    """

    horizon: float
    eye: float
    seen: Field
    u: Field
    v: Field
    level: Field
    nx: Field
    ny: Field
    nz: Field
    height: Height

    def diffuse(self, azimuth: float, elevation: float, ahead: float = 0.45) -> Field:
        """Return the cosine between normals and a light (0..1); ahead > 0: before it."""
        light = np.asarray([azimuth, 0.25 + elevation, -ahead], np.float32)
        light /= np.linalg.norm(light)
        cosine = self.nx * light[0] + self.ny * light[1] + self.nz * light[2]
        return np.asarray(np.clip(cosine, 0, 1), np.float32)

    def shadow(self, azimuth: float, elevation: float, reach: float = 2.0, steps: int = 7) -> Field:
        """Return how much other ground hides the light at each pixel (0..1, soft)."""
        size = (max(2, self.u.shape[1] // 3), max(2, self.u.shape[0] // 3))
        u = cv2.resize(self.u, size, interpolation=cv2.INTER_AREA)
        v = cv2.resize(self.v, size, interpolation=cv2.INTER_AREA)
        base = self.height(u, v)
        slope = 0.12 + elevation
        worst = np.zeros_like(base)
        for k in range(1, steps + 1):
            far = reach * (k / steps) ** 1.6
            over = self.height(u + far * azimuth, v + far * 0.45) - base - far * slope
            worst = np.maximum(worst, over / (0.02 + 0.12 * far))
        shadow = cv2.GaussianBlur(np.clip(worst, 0, 1), (0, 0), 1.2)
        full = (self.u.shape[1], self.u.shape[0])
        return np.asarray(cv2.resize(shadow, full, interpolation=cv2.INTER_LINEAR), np.float32)


def skyline(canvas: Canvas, height: Height, horizon: float, eye: float, far: float = 40.0) -> float:
    """Return the world y over which no ground is seen, from every few columns of the canvas."""
    x = np.linspace(canvas.left, canvas.right, 128, dtype=np.float32)
    v = np.geomspace(0.3, far, 420).astype(np.float32)[:, None]
    ground = height(np.ascontiguousarray(x[None, :] * v), np.repeat(v, x.size, axis=1))
    return float((horizon + (eye - ground) / v).min()) - 0.02


def look(
    canvas: Canvas,
    height: Height,
    *,
    horizon: float,
    eye: float = 0.5,
    far: float = 40.0,
    slices: int = 420,
    grain: float = 0.004,
) -> Relief:
    """Project the height field over the canvas; grain is the step of the normals at v = 1."""
    x = canvas.xs()
    near = max(0.12, 0.45 * eye / max(canvas.bottom - horizon, 0.1))
    v = np.geomspace(near, far, slices).astype(np.float32)[:, None]
    ground = height(np.ascontiguousarray(x[None, :] * v), np.repeat(v, x.size, axis=1))
    screen = (horizon + (eye - ground) / v - canvas.top) * canvas.unit
    line = np.minimum.accumulate(screen, axis=0)
    rows = np.clip(np.ceil(line - 0.5), 0, canvas.height).astype(np.int32)
    pick = np.full((canvas.height + 1, canvas.width), slices, np.int32)
    columns = np.broadcast_to(np.arange(canvas.width), rows.shape)
    order = np.broadcast_to(np.arange(slices, dtype=np.int32)[:, None], rows.shape)
    pick[rows[::-1].ravel(), columns[::-1].ravel()] = order[::-1].ravel()
    pick = np.minimum.accumulate(pick, axis=0)[: canvas.height]
    seen = (pick < slices).astype(np.float32)
    k = np.clip(pick, 1, slices - 1)
    column = np.arange(canvas.width)[None, :]
    upper, lower = line[k, column], line[k - 1, column]
    y = np.arange(canvas.height, dtype=np.float32)[:, None] + 0.5
    part = np.clip((lower - y) / np.maximum(lower - upper, 1e-3), 0, 1)
    flat = v[:, 0]
    distance = flat[k - 1] + (flat[k] - flat[k - 1]) * part
    distance = np.asarray(distance, np.float32)
    u = distance * x[None, :]
    level = height(u, distance)
    step = grain * np.maximum(distance, 0.5)
    dx = (height(u + step, distance) - level) / step
    dz = (height(u, distance + step) - level) / step
    size = 1 / np.sqrt(dx * dx + dz * dz + 1)
    return Relief(horizon, eye, seen, u, distance, level, -dx * size, size, -dz * size, height)


def soften(canvas: Canvas, relief: Relief, sky: Field) -> None:
    """Anti-alias the skylines: average across every jump in distance."""
    edge = np.abs(np.diff(np.log(relief.v) * relief.seen, axis=0, prepend=0)) > 0.1
    mask = cv2.dilate(edge.astype(np.float32), np.ones((2, 1), np.uint8))
    mask[0] = 0
    soft = cv2.GaussianBlur(canvas.pixels, (3, 3), 0.7)
    canvas.pixels += (soft - canvas.pixels) * mask[..., None]
