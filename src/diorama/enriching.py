"""Fine detail that an upscaled picture lacks: local contrast, and grain that follows its forms.

The grain is noise smeared along the lines of the picture: along boards and bark it becomes grain,
in clouds wisps, in leaves veins. It grows where the picture has texture already, stays away from
outlines and smooth surfaces, and changes brightness only.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import TILE, Field, fbm, seed_of, smoothstep

MARGIN = 32  # how far, in pixels at scale 1, the detail of a pixel looks around
CONTRAST, LIMIT = 0.5, 0.06
FAINT = 0.05  # how much texture varies: from there on, changes of brightness are edges
GRAIN, QUIET, PEAK = 0.052, 0.04, 4.0  # depth, the part of it that smooth surfaces get, the limit
STREAK = 6  # steps of 1.5 pixels (at scale 1) to either side that grain is smeared
STEEP = 0.02, 0.07  # from no edge to an edge
DEEP, CROWD = (0.001, 0.008), (0.45, 0.75)  # from smooth to textured; from few outlines to many


def brightness(image: Field) -> Field:
    """Return the luma (ITU-R BT.601) of an RGB field."""
    return np.asarray(image @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def steepness(grey: Field) -> Field:
    """Return how much the brightness changes over a pixel."""
    across = cv2.Sobel(grey, -1, 1, 0, scale=0.125)
    return np.hypot(across, cv2.Sobel(grey, -1, 0, 1, scale=0.125))


def _mean(field: Field, radius: int) -> Field:
    """Return the mean around each pixel, nearer ones counting more (a tent)."""
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.blur(cv2.blur(field, size), size), np.float32)


def enrich(image: Field, y: int, x: int, scale: int, seed: int) -> Field:
    """Return an RGB field with detail added; (y, x) is its corner's place in the whole picture.

    `scale` is the size of detail: 1 for a picture twice as large as drawn, 2 for four times.
    """
    grey = brightness(image)
    calm = cv2.GaussianBlur(grey, (0, 0), scale)  # dither and film grain are no texture
    outlines = _outlines(grey, scale)
    local = calm - _surfaces(calm, 7 * scale)
    local = local / (1 + np.abs(local) / LIMIT)
    strength = GRAIN * (1 - outlines) * _texture(calm, outlines, scale)
    strength *= np.clip(4 * grey * (1 - grey), 0.15, 1)
    new = grey + CONTRAST * local + strength * _grain(calm, y, x, scale, seed)
    ratio = np.clip(new, 0, 1) / np.maximum(grey, 1 / 255)
    return np.asarray(image * np.clip(ratio, 0.6, 1.6)[..., None], np.float32)


def _surfaces(calm: Field, radius: int) -> Field:
    """Return the brightness without texture: a guided filter, which keeps strong edges.

    A plain mean would draw light and dark seams along them.
    """
    mean = _mean(calm, radius)
    varied = np.maximum(_mean(calm * calm, radius) - mean * mean, 0)
    share = varied / (varied + FAINT**2)
    return _mean(share, radius) * calm + _mean((1 - share) * mean, radius)


def _outlines(calm: Field, scale: int) -> Field:
    """Return 1 on outlines, 0 away from them."""
    edge = cv2.dilate(steepness(calm) * scale, _square(4 * scale))
    return smoothstep(*STEEP, cv2.GaussianBlur(edge, (0, 0), 1.5 * scale))


def _texture(calm: Field, outlines: Field, scale: int) -> Field:
    """Return QUIET where the picture is smooth, 1 where it has texture.

    An outline by itself is none: it is left out with what its blur reaches. Many of them are.
    """
    away = 1 - cv2.dilate(outlines, _square(10 * scale))
    band = np.minimum(np.abs(calm - _mean(calm, 3 * scale)), 0.04) * away
    depth = _mean(band, 10 * scale) / np.maximum(_mean(away, 10 * scale), 0.05)
    crowded = smoothstep(*CROWD, _mean(outlines, 12 * scale))
    return np.maximum(QUIET, np.maximum(crowded, smoothstep(*DEEP, depth)))


def _square(side: int) -> NDArray[np.uint8]:
    return np.ones((side + 1, side + 1), np.uint8)


def _lines(calm: Field, scale: int) -> tuple[Field, Field]:
    """Return the picture's lines as vectors, as long as the lines are clear (0..1).

    The structure tensor, with steps capped so that no outline overrules its neighbourhood.
    """
    across, down = (cv2.Sobel(calm, -1, *way, scale=0.125) for way in ((1, 0), (0, 1)))
    cap = np.minimum(1, 0.02 / np.maximum(np.hypot(across, down), 1e-6))
    across, down = across * cap, down * cap
    xx, xy, yy = (
        cv2.GaussianBlur(product, (0, 0), 4 * scale)
        for product in (across * across, across * down, down * down)
    )
    clear = np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / (xx + yy + 1e-5)
    clear = np.minimum(1.3 * clear, 1)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return clear * np.cos(angle), clear * np.sin(angle)


def _noise(y: int, x: int, shape: tuple[int, int], seed: int) -> Field:
    """Return noise of the whole picture's coordinates: two layers, turned so as not to repeat."""
    v, u = np.mgrid[y : y + shape[0], x : x + shape[1]].astype(np.float32) / TILE
    first = fbm(u, v, seed_of("grain", seed), gain=1.2)
    return first + fbm(0.8 * u - 0.6 * v, 0.6 * u + 0.8 * v, seed_of("turned", seed), gain=1.2)


def _grain(calm: Field, y: int, x: int, scale: int, seed: int) -> Field:
    """Return noise smeared along the lines of the picture, below PEAK and of about equal depth."""
    noise = _noise(y, x, calm.shape, seed)
    across, down = _lines(calm, scale)
    rows, columns = np.indices(calm.shape, dtype=np.float32)
    total = noise.copy()
    for step in (1.5 * scale * k * way for k in range(1, STREAK + 1) for way in (1, -1)):
        there = columns + step * across, rows + step * down
        total += cv2.remap(noise, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    total -= _mean(total, 8 * scale)
    total /= np.sqrt(_mean(total * total, 8 * scale)) + 1e-3
    return np.asarray(total / (1 + np.abs(total) / PEAK), np.float32)
