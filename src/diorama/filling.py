"""Filling: a hole in a plain picture, continued from what is round it.

After He and Sun, "Statistics of Patch Offsets for Image Completion" (2012). Most of what is alike
in a picture lies a few offsets apart: a wall's bricks, a shore's waves. Those offsets are counted
on a small copy, and each pixel of the hole takes one of them: it becomes what lies there. Belief
propagation chooses them so that the copies meet the rim and each other, which makes them large
pieces of the picture and no mosaic. At the picture's own size the pieces are then laid with soft
seams, and their tones are made to meet the hole's rim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import Field

SIDE = 96  # the longer side of the small copy
PATCH = 7
COMMON, ASIDE = 26, 10  # offsets from the statistics; and straight to the left and right
NEAREST = 0.07  # of the longer side: nearer offsets say only that the picture is smooth
SAMPLE = 1600  # patches that look for their like
BLOCK = 512  # patches compared at once
UPRIGHT = 9.0  # what being from another height counts when patches are compared
LEVEL = 0.5  # and when an offset is chosen, for each part of the height
TONE = 0.25  # what straying from the rows' tones counts
RIM = 4.0  # what straying from the rim counts
NOWHERE = 1e3  # the cost of an offset that leads out of the picture or into the hole
ROUNDS = 24
ROOM = 12_000_000  # pairs of offsets, over all pixels of the hole, that are weighed at once
STEPS = 160  # of conjugate gradients
LIMIT = 0.3  # the most that a tone is changed to meet the rim

Hole = NDArray[np.bool_]
Offsets = NDArray[np.int64]


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
    offsets = _offsets(small, gap)
    chosen = _chosen(small, gap, tones, offsets)
    change = _levelled(small, gap, tones, offsets[chosen])
    columns, rows = (np.flatnonzero(hole.any(axis=way)) for way in (0, 1))
    ratio = max(hole.shape) / max(gap.shape)
    rim = int(3 * ratio) + 2
    corner = (max(0, int(rows[0]) - rim), max(0, int(columns[0]) - rim))
    box = (*corner, int(rows[-1]) + 1 + rim, int(columns[-1]) + 1 + rim)
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


def _patches(pixels: Field) -> Field:
    """Return the patch round each pixel and its height, flat: (h * w, PATCH * PATCH * 3 + 1)."""
    edge = PATCH // 2
    wide = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), mode="reflect")
    views = np.lib.stride_tricks.sliding_window_view(wide, (PATCH, PATCH), axis=(0, 1))
    height, width = pixels.shape[:2]
    y = np.repeat(np.arange(height, dtype=np.float32) / max(height, width), width)
    flat = views.reshape(height * width, -1)
    return np.concatenate([flat, UPRIGHT * y[:, None]], 1).astype(np.float32)


def _offsets(small: Field, gap: Hole) -> Offsets:
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


def _chosen(small: Field, gap: Hole, tones: Field, offsets: Offsets) -> NDArray[np.int64]:
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
    for index, (dy, dx) in enumerate(offsets):
        v, u = y + dy, x + dx
        inside = (v >= 0) & (v < height) & (u >= 0) & (u < width)
        v, u = np.clip(v, 0, height - 1), np.clip(u, 0, width - 1)
        usable = inside & ~gap[v, u]
        there[:, index] = np.where(usable[:, None], small[v, u], tones[y, x])
        moved, seen = _moved(small, known, int(dy), int(dx), (width, height))
        both = known * seen
        away = np.abs(small - moved).sum(2) * both
        rim, count = (cv2.boxFilter(field, -1, (5, 5), normalize=False) for field in (away, both))
        rim = rim / np.maximum(count, 1) * np.minimum(count / 5, 1)
        tone = np.abs(there[:, index] - tones[y, x]).sum(1)
        cost[:, index] = RIM * rim[y, x] + TONE * tone + LEVEL * abs(int(dy)) / height
        cost[~usable, index] = NOWHERE
    return cost, there


def _moved(
    field: Field, known: Field, dy: int, dx: int, size: tuple[int, int]
) -> tuple[Field, Field]:
    """Return what lies at an offset from each pixel, and where that is known."""
    move = np.asarray([[1, 0, -dx], [0, 1, -dy]], np.float32)
    return (
        np.asarray(cv2.warpAffine(field, move, size, flags=cv2.INTER_NEAREST), np.float32),
        np.asarray(cv2.warpAffine(known, move, size, flags=cv2.INTER_NEAREST), np.float32),
    )


def _levelled(small: Field, gap: Hole, tones: Field, taken: Offsets) -> Field:
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
        soft = cv2.resize(part, (wide, high), interpolation=cv2.INTER_LINEAR)[here]
        sharp = np.clip((cv2.GaussianBlur(soft, (0, 0), 0.25 * ratio + 0.3) - 0.5) * 3 + 0.5, 0, 1)
        soft = cv2.GaussianBlur(soft, (0, 0), 0.9 * ratio)
        moved, seen = _moved(both, known, dy + top, dx + left, (shape[1], shape[0]))
        shares = np.dstack([soft, sharp]) * seen[..., None]
        change = spread(plan.change, part < 0.5)
        moved[..., :3] += cv2.resize(change, (wide, high), interpolation=cv2.INTER_LINEAR)[here]
        total[..., :3] += moved[..., :3] * shares[..., :1]
        total[..., 3:] += moved[..., 3:] * shares[..., 1:]
        weight += shares
    copy = total[..., :3] / weight[..., :1] + total[..., 3:] / np.maximum(weight[..., 1:], 0.05)
    out = np.array(pixels)
    out[here] = _met(pixels[here], hole[here], copy, weight[..., 0] > 0.02, ratio)
    return out


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
