"""Ground: what open country is covered with, as colours before any light: turf, sand, rock, snow.

Turf is a tile of drawn blades. It is read at (u, log v), where it shrinks with the distance as what
stands upright does, and not as what is painted on the ground.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from diorama.canvas import rgb, vec
from diorama.noise import TILE, Field, fbm, generator, sample, smoothstep
from diorama.relief import Relief
from diorama.stage import Stage

BLADES, DOTS = 5200, 420


@lru_cache(maxsize=2)
def turf_tile(seed: int) -> Field:
    """Return a periodic tile (TILE, TILE) of grass, about -1 in its depths to 1 on its tips."""
    rng = generator("turf", seed)
    pad = 64
    out = np.full((TILE + 2 * pad, TILE + 2 * pad), 0.3, np.float32)
    ys = np.sort(rng.random(BLADES)) * TILE
    for y in ys:
        x, long = float(rng.random()) * TILE, 16 + 22 * float(rng.random())
        bend, tone = (float(rng.random()) - 0.5) * 16, 0.36 + 0.5 * float(rng.random())
        for dx in (-TILE, 0, TILE):
            for dy in (-TILE, 0, TILE):
                a = (x + dx + pad, y + dy + pad)
                if not (0 < a[0] < TILE + 2 * pad and 0 < a[1] < TILE + 2 * pad):
                    continue
                middle = (a[0] + bend * 0.3, a[1] - long * 0.55)
                tip = (a[0] + bend, a[1] - long)
                root = (int(a[0] * 16), int(a[1] * 16))
                half = (int(middle[0] * 16), int(middle[1] * 16))
                end = (int(tip[0] * 16), int(tip[1] * 16))
                cv2.line(out, root, half, tone * 0.62, 3, cv2.LINE_AA, 4)
                cv2.line(out, half, end, tone * 1.15, 2, cv2.LINE_AA, 4)
    out = out[pad:-pad, pad:-pad]
    return np.asarray((out - out.mean()) * 2.2, np.float32)


@lru_cache(maxsize=2)
def dots_tile(seed: int) -> Field:
    """Return a periodic tile (TILE, TILE) of flower heads among turf: 1 on a head, 0 between."""
    rng = generator("dots", seed)
    out = np.zeros((TILE, TILE), np.float32)
    for _ in range(DOTS):
        x, y = int(rng.integers(TILE)), int(rng.integers(TILE))
        wide = 3 + int(rng.integers(5))
        for dx in (-TILE, 0, TILE):
            for dy in (-TILE, 0, TILE):
                centre, size = (x + dx, y + dy), (wide, max(2, wide * 2 // 3))
                cv2.ellipse(out, centre, size, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    return out


def upright(relief: Relief, size: float) -> tuple[Field, Field]:
    """Return tile coordinates of what stands upright, `size` world units a tile at v = 1."""
    return relief.u / size, -np.log(np.maximum(relief.v, 0.05)) * (relief.eye / size)


def albedo(stage: Stage) -> Field:
    """Return the ground's own colours; how white it is goes into the notes."""
    relief = stage.ground()
    u, v = relief.u, relief.v
    broad = fbm(u * 0.06, v * 0.06, stage.noise("patch"))
    fine = fbm(u * 0.9, v * 0.9, stage.noise("fine"), gain=0.7)
    fade = smoothstep(14, 3, v)
    settle = str(stage.spec.get("settle", ""))
    loose = settle == "sand" and not float(stage.spec.get("rough", 0.0))
    rough = 0.16 if loose else 0.55  # blown sand is even
    mixed = np.clip(0.5 + 0.7 * broad + rough * fine * fade, 0, 1)[..., None]
    first, second = vec(stage.colour("ground", "#4f7a2c")), vec(stage.colour("ground2", "#86a545"))
    tone = first + (second - first) * mixed
    if settle == "grass" and not stage.snow:
        tone = _turf(stage, relief, tone, broad)
    elif settle == "sand":
        tone = _sand(stage, relief, tone)
    rock = vec(stage.colour("rock", "#6b625c"))
    bare = smoothstep(0.86, 0.62, relief.ny + 0.12 * fine)
    if "treeline" in stage.spec:
        line = float(stage.spec["treeline"])
        bare = np.maximum(bare, smoothstep(line, line * 1.7, relief.level + 0.5 * broad))
    bare = bare * float(stage.spec.get("bare", 1.0))
    strata = fbm(u * 0.05, relief.level * 0.35 + 0.3 * broad, stage.noise("rock"))
    broken = fbm(u * 0.35 + 0.2 * strata, relief.level * 0.5 + v * 0.2, 61, gain=0.72)
    strata = 0.86 + 0.14 * strata + 0.30 * broken
    tone = tone + (rock * strata[..., None] - tone) * bare[..., None]
    snowline = float(stage.spec.get("snowline", 99))
    white = smoothstep(0.55, 0.78, relief.ny + 0.2 * fine) * smoothstep(
        snowline * 0.75, snowline * 1.15, relief.level + 0.7 * broad
    )
    if stage.snow:
        white = np.maximum(white, smoothstep(0.42, 0.7, relief.ny + 0.15 * fine))
    stage.notes["white"] = white
    snow = vec((0.90, 0.93, 0.98)) * (0.95 + 0.07 * broad)[..., None]
    tone = tone + (snow - tone) * white[..., None]
    if "water" in stage.spec and not stage.spec.get("ice"):
        damp = smoothstep(0.10, 0.0, relief.level - float(stage.spec["water"]))
        shore = vec(stage.colour("shingle", "#8d8470")) * (0.8 + 0.3 * fine)[..., None]
        tone = tone + (shore * 0.8 - tone) * (damp * (1 - 0.5 * white))[..., None]
    return np.asarray(tone, np.float32)


def _turf(stage: Stage, relief: Relief, tone: Field, broad: Field) -> Field:
    """Return the tone as grass: blades near the eye, patches far off, and flowers in drifts."""
    v = relief.v
    a, b = upright(relief, 0.55)
    blades = sample(turf_tile(1), a, b) * smoothstep(11, 1.6, v)
    a, b = upright(relief, 1.9)
    clumps = fbm(a, b, stage.noise("clump"), gain=0.62) * smoothstep(26, 4, v)
    tone = tone * (0.74 + 0.34 * blades + 0.20 * clumps)[..., None]
    dry = smoothstep(0.3, 0.95, broad + 0.4 * clumps) * 0.3
    tone = tone + (vec(stage.colour("dry", "#8f8446")) - tone) * dry[..., None]
    flowers = stage.spec.get("flowers", [])
    if not flowers or stage.spec.get("front") != "flowers":
        return np.asarray(tone, np.float32)
    a, b = upright(relief, 0.8)
    heads = sample(dots_tile(1), a, b) * smoothstep(16, 5, v) * smoothstep(0.85, 1.2, v)
    drift = fbm(relief.u * 0.05 + 0.4, v * 0.06, stage.noise("drift"))
    heads = heads * smoothstep(-0.05, 0.35, drift)
    kind = fbm(relief.u * 0.04, v * 0.05 + 0.3, stage.noise("kind")) * 1.2 + 0.5
    colours = np.asarray([rgb(code) for code in flowers], np.float32)
    where = heads > 0.004
    petal = colours[np.clip(kind[where] * len(flowers), 0, len(flowers) - 1).astype(np.int64)]
    turf = np.asarray(tone, np.float32)
    turf[where] += (petal * 0.95 - turf[where]) * (0.9 * heads[where])[:, None]
    return turf


def _sand(stage: Stage, relief: Relief, tone: Field) -> Field:
    """Return the tone as sand: ripples of the wind near the eye, and grains."""
    u, v = relief.u, relief.v
    bend = fbm(u * 0.12, v * 0.12, stage.noise("wind"), gain=0.3)
    ripple = np.sin((v * 0.9 + u * 0.35) * 34 + bend * 7) * smoothstep(6.5, 1.6, v)
    where = smoothstep(-0.25, 0.35, fbm(u * 0.1, v * 0.1, stage.noise("lull")))
    grain = fbm(u * 7, v * 7, 29, gain=0.8) * smoothstep(4, 0.9, v)
    rough = float(stage.spec.get("rough", 0.0))
    pebbles = smoothstep(0.42, 0.6, fbm(u * 1.9, v * 1.9, stage.noise("pebble"), gain=0.6))
    shade = 0.84 + (0.15 - 0.11 * rough) * ripple * where + 0.12 * grain
    shade = shade * (1 - 0.45 * rough * pebbles * smoothstep(12, 3, v))
    return np.asarray(tone * shade[..., None], np.float32)
