"""Colour and light of a picture: its dominant colours with their names, and the hour it shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from .canvas import rgb
from .grading import code, lab_of
from .noise import Field, seed_of
from .words import load

PALETTE = 5
WORK = 96  # pixels of the side at which colours are counted


@dataclass(frozen=True)
class Swatch:
    """A dominant colour: its everyday name, "#rrggbb", and its share of the picture."""

    name: str
    code: str
    share: float


@dataclass(frozen=True)
class Tones:
    """Means over the picture: CIE Lab lightness, its deviation, chroma, warmth (Lab b), and parts.

    `dark` and `bright` are shares of the picture; `lamps` is the share of small bright spots in
    the dark; `upper` is the mean Lab colour of the upper third.
    """

    level: float
    contrast: float
    chroma: float
    warmth: float
    dark: float
    bright: float
    lamps: float
    neon: float
    upper: tuple[float, float, float]
    brightest: tuple[float, float, float]


@lru_cache(maxsize=1)
def _named() -> tuple[tuple[str, ...], Field]:
    colours = {name: colour for name, colour in load("moods")["colours"].items() if "-" not in name}
    fields = np.asarray([rgb(colour) for colour in colours.values()], np.float32)
    return tuple(colours), lab_of(fields[None])[0]


def colour_name(colour: Field) -> str:
    """Return the everyday name of an RGB colour: the nearest of the vocabulary's colours."""
    names, table = _named()
    lab = lab_of(np.asarray(colour, np.float32)[None, None])[0, 0]
    chroma = float(np.hypot(lab[1], lab[2]))
    if chroma < 9:
        return "black" if lab[0] < 28 else "grey" if lab[0] < 74 else "white"
    # Hue tells colours apart more than lightness does.
    away = np.abs(table - lab) * np.asarray([0.55, 1.0, 1.0], np.float32)
    grey = np.hypot(table[:, 1], table[:, 2]) < 9
    distance = (away**2).sum(axis=1) + np.where(grey, 900.0, 0.0)
    return names[int(np.argmin(distance))]


def palette(pixels: Field) -> tuple[Swatch, ...]:
    """Return up to PALETTE dominant colours of an RGB field, the most telling first."""
    small = cv2.resize(pixels, (WORK, WORK), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    lab = lab_of(small[None])[0]
    cv2.setRNGSeed(seed_of("palette") & 0x7FFFFFFF)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 24, 0.5)
    start = cv2.KMEANS_PP_CENTERS
    _, labels, _ = cv2.kmeans(lab, 8, np.empty((0, 1), np.int32), stop, 2, start)
    swatches: dict[str, Swatch] = {}
    shares = np.bincount(labels.ravel(), minlength=8) / len(lab)
    # A vivid colour tells more than its area; greys tell less.
    chroma = [float(np.hypot(*lab[labels.ravel() == k][:, 1:].mean(axis=0))) for k in range(8)]
    for k in np.argsort([-share * (0.5 + c / 40) for share, c in zip(shares, chroma, strict=True)]):
        if shares[k] < 0.015:
            continue
        colour = np.median(small[labels.ravel() == k], axis=0)
        name = colour_name(colour)
        kept = swatches.get(name)
        share = float(shares[k]) + (kept.share if kept else 0.0)
        swatches[name] = Swatch(name, kept.code if kept else code(colour), round(share, 3))
    return tuple(swatches.values())[:PALETTE]


def _mean(lab: Field, mask: Field) -> tuple[float, float, float]:
    level, a, b = lab[mask].mean(axis=0) if mask.any() else lab.reshape(-1, 3).mean(axis=0)
    return float(level), float(a), float(b)


def tones(pixels: Field) -> Tones:
    """Measure the light of an RGB field of 0..1."""
    lab = lab_of(cv2.resize(pixels, (WORK, WORK), interpolation=cv2.INTER_AREA))
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    fine = lab_of(cv2.resize(pixels, (256, 256), interpolation=cv2.INTER_AREA))[..., 0]
    around = cv2.GaussianBlur(fine, (0, 0), 9)
    lamps = (fine > around + 28) & (around < 42)
    upper = np.zeros(light.shape, bool)
    upper[: WORK // 3] = True
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    neon = (chroma > 42) & ((hue < 5) & (hue > -80) | (np.abs(hue) > 170)) & (light > 25)
    return Tones(
        float(light.mean()), float(light.std()), float(chroma.mean()), float(lab[..., 2].mean()),
        float((light < 22).mean()), float((light > 82).mean()), float(lamps.mean()),
        float(neon.mean()), _mean(lab, upper), _mean(lab, light >= np.percentile(light, 85)),
    )  # fmt: skip


def hour(seen: Tones, *, outside: bool) -> str:
    """Return the time of day of the table lights.toml that a picture looks like."""
    _, red, warm = seen.brightest
    upper_level, _, upper_warm = seen.upper
    if seen.level < 42 and seen.neon > 0.12:
        return "neon"
    if seen.level < 30 or (outside and upper_level < 24):
        return "night" if warm < 34 or outside else "candle"
    if seen.level < 42 and upper_warm < -4:
        return "dusk"
    if outside and warm > 20 and red > 9 and upper_level < 74:
        return "sunset"
    if warm > 20:
        return "golden"
    if outside and seen.contrast < 17 and warm > 6 and seen.level > 55:
        return "dawn"
    if outside and seen.chroma < 15 and abs(upper_warm) < 9:
        return "overcast"
    return "day"
