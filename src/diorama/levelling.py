"""Levelling: what copied pieces of a picture lack to meet without a step, by Poisson's equation."""

from __future__ import annotations

import numpy as np

from .noise import Field
from .offsets import Hole, Offsets

STEPS = 160  # of conjugate gradients


def levelled(small: Field, gap: Hole, tones: Field, taken: Offsets) -> Field:
    """Return what to add to the copies (the small picture) so that no tone steps at a seam.

    Poisson's equation: between two pixels the picture rises as it does where they were copied
    from, and at the rim it is what is known. Solved by conjugate gradients.
    """
    height, width = gap.shape
    y, x = np.nonzero(gap)
    move = np.zeros((height, width, 2), np.int64)
    move[y, x] = taken
    at = np.indices((height, width)).transpose(1, 2, 0) + move
    at = np.clip(at, 0, [height - 1, width - 1])
    copy = small[at[..., 0], at[..., 1]]
    lost = gap[at[..., 0], at[..., 1]]  # an offset that leads nowhere brings the rows' tones
    copy = np.where(lost[..., None], tones, copy)
    pull = np.zeros_like(copy)
    for axis, way in ((0, 1), (0, -1), (1, 1), (1, -1)):
        beside = np.roll(at, -way, axis)
        step = np.asarray([way, 0] if axis == 0 else [0, way])
        mine = np.clip(at + step, 0, [height - 1, width - 1])
        theirs = np.clip(beside - step, 0, [height - 1, width - 1])
        rise = 0.5 * (copy - small[mine[..., 0], mine[..., 1]])
        rise += 0.5 * (small[theirs[..., 0], theirs[..., 1]] - np.roll(copy, -way, axis))
        hidden = gap[mine[..., 0], mine[..., 1]] | gap[theirs[..., 0], theirs[..., 1]]
        pull += np.where((hidden | ~_inside(gap.shape, axis, way))[..., None], 0.0, rise)
    return _solved(np.where(gap[..., None], copy, small), gap, pull) - copy


def _inside(shape: tuple[int, ...], axis: int, way: int) -> Hole:
    """Return where a pixel has a neighbour that way."""
    found = np.ones(shape, bool)
    edge = -1 if way > 0 else 0
    found[(edge, slice(None)) if axis == 0 else (slice(None), edge)] = False
    return found


def _solved(start: Field, gap: Hole, pull: Field) -> Field:
    """Return the field that is `start` outside the gap and rises by `pull` to its neighbours."""
    sides = [((a, w), _inside(gap.shape, a, w)) for a, w in ((0, 1), (0, -1), (1, 1), (1, -1))]

    def bent(field: Field) -> Field:
        out = np.zeros_like(field)
        for (axis, way), there in sides:
            out += np.where(there[..., None], field - np.roll(field, -way, axis), 0)
        return out * gap[..., None]

    field = np.array(start, np.float64)
    rest = (pull - bent(field)) * gap[..., None]
    way, size = rest.copy(), float((rest * rest).sum())
    for _ in range(STEPS):
        if size < 1e-8:
            break
        turned = bent(way)
        length = size / max(float((way * turned).sum()), 1e-12)
        field += length * way
        rest -= length * turned
        size, before = float((rest * rest).sum()), size
        way = rest + (size / before) * way
    return field.astype(np.float32)
