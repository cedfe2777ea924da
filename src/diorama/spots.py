"""Spots: where a root stands, flies or floats, for its relation to others and the lens."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import framing
from .lens import measure
from .reading import Asked
from .scene import Light, Thing
from .words import Noun

AIRY = {"space", "clouds", "abstract"}
ROOMS = {"room", "bedroom", "office", "kitchen", "library"}
HUNG = 0.33  # the height of the middle of what hangs on a wall
WATERY = {"sea", "skyline"}
BANK = 0.78  # how near the hither bank of a lake is: 0 at the horizon, 1 at the lower edge
MIDDLE = 0.56  # the lowest that the middle of what stands before a backdrop lies
ABREAST = ("behind", "front", "under", "around", "at")


@dataclass
class Plan:
    """The frame being filled. `chaos` 0..1 is how far from the usual a layout may go.

    `seasons` holds, for each season that is told, what a cut-out that grows is shown as in it.
    """

    place: str
    spec: Mapping[str, Any]
    light: Light
    horizon: float
    ratio: float
    rng: random.Random
    lens: tuple[str, ...] = ()
    chaos: float = 0.0
    rough: bool = False
    tile: bool = False
    seasons: list[dict[str, str]] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    shift: float = 0.0

    @property
    def half(self) -> float:
        return self.ratio / 2

    @property
    def scale(self) -> float:
        narrow = min(1.0, 0.30 + 0.70 * self.ratio, self.ratio * 1.12)
        return narrow * (1.0 if self.ratio < 1.4 else 1.08) * measure(self.lens, "size", 1.0)

    @property
    def banks(self) -> bool:
        """Tell whether open water lies in the place's ground, with a bank before it."""
        return "water" in self.spec and not self.spec.get("ice")

    @property
    def cropping(self) -> bool:
        """Tell whether the lens comes so close that it may cut its subject."""
        return bool({"portrait", "macro", "close"} & set(self.lens))

    @property
    def above(self) -> str:
        """Return the lens that shows the place from above: "top", "isometric", or ""."""
        return next((name for name in ("top", "isometric") if name in self.lens), "")


def floor(plan: Plan, near: float) -> float:
    """Return the world y of a foot; near is 0 at the horizon and 1 at the lower edge."""
    return plan.horizon + (0.985 - plan.horizon) * near


def _lane(
    plan: Plan, order: int, total: int, asked: list[Asked], sizes: Mapping[int, float]
) -> float:
    """Return the x of the nth of several roots, each as broad as it is."""
    wide = []
    for i in sizes:
        breadth = framing.breadth(*asked[i].noun.forms[0])
        wide.append(sizes[i] * breadth * (1.0 if asked[i].count == 1 else 1.9))
    gap = 0.06 * plan.ratio
    start = -(sum(wide) + gap * (total - 1)) / 2
    x = start + sum(wide[:order]) + gap * order + wide[order] / 2
    side = 1 if plan.shift >= 0 else -1
    return x * side + plan.shift * 0.3


def spot_of(
    plan: Plan, item: Asked, order: int, total: int, pose: str, size: float, over: str,
    asked: list[Asked], index: Mapping[int, int], sizes: Mapping[int, float],
) -> tuple[float, float, float]:  # fmt: skip
    """Return (x, y of the foot, depth) of a root."""
    noun, rng = item.noun, plan.rng
    side = 1 if plan.shift >= 0 else -1
    x = plan.shift if total == 1 else _lane(plan, order, total, asked, sizes)
    near, depth = 0.70 + 0.19 * rng.random(), 0.12
    if noun.kind == "building":
        near, depth = 0.46 + 0.16 * rng.random(), 0.4
    elif noun.kind == "plant":
        near, depth = 0.6, 0.25
    host = index.get(item.to, -1)
    if item.relation in ABREAST and host >= 0:
        x, near, depth = _by(plan, item, plan.things[host], size, near, depth)
    elif total > 1 and noun.kind not in ("building", "plant"):
        near += 0.04 * (order % 2)
    elif plan.place == "studio" and pose == "stand":
        middle = (MIDDLE + size / 2 - plan.horizon) / (0.985 - plan.horizon)
        near = max(0.3, min(near, middle))
    near, depth = _viewed(plan, near, depth)
    if plan.above:
        return _on_slab(plan, x, order, total, size, pose)
    if {"portrait", "macro"} & set(plan.lens) and len(asked) == 1 and pose != "hang":
        return x, _filling(plan, noun, size), 0.02
    if pose == "float":
        return x, plan.horizon + (1 - plan.horizon) * (0.40 + 0.16 * rng.random()), 0.12
    if pose == "hang":
        return _sky_spot(plan, size)
    if pose == "fly" and "wall" in noun.tags and plan.place in ROOMS:
        return x, HUNG + size / 2, 0.3
    if pose == "fly":
        middle = (
            0.66
            if item.relation == "over"
            else 0.42
            if item.aloft
            else 0.50
            if total == 1 and not over
            else 0.26
        )
        if over:
            x = -side * (0.08 + 0.10 * rng.random()) * min(1.0, plan.ratio)
            middle = max(0.22, size * 0.56)
        return x, middle + 0.06 * (rng.random() - 0.5) + size / 2, 0.12
    if plan.place == "underwater":
        near = 0.72
    return x, floor(plan, max(near, BANK) if plan.banks else near), depth


def _by(
    plan: Plan, item: Asked, other: Thing, size: float, near: float, depth: float
) -> tuple[float, float, float]:
    """Return (x, near, depth) of what stands before, behind or under another thing."""
    side = -1 if other.x > 0 else 1
    wide = other.size * framing.breadth(other.asset, other.body)
    wide += size * framing.breadth(*item.noun.forms[0])
    beside = 0.5 * wide * (0.72 + 0.2 * plan.rng.random())
    if item.relation == "under":
        return other.x + 0.12 * side * other.size, near + 0.06, depth * 0.6
    if item.relation == "at":  # the desk hides the legs of who sits at it
        row = [thing for thing in plan.things if thing.name == other.name]
        foot = (other.y - plan.horizon) / (0.985 - plan.horizon)
        return sum(thing.x for thing in row) / len(row), min(foot + 0.06, 0.99), depth * 0.5
    large = item.noun.kind in ("building", "plant")
    if item.relation == "front" and large:  # one is before a house, not the house before one
        return other.x + side * beside * 0.75, near - 0.04, depth + 0.1
    if item.relation == "behind" and not large:
        return other.x + side * beside * 0.45, min(near + 0.1, 0.97), depth * 0.5
    if item.relation == "behind":
        return other.x + side * beside * 0.4, 0.93, 0.05
    if item.relation == "around":
        return other.x, near, depth
    return other.x + side * beside, min(near + 0.16, 0.97), depth * 0.5


def _viewed(plan: Plan, near: float, depth: float) -> tuple[float, float]:
    """Return where a foot stands for the lens: far off in a wide view, near in a close one."""
    if "wide" in plan.lens:
        return 0.34 + 0.5 * (near - 0.5), depth + 0.12
    if "close" in plan.lens:
        return min(1.0, near + 0.14), depth * 0.3
    return near, depth


def _filling(plan: Plan, noun: Noun, size: float) -> float:
    """Return the foot of a subject that fills the frame; of a living one the face is shown."""
    if "portrait" in plan.lens and "living" in noun.tags:
        return 0.13 + size
    return min(0.53 + size / 2, max(0.97, 0.06 + size))


def _on_slab(
    plan: Plan, x: float, order: int, total: int, size: float, pose: str
) -> tuple[float, float, float]:
    """Return the spot of a root that is seen from above, or on the slab of an isometric view."""
    if plan.above == "top":
        return x, 0.5 + 0.08 * (order % 2 - 0.5) * (total > 1) + size / 2, 0.1
    lift = 0.2 if pose == "fly" else 0.0
    y = 0.585 + 0.07 * (order % 2) + 0.03 * plan.rng.random() + size * 0.08
    return x * 0.62, y - lift, 0.0


def _sky_spot(plan: Plan, size: float) -> tuple[float, float, float]:
    x = (plan.rng.random() * 1.2 - 0.6) * plan.half
    return x, 0.14 + size * (0.7 + 0.2 * plan.rng.random()), 0.5


def tilt_of(plan: Plan, noun: Noun, pose: str) -> float:
    wild = 1 + 1.5 * plan.chaos
    if pose == "flat":
        return (plan.rng.random() - 0.5) * 40 * wild
    if "wall" in noun.tags and plan.place in ROOMS:
        return 0.0
    if pose == "fly" and noun.kind != "building":
        return (plan.rng.random() - 0.5) * (14 if plan.place == "space" else 8) * wild
    if pose == "float" and noun.kind == "boat":
        return _heel(plan)
    return 0.0


def _heel(plan: Plan) -> float:
    """Return the slant of a boat in degrees: in rough water it never lies level."""
    roll = plan.rng.random() * 2 - 1
    return roll * 6 + math.copysign(4, roll) if plan.rough else roll * 2
