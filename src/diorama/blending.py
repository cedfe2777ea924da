"""Blending: one picture out of two to five, in which each of them is felt.

The pictures share out the roles: one gives the subject, another the place, others the hour and the
tones, the medium, and company for the subject. The seed deals the roles, so that different seeds
give different marriages. The result is a scene like any other, and is painted as one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from .accounts import noun_name, say
from .composing import LONGEST_PROMPT, compose
from .grading import mixed
from .inlays import is_inlay
from .reading import read
from .rendering import place_table
from .scene import Grade, PictureError, Scene, Thing
from .setting import chance
from .sources import Source

FEWEST, MOST = 2, 5
ASPECTS = ((2, 3), (1, 1), (3, 2))
MOST_COMPANY, INVITED = 2, 0.5
AFLOAT = frozenset(
    {"sea", "skyline", "beach", "coast", "underwater", "clouds", "abstract", "space"}
)


@dataclass(frozen=True)
class Roles:
    """Who gives what: indices of the sources."""

    subject: int
    place: int
    tones: int
    medium: int
    company: tuple[int, ...]


def blend(
    pictures: Sequence[bytes], aspect: tuple[int, int], seed: int, *, prompt: str = ""
) -> Scene:
    """Return the scene that marries 2 to 5 picture files; aspect is (2, 3), (1, 1) or (3, 2).

    What a prompt names goes before what the pictures show. Raises PictureError for another number
    of pictures, another aspect, a seed that is no whole number, a prompt that is no text or too
    long, or a file that `read_picture` refuses.
    """
    _check(pictures, aspect, seed, prompt)
    rng = chance("blend", seed, *(blake2b(file, digest_size=8).hexdigest() for file in pictures))
    sources = [Source.of(file, rng) for file in pictures]
    roles = deal(sources, rng)
    scene = compose(_told(sources, roles, prompt, rng), seed=seed, aspect=aspect)
    scene = _lit(scene, sources[roles.tones], named=bool(prompt))
    weight = 0.62 if len(pictures) > 2 else 0.5
    scene = replace(scene, grade=_tones(sources, roles, weight), palette=_palette(scene, sources))
    return with_cuts(scene, [sources[k] for k in (roles.subject, *roles.company)])


def _check(pictures: Any, aspect: object, seed: object, prompt: object) -> None:
    listed = isinstance(pictures, Sequence) and not isinstance(pictures, bytes | str)
    if not listed or not all(isinstance(file, bytes) for file in pictures):
        raise PictureError("The pictures of a blend must be a list of files, each as bytes.")
    if not FEWEST <= len(pictures) <= MOST:
        raise PictureError(f"A blend takes {FEWEST} to {MOST} pictures, not {len(pictures)}.")
    if not isinstance(aspect, list | tuple) or tuple(aspect) not in ASPECTS:
        raise PictureError("A blend is 2:3, 1:1 or 3:2.")
    if not isinstance(prompt, str) or len(prompt) > LONGEST_PROMPT:
        raise PictureError(f"A prompt must be text of at most {LONGEST_PROMPT} characters.")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise PictureError("A seed must be a whole number.")


def deal(sources: Sequence[Source], rng: random.Random) -> Roles:
    """Share out the roles; each source gets one if it has anything to give for it.

    The place comes first: a subject that cannot stand there gives way to one that can.
    """
    order = rng.sample(range(len(sources)), len(sources))

    def first(fits: Callable[[Source], bool], taken: Sequence[int]) -> int:
        free = [k for k in order if k not in taken] or order
        return next((k for k in free if fits(sources[k])), free[0])

    place = first(lambda source: source.has_place and _hosts(source, sources), ())
    setting = sources[place].account.place

    def belongs(source: Source) -> bool:
        return source.has_subject and suits(source.account.subject, setting)

    subject = first(belongs, (place,))
    tones = rng.choice((place, place, subject))
    if len(sources) > 2:
        tones = first(lambda source: bool(source.codes), (subject, place))
    medium = first(lambda source: source.account.medium != "photo", (subject, place, tones))
    if sources[medium].account.medium == "photo":
        medium = first(lambda source: source.account.medium != "photo", ())
    # Who gives nothing else gives company, and so do foreign pictures, whose places are guesses;
    # the others do now and then.
    company = [k for k in order if k != subject and belongs(sources[k])]
    shown = [k for k in (place, tones, medium) if sources[k].scene]
    company.sort(key=lambda k: k in shown)
    idle = sum(k not in shown for k in company)
    invited = min(idle + (rng.random() < INVITED), MOST_COMPANY)
    return Roles(subject, place, tones, medium, tuple(company[:invited]))


def _hosts(source: Source, sources: Sequence[Source]) -> bool:
    """Tell whether the place of a source suits the subject of another."""
    others = [other for other in sources if other is not source and other.has_subject]
    return any(suits(other.account.subject, source.account.place) for other in others)


def suits(subject: str, place: str) -> bool:
    """Tell whether things of a subject can be shown in a place: what floats needs water."""
    poses = {asked.noun.pose for asked in read(subject).asked if asked.noun}
    return not poses & {"float", "swim"} or place in AFLOAT


def _told(sources: Sequence[Source], roles: Roles, prompt: str, rng: random.Random) -> str:
    """Return the prompt of the marriage: the user's words first, for the first named wins."""
    cast = [sources[k].account.subject for k in (roles.subject, *roles.company)]
    named = list(dict.fromkeys(name for name in cast if name))
    setting = sources[roles.place]
    main = " ".join(part for part in (" and ".join(named), setting.place(rng)) if part)
    weather = [say("weather", tag, rng) for tag in setting.account.weather]
    medium = sources[roles.medium].account.medium
    parts = [prompt.strip(), main, sources[roles.tones].hour(rng), *weather]
    return ", ".join([part for part in parts if part] + [say("media", medium, rng)])


def _lit(scene: Scene, source: Source, *, named: bool) -> Scene:
    """Return the scene in the very light of a scene of ours, where the place leaves it open."""
    other = source.scene
    if other is None or named or "light" in place_table()[scene.place]:
        return scene
    return replace(scene, light=other.light) if other.light.time == scene.light.time else scene


def _tones(sources: Sequence[Source], roles: Roles, weight: float) -> Grade:
    leading = sources[roles.tones].grade(weight)
    others = [source.grade(weight) for k, source in enumerate(sources) if k != roles.tones]
    return mixed([leading, leading, leading, *others])


def _palette(scene: Scene, sources: Sequence[Source]) -> tuple[str, ...]:
    codes = [swatch for source in sources for swatch in source.codes[:2]]
    return tuple(codes[:6]) or scene.palette


def with_cuts(scene: Scene, sources: Sequence[Source]) -> Scene:
    """Return the scene with the subjects of foreign pictures themselves, where cut out cleanly.

    A cut takes the place of the thing that its noun has called up, or stands beside the others.
    """
    things, guests = list(scene.things), list[str]()
    for source in sources:
        if not source.cut:
            continue
        noun = source.sight.subject if source.sight else ""
        at = next((k for k, thing in enumerate(things) if noun and _stands_for(thing, noun)), -1)
        if at >= 0:
            things[at] = replace(things[at], asset=source.cut, body="", flip=False, tint="")
        else:
            guests.append(source.cut)
    return replace(scene, things=(*things, *_beside(scene, guests)))


def _stands_for(thing: Thing, noun: str) -> bool:
    return thing.host < 0 and not is_inlay(thing.asset) and noun_name(noun) == thing.name


def _beside(scene: Scene, guests: Sequence[str]) -> list[Thing]:
    """Return cuts as further things, where the frame has room beside those that stand there."""
    half = scene.aspect[0] / scene.aspect[1] / 2
    others = [t.x for t in scene.things if t.host < 0 and t.name != "backdrop"]
    count = len(guests) + bool(others)
    places = [half * ((2 * k + 1) / count - 1) for k in range(count)]
    if others:
        mean = sum(others) / len(others)
        places.remove(min(places, key=lambda x: abs(x - mean)))
    high = min(0.52, 0.9 * 2 * half) * (1.0, 0.8, 0.64, 0.56)[min(count, 4) - 1]
    foot = scene.horizon + (0.985 - scene.horizon) * 0.78
    pose = "fly" if scene.place in ("space", "clouds", "abstract", "underwater") else "stand"
    pose = "float" if scene.place in ("sea", "skyline") else pose
    return [
        Thing("guest", asset, round(0.92 * x, 4), round(foot, 4), round(high, 4), 0.12, pose)
        for asset, x in zip(guests, places, strict=True)
    ]
