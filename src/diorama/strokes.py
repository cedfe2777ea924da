"""Parts that the media share: edge-keeping smoothing, flow lines, few-colour palettes, paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import cv2
import numpy as np

from .canvas import blur, vec
from .noise import Field, generator

PLAIN = 0.0012  # the pull of the plain angle against the squared gradient of a form


_pulse: ContextVar[Callable[[], None] | None] = ContextVar("pulse", default=None)


@contextmanager
def pulsing(pulse: Callable[[], None]) -> Iterator[None]:
    """Have `pulse` called after each slow step of the media painted inside; it may raise."""
    token = _pulse.set(pulse)
    try:
        yield
    finally:
        _pulse.reset(token)


def step() -> None:
    """Tell that a slow step of a medium is done; see `pulsing`."""
    pulse = _pulse.get()
    if pulse is not None:
        pulse()


def grey(pixels: Field) -> Field:
    """Return the lightness (h, w)."""
    return np.asarray(pixels @ vec((0.3, 0.59, 0.11)), np.float32)


def kuwahara(pixels: Field, radius: int) -> Field:
    """Return the picture as flat dabs: each pixel takes the calmest of its four neighbour boxes."""
    radius = max(1, radius)
    size = (radius + 1, radius + 1)
    mean = cv2.blur(pixels, size, borderType=cv2.BORDER_REFLECT)
    light = grey(pixels)
    average = cv2.blur(light, size, borderType=cv2.BORDER_REFLECT)
    spread = cv2.blur(light * light, size, borderType=cv2.BORDER_REFLECT) - average**2
    half = radius // 2 + 1
    total = np.zeros_like(pixels)
    weight = np.zeros_like(light)
    for dy in (-half, half):
        for dx in (-half, half):
            move = np.asarray([[1, 0, dx], [0, 1, dy]], np.float32)
            size_px = (pixels.shape[1], pixels.shape[0])
            flags, edge = cv2.INTER_NEAREST, cv2.BORDER_REFLECT
            m = cv2.warpAffine(mean, move, size_px, flags=flags, borderMode=edge)
            s = cv2.warpAffine(spread, move, size_px, flags=flags, borderMode=edge)
            w = 1 / (1e-5 + np.clip(s, 0, 1)) ** 2.5
            total += m * w[..., None]
            weight += w
    step()
    return np.asarray(total / weight[..., None], np.float32)


def flow(light: Field, sigma: float, plain: float | Field = 0.0) -> tuple[Field, Field]:
    """Return the unit direction (x, y) along the forms, smoothed over sigma pixels.

    Where nothing has a form, strokes run at the angle `plain` (radians).
    """
    soft = blur(light, sigma * 0.4)
    gx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3)
    gy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)
    xx, yy, xy = blur(gx * gx, sigma), blur(gy * gy, sigma), blur(gx * gy, sigma)
    across = plain + np.pi / 2
    c, s = np.cos(across), np.sin(across)
    xx, yy, xy = xx + PLAIN * c * c, yy + PLAIN * s * s, xy + PLAIN * c * s
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def drag(source: Field, dx: Field, dy: Field, length: float, steps: int = 9) -> Field:
    """Smear a field along a direction: bristles, hatching, flowing colour."""
    y, x = np.mgrid[0 : source.shape[0], 0 : source.shape[1]].astype(np.float32)
    total = np.array(source)
    for sign in (-1, 1):
        for k in range(1, steps // 2 + 1):
            far = np.float32(sign * length * k / (steps // 2))
            total += cv2.remap(
                source, x + dx * far, y + dy * far, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
            )
    step()
    return np.asarray(total / (1 + 2 * (steps // 2)), np.float32)


def few_colours(pixels: Field, count: int, seed: int) -> tuple[Field, Field]:
    """Return (palette (count, 3), flat picture): each pixel in the nearest of a few colours."""
    size = (96, max(8, round(96 * pixels.shape[0] / pixels.shape[1])))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(-1, 3)
    vivid = small.max(1) - small.min(1)
    order = np.argsort(grey(small))
    bright = np.flatnonzero(vivid >= np.quantile(vivid, 0.9))
    bright = bright[
        np.argsort(
            np.arctan2(small[bright, 0] - small[bright, 1], small[bright, 2] - small[bright, 1])
        )
    ]
    plain = order[np.linspace(len(order) * 0.02, len(order) * 0.98, count - count // 2).astype(int)]
    strong = bright[np.linspace(0, len(bright) - 1, count // 2).astype(int)]
    palette = small[np.concatenate([plain, strong])]
    palette = palette + generator("palette", seed).normal(0, 0.015, palette.shape).astype(
        np.float32
    )
    for _ in range(9):
        near = ((small[:, None] - palette[None]) ** 2).sum(2).argmin(1)
        for k in range(count):
            if (near == k).any():
                palette[k] = small[near == k].mean(0)
    return palette.astype(np.float32), nearest(pixels, palette)


def nearest(pixels: Field, palette: Field) -> Field:
    """Return each pixel in the nearest palette colour."""
    best = np.full(pixels.shape[:2], 9.0, np.float32)
    out = np.empty_like(pixels)
    for colour in palette:
        away = ((pixels - vec(colour)) ** 2).sum(2)
        closer = away < best
        best = np.where(closer, away, best)
        out[closer] = colour
        step()
    return out


def paper(shape: tuple[int, int], unit: float, seed: int) -> Field:
    """Return the height of rough paper (h, w), about -1..1, the same at every picture size."""
    rng = generator("paper", seed)
    total = np.zeros(shape, np.float32)
    for cells, weight in ((170, 0.6), (330, 0.4)):
        high = max(4, round(cells * shape[0] / unit))
        wide = max(4, round(cells * shape[1] / unit))
        layer = rng.standard_normal((high, wide), dtype=np.float32)
        total += weight * cv2.resize(layer, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return total


def saturate(pixels: Field, amount: float) -> Field:
    """Return the picture with its colours moved away from (or, below 1, toward) grey."""
    light = grey(pixels)[..., None]
    return np.asarray(light + (pixels - light) * amount, np.float32)


def grid(pixels: Field, unit: float) -> tuple[Field, Field]:
    """Return the pixels' places (x, y) in world units from the upper left corner."""
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)
    return x / unit, y / unit


def shown(pixels: Field) -> Field:
    """Return the pixels within 0..1."""
    return np.asarray(np.clip(pixels, 0, 1), np.float32)
