"""Traits: what a thing is like, shown on its picture: glowing, old, broken, burning, frozen."""

from __future__ import annotations

import cv2
import numpy as np

from .assets import cutout
from .canvas import Colour, blur, rgb, vec
from .flora import pressed, stamp
from .noise import Field, fbm, generator, smoothstep
from .scene import Thing
from .stage import Stage

HALOS: dict[str, Colour] = {"glowing": (0.62, 0.95, 1.0), "burning": (1.0, 0.50, 0.14)}


def showing(stage: Stage, thing: Thing, lit: Field, left: int, top: int) -> Field:
    """Return the lit picture of a thing (premultiplied) with its trait, its halo on the canvas."""
    alpha = lit[..., 3]
    if thing.trait in HALOS:
        tint = rgb(thing.tint) if thing.tint else HALOS[thing.trait]
        _halo(stage, alpha, left, top, tint, thing.size)
        if thing.trait == "burning":
            _flames(stage, alpha, left, top)
        return _shining(lit, tint, 0.5 if thing.trait == "glowing" else 0.16)
    if thing.trait == "old":
        return _aged(stage, lit)
    if thing.trait == "broken":
        return _cracked(stage, lit, thing)
    if thing.trait == "frozen":
        return _iced(stage, lit)
    return lit


def _halo(stage: Stage, alpha: Field, left: int, top: int, tint: Colour, size: float) -> None:
    canvas = stage.canvas
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    box = canvas.part(alpha, left, top)
    if box is None:
        return
    rows, columns, ry, rx = box
    layer[rows, columns] = alpha[ry, rx]
    tall = size * canvas.unit
    halo = 0.75 * blur(layer, 0.07 * tall + 0.5) + 0.8 * blur(layer, 0.22 * tall + 0.5)
    canvas.glow(tint, np.asarray(halo, np.float32))


def _flames(stage: Stage, alpha: Field, left: int, top: int) -> None:
    """Let fire stand behind the thing, higher than it."""
    canvas = stage.canvas
    fire = np.array(cutout("1f525"))
    fire[..., :3] *= fire[..., 3:]
    height, width = alpha.shape
    for k, (at, tall) in enumerate(((0.2, 0.8), (0.8, 0.9), (0.5, 1.2))):
        x = (left + at * width) / canvas.unit + canvas.left
        y = (top + 0.72 * height) / canvas.unit + canvas.top
        stamp(canvas, pressed(fire, 0), x, y, tall * height / canvas.unit, flip=k == 1)


def _shining(lit: Field, tint: Colour, amount: float) -> Field:
    out = np.array(lit)
    alpha = lit[..., 3:]
    light = (lit[..., :3] @ vec((0.3, 0.59, 0.11)))[..., None]
    shine = vec(tint) * (0.35 * alpha + 0.9 * light)
    out[..., :3] += (np.clip(shine, 0, 1.2) - lit[..., :3]) * amount
    inner = blur(lit[..., 3], 0.05 * lit.shape[0] + 0.5)[..., None]
    out[..., :3] += vec(tint) * alpha * inner * 0.22
    return np.asarray(np.clip(out, 0, 1.25), np.float32)


def _aged(stage: Stage, lit: Field) -> Field:
    height, width = lit.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(height, 1)
    stain = smoothstep(-0.1, 0.5, fbm(x * 0.7, y * 0.7, stage.noise("stain"), gain=0.66))
    dust = smoothstep(0.1, 0.7, fbm(x * 2.4, y * 2.4, stage.noise("dust"), gain=0.75))
    out, alpha = np.array(lit), lit[..., 3:]
    light = (lit[..., :3] @ vec((0.3, 0.59, 0.11)))[..., None]
    worn = light * vec((1.03, 0.93, 0.78)) * 0.92
    out[..., :3] += (worn - out[..., :3]) * 0.58
    rust = vec(rgb("#6d4a30")) * alpha * 0.8
    out[..., :3] += (rust - out[..., :3]) * (0.42 * stain * (0.35 + 0.65 * y))[..., None]
    out[..., :3] += (vec((0.78, 0.74, 0.66)) * alpha - out[..., :3]) * (0.22 * dust)[..., None]
    return np.asarray(out, np.float32)


def _cracked(stage: Stage, lit: Field, thing: Thing) -> Field:
    """Run dark cracks over the thing and break a piece out of its edge."""
    rng = generator("crack", stage.seed, thing.name, f"{thing.x:.3f}")
    height, width = lit.shape[:2]
    line = np.zeros((height, width), np.float32)
    gap = np.zeros((height, width), np.float32)
    for k in range(4):
        at = np.asarray([width * (0.25 + 0.5 * float(rng.random())), 0.0 if k % 2 else height])
        angle = (1.57 if k % 2 else -1.57) + (float(rng.random()) - 0.5)
        points = [at]
        for _ in range(9):
            angle += (float(rng.random()) - 0.5) * 1.3
            at = at + np.asarray([np.cos(angle), np.sin(angle)]) * 0.085 * height
            points.append(at)
        path = (np.asarray(points) * 16).astype(np.int32)
        cv2.polylines(line, [path], False, 1.0, max(1, round(0.009 * height)), cv2.LINE_AA, 4)
    cx, cy = (width * (0.12 if rng.random() < 0.5 else 0.88), height * (0.1 + 0.2 * rng.random()))
    turns = np.linspace(0, 6.28, 9)
    reach = 0.17 * height * (0.6 + 0.7 * rng.random(9))
    shard = np.stack([cx + np.cos(turns) * reach, cy + np.sin(turns) * reach], 1)
    cv2.fillPoly(gap, [(shard * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    out = np.array(lit)
    out[..., :3] *= (1 - 0.78 * line)[..., None]
    light = np.roll(line, max(1, round(0.006 * height)), 1) * (1 - line)
    out[..., :3] += (0.16 * light * lit[..., 3])[..., None]
    return np.asarray(out * (1 - gap)[..., None], np.float32)


def _iced(stage: Stage, lit: Field) -> Field:
    height, width = lit.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(height, 1)
    rime = smoothstep(0.0, 0.6, fbm(x * 1.3, y * 1.3, stage.noise("rime"), gain=0.7))
    light = (lit[..., :3] @ vec((0.3, 0.59, 0.11)))[..., None]
    ice = light * vec((0.80, 1.02, 1.18)) + vec((0.06, 0.10, 0.14)) * lit[..., 3:]
    out = np.array(lit)
    out[..., :3] += (ice - out[..., :3]) * 0.66
    white = vec((0.93, 0.97, 1.0)) * lit[..., 3:]
    out[..., :3] += (white - out[..., :3]) * (0.4 * rime)[..., None]
    return np.asarray(out, np.float32)
