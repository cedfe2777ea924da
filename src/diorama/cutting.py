"""Cutting out: the one thing a picture is about, freed from its ground, if that goes cleanly.

GrabCut (Rother, Kolmogorov and Blake, 2004) started from where the classifier saw its classes. A
cut is kept only if it is one piece of a sensible size that ends where the picture has edges.
"""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import blur
from .noise import Field, seed_of

WORK = 224
ROUNDS = 4
SMALLEST, LARGEST = 0.05, 0.62  # shares of the picture
WHOLE = 0.86  # share of the cut that must be one piece
MOST_RIM = 0.16  # share of the side and upper rim that the cut may touch
LEAST_EDGE = 1.2  # how much stronger edges are along the cut than inside it
FAINT, MOST_PLAIN = 0.012, 0.3  # steps that are no edge, and the share of the cut that may lack one


def cut_out(pixels: Field, heat: Field) -> Field | None:
    """Return the thing under the heat as straight RGBA, cropped, or None if no cut is clean."""
    height, width = pixels.shape[:2]
    ratio = WORK / max(height, width)
    size = (max(32, round(width * ratio)), max(32, round(height * ratio)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    inside = _segment((np.clip(small, 0, 1) * 255).astype(np.uint8), heat)
    if inside is None or not _clean(inside, small):
        return None
    soft = cv2.resize(inside.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    # Drawn in by a hair, so that no rim of the old ground comes along.
    alpha = np.clip((blur(np.asarray(soft, np.float32), 1.5) - 0.5) * 3 + 0.2, 0, 1)
    ys, xs = np.nonzero(alpha > 0.05)
    if not len(ys):
        return None
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    return np.asarray(np.dstack([pixels[box], alpha[box]]), np.float32)


def _segment(image: np.ndarray, heat: Field) -> np.ndarray | None:
    height, width = image.shape[:2]
    warm = cv2.resize(heat, (width, height), interpolation=cv2.INTER_CUBIC)
    mask = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    mask[warm > 0.35] = cv2.GC_PR_FGD
    mask[warm > 0.85] = cv2.GC_FGD
    rim = max(2, round(0.03 * max(height, width)))
    mask[:rim] = mask[:, :rim] = mask[:, -rim:] = cv2.GC_BGD
    known = mask == cv2.GC_FGD
    if not known.any() or not (mask == cv2.GC_BGD).any():
        return None
    ground, thing = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
    cv2.setRNGSeed(seed_of("cut") & 0x7FFFFFFF)
    try:
        cv2.grabCut(image, mask, (0, 0, 1, 1), ground, thing, ROUNDS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        return None
    inside = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    return cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))


def _clean(inside: np.ndarray, pixels: Field) -> bool:
    """Tell whether a cut is one piece, of a sensible size, along edges; keeps its largest piece."""
    area = float(inside.mean())
    if not SMALLEST <= area <= LARGEST:
        return False
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else 0
    if stats[largest, cv2.CC_STAT_AREA] < WHOLE * inside.sum():
        return False
    inside[labels != largest] = 0
    rim = np.concatenate([inside[3], inside[:, 3], inside[:, -4]])
    if float(rim.mean()) > MOST_RIM:
        return False
    grey = blur(np.asarray(pixels.mean(axis=2), np.float32), 0.8)
    edges = np.hypot(*np.gradient(grey))
    core = cv2.erode(inside, np.ones((3, 3), np.uint8), iterations=2)
    border = cv2.dilate(inside, np.ones((3, 3), np.uint8)) - cv2.erode(
        inside, np.ones((3, 3), np.uint8)
    )
    along, within = edges[border > 0], edges[core > 0].mean() if core.any() else 0.0
    plain = float((along < FAINT).mean())
    return bool(along.mean() > LEAST_EDGE * max(float(within), 0.004)) and plain < MOST_PLAIN
