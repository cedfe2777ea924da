"""Lines: what a hand draws of a picture, namely its contours in colour, not only in lightness.

The structure tensor of the picture in CIE Lab tells how strong an edge is and which way it runs. A
line is the crest of that strength, linked along its way; in busy ground (grass, waves, leaves) a
crest must stand out from what lies around it, or every blade would be drawn.
"""

from __future__ import annotations

import cv2
import numpy as np

from diorama import strokes
from diorama.canvas import blur
from diorama.noise import Field, smoothstep

CHROMA = 0.8  # what a step of colour counts against the same step of lightness
FAINT = 0.050  # the least edge that is drawn: Lab / 100 per line's width
BROAD = 2.8  # pixels
BUSY = 0.95  # how much of the strength around it an edge must exceed


def lab(pixels: Field) -> Field:
    """Return the picture in CIE Lab, lightness 0..1 and the colours in the same measure."""
    return np.asarray(cv2.cvtColor(np.clip(pixels, 0, 1), cv2.COLOR_RGB2LAB) * 0.01, np.float32)


def _tensor(pixels: Field, width: float) -> tuple[Field, Field, Field]:
    """Return the structure tensor (xx, yy, xy): how much the colour changes over `width` pixels."""
    tones = lab(blur(pixels, 0.42 * width))
    tones[..., 1:] *= CHROMA
    gx = cv2.Sobel(tones, cv2.CV_32F, 1, 0, scale=0.125 * width)
    gy = cv2.Sobel(tones, cv2.CV_32F, 0, 1, scale=0.125 * width)
    one = np.ones((1, 3), np.float32)
    xx, yy, xy = (cv2.transform(a * b, one) for a, b in ((gx, gx), (gy, gy), (gx, gy)))
    return xx, yy, xy


def _steepness(xx: Field, yy: Field, xy: Field) -> Field:
    return np.asarray(np.sqrt(0.5 * (xx + yy + np.sqrt((xx - yy) ** 2 + 4 * xy * xy))), np.float32)


def strength(pixels: Field, width: float) -> Field:
    """Return how strong an edge (h, w) is: the change of colour (Lab / 100) over `width` pixels."""
    return _steepness(*_tensor(pixels, width))


def contours(
    pixels: Field, width: float, focus: Field, *, faint: float = FAINT, busy: float = BUSY
) -> Field:
    """Return lines (0..1) about `width` pixels wide along the contours of the picture.

    Where `focus` is 1 finer and fainter edges are drawn.
    """
    weight = _weight(width)
    width = max(width, 1.0)
    whole = (pixels.shape[1], pixels.shape[0])
    if width > BROAD:  # a broad line is found as well on a picture of half the size
        half = (whole[0] // 2, whole[1] // 2)
        pixels = np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA), np.float32)
        focus = np.asarray(cv2.resize(focus, half, interpolation=cv2.INTER_AREA), np.float32)
        width /= 2
    xx, yy, xy = _tensor(pixels, width)
    steep = _steepness(xx, yy, xy)
    xx, yy, xy = (blur(part, 1.4 * width) for part in (xx, yy, xy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy + 1e-12) + np.pi / 2
    dx, dy = np.cos(angle), np.sin(angle)
    crest = np.clip(steep - 0.92 * blur(steep, 1.5 * width), 0, None)
    near = blur(focus, width)
    # a line must also pay for what is drawn around it, outside of the things
    price = faint * (1 - 0.45 * near) + busy * blur(steep, 9 * width) * (1 - 0.8 * near)
    linked = strokes.drag(np.asarray(crest / (0.4 * price), np.float32), dx, dy, 2.2 * width, 5)
    if linked.shape[1::-1] != whole:
        linked = cv2.resize(linked, whole, interpolation=cv2.INTER_LINEAR)
    return smoothstep(0.45, 1.0, linked) * weight


def outline(focus: Field, width: float) -> Field:
    """Return a clean line (0..1), `width` pixels wide, round the things that `focus` covers."""
    soft = blur(focus, max(0.5 * width, 0.6))
    return smoothstep(0.35, 0.85, 4 * soft * (1 - soft)) * _weight(width)


def _weight(width: float) -> np.float32:
    """Return how dark a line is drawn: one thinner than a pixel by its share of it."""
    return np.float32(np.clip(0.2 + 0.8 * width, 0.5, 1.0))
