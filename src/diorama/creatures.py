"""Creatures that no cut-out shows: the dragon, drawn from limbs, plates and skin."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import cv2
import numpy as np

from . import solid
from .assets import SIDE
from .canvas import Colour, mix, rgb, vec
from .noise import Field, smoothstep

Point = tuple[float, float]
SKIN, BELLY, BONE = rgb("#2f9d6b"), rgb("#f3d488"), rgb("#f4e6c4")
WEB, WEB_DEEP = rgb("#f0703c"), rgb("#8f2438")
NECK = ((0.42, 0.55, 0.105), (0.345, 0.475, 0.085), (0.29, 0.385, 0.066), (0.245, 0.295, 0.056))
BODY = ((0.42, 0.57, 0.115), (0.53, 0.61, 0.112), (0.64, 0.61, 0.09), (0.70, 0.605, 0.07))
TAIL = (
    (0.70, 0.605, 0.07),
    (0.78, 0.635, 0.052),
    (0.855, 0.635, 0.041),
    (0.915, 0.59, 0.032),
    (0.935, 0.52, 0.024),
    (0.915, 0.455, 0.017),
)
NEAR_WING = ((0.61, 0.075), (0.80, 0.085), (0.945, 0.19), (0.885, 0.325), (0.735, 0.435))
FAR_WING = ((0.40, 0.05), (0.27, 0.035), (0.135, 0.075), (0.195, 0.175), (0.33, 0.30))


def dragon() -> Field:
    """Return a dragon on the wing, looking to the left."""
    field = np.zeros((SIDE, SIDE, 4), np.float32)
    _wing(field, (0.455, 0.505), FAR_WING, 0.62)
    for hip, knee, foot in (
        ((0.69, 0.64), (0.70, 0.755), (0.65, 0.815)),
        ((0.47, 0.64), (0.475, 0.745), (0.425, 0.79)),
    ):
        _leg(field, hip, knee, foot, _shaded(SKIN, 0.62))
    _chain(field, SKIN, TAIL)
    _spade(field, (0.905, 0.425))
    _chain(field, SKIN, BODY)
    _chain(field, SKIN, NECK)
    _plates(field)
    _spikes(field)
    for hip, knee, foot in (
        ((0.635, 0.635), (0.615, 0.77), (0.555, 0.835)),
        ((0.40, 0.625), (0.37, 0.735), (0.31, 0.775)),
    ):
        _leg(field, hip, knee, foot, SKIN)
    _head(field)
    _wing(field, (0.515, 0.515), NEAR_WING, 1.0)
    solid.limb(field, SKIN, (0.50, 0.545), (0.53, 0.475), (0.05, 0.03))
    return field


def _shaded(colour: Colour, amount: float) -> Colour:
    return mix((0.05, 0.04, 0.14), colour, amount)


def _chain(field: Field, colour: Colour, points: Sequence[tuple[float, float, float]]) -> None:
    for a, b in itertools.pairwise(points):
        solid.limb(field, colour, a[:2], b[:2], (a[2], b[2]))


def _leg(field: Field, hip: Point, knee: Point, foot: Point, colour: Colour) -> None:
    solid.limb(field, colour, hip, knee, (0.06, 0.036))
    solid.limb(field, colour, knee, foot, (0.035, 0.026))
    for toe in (-0.035, -0.012, 0.014):
        tip = (foot[0] + toe - 0.012, foot[1] + 0.032)
        solid.limb(field, mix(colour, BONE, 0.75), foot, tip, (0.015, 0.006))


def _poly(field: Field, points: Sequence[Point], colour: Colour) -> None:
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.fillPoly(mask, [(np.asarray(points) * SIDE * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    a = mask[..., None]
    field[..., :3] += (vec(colour) - field[..., :3]) * a
    field[..., 3] = np.maximum(field[..., 3], mask)


def _wing(field: Field, root: Point, tips: Sequence[Point], light: float) -> None:
    """Stretch skin from the root over the finger tips, scalloped between them."""
    wrist = ((root[0] + 2.2 * tips[0][0]) / 3.2, (root[1] + 2.2 * tips[0][1]) / 3.2)
    edge: list[Point] = [root, wrist, tips[0]]
    for a, b in itertools.pairwise([*tips, (root[0] + (tips[-1][0] - root[0]) * 0.25, root[1])]):
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        sag = (middle[0] + (wrist[0] - middle[0]) * 0.26, middle[1] + (wrist[1] - middle[1]) * 0.26)
        for t in np.linspace(0, 1, 12)[1:]:
            s = float(t)
            edge.append(
                (
                    (1 - s) ** 2 * a[0] + 2 * s * (1 - s) * sag[0] + s * s * b[0],
                    (1 - s) ** 2 * a[1] + 2 * s * (1 - s) * sag[1] + s * s * b[1],
                )
            )
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.fillPoly(mask, [(np.asarray(edge) * SIDE * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    line = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    far = np.hypot(line[None, :] - wrist[0], line[:, None] - wrist[1])
    angle = np.arctan2(line[:, None] - wrist[1], line[None, :] - wrist[0])
    fold = 0.5 + 0.5 * np.cos(angle * 9)
    t = np.clip(0.9 - 1.5 * far + 0.25 * fold, 0, 1)[..., None]
    skin = (vec(WEB_DEEP) + (vec(WEB) - vec(WEB_DEEP)) * t) * light
    field[..., :3] += (skin - field[..., :3]) * mask[..., None]
    field[..., 3] = np.maximum(field[..., 3], mask)
    bone = _shaded(SKIN, 0.35 + 0.65 * light)
    for tip in tips[1:]:
        solid.limb(field, bone, wrist, tip, (0.013, 0.005))
    solid.limb(field, bone, root, wrist, (0.036, 0.024))
    solid.limb(field, bone, wrist, tips[0], (0.022, 0.007))


def _plates(field: Field) -> None:
    """Lay pale plates along the throat and the belly."""
    spots = ((0.215, 0.335), (0.242, 0.405), (0.285, 0.475), (0.33, 0.545), (0.385, 0.61))
    for k, (x, y) in enumerate(spots):
        solid.ellipse(field, BELLY, (x + 0.012, y), (0.034 + 0.006 * k, 0.027), angle=-0.75)
    for k in range(4):
        solid.ellipse(field, BELLY, (0.45 + 0.065 * k, 0.682 - 0.004 * k), (0.04, 0.024), angle=0.1)


def _spikes(field: Field) -> None:
    ridge = [*[(x + r * 0.72, y - r * 0.62) for x, y, r in NECK[::-1]]]
    ridge += [(x + 0.2 * r, y - r * 0.95) for x, y, r in (*BODY[2:], *TAIL[1:4])]
    for k, (x, y) in enumerate(ridge):
        size = 0.040 - 0.0022 * k
        points = [(x - size * 0.7, y + 0.012), (x + size * 0.75, y - size), (x + size * 0.7, y)]
        _poly(field, points, mix(WEB, BONE, 0.25))


def _spade(field: Field, at: Point) -> None:
    x, y = at
    _poly(field, [(x + 0.012, y + 0.03), (x - 0.06, y), (x - 0.01, y - 0.09), (x + 0.05, y)], WEB)


def _head(field: Field) -> None:
    for dx, tone in ((0.018, 0.7), (0.0, 1.0)):
        root, tip = (0.255 + dx, 0.245), (0.345 + dx, 0.165 - dx)
        solid.limb(field, _shaded(BONE, tone), root, tip, (0.021, 0.005))
    solid.limb(field, _shaded(SKIN, 0.8), (0.215, 0.315), (0.125, 0.352), (0.04, 0.022))
    solid.ellipse(field, SKIN, (0.222, 0.272), (0.078, 0.062), angle=0.25)
    solid.limb(field, SKIN, (0.19, 0.285), (0.105, 0.305), (0.05, 0.034))
    solid.ellipse(field, _shaded(SKIN, 0.35), (0.088, 0.294), (0.009, 0.007), flat=0.3)
    for k in range(3):
        x = 0.112 + 0.028 * k
        _poly(field, [(x - 0.009, 0.334), (x + 0.009, 0.333), (x, 0.354)], BONE)
    solid.ellipse(field, (1.0, 0.93, 0.45), (0.196, 0.252), (0.023, 0.019), flat=0.4)
    solid.ellipse(field, (0.08, 0.06, 0.08), (0.191, 0.253), (0.0075, 0.016), flat=0.2)
    solid.limb(field, _shaded(SKIN, 0.75), (0.165, 0.232), (0.232, 0.222), (0.011, 0.016))
    line = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    under = smoothstep(0.05, 0.0, np.hypot((line[None, :] - 0.25) * 0.8, line[:, None] - 0.345))
    field[..., :3] *= (1 - 0.22 * under)[..., None]
