"""Composing: from what a prompt asks for to a scene, by a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from .bans import unwanted_of
from .inlays import carried_over
from .layout import arrange, mirrored
from .reading import read
from .scene import PictureError, Scene, Thing
from .setting import (
    chance,
    horizon_of,
    lettering_of,
    light_of,
    motif_of,
    palette_of,
    place_of,
    stray,
    table,
)
from .strangeness import estranged

LONGEST_PROMPT = 6000


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
    for the user, for an aspect or a seed that cannot be used. Pictures beside the prompt are for
    `guiding`.
    """
    options = dict(parameters or {})
    _check(prompt, seed, aspect)
    # half of a surrogate pair, as a broken client may send it, cannot be kept
    prompt = prompt.encode("utf-8", "replace").decode()
    unwanted = unwanted_of(options).encode("utf-8", "replace").decode()
    reading = read(prompt, unwanted)
    chaos = _whole(options, "chaos", 0, 100)
    rng = chance("scene", prompt.strip().lower(), seed)
    style = reading.style or "photo"
    if options.get("niji") and style == "photo":
        style = "anime"
    lens = tuple(reading.lens)
    place = place_of(reading, rng, chaos)
    if chaos:
        style, lens = stray(reading, style, lens, chaos, chance("stray", prompt, seed))
    spec = table("places")[place]
    weather = tuple(reading.weather)
    light = light_of(reading, place, spec, aspect, rng)
    horizon = horizon_of(spec, lens, rng)
    palette = palette_of(reading, place, rng)
    lettering = lettering_of(reading, place)
    things = arrange(
        reading, place, spec, light, horizon, aspect, rng, lettering, lens=lens, chaos=chaos,
        tile=bool(options.get("tile", False)),
    )  # fmt: skip
    weird = _whole(options, "weird", 0, 3000)
    if weird:
        light, things = estranged(light, things, weird, palette, reading.without, rng, place)
    return Scene(
        prompt=prompt, seed=seed, aspect=(int(aspect[0]), int(aspect[1])), place=place,
        variant=rng.randrange(1 << 30), horizon=horizon, weather=weather, style=style, light=light,
        palette=palette, things=things, subject=things[0].name if things else place,
        lettering=lettering, stylize=_whole(options, "stylize", 100, 1000),
        weird=weird, raw=bool(options.get("raw", False)),
        tile=bool(options.get("tile", False)), no=unwanted, chaos=chaos, lens=lens,
        motif=motif_of(reading, place, seed),
    )  # fmt: skip


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


def cast(
    prompt: str, scene: Scene, *, seed: int, aspect: tuple[int, int], unwanted: str = ""
) -> tuple[Thing, ...]:
    """Return the things that a prompt names, laid out in the scene's place; () when it has none."""
    reading = read(prompt, unwanted)
    lettering = lettering_of(reading, scene.place)
    if not reading.asked and not lettering:
        return ()
    spec = table("places")[scene.place]
    reading.weather = list(scene.weather)
    rng = chance("cast", prompt, scene.seed, seed)
    things = arrange(reading, scene.place, spec, scene.light, scene.horizon, aspect, rng, lettering)
    return tuple(thing for thing in things if thing.name != "backdrop")


def vary(
    scene: Scene, strength: Literal["strong", "subtle"], seed: int, *, prompt: str | None = None
) -> Scene:
    """Return a variation of a scene.

    subtle keeps the layout and moves light, tint and detail; strong lays the scene out anew and
    keeps subject, place, time, style and parameters. With another prompt, what it names takes the
    place of what was there, where that was. Raises PictureError for another strength.
    """
    if prompt is not None and prompt.strip() != scene.prompt.strip():
        scene = _remixed(scene, prompt)
    if strength == "subtle":
        return _subtle(scene, seed)
    if strength != "strong":
        raise PictureError('A variation must be "strong" or "subtle".')
    _check(scene.prompt, seed, scene.aspect)
    rng = chance("strong", scene.prompt, scene.seed, seed)
    reading = read(_told(scene), scene.no)
    spec = table("places")[scene.place]
    reading.time = scene.light.time
    reading.weather = list(scene.weather)
    light = light_of(reading, scene.place, spec, scene.aspect, rng)
    horizon = horizon_of(spec, scene.lens, rng)
    things = arrange(
        reading, scene.place, spec, light, horizon, scene.aspect, rng, scene.lettering,
        lens=scene.lens, chaos=scene.chaos, tile=scene.tile,
    )  # fmt: skip
    palette = palette_of(reading, scene.place, rng)
    if scene.weird:
        light, things = estranged(
            light, things, scene.weird, palette, reading.without, rng, scene.place
        )
    things = carried_over(scene.things, things)
    kept = {t.name for part in (scene, *(p.scene for p in scene.patches)) for t in part.things}
    if not {thing.name for thing in things} <= kept:
        things = mirrored(scene.things)
    camera = (0.0, 0.5, min(1.0, scene.camera[2]))
    return replace(
        scene, seed=seed, variant=rng.randrange(1 << 30), horizon=horizon, light=light,
        palette=palette, things=things, patches=(), camera=camera,
        frame=0.0 if camera[2] == 1 else scene.aspect[0] / scene.aspect[1] / camera[2],
    )  # fmt: skip


def _subtle(scene: Scene, seed: int) -> Scene:
    rng = chance("subtle", scene.seed, scene.touch, seed)
    light = scene.light
    spec = table("lights")[light.time]
    versions = [v for v in spec["versions"] if v[3] != light.sun] or spec["versions"]
    zenith, middle, horizon, sun, ambient, haze = rng.choice(versions)
    shift = (rng.random() - 0.5) * 0.4
    moved = replace(
        light, zenith=_between(light.zenith, zenith), middle=_between(light.middle, middle),
        horizon=_between(light.horizon, horizon), sun=_between(light.sun, sun),
        ambient=_between(light.ambient, ambient), haze=_between(light.haze, haze),
        azimuth=round(light.azimuth + shift, 4),
    )  # fmt: skip
    things = tuple(_nudged(thing, seed) if thing.host < 0 else thing for thing in scene.things)
    patches = tuple(replace(patch, scene=_subtle(patch.scene, seed)) for patch in scene.patches)
    return replace(
        scene, touch=chance("touch", scene.seed, scene.touch, seed).randrange(1, 1 << 30),
        light=moved, things=things, patches=patches,
    )  # fmt: skip


def _nudged(thing: Thing, seed: int) -> Thing:
    """Return the thing a little aside and a little larger or smaller, alike in every patch."""
    rng = chance("nudge", thing.asset, thing.x, thing.y, seed)
    x = thing.x + (rng.random() - 0.5) * 0.03
    return replace(thing, x=round(x, 4), size=round(thing.size * (0.96 + 0.08 * rng.random()), 4))


def _told(scene: Scene) -> str:
    """Return the prompt together with those of the parts that were painted anew."""
    parts = [scene.prompt]
    for patch in scene.patches:
        told = _told(patch.scene)
        parts += [told] if told not in parts else []
    return ", ".join(part for part in parts if part.strip())


def _between(a: str, b: str) -> str:
    one, two = int(a[1:], 16), int(b[1:], 16)
    parts = [((one >> s & 255) + (two >> s & 255)) // 2 for s in (16, 8, 0)]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _remixed(scene: Scene, prompt: str) -> Scene:
    """Return the scene after another prompt; what the prompt does not name stays as it was."""
    parameters = {
        "stylize": scene.stylize, "chaos": scene.chaos, "weird": scene.weird, "no": scene.no,
        "raw": scene.raw, "tile": scene.tile,
    }  # fmt: skip
    new = compose(prompt, seed=scene.seed, aspect=scene.aspect, parameters=parameters)
    reading = read(prompt, scene.no)
    homes = {home for asked in reading.asked if asked.noun for home in asked.noun.home}
    if not reading.place and (not homes or scene.place in homes):
        things = cast(prompt, scene, seed=scene.seed, aspect=scene.aspect, unwanted=scene.no)
        extras = tuple(thing for thing in scene.things if thing.name == "backdrop")
        new = replace(
            new, place=scene.place, horizon=scene.horizon, palette=scene.palette,
            things=(*(things or scene.things), *(extras if things else ())),
        )  # fmt: skip
    if not (reading.time or reading.weather or "light" in table("places")[new.place]):
        new = replace(new, light=scene.light, weather=scene.weather)
    return replace(
        new, variant=scene.variant, camera=scene.camera, frame=scene.frame, detail=scene.detail,
        style=new.style if reading.style else scene.style, things=_seated(new, scene),
        subject=new.things[0].name if new.things else new.place,
    )  # fmt: skip


def _seated(new: Scene, old: Scene) -> tuple[Thing, ...]:
    """Return the new scene's things where the old one's were, in their order."""
    seats = [thing for thing in old.things if thing.host < 0 and thing.name != "backdrop"]
    things = list(new.things)
    roots = [i for i, t in enumerate(things) if t.host < 0 and t.name != "backdrop"]
    for i, seat in zip(roots, seats, strict=False):
        thing = things[i]
        size = thing.size * min(1.5, max(0.7, seat.size / thing.size))
        y = thing.y
        if thing.pose == seat.pose == "stand":
            near = (seat.y - old.horizon) / (0.985 - old.horizon)
            y = new.horizon + near * (0.985 - new.horizon)
        things[i] = replace(thing, x=seat.x, y=round(y, 4), size=round(size, 4))
    return tuple(things)
