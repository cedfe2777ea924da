"""Areas: the picture as a printer or a glazier sees it, parts of one colour with smooth contours.

Pixels go to the nearest of a few inks (the things have inks of their own, so that none melts into
the ground); what hangs together is an area; areas that meet in a soft transition are one (the two
halves of a shaded face, the bands of a sky), and specks go to the neighbour most like them.

To be laid down, areas are shared out to a few plates so that no two neighbours are on one. Each
plate is blurred by itself, and a pixel takes the plate that has most of it there: contours come
out round and neighbours share one edge (motion by mean curvature, after Merriman, Bence and Osher).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur
from diorama.noise import Field

from .lines import lab, strength

SIDE = 448  # pixels a side at which areas are found
RUNNING = 128  # and at which the tones that run through them are
WEIGHTS = np.asarray((0.75, 1.25, 1.25), np.float32)  # of lightness and colours in choosing inks
ALIKE = 0.10  # inks nearer to each other than this (weighted Lab / 100) are one
STEPS = 24  # of each of red, green and blue in the table of nearest inks
SHARP = 4  # how often a share is squared, so that the greatest one takes all
LEAST = 1e-20
GROUND = 0.35  # how much less is made one in the ground, whose soft bands tell of distance
PLATES = 10  # at most, and for each of ground and things


@dataclass(frozen=True)
class Areas:
    """`labels` (h, w) tells the area of each pixel of a small picture, and of each area: its mean
    `colours` (n, 3), its `sizes` in pixels, whether it is of a thing, and its `plates`."""

    labels: Field
    colours: Field
    sizes: Field
    things: Field
    plates: Field
    pixels: Field
    scale: float  # pixels per world unit


def palette(samples: Field, count: int) -> Field:
    """Return up to `count` Lab colours (n, 3) that tell samples (n, 3) apart, darkest first:
    k-means, begun with the middle colour and then ever the one that is worst served."""
    points = samples * WEIGHTS
    centres = np.median(points, axis=0)[None]
    away = ((points - centres[0]) ** 2).sum(1)
    few = max(1, len(points) // 100)
    for _ in range(count - 1):
        # of the worst served hundredth the middle one: not a single odd pixel
        worst = points[away >= np.partition(away, -few)[-few]]
        new = worst[len(worst) // 2]
        centres = np.concatenate([centres, new[None]])
        away = np.minimum(away, ((points - new) ** 2).sum(1))
    for _ in range(6):
        near = _nearest(points, centres)
        counts = np.bincount(near, minlength=len(centres))
        sums = np.stack([np.bincount(near, points[:, k], len(centres)) for k in range(3)], 1)
        centres = (sums[counts > 0] / counts[counts > 0, None]).astype(np.float32)
    counts = np.bincount(_nearest(points, centres), minlength=len(centres))
    kept: list[Field] = []
    for index in np.argsort(-counts, kind="stable"):
        if all(((centres[index] - other) ** 2).sum() > ALIKE**2 for other in kept):
            kept.append(centres[index])
    inks = np.stack(kept) / WEIGHTS
    return np.asarray(inks[np.argsort(inks[:, 0], kind="stable")], np.float32)


def _nearest(points: Field, centres: Field) -> Field:
    """Return the index of each point's nearest centre."""
    score = points @ (2 * centres.T) - (centres * centres).sum(1)
    return np.asarray(score.argmax(1))


def _inked(pixels: Field, count: int, where: Field) -> Field:
    """Return the index of each pixel's ink (uint8), the inks chosen from the part `where`."""
    samples = pixels[where]
    if len(samples) < 4 * count:
        samples = pixels.reshape(-1, 3)
    samples = samples[:: max(1, len(samples) // 4000)]
    inks = palette(lab(samples[None])[0], count)
    level = (np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS
    cube = np.stack(np.meshgrid(level, level, level, indexing="ij"), 3).reshape(1, -1, 3)
    table = _nearest(lab(cube)[0] * WEIGHTS, inks * WEIGHTS).astype(np.uint8)
    cells = np.clip(pixels * STEPS, 0, STEPS - 1).astype(np.int32)
    return np.asarray(table[(cells[..., 0] * STEPS + cells[..., 1]) * STEPS + cells[..., 2]])


def scaled(field: Field, size: tuple[int, int]) -> Field:
    """Return a field enlarged or made smaller to (width, height)."""
    if field.shape[1::-1] == size:
        return field
    flag = cv2.INTER_AREA if size[0] < field.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(field, size, interpolation=flag), np.float32)


def within(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the size (width, height) with no side above `side`."""
    ratio = min(1.0, side / max(width, height))
    return max(8, round(width * ratio)), max(8, round(height * ratio))


def found(
    pixels: Field, unit: float, focus: Field, *, ground: int, things: int, soft: float = 0.05,
    least: float = 0.016,
) -> Areas:  # fmt: skip
    """Return the areas of a picture: `ground` inks, and `things` others where `focus` is.

    Areas whose common edge is softer than `soft` are one; those of the ground smaller than a square
    of the side `least` (world units) are left out.
    """
    height, width = pixels.shape[:2]
    size = within(width, height, SIDE)
    scale = unit * size[1] / height
    small = scaled(pixels, size)
    cover = scaled(focus, size) > 0.5
    calm = strokes.kuwahara(small, round(0.008 * scale))
    labels = cv2.medianBlur(_inked(calm, ground, ~cover), 5)
    x, y, w, h = cv2.boundingRect(cover.astype(np.uint8))
    if min(w, h) > 3:
        box = slice(y, y + h), slice(x, x + w)
        own = strokes.kuwahara(small[box], round(0.003 * scale))
        fine = cv2.medianBlur(_inked(own, things, cover[box]), 3)
        np.copyto(labels[box], fine + 128, where=cover[box])
        np.copyto(calm[box], own, where=cover[box][..., None])
    parts = _parts(labels)
    edges = strength(calm, max(1.0, 0.003 * scale))
    tones = lab(small) * WEIGHTS
    apart = cover.astype(np.float32)
    for limit in (0.6 * soft, soft):
        parts = _merged(parts, edges, tones, apart, limit, least * scale)
    strokes.step()
    return _known(parts, small, cover, scale)


def _parts(labels: Field) -> Field:
    """Return the connected parts of equal labels, numbered from 0."""
    out = np.zeros(labels.shape, np.int32)
    count = 0
    for label in np.unique(labels):
        number, parts = cv2.connectedComponents((labels == label).astype(np.uint8), connectivity=4)
        np.copyto(out, parts + (count - 1), where=parts > 0)
        count += number - 1
    return out


def means(parts: Field, pixels: Field) -> tuple[Field, Field]:
    """Return (sizes (n,), mean colours (n, 3)) of parts numbered from 0."""
    flat = parts.ravel()
    sizes = np.bincount(flat)
    sums = [np.bincount(flat, pixels[..., k].ravel()) for k in range(3)]
    return sizes, (np.stack(sums, 1) / sizes[:, None]).astype(np.float32)


def _pairs(parts: Field) -> tuple[Field, Field, Field]:
    """Return (lower, higher, place): the two parts that meet at a pixel, and its flat index."""
    flat = parts.ravel()
    width = parts.shape[1]
    index = np.arange(flat.size, dtype=np.int32).reshape(parts.shape)
    across, down = index[:, :-1].ravel(), index[:-1].ravel()
    one = np.concatenate([across, down])
    two = np.concatenate([across + 1, down + width])
    meet = flat[one] != flat[two]
    one, two = one[meet], two[meet]
    return np.minimum(flat[one], flat[two]), np.maximum(flat[one], flat[two]), one


def _merged(
    parts: Field, edges: Field, tones: Field, apart: Field, limit: float, least: float
) -> Field:
    """Return the parts with those made one that meet softly, and specks given away."""
    count = int(parts.max()) + 1
    flat = parts.ravel()
    sizes, middle = means(parts, tones)
    thing = np.bincount(flat, apart.ravel(), count) > 0.5 * sizes
    low, high, place = _pairs(parts)
    code, where = np.unique(low.astype(np.int64) * count + high, return_inverse=True)
    step = np.bincount(where, edges.ravel()[place]) / np.bincount(where)
    low, high = code // count, code % count
    away = np.sqrt(((middle[low] - middle[high]) ** 2).sum(1))
    # a speck of the ground always finds a neighbour; one of a thing may be an eye
    tiny = np.minimum(sizes[low], sizes[high])
    speck = tiny < np.where(thing[low], 0.12, 1.0) * least**2
    unlike = np.where(thing[low], 0.12 * (away - 0.25), 0.25 * (away - 0.08))
    price = np.where(speck, 0.3 * away + 0.1 * step, step + np.clip(unlike, 0, 1))
    allowed = (thing[low] == thing[high]) & (
        np.where(thing[low] & speck, away < 0.3, speck) | (price < limit)
    )
    owner = np.arange(count)

    def root(one: int) -> int:
        while owner[one] != one:
            owner[one] = owner[owner[one]]
            one = int(owner[one])
        return one

    taken = np.zeros(count, bool)
    for index in np.flatnonzero(allowed)[np.argsort(price[allowed], kind="stable")]:
        one, two = int(low[index]), int(high[index])
        small = one if sizes[one] < sizes[two] else two
        if speck[index] and taken[small]:
            continue  # else a speck would join the two it lies between
        taken[small] |= bool(speck[index])
        first, second = root(one), root(two)
        owner[max(first, second)] = min(first, second)
    roots = np.asarray([root(one) for one in range(count)])
    _, numbers = np.unique(roots, return_inverse=True)
    return np.asarray(numbers.astype(np.int32)[parts])


def _known(parts: Field, pixels: Field, cover: Field, scale: float) -> Areas:
    """Return the areas with what is to be known of each."""
    count = int(parts.max()) + 1
    flat = parts.ravel()
    sizes, colours = means(parts, pixels)
    things = np.bincount(flat, cover.ravel(), count) > 0.5 * sizes
    low, high, _ = _pairs(parts)
    code = np.unique(low.astype(np.int64) * count + high)
    beside: list[list[int]] = [[] for _ in range(count)]
    for one, two in zip((code // count).tolist(), (code % count).tolist(), strict=True):
        beside[one].append(two)
        beside[two].append(one)
    plates = np.full(count, -1)
    for area in np.argsort(-sizes, kind="stable").tolist():
        held = {int(plates[other]) for other in beside[area] if things[other] == things[area]}
        plates[area] = next((k for k in range(PLATES) if k not in held), PLATES - 1)
    return Areas(parts, colours, sizes, things, plates, pixels, scale)


def laid(
    areas: Areas, focus: Field, colours: Field, *, round_off: float, fine: float = 0.0022,
    running: float = 0.0, shaded: float = 0.0,
) -> Field:  # fmt: skip
    """Return the picture (the size of `focus`) with each area in its colour of `colours` (n, 3).

    `round_off` and `fine` are how far the contours of ground and things are rounded, in world
    units; `running` and `shaded` (0..1) let each area of ground and things run through its tones.
    """
    height, width = focus.shape
    out = _group(areas, (width, height), colours, ~areas.things, round_off, running)
    if not areas.things.any():
        return out
    unit = areas.scale * height / areas.labels.shape[0]
    part, rows, columns = _around_things(areas, height, width)
    cover = focus[rows, columns]
    new = _group(part, (cover.shape[1], cover.shape[0]), colours, areas.things, fine, shaded)
    edge = np.clip((blur(cover, 0.0008 * unit) - 0.5) * max(2.0, 0.004 * unit) + 0.5, 0, 1)
    under = out[rows, columns]
    under += (new - under) * edge[..., None]
    return out


def _around_things(areas: Areas, height: int, width: int) -> tuple[Areas, slice, slice]:
    """Return the part of the areas that holds the things, and its rows and columns in the large."""
    high, wide = areas.labels.shape
    x, y, w, h = cv2.boundingRect(areas.things[areas.labels].astype(np.uint8))
    left, top, right, bottom = max(0, x - 3), max(0, y - 3), min(wide, x + w + 3), y + h + 3
    bottom = min(high, bottom)
    part = replace(
        areas,
        labels=np.ascontiguousarray(areas.labels[top:bottom, left:right]),
        pixels=np.ascontiguousarray(areas.pixels[top:bottom, left:right]),
    )
    rows = slice(round(top * height / high), round(bottom * height / high))
    columns = slice(round(left * width / wide), round(right * width / wide))
    return part, rows, columns


def _shares(areas: Areas, group: Field, sigma: float) -> list[tuple[Field, Field]]:
    """Return (where it lies, its share of the surroundings) for each plate of a group of areas."""
    here = np.where(group, areas.plates, -1)[areas.labels]
    cut = [(here == plate).astype(np.float32) for plate in range(int(here.max()) + 1)]
    soft = [blur(own, sigma * areas.scale) + LEAST for own in cut]
    whole = np.sum(soft, axis=0)
    return [(own, share / whole) for own, share in zip(cut, soft, strict=True)]


def rounded(areas: Areas, sigma: float) -> Field:
    """Return the labels of parts (h, w) like the ground's areas, with contours rounded off."""
    ground = ~areas.things
    shares = _shares(areas, ground, sigma)
    if not shares:
        return areas.labels
    best = np.argmax([share for _, share in shares], axis=0).astype(np.uint8)
    count = len(areas.sizes)
    return np.where(areas.things[areas.labels], areas.labels, _parts(best) + count)


def _group(
    areas: Areas, size: tuple[int, int], colours: Field, group: Field, sigma: float, running: float
) -> Field:
    """Return the areas of a group laid down over the whole of `size`."""
    painted = colours[areas.labels]
    if running:
        painted = painted + _tones(areas, group) * np.float32(running)
    # an area's colour is carried a little beyond its edge, where a picture of half the size will do
    half = (max(4, areas.labels.shape[1] // 2), max(4, areas.labels.shape[0] // 2))
    painted = np.asarray(painted, np.float32)
    reach = max(0.8, sigma * areas.scale)
    planes = [np.zeros(size[::-1], np.float32) for _ in range(3)]
    weight = np.full(size[::-1], LEAST, np.float32)
    for own, share in _shares(areas, group, sigma):
        mass = blur(scaled(own, half), reach)[..., None] + LEAST
        held = blur(scaled(painted * own[..., None], half), reach)
        tone = scaled(held / mass, size)
        share = scaled(share, size)
        for _ in range(SHARP):
            share = share * share
        weight += share
        for channel, plane in enumerate(planes):
            plane += share * tone[..., channel]
    strokes.step()
    return np.asarray(cv2.merge([plane / weight for plane in planes]), np.float32)


def _tones(areas: Areas, group: Field) -> Field:
    """Return how the source's tones, made smooth, lie off the colours of a group of areas."""
    inside = group[areas.labels].astype(np.float32)[..., None]
    off = (areas.pixels - areas.colours[areas.labels]) * inside
    small = within(off.shape[1], off.shape[0], RUNNING)
    reach = 0.03 * areas.scale * small[1] / off.shape[0]
    mass = blur(scaled(inside[..., 0], small), reach)[..., None] + 0.02
    soft = blur(scaled(off, small), reach) / mass
    return scaled(soft, (off.shape[1], off.shape[0]))
