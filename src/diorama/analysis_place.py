"""Where a picture was taken or painted: cues of colour and texture in its bands, and known classes.

Each cue adds to the belief in a few places of the table places.toml; the best one wins if it is
believed at all. Nothing here needs to be sure: a wrong guess still has the picture's colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .analysis_colour import Tones
from .grading import lab_of
from .noise import Field
from .words import lexicon

WORK = 128
BELIEVED = 0.5


@dataclass(frozen=True)
class Cover:
    """Shares of a band of the picture that look like sky, water, leaves, snow, sand, and so on.

    `rough` is the mean step of lightness, `upright` how much steps across outdo steps down (log).
    """

    sky: float
    water: float
    green: float
    snow: float
    sand: float
    warm: float
    dark: float
    rough: float
    upright: float


def cover(lab: Field) -> Cover:
    """Return what covers a band (h, w, 3) of CIE Lab."""
    light, red, warm = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(red, warm)
    across = np.abs(np.diff(light, axis=1))[:-1]
    down = np.abs(np.diff(light, axis=0))[:, :-1]
    calm = np.pad(across + down, ((0, 1), (0, 1)), mode="edge") < 7
    hue = np.degrees(np.arctan2(warm, red))
    blue = (hue > -150) & (hue < -60)
    return Cover(
        float((calm & (light > 45) & (blue | (chroma < 12)) & (light < 99)).mean()),
        float(((((hue > 160) | (hue < -70)) & (chroma > 7)) & (light < 80)).mean()),
        float(((hue > 92) & (hue < 165) & (chroma > 9)).mean()),
        float(((light > 74) & (chroma < 13) & (warm < 5)).mean()),
        float(((hue > 55) & (hue < 90) & (chroma > 12) & (light > 42)).mean()),
        float(((hue > 25) & (hue < 85) & (chroma > 12)).mean()),
        float((light < 20).mean()),
        float((across + down).mean()),
        float(np.log(max(float(across.mean()), 0.05) / max(float(down.mean()), 0.05))),
    )


def bands(pixels: Field) -> tuple[Cover, Cover, Cover]:
    """Return the cover of the upper, middle and lower third of an RGB field of 0..1."""
    lab = lab_of(cv2.resize(pixels, (WORK, WORK), interpolation=cv2.INTER_AREA))
    third = WORK // 3
    return cover(lab[:third]), cover(lab[third : 2 * third]), cover(lab[2 * third :])


def _by_cover(seen: Tones, top: Cover, middle: Cover, low: Cover) -> dict[str, float]:
    """Return the belief in each place that the bands alone give."""
    open_sky = max(0.0, top.sky - 0.25) * 1.3 if top.rough < 9 else top.sky * 0.4
    night = seen.dark > 0.3
    wet = (top.water + middle.water + low.water) / 3
    leafy = (top.green + middle.green + low.green) / 3
    closed = max(0.0, 0.9 - open_sky - wet - leafy)
    return {
        "space": 1.5 * max(0.0, min(top.dark, middle.dark, low.dark) - 0.25) * 2,
        "underwater": 1.4 * max(0.0, min(top.water, middle.water, low.water) - 0.45) * 2,
        "sea": (open_sky + 0.3 * night) * low.water * 1.7 * (1 - low.green),
        "beach": open_sky * low.sand * 1.2 * (0.3 + middle.water),
        "desert": open_sky * low.sand * middle.sand * 2.0 * (1 - leafy),
        "snow": low.snow * (0.7 + open_sky) * (1.1 - low.green) * (low.rough < 12),
        "meadow": open_sky * low.green * 1.7,
        "mountains": open_sky * (0.35 + middle.rough / 40) * (0.4 + low.green),
        "forest": leafy * (1 - open_sky) * (0.6 + top.rough / 14) * 1.1,
        "skyline": (open_sky + 0.5 * night) * min(seen.lamps * 18, 1.0) * 0.9,
        "street": min(seen.lamps * 14, 0.9) * (1 - open_sky) + max(0.0, middle.upright) * 0.3,
        "room": 0.7 * closed * (0.35 + 0.25 * (low.warm + middle.warm)),
        "studio": 0.9 * max(0.0, 1 - (top.rough + low.rough) / 5) * (1 - wet) * (1 - leafy),
        "clouds": 1.1 * min(top.sky, middle.sky, low.sky) ** 2,
    }  # fmt: skip


def _homes(noun: str) -> tuple[str, ...]:
    found = next((value for kind, value in lexicon().get(noun, ()) if kind == "thing"), None)
    return tuple(found.home) if found else ()


def place_beliefs(
    pixels: Field,
    seen: Tones,
    nouns: Sequence[tuple[str, float]],
    known: Sequence[tuple[str, float]],
    settings: Sequence[tuple[str, float]],
) -> dict[str, float]:
    """Return the belief in each place; the pairs are the classifier's, see `analysis_subject.Seen`.

    What it knows from photographs (`known`) and from painted pictures (`settings`) counts more
    than the bands, which decide where it knows little.
    """
    beliefs = _by_cover(seen, *bands(pixels))
    for place, chance in known:
        beliefs[place] = beliefs.get(place, 0.0) + 1.6 * chance
    for place, score in settings[:4]:
        beliefs[place] = beliefs.get(place, 0.0) + 2.2 * max(score, 0.0)
    for noun, chance in nouns[:2]:
        for home in _homes(noun):
            beliefs[home] = beliefs.get(home, 0.0) + 0.7 * min(chance, 0.8)
    return beliefs


def place_of(beliefs: dict[str, float]) -> str:
    """Return the place that is believed most, or "" if none is believed enough."""
    best = max(beliefs, key=lambda place: (beliefs[place], place))
    return best if beliefs[best] >= BELIEVED else ""
