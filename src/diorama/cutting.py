"""Cutting out: the one thing a picture is about, freed from its ground, if that goes cleanly.

GrabCut (Rother, Kolmogorov and Blake, 2004) started from where the classifier saw its classes and
from what differs in colour from the picture's rim, in turn and together: classes lie well on what
they know, colours well on anything that stands before a plain ground. A cut is kept only if it is
one piece of a sensible size that ends where the picture has edges, and of these the one that is
best set off.
"""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import blur
from .grading import lab_of
from .noise import Field, seed_of

WORK = 224
ROUNDS = 4
RIMS, HEIGHT = 10, 20.0  # colours of the rim, and what the height counts among them, in Lab units
ALIKE = 0.3  # part of the usual difference below which a pixel is of the rim's colours
APART, FAR_APART = 0.15, 0.4  # how much more a cut must differ from the rim than its ground does
SMALLEST, LARGEST = 0.05, 0.62  # shares of the picture
WHOLE = 0.86  # share of the cut that must be one piece
MOST_RIM = 0.16  # share of the side and upper rim that the cut may touch
LEAST_EDGE = 1.2  # how much stronger edges are along the cut than inside it
FAINT, MOST_PLAIN = 0.012, 0.3  # steps that are no edge, and the share of the cut that may lack one


def cut_out(pixels: Field, heat: Field, *, known: bool = True) -> Field | None:
    """Return the thing under the heat as straight RGBA, cropped, or None if no cut is clean.

    Where it is not `known` that there is a thing at all, it must be better set off.
    """
    height, width = pixels.shape[:2]
    ratio = WORK / max(height, width)
    size = (max(32, round(width * ratio)), max(32, round(height * ratio)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    warm = np.asarray(cv2.resize(heat, size, interpolation=cv2.INTER_CUBIC), np.float32)
    inside = _best(small, warm, APART if known else FAR_APART)
    if inside is None:
        return None
    soft = cv2.resize(inside.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    # Drawn in by a hair, so that no rim of the old ground comes along.
    alpha = np.clip((blur(np.asarray(soft, np.float32), 1.5) - 0.5) * 3 + 0.2, 0, 1)
    ys, xs = np.nonzero(alpha > 0.05)
    if not len(ys):
        return None
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    return np.asarray(np.dstack([pixels[box], alpha[box]]), np.float32)


def _best(small: Field, warm: Field, least: float) -> np.ndarray | None:
    """Return the cut that is best set off from its ground, rather the whole thing than its head."""
    image = (np.clip(small, 0, 1) * 255).astype(np.uint8)
    unlike = _unlike(small)
    best, most = None, 0.0
    for belief in (warm * unlike, unlike, warm):
        inside = _segment(image, np.asarray(belief / max(float(belief.max()), 1e-6), np.float32))
        if inside is None:
            continue
        inside = _trimmed(inside, unlike)
        if not _clean(inside, small) or (apart := _apart(inside, unlike)) < least:
            continue
        worth = apart * float(inside.mean()) ** 0.2
        if worth > most:
            best, most = inside, worth
    return best


def _apart(inside: np.ndarray, unlike: Field) -> float:
    """Return how much more a cut differs from the rim's colours than what lies round it does."""
    wide, narrow = (cv2.dilate(inside, np.ones((side, side), np.uint8)) for side in (9, 3))
    ring = (wide > 0) & (narrow == 0)
    return float(unlike[inside > 0].mean() - unlike[ring].mean()) if ring.any() else 0.0


def _unlike(small: Field) -> Field:
    """Return how much each pixel differs from all colours of the rim at its height (0..1)."""
    height, width = small.shape[:2]
    rows = np.repeat(np.linspace(0, HEIGHT, height, dtype=np.float32)[:, None], width, 1)
    seen = np.dstack([lab_of(small), rows]).astype(np.float32)
    deep = max(2, round(0.05 * max(height, width)))
    rim = np.concatenate([
        part.reshape(-1, 4)
        for part in (seen[:deep], seen[-deep:], seen[:, :deep], seen[:, -deep:])
    ])  # fmt: skip
    cv2.setRNGSeed(seed_of("cut") & 0x7FFFFFFF)
    until = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    _, _, usual = cv2.kmeans(rim, RIMS, None, until, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    away = np.min([np.linalg.norm(seen - colour, axis=2) for colour in usual], axis=0)
    away = blur(np.asarray(away, np.float32), 1.0)
    return np.asarray(np.clip(away / max(float(np.percentile(away, 97)), 12.0), 0, 1), np.float32)


def _segment(image: np.ndarray, warm: Field) -> np.ndarray | None:
    height, width = image.shape[:2]
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


def _trimmed(inside: np.ndarray, unlike: Field) -> np.ndarray:
    """Return a cut without what of the ground has come along at its sides; holes are closed."""
    least = ALIKE * float(np.median(unlike[inside > 0])) if inside.any() else 1.0
    near = ((inside > 0) & (unlike > least)).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    kept = np.asarray(cv2.morphologyEx(near, cv2.MORPH_OPEN, disc), np.uint8)
    lines, _ = cv2.findContours(kept, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(kept, lines, -1, 1, cv2.FILLED)
    return np.asarray(kept & inside)


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
    soft = blur(np.asarray(pixels, np.float32), 0.8)
    # Of all colours: red and grey may be equally light.
    edges = np.hypot(*np.gradient(soft, axis=(0, 1))).max(axis=2)
    core = cv2.erode(inside, np.ones((3, 3), np.uint8), iterations=2)
    border = cv2.dilate(inside, np.ones((3, 3), np.uint8)) - cv2.erode(
        inside, np.ones((3, 3), np.uint8)
    )
    along, within = edges[border > 0], edges[core > 0].mean() if core.any() else 0.0
    plain = float((along < FAINT).mean())
    return bool(along.mean() > LEAST_EDGE * max(float(within), 0.004)) and plain < MOST_PLAIN
