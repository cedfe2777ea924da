"""Fixtures of house and garden, drawn from polygons: what people sit by, lean on and climb."""

from __future__ import annotations

import itertools

import numpy as np

from . import solid
from .assets import cutout
from .canvas import Colour, rgb, vec
from .noise import Field, fbm, smoothstep
from .shipyard import blank, curve, lay

WOOD = rgb("#9c6535")
Box = tuple[float, float, float, float]  # left, top, right, bottom


def _box(field: Field, box: Box, tone: Field | Colour) -> None:
    left, top, right, bottom = box
    lay(field, [(left, top), (right, top), (right, bottom), (left, bottom)], tone)


def _wood(x: Field, y: Field, colour: Colour = WOOD, along: float = 0.0) -> Field:
    """Return boards with their grain running across, or upright when `along` is 1."""
    run = y + (x - y) * along
    grain = 0.92 + 0.07 * np.cos((run + 0.012 * np.sin(9 * (x + y - run))) * 140)
    return vec(colour) * (grain + 0.07 * fbm(x, y, 7) - 0.12 * x)[..., None] * 1.15


def _bricks(x: Field, y: Field, colour: str, rows: float) -> Field:
    row = np.floor(y * rows)
    across = x * rows * 0.5 + 0.5 * (row % 2)
    joint = np.maximum(
        smoothstep(0.40, 0.47, np.abs(y * rows - row - 0.5)),
        smoothstep(0.45, 0.485, np.abs(across - np.floor(across) - 0.5)),
    )
    tint = 0.92 + 0.16 * np.sin(row * 12.9 + np.floor(across) * 78.2) * 0.5 + 0.12 * fbm(x, y, 5)
    brick = vec(rgb(colour)) * (tint * (1.12 - 0.3 * x))[..., None]
    return np.asarray(brick + (vec((0.80, 0.75, 0.70)) - brick) * (0.75 * joint)[..., None])


def fireplace() -> Field:
    """Return a brick fireplace with a fire in it."""
    field, x, y = blank()
    brick = _bricks(x, y, "#a9553c", 17)
    _box(field, (0.24, 0.02, 0.76, 0.24), brick * 0.92)
    _box(field, (0.10, 0.28, 0.90, 0.94), brick)
    _box(field, (0.04, 0.21, 0.96, 0.30), _wood(x, y))
    _box(field, (0.04, 0.28, 0.96, 0.305), vec(WOOD) * 0.55)
    _box(field, (0.04, 0.92, 0.96, 0.985), _bricks(x, y, "#8d8782", 12))
    hole = [(0.25, 0.925), (0.25, 0.56), *curve((0.25, 0.56), (0.5, 0.36), (0.75, 0.56))]
    mouth = [(a + (a - 0.5) * 0.12, b - 0.03) for a, b in hole] + [(0.78, 0.925)]
    lay(field, mouth, brick * 0.72)
    glow = np.exp(-(((x - 0.5) / 0.2) ** 2 + ((y - 0.9) / 0.26) ** 2))[..., None]
    lay(field, [*hole, (0.75, 0.925)], vec((0.10, 0.06, 0.05)) + vec((0.62, 0.24, 0.05)) * glow)
    for at, foot in ((0.41, 0.90), (0.59, 0.90), (0.5, 0.875)):
        bark, end = rgb("#5a3a24"), rgb("#c99a63")
        solid.limb(field, bark, (at - 0.10, foot), (at + 0.10, foot), (0.026, 0.026))
        solid.ellipse(field, end, (at + 0.105, foot), (0.018, 0.025))
    solid.paste(field, cutout("1f525"), 0.5, 0.71, 0.36)
    return np.clip(field, 0, 1)


def bookcase() -> Field:
    """Return a bookcase full of books."""
    field, x, y = blank()
    _box(field, (0.16, 0.02, 0.84, 0.985), _wood(x, y, along=1.0))
    _box(field, (0.20, 0.055, 0.80, 0.945), vec(WOOD) * 0.38)
    spines = ("#b8433d", "#2f6f8f", "#d9a441", "#4d7f55", "#7a4a86", "#c9c1ae", "#35486e")
    for shelf in range(4):
        foot, left = 0.265 + 0.225 * shelf, 0.205
        for k in range(22):
            wide = 0.022 + 0.006 * ((k * 7 + shelf * 3) % 4)
            if left + wide > 0.795:
                break
            if (k + 2 * shelf) % 9 != 5:
                top = foot - 0.125 - 0.012 * ((k * 5 + shelf) % 5)
                tone = vec(rgb(spines[(k * 3 + shelf * 2) % 7]))
                shade = (1.12 - 9 * np.abs(x - left - wide * 0.4))[..., None]
                _box(field, (left, top, left + wide - 0.003, foot), tone * shade)
            left += wide
        _box(field, (0.18, foot, 0.82, foot + 0.026), _wood(x, y))
    return np.clip(field, 0, 1)


def stairs() -> Field:
    """Return a flight of stone stairs, rising to the right."""
    field, x, y = blank()
    stone = vec(rgb("#b9b2a8")) * (1.0 + 0.12 * fbm(x, y, 9))[..., None]
    steps = 8
    for k in range(steps):
        left, top = 0.04 + 0.115 * k, 0.93 - 0.115 * k
        _box(field, (left, top - 0.06, 0.97, 0.985), stone * (0.62 + 0.05 * (k % 2) + 0.02 * k))
        edge = [(left, top - 0.06), (left + 0.05, top - 0.10), (0.99, top - 0.10)]
        lay(field, [*edge, (0.97, top - 0.06)], stone * 1.08)
    return np.clip(field, 0, 1)


def bench() -> Field:
    """Return a wooden park bench."""
    field, x, y = blank()
    iron = rgb("#3a3d42")
    for at in (0.14, 0.86):
        solid.limb(field, iron, (at, 0.30), (at, 0.60), (0.018, 0.018))
        solid.limb(field, iron, (at, 0.60), (at - 0.03, 0.95), (0.02, 0.016))
        solid.limb(field, iron, (at, 0.60), (at + 0.05, 0.95), (0.02, 0.016))
    boards = _wood(x, y)
    for top in (0.27, 0.345, 0.42):
        _box(field, (0.05, top, 0.95, top + 0.058), boards * 0.94)
    lay(field, [(0.06, 0.53), (0.94, 0.53), (0.985, 0.63), (0.015, 0.63)], boards * 1.12)
    _box(field, (0.015, 0.63, 0.985, 0.665), boards * 0.75)
    return np.clip(field, 0, 1)


def fence() -> Field:
    """Return a white picket fence."""
    field, x, y = blank()
    paint = vec((0.95, 0.94, 0.91)) * (1.02 + 0.04 * fbm(x, y * 0.4, 3) - 0.12 * x)[..., None]
    for top in (0.56, 0.80):
        _box(field, (0.0, top, 1.0, top + 0.055), paint * 0.82)
    for k in range(9):
        left = 0.012 + 0.111 * k
        tip = [(left, 0.50), (left + 0.042, 0.43), (left + 0.084, 0.50)]
        shade = (1.06 - 2.4 * np.abs(x - left - 0.03))[..., None]
        lay(field, [*tip, (left + 0.084, 0.985), (left, 0.985)], paint * shade)
    return np.clip(field, 0, 1)


def wall() -> Field:
    """Return a piece of a brick wall with a coping."""
    field, x, y = blank()
    _box(field, (0.01, 0.34, 0.99, 0.985), _bricks(x, y, "#b0654a", 15))
    _box(field, (0.0, 0.29, 1.0, 0.35), vec(rgb("#b7b0a6")) * (1.06 - 0.25 * x)[..., None])
    return np.clip(field, 0, 1)


def wheelbarrow() -> Field:
    """Return a wheelbarrow, its wheel to the left."""
    field, x, _ = blank()
    dark = rgb("#3a3235")
    solid.ellipse(field, dark, (0.20, 0.80), (0.15, 0.15))
    solid.ellipse(field, rgb("#b9bec9"), (0.20, 0.80), (0.06, 0.06))
    solid.limb(field, WOOD, (0.20, 0.80), (0.97, 0.52), (0.02, 0.022))
    solid.limb(field, dark, (0.66, 0.64), (0.72, 0.95), (0.018, 0.018))
    tub = [(0.10, 0.36), (0.86, 0.36), (0.70, 0.68), (0.30, 0.68)]
    lay(field, tub, vec(rgb("#c8483c")) * (1.15 - 0.5 * np.abs(x - 0.35))[..., None])
    lay(field, [(0.08, 0.34), (0.88, 0.34), (0.86, 0.38), (0.10, 0.38)], rgb("#8f2f2a"))
    return np.clip(field, 0, 1)


def cage() -> Field:
    """Return a bird cage with a domed top."""
    field, _, _ = blank()
    gold = rgb("#d9a945")
    for k in range(9):
        at = 0.20 + 0.075 * k
        rise = 0.40 - 0.22 * float(np.sqrt(max(0.0, 1 - ((at - 0.5) / 0.31) ** 2)))
        solid.limb(field, gold, (at, 0.90), (at, 0.40), (0.008, 0.008))
        solid.limb(field, gold, (at, 0.40), (0.5 + (at - 0.5) * 0.55, rise - 0.04), (0.008, 0.007))
        solid.limb(field, gold, (0.5 + (at - 0.5) * 0.55, rise - 0.04), (0.5, 0.13), (0.007, 0.006))
    for level in (0.40, 0.66):
        solid.limb(field, gold, (0.19, level), (0.81, level), (0.010, 0.010))
    solid.limb(field, rgb("#b07f2c"), (0.19, 0.92), (0.81, 0.92), (0.038, 0.038))
    solid.ellipse(field, gold, (0.5, 0.10), (0.035, 0.035))
    return np.clip(field, 0, 1)


def branch() -> Field:
    """Return a branch with leaves that reaches in from the right."""
    field, _, _ = blank()
    bark = rgb("#6b4a30")
    line = ((0.99, 0.66), (0.78, 0.58), (0.56, 0.545), (0.34, 0.555), (0.10, 0.50))
    for (a, b), (c, d) in itertools.pairwise(line):
        solid.limb(field, bark, (a, b), (c, d), (0.016 + 0.026 * a, 0.016 + 0.026 * c))
    for a, b, c, d in ((0.70, 0.57, 0.60, 0.78), (0.34, 0.555, 0.24, 0.72), (0.84, 0.6, 0.9, 0.4)):
        solid.limb(field, bark, (a, b), (c, d), (0.02, 0.010))
    leaves: tuple[tuple[float, float], ...] = (
        (0.60, 0.79),
        (0.54, 0.74),
        (0.65, 0.74),
        (0.23, 0.73),
        (0.18, 0.68),
        (0.28, 0.78),
    )
    leaves += ((0.10, 0.49), (0.06, 0.54), (0.15, 0.45), (0.90, 0.39), (0.85, 0.44), (0.95, 0.45))
    for k, at in enumerate(leaves):
        green = rgb(("#5f9a3f", "#7db24c", "#4d8536")[k % 3])
        solid.ellipse(field, green, at, (0.058, 0.030), angle=0.7 * (k % 5) - 1.2)
    return np.clip(field, 0, 1)


def blackboard() -> Field:
    """Return a blackboard in a wooden frame, with lines of chalk on it."""
    field, x, y = blank()
    _box(field, (0.02, 0.20, 0.98, 0.84), _wood(x, y))
    slate = vec((0.13, 0.24, 0.20)) * (1 + 0.10 * fbm(x * 0.7, y * 0.7, 12))[..., None]
    _box(field, (0.06, 0.24, 0.94, 0.80), slate)
    chalk = (0.88, 0.90, 0.86)
    for k, (left, right) in enumerate(((0.12, 0.46), (0.12, 0.58), (0.12, 0.38))):
        solid.limb(field, chalk, (left, 0.34 + 0.11 * k), (right, 0.34 + 0.11 * k), (0.007, 0.007))
    for a, b, c, d in (
        (0.66, 0.62, 0.88, 0.62),
        (0.88, 0.62, 0.77, 0.36),
        (0.77, 0.36, 0.66, 0.62),
    ):
        solid.limb(field, chalk, (a, b), (c, d), (0.007, 0.007))
    _box(field, (0.30, 0.84, 0.70, 0.87), vec(WOOD) * 0.7)
    return np.clip(field, 0, 1)


def throne() -> Field:
    """Return a golden throne with a red cushion."""
    field, x, y = blank()
    gold = vec(rgb("#e0ac3c")) * (1.10 - 0.35 * x + 0.10 * np.cos(y * 40))[..., None]
    red = vec(rgb("#a3202f")) * (1.12 - 0.4 * x)[..., None]
    back = [(0.24, 0.80), (0.24, 0.20), *curve((0.24, 0.20), (0.5, -0.02), (0.76, 0.20))]
    lay(field, [*back, (0.76, 0.80)], gold)
    inner = [(0.31, 0.74), (0.31, 0.24), *curve((0.31, 0.24), (0.5, 0.08), (0.69, 0.24))]
    lay(field, [*inner, (0.69, 0.74)], red)
    for at in (0.24, 0.76):
        solid.ellipse(field, rgb("#f2c95c"), (at, 0.17), (0.035, 0.035))
    lay(field, [(0.24, 0.66), (0.76, 0.66), (0.84, 0.77), (0.16, 0.77)], red * 1.15)
    _box(field, (0.15, 0.77, 0.85, 0.86), gold * 0.92)
    for left in (0.15, 0.76):
        _box(field, (left, 0.55, left + 0.09, 0.60), gold * 1.08)
        _box(field, (left + 0.02, 0.60, left + 0.07, 0.985), gold * 0.86)
    return np.clip(field, 0, 1)


FIXTURES = {
    "fireplace": fireplace, "bookcase": bookcase, "stairs": stairs, "bench": bench,
    "fence": fence, "wall": wall, "wheelbarrow": wheelbarrow, "cage": cage, "branch": branch,
    "blackboard": blackboard, "throne": throne,
}  # fmt: skip
