"""Buildings drawn from polygons: pyramid, igloo, barn, bridge; and the trees of the flora."""

from __future__ import annotations

import cv2
import numpy as np

from . import flora
from .assets import SIDE
from .canvas import rgb, vec
from .noise import Field, fbm, smoothstep
from .shipyard import blank, curve, lay


def pyramid() -> Field:
    """Return a stepped stone pyramid, one side in the sun."""
    field, x, y = blank()
    course = 0.90 + 0.10 * np.sign(np.sin(y * 150)) + 0.10 * fbm(x * 1.4, y * 3, 21)
    joint = 0.06 * (np.cos((x + 0.03 * np.floor(y * 24)) * 130) > 0.93)
    stone = vec(rgb("#dcb878")) * (course - joint)[..., None]
    lay(field, [(0.56, 0.12), (0.03, 0.95), (0.66, 0.96)], stone)
    lay(field, [(0.56, 0.12), (0.66, 0.96), (0.97, 0.90)], stone * 0.58)
    lay(field, [(0.315, 0.955), (0.315, 0.86), (0.385, 0.86), (0.385, 0.957)], rgb("#4a3420"))
    return field


def igloo() -> Field:
    """Return a house of snow blocks with its tunnel."""
    field, x, y = blank()
    dome = [(0.06, 0.92), *curve((0.06, 0.92), (0.08, 0.24), (0.52, 0.24))]
    dome += curve((0.52, 0.24), (0.94, 0.26), (0.95, 0.92))
    row = np.hypot(x - 0.5, (y - 0.92) * 0.66) * 18
    ring = np.abs(row - np.floor(row) - 0.5) > 0.44
    turn = np.arctan2(y - 0.92, x - 0.5) * 4.4 + np.floor(row) * 0.5
    joint = ring | (np.abs(turn - np.floor(turn) - 0.5) > 0.465)
    light = np.clip(1.03 - 0.30 * (x - 0.2) - 0.22 * (y - 0.25), 0.5, 1.05)
    snow = vec(rgb("#eaf3fb")) * (light * (1 - 0.16 * joint))[..., None]
    lay(field, dome, snow)
    arch = [(0.22, 0.94), *curve((0.22, 0.94), (0.23, 0.50), (0.42, 0.50))]
    arch += curve((0.42, 0.50), (0.61, 0.52), (0.62, 0.94))
    lay(field, arch, snow * 0.9)
    door = [(0.29, 0.945), *curve((0.29, 0.945), (0.30, 0.60), (0.42, 0.60))]
    door += curve((0.42, 0.60), (0.54, 0.61), (0.55, 0.945))
    lay(field, door, rgb("#27405c"))
    return field


def barn() -> Field:
    """Return a red barn with white boards."""
    field, x, y = blank()
    plank = 0.86 + 0.10 * np.cos(x * 170) + 0.08 * fbm(x * 3, y, 17)
    wall = vec(rgb("#b8322c")) * (plank * (1.1 - 0.25 * x))[..., None]
    front = [(0.12, 0.94), (0.12, 0.50), (0.24, 0.26), (0.5, 0.12), (0.76, 0.26), (0.88, 0.50)]
    lay(field, [*front, (0.88, 0.94)], wall)
    roof = vec(rgb("#5c5f6b")) * (0.9 + 0.1 * np.cos(y * 160))[..., None]
    edges = ((0.5, 0.09), (0.77, 0.235), (0.92, 0.52), (0.885, 0.54), (0.745, 0.275), (0.5, 0.145))
    lay(field, edges, roof * 0.85)
    lay(field, [(1 - px, py) for px, py in edges], roof)
    white = rgb("#f3efe8")
    lay(field, [(0.33, 0.94), (0.33, 0.57), (0.67, 0.57), (0.67, 0.94)], white)
    lay(field, [(0.35, 0.94), (0.35, 0.59), (0.65, 0.59), (0.65, 0.94)], wall * 0.9)
    for a, b in ((0.35, 0.65), (0.65, 0.35)):
        lay(field, [(a, 0.59), (a + 0.02, 0.59), (b, 0.94), (b - 0.02, 0.94)], white)
    lay(field, [(0.43, 0.30), (0.57, 0.30), (0.57, 0.43), (0.43, 0.43)], white)
    lay(field, [(0.445, 0.315), (0.555, 0.315), (0.555, 0.415), (0.445, 0.415)], rgb("#3a2522"))
    return field


def bridge() -> Field:
    """Return an arched stone bridge."""
    field, x, y = blank()
    row = np.floor(y * 26)
    joint = (np.abs(y * 26 - row - 0.5) > 0.44) | (np.cos((x + 0.02 * row) * 120) > 0.95)
    stone = vec(rgb("#a79d90")) * (1.08 - 0.22 * x - 0.16 * joint + 0.1 * fbm(x, y, 3))[..., None]
    body = [(0.0, 0.93), (0.0, 0.62), *curve((0.0, 0.62), (0.5, 0.33), (1.0, 0.62)), (1.0, 0.93)]
    lay(field, body, stone)
    rail = [*curve((0.0, 0.565), (0.5, 0.275), (1.0, 0.565))]
    rail += curve((1.0, 0.625), (0.5, 0.335), (0.0, 0.625))
    lay(field, rail, stone * 1.12)
    hole = np.zeros((SIDE, SIDE), np.float32)
    for cx, rx, top in ((0.5, 0.17, 0.60), (0.16, 0.09, 0.72), (0.84, 0.09, 0.72)):
        arch = np.hypot((x - cx) / rx, (np.minimum(y, 0.94) - 0.94) / (0.94 - top))
        hole = np.maximum(hole, smoothstep(1.02, 0.98, arch))
        field[..., :3] *= (1 - 0.35 * smoothstep(1.22, 1.0, arch) * (y > top - 0.08))[..., None]
    field[..., 3] *= 1 - hole
    return field


def waterfall() -> Field:
    """Return a cliff with water that falls over it into a pool."""
    field, x, y = blank()
    rough = fbm(x * 1.1, y * 1.6, 27, gain=0.62)
    steps = 0.82 + 0.2 * rough + 0.16 * np.sin(y * 34 + 5 * fbm(x * 0.5, y * 0.4, 4))
    rock = vec(rgb("#7c746c")) * (steps * (1.1 - 0.35 * x))[..., None]
    edge = curve((0.02, 0.96), (0.05, 0.20), (0.24, 0.12))
    edge += [(0.36, 0.06), (0.47, 0.10), (0.58, 0.07), (0.78, 0.13)]
    edge += curve((0.78, 0.13), (0.96, 0.22), (0.98, 0.96))
    lay(field, edge, rock)
    moss = smoothstep(0.2, 0.6, fbm(x * 0.8, y * 0.8, 8) + 0.5 - y)[..., None]
    field[..., :3] += (vec(rgb("#5c8a3c")) * (0.8 + 0.3 * rough)[..., None] - field[..., :3]) * (
        0.75 * moss
    )
    fall = [(0.36, 0.09), (0.60, 0.09), (0.66, 0.55), (0.70, 0.90), (0.28, 0.90), (0.32, 0.5)]
    streak = 0.5 + 0.5 * np.sin(x * 150 + 9 * fbm(x * 0.6, y * 0.12, 31))
    water = vec(rgb("#b9e2f2")) * (0.82 + 0.28 * streak)[..., None]
    lay(field, fall, water)
    pool = np.hypot((x - 0.5) / 0.49, (y - 0.93) / 0.062)
    mask = smoothstep(1.02, 0.97, pool)
    lay(field, [(0.01, 0.87), (0.99, 0.87), (0.99, 1.0), (0.01, 1.0)], field[..., :3])
    tone = vec(rgb("#5fb4d4")) * (0.9 + 0.15 * np.cos(pool * 26))[..., None]
    field[..., :3] += (tone - field[..., :3]) * mask[..., None]
    field[..., 3] = np.where(y > 0.935, mask, np.maximum(field[..., 3] * (y < 0.94), mask))
    spray = np.exp(-(((x - 0.49) / 0.26) ** 2 + ((y - 0.875) / 0.055) ** 2)) * 1.2
    spray = np.clip(spray * (0.8 + 0.4 * rough), 0, 0.95)[..., None]
    field[..., :3] += (vec((0.97, 0.99, 1.0)) - field[..., :3]) * spray
    return field


def grown(image: Field) -> Field:
    """Return a plant of the flora as a form: straight alpha, square, standing on the lower edge."""
    out = np.zeros((SIDE, SIDE, 4), np.float32)
    tall = SIDE if image.shape[0] >= image.shape[1] else SIDE * image.shape[0] // image.shape[1]
    wide = min(SIDE, tall * image.shape[1] // image.shape[0])
    small = cv2.resize(image, (wide, tall), interpolation=cv2.INTER_CUBIC) * np.float32(1 / 255)
    left = (SIDE - wide) // 2
    out[SIDE - tall :, left : left + wide] = np.clip(small, 0, 1)
    out[..., :3] /= np.maximum(out[..., 3:], 1e-4)
    return np.clip(out, 0, 1)


TREES = {
    "tree": lambda: grown(flora.broad(3)),
    "autumn-tree": lambda: grown(flora.broad(5, "#d9832b")),
    "cherry-tree": lambda: grown(flora.broad(7, "#f09cbc", "#5a3a34")),
    "pine-tree": lambda: grown(flora.pine(2, snow=False)),
    "palm-tree": lambda: grown(flora.palm(4)),
    "bare-tree": lambda: grown(flora.bare(6)),
    "shrub": lambda: grown(flora.bush(2)),
}
