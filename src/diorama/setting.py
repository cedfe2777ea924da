"""Settings: the place, light, palette and lens that a prompt asks for or leaves to a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from .lens import lenses, measure
from .phrasing import ADJECTIVE
from .reading import Reading, wanted_word
from .scene import Light
from .words import Noun, load

ELSEWHERE = {"clouds", "studio", "garden", "mountains", "beach", "street", "space", "abstract"}
INDOORS = {"room", "bedroom", "office", "kitchen", "library", "studio"}
HOSTS = ("boat", "building", "plant", "drink")  # kinds of things that others are at home with
HOURS = ("day", "dawn", "golden", "sunset", "dusk", "night", "overcast", "neon")
MEDIA_OF_CHAOS = ("oil", "watercolor", "ink", "poster", "woodblock", "anime", "pencil", "comic")
LENSES_OF_CHAOS = ("wide", "close", "low", "bokeh", "fisheye", "tilt", "isometric")
USUAL = ("day", "day", "day", "golden", "golden", "sunset", "dawn")


@lru_cache(maxsize=4)
def table(name: str) -> dict[str, Any]:
    """Return a table of the vocabulary."""
    return load(name)


def chance(*parts: object) -> random.Random:
    """Return a random source fixed by the parts; the same on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return random.Random(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big"))


def horizon_of(spec: Mapping[str, Any], lens: tuple[str, ...], rng: random.Random) -> float:
    """Return the world y of the horizon, within the range of the place, for the lens."""
    low, high = spec["horizon"]
    level = float(low + (high - low) * rng.random() + measure(lens, "low"))
    return round(min(level, max(float(high), 0.82)), 4)


def motif_of(reading: Reading, place: str, seed: int) -> str:
    """Return the motif of an abstract picture: mostly the feeling's own, else left to the seed."""
    if (
        place != "abstract"
        or not reading.feeling
        or chance("motif", reading.feeling, seed).random() < 0.3
    ):
        return ""
    return str(table("moods")["feelings"][reading.feeling]["motif"])


def stray(
    reading: Reading, style: str, lens: tuple[str, ...], chaos: int, rng: random.Random
) -> tuple[str, tuple[str, ...]]:
    """Return medium, lens and (in the reading) an hour that the prompt left open, by chaos."""
    roll = [rng.random() * 100 for _ in range(3)]
    if not reading.time and roll[0] < chaos * 0.9:
        reading.time = rng.choice(HOURS)
    if style == "photo" and not reading.style and roll[1] < chaos * 0.75 - 10:
        style = rng.choice(sorted(MEDIA_OF_CHAOS))
    if not lens and roll[2] < chaos * 0.7:
        lens = (rng.choice(LENSES_OF_CHAOS),)
    return style, lens


def place_of(reading: Reading, rng: random.Random, chaos: int) -> str:
    """Return the name of the place: the one asked for, or where the first thing is at home."""
    places = table("places")
    nouns = [asked.noun for asked in reading.asked if asked.noun]
    if reading.place:
        spec = places[reading.place]
        first = nouns[0] if nouns else None
        if reading.place == "skyline" and first and first.pose == "stand":
            return "skyline" if first.kind == "building" else "street"  # before it is water
        if "snow" in reading.weather and "snowy" in spec:
            return str(spec["snowy"])
        beyond = places.get(reading.beyond, {})
        if spec["painter"] == beyond.get("painter") == "land" and "extras" in beyond:
            return reading.beyond  # a mountain village is a village
        shore = beyond.get("shore")
        if isinstance(shore, str) and spec["painter"] == "land" and "extras" not in spec:
            return shore
        dry = bool(nouns) and nouns[0].pose == "stand" and nouns[0].kind not in ("worn", "drink")
        if "shore" in spec and isinstance(spec["shore"], str):
            kind = nouns[0].kind if nouns else ""
            near = reading.by in ("beside", "front", "behind") or kind == "building"
            ashore = dry and (near or (not reading.by and kind in ("person", "fantasy")))
            return str(spec["shore"]) if ashore else reading.place
        return reading.place
    if nouns:
        home = list(nouns[0].home)
        host = next(
            (
                n
                for kinds, tags in ((HOSTS, set()), ((), {"mount", "broad"}))
                for n in nouns
                if n.kind in kinds or tags & set(n.tags)
            ),
            _ground(reading),
        )
        if host:
            home = list(host.home)
        if "snow" in reading.weather and not set(home) & {"sea", "underwater", "kitchen"}:
            return "snow"
        outdoors = {"rain", "storm", "fog", "aurora"} & set(reading.weather)
        if (outdoors or reading.time == "neon") and set(home) & INDOORS:
            return "street" if reading.time == "neon" or "rain" in outdoors else "meadow"
        if reading.time == "candle" and not set(home) & (INDOORS | {"cave"}):
            return rng.choice(("room", "library"))
        if chaos and rng.random() * 100 < chaos * 0.8:
            return rng.choice(sorted(ELSEWHERE | set(home)))
        return rng.choice(home)
    if "aurora" in reading.weather or "snow" in reading.weather:
        return "snow"
    if "storm" in reading.weather:
        return "sea"
    if not reading.latin or reading.feeling or reading.style in ("glass", "lowpoly"):
        return "abstract"
    if wanted_word(reading):
        return "studio"
    if reading.time or reading.weather:
        return rng.choice(("mountains", "meadow", "sea"))
    return "abstract"


def _ground(reading: Reading) -> Noun | None:
    """Return the thing that others are on, in or by, where it tells of the place."""
    for asked in reading.asked:
        by = asked.relation in ("on", "in", "riding") or asked.noun.kind == "furniture"
        if by and asked.to >= 0 and "flyer" not in asked.noun.tags and asked.noun.kind != "worn":
            return asked.noun
    return None


def light_of(
    reading: Reading,
    place: str,
    spec: Mapping[str, Any],
    aspect: tuple[int, int],
    rng: random.Random,
) -> Light:
    """Return the light of the hour asked for, or one that suits place and weather."""
    lights = table("lights")
    own = next((lenses()[n]["light"] for n in reading.lens if "light" in lenses()[n]), "")
    time = reading.time or str(own if place not in INDOORS else "")
    if "light" in spec and time not in ("neon",):
        time = str(spec["light"])
    if not time:
        if "aurora" in reading.weather or "fireflies" in reading.weather:
            time = "night"
        elif "enchanted" in reading.weather:
            time = rng.choice(("dusk", "night"))
        elif {"storm", "rain", "fog"} & set(reading.weather):
            time = "overcast"
        elif place == "street":
            time = rng.choice(("night", "dusk", "golden", "day"))
        elif place == "skyline":
            time = rng.choice(("night", "dusk", "sunset"))
        elif place in INDOORS:
            time = rng.choice(("day", "golden", "day"))
        else:
            time = rng.choice(USUAL)
    if time == "day" and {"storm", "rain"} & set(reading.weather):
        time = "overcast"  # a rainy day has no blue sky
    entry = lights[time]
    zenith, middle, horizon, sun, ambient, haze = rng.choice(entry["versions"])
    half = aspect[0] / aspect[1] / 2
    side = -1 if rng.random() < 0.5 else 1
    azimuth = side * half * (0.22 + 0.56 * rng.random())
    low, high = entry["elevation"]
    mist = entry["mist"]
    if "fog" in reading.weather:
        mist = min(1.0, mist + 0.7)
    key = entry["key"]
    if "storm" in reading.weather:
        key *= 0.75
        zenith, middle = _darker(zenith, 0.62), _darker(middle, 0.62)
        horizon, haze = _darker(horizon, 0.8), _darker(haze, 0.72)
    elif "rain" in reading.weather:
        key *= 0.85
        middle, horizon = _darker(middle, 0.85), _darker(horizon, 0.9)
    return Light(
        time, zenith, middle, horizon, sun, ambient, haze, round(azimuth, 4),
        round(low + (high - low) * rng.random(), 4), round(key, 4), entry["fill"],
        entry["stars"] * (0.15 if "storm" in reading.weather else 1.0), mist,
        bool(entry.get("moon", False)),
    )  # fmt: skip


def _darker(code: str, amount: float) -> str:
    value = int(code[1:], 16)
    parts = [int(((value >> shift) & 255) * amount) for shift in (16, 8, 0)]
    return "#" + "".join(f"{part:02x}" for part in parts)


def palette_of(reading: Reading, place: str, rng: random.Random) -> tuple[str, ...]:
    """Return five colours: those of the feeling, of space, or any of the quiet ones."""
    moods = table("moods")
    palettes = moods["palettes"]
    if place == "space":
        chosen = list(palettes[rng.choice(("nebula", "emerald", "ember", "night", "lilac"))])
    elif reading.feeling:
        chosen = list(palettes[moods["feelings"][reading.feeling]["palette"]])
        chosen = chosen[:1] + rng.sample(chosen[1:], len(chosen) - 1)
    else:
        chosen = list(
            palettes[rng.choice(sorted(set(palettes) - {"nebula", "ember", "night", "emerald"}))]
        )
    if place == "studio" and reading.backdrop:
        chosen = [reading.backdrop, reading.backdrop, *chosen[2:]]
    if place == "abstract" and reading.colours:
        chosen = [*reading.colours[:2], *chosen][:5]
    return tuple(chosen)


def lettering_of(reading: Reading, place: str) -> str:
    """Return the word to be set up as lettering when no thing shows it, or ""."""
    if reading.asked or not reading.latin or (place == "abstract" and reading.feeling):
        return ""
    word = wanted_word(reading)
    if reading.place and ADJECTIVE.search(word):
        return ""
    return (
        word
        if re.fullmatch(r"[\x21-\x7e\u00c0-\u024f]{2,18}", word)
        else word[:18]
        if word.isascii()
        else ""
    )
