"""Strangeness: what `--weird` does to a scene: light, gravity, colours, visitors."""

from __future__ import annotations

import colorsys
import random
from dataclasses import replace

from .scene import Light, Thing

MOST = 1500
# What drifts through a dream: clocks, keys, fish, umbrellas, ladders, spirals, eyes, planets.
VISITORS = (
    "1f570", "1f5dd", "1f420", "2602", "1fa9c", "1f300", "1f9ff", "form:planet", "1f344", "1f3ad",
    "1f41a", "1f52e", "1f98b", "1f419", "1f9e9", "231b",
)  # fmt: skip


def estranged(
    light: Light,
    things: tuple[Thing, ...],
    weird: int,
    palette: tuple[str, ...],
    without: frozenset[str],
    rng: random.Random,
    place: str,
) -> tuple[Light, tuple[Thing, ...]]:
    """Return the light and the things, the farther from the usual the larger `weird` is (to 3000).

    Above 300 visitors drift in, above 600 what stands may float, and the colours of the sky turn.
    """
    amount = min(1.0, weird / MOST)
    shown = tuple(_changed(thing, amount, palette, rng, place) for thing in things)
    count = 0 if weird < 300 else 1 + int(amount * 3)
    own = {thing.asset for thing in things}
    usable = [asset for asset in VISITORS if asset not in without and asset not in own]
    for asset in rng.sample(usable, min(count, len(usable))):
        shown = (*shown, _visitor(asset, amount, palette, rng))
    turn = amount * (0.18 + 0.4 * rng.random()) * (1 if rng.random() < 0.5 else -1)
    return _turned(light, turn), shown


def _changed(
    thing: Thing, amount: float, palette: tuple[str, ...], rng: random.Random, place: str
) -> Thing:
    if thing.name == "backdrop":
        return thing
    tint = rng.choice(palette) if rng.random() < 0.25 + 0.7 * amount else thing.tint
    size = thing.size * (1 + amount * (rng.random() * 0.5 - 0.15))
    tilt = thing.tilt + amount * (rng.random() - 0.5) * 60
    changed = replace(thing, tint=tint, size=round(size, 4), tilt=round(tilt, 2))
    if thing.pose == "stand" and thing.host < 0 and amount > 0.4 and rng.random() < amount:
        lifted = max(thing.y - 0.12 - 0.16 * rng.random(), size + 0.04)
        return replace(changed, pose="fly", y=round(lifted, 4))
    return changed


def _visitor(asset: str, amount: float, palette: tuple[str, ...], rng: random.Random) -> Thing:
    size = 0.10 + 0.16 * amount * rng.random() + 0.05 * rng.random()
    x, y = (rng.random() - 0.5) * 0.9, 0.12 + 0.4 * rng.random() + size / 2
    tint = rng.choice(palette) if rng.random() < 0.5 * amount else ""
    tilt = (rng.random() - 0.5) * 100
    return Thing(
        "visitor", asset, round(x, 4), round(y, 4), round(size, 4), 0.5, "fly",
        rng.random() < 0.5, round(tilt, 2), tint,
    )  # fmt: skip


def _turned(light: Light, turn: float) -> Light:
    """Return the light with its hues turned by a part of the colour circle."""
    return replace(
        light, zenith=_hue(light.zenith, turn), middle=_hue(light.middle, turn),
        horizon=_hue(light.horizon, turn), ambient=_hue(light.ambient, turn),
        haze=_hue(light.haze, turn),
    )  # fmt: skip


def _hue(code: str, turn: float) -> str:
    value = int(code[1:], 16)
    parts = [((value >> shift) & 255) / 255 for shift in (16, 8, 0)]
    hue, level, depth = colorsys.rgb_to_hls(*parts)
    red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1, level, min(1.0, depth * 1.1))
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
