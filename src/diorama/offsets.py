"""Offsets: by which steps a hole is copied from the rest of a small picture, pixel by pixel.

Most of what is alike in a picture lies a few steps apart: a wall's bricks, a shore's waves. Those
steps are counted, and belief propagation chooses one of them for each pixel, so that the copies
meet the rim and each other, which makes them large pieces of the picture and no mosaic.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import Field

PATCH = 7
COMMON, ASIDE = 26, 10  # offsets from the statistics; and straight to the left and right
NEAREST = 0.07  # of the longer side: nearer offsets say only that the picture is smooth
SAMPLE = 1600  # patches that look for their like
BLOCK = 512  # patches compared at once
UPRIGHT = 9.0  # what being from another height counts when patches are compared
LEVEL = 0.5  # and when an offset is chosen, for each part of the height
TONE = 0.25  # what straying from the rows' tones counts, where the picture lies in layers
RIM = 4.0  # what straying from the rim counts
NOWHERE = 1e3  # the cost of an offset that leads out of the picture or into the hole
ROUNDS = 24
ROOM = 5_000_000  # pairs of offsets, over all pixels of the hole, that are weighed at once

Hole = NDArray[np.bool_]
Offsets = NDArray[np.int64]


def likely_offsets(small: Field, gap: Hole) -> Offsets:
    """Return the offsets (n, 2), down and to the right, by which the hole may be copied."""
    height, width = gap.shape
    rows, columns = (np.flatnonzero(gap.any(axis=way)) for way in (1, 0))
    high, wide = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    # Likely steps, and some of every length, so that each pixel can be reached.
    lengths = {int(step) for step in np.linspace(wide // 6, gap.shape[1] - 1, ASIDE)}
    every = [step * way for step in sorted(lengths) if step for way in (1, -1)]
    straight = [(0, step) for step in (*_alike(small, gap, wide // 2), *every)]
    # Where the hole goes from side to side there is only above and below.
    turned = small.transpose(1, 0, 2), gap.T
    upright = [(step, 0) for step in (*_alike(*turned, high // 2)[:4], high, -high)]
    found = dict.fromkeys([*_common(small, gap), *straight, *upright])
    inside = [(dy, dx) for dy, dx in found if abs(dy) < height and abs(dx) < width]
    return np.asarray(inside, np.int64).reshape(-1, 2)


def _alike(small: Field, gap: Hole, least: int) -> list[int]:
    """Return steps to the right and left, from `least` on, after which the rows are most alike."""
    found = {}
    for step in range(max(1, least), gap.shape[1] - 1):
        both = ~(gap[:, step:] | gap[:, :-step])
        if both.any():
            found[step] = float(np.abs(small[:, step:] - small[:, :-step]).sum(2)[both].mean())
    lows = [s for s in found if found[s] <= min(found.get(s - 1, 9.0), found.get(s + 1, 9.0))]
    best = sorted(lows, key=lambda step: found[step])[: ASIDE // 2]
    return [step * way for step in best for way in (1, -1)]


def _common(small: Field, gap: Hole) -> Iterator[tuple[int, int]]:
    """Yield the commonest offsets between patches of the known picture that are most alike."""
    height, width = gap.shape
    near = cv2.dilate(gap.astype(np.uint8), np.ones((PATCH, PATCH), np.uint8)) > 0
    known = np.flatnonzero(~near.ravel())
    if len(known) < 2:
        return
    flat = _patches(small)[known]
    sizes = (flat**2).sum(1)
    y, x = np.divmod(known, width)
    least = (NEAREST * max(height, width)) ** 2
    count = np.zeros((2 * height + 1, 2 * width + 1), np.float32)
    # Those round the hole tell most of what belongs in it.
    away = cv2.distanceTransform((~gap).astype(np.uint8), cv2.DIST_L2, 3).ravel()[known]
    for block in np.array_split(np.argsort(away, kind="stable")[:SAMPLE], -(-SAMPLE // BLOCK)):
        cost = sizes - 2 * flat[block] @ flat.T
        close = (y[block, None] - y) ** 2 + (x[block, None] - x) ** 2 < least
        cost[close] = np.inf
        best = cost.argmin(1)
        np.add.at(count, (y[best] - y[block] + height, x[best] - x[block] + width), 1)
    count = cv2.GaussianBlur(count, (0, 0), 1.0)
    for _ in range(COMMON):
        at = int(count.argmax())
        row, column = divmod(at, count.shape[1])
        if count[row, column] < 1e-3:
            return
        count[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = 0
        yield row - height, column - width


def _patches(pixels: Field) -> Field:
    """Return the patch round each pixel and its height, flat: (h * w, PATCH * PATCH * 3 + 1)."""
    edge = PATCH // 2
    wide = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), mode="reflect")
    views = np.lib.stride_tricks.sliding_window_view(wide, (PATCH, PATCH), axis=(0, 1))
    height, width = pixels.shape[:2]
    y = np.repeat(np.arange(height, dtype=np.float32) / max(height, width), width)
    flat = views.reshape(height * width, -1)
    return np.concatenate([flat, UPRIGHT * y[:, None]], 1).astype(np.float32)


def chosen_offsets(small: Field, gap: Hole, tones: Field, offsets: Offsets) -> NDArray[np.int64]:
    """Return for each pixel of the hole the index of the offset that it takes."""
    height, width = gap.shape
    y, x = np.nonzero(gap)
    cost, there = _costs(small, gap, tones, offsets)
    usable = np.argsort((cost >= NOWHERE).sum(0), kind="stable")
    keep = np.sort(usable[: max(4, int((ROOM / len(y)) ** 0.5))])
    cost, there = cost[:, keep], there[:, keep]
    number = np.full((height + 1, width + 1), -1, np.int64)
    number[y, x] = np.arange(len(y))
    pairs = [_weighed(there, number[y, x + 1]), _weighed(there, number[y + 1, x])]
    letters = [np.zeros_like(cost) for _ in range(4)]  # from left, from right, from above, below
    for _ in range(ROUNDS):
        total = cost + sum(letters)
        for way, (first, second, weight) in enumerate(pairs):
            ahead, back = letters[2 * way], letters[2 * way + 1]
            sent = (total - back)[first]
            other = (total - ahead)[second]
            ahead[second] = _relaxed(ahead[second], (sent[:, :, None] + weight).min(1))
            back[first] = _relaxed(back[first], (other[:, None, :] + weight).min(2))
    return np.asarray(keep[(cost + sum(letters)).argmin(1)], np.int64)


def _relaxed(before: Field, now: Field) -> Field:
    """Return half of a message and half of the one before, which keeps loops from swinging."""
    return np.asarray(0.5 * before + 0.5 * (now - now.min(1, keepdims=True)), np.float32)


def _weighed(there: Field, neighbour: Offsets) -> tuple[Offsets, Offsets, Field]:
    """Return (pixels, their neighbours, what each pair of their offsets costs).

    Two offsets meet well where both bring the same colours to either pixel.
    """
    first = np.flatnonzero(neighbour >= 0)
    second = neighbour[first]
    weight = np.zeros((len(first), there.shape[1], there.shape[1]), np.float32)
    for colours in (there[first], there[second]):
        sizes = (colours**2).sum(2)
        weight += sizes[:, :, None] + sizes[:, None, :]
        weight -= 2 * colours @ colours.transpose(0, 2, 1)
    return first, second, np.sqrt(np.maximum(weight, 0))


def _costs(small: Field, gap: Hole, tones: Field, offsets: Offsets) -> tuple[Field, Field]:
    """Return what each offset costs each pixel of the hole, and the colours that it brings.

    An offset must bring what meets the rim, near the rows' tones, and rather from the same height.
    """
    height, width = gap.shape
    y, x = np.nonzero(gap)
    known = (~gap).astype(np.float32)
    cost = np.empty((len(y), len(offsets)), np.float32)
    there = np.empty((len(y), len(offsets), 3), np.float32)
    layered = TONE * _layered(small, gap)
    for index, (dy, dx) in enumerate(offsets):
        v, u = y + dy, x + dx
        inside = (v >= 0) & (v < height) & (u >= 0) & (u < width)
        v, u = np.clip(v, 0, height - 1), np.clip(u, 0, width - 1)
        usable = inside & ~gap[v, u]
        there[:, index] = np.where(usable[:, None], small[v, u], tones[y, x])
        brought, seen = moved(small, known, int(dy), int(dx), (width, height))
        both = known * seen
        away = np.abs(small - brought).sum(2) * both
        rim, count = (cv2.boxFilter(field, -1, (5, 5), normalize=False) for field in (away, both))
        rim = rim / np.maximum(count, 1) * np.minimum(count / 5, 1)
        tone = np.abs(there[:, index] - tones[y, x]).sum(1)
        cost[:, index] = RIM * rim[y, x] + layered * tone + LEVEL * abs(int(dy)) / height
        cost[~usable, index] = NOWHERE
    return cost, there


def _layered(small: Field, gap: Hole) -> float:
    """Return how much of what varies in a picture lies in rows (0..1): all in a sea under a sky."""
    rows = [line[~lost] for line, lost in zip(small, gap, strict=True) if not lost.all()]
    within = sum(float(((row - row.mean(0)) ** 2).sum()) for row in rows)
    every = np.concatenate(rows)
    return 1 - within / max(float(((every - every.mean(0)) ** 2).sum()), 1e-6)


def moved(
    field: Field, known: Field, dy: int, dx: int, size: tuple[int, int]
) -> tuple[Field, Field]:
    """Return what lies at an offset from each pixel, and where that is known."""
    move = np.asarray([[1, 0, -dx], [0, 1, -dy]], np.float32)
    return (
        np.asarray(cv2.warpAffine(field, move, size, flags=cv2.INTER_NEAREST), np.float32),
        np.asarray(cv2.warpAffine(known, move, size, flags=cv2.INTER_NEAREST), np.float32),
    )
