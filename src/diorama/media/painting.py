"""Painted media: oil, watercolour, crayon, pointillism."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur, vec
from diorama.noise import Field, fbm, generator, smoothstep, warped


def oil(pixels: Field, unit: float, seed: int) -> Field:
    """Dabs of paint along the forms, with the relief of bristles under a raking light."""
    x, y = strokes.grid(pixels, unit)
    flat = strokes.kuwahara(pixels, round(0.0065 * unit))
    flat = strokes.kuwahara(flat, round(0.0045 * unit))
    plain = 0.5 + 0.5 * fbm(x * 0.12, y * 0.12, seed + 4)
    dx, dy = strokes.flow(strokes.grey(pixels), 0.018 * unit, plain)
    wander = fbm(x * 0.5, y * 0.5, seed) * 0.3
    c, s = np.cos(wander), np.sin(wander)
    dx, dy = dx * c - dy * s, dx * s + dy * c
    bristle = strokes.paper(pixels.shape[:2], unit, seed)
    bristle = strokes.drag(bristle, dx, dy, 0.017 * unit, 13)
    dabs = fbm(x * 3.2, y * 3.2, seed + 1)
    dabs = strokes.drag(dabs, dx, dy, 0.013 * unit, 9)
    # a painter works small where forms meet: there the strokes give way to the drawing
    gx, gy = (
        cv2.Sobel(strokes.grey(flat), cv2.CV_32F, 1, 0),
        cv2.Sobel(strokes.grey(flat), cv2.CV_32F, 0, 1),
    )
    drawn = smoothstep(0.05, 0.30, blur(np.hypot(gx, gy), 0.0025 * unit))[..., None]
    smeared = strokes.drag(flat, dx, dy, 0.003 * unit, 5)
    flat = smeared + (pixels - smeared) * (0.22 + 0.55 * drawn)
    dabs = dabs * (1 - 0.65 * drawn[..., 0])
    tone = flat * (1 + 0.10 * dabs)[..., None]
    tone += np.stack([0.03 * dabs, -0.005 * dabs, -0.03 * dabs], 2)
    relief = bristle * 1.0 + dabs * 1.4
    gy, gx = np.gradient(blur(np.asarray(relief, np.float32), 0.0012 * unit))
    light = (gx * 0.6 + gy * 0.8) * unit * 0.0011
    tone = strokes.saturate(tone, 1.18) * (1 - 0.5 * light)[..., None]
    tone += (np.clip(-light - 0.10, 0, 1) * 0.30)[..., None]
    return strokes.shown(tone)


def watercolor(pixels: Field, unit: float, seed: int) -> Field:
    """Washes that pool at their edges, granulate on rough paper, and leave a ragged margin."""
    x, y = strokes.grid(pixels, unit)
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
    drawing = strokes.contours(strokes.grey(np.asarray(moved, np.float32)), 0.0016 * unit, 20)
    drawing = drawing * np.clip(0.75 + 0.3 * grain, 0, 1)
    ink = ink + (vec((0.86, 0.80, 0.70)) - ink) * (0.5 * drawing)[..., None]
    dx, dy = np.minimum(x, wide - x), np.minimum(y, high - y)
    rough = 0.030 + 0.035 * fbm(x * 0.9, y * 0.9, seed + 7) + 0.012 * fbm(x * 5, y * 5, seed + 8)
    inside = np.minimum(dx, dy) - rough
    wash = smoothstep(0.0, 0.006, inside)
    pool = np.exp(-((inside / 0.006) ** 2)) * 0.35 * (inside > 0)
    ink = ink * (wash * (1 + pool))[..., None]
    sheet = vec((0.985, 0.975, 0.95)) * (1 + 0.014 * grain)[..., None]
    return strokes.shown(sheet * (1 - ink * 0.94))


def crayon(pixels: Field, unit: float, seed: int) -> Field:
    """Waxy strokes of colour that catch on the paper's tooth."""
    x, y = strokes.grid(pixels, unit)
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
