"""The prompt: what the bot reads out of an imagine text, and how it writes it back.

Parameters are read in `parameters` and spelt in `spelling`; what remains is text, image URLs and
the weights of its parts.
"""

import math
import re
from typing import Literal, get_args

import msgspec

from heliograph.midjourney.parameters import (
    LINK,
    NIJI_VERSIONS,
    PLAIN,
    VERSIONS,
    InvalidPrompt,
    Parameters,
    name_of,
    quoted,
    read,
)
from heliograph.midjourney.spelling import linked, spell

__all__ = [
    "NIJI_VERSIONS",
    "PLAIN",
    "VERSIONS",
    "InvalidPrompt",
    "Parameters",
    "Prompt",
    "echo",
    "effective",
    "is_video",
    "parameters",
    "parse",
    "speed",
]

_WEIGHT = re.compile(r"::(-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))?")
_HEAVIEST = 10_000.0  # beyond any use, and far from where sums of floats go wrong


Speed = Literal["fast", "relax", "turbo"]
_SPEEDS: dict[str | None, Speed] = {speed: speed for speed in get_args(Speed)}


class Prompt(msgspec.Struct, frozen=True):
    """`text` is without parameters and image URLs; `parts` are its `::` pieces and weights."""

    text: str
    images: tuple[str, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()
    parameters: Parameters = Parameters()


def _parts(text: str) -> tuple[tuple[str, float], ...]:
    parts: list[tuple[str, float]] = []
    pieces = _WEIGHT.split(text)
    for piece, weight in zip(pieces[::2], [*pieces[1::2], None], strict=True):
        if piece.strip():
            parts.append((piece.strip(), float(weight or 1)))
    if any(abs(weight) > _HEAVIEST for _, weight in parts):
        raise InvalidPrompt("Invalid prompt", f"Weights may not exceed {_HEAVIEST:g}")
    if parts and math.fsum(weight for _, weight in parts) <= 0:
        raise InvalidPrompt("Invalid prompt", "The weights must add up to more than zero")
    return tuple(parts)


def parse(text: str, *, zoomed: bool = False) -> Prompt:
    """Reads an imagine prompt; raises InvalidPrompt, naming all unknown parameters at once.

    `zoomed` admits `--zoom`, which the form of Custom Zoom asks for and no command knows.

    The last of repeated parameters wins. Every URL among the text is an image prompt; a `::` weight
    on it is dropped.
    """
    words, parameters = read(text, zoomed=zoomed)
    images = [link[1] for word in words if (link := LINK.fullmatch(word))]
    kept = " ".join(word for word in words if not LINK.fullmatch(word))
    parts = _parts(kept)
    if not parts and not images:
        raise InvalidPrompt("Empty prompt", "The prompt has no words to paint")
    if not parts and len(images) == 1 and not parameters.video:
        raise InvalidPrompt("Invalid prompt", "One image alone needs words or a second image")
    return Prompt(kept, tuple(images), parts, parameters)


def parameters(text: str) -> Parameters:
    """Reads a text of parameters alone, such as an account's suffix; raises InvalidPrompt."""
    words, found = read(text)
    if words:
        raise InvalidPrompt("Invalid parameter", f"Invalid value {quoted(words[0])}")
    return found


_FIELDS = msgspec.structs.fields(Parameters)


def effective(prompt: Prompt, suffix: Parameters = PLAIN) -> Parameters:
    """The prompt's parameters, and the account's `suffix` wherever the prompt says nothing."""
    own = prompt.parameters
    given = {f.name: v for f in _FIELDS if (v := getattr(own, f.name)) != f.default}
    for together in (("version", "niji"), ("aspect", "square"), ("no", "no_text"), ("loop", "end")):
        if given.keys() & set(together):
            given |= {name: getattr(own, name) for name in together}
    return msgspec.structs.replace(suffix, **given)


def echo(prompt: Prompt, *, suffix: Parameters = PLAIN) -> str:
    """The prompt as the bot rewrites it; parsed and echoed again, it stays as it is.

    Speed, visibility, repetition and zoom belong to the command, and are left out. A prompt without
    text or image, such as a blend's, begins with a blank, as recorded.
    """
    p = effective(prompt, suffix)
    images = [linked(url) for url in prompt.images]
    body = " ".join([*images, *prompt.text.split()])
    return body + "".join(f" {word}" for word in spell(p) if word)


def is_video(text: str) -> bool:
    """Whether the text asks for a clip; also tells for texts that `parse` refuses."""
    return "video" in _names(text)


def speed(text: str) -> Speed | None:
    """The speed that the text names, the last if it names several; also tells for texts that
    `parse` refuses."""
    return next((_SPEEDS[name] for name in reversed(_names(text)) if name in _SPEEDS), None)


def _names(text: str) -> list[str | None]:
    # Every submission is looked through for them, and few words begin with a dash.
    return [name_of(word) for word in text.split() if word[0] in "-—–"]
