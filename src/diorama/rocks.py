"""Rocks, drawn: rounded or broken stones, lit from the upper left, as plants are."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from .canvas import mix, rgb, vec
from .flora import pressed
from .noise import Field, fbm, generator, smoothstep

TALL, WIDE = 160, 256
DRIP = (320, 128)  # height and width of a dripstone


@lru_cache(maxsize=24)
def rock(seed: int, colour: str = "#8a8077") -> Field:
    """Return a rock (TALL, WIDE, 4), pressed: planes broken off a rounded block."""
    rng = generator("rock", seed)
    y, x = np.mgrid[0:TALL, 0:WIDE].astype(np.float32)
    u, v = (x - WIDE / 2) / (WIDE * 0.46), (TALL - y) / (TALL * 0.74)
    rough = fbm(x / 420, y / 420, 900 + seed)
    fine = fbm(x / 120, y / 120, 910 + seed, gain=0.7)
    body = 1 - np.sqrt(u**2 + (0.9 * np.maximum(v, 0)) ** 2) - 0.16 * rough
    high = np.sqrt(np.clip(body, 0, 1)) * 0.9
    for _ in range(9):  # each cut takes off what lies beyond a slanting plane
        angle, steep = float(rng.random()) * 6.28, 0.5 + 0.7 * float(rng.random())
        away = np.cos(angle) * u + np.sin(angle) * (v - 0.45)
        plane = 0.42 + 0.3 * float(rng.random()) - steep * (away - 0.25)
        high = np.minimum(high, np.asarray(plane + 0.04 * rough, np.float32))
    alpha = smoothstep(0.0, 0.05, high) * smoothstep(-0.01, 0.03, v)
    high = cv2.GaussianBlur(np.asarray(high + 0.025 * fine, np.float32), (0, 0), 0.9)
    gy, gx = np.gradient(high * 90)
    nz = 1 / np.sqrt(gx * gx + gy * gy + 1)
    light = np.clip((0.42 * gx + 0.62 * gy) * nz * 0.9 + 0.55 * nz, 0, 1.2)
    base = rgb(colour)
    dark, pale = vec(mix(base, (0.02, 0.02, 0.05), 0.66)), vec(mix(base, (1, 0.97, 0.9), 0.30))
    shade = np.clip(light + 0.20 * fine, 0, 1.1)[..., None]
    tone = dark + (pale - dark) * shade
    tone = tone * (0.72 + 0.28 * smoothstep(0.0, 0.3, v))[..., None]
    alpha = cv2.GaussianBlur(np.asarray(alpha, np.float32), (0, 0), 0.7)[..., None]
    return pressed(np.dstack([np.clip(tone, 0, 1) * alpha, alpha]), 0)


@lru_cache(maxsize=8)
def dripstone(seed: int, colour: str) -> Field:
    """Return a stalagmite (DRIP, 4), pressed: a tapering column of rings, lit from the left."""
    tall, wide = DRIP
    rng = generator("drip", seed)
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    up = 1 - y / tall
    lean = (float(rng.random()) - 0.5) * 0.12 * wide * up
    rings = 0.05 * np.sin(up * (22 + 8 * float(rng.random())) + fbm(x / 300, y / 300, 930 + seed))
    half = wide * (0.46 * (1 - up) ** (0.75 + 0.5 * float(rng.random())) + 0.03) * (1 + rings)
    half *= 1 + 0.16 * fbm(x / 700, y / 260, 940 + seed)
    across = (x - wide / 2 - lean) / half
    alpha = smoothstep(1.02, 0.96, np.abs(across)) * smoothstep(0.995, 0.97, up)
    worn = fbm(x / 160, y / 240, 950 + seed, gain=0.7)
    light = np.clip(0.62 - 0.55 * across + 3.0 * rings + 0.28 * worn, 0.02, 1.15)
    base = rgb(colour)
    dark, pale = vec(mix(base, (0.02, 0.02, 0.04), 0.75)), vec(mix(base, (1, 0.96, 0.88), 0.25))
    tone = (dark + (pale - dark) * light[..., None]) * smoothstep(-0.05, 0.14, up)[..., None]
    alpha = cv2.GaussianBlur(np.asarray(alpha, np.float32), (0, 0), 0.7)[..., None]
    return pressed(np.dstack([np.clip(tone, 0, 1) * alpha, alpha]), 0)
