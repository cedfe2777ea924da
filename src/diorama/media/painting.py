"""Painted media: oil, watercolour, crayon, pointillism."""

from __future__ import annotations

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur, vec
from diorama.noise import Field, fbm, generator, smoothstep, warped

from . import lines


def oil(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
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


def watercolor(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Washes that pool at their edges, granulate on rough paper, and leave a ragged margin."""
    x, y = strokes.grid(pixels, unit)
    wide, high = pixels.shape[1] / unit, pixels.shape[0] / unit
    # a hand shakes, and less where it draws the thing
    free = 1 - 0.55 * focus
    wx = x + free * (0.010 * fbm(x * 0.7, y * 0.7, seed) + 0.003 * fbm(x * 4, y * 4, seed + 1))
    wy = y + free * (0.010 * fbm(x * 0.7, y * 0.7, seed + 2) + 0.003 * fbm(x * 4, y * 4, seed + 3))
    wx, wy = np.asarray(wx * unit, np.float32), np.asarray(wy * unit, np.float32)
    whole = np.dstack([pixels, focus])
    whole = cv2.remap(whole, wx, wy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    moved, near = np.ascontiguousarray(whole[..., :3]), np.ascontiguousarray(whole[..., 3])
    flat = strokes.kuwahara(moved, round(0.006 * unit))
    flat = strokes.kuwahara(flat, round(0.004 * unit))
    flat = flat + (moved - flat) * (0.45 * near)[..., None]
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
    drawing = lines.contours(moved, 0.0022 * unit, near, busy=1.5)
    drawing = np.maximum(drawing * (0.45 + 0.55 * near), 0.8 * lines.outline(near, 0.003 * unit))
    drawing = drawing * np.clip(0.75 + 0.3 * grain, 0, 1)
    ink = ink + (vec((0.84, 0.78, 0.68)) - ink) * (0.55 * drawing)[..., None]
    dx, dy = np.minimum(x, wide - x), np.minimum(y, high - y)
    rough = 0.030 + 0.016 * fbm(x * 0.6, y * 0.6, seed + 7) + 0.004 * fbm(x * 4, y * 4, seed + 8)
    inside = np.minimum(dx, dy) - rough
    wash = smoothstep(0.0, 0.006, inside)
    pool = np.exp(-((inside / 0.006) ** 2)) * 0.35 * (inside > 0)
    ink = ink * (wash * (1 + pool))[..., None]
    sheet = vec((0.985, 0.975, 0.95)) * (1 + 0.014 * grain)[..., None]
    return strokes.shown(sheet * (1 - ink * 0.94))


def crayon(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Waxy strokes of colour that catch on the paper's tooth, and drawn outlines."""
    x, y = strokes.grid(pixels, unit)
    flat = strokes.kuwahara(pixels, round(0.010 * unit))
    flat = flat + (pixels - flat) * (0.8 * focus)[..., None]
    dx, dy = strokes.flow(strokes.grey(flat), 0.03 * unit, 0.65)
    turn = 0.65 + 0.35 * fbm(x * 0.3, y * 0.3, seed)
    dx = 0.55 * dx + np.cos(turn).astype(np.float32)
    dy = 0.55 * dy + np.sin(turn).astype(np.float32)
    grain = strokes.paper(pixels.shape[:2], unit, seed)
    other = strokes.paper(pixels.shape[:2], unit, seed + 1)
    streak = strokes.drag(other, dx, dy, 0.014 * unit, 9) * 2.2
    colour = strokes.saturate(np.clip(flat * 1.06 + 0.05, 0, 1), 1.3)
    colour = colour * (1 + 0.085 * streak)[..., None]
    # wax skips the hollows of the paper, mostly at the light end of a stroke
    bare = smoothstep(-0.3, 1.5, 0.45 * grain - 0.8 * streak - 0.25 * focus)
    sheet = vec((0.975, 0.962, 0.93)) * (1 + 0.015 * grain)[..., None]
    bare = (0.05 + 0.30 * bare) * (0.4 + 0.6 * strokes.grey(flat))  # pressed harder for the darks
    out = colour + (sheet - colour) * bare[..., None]
    line = np.maximum(
        lines.contours(pixels, 0.0042 * unit, focus, busy=1.5) * (0.5 + 0.5 * focus),
        lines.outline(focus, 0.0055 * unit),
    )
    line = line * np.clip(0.72 + 0.35 * grain, 0, 1)
    dark = 0.30 * colour + vec((0.06, 0.04, 0.07))
    return strokes.shown(out + (dark - out) * (0.80 * line)[..., None])


def pointillism(pixels: Field, unit: float, seed: int, focus: Field) -> Field:
    """Dots of pure colour over a toned ground, finer ones where the things are."""
    rng = generator("dots", seed)
    height, width = pixels.shape[:2]
    out = blur(pixels, 0.007 * unit) * 0.86 + vec((0.92, 0.88, 0.78)) * 0.12
    vivid = strokes.saturate(blur(pixels, 0.002 * unit), 1.4)
    for pitch, size, fine in ((0.0150, 0.0086, 0), (0.0095, 0.0050, 0), (0.0060, 0.0033, 1)):
        nx, ny = round(width / (pitch * unit)), round(height / (pitch * unit))
        px = ((np.arange(nx)[None, :] + rng.random((ny, nx))) / nx * width).ravel()
        py = ((np.arange(ny)[:, None] + rng.random((ny, nx))) / ny * height).ravel()
        shift = (rng.random((ny * nx, 3)) - 0.5) * (0.22 - 0.10 * fine)
        rows, columns = py.astype(int), px.astype(int)
        tones = np.clip(vivid[rows, columns] + shift, 0, 1)
        kept = focus[rows, columns] > 0.5 if fine else np.ones(len(px), bool)
        radius = max(14, int(size * unit * 16))
        spots = np.stack([px[kept] * 16, py[kept] * 16], 1).astype(int).tolist()
        for spot, colour in zip(spots, tones[kept].tolist(), strict=True):
            cv2.circle(out, spot, radius, colour, -1, cv2.LINE_AA, 4)
    return strokes.shown(out)
