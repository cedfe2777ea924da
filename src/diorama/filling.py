"""Filling: a hole in a plain picture, continued from what is round it.

Exemplar-based, after Wexler, Shechtman and Irani, "Space-Time Completion of Video" (2007): on a
small copy every patch of the hole looks for the most alike patch of the rest, and each pixel is the
mean of what the patches over it found; this is repeated, coarse to fine. The places found are then
copied at the picture's own size, and the copy is made to meet the hole's rim.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import Field

SIDES = (28, 52, 96)  # longer sides of the small copies
PATCH = 5
ROUNDS = 4
BLOCK = 512  # patches compared at once
UPRIGHT, ASIDE = 9.0, 1.5  # what being from another height, or from farther aside, counts

Hole = NDArray[np.bool_]


def filled(pixels: Field, hole: Hole) -> Field:
    """Return the picture (h, w, 3) with the hole (h, w) filled from the rest."""
    if hole.all():
        return np.full_like(pixels, 0.5)
    smooth = spread(pixels, hole)
    guess, source = across(pixels, hole, smooth), None
    for side in SIDES:
        small, gap, start = _small(pixels, hole, guess, side)
        if gap.all() or not gap.any():
            continue
        guess, source = _completed(small, gap, start)
    if source is None:
        return smooth
    return _copied(pixels, hole, guess, source)


def spread(pixels: Field, hole: Hole) -> Field:
    """Return the picture with the hole filled smoothly, from coarser and coarser means around."""
    known = (~hole).astype(np.float32)
    return np.where(hole[..., None], _pulled(pixels * known[..., None], known), pixels)


def across(pixels: Field, hole: Hole, smooth: Field) -> Field:
    """Return the picture with each row of the hole drawn over from its two ends.

    Pictures lie in layers: sky, horizon, ground. Rows without an end take the smooth filling, and
    rows with one take half of it.
    """
    out = np.array(smooth)
    for y in np.flatnonzero(hole.any(axis=1)):
        gap = np.flatnonzero(hole[y])
        known = np.flatnonzero(~hole[y])
        if not len(known):
            continue
        row = np.stack([np.interp(gap, known, pixels[y, known, c]) for c in range(3)], 1)
        inside = known[0] < gap[0] and gap[-1] < known[-1]
        out[y, gap] += (row - out[y, gap]) * (0.9 if inside else 0.6)
    soft = cv2.GaussianBlur(out, (0, 0), max(hole.shape) / 200)
    return np.asarray(np.where(hole[..., None], soft, pixels), np.float32)


def _pulled(total: Field, weight: Field) -> Field:
    """Return total / weight, and where weight is 0 the same of a coarser level."""
    height, width = weight.shape
    if min(height, width) <= 2 or weight.min() > 0.99:
        mean = total.sum((0, 1)) / max(float(weight.sum()), 1e-6)
        here = total / np.maximum(weight, 1e-6)[..., None]
        return np.where(weight[..., None] > 0, here, mean)
    size = ((width + 1) // 2, (height + 1) // 2)
    coarse = _pulled(
        np.asarray(cv2.resize(total, size, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32),
    )
    far = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(total + far * (1 - np.clip(weight, 0, 1))[..., None], np.float32)


def _small(pixels: Field, hole: Hole, guess: Field, side: int) -> tuple[Field, Hole, Field]:
    """Return (picture, hole, first guess) with the longer side at `side` pixels."""
    ratio = min(1.0, side / max(hole.shape))
    size = (max(PATCH, round(hole.shape[1] * ratio)), max(PATCH, round(hole.shape[0] * ratio)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    gap = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    start = cv2.resize(guess.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32), np.asarray(gap), np.asarray(start, np.float32)


def _patches(pixels: Field) -> Field:
    """Return the patch round each pixel and its place, flat: (h * w, PATCH * PATCH * 3 + 2)."""
    edge = PATCH // 2
    wide = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), mode="reflect")
    views = np.lib.stride_tricks.sliding_window_view(wide, (PATCH, PATCH), axis=(0, 1))
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(height, width)
    place = np.stack([UPRIGHT * y.ravel(), ASIDE * x.ravel()], 1)
    return np.concatenate([views.reshape(height * width, -1), place], 1)


def _completed(small: Field, gap: Hole, start: Field) -> tuple[Field, NDArray[np.int64]]:
    """Return the small picture with its gap filled, and where each pixel of the gap came from."""
    picture = np.where(gap[..., None], start, small)
    near = cv2.dilate(gap.astype(np.uint8), np.ones((PATCH, PATCH), np.uint8)) > 0
    sources = np.flatnonzero(~near.ravel())
    if not len(sources):
        sources = np.flatnonzero(~gap.ravel())
    goals = np.flatnonzero(gap.ravel())
    found = np.zeros(len(goals), np.int64)
    for _ in range(ROUNDS):
        flat = _patches(picture)
        found = sources[_nearest(flat[goals], flat[sources])]
        picture.reshape(-1, 3)[goals] = _voted(picture, gap, goals, found)
    return picture, found


def _nearest(goals: Field, sources: Field) -> NDArray[np.int64]:
    """Return for each goal the index of the most alike source, by squared distance."""
    sizes = (sources**2).sum(1)
    best = [
        (sizes - 2 * goals[at : at + BLOCK] @ sources.T).argmin(1)
        for at in range(0, len(goals), BLOCK)
    ]
    return np.concatenate(best).astype(np.int64)


def _voted(picture: Field, gap: Hole, goals: NDArray[np.int64], found: NDArray[np.int64]) -> Field:
    """Return the mean, for each pixel of the gap, of what the patches over it found."""
    height, width = gap.shape
    total = np.zeros((height, width, 3), np.float32)
    count = np.zeros((height, width), np.float32)
    gy, gx = np.divmod(goals, width)
    sy, sx = np.divmod(found, width)
    edge = PATCH // 2
    for dy in range(-edge, edge + 1):
        for dx in range(-edge, edge + 1):
            y, x = gy + dy, gx + dx
            v, u = np.clip(sy + dy, 0, height - 1), np.clip(sx + dx, 0, width - 1)
            fine = (y >= 0) & (y < height) & (x >= 0) & (x < width)
            np.add.at(total, (y[fine], x[fine]), picture[v[fine], u[fine]])
            np.add.at(count, (y[fine], x[fine]), 1)
    return total[gy, gx] / np.maximum(count[gy, gx], 1)[:, None]


def _copied(pixels: Field, hole: Hole, guess: Field, found: NDArray[np.int64]) -> Field:
    """Return the picture with the hole copied from the places found, in the guess's colours.

    The guess gives the colours, which meet the rim; the places give what is finer than it.
    """
    high, wide = hole.shape
    size = (wide, high)
    small = guess.shape[:2]
    gap = cv2.resize(hole.astype(np.float32), small[::-1], interpolation=cv2.INTER_AREA) > 0
    gy, gx = np.nonzero(gap)
    sy, sx = np.divmod(found, small[1])
    move = np.zeros((*small, 2), np.float32)
    move[gy, gx] = np.stack([sx - gx, sy - gy], 1)
    far = cv2.resize(move, size, interpolation=cv2.INTER_NEAREST)
    ratio = np.float32(high / small[0])
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    u, v = x + far[..., 0] * ratio, y + far[..., 1] * ratio
    broad = cv2.resize(guess.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(pixels, (0, 0), float(ratio))
    fine = cv2.remap(pixels - soft, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    out = np.clip(broad + 0.85 * fine, 0, 1)
    return np.asarray(np.where(hole[..., None], out, pixels), np.float32)
