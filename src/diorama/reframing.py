"""Reframing: the same scene seen wider, with the earlier picture kept inside it.

Zooming out keeps the aspect and shows up to twice as much each way. A pan keeps the old height (or
width) and makes the picture longer by half of its old length on one side: a square panned left is
a 3:2 picture whose right two thirds are the old one. Making square adds ground on the short sides.
"""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from .canvas import Canvas
from .composing import LONGEST_PROMPT, compose
from .masks import pack, unpack
from .patches import Box, box_of, inset
from .scene import Patch, PictureError, Scene, Thing
from .setting import INDOORS, chance
from .words import load

MOST_ZOOM = 2.0
REACH = 4  # no picture is longer than four times its width, or wider than four times its height
TRIES = 60  # places tried for a thing, which gets smaller meanwhile
DEEPEST = 8  # how often a picture is reframed again with all the earlier ones kept inside it
SIDES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
Window = tuple[float, float, float, float]


def reframe(
    scene: Scene,
    *,
    zoom: float = 1.0,
    pan: str | None = None,
    square: bool = False,
    aspect: tuple[int, int] | None = None,
    seed: int | None = None,
    prompt: str | None = None,
) -> Scene:
    """Return the scene seen wider: zoomed out, panned by half a frame, or made square.

    `zoom` is 1.0 to 2.0; `pan` is left, right, up or down; `square` adds ground to make 1:1. With
    `aspect`, ground is added on two sides until the picture has it. They may be given together:
    first the pan, then square or aspect, then the zoom. `seed` chooses what stands in the new
    ground, and what `prompt` names beyond the scene's own stands there. Where the old picture
    lies, its content stays; `frame_in` tells where that is. Raises PictureError for a zoom, pan
    or aspect that cannot be had.
    """
    _check(zoom, pan, aspect, seed, prompt)
    old = window_of(scene)
    ratio = Fraction(*scene.aspect)
    window = old
    if pan is not None:
        window, ratio = _panned(window, ratio, pan)
    goal = Fraction(1) if square else Fraction(*aspect) if aspect else ratio
    window = _grown(window, float(goal))
    _check_ratio(goal)
    left, top, wide, high = window
    camera = (
        round(left + wide / 2, 6), round(top + high / 2, 6), round(1 / (high * zoom), 8)
    )  # fmt: skip
    shape = (goal.numerator, goal.denominator)
    rng = chance("reframe", scene.seed if seed is None else seed, camera, shape)
    frame = Patch(_kept(scene), old, beyond=rng.randrange(1, 1 << 24))
    new = replace(
        scene, aspect=shape, camera=camera, frame=scene.frame or float(Fraction(*scene.aspect)),
        tile=False, touch=frame.beyond, patches=(*_carried(scene), frame),
        prompt=scene.prompt if prompt is None else prompt,
    )  # fmt: skip
    return replace(new, things=(*scene.things, *_company(new, old, rng, prompt)))


def window_of(scene: Scene) -> Window:
    """Return (left, top, width, height) of what the scene shows, in world units."""
    x, y, zoom = scene.camera
    high = 1 / zoom
    wide = high * scene.aspect[0] / scene.aspect[1]
    return x - wide / 2, y - high / 2, wide, high


def frame_in(scene: Scene, width: int, height: int) -> Box | None:
    """Return (left, top, right, bottom): where the old picture lies in one of the reframed scene.

    A medium's margin of bare paper is no part of it: there the new picture's ground shows. None
    when the scene was not reframed.
    """
    frame = next((patch for patch in scene.patches if not patch.mask), None)
    if frame is None:
        return None
    canvas = Canvas.window(width, height, scene.camera)
    return inset(box_of(frame.window, canvas), frame.scene)


def _check(
    zoom: float, pan: str | None, aspect: tuple[int, int] | None, seed: object, prompt: str | None
) -> None:
    if isinstance(zoom, bool) or not isinstance(zoom, (int, float)) or not 1 <= zoom <= MOST_ZOOM:
        raise PictureError("The zoom must be a number between 1.0 and 2.0.")
    if pan is not None and pan not in SIDES:
        raise PictureError("A picture can be panned left, right, up or down.")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise PictureError("A seed must be a whole number.")
    if prompt is not None and len(prompt) > LONGEST_PROMPT:
        raise PictureError(f"A prompt must be text of at most {LONGEST_PROMPT} characters.")
    if aspect is not None:
        try:
            fine = len(aspect) == 2 and all(int(side) == side > 0 for side in aspect)
        except (TypeError, ValueError):
            fine = False
        if not fine:
            raise PictureError("The aspect ratio must be two whole numbers above zero.")


def _check_ratio(ratio: Fraction) -> None:
    if not Fraction(1, REACH) <= ratio <= REACH:
        raise PictureError(
            "The picture would be more than four times as long as it is wide: "
            "make it square first, or pan it the other way."
        )


def _panned(window: Window, ratio: Fraction, pan: str) -> tuple[Window, Fraction]:
    left, top, wide, high = window
    dx, dy = SIDES[pan]
    if dx:
        return (left + min(0, dx) * wide / 2, top, wide * 1.5, high), ratio * Fraction(3, 2)
    return (left, top + min(0, dy) * high / 2, wide, high * 1.5), ratio * Fraction(2, 3)


def _grown(window: Window, ratio: float) -> Window:
    """Return the window with ground added on two opposite sides until it has the ratio."""
    left, top, wide, high = window
    if wide < high * ratio:
        more = high * ratio - wide
        return left - more / 2, top, wide + more, high
    more = wide / ratio - high
    return left, top - more / 2, wide, high + more


def _kept(scene: Scene) -> Scene:
    """Return the scene as a frame to keep; the innermost of many is too small to be seen."""
    return _without_frames(scene, DEEPEST - 1)


def _carried(scene: Scene) -> list[Patch]:
    """Return the repainted parts that reach the edge, carried on over the edge in their scene.

    A mask is drawn out by half of the window on each side: more than any reframing shows.
    """
    out = []
    for patch in scene.patches:
        if not patch.mask:
            continue
        mask = unpack(patch.mask)
        rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        if rim.any():
            high, wide = (side // 2 for side in mask.shape)
            wider = np.pad(mask, ((high, high), (wide, wide)), mode="edge")
            left, top, width, height = patch.window
            dx, dy = width * wide / mask.shape[1], height * high / mask.shape[0]
            window = (left - dx, top - dy, width + 2 * dx, height + 2 * dy)
            out.append(Patch(patch.scene, window, pack(wider)))
    return out


def _without_frames(scene: Scene, depth: int) -> Scene:
    if depth == 0:
        return replace(scene, patches=tuple(patch for patch in scene.patches if patch.mask))
    patches = tuple(
        patch if patch.mask else replace(patch, scene=_without_frames(patch.scene, depth - 1))
        for patch in scene.patches
    )
    return replace(scene, patches=patches)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return load("company")


def _company(new: Scene, old: Window, rng: random.Random, prompt: str | None) -> tuple[Thing, ...]:
    """Return what stands in the new ground: what the new prompt adds, then some of the place's."""
    table = _table()
    painter = load("places")[new.place]["painter"]
    there = {thing.asset for thing in new.things}
    usual = [
        Thing("backdrop", asset, 0, 0, size, 0.2, pose)
        for asset, size, pose in table.get(new.place, table.get(painter, []))
        if asset not in there
    ]
    _, _, wide, high = window_of(new)
    share = wide * high / (old[2] * old[3]) - 1
    asked, most = _asked(new, rng, prompt), rng.randint(1, 2) + round(share)
    placed: list[Thing] = []
    for thing in [*asked, *rng.sample(usual, len(usual))]:
        if len(placed) == len(asked) + most:
            break
        spot = _spot(new, old, thing, placed, rng)
        if spot is not None:
            placed.append(spot)
    return tuple(placed)


def _asked(new: Scene, rng: random.Random, prompt: str | None) -> list[Thing]:
    """Return the single things that the new prompt names and the scene does not have yet."""
    if not prompt:
        return []
    have = {thing.name for thing in new.things}
    other = compose(prompt, seed=rng.randrange(1 << 32), parameters={"no": new.no})
    return [
        replace(thing, depth=0.15)
        for thing in other.things
        if thing.host < 0 and thing.name not in have and thing.name != "backdrop"
        and not any(t.host >= 0 and other.things[t.host] is thing for t in other.things)
    ]  # fmt: skip


def _spot(
    new: Scene, old: Window, thing: Thing, others: list[Thing], rng: random.Random
) -> Thing | None:
    """Return the thing at a free place in the new ground, or None when none is found."""
    for attempt in range(TRIES):
        smaller = replace(thing, size=thing.size * (1 - 0.6 * attempt / TRIES))
        found = _tried(new, smaller, rng)
        if found is not None and _free(found, old, others):
            return found
    return None


def _tried(new: Scene, thing: Thing, rng: random.Random) -> Thing | None:
    """Return the thing somewhere in the picture, as large as things are at that distance."""
    left, top, wide, high = window_of(new)
    x = left + wide * (0.04 + 0.92 * rng.random())
    size = thing.size * (0.8 + 0.4 * rng.random())
    flip, near = rng.random() < 0.5, rng.random() ** 0.7
    if thing.pose in ("fly", "hang"):
        limit = top + high if _floats(new) else min(new.horizon, top + high)
        y = top + (limit - top) * (0.1 + 0.8 * near)
        return replace(thing, x=round(x, 4), y=round(y, 4), size=round(size, 4), flip=flip)
    far, floor = new.horizon + 0.07, top + high * 0.97
    if floor <= far:
        return None
    if rng.random() < 0.6:
        floor = max(far, min(floor, 0.94))
    y = far + (floor - far) * near
    if new.place == "street" and abs(x) > (y - new.horizon) * 1.4:
        return None
    if y > 0.95 and y - size < 1.25 and new.place not in INDOORS:
        return None  # grass, drifts and weed at the first frame's lower edge would cover it
    size *= 0.3 + 0.7 * (y - new.horizon) / max(0.985 - new.horizon, 0.1)
    depth = 0.5 - 0.4 * min(1.0, max(0.0, (y - new.horizon) * 2))
    return replace(
        thing, x=round(x, 4), y=round(y, 4), size=round(min(size, 0.5 * high), 4), flip=flip,
        depth=round(depth, 4),
    )  # fmt: skip


def _floats(scene: Scene) -> bool:
    return scene.place in ("space", "underwater", "clouds")


def _free(thing: Thing, old: Window, others: list[Thing]) -> bool:
    """Tell whether a thing, with its shadow, is clear of the old picture and of the others."""
    half = 0.65 * thing.size + 0.02
    left, top, wide, high = old
    beside = thing.x + half < left or thing.x - half > left + wide
    below = thing.y - 1.1 * thing.size > top + high + 0.02
    above = thing.y + 0.25 * thing.size < top - 0.02
    if not (beside or below or above):
        return False
    return all(abs(thing.x - o.x) > 0.5 * (thing.size + o.size) for o in others)
