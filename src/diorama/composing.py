"""Composing: from what a prompt asks for to a scene, by a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal

from .layout import arrange
from .reading import Reading, read, unwanted_of, wanted_word
from .scene import Light, PictureError, Scene, Thing
from .words import load

LONGEST_PROMPT = 6000
INDOORS = {"room", "kitchen", "library", "studio"}
USUAL = ("day", "day", "day", "golden", "golden", "sunset", "dawn")


@lru_cache(maxsize=4)
def _table(name: str) -> dict[str, Any]:
    return load(name)


def chance(*parts: object) -> random.Random:
    """Return a random source fixed by the parts; the same on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return random.Random(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big"))


def compose(
    prompt: str,
    *,
    seed: int,
    aspect: tuple[int, int] = (1, 1),
    parameters: Mapping[str, object] | None = None,
) -> Scene:
    """Return the scene for a prompt.

    `aspect` is width to height, 1:4 to 4:1. `parameters` may hold stylize, chaos, weird (ints),
    no (text or a list), tile, raw, niji (bools) and version. Raises PictureError, with a sentence
    for the user, for an aspect or a seed that cannot be used.
    """
    options = dict(parameters or {})
    _check(prompt, seed, aspect)
    unwanted = unwanted_of(options)
    reading = read(prompt, unwanted)
    chaos = _whole(options, "chaos", 0, 100)
    rng = chance("scene", prompt.strip().lower(), seed)
    style = reading.style or "photo"
    if options.get("niji") and style == "photo":
        style = "anime"
    place = _place(reading, rng, chaos)
    spec = _table("places")[place]
    weather = tuple(reading.weather)
    light = _light(reading, place, spec, aspect, rng)
    low, high = spec["horizon"]
    horizon = round(low + (high - low) * rng.random(), 4)
    palette = _palette(reading, place, rng)
    lettering = _lettering(reading, place)
    things = arrange(reading, place, spec, light, horizon, aspect, rng, lettering)
    weird = _whole(options, "weird", 0, 3000)
    things = tuple(_strange(thing, weird, palette, rng) for thing in things)
    return Scene(
        prompt=prompt, seed=seed, aspect=(int(aspect[0]), int(aspect[1])), place=place,
        variant=rng.randrange(1 << 30), horizon=horizon, weather=weather, style=style, light=light,
        palette=palette, things=things, subject=things[0].name if things else place,
        lettering=lettering, stylize=_whole(options, "stylize", 100, 1000),
        weird=weird, raw=bool(options.get("raw", False)),
        tile=bool(options.get("tile", False)), no=unwanted, chaos=chaos,
    )  # fmt: skip


def _strange(thing: Thing, weird: int, palette: tuple[str, ...], rng: random.Random) -> Thing:
    """Return the thing in another colour, size and slant, the more so the weirder."""
    amount = min(1.0, weird / 1500)
    if amount <= 0 or thing.name == "backdrop":
        return thing
    tint = rng.choice(palette) if rng.random() < 0.35 + 0.6 * amount else thing.tint
    size = thing.size * (1 + amount * (rng.random() * 0.5 - 0.15))
    tilt = thing.tilt + amount * (rng.random() - 0.5) * 44
    return replace(thing, tint=tint, size=round(size, 4), tilt=round(tilt, 2))


def _check(prompt: str, seed: int, aspect: tuple[int, int]) -> None:
    if not isinstance(prompt, str) or len(prompt) > LONGEST_PROMPT:
        raise PictureError(f"A prompt must be text of at most {LONGEST_PROMPT} characters.")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise PictureError("A seed must be a whole number.")
    try:
        width, height = aspect
        fine = width > 0 and height > 0 and max(width, height) <= 4 * min(width, height)
    except (TypeError, ValueError):
        fine = False
    if not fine:
        raise PictureError("The aspect ratio must lie between 1:4 and 4:1.")


def _whole(options: Mapping[str, Any], name: str, usual: int, most: int) -> int:
    value = options.get(name)
    if value is None:
        return usual
    try:
        return max(0, min(most, int(value)))
    except (TypeError, ValueError) as error:
        raise PictureError(f"The parameter --{name} must be a whole number.") from error


def _place(reading: Reading, rng: random.Random, chaos: int) -> str:
    places = _table("places")
    nouns = [asked.noun for asked in reading.asked if asked.noun]
    if reading.place:
        spec = places[reading.place]
        if "snow" in reading.weather and "snowy" in spec:
            return str(spec["snowy"])
        return reading.place
    if nouns:
        home = list(nouns[0].home)
        host = next(
            (n for n in nouns if n.kind in ("boat", "building", "drink") or "mount" in n.tags), None
        )
        if host:
            home = list(host.home)
        if "snow" in reading.weather and not set(home) & {"sea", "underwater", "kitchen"}:
            return "snow"
        outdoors = {"rain", "storm", "fog", "aurora"} & set(reading.weather)
        if (outdoors or reading.time == "neon") and set(home) & INDOORS:
            return "street" if reading.time == "neon" or "rain" in outdoors else "meadow"
        if chaos > 30 and rng.random() * 100 < chaos:
            home.append(rng.choice(("abstract", "clouds", "studio", "garden")))
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


def _light(
    reading: Reading,
    place: str,
    spec: Mapping[str, Any],
    aspect: tuple[int, int],
    rng: random.Random,
) -> Light:
    lights = _table("lights")
    time = reading.time
    if "light" in spec and time not in ("neon",):
        time = str(spec["light"])
    if not time:
        if "aurora" in reading.weather or "fireflies" in reading.weather:
            time = "night"
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


def _palette(reading: Reading, place: str, rng: random.Random) -> tuple[str, ...]:
    moods = _table("moods")
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
    if place == "abstract" and reading.colours:
        chosen = [*reading.colours[:2], *chosen][:5]
    return tuple(chosen)


def _lettering(reading: Reading, place: str) -> str:
    if reading.asked or not reading.latin or (place == "abstract" and reading.feeling):
        return ""
    word = wanted_word(reading)
    return (
        word
        if re.fullmatch(r"[\x21-\x7e\u00c0-\u024f]{2,18}", word)
        else word[:18]
        if word.isascii()
        else ""
    )


def vary(scene: Scene, strength: Literal["strong", "subtle"], seed: int) -> Scene:
    """Return a variation of a scene.

    subtle keeps the layout and moves light, tint and detail; strong lays the scene out anew and
    keeps subject, place, time, style and parameters. Raises PictureError for another strength.
    """
    if strength == "subtle":
        return _subtle(scene, seed)
    if strength != "strong":
        raise PictureError('A variation must be "strong" or "subtle".')
    _check(scene.prompt, seed, scene.aspect)
    rng = chance("strong", scene.prompt, scene.seed, seed)
    reading = read(scene.prompt, scene.no)
    spec = _table("places")[scene.place]
    reading.time = scene.light.time
    reading.weather = list(scene.weather)
    light = _light(reading, scene.place, spec, scene.aspect, rng)
    low, high = spec["horizon"]
    horizon = round(low + (high - low) * rng.random(), 4)
    things = arrange(reading, scene.place, spec, light, horizon, scene.aspect, rng, scene.lettering)
    palette = _palette(reading, scene.place, rng)
    things = tuple(_strange(thing, scene.weird, palette, rng) for thing in things)
    kept = {thing.name for thing in scene.things}
    if not {thing.name for thing in things} <= kept:
        things = tuple(
            replace(t, flip=not t.flip, x=round(-t.x, 4)) if t.host < 0 else t for t in scene.things
        )
    return replace(
        scene, seed=seed, variant=rng.randrange(1 << 30), horizon=horizon, light=light,
        palette=palette, things=things,
    )  # fmt: skip


def _subtle(scene: Scene, seed: int) -> Scene:
    rng = chance("subtle", scene.prompt, scene.seed, seed)
    light = scene.light
    spec = _table("lights")[light.time]
    versions = [v for v in spec["versions"] if v[3] != light.sun] or spec["versions"]
    zenith, middle, horizon, sun, ambient, haze = rng.choice(versions)
    shift = (rng.random() - 0.5) * 0.24
    moved = replace(
        light, zenith=_between(light.zenith, zenith), middle=_between(light.middle, middle),
        horizon=_between(light.horizon, horizon), sun=_between(light.sun, sun),
        ambient=_between(light.ambient, ambient), haze=_between(light.haze, haze),
        azimuth=round(light.azimuth + shift, 4),
    )  # fmt: skip
    things = tuple(
        replace(
            thing,
            x=round(thing.x + (rng.random() - 0.5) * 0.02, 4),
            size=round(thing.size * (0.97 + 0.06 * rng.random()), 4),
        )
        if thing.host < 0
        else thing
        for thing in scene.things
    )
    return replace(scene, seed=scene.seed ^ (seed & 0xFF) << 1, light=moved, things=things)


def _between(a: str, b: str) -> str:
    one, two = int(a[1:], 16), int(b[1:], 16)
    parts = [((one >> s & 255) + (two >> s & 255)) // 2 for s in (16, 8, 0)]
    return "#" + "".join(f"{part:02x}" for part in parts)
