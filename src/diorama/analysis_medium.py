"""What a picture is made with, from the classifier's features and from plain signs that must agree.

The features know the painter's own media (4 of 5 after cutting and compression) and other people's
less: of those that the picture's colours allow, one is believed only when it stands out. Else it is
a photograph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .analysis_colour import WORK
from .grading import lab_of
from .noise import Field

STANDS_OUT, AHEAD = 0.25, 0.05
PHOTOGENIC = 0.1  # what a medium must stand out more where the classifier is sure of its subject
FLAT, FEW = 0.7, 18
GREY = 9.0  # vivid chroma below which a picture is black and white
COLOURLESS = frozenset({"noir", "pencil", "ink"})


@dataclass(frozen=True)
class Signs:
    """chroma is the mean (Lab units) and warmth the mean of Lab b; the others are 0..1 or counts.

    `tint` tells how much all colours share one hue, `flat` the share of exactly smooth pixels,
    `levels` how many colours make nine tenths of the picture, `vivid` the chroma that only three
    in a hundred pixels exceed.
    """

    chroma: float
    vivid: float
    tint: float
    warmth: float
    flat: float
    levels: int


def signs(pixels: Field) -> Signs:
    """Measure the signs of an RGB field of 0..1."""
    small = cv2.resize(pixels, (2 * WORK, 2 * WORK), interpolation=cv2.INTER_AREA)
    lab = lab_of(small)
    light, red, warm = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(red, warm)
    step = np.abs(light - cv2.blur(light, (3, 3))) + 0.5 * np.abs(red - cv2.blur(red, (3, 3)))
    bins = (small * 11.99).astype(np.int32) @ np.asarray([1, 12, 144])
    counts = np.sort(np.bincount(bins.ravel()))[::-1]
    levels = int(np.searchsorted(np.cumsum(counts), 0.9 * counts.sum()))
    tint = float(np.hypot(red.sum(), warm.sum()) / max(float(chroma.sum()), 1e-3))
    return Signs(
        float(chroma.mean()), float(np.percentile(chroma, 97)), tint, float(warm.mean()),
        float((step < 0.5).mean()), levels,
    )  # fmt: skip


ALLOWED: dict[str, Callable[[Signs], bool]] = {
    "ink": lambda s: s.chroma < 14,
    "pencil": lambda s: s.chroma < 7,
    "noir": lambda s: s.vivid < GREY,
    "sepia": lambda s: s.tint > 0.9 and 4 < s.warmth < 32,
    "blueprint": lambda s: s.tint > 0.85 and s.warmth < -12,
}


def _fits(name: str, seen: Signs) -> bool:
    """Tell whether a picture's colours allow a medium: grey ones only those without colour."""
    if seen.vivid < GREY and name not in COLOURLESS:
        return False
    return name not in ALLOWED or ALLOWED[name](seen)


def medium_of(pixels: Field, beliefs: Sequence[tuple[str, float]], subject: float) -> str:
    """Return the style of a picture.

    `beliefs` are the classifier's in the media, best first, `subject` its belief in the subject:
    the classes are those of photographs, so who is sure of one is likely to see one.
    """
    return told_medium(signs(pixels), beliefs, subject)


def told_medium(seen: Signs, beliefs: Sequence[tuple[str, float]], subject: float) -> str:
    """As `medium_of`, from the signs alone."""
    (best, score), (_, second) = [belief for belief in beliefs if _fits(belief[0], seen)][:2]
    least = STANDS_OUT + PHOTOGENIC * (subject >= 0.5)
    if best != "photo" and score >= least and score - second >= AHEAD:
        return best
    if seen.flat > FLAT and seen.levels < FEW and seen.vivid >= GREY:
        return "poster"
    if seen.vivid < GREY:
        return "noir"
    return "photo"
