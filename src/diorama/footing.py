"""Footing: what joins a standing thing to its ground: shadow, contact, and ground over the foot."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Canvas, blur, mix, rgb, vec
from .noise import Field, profile, smoothstep
from .scene import Thing
from .stage import Stage


def cast_shadows(
    stage: Stage, image: Field, left: int, top: int, fx: float, fy: float, size: float
) -> None:
    """Contact shadow under the foot and the cast shadow on the ground, away from the light."""
    canvas, light = stage.canvas, stage.light
    tall, flat = size * canvas.unit, stands_flat(image)
    lx = light.azimuth - (fx / canvas.unit + canvas.left)
    reach = float(np.clip(lx * 1.3, -1.1, 1.1))
    if stage.inside:
        shear, squash, strength = -0.45 * np.sign(lx if abs(lx) > 0.05 else 1), -0.20, 0.34
        if light.elevation < 0.3:
            squash = -0.14
    else:
        low = float(np.clip(1 - light.elevation, 0, 1))
        shear, squash = -reach * (0.5 + 0.5 * low), 0.16 + 0.24 * low
        squash *= 0.4 if flat else 1.0
        strength = (0.60 if light.key > 0.6 else 0.32) * (
            0.55 if stage.storm or "fog" in stage.scene.weather else 1
        )
    alpha = np.ascontiguousarray(image[..., 3])
    step = max(1, round(tall / 260))
    wide, high = canvas.width // step + 1, canvas.height // step + 1
    ax, ay = fx - left, fy - top
    move = (
        np.asarray(
            [[1, -shear * 0.9, fx - ax + shear * 0.9 * ay], [0, -squash, fy + squash * ay]],
            np.float32,
        )
        / step
    )
    cast = cv2.warpAffine(alpha, move, (wide, high), flags=cv2.INTER_LINEAR)
    rows = np.arange(high, dtype=np.float32)[:, None] * step
    far = np.clip(np.abs(rows - fy) / max(tall * abs(squash), 1), 0, 1)
    near_blur, far_blur = (
        cv2.GaussianBlur(cast, (0, 0), 0.008 * tall / step + 0.3),
        blur(cast, 0.045 * tall / step + 0.4),
    )
    cast = (near_blur + (far_blur - near_blur) * far) * (1 - 0.5 * far)
    shade = np.asarray(cast * (strength * (0.5 if flat else 1.0)), np.float32)
    line = _footprint(alpha, ay, tall, (high, wide), left, fy, step)
    contact = (
        blur(line, 0.014 * tall / step + 0.3) * 0.75 + blur(line, 0.04 * tall / step + 0.4) * 0.9
    )
    shade = np.clip(
        shade + np.clip(contact, 0, 1) * (0.5 if stage.inside else 0.14 if flat else 0.62), 0, 0.8
    )
    full = cv2.resize(shade, (wide * step, high * step), interpolation=cv2.INTER_LINEAR)[
        : canvas.height, : canvas.width
    ]
    if not stage.inside:
        ys = canvas.ys()[:, None]
        full = full * smoothstep(stage.horizon - 0.005, stage.horizon + 0.01, ys)
    tint = vec(mix(rgb(light.ambient), (0, 0, 0), 0.55)) * (0.35 if not stage.inside else 0.2)
    canvas.pixels *= 1 - full[..., None] * (1 - tint)


def drop_shadow(stage: Stage, image: Field, left: int, top: int, size: float) -> None:
    """Lay the shadow of a thing that lies flat, seen from above: close by, away from the light."""
    canvas = stage.canvas
    reach = 0.045 * size * canvas.unit
    side = -1.0 if stage.light.azimuth > 0 else 1.0
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    box = canvas.part(image, left + round(reach * side), top + round(reach * 1.2))
    if box is None:
        return
    rows, columns, ry, rx = box
    layer[rows, columns] = image[ry, rx, 3]
    soft = 0.35 * blur(layer, 0.3 * reach + 0.4) + 0.30 * blur(layer, 1.3 * reach + 0.6)
    canvas.pixels *= (1 - np.clip(soft, 0, 0.6))[..., None]


def _footprint(
    alpha: Field, ay: float, tall: float, shape: tuple[int, int], left: int, fy: float, step: int
) -> Field:
    """Return where the thing touches the ground: each foot at its own level, as hooves do."""
    line = np.zeros(shape, np.float32)
    end = int(np.clip(round(ay), 1, alpha.shape[0]))
    start = int(np.clip(round(ay - 0.09 * tall), 0, end - 1))
    band = alpha[start:end]
    foot = band.max(axis=0)
    bounds = np.flatnonzero(np.diff(np.r_[0, foot > 0.4, 0]))
    deep = max(1, round(0.022 * tall / step))
    for first, last in zip(bounds[::2], bounds[1::2], strict=True):
        lowest = int(np.flatnonzero(band[:, first:last].max(axis=1) > 0.4)[-1])
        row = int((fy - (end - 1 - start - lowest)) / step)
        x0, x1 = np.clip([(first + left) // step, (last + left) // step + 1], 0, shape[1])
        line[max(0, row) : max(0, row + deep), x0:x1] = 1
    return line


def stands_flat(image: Field) -> bool:
    """Tell whether a thing stands on a broad flat base, as a house does, doorstep or not."""
    base = image[-max(2, image.shape[0] // 28) :, :, 3].max(axis=0)
    return bool((base > 0.5).mean() > 0.6)


def _foot_box(
    canvas: Canvas, thing: Thing, fx: float, fy: float, wide: int
) -> tuple[int, int, int, int]:
    """Return (top, bottom, left, right) in pixels of the strip of ground at the thing's foot."""
    return (
        max(0, int(fy - 0.08 * thing.size * canvas.unit)),
        min(canvas.height, int(fy + 0.03 * thing.size * canvas.unit) + 1),
        max(0, round(fx - wide * 0.6)),
        min(canvas.width, round(fx + wide * 0.6)),
    )


def ground_behind(stage: Stage, thing: Thing, fx: float, fy: float, image: Field) -> Field:
    """Return the ground at the foot as it was before the thing and its shadow."""
    y0, y1, x0, x1 = _foot_box(stage.canvas, thing, fx, fy, image.shape[1])
    return stage.canvas.pixels[y0 : max(y0, y1), x0 : max(x0, x1)].copy()


def settle(stage: Stage, thing: Thing, fx: float, fy: float, image: Field, ground: Field) -> None:
    """Let grass, snow or sand rise a little over the foot."""
    kind = str(stage.spec.get("settle", ""))
    if stage.snow:
        kind = "snow"
    if not kind or thing.size < 0.1:
        return
    canvas = stage.canvas
    wide = image.shape[1]
    y0, y1, x0, x1 = _foot_box(canvas, thing, fx, fy, wide)
    if x1 <= x0 or y1 <= y0:
        return
    x = canvas.xs()[x0:x1]
    tall = thing.size
    flat = stands_flat(image)
    deep = (0.034 if flat else 0.030 if kind == "snow" else 0.016) * tall
    line = thing.y - deep * (
        (1.0 if flat and kind == "snow" else 0.5)
        + 0.6 * profile(x * 9 / max(tall, 0.1) * 0.4, stage.noise("settle"), octaves=4)
    )
    ys = canvas.ys()[y0:y1]
    if kind == "grass":
        blades = np.abs(profile(x * 46 / max(tall, 0.1) * 0.4, stage.noise("blades"), octaves=2))
        line = line - 0.022 * tall * blades**1.5
    alpha = smoothstep(-0.003, 0.004, ys[:, None] - line[None, :])
    alpha = alpha * smoothstep(thing.y + 0.008 * tall, thing.y - 0.004 * tall, ys[:, None])
    rows = image[-max(2, round(0.05 * image.shape[0])) :, :, 3].max(axis=0)
    spread = np.zeros(canvas.width + 2 * wide, np.float32)
    start = round(fx - wide / 2) + wide
    spread[max(0, start) : max(0, start) + wide] = rows[: spread.size - max(0, start)]
    foot = cv2.GaussianBlur(spread[None, :], (0, 0), 0.012 * tall * canvas.unit + 0.6)[0]
    alpha = alpha * np.clip(foot[wide + x0 : wide + x1] * 1.3, 0, 1)[None, :]
    # a low light stands in the picture, so before a wide front the drift lies in shade
    low = float(np.clip(1 - 1.6 * stage.light.elevation, 0, 1)) if flat else 0.0
    shaded = 0.86 - 0.4 * low
    # what lies against a foot is in its shade: bright ground there would lift the thing off it
    tone = vec(stage.frost()) * shaded if kind == "snow" else ground * 0.62
    if stage.relief is not None and kind == "sand":
        alpha = alpha * 0.85
    part = canvas.pixels[y0:y1, x0:x1]
    part += (tone - part) * np.asarray(alpha, np.float32)[..., None]
