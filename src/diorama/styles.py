"""Media: filters that turn the finished picture into paint, ink, glass or print.

A medium works at no more than WORK pixels a side, in sizes measured in world units, and the result
is enlarged for larger pictures: the strokes are the same at every size.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from . import strokes
from .canvas import blur, rgb, vec
from .noise import Field, fbm, generator, seed_of, smoothstep, warped
from .stage import Stage

WORK = 1100
Medium = Callable[[Field, float, int], Field]


def apply_style(stage: Stage, pixels: Field) -> Field:
    """Return the picture in the scene's medium (h, w, 3)."""
    medium = MEDIA.get(stage.scene.style)
    if medium is None:
        return pixels
    height, width = pixels.shape[:2]
    ratio = min(1.0, WORK / max(height, width))
    pixels = np.clip(pixels, 0, 1)
    if ratio < 1:
        size = (round(width * ratio), round(height * ratio))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    unit = stage.canvas.unit * ratio * min(1.0, 0.35 + 0.65 * stage.canvas.span)
    out = medium(pixels, unit, seed_of(stage.seed, "medium") & 0xFFFF)
    if ratio < 1:
        flag = cv2.INTER_NEAREST if stage.scene.style == "pixel" else cv2.INTER_CUBIC
        out = np.asarray(cv2.resize(out, (width, height), interpolation=flag), np.float32)
    return out


def _grid(pixels: Field, unit: float) -> tuple[Field, Field]:
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)
    return x / unit, y / unit


def _shown(pixels: Field) -> Field:
    return np.asarray(np.clip(pixels, 0, 1), np.float32)


def oil(pixels: Field, unit: float, seed: int) -> Field:
    """Dabs of paint along the forms, with the relief of bristles under a raking light."""
    x, y = _grid(pixels, unit)
    flat = strokes.kuwahara(pixels, round(0.0065 * unit))
    flat = strokes.kuwahara(flat, round(0.0045 * unit))
    dx, dy = strokes.flow(strokes.grey(pixels), 0.011 * unit)
    wander = fbm(x * 0.5, y * 0.5, seed) * 0.45
    c, s = np.cos(wander), np.sin(wander)
    dx, dy = dx * c - dy * s, dx * s + dy * c
    bristle = strokes.paper(pixels.shape[:2], unit, seed)
    bristle = strokes.drag(bristle, dx, dy, 0.017 * unit, 13)
    dabs = fbm(x * 3.2, y * 3.2, seed + 1)
    dabs = strokes.drag(dabs, dx, dy, 0.016 * unit, 9)
    flat = strokes.drag(flat, dx, dy, 0.003 * unit, 5) * 0.72 + pixels * 0.28
    tone = flat * (1 + 0.24 * dabs)[..., None]
    tone += np.stack([0.05 * dabs, -0.01 * dabs, -0.05 * dabs], 2)
    relief = bristle * 1.0 + dabs * 1.4
    gy, gx = np.gradient(blur(np.asarray(relief, np.float32), 0.0012 * unit))
    light = (gx * 0.6 + gy * 0.8) * unit * 0.0011
    tone = strokes.saturate(tone, 1.18) * (1 - 0.5 * light)[..., None]
    tone += (np.clip(-light - 0.10, 0, 1) * 0.30)[..., None]
    return _shown(tone)


def watercolor(pixels: Field, unit: float, seed: int) -> Field:
    """Washes that pool at their edges, granulate on rough paper, and leave a ragged margin."""
    x, y = _grid(pixels, unit)
    wide, high = pixels.shape[1] / unit, pixels.shape[0] / unit
    wx = (x + 0.012 * fbm(x * 0.7, y * 0.7, seed) + 0.003 * fbm(x * 4, y * 4, seed + 1)) * unit
    wy = (
        y + 0.012 * fbm(x * 0.7 + 0.4, y * 0.7, seed + 2) + 0.003 * fbm(x * 4, y * 4, seed + 3)
    ) * unit
    moved = cv2.remap(
        pixels,
        wx.astype(np.float32),
        wy.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    flat = strokes.kuwahara(np.asarray(moved, np.float32), round(0.006 * unit))
    flat = strokes.kuwahara(flat, round(0.004 * unit))
    flat = np.clip(flat, 0, 1) ** 0.86
    levels = 8.0
    light = strokes.grey(flat)
    stepped = (
        np.floor(light * levels) / levels
        + smoothstep(0.55, 1.0, light * levels - np.floor(light * levels)) / levels
    )
    flat = flat * ((stepped * 0.6 + light * 0.4 + 0.02) / (light + 0.02))[..., None]
    soft = blur(stepped, 0.0022 * unit)
    gx, gy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    edge = np.clip(np.hypot(gx, gy) * 0.55, 0, 0.6)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    bloom = warped(x * 0.4, y * 0.4, seed + 5, 0.12)
    density = 0.95 + 0.26 * bloom + 0.08 * grain + 0.75 * edge
    ink = np.clip(1 - strokes.saturate(flat, 1.16), 0, 1)
    ink = ink * np.clip(density, 0.2, 1.7)[..., None]
    dx, dy = np.minimum(x, wide - x), np.minimum(y, high - y)
    rough = 0.030 + 0.035 * fbm(x * 0.9, y * 0.9, seed + 7) + 0.012 * fbm(x * 5, y * 5, seed + 8)
    inside = np.minimum(dx, dy) - rough
    wash = smoothstep(0.0, 0.006, inside)
    pool = np.exp(-((inside / 0.006) ** 2)) * 0.35 * (inside > 0)
    ink = ink * (wash * (1 + pool))[..., None]
    sheet = vec((0.985, 0.975, 0.95)) * (1 + 0.014 * grain)[..., None]
    return _shown(sheet * (1 - ink * 0.94))


def ink(pixels: Field, unit: float, seed: int) -> Field:
    """Brush line and wet grey washes on warm paper."""
    x, y = _grid(pixels, unit)
    light = strokes.grey(pixels)
    low, high = np.percentile(light, (2, 98))
    light = np.clip((light - low) / max(high - low, 0.1), 0, 1)
    soft = strokes.kuwahara(np.dstack([light] * 3), round(0.010 * unit))[..., 0]
    wobble = fbm(x * 0.8, y * 0.8, seed) * 0.10
    wash = np.zeros_like(light)
    for level, tone in ((0.72, 0.16), (0.5, 0.24), (0.3, 0.28), (0.14, 0.2)):
        wash += tone * smoothstep(level + 0.05, level - 0.05, soft + wobble)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    wash = wash * (0.86 + 0.25 * fbm(x * 0.4, y * 0.4, seed + 1) + 0.08 * grain)
    line = np.maximum(
        strokes.contours(light, 0.0022 * unit, 22), 0.8 * strokes.contours(light, 0.0045 * unit, 20)
    )
    dry = smoothstep(-0.9, 0.1, grain + 0.6)
    black = np.clip(wash + line * (0.72 + 0.28 * dry), 0, 1) * 0.95
    sheet = vec((0.955, 0.93, 0.875)) * (1 + 0.015 * grain)[..., None]
    colour = strokes.saturate(pixels, 1.25) / np.maximum(strokes.grey(pixels), 0.12)[..., None]
    tinted = sheet * (0.82 + 0.18 * np.clip(colour, 0, 1.6))
    return _shown(tinted * (1 - black)[..., None] + vec((0.07, 0.07, 0.09)) * black[..., None])


def woodblock(pixels: Field, unit: float, seed: int) -> Field:
    """Flat printed colours with key lines, wood grain and washi."""
    x, y = _grid(pixels, unit)
    flat = strokes.kuwahara(pixels, round(0.007 * unit))
    flat = strokes.kuwahara(flat, round(0.005 * unit))
    old = strokes.saturate(np.clip(flat, 0, 1) ** 0.8, 0.95) * vec((1.0, 0.97, 0.88)) + vec(
        (0.03, 0.02, 0.0)
    )
    _, printed = strokes.few_colours(np.asarray(old, np.float32), 14, seed)
    printed = _calm(printed, unit)
    blend = printed * 0.86 + old * 0.14
    grain = fbm(x * 0.14, y * 2.6 + 0.05 * fbm(x * 0.5, y * 0.5, seed), seed + 1, gain=0.6)
    blend *= (1 + 0.075 * grain)[..., None]
    line = np.maximum(
        strokes.contours(strokes.grey(flat), 0.0020 * unit, 26),
        0.7 * strokes.contours(strokes.grey(printed), 0.0014 * unit, 22),
    )
    blend += (vec((0.10, 0.11, 0.19)) - blend) * (line * 0.88)[..., None]
    sheet = strokes.paper(pixels.shape[:2], unit, seed)
    return _framed(
        np.clip(blend * (1 + 0.02 * sheet)[..., None], 0, 1), unit, 0.022, (0.94, 0.90, 0.81)
    )


def _calm(printed: Field, unit: float) -> Field:
    size = min(max(3, int(0.0055 * unit) | 1), 9)
    calm = cv2.medianBlur((np.clip(printed, 0, 1) * 255).astype(np.uint8), size)
    return np.asarray(calm, np.float32) / 255


def _framed(pixels: Field, unit: float, width: float, colour: tuple[float, float, float]) -> Field:
    edge = max(2, round(width * unit))
    out = np.empty_like(pixels)
    out[:] = vec(colour)
    out[edge:-edge, edge:-edge] = pixels[edge:-edge, edge:-edge]
    return out


def pencil(pixels: Field, unit: float, seed: int) -> Field:
    """Graphite hatching in three directions, and drawn contours, on tooth paper."""
    x, y = _grid(pixels, unit)
    light = strokes.grey(pixels)
    low, high = np.percentile(light, (1, 97))
    light = np.clip((light - low) / max(high - low, 0.1), 0, 1) ** 0.8
    light = strokes.kuwahara(np.dstack([light] * 3), round(0.006 * unit))[..., 0]
    bend = 0.010 * fbm(x * 0.8, y * 0.8, seed)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    tone = np.zeros_like(light)
    for angle, level, pitch in ((0.7, 0.84, 110.0), (-0.5, 0.56, 120.0), (1.5, 0.32, 130.0)):
        along = (x * np.cos(angle) + y * np.sin(angle) + bend) * pitch
        across = (-x * np.sin(angle) + y * np.cos(angle)) * 6
        thick = np.clip((level - light) * 1.7, 0, 0.75)
        wave = 0.5 + 0.5 * np.cos(along * 6.283 + 0.8 * fbm(across * 0.3, along * 0.02, seed + 3))
        tone += smoothstep(1 - thick - 0.25, 1 - thick + 0.25, wave) * (thick > 0) * 0.42
    smooth = np.clip(0.75 - light, 0, 1) * 0.35
    line = np.maximum(
        strokes.contours(light, 0.0013 * unit, 26), 0.8 * strokes.contours(light, 0.003 * unit, 24)
    )
    dark = np.clip(tone + smooth + line * 0.85, 0, 1) * np.clip(0.84 + 0.22 * grain, 0.3, 1.2)
    sheet = vec((0.965, 0.955, 0.93)) * (1 + 0.012 * grain)[..., None]
    dark = np.clip(dark, 0, 0.94)[..., None]
    return np.clip(sheet * (1 - dark) + vec((0.16, 0.16, 0.18)) * dark, 0, 1)


def crayon(pixels: Field, unit: float, seed: int) -> Field:
    """Waxy strokes of colour that catch on the paper's tooth."""
    x, y = _grid(pixels, unit)
    flat = strokes.kuwahara(pixels, round(0.012 * unit))
    dx, dy = strokes.flow(strokes.grey(pixels), 0.05 * unit)
    turn = 0.6 + 0.3 * fbm(x * 0.3, y * 0.3, seed)
    dx, dy = (
        0.35 * dx + np.cos(turn).astype(np.float32),
        0.35 * dy + np.sin(turn).astype(np.float32),
    )
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    streak = (
        strokes.drag(strokes.paper(pixels.shape[:2], unit, seed + 1), dx, dy, 0.016 * unit, 11)
        * 2.2
    )
    flat = (
        strokes.saturate(np.clip(flat * 1.06 + 0.04, 0, 1), 1.25) * (1 + 0.13 * streak)[..., None]
    )
    cover = smoothstep(-1.25, 0.0, 0.55 * grain + 0.75 * streak + 0.1)
    cover = 0.55 + 0.45 * cover
    sheet = vec((0.97, 0.955, 0.92)) * (1 + 0.015 * grain)[..., None]
    out = sheet + (flat - sheet) * cover[..., None]
    line = strokes.contours(strokes.grey(pixels), 0.0030 * unit, 14) * np.clip(
        0.7 + 0.4 * grain, 0, 1
    )
    return np.clip(out * (1 - 0.45 * line)[..., None], 0, 1)


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


def _points(pixels: Field, unit: float, seed: int, pitch: float, pull: float) -> Field:
    """Return points (n, 2) in pixels: a jittered lattice, drawn toward edges by `pull`."""
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
    weight = edge.ravel() ** 0.8
    extra = rng.choice(weight.size, int(nx * ny * pull), replace=False, p=weight / weight.sum())
    found = np.stack([extra % width, extra // width], 1)
    points = np.concatenate([points, found])
    return np.clip(points, 0.5, np.asarray([width - 1.5, height - 1.5])).astype(np.float32)


def lowpoly(pixels: Field, unit: float, seed: int) -> Field:
    """Triangles between points that gather along the edges."""
    height, width = pixels.shape[:2]
    points = _points(pixels, unit, seed, 0.046, 2.4)
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


def glass(pixels: Field, unit: float, seed: int) -> Field:
    """Pieces of coloured glass in lead, lit from behind."""
    height, width = pixels.shape[:2]
    flat = strokes.kuwahara(pixels, round(0.010 * unit))
    points = _points(flat, unit, seed, 0.052, 1.6)
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
    x, y = _grid(pixels, unit)
    ripple = fbm(x * 0.9, y * 0.9, seed + 2, gain=0.6)
    tone = (
        tone * (0.95 + 0.22 * ripple)[..., None] + (np.clip(ripple - 0.25, 0, 1) * 0.25)[..., None]
    )
    border = np.zeros((height, width), np.uint8)
    border[:, 1:] |= (labels[:, 1:] != labels[:, :-1]).astype(np.uint8)
    border[1:] |= (labels[1:] != labels[:-1]).astype(np.uint8)
    away = cv2.distanceTransform(1 - border, cv2.DIST_L2, 5) / unit
    lead = smoothstep(0.0026, 0.0013, away)
    shade = smoothstep(0.012, 0.002, away) * 0.3
    out = tone * (1 - shade)[..., None]
    metal = vec((0.075, 0.075, 0.09)) + (smoothstep(0.0014, 0.0, away) * 0.16)[..., None]
    return np.clip(out + (metal - out) * lead[..., None], 0, 1)


def comic(pixels: Field, unit: float, seed: int) -> Field:
    """Flat bright colours, halftone in the shade, and a bold key line."""
    x, y = _grid(pixels, unit)
    flat = strokes.kuwahara(pixels, round(0.010 * unit))
    flat = np.clip(strokes.saturate(flat, 1.5) * 1.08, 0, 1)
    light = strokes.grey(flat)
    stepped = np.where(
        light < 0.25, 0.16, np.where(light < 0.5, 0.42, np.where(light < 0.75, 0.68, 0.93))
    )
    stepped = blur(stepped.astype(np.float32), 0.0008 * unit)
    tone = flat * ((0.65 * stepped + 0.35 * light) / np.maximum(light, 0.05))[..., None]
    a, b = (x + y) * 92, (x - y) * 92
    dots = (np.cos(a * 6.283 / 1.414) + np.cos(b * 6.283 / 1.414)) * 0.5
    shade = np.clip(0.62 - light, 0, 0.6) * 1.5
    mask = smoothstep(-0.15, 0.15, dots - (1 - 2 * shade)) * (light < 0.6)
    tone = tone * (1 - 0.32 * mask)[..., None]
    line = np.maximum(
        strokes.contours(strokes.grey(flat), 0.0028 * unit, 30),
        strokes.contours(light, 0.0012 * unit, 30) * 0.8,
    )
    tone = np.clip(tone, 0, 1) * (1 - line)[..., None] + vec((0.05, 0.04, 0.08)) * line[..., None]
    return _framed(np.clip(tone, 0, 1), unit, 0.014, (0.99, 0.985, 0.97))


def anime(pixels: Field, unit: float, seed: int) -> Field:
    """Cel shading: calm surfaces, two tones, thin warm lines, a bright airy light."""
    flat = strokes.kuwahara(pixels, round(0.008 * unit))
    light = strokes.grey(flat)
    cell = light * 5
    stepped = (np.floor(cell) + smoothstep(0.35, 0.65, cell - np.floor(cell))) / 5
    tone = flat * ((0.7 * stepped + 0.3 * light + 0.03) / (light + 0.03))[..., None]
    tone = strokes.saturate(tone, 1.2) * 1.02 + 0.02
    line = strokes.contours(light, 0.0013 * unit, 24)
    tone = tone + (tone * vec((0.32, 0.26, 0.38)) - tone) * (line * 0.85)[..., None]
    glow = blur(np.clip(tone - 0.62, 0, 1), 0.02 * unit)
    return np.clip(tone + glow * 0.7, 0, 1)


def poster(pixels: Field, unit: float, seed: int) -> Field:
    """A travel poster: few flat inks with soft misregister and a margin."""
    flat = strokes.kuwahara(pixels, round(0.008 * unit))
    flat = strokes.kuwahara(flat, round(0.006 * unit))
    warm = np.clip(
        strokes.saturate(np.clip(flat, 0, 1) ** 0.88, 1.2) * vec((1.03, 1.0, 0.93)) + 0.02, 0, 1
    )
    _, printed = strokes.few_colours(np.asarray(warm, np.float32), 13, seed)
    printed = _calm(printed, unit)
    printed = blur(printed, 0.0007 * unit)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    ink_grain = 1 + 0.03 * grain
    return _framed(np.clip(printed * ink_grain[..., None], 0, 1), unit, 0.035, (0.955, 0.925, 0.85))


def pointillism(pixels: Field, unit: float, seed: int) -> Field:
    """Dots of pure colour over a toned ground."""
    rng = generator("dots", seed)
    height, width = pixels.shape[:2]
    out = np.array(blur(pixels, 0.02 * unit)) * 0.55 + vec((0.92, 0.88, 0.78)) * 0.4
    vivid = strokes.saturate(blur(pixels, 0.003 * unit), 1.45)
    for pitch, size in ((0.0125, 0.0082), (0.0085, 0.0048)):
        nx, ny = round(width / (pitch * unit)), round(height / (pitch * unit))
        px = (np.arange(nx)[None, :] + rng.random((ny, nx))) / nx * width
        py = (np.arange(ny)[:, None] + rng.random((ny, nx))) / ny * height
        shift = (rng.random((ny, nx, 3)) - 0.5) * 0.26
        cols = (
            vivid[np.clip(py.astype(int), 0, height - 1), np.clip(px.astype(int), 0, width - 1)]
            + shift
        )
        radius = max(16, int(size * unit * 16 * 0.6))
        for a, b, colour in zip(
            px.ravel(), py.ravel(), np.clip(cols, 0, 1).reshape(-1, 3), strict=True
        ):
            cv2.circle(out, (int(a * 16), int(b * 16)), radius, colour.tolist(), -1, cv2.LINE_AA, 4)
    return np.clip(out, 0, 1)


def noir(pixels: Field, unit: float, seed: int) -> Field:
    """Silver-gelatine black and white with deep contrast."""
    light = np.clip((strokes.grey(pixels) - 0.06) * 1.18, 0, 1)
    light = light * light * (3 - 2 * light)
    grain = generator("silver", seed).standard_normal(light.shape, dtype=np.float32)
    light = light + 0.03 * blur(grain, 0.7)
    return np.clip(light[..., None] * vec((1.0, 0.995, 0.98)), 0, 1)


def sepia(pixels: Field, unit: float, seed: int) -> Field:
    """A brown, faded print with worn edges."""
    x, y = _grid(pixels, unit)
    light = strokes.grey(pixels) * 0.86 + 0.08
    tone = vec(rgb("#2a1a10")) + (vec(rgb("#f3e2c0")) - vec(rgb("#2a1a10"))) * light[..., None]
    wide, high = pixels.shape[1] / unit, pixels.shape[0] / unit
    edge = np.minimum(np.minimum(x, wide - x), np.minimum(y, high - y))
    worn = smoothstep(0.16, 0.0, edge + 0.08 * fbm(x * 0.6, y * 0.6, seed))
    return np.clip(tone + (vec(rgb("#f6ead0")) - tone) * (worn * 0.45)[..., None], 0, 1)


def blueprint(pixels: Field, unit: float, seed: int) -> Field:
    """White lines and a grid on blue."""
    x, y = _grid(pixels, unit)
    light = strokes.grey(pixels)
    line = np.maximum(
        strokes.contours(light, 0.0014 * unit, 30), strokes.contours(1 - light, 0.0014 * unit, 26)
    )
    grid = smoothstep(0.0016, 0.0006, np.abs(x * 16 - np.round(x * 16)) / 16) + smoothstep(
        0.0016, 0.0006, np.abs(y * 16 - np.round(y * 16)) / 16
    )
    tone = vec(rgb("#123f7d")) * (0.72 + 0.5 * light)[..., None]
    tone = (
        tone + (vec((0.9, 0.96, 1.0)) - tone) * np.clip(line * 0.92 + 0.13 * grid, 0, 1)[..., None]
    )
    return np.clip(tone * (1 + 0.03 * strokes.paper(pixels.shape[:2], unit, seed))[..., None], 0, 1)


def glitch(pixels: Field, unit: float, seed: int) -> Field:
    """Shifted bands and parted colours, as on a worn tape."""
    rng = generator("glitch", seed)
    out = np.array(pixels)
    shift = max(1, round(0.008 * unit))
    out[..., 0], out[..., 2] = np.roll(out[..., 0], shift, 1), np.roll(out[..., 2], -shift, 1)
    for _ in range(14):
        y = int(float(rng.random()) * out.shape[0])
        tall = max(1, int(0.03 * float(rng.random()) * unit))
        out[y : y + tall] = np.roll(
            out[y : y + tall], int((float(rng.random()) - 0.5) * 0.16 * unit), 1
        )
    rows = 0.93 + 0.07 * np.cos(np.arange(out.shape[0]) / unit * 240 * 6.283)
    return _shown(strokes.saturate(out, 1.25) * rows[:, None, None])


MEDIA: dict[str, Medium] = {
    "oil": oil,
    "watercolor": watercolor,
    "ink": ink,
    "woodblock": woodblock,
    "pencil": pencil,
    "crayon": crayon,
    "pixel": pixel,
    "lowpoly": lowpoly,
    "glass": glass,
    "comic": comic,
    "anime": anime,
    "poster": poster,
    "pointillism": pointillism,
    "noir": noir,
    "sepia": sepia,
    "blueprint": blueprint,
    "glitch": glitch,
}
