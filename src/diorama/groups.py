"""Groups: where each of several things of one kind stands: in ranks, in a flock, in a ring."""

from __future__ import annotations

import math

from . import framing
from .reading import Asked
from .spots import AIRY, ROOMS, Plan


def members(
    plan: Plan,
    item: Asked,
    spot: tuple[float, float, float],
    size: float,
    pose: str,
    form: tuple[str, str],
) -> list[tuple[float, float, float, float]]:
    """Return (x, y, size, depth) of each member of a group, far ones first."""
    x, y, depth = spot
    count, rng = min(item.count, 9), plan.rng
    if count == 1:
        return [(x, y, size, depth)]
    size *= {2: 0.82, 3: 0.66, 4: 0.60}.get(count, 0.46) * (0.86 if pose == "fly" else 1.0)
    wide = size * framing.breadth(*form)
    if item.relation == "around":
        return _ring(plan, spot, size, wide, count)
    if pose == "fly" and "wall" in item.noun.tags and plan.place in ROOMS:
        step = min(1.25 * wide, 1.8 * plan.half / count)
        return [(x + (k - (count - 1) / 2) * step, y, size, depth) for k in range(count)]
    if pose in ("fly", "hang", "flat"):
        reach = min(plan.half * 0.94 - wide / 2, wide * (0.75 + 0.42 * count))
        tall = 0.10 + 0.03 * count + 0.4 * size
        centre = max(-plan.half + reach, min(plan.half - reach, x))
        lowest = 0.62 if plan.place in AIRY | {"underwater"} else plan.horizon - 0.5 * size
        middle = 0.5 if pose == "flat" else max(0.02 + tall, min(lowest - tall, y - size * 0.8))
        box = (centre - reach, middle - tall, centre + reach, middle + tall)
        points = framing.flock(rng, count, box, 0.9)
        return [(a, b + size / 2, size * (0.8 + 0.35 * rng.random()), depth) for a, b in points]
    step = 0.10 if pose != "float" else 0.07
    out = []
    for px, back, scale in framing.rank(count, plan.half, size, wide):
        jitter = (rng.random() - 0.5) * 0.10 * wide
        level = y + 0.02 - step * back + 0.022 * (rng.random() - 0.5)
        tall = size * scale * (0.94 + 0.12 * rng.random())
        out.append((x * 0.4 + px + jitter, level, tall, depth + 0.1 * back))
    return out


def _ring(
    plan: Plan, spot: tuple[float, float, float], size: float, wide: float, count: int
) -> list[tuple[float, float, float, float]]:
    """Return a group that stands in a ring round a spot, those in front larger."""
    x, y, depth = spot
    host = plan.things[0] if plan.things else None
    reach = (host.size * framing.breadth(host.asset, host.body) * 0.5 if host else 0.1) + wide * 0.9
    count = max(count, 5)
    start = plan.rng.random() * 6.28
    out = []
    for k in range(count):
        angle = start + k * 2 * math.pi / count
        back = -math.sin(angle)
        foot = min(y + 0.02 - 0.10 * back, 0.985)
        out.append((x + math.cos(angle) * reach, foot, size * (0.9 - 0.14 * back), depth * back))
    return out
