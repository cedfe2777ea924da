"""Framing: how wide things are, and where they stand so that the frame holds them whole."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from .scene import Thing

VOCABULARY = Path(__file__).resolve().parent / "vocabulary"
MARGIN = 0.97


@lru_cache(maxsize=1)
def _outlines() -> dict[str, float]:
    lines = (VOCABULARY / "outlines.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: float(ratio) for name, ratio in rows}


def breadth(asset: str, body: str = "") -> float:
    """Return the width of a cut-out or form against its height."""
    if asset.startswith("word:"):
        broad, tall = ink(asset[5:])
        return broad / tall
    table, body = _outlines(), body.partition(":")[0]
    return table.get(f"{asset}+{body}" if body else asset, table.get(asset, 1.0))


def ink(text: str) -> tuple[float, float]:
    """Return about how wide and how high the ink of a word is, in units of the font's size."""
    broad = sum(0.95 if c in "mwMW@%" else 0.34 if c in "iljtfrI1.,:;'!|" else 0.64 for c in text)
    tall = 0.56 + 0.2 * any(c not in "acegmnopqrsuvwxyz.,-" for c in text)
    return broad, tall + 0.2 * any(c in "gjpqy" for c in text)


def inside(things: Sequence[Thing], first: int, half: float, cropped: bool) -> list[Thing]:
    """Return the things from `first` on moved (and, where needed, shrunk) into the frame together.

    `cropped` lets a close view cut its subject.
    """
    group = [t for t in things[first:] if t.host < 0 and t.name != "backdrop"]
    if not group or cropped:
        return list(things)
    left = min(t.x - 0.5 * _wide(t) for t in group)
    right = max(t.x + 0.5 * _wide(t) for t in group)
    room = 2 * half * MARGIN
    ratio = min(1.0, room / max(right - left, 1e-6))
    middle = (left + right) / 2
    limit = max(0.0, room / 2 - (right - left) * ratio / 2)
    centre = max(-limit, min(limit, middle))
    out = list(things[:first])
    for thing in things[first:]:
        if thing.host >= 0 or thing.name == "backdrop":
            out.append(thing)
            continue
        x = centre + (thing.x - middle) * ratio
        lift = max(0.0, 0.03 - (thing.y - thing.size * ratio)) if thing.pose != "stand" else 0.0
        y = min(thing.y + lift, 0.985) if thing.pose != "float" else thing.y
        out.append(replace(thing, x=round(x, 4), y=round(y, 4), size=round(thing.size * ratio, 4)))
    return out


def _wide(thing: Thing) -> float:
    lean = 1.0 + abs(thing.tilt) / 90
    return thing.size * breadth(thing.asset, thing.body) * lean


def flock(
    rng: random.Random, count: int, box: tuple[float, float, float, float], flat: float
) -> list[tuple[float, float]]:
    """Return scattered points (x, y) in a box (left, top, right, bottom), far from each other.

    Each is the best of several candidates, sideways distance counting `flat` times as much
    (Mitchell 1991).
    """
    left, top, right, bottom = box
    chosen: list[tuple[float, float]] = []
    for _ in range(count):
        best, farthest = (0.0, 0.0), -1.0
        for _ in range(14):
            x, y = left + (right - left) * rng.random(), top + (bottom - top) * rng.random()
            near = min((((x - a) * flat) ** 2 + (y - b) ** 2 for a, b in chosen), default=1.0)
            if near > farthest:
                best, farthest = (x, y), near
        chosen.append(best)
    return chosen


def rank(count: int, half: float, size: float, wide: float) -> list[tuple[float, float, float]]:
    """Return (x, back 0..1, scale) of a group on the ground: one row, or a second behind it."""
    fits = max(1, int((2 * half * MARGIN - wide) / (wide * 0.86)) + 1)
    front = count if count <= min(fits, 3) else (count + 1) // 2
    out = []
    for row, members in ((0, front), (1, count - front)):
        step = min(wide * (0.98 if row == 0 else 0.92), 2 * half * MARGIN / max(members, 1))
        for k in range(members):
            out.append(((k - (members - 1) / 2) * step, float(row), 1.0 - 0.16 * row))
    return out
