"""Noise in world coordinates: the same place has the same value at every picture size.

All noise is read from periodic tiles, made once for a seed and kept. A tile is a fractal sum on a
torus, so that any coordinate may be asked for and no seam can show. Coordinates are in tile units:
one unit is one period of the lowest octave.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[Any]  # float32 throughout; NumPy types its arithmetic more loosely
TILE = 512
CELLS = 8
PAD = 3


def seed_of(*parts: object) -> int:
    """Return a 63-bit seed for the parts; stable between processes and machines."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator(*parts: object) -> np.random.Generator:
    """Return a generator seeded by the parts."""
    return np.random.Generator(np.random.PCG64(seed_of(*parts)))


def _enlarged(lattice: Field, size: int) -> Field:
    """Return a periodic lattice at a size (a multiple of its own), its seams smooth."""
    scale = size // lattice.shape[0]
    wide = cv2.copyMakeBorder(lattice, PAD, PAD, PAD, PAD, cv2.BORDER_WRAP)
    big = cv2.resize(wide, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    edge = PAD * scale
    return np.asarray(big[edge : edge + size, edge : edge + size], dtype=np.float32)


@lru_cache(maxsize=24)
def tile(seed: int, gain: float = 0.5, ridged: bool = False) -> Field:
    """Return a periodic fractal tile (TILE, TILE) with values of about -1..1.

    `ridged` folds each octave into sharp crests (values 0..1), as mountains have.
    """
    rng = generator("tile", seed)
    total = np.zeros((CELLS, CELLS), np.float32)
    weight, norm, cells = 1.0, 0.0, CELLS
    previous: Field | float = 1.0
    while cells <= TILE // 2:
        lattice = rng.random((cells, cells), dtype=np.float32) * 2 - 1
        if ridged:
            layer = (1 - np.abs(_enlarged(lattice, TILE) * 1.15)) ** 2
            layer = np.clip(layer, 0, 1) * previous
            previous = np.clip(layer * 1.6, 0.25, 1)
            total = total + weight * layer if cells > CELLS else weight * layer
        else:  # each octave is added at its own size: most of the work is then on small fields
            total = (_enlarged(total, cells) if cells > CELLS else total) + weight * lattice
        norm += weight
        weight *= gain
        cells *= 2
    if not ridged:
        total = _enlarged(total, TILE)
    return np.asarray(total / (norm * (0.55 if ridged else 0.5)), dtype=np.float32)


def sample(source: Field, u: Field, v: Field) -> Field:
    """Read a periodic tile at coordinates (u, v), one unit a period; same shape as u."""
    size = source.shape[0]
    x, y = u - np.floor(u), v - np.floor(v)
    x *= size
    y *= size
    x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
    out = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(out, dtype=np.float32).reshape(u.shape)


def fbm(u: Field, v: Field, seed: int, *, gain: float = 0.5, ridged: bool = False) -> Field:
    """Return fractal noise at (u, v); see `tile`."""
    return sample(tile(seed, gain, ridged), u, v)


def warped(u: Field, v: Field, seed: int, amount: float = 0.06) -> Field:
    """Return fractal noise whose coordinates were bent by other noise: marble, smoke, clouds."""
    bend = fbm(u * 0.5, v * 0.5, seed + 1)
    twist = fbm(u * 0.5 + 0.37, v * 0.5 + 0.61, seed + 2)
    return fbm(u + bend * amount, v + twist * amount, seed)


def profile(x: Field, seed: int, *, octaves: int = 6, gain: float = 0.5) -> Field:
    """Return one-dimensional fractal noise of about -1..1 at x (one unit is one lattice cell)."""
    rng = generator("profile", seed)
    total = np.zeros_like(x, dtype=np.float32)
    weight, norm, frequency = 1.0, 0.0, 1.0
    for _ in range(octaves):
        lattice = (rng.random(256) * 2 - 1).astype(np.float32)
        place = x * frequency
        cell = np.floor(place).astype(np.int64)
        part = (place - cell).astype(np.float32)
        part = part * part * (3 - 2 * part)
        total += weight * (lattice[cell % 256] * (1 - part) + lattice[(cell + 1) % 256] * part)
        norm += weight
        weight *= gain
        frequency *= 2.03
    return np.asarray(total / (norm * 0.6), dtype=np.float32)


def smoothstep(low: float | Field, high: float | Field, value: Field | float) -> Field:
    """Return 0 below low, 1 above high, and a smooth ramp between; low may exceed high."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
