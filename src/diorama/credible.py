"""Whether a scene from a stranger's file can be painted: types, tables, and sane numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict

import msgspec

from .figures import bodies
from .inlays import is_inlay
from .rendering import place_table
from .scene import Grade, Light, Scene, Thing
from .words import load

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
ASSET = re.compile(r"(?:form|word):[^/\\\x00]{1,40}|[0-9a-f]{2,6}(?:-[0-9a-f]{2,6}){0,6}")
MOST_THINGS = 64
MOST_PATCHES, DEEPEST = 12, 12
FARTHEST = 60.0
LONGEST_TEXT = 6000


def credible(scene: Scene) -> bool:
    """Tell whether the scene has the right types, known names and numbers that can be painted."""
    try:
        msgspec.convert(asdict(scene), Scene)
    except (msgspec.ValidationError, TypeError, RecursionError):
        return False
    return _paintable(scene, 0)


def _paintable(scene: Scene, depth: int) -> bool:
    """As `credible`, for a scene of the right types; a patch has a scene of its own in it."""
    return (
        scene.place in place_table()
        and scene.light.time in load("lights")
        and _framed(scene)
        and 1 <= len(scene.palette) <= 12
        and all(COLOUR.fullmatch(code) for code in (*scene.palette, *_colours(scene.light)))
        and all(_sane(value) for value in (scene.horizon, *_numbers(scene.light)))
        and len(scene.lens) <= MOST_THINGS
        and len(scene.things) <= MOST_THINGS
        and all(_possible(scene.things, index) for index in range(len(scene.things)))
        and (scene.grade is None or _graded(scene.grade))
        and len(scene.patches) <= MOST_PATCHES
        and depth < DEEPEST
        and all(map(_sane, (side for patch in scene.patches for side in patch.window)))
        and all(_paintable(patch.scene, depth + 1) for patch in scene.patches)
    )


def _graded(grade: Grade) -> bool:
    return all(map(COLOUR.fullmatch, grade.tones)) and all(
        math.isfinite(value) and 0 <= value <= 100
        for value in (grade.level, grade.contrast, grade.weight)
    )


def _framed(scene: Scene) -> bool:
    width, height = scene.aspect
    x, y, zoom = scene.camera
    return (
        0 < width <= 4 * height <= 16 * width
        and max(map(len, (scene.prompt, scene.no, scene.lettering, scene.subject))) <= LONGEST_TEXT
        and _sane(x)
        and _sane(y)
        and 0.01 <= zoom <= 100
        and 0 <= scene.frame <= FARTHEST
        and max(map(abs, (scene.seed, scene.touch, scene.variant, scene.detail))) < 1 << 64
    )


def _colours(light: Light) -> tuple[str, ...]:
    return light.zenith, light.middle, light.horizon, light.sun, light.ambient, light.haze


def _numbers(light: Light) -> tuple[float, ...]:
    return light.azimuth, light.elevation, light.key, light.fill, light.stars, light.mist


def _sane(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= FARTHEST


def _possible(things: Sequence[Thing], index: int) -> bool:
    thing = things[index]
    return (
        (bool(ASSET.fullmatch(thing.asset)) or is_inlay(thing.asset))
        and (not thing.body or thing.body.partition(":")[0] in bodies())
        and (not thing.tint or bool(COLOUR.fullmatch(thing.tint)))
        and -1 <= thing.host < index
        and all(_sane(value) for value in (thing.x, thing.y, thing.depth))
        and 0 < thing.size <= FARTHEST
        and abs(thing.tilt) <= 3600
    )
