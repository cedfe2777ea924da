"""Pictures laid from pieces: pixels, triangles, coloured glass."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur, vec
from diorama.noise import Field, fbm, generator, smoothstep

from . import areas, lines


def pixel(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
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
    cover = np.asarray(cv2.resize(focus, size, interpolation=cv2.INTER_AREA), np.float32)
    dither = tiled * (0.045 - 0.030 * cover)
    flat = strokes.nearest(small + dither[..., None], palette)
    # the things keep a dark rim, one pixel wide, as sprites have
    inside = (cover > 0.5).astype(np.uint8)
    rim = inside - cv2.erode(inside, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    flat = np.where(rim[..., None] > 0, flat * vec((0.45, 0.40, 0.50)), flat)
    return np.asarray(
        cv2.resize(flat, (width, height), interpolation=cv2.INTER_NEAREST), np.float32
    )


def lowpoly(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Triangles whose corners lie on the contours, each of one tone."""
    height, width = pixels.shape[:2]
    parts = areas.found(pixels, unit, focus, ground=9, things=9, least=0.022)
    points = _corners(parts, unit, seed, (width, height))
    plan = cv2.Subdiv2D((-8, -8, width + 16, height + 16))
    for point in points:
        plan.insert((float(point[0]), float(point[1])))
    flat = areas.laid(parts, focus, parts.colours, round_off=0.003, running=1.0, shaded=1.0)
    soft = strokes.shown(strokes.saturate(flat, 1.25) * 1.03)
    out = np.array(soft)
    triangles = np.asarray(plan.getTriangleList()).reshape(-1, 3, 2)
    triangles = triangles[((triangles > -4) & (triangles < (width + 4, height + 4))).all((1, 2))]
    centres = triangles.mean(1)
    # a triangle faces the light from the upper left more or less, as a facet would
    lean = np.sin(centres[:, 0] / unit * 61 + centres[:, 1] / unit * 47 + seed % 7)
    inner = centres[:, None] + (triangles - centres[:, None]) * 0.35
    spots = np.concatenate([centres[:, None], inner], 1)
    xs = np.clip(spots[..., 0].astype(int), 0, width - 1)
    ys = np.clip(spots[..., 1].astype(int), 0, height - 1)
    tones = np.median(soft[ys, xs], axis=1) * (1 + 0.045 * lean)[:, None]
    fixed = np.round(triangles * 16).astype(np.int32)
    for triangle, tone in zip(fixed, np.clip(tones, 0, 1).tolist(), strict=True):
        cv2.fillConvexPoly(out, triangle, tone, cv2.LINE_AA, 4)
    return out


def _corners(parts: areas.Areas, unit: float, seed: int, size: tuple[int, int]) -> Field:
    """Return points (n, 2) in pixels: along the contours of the areas, and between them."""
    width, height = size
    ratio = height / parts.labels.shape[0]
    found = [np.asarray([[0, 0], [width, 0], [0, height], [width, height]], np.float32)]
    kept = np.zeros((height // 4 + 1, width // 4 + 1), np.uint8)
    rng = generator("points", seed)
    here = np.where(parts.things, parts.plates + 64, parts.plates)[parts.labels]
    for plate in np.unique(here):
        mask = (here == plate).astype(np.uint8)
        thing = plate >= 64
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        step = (0.016 if thing else 0.034) * parts.scale
        for contour in contours:
            if len(contour) < step:
                continue
            bends = cv2.approxPolyDP(contour, (0.0035 if thing else 0.008) * parts.scale, True)
            along = contour[:: max(1, round(step))]
            found.append(np.concatenate([bends, along])[:, 0].astype(np.float32) * ratio)
    for x, y in np.concatenate(found):
        cv2.circle(kept, (int(x / 4), int(y / 4)), max(1, round(0.018 * unit / 4)), 1, -1)
    pitch = 0.052 * unit
    nx, ny = max(4, round(width / pitch)), max(4, round(height / pitch))
    gx, gy = np.meshgrid((np.arange(nx) + 0.5) / nx * width, (np.arange(ny) + 0.5) / ny * height)
    between = np.stack([gx.ravel(), gy.ravel()], 1) + (rng.random((nx * ny, 2)) - 0.5) * pitch * 0.8
    free = kept[
        np.clip(between[:, 1] / 4, 0, kept.shape[0] - 1).astype(int),
        np.clip(between[:, 0] / 4, 0, kept.shape[1] - 1).astype(int),
    ]
    rim = [(x, y) for x in np.linspace(0, width, 14) for y in (0, height)]
    rim += [(x, y) for y in np.linspace(0, height, 14) for x in (0, width)]
    found += [between[free == 0], np.asarray(rim)]
    points = np.unique(np.round(np.concatenate(found), 1), axis=0)
    return np.clip(points, 0, (width - 1, height - 1)).astype(np.float32)


def glass(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Panes of coloured glass cut along the contours, in lead, painted on and lit from behind."""
    height, width = pixels.shape[:2]
    x, y = strokes.grid(pixels, unit)
    parts = areas.found(pixels, unit, focus, ground=8, things=9, least=0.045)
    panes, lead, tones = _panes(parts, seed, (width, height))
    rng = generator("panes", seed)
    vivid = strokes.saturate(tones, 1.6)
    level = max(float(np.percentile(strokes.grey(vivid), 80)), 0.15)
    vivid = np.clip(vivid, 0, 1.2) ** 0.85 * min(1.5, 0.74 / level) ** 0.7
    vivid *= 1 + 0.16 * (rng.random((len(vivid), 1)) - 0.5)
    vivid += 0.05 * (rng.random(vivid.shape) - 0.5)
    soft = blur(pixels, 0.010 * unit)
    tone = np.clip(vivid, 0, 1).astype(np.float32)[panes]
    within = strokes.saturate(soft, 1.5) * 1.05
    tone = tone + (within - tone) * (0.14 + 0.42 * focus)[..., None]
    ripple = fbm(x * 0.9, y * 0.9, seed + 2, gain=0.6) + 0.5 * fbm(x * 0.4, y * 5.0, seed + 3)
    tone = tone * (1 + 0.13 * ripple)[..., None]
    tone += (np.clip(ripple - 0.3, 0, 1) * 0.20)[..., None]
    tone *= (0.80 + 0.24 * smoothstep(0.0, 0.02, lead))[..., None]
    painted = lines.contours(pixels, 0.0026 * unit, focus) * focus
    tone = tone * (1 - 0.80 * painted[..., None] * vec((0.85, 0.95, 1.0)))
    half = 0.0026 - 0.0008 * focus
    wide = 0.5 / unit + 0.0006
    came = np.maximum(
        smoothstep(half + wide, half - wide, lead), lines.outline(focus, 0.0085 * unit)
    )
    metal = vec((0.07, 0.07, 0.085)) + (smoothstep(0.0016, 0.0, lead) * 0.10)[..., None]
    out = tone + (metal - tone) * came[..., None]
    glow = blur(np.clip(out, 0, 1), 0.014 * unit)
    return strokes.shown(out + 0.20 * glow * glow)


def _panes(parts: areas.Areas, seed: int, size: tuple[int, int]) -> tuple[Field, Field, Field]:
    """Return (pane of each pixel, distance from the lead in world units, colours of the panes).

    Areas are cut along lines that lie as far from two neighbouring points as from each other, the
    things' areas into smaller panes.
    """
    high, wide = parts.labels.shape
    cell = np.zeros(parts.labels.shape, np.int32)
    for group, pitch in ((~parts.things, 0.16), (parts.things, 0.22)):
        inside = group[parts.labels]
        np.copyto(cell, _cells(parts, seed, pitch) + (1 << 12) * int(pitch > 0.2), where=inside)
    code = areas.rounded(parts, 0.007).astype(np.int64) * (1 << 13) + cell
    _, panes = np.unique(code, return_inverse=True)
    panes = panes.reshape(high, wide)
    sizes, tones = areas.means(panes, parts.pixels)
    # what is too small to be set in lead is painted on the pane beside it
    small = cv2.dilate(
        (sizes < (0.016 * parts.scale) ** 2)[panes].astype(np.uint8), np.ones((3, 3), np.uint8)
    )
    clear = np.ones((high, wide), np.uint8)
    clear[:, 1:] &= panes[:, 1:] == panes[:, :-1]
    clear[1:] &= panes[1:] == panes[:-1]
    away = cv2.distanceTransform(np.maximum(clear, small), cv2.DIST_L2, 5) / parts.scale
    away = areas.scaled(blur(away, 0.7), size)
    full = cv2.resize(panes.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    return full.astype(np.int32), away, tones


def _cells(parts: areas.Areas, seed: int, pitch: float) -> Field:
    """Return the number of the nearest of points on a shaken lattice (h, w)."""
    rng = generator("cells", seed, pitch)
    high, wide = parts.labels.shape
    nx = max(2, round(wide / (pitch * parts.scale)))
    ny = max(2, round(high / (pitch * parts.scale)))
    px = (np.arange(nx)[None, :] + 0.15 + 0.7 * rng.random((ny, nx))) / nx * wide
    py = (np.arange(ny)[:, None] + 0.15 + 0.7 * rng.random((ny, nx))) / ny * high
    sites = np.full((high, wide), 255, np.uint8)
    sites[py.astype(int).ravel(), px.astype(int).ravel()] = 0
    _, labels = cv2.distanceTransformWithLabels(
        sites, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    return np.asarray(labels, np.int32)
