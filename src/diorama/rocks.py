"""Rocks, drawn: rounded or broken stones, lit from the upper left, as premultiplied images."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from .canvas import mix, rgb, vec
from .noise import Field, fbm, generator, smoothstep

TALL, WIDE = 160, 256


@lru_cache(maxsize=12)
def rock(seed: int, colour: str = "#8a8077") -> Field:
    """Return a rock (TALL, WIDE, 4) premultiplied: planes broken off a rounded block."""
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
    out = np.asarray(np.dstack([np.clip(tone, 0, 1) * alpha, alpha]), np.float32)
    out.setflags(write=False)
    return out
