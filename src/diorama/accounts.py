"""Accounts: what a picture shows, in words that a prompt can hold.

An account is made from a scene (of a picture of our own, exactly) or from a sight (of any other
picture, as far as it was read). Its words are the vocabulary's, so that a prompt made from them is
read back as the same.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .analysis import Sight
from .analysis_colour import Swatch, palette
from .inlays import is_inlay
from .noise import Field
from .reading import read
from .scene import Scene, Thing
from .words import IRREGULAR, lexicon, load, marks, singular

NUMBERS = ("", "a", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORN = {"head": "wearing", "eyes": "wearing", "neck": "wearing", "hand": "holding"}
FRAMINGS = {"close": "close-up", "portrait": "portrait", "wide": "wide"}
CARRIED = {"back": "riding", "top": "on", "inside": "in"}


@dataclass(frozen=True)
class Account:
    """`subject` is a noun phrase or ""; the others are keys of phrases.toml or ""."""

    subject: str
    place: str
    hour: str
    weather: tuple[str, ...]
    medium: str
    colours: tuple[str, ...]
    framing: str
    symmetric: bool
    size: tuple[int, int]


@lru_cache(maxsize=1)
def phrases() -> dict[str, Any]:
    """Return the table of phrases."""
    return load("phrases")


def say(group: str, key: str, rng: random.Random) -> str:
    """Return one of the phrases for a key of a group, or ""."""
    found = phrases()[group].get(key, "")
    return found if isinstance(found, str) else rng.choice(found)


def with_article(phrase: str) -> str:
    """Return a noun phrase with "a" or "an", or what a mass is counted by."""
    last = phrase.rpartition(" ")[2]
    if last in phrases()["masses"]:
        return f"{phrases()['masses'][last]} {phrase}"
    return f"an {phrase}" if phrase[0].lower() in "aeio" else f"a {phrase}"


def _known(name: str) -> bool:
    return _noun(name) is not None


def _noun(name: str) -> Any:
    return next((value for kind, value in lexicon().get(name, ()) if kind == "thing"), None)


def noun_name(word: str) -> str:
    """Return the name under which things of a word stand in scenes, or the word itself."""
    noun = _noun(word)
    return str(noun.name) if noun else word


def plural(name: str) -> str:
    """Return a plural that the vocabulary reads back as the noun, or the noun itself."""
    noun = _noun(name)
    stem = name[:-1] + "ie" if name.endswith("y") else name
    endings = ("es", "s") if name.endswith(("s", "x", "ch", "sh")) else ("s", "es")
    irregular = [many for many, one in IRREGULAR.items() if one == name]
    for form in (*irregular, stem + endings[0], name + endings[1], name + "s"):
        found = marks(form)
        if len(found) == 1 and found[0].get("thing") == noun:
            return form
    return name


def _colour_of(tint: str) -> str:
    colours = load("moods")["colours"]
    return next((name for name, code in colours.items() if code == tint), "")


def _called(thing: Thing) -> str:
    """Return the noun of a thing with its colour and material, without article."""
    name = thing.name if _known(thing.name) else ""
    if thing.asset.startswith("word:"):
        return thing.asset[5:]
    if not name:
        return ""
    plain = marks(f"{thing.material} {name}") if thing.material else ()
    material = thing.material if len(plain) == 2 else ""
    heard = read(f"a {thing.trait} {name}").asked if thing.trait else []
    trait = thing.trait if [asked.trait for asked in heard] == [thing.trait] else ""
    return " ".join(part for part in (trait, _colour_of(thing.tint), material, name) if part)


def in_its_words(scene: Scene) -> tuple[Thing, ...]:
    """Return the things of a scene under the words of its prompt: a queen is no mere princess."""
    words: dict[str, str] = {}
    for found in marks(scene.prompt):
        noun, word = found.get("thing"), singular(found.text)
        if noun is not None and _noun(word) == noun:
            words.setdefault(noun.name, word)
    return tuple(replace(thing, name=words.get(thing.name, thing.name)) for thing in scene.things)


def subject_of(things: Sequence[Thing], most: int = 3) -> str:
    """Return what the things of a scene are, as one noun phrase, the subject first."""
    roots = [i for i, thing in enumerate(things) if thing.host < 0 and thing.name != "backdrop"]
    said: list[str] = []
    for name in dict.fromkeys(_called(things[i]) for i in roots):
        same = [i for i in roots if _called(things[i]) == name]
        if not name or len(said) == most:
            continue
        said.append(_group(things, same, name))
    return " and ".join(part for part in said if part)


def _group(things: Sequence[Thing], same: list[int], name: str) -> str:
    index, thing = same[0], things[same[0]]
    if thing.asset.startswith("word:"):
        return name
    if len(same) > 1:
        *before, noun = name.split(" ", name.count(" ") - thing.name.count(" "))
        return " ".join([NUMBERS[min(len(same), 9)], *before, plural(noun)])
    base = with_article(name)
    children = [child for child in things if child.host == index and _called(child)]
    for child in children:
        if child.anchor in WORN:
            return f"{base} {WORN[child.anchor]} {with_article(_called(child))}"
        if child.anchor in CARRIED:
            return f"{with_article(_called(child))} {CARRIED[child.anchor]} {base}"
    return base


def names_of(swatches: Sequence[Swatch]) -> tuple[str, ...]:
    """Return the names of the first three colours."""
    return tuple(swatch.name for swatch in swatches)[:3]


def of_scene(scene: Scene, pixels: Field, size: tuple[int, int]) -> Account:
    """Return the account of a scene of our own; the colours are those of its picture."""
    subject = subject_of(in_its_words(scene))
    if not subject and any(is_inlay(thing.asset) for thing in scene.things):
        subject = scene.subject if _known(scene.subject) else ""
    weather = tuple(tag for tag in scene.weather if tag in phrases()["weather"])
    colours = names_of(palette(pixels))
    hour = scene.light.time if scene.light.time in phrases()["hours"] else ""
    framing = next((FRAMINGS[name] for name in scene.lens if name in FRAMINGS), "")
    return Account(
        subject, scene.place, hour, weather, scene.style, colours, framing, symmetric=False,
        size=size,
    )  # fmt: skip


def of_sight(sight: Sight, guess: str = "") -> Account:
    """Return the account of any other picture; a guess is named where its subject is not known."""
    noun = sight.subject or guess
    subject = with_article(noun) if noun else str(phrases()["kinds"].get(sight.kind, ""))
    place = sight.place or ("" if subject else "abstract")
    hour = sight.hour if sight.hour in phrases()["hours"] else ""
    return Account(
        subject, place, hour, (), sight.medium, names_of(sight.palette), sight.framing,
        sight.symmetric, sight.size,
    )  # fmt: skip


USUAL_RATIOS = (
    (1, 1), (4, 5), (5, 4), (3, 4), (4, 3), (2, 3), (3, 2), (5, 7), (7, 5), (9, 16), (16, 9),
    (1, 2), (2, 1), (9, 21), (21, 9),
)  # fmt: skip
TOLERANCE = 0.02


def ratio_of(width: int, height: int) -> tuple[int, int]:
    """Return the usual ratio within TOLERANCE of a picture's, else its own, reduced.

    A picture longer than four times its width, which the painter does not take, gives 4:1 or 1:4.
    """
    away = {r: abs(math.log(width * r[1] / (height * r[0]))) for r in USUAL_RATIOS}
    best = min(away, key=lambda ratio: away[ratio])
    if away[best] <= TOLERANCE:
        return best
    if max(width, height) > 4 * min(width, height):
        return (4, 1) if width > height else (1, 4)
    common = math.gcd(width, height)
    return width // common, height // common
