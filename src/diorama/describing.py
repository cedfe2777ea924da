"""Describing: four prompts for a picture, each with another stress, in a prompt's own language.

Pictures of our own are recognised by their mark and described from their scene; others from what
`analysis` reads in them. Where that is not sure of the subject, the first prompt leaves it open and
each of the others names another guess. What a description adds of its own must be read back as
nothing but mood: a phrase that the vocabulary would take for a thing, a place or another hour is
left away.
"""

from __future__ import annotations

import random
from hashlib import blake2b

from PIL.Image import Image

from .accounts import Account, of_scene, of_sight, ratio_of, say
from .analysis import field_of, look
from .marks import recognise
from .reading import read
from .setting import chance
from .uploads import read_picture

EMPTY = {"abstract": "soft shapes and colours"}


def describe(picture: bytes) -> tuple[str, str, str, str]:
    """Return four prompts for a picture file, each ending in its --ar.

    In turn they dwell on subject and place, mood and light, medium and colours, and on cinematic
    detail. The same file gives the same four. Raises PictureError for a file that `read_picture`
    refuses.
    """
    image = read_picture(picture)
    accounts = _accounts(picture, image)
    rng = chance("describe", blake2b(picture, digest_size=8).hexdigest())
    turns = (_plainly, _by_mood, _by_medium, _as_film)
    width, height = ratio_of(*image.size)
    texts = [turn(accounts[k % len(accounts)], rng) for k, turn in enumerate(turns)]
    one, two, three, four = (f"{text} --ar {width}:{height}" for text in texts)
    return one, two, three, four


def _accounts(picture: bytes, image: Image) -> list[Account]:
    """Return what is told in turn."""
    scenes = recognise(picture)
    if not scenes:
        sight = look(image)
        return [of_sight(sight), *(of_sight(sight, guess) for guess in sight.guesses)]
    pixels = field_of(image)
    return [of_scene(scene, pixels, image.size) for scene in scenes]


def _main(account: Account, rng: random.Random, *, hour: bool = True) -> str:
    """Return the part that all four share: who, where, when."""
    subject = account.subject
    place = say("places", account.place, rng) if account.place else ""
    if not subject:
        subject = "a view" if account.place != "abstract" else EMPTY["abstract"]
    when = say("hours", account.hour, rng) if hour and account.hour else ""
    return " ".join(part for part in (subject, place, when) if part)


def _weather(account: Account, rng: random.Random) -> list[str]:
    return [say("weather", tag, rng) for tag in account.weather]


def _framing(account: Account, rng: random.Random) -> list[str]:
    listed = [account.framing] if account.framing else []
    listed += ["symmetric"] if account.symmetric else []
    return [say("framing", key, rng) for key in listed]


def _colours(account: Account) -> str:
    return _listed(account.colours)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1] if names else ""


def _told(parts: list[str], added: list[str]) -> str:
    """Return the parts joined by commas, and of the additions those that change no reading."""
    text = ", ".join(part for part in parts if part)
    for phrase in added:
        longer = f"{text}, {phrase}" if phrase else text
        if _meaning(longer) == _meaning(text):
            text = longer
    return text


def _meaning(text: str) -> tuple[object, ...]:
    found = read(text)
    nouns = tuple(asked.noun.name for asked in found.asked)
    return nouns, found.place, found.time, found.style, tuple(found.weather), found.feeling


def _plainly(account: Account, rng: random.Random) -> str:
    medium = say("media", account.medium, rng)
    parts = [_main(account, rng), *_weather(account, rng), medium]
    return _told(parts, _framing(account, rng))


def _by_mood(account: Account, rng: random.Random) -> str:
    mood = say("moods", account.hour or "other", rng)
    parts = [_main(account, rng), *_weather(account, rng), say("media", account.medium, rng)]
    return _told(parts, [mood, f"hints of {account.colours[0]}" if account.colours else ""])


def _by_medium(account: Account, rng: random.Random) -> str:
    medium = say("media", account.medium, rng)
    parts = [f"{medium} of {_main(account, rng)}", *_weather(account, rng)]
    colours = f"tones of {_colours(account)}" if account.colours else ""
    return _told(parts, [colours, say("craft", account.medium, rng)])


def _as_film(account: Account, rng: random.Random) -> str:
    shot, detail = say("framing", "shots", rng), say("framing", "detail", rng)
    parts = [f"{shot} of {_main(account, rng)}", *_weather(account, rng)]
    parts.append(say("media", account.medium, rng) if account.medium != "photo" else "")
    accents = f"{account.colours[-1]} accents" if account.colours else ""
    return _told(parts, [*_framing(account, rng), detail, accents])
