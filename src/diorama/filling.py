"""Filling: a hole in a plain picture, continued from what is round it.

After He and Sun, "Statistics of Patch Offsets for Image Completion" (2012). On a small copy each
pixel of the hole takes one of the likely `offsets`: it becomes what lies there. At the picture's
own size the pieces are then laid with soft seams, and their tones are made to meet each other (see
`levelling`) and the hole's rim.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .levelling import levelled
from .noise import Field
from .offsets import PATCH, Hole, Offsets, chosen_offsets, likely_offsets, moved

SIDE = 96  # the longer side of the small copy
LIMIT = 0.3  # the most that a tone is changed to meet the rim


def filled(pixels: Field, hole: Hole) -> Field:
    """Return the picture (h, w, 3) with the hole (h, w) filled from the rest."""
    if hole.all():
        return np.full_like(pixels, 0.5)
    if not hole.any():
        return pixels
    smooth = spread(pixels, hole)
    guess = across(pixels, hole, smooth)
    small, gap, tones = _small(pixels, hole, guess)
    if gap.all():
        return guess
    offsets = likely_offsets(small, gap)
    chosen = chosen_offsets(small, gap, tones, offsets)
    change = levelled(small, gap, tones, offsets[chosen])
    columns, rows = (np.flatnonzero(hole.any(axis=way)) for way in (0, 1))
    ratio = max(hole.shape) / max(gap.shape)
    rim = int(3 * ratio) + 2
    corner = (max(0, int(rows[0]) - rim), max(0, int(columns[0]) - rim))
    far = (
        min(hole.shape[0], int(rows[-1]) + 1 + rim),
        min(hole.shape[1], int(columns[-1]) + 1 + rim),
    )
    box = (*corner, *far)
    labels = np.full(gap.shape, -1, np.int64)
    labels[gap] = chosen
    return _laid(pixels, hole, guess, Plan(offsets, labels, change, ratio, box))


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


def _small(pixels: Field, hole: Hole, guess: Field) -> tuple[Field, Hole, Field]:
    """Return (picture, hole, guess) with the longer side at SIDE pixels."""
    ratio = min(1.0, SIDE / max(hole.shape))
    size = (max(PATCH, round(hole.shape[1] * ratio)), max(PATCH, round(hole.shape[0] * ratio)))
    small, share, tones = (
        np.asarray(cv2.resize(field.astype(np.float32), size, interpolation=cv2.INTER_AREA))
        for field in (pixels, hole, guess)
    )
    return small, share > 0, tones


@dataclass(frozen=True)
class Plan:
    """How a hole is copied: `labels` says which of the offsets each pixel of the small copy takes
    (-1 outside the hole), `change` what is added there; `box` bounds the hole in the picture."""

    offsets: Offsets
    labels: Offsets
    change: Field
    ratio: float
    box: tuple[int, int, int, int]


def _laid(pixels: Field, hole: Hole, guess: Field, plan: Plan) -> Field:
    """Return the picture with the hole copied as planned.

    Fine detail changes from piece to piece within a few pixels, tones over a wider band.
    """
    high, wide = hole.shape
    ratio, (top, left, bottom, right) = plan.ratio, plan.box
    here = np.s_[top:bottom, left:right]
    known = (~hole).astype(np.float32)
    broad = cv2.GaussianBlur(np.where(hole[..., None], guess, pixels), (0, 0), 0.6 * ratio + 0.5)
    both = np.dstack([broad, pixels - broad]).astype(np.float32)
    shape = hole[here].shape
    # Where no offset brings anything there are the rows' tones.
    weight = np.full((*shape, 2), 2e-3, np.float32)
    total = np.dstack([guess[here] * weight[..., :1], np.zeros((*shape, 3), np.float32)])
    for index in np.unique(plan.labels[plan.labels >= 0]):
        part = (plan.labels == index).astype(np.float32)
        dy, dx = _finer(pixels, known, plan.offsets[index], part, ratio)
        y0, x0, y1, x1 = _reached(part, plan)
        there, inner = np.s_[y0:y1, x0:x1], np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        soft = cv2.resize(part, (wide, high), interpolation=cv2.INTER_LINEAR)[there]
        sharp = np.clip((cv2.GaussianBlur(soft, (0, 0), 0.25 * ratio + 0.3) - 0.5) * 3 + 0.5, 0, 1)
        soft = cv2.GaussianBlur(soft, (0, 0), 0.9 * ratio)
        copy, seen = moved(both, known, dy + y0, dx + x0, (x1 - x0, y1 - y0))
        shares = np.dstack([soft, sharp]) * seen[..., None]
        change = spread(plan.change, part < 0.5)
        copy[..., :3] += cv2.resize(change, (wide, high), interpolation=cv2.INTER_LINEAR)[there]
        total[inner][..., :3] += copy[..., :3] * shares[..., :1]
        total[inner][..., 3:] += copy[..., 3:] * shares[..., 1:]
        weight[inner] += shares
    met = total[..., :3] / weight[..., :1] + total[..., 3:] / np.maximum(weight[..., 1:], 0.05)
    out = np.array(pixels)
    out[here] = _met(pixels[here], hole[here], met, weight[..., 0] > 0.02, ratio)
    return out


def _reached(part: Field, plan: Plan) -> tuple[int, int, int, int]:
    """Return (top, left, bottom, right) of where a part of the small copy and its blur show."""
    (rows, columns), reach = np.nonzero(part), 4 * plan.ratio + 2
    top, left, bottom, right = plan.box
    return (
        max(top, int(rows.min() * plan.ratio - reach)),
        max(left, int(columns.min() * plan.ratio - reach)),
        min(bottom, int((rows.max() + 1) * plan.ratio + reach)),
        min(right, int((columns.max() + 1) * plan.ratio + reach)),
    )


def _finer(
    pixels: Field, known: Field, offset: Offsets, part: Field, ratio: float
) -> tuple[int, int]:
    """Return an offset of the small copy in whole pixels of the picture, where it fits the rim."""
    base = (round(float(offset[0]) * ratio), round(float(offset[1]) * ratio))
    if ratio <= 1:
        return base
    round_ = cv2.dilate(part, np.ones((3, 3), np.uint8))
    rows, columns = (np.flatnonzero(round_.any(axis=way)) for way in (1, 0))
    top, left = int(rows[0] * ratio), int(columns[0] * ratio)
    box = np.s_[top : int((rows[-1] + 1) * ratio) + 1, left : int((columns[-1] + 1) * ratio) + 1]
    near = cv2.resize(round_, pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)[box]
    y, x = np.nonzero((near > 0) & (known[box] > 0))
    if len(y) < 30:
        return base
    step = max(1, len(y) // 1500)
    y, x = y[::step] + top, x[::step] + left
    reach = int(np.ceil(ratio / 2))
    best, least = base, np.inf
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            v, u = y + base[0] + dy, x + base[1] + dx
            inside = (v >= 0) & (v < known.shape[0]) & (u >= 0) & (u < known.shape[1])
            inside[inside] = known[v[inside], u[inside]] > 0
            if inside.sum() < 0.5 * len(y):
                continue
            away = np.abs(pixels[y[inside], x[inside]] - pixels[v[inside], u[inside]]).mean()
            cost = float(away) + 1e-4 * (abs(dy) + abs(dx))
            if cost < least:
                best, least = (base[0] + dy, base[1] + dx), cost
    return best


def _met(pixels: Field, hole: Hole, copy: Field, covered: Hole, ratio: float) -> Field:
    """Return the picture with the copy in its hole, its tones made to meet the rim."""
    rim = ~hole & covered
    if rim.any():
        away = np.clip(pixels - copy, -LIMIT, LIMIT)
        away = cv2.GaussianBlur(away * rim[..., None], (0, 0), 0.5 * ratio + 0.5)
        share = cv2.GaussianBlur(rim.astype(np.float32), (0, 0), 0.5 * ratio + 0.5)
        away = away / np.maximum(share, 1e-3)[..., None]
        copy = copy + spread(np.asarray(away, np.float32), ~rim)
    return np.asarray(np.where(hole[..., None], np.clip(copy, 0, 1), pixels), np.float32)
