"""Guiding: pictures beside the prompt, as content (image prompts) or as style (references).

An image prompt lends its colours, and whatever the prompt leaves open: the subject, the place, the
hour. The heavier it is (`iw`, 0 to 3), the more: from GENEROUS on its subject joins the prompt's
and its medium is taken. A reference lends colours and medium only, by `sw`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from .accounts import say
from .bans import unwanted_of
from .blending import with_cuts
from .composing import compose
from .grading import mixed
from .reading import read
from .scene import Grade, PictureError, Scene
from .setting import chance
from .sources import PLAIN, Source

MOST = 5
USUAL_IW, HEAVIEST_IW = 1.0, 3.0
USUAL_SW, HEAVIEST_SW = 100, 1000
NOTICED, GENEROUS = 0.4, 1.75


def guided(
    prompt: str,
    *,
    seed: int,
    aspect: tuple[int, int],
    parameters: Mapping[str, object],
    pictures: Sequence[bytes] = (),
    references: Sequence[bytes] = (),
) -> Scene:
    """Return the scene for a prompt with pictures and references beside it.

    `parameters` may hold iw (0..3, usually 1) and sw (0..1000, usually 100). Raises PictureError
    for more than five of either, for a weight that is no number, or for a file that cannot be read.
    """
    for kind, files in (("image prompts", pictures), ("style references", references)):
        if len(files) > MOST:
            raise PictureError(f"At most {MOST} {kind} can be given, not {len(files)}.")
    iw = _weight(parameters, "iw", USUAL_IW, HEAVIEST_IW)
    sw = _weight(parameters, "sw", USUAL_SW, HEAVIEST_SW) / HEAVIEST_SW
    rng = chance("guide", seed, *(_digest(file) for file in (*pictures, *references)))
    sources = [Source.of(file, rng) for file in pictures] if iw > 0 else []
    styles = [Source.of(file, rng) for file in references] if sw > 0 else []
    words = _completed(prompt, sources, styles, iw, unwanted_of(parameters), rng)
    scene = compose(words, seed=seed, aspect=aspect, parameters=parameters)
    if iw >= GENEROUS:
        scene = with_cuts(scene, [source for source in sources if source.has_subject][:1])
    elif iw >= NOTICED and not read(prompt).asked:
        scene = with_cuts(scene, sources[:1])
    grade = _grade(sources, styles, iw, sw)
    if grade is None:
        return scene
    codes = [colour for source in (*styles, *sources) for colour in source.codes[:2]]
    return replace(scene, grade=grade, palette=tuple(codes[:6]) or scene.palette)


def _digest(file: bytes) -> str:
    return blake2b(file, digest_size=8).hexdigest()


def _weight(parameters: Mapping[str, object], name: str, usual: float, most: float) -> float:
    value = parameters.get(name)
    try:
        found = usual if value is None else float(str(value))
    except ValueError as error:
        raise PictureError(f"The parameter --{name} must be a number.") from error
    if not 0 <= found <= most:
        raise PictureError(f"The parameter --{name} must lie between 0 and {most:g}.")
    return found


def _completed(
    prompt: str,
    sources: Sequence[Source],
    styles: Sequence[Source],
    iw: float,
    unwanted: str,
    rng: random.Random,
) -> str:
    """Return the prompt with what it leaves open filled in from the pictures."""
    asked = read(prompt, unwanted)
    parts = [prompt.strip()]
    if iw >= NOTICED:
        subjects = [source.account.subject for source in sources if source.account.subject]
        if subjects and (not asked.asked or iw >= GENEROUS):
            parts.append(subjects[0])
        placed = [source for source in sources if source.account.place not in PLAIN]
        if placed and not asked.place:
            parts.append(placed[0].place(rng))
        if sources and not asked.time:
            parts.append(sources[0].hour(rng))
    lent = list(styles) + (list(sources) if iw >= GENEROUS else [])
    media = [source.account.medium for source in lent if source.account.medium != "photo"]
    if media and not asked.style:
        parts.append(say("media", media[0], rng))
    return ", ".join(part for part in parts if part)


def _grade(
    sources: Sequence[Source], styles: Sequence[Source], iw: float, sw: float
) -> Grade | None:
    """Return the tones that pictures and references lend together; None when they lend none."""
    content = min(0.9, 0.5 * iw**0.6)
    style = min(1.0, sw**0.35)
    grades = [source.grade(content) for source in sources]
    grades += [source.grade(style) for source in styles]
    return mixed(grades) if grades else None
