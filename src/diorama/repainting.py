"""Repainting: a part of a picture, under a mask, painted anew from another prompt.

In a scene the part is a patch: a scene of its own with the same place, light and camera, in which
what the mask covers has gone and what the prompt asks for stands instead, as large as the mask
allows. In a plain picture the covered part is first filled from its surroundings, smooth like a
membrane and with their grain; then the asked things are lit as the picture is and set on it.
"""

from __future__ import annotations

import random
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from .canvas import Canvas
from .composing import LONGEST_PROMPT, cast, compose
from .filling import filled
from .masks import Mask, MaskOfAnotherSize, bounds, feather, pack, read_mask, unpack
from .noise import Field
from .objects import place_things
from .progress import Progress, Report
from .reading import Reading, read
from .rendering import paint, stage_of
from .scene import Light, Patch, PictureError, Scene, Thing
from .setting import chance
from .sprites import build

COVERED = 0.4  # a thing goes when so much of it lies under the mask
INSIDE = 0.97  # and a new one is made smaller until so much of it does
MOST = 24  # patches of a scene: each is painted whenever the scene is
SLACK = 0.02  # how far a mask's aspect may be from the scene's


def repaint(
    scene: Scene, mask: bytes, prompt: str, seed: int, *, size: tuple[int, int] | None = None
) -> Scene:
    """Return the scene with what is white in the mask painted anew, as the prompt says.

    `mask` is a PNG or WebP file of the picture's size: give `size` (width, height) to have that
    checked to the pixel, else its aspect must be the scene's. An empty prompt takes away what
    stands there. Outside the mask and a feather of `masks.reach` pixels the picture is the same,
    byte for byte. Raises MaskRefused (see `masks`) or PictureError.
    """
    _check(prompt, seed)
    white = read_mask(mask, size)
    high, wide = white.shape
    shape = scene.aspect[0] / scene.aspect[1]
    if abs(wide / high / shape - 1) > SLACK:
        raise MaskOfAnotherSize(
            f"The mask is {wide} x {high} pixels: it must have the shape of the picture, "
            f"{scene.aspect[0]}:{scene.aspect[1]}."
        )
    canvas = Canvas.window(wide, high, scene.camera)
    window = (canvas.left, canvas.top, wide / canvas.unit, high / canvas.unit)
    inner = _anew(_under(scene, white), canvas, white, prompt, seed)
    patch = Patch(inner, window, pack(white))
    seen = tuple(other for other in scene.patches if not _hidden(other, patch))
    if len(seen) >= MOST:
        raise PictureError("This picture has been painted anew in too many parts already.")
    return replace(scene, patches=(*seen, patch))


def _hidden(patch: Patch, over: Patch) -> bool:
    """Tell whether one repainted part lies wholly under another."""
    if not patch.mask or patch.window != over.window:
        return False
    one, other = unpack(patch.mask), unpack(over.mask)
    return one.shape == other.shape and not (one & ~other).any()


def _check(prompt: str, seed: int) -> None:
    if not isinstance(prompt, str) or len(prompt) > LONGEST_PROMPT:
        raise PictureError(f"A prompt must be text of at most {LONGEST_PROMPT} characters.")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise PictureError("A seed must be a whole number.")


def _under(scene: Scene, white: Mask) -> Scene:
    """Return the scene that the mask lies on: that of an earlier repainting which it touches."""
    for patch in reversed(scene.patches):
        if not patch.mask:
            break
        size = (white.shape[1], white.shape[0])
        earlier = cv2.resize(unpack(patch.mask).astype(np.uint8), size) > 0
        if (earlier & white).any():
            return replace(patch.scene, prompt=scene.prompt)
    return scene


def _anew(scene: Scene, canvas: Canvas, white: Mask, prompt: str, seed: int) -> Scene:
    """Return the scene that shows under the mask."""
    kept = uncovered(scene.things, canvas, white)
    reading = read(prompt, scene.no)
    new = new_things(replace(scene, things=kept), canvas, white, prompt, seed)
    moved = replace(scene, patches=(), prompt=prompt, things=(*kept, *new))
    return moved if new else _elsewhere(moved, reading, prompt, seed)


def _elsewhere(scene: Scene, reading: Reading, prompt: str, seed: int) -> Scene:
    """Return the scene with the place, hour, weather and style that the prompt names."""
    if not (reading.place or reading.time or reading.weather or reading.style):
        return scene
    other = compose(prompt, seed=seed, aspect=scene.aspect, parameters={"no": scene.no})
    light = other.light if reading.time or reading.weather else scene.light
    return replace(
        scene,
        place=other.place if reading.place else scene.place,
        light=replace(light, azimuth=scene.light.azimuth),
        weather=other.weather if reading.weather else scene.weather,
        style=other.style if reading.style else scene.style,
        palette=other.palette if reading.place else scene.palette,
    )


def uncovered(things: tuple[Thing, ...], canvas: Canvas, white: Mask) -> tuple[Thing, ...]:
    """Return the things without those that lie under the mask, and what is fixed to them."""
    gone: set[int] = set()
    for index, thing in enumerate(things):
        if thing.host >= 0:
            if thing.host in gone:
                gone.add(index)
        elif _share(things, index, canvas, white) >= COVERED:
            gone.add(index)
    left = [index for index in range(len(things)) if index not in gone]
    return tuple(
        replace(things[i], host=left.index(things[i].host)) if things[i].host >= 0 else things[i]
        for i in left
    )


def _outline(things: tuple[Thing, ...], index: int) -> tuple[Field, float, float, float]:
    """Return (coverage, pitch, foot x, foot y) of a thing one world unit high, in those units."""
    root = replace(things[index], x=0, y=0, size=1, depth=0, tilt=0)
    sprite = build((*things[:index], root, *things[index + 1 :]), index)
    step = max(1, int(sprite.tall / 64))
    coverage = sprite.image[::step, ::step, 3]
    return coverage, step / sprite.tall, sprite.foot_x / sprite.tall, sprite.foot_y / sprite.tall


def _share(things: tuple[Thing, ...], index: int, canvas: Canvas, white: Mask) -> float:
    """Return how much of a thing lies under the mask (0..1)."""
    thing = things[index]
    coverage, pitch, foot_x, foot_y = _outline(things, index)
    rows, columns = np.nonzero(coverage > 0.5)
    if not len(rows):
        return 0.0
    x, y = canvas.to_px(thing.x - foot_x * thing.size, thing.y - foot_y * thing.size)
    scale = pitch * thing.size * canvas.unit
    px, py = (x + columns * scale).astype(int), (y + rows * scale).astype(int)
    seen = (px >= 0) & (px < white.shape[1]) & (py >= 0) & (py < white.shape[0])
    return float(white[py[seen], px[seen]].sum() / len(rows))


def new_things(
    scene: Scene, canvas: Canvas, white: Mask, prompt: str, seed: int
) -> tuple[Thing, ...]:
    """Return what the prompt asks for, placed within the mask: its hosts count from the scene's."""
    box = bounds(white)
    wide, high = box[2] - box[0], box[3] - box[1]
    aspect = (round(100 * min(max(wide / high, 0.26), 3.9)), 100)
    have = ", ".join(thing.name for thing in scene.things if thing.name != "backdrop")
    unwanted = ", ".join(part for part in (scene.no, have) if part)
    things = cast(prompt, scene, seed=seed, aspect=aspect, unwanted=unwanted)
    if not things:
        things = cast(prompt, scene, seed=seed, aspect=aspect, unwanted=scene.no)
    if not things:
        return ()
    things = _fitted(things, scene, canvas, white, chance("fit", seed))
    first = len(scene.things)
    return tuple(replace(t, host=t.host + first) if t.host >= 0 else t for t in things)


def _fitted(
    things: tuple[Thing, ...], scene: Scene, canvas: Canvas, white: Mask, rng: random.Random
) -> tuple[Thing, ...]:
    """Return the things moved and scaled into the mask: about as large as their outlines fit, and
    anywhere across it."""
    roots = [i for i, thing in enumerate(things) if thing.host < 0]
    spans = {i: _span(things, i) for i in roots}
    left, top = min(s[0] for s in spans.values()), min(s[1] for s in spans.values())
    right, bottom = max(s[2] for s in spans.values()), max(s[3] for s in spans.values())
    x0, y0, x1, y1 = _room(canvas, white)
    best, largest, aside = things, 0.94 - 0.2 * rng.random(), 0.8 * (rng.random() - 0.5)
    for less in range(7):
        part = largest * (1 - 0.085 * less)
        ratio = part * min((x1 - x0) / (right - left), (y1 - y0) / (bottom - top))
        foot = y1 - (0.03 + 0.25 * (0.94 - part)) * (y1 - y0)
        middle = (x0 + x1) / 2 + aside * (x1 - x0 - ratio * (right - left))
        dx, dy = middle - ratio * (left + right) / 2, foot - ratio * bottom
        best = tuple(
            _moved(thing, scene, ratio, dx, dy) if i in spans else thing
            for i, thing in enumerate(things)
        )
        if all(_share(best, i, canvas, white) >= INSIDE for i in roots):
            break
    return best


def _room(canvas: Canvas, white: Mask) -> tuple[float, float, float, float]:
    """Return the mask's bounds in world units, its sides drawn in to where most of it is."""
    columns = np.cumsum(white.sum(axis=0)) / white.sum()
    rows = np.cumsum(white.sum(axis=1)) / white.sum()
    x0, x1 = (int(np.searchsorted(columns, at)) for at in (0.01, 0.99))
    y0, y1 = (int(np.searchsorted(rows, at)) for at in (0.01, 0.99))
    unit = canvas.unit
    return (
        canvas.left + x0 / unit, canvas.top + y0 / unit,
        canvas.left + (x1 + 1) / unit, canvas.top + (y1 + 1) / unit,
    )  # fmt: skip


def _span(things: tuple[Thing, ...], index: int) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of a thing in world units."""
    thing = things[index]
    coverage, pitch, foot_x, foot_y = _outline(things, index)
    high, wide = (pitch * thing.size * side for side in coverage.shape)
    left, top = thing.x - foot_x * thing.size, thing.y - foot_y * thing.size
    return left, top, left + wide, top + high


def _moved(thing: Thing, scene: Scene, ratio: float, dx: float, dy: float) -> Thing:
    """Return a thing at its place; what would stand in the air or on a wall hovers instead."""
    y = thing.y * ratio + dy
    pose = thing.pose
    if pose in ("stand", "float") and y < scene.horizon + 0.01:
        pose = "fly"
    return replace(
        thing, x=round(thing.x * ratio + dx, 4), y=round(y, 4), size=round(thing.size * ratio, 4),
        depth=0.0 if thing.depth < 0.2 else 0.1, pose=pose,
    )  # fmt: skip


def repaint_picture(
    picture: Image.Image, mask: bytes, prompt: str, seed: int, *, progress: Report | None = None
) -> Image.Image:
    """Return a plain picture with what is white in the mask painted anew, as the prompt says.

    The mask must be a PNG or WebP file of the picture's size. Outside of it and a feather of
    `masks.reach` pixels no pixel changes. Raises MaskRefused (see `masks`) or PictureError.
    """
    _check(prompt, seed)
    report = progress or (lambda _: None)
    white = read_mask(mask, picture.size)
    report(0.0)
    before = np.asarray(picture.convert("RGB"))
    pixels = before.astype(np.float32) / 255
    weight = feather(white, *picture.size)
    ground = filled(pixels, weight > 0)
    report(0.2)
    scene = _scene_of(pixels, white, prompt, seed)
    new = _set_on(ground, scene, white, prompt, seed, Progress(lambda v: report(0.2 + 0.75 * v)))
    out = pixels + (new - pixels) * weight[..., None]
    after = (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)
    report(1.0)
    return Image.fromarray(np.where(weight[..., None] > 0, after, before), "RGB")


def _scene_of(pixels: Field, white: Mask, prompt: str, seed: int) -> Scene:
    """Return a bare scene lit as the picture round the mask is."""
    high, wide = white.shape
    long = max(wide, high) > 4 * min(wide, high)
    plain = compose("", seed=seed, aspect=(1, 1) if long else (wide, high))
    around = cv2.dilate(white.astype(np.uint8), np.ones((31, 31), np.uint8)).astype(bool) & ~white
    near = pixels[around] if around.any() else pixels.reshape(-1, 3)
    columns = pixels.mean(axis=(0, 2))
    right = columns[wide // 2 :].mean() > columns[: wide // 2].mean()
    light = _light_of(near, 0.35 if right else -0.35)
    return replace(
        plain, prompt=prompt, place="studio", light=light, things=(), weather=(), horizon=0.0,
        subject="", lettering="",
    )  # fmt: skip


def _light_of(near: Field, azimuth: float) -> Light:
    """Return the light that the given pixels (n, 3) seem to be in."""
    low, high = np.percentile(near, (25, 90), axis=0)
    level = float(np.clip(high.mean(), 0.2, 1))
    mean, bright = _code(near.mean(0)), _code(high)
    return Light(
        time="day", zenith=bright, middle=bright, horizon=mean, haze=mean,
        sun=_code(high / max(float(high.max()), 1e-3)),
        ambient=_code(0.5 + 0.5 * low / max(float(low.max()), 1e-3)),
        azimuth=azimuth, elevation=0.6, key=0.45 + 0.5 * level, fill=0.5 + 0.4 * level,
        stars=0.0, mist=0.0, moon=level < 0.3,
    )  # fmt: skip


def _code(colour: Field) -> str:
    return "#" + "".join(f"{int(np.clip(c, 0, 1) * 255):02x}" for c in colour)


def _set_on(
    ground: Field, scene: Scene, white: Mask, prompt: str, seed: int, progress: Progress
) -> Field:
    """Return the filled picture with the asked things on it, or with the asked place in it."""
    high, wide = white.shape
    canvas = Canvas.window(wide, high, scene.camera)
    things = new_things(scene, canvas, white, prompt, seed)
    reading = read(prompt)
    if things:
        stage = stage_of(replace(scene, things=things), canvas, progress)
        stage.inside = True
        canvas.pixels[:] = ground
        place_things(stage)
        return np.clip(canvas.pixels, 0, 1)
    if reading.place or reading.time or reading.weather:
        there = compose(prompt, seed=seed, aspect=scene.aspect)
        return _like(paint(there, wide, high, progress), ground, white)
    return ground


def _like(new: Field, old: Field, white: Mask) -> Field:
    """Return the new pixels with half of the way gone to the old ones' mean and contrast."""
    mean, spread = new[white].mean(0), new[white].std(0) + 1e-3
    goal, wide = old[white].mean(0), old[white].std(0) + 0.05
    ratio = np.clip(wide / spread, 0.6, 1.5) ** 0.5
    return np.asarray((new - mean) * ratio + mean + 0.4 * (goal - mean), np.float32)
