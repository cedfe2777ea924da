"""Pictures laid from pieces: pixels, triangles, coloured glass."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur, vec
from diorama.noise import Field, fbm, generator, smoothstep


def pixel(pixels: Field, unit: float, seed: int) -> Field:
    """Large pixels in a small palette, with ordered dither."""
    height, width = pixels.shape[:2]
    cells = 120
    ratio = cells / unit
    size = (min(width, max(16, round(width * ratio))), min(height, max(16, round(height * ratio))))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    small = np.clip(strokes.saturate(np.asarray(small, np.float32), 1.25), 0, 1)
    palette, _ = strokes.few_colours(small, 28, seed)
    bayer = (
        np.asarray([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16
        - 0.47
    )
    tiled = np.tile(bayer, (size[1] // 4 + 1, size[0] // 4 + 1))[: size[1], : size[0]]
    flat = strokes.nearest(small + (tiled * 0.055)[..., None], palette)
    return np.asarray(
        cv2.resize(flat, (width, height), interpolation=cv2.INTER_NEAREST), np.float32
    )


def lowpoly(pixels: Field, unit: float, seed: int, focus: Field | None = None) -> Field:
    """Triangles between points that gather along the edges."""
    height, width = pixels.shape[:2]
    points = _points(pixels, unit, seed, 0.046, 3.0, focus)
    corners = np.asarray(
        [[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]], np.float32
    )
    rim = [[x, y] for x in np.linspace(0, width - 1, 14) for y in (0, height - 1)]
    rim += [[x, y] for y in np.linspace(0, height - 1, 14) for x in (0, width - 1)]
    plan = cv2.Subdiv2D((-8, -8, width + 16, height + 16))
    for point in np.concatenate([points, corners, np.asarray(rim, np.float32)]):
        plan.insert((float(point[0]), float(point[1])))
    soft = strokes.saturate(blur(pixels, 0.006 * unit), 1.2)
    out = np.array(soft)
    triangles = np.asarray(plan.getTriangleList()).reshape(-1, 3, 2)
    keep = ((triangles > -4) & (triangles < (width + 4, height + 4))).all(axis=(1, 2))
    for triangle in triangles[keep]:
        centre = triangle.mean(0)
        cx, cy = int(np.clip(centre[0], 0, width - 1)), int(np.clip(centre[1], 0, height - 1))
        lean = (triangle[:, 0].argmin() - triangle[:, 1].argmin()) * 0.018
        tone = np.clip(soft[cy, cx] * (1.02 + lean), 0, 1)
        cv2.fillConvexPoly(
            out, np.round(triangle * 16).astype(np.int32), tone.tolist(), cv2.LINE_AA, 4
        )
    return out


def glass(pixels: Field, unit: float, seed: int, focus: Field | None = None) -> Field:
    """Pieces of coloured glass in lead, lit from behind."""
    height, width = pixels.shape[:2]
    flat = strokes.kuwahara(pixels, round(0.010 * unit))
    points = _points(flat, unit, seed, 0.058, 0.5, focus)
    sites = np.full((height, width), 255, np.uint8)
    sites[points[:, 1].astype(int), points[:, 0].astype(int)] = 0
    _, labels = cv2.distanceTransformWithLabels(
        sites, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    count = int(labels.max()) + 1
    flat_labels = labels.ravel()
    sizes = np.maximum(np.bincount(flat_labels, minlength=count), 1)
    means = np.stack(
        [np.bincount(flat_labels, flat[..., c].ravel(), count) / sizes for c in range(3)], 1
    )
    tone = strokes.saturate(means[labels].astype(np.float32), 1.55) * 1.12
    x, y = strokes.grid(pixels, unit)
    ripple = fbm(x * 0.9, y * 0.9, seed + 2, gain=0.6)
    tone = (
        tone * (0.95 + 0.22 * ripple)[..., None] + (np.clip(ripple - 0.25, 0, 1) * 0.25)[..., None]
    )
    border = np.zeros((height, width), np.uint8)
    border[:, 1:] |= (labels[:, 1:] != labels[:, :-1]).astype(np.uint8)
    border[1:] |= (labels[1:] != labels[:-1]).astype(np.uint8)
    away = cv2.distanceTransform(1 - border, cv2.DIST_L2, 5) / unit
    if focus is not None:
        away = away * (1 + 0.7 * focus)  # thin lead, or it would hide what small pieces tell
    lead = smoothstep(0.0026, 0.0013, away)
    shade = smoothstep(0.012, 0.002, away) * 0.3
    out = tone * (1 - shade)[..., None]
    metal = vec((0.075, 0.075, 0.09)) + (smoothstep(0.0014, 0.0, away) * 0.16)[..., None]
    return np.clip(out + (metal - out) * lead[..., None], 0, 1)


def _points(
    pixels: Field, unit: float, seed: int, pitch: float, pull: float, focus: Field | None = None
) -> Field:
    """Return points (n, 2) in pixels: a jittered lattice, drawn toward edges by `pull`.

    Most of the drawn ones fall where `focus` is 1, so that the subject is told by finer pieces.
    """
    rng = generator("points", seed)
    height, width = pixels.shape[:2]
    nx, ny = max(4, round(width / (pitch * unit))), max(4, round(height / (pitch * unit)))
    gx, gy = np.meshgrid((np.arange(nx) + 0.5) / nx * width, (np.arange(ny) + 0.5) / ny * height)
    points = (
        np.stack([gx.ravel(), gy.ravel()], 1)
        + (rng.random((nx * ny, 2)) - 0.5) * pitch * unit * 0.95
    )
    light = blur(strokes.grey(pixels), 0.004 * unit)
    edge = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))
    if focus is not None:
        edge = edge * (0.25 + 1.75 * focus) + 0.02 * focus
    weight = edge.ravel() ** 0.8 + 1e-6
    extra = rng.choice(weight.size, int(nx * ny * pull), replace=False, p=weight / weight.sum())
    found = np.stack([extra % width, extra // width], 1)
    points = np.concatenate([points, found])
    return np.clip(points, 0.5, np.asarray([width - 1.5, height - 1.5])).astype(np.float32)
