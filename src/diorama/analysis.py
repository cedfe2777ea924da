"""What a foreign picture shows: subject, place, hour, medium, colours and framing.

`look` gathers the readings of the `analysis_*` modules. It never fails on a picture: what cannot
be told stays empty, and the colours are always there.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from .analysis_colour import Swatch, Tones, hour, palette, tones
from .analysis_medium import medium_of, signs
from .analysis_place import place_beliefs, place_of
from .analysis_subject import AKIN, ALIKE, GUESSED, SURE, Seen, see
from .grading import grade_of
from .noise import Field
from .rendering import place_table
from .scene import Grade
from .words import lexicon

WORK = 512  # pixels of the longer side at which a picture is looked at
PERSON, CLOTHES = 0.16, 0.12  # share of skin, and belief in clothes, that make somebody
PEOPLE = frozenset({"person", "man", "woman"})
HOUR_SURE = 0.3
PANELS = 0.6  # share of exactly smooth pixels that only screens, charts and shapes have
AGREED = 3  # of the four likest things, how many must be of one kind
GUESSES = 3  # one for each prompt of a description but the first
INDOORS = frozenset({"room", "kitchen", "library", "studio", "cave"})


@dataclass(frozen=True)
class Sight:
    """A picture as read. `subject` is a noun of the vocabulary or "", believed 0..1 (`belief`).

    `place` is a name of places.toml or "", `hour` of lights.toml, `medium` a style ("photo" for
    none). Where no noun is sure, `kind` is the subject's ("animal") and `guesses` are nouns that it
    may be, the likeliest first.
    `framing` is close-up, portrait, wide or "". `pixels` is the picture at WORK pixels.
    """

    subject: str
    belief: float
    place: str
    hour: str
    medium: str
    palette: tuple[Swatch, ...]
    tones: Tones
    framing: str
    symmetric: bool
    size: tuple[int, int]
    grade: Grade
    heat: Field
    pixels: Field
    kind: str = ""
    guesses: tuple[str, ...] = ()

    @property
    def inside(self) -> bool:
        return self.place in INDOORS


def field_of(picture: Image.Image) -> Field:
    """Return a picture as an RGB field of 0..1 with no side above WORK pixels."""
    ratio = min(1.0, WORK / max(picture.size))
    size = (max(8, round(picture.width * ratio)), max(8, round(picture.height * ratio)))
    return np.asarray(picture.resize(size, Image.Resampling.BOX), np.float32) / 255


def _subject(seen: Seen, skin: float, *, flat: bool) -> tuple[str, float]:
    """Return the noun that is shown and how sure that is, or ("", 0).

    Likeness to the painter's things comes first, but not in flat pictures, where every panel is
    like some book; then the classes, for photographs; then skin and people's clothes together, for
    the classes know no people.
    """
    noun, chance = seen.nouns[0]
    drawn, likeness = seen.drawn[0] if seen.drawn else ("", 0.0)
    dressed = skin if any(n in PEOPLE and c >= CLOTHES for n, c in seen.nouns) else 0.0
    ranks = (
        (drawn, likeness, 1.0 if flat else ALIKE), (noun, chance, SURE),
        ("person", dressed, PERSON),
    )  # fmt: skip
    return next(((name, belief) for name, belief, least in ranks if belief >= least), ("", 0.0))


def _kind(seen: Seen, *, flat: bool) -> str:
    """Return the kind of thing that is shown ("animal"), where most of the likest are of one."""
    if flat or not seen.drawn or seen.drawn[0][1] < AKIN:
        return ""
    kinds = [noun.kind for name, _ in seen.drawn for key, noun in lexicon()[name] if key == "thing"]
    best = max(kinds, key=kinds.count)
    return best if kinds.count(best) >= AGREED and kinds[0] == best else ""


def guessed(seen: Seen, *, flat: bool) -> tuple[str, ...]:
    """Return what the picture may show, where something is fairly like it."""
    if flat or not seen.drawn or seen.drawn[0][1] < GUESSED:
        return ()
    return tuple(name for name, _ in seen.drawn[:GUESSES])


def _skin(pixels: Field) -> Field:
    """Return where the picture has the colours of skin, of any complexion, in smooth parts."""
    ycc = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
    level, red, blue = ycc[..., 0], ycc[..., 1], ycc[..., 2]
    likely = (red > 0.54) & (red < 0.68) & (blue > 0.30) & (blue < 0.49) & (level > 0.16)
    smooth = cv2.erode(likely.astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(cv2.resize(smooth, (28, 28), interpolation=cv2.INTER_AREA), np.float32)


def _share(skin: Field) -> float:
    """Return the share of skin in the picture's middle, where people are."""
    return float(skin[3:21, 6:22].mean())


def _hour(seen: Seen, light: Tones, *, outside: bool) -> str:
    """Return the hour: the classifier's where it stands out, else the one that the light tells."""
    best, score = seen.hours[0]
    return best if score >= HOUR_SURE else hour(light, outside=outside)


def _framing(heat: Field, size: tuple[int, int], subject: str) -> str:
    spread = float((heat > 0.5).mean())
    ratio = size[0] / size[1]
    if subject and spread > 0.5:
        return "close-up"
    if subject and ratio < 0.9:
        return "portrait"
    return "wide" if ratio > 1.7 or (not subject and ratio > 1.1) else ""


def _symmetric(pixels: Field) -> bool:
    grey = cv2.resize(pixels.mean(axis=2), (48, 48), interpolation=cv2.INTER_AREA)
    grey = grey - grey.mean()
    return float((grey * grey[:, ::-1]).sum()) > 0.82 * max(float((grey * grey).sum()), 1e-6)


def look(picture: Image.Image) -> Sight:
    """Return what an RGB picture shows."""
    pixels = field_of(picture)
    seen, light, skin = see(pixels), tones(pixels), _skin(pixels)
    flat = signs(pixels).flat > PANELS
    subject, belief = _subject(seen, _share(skin), flat=flat)
    heat = seen.heat
    if subject in PEOPLE:
        heat = np.maximum(cv2.resize(heat, (28, 28), interpolation=cv2.INTER_CUBIC), 0.8 * skin)
    nouns = ((subject, belief),) if subject else ()
    place = place_of(place_beliefs(pixels, light, nouns, seen.places, seen.settings))
    outside = place not in INDOORS
    time = str(place_table().get(place, {}).get("light", "")) or _hour(seen, light, outside=outside)
    return Sight(
        subject, belief, place, time, medium_of(pixels, seen.media, belief), palette(pixels), light,
        _framing(heat, picture.size, subject), _symmetric(pixels), picture.size,
        grade_of(pixels), heat, pixels, "" if subject else _kind(seen, flat=flat),
        () if subject else guessed(seen, flat=flat),
    )  # fmt: skip
