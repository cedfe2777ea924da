"""Where other things hold on to a cut-out: the table anchors.toml, in fractions of its square."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

VOCABULARY = Path(__file__).resolve().parent / "vocabulary"


@dataclass(frozen=True)
class Anchor:
    """A point (x, y), the width that a thing fixed there takes (0: by its height), and an angle."""

    x: float
    y: float
    scale: float = 0.0
    angle: float = 0.0


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """Return the table of anchors."""
    return tomllib.loads((VOCABULARY / "anchors.toml").read_text(encoding="utf-8"))


def materials() -> dict[str, Any]:
    """Return the table of materials: a ramp of colours and an alpha."""
    return dict(table()["materials"])


def anchor_of(asset: str, body: str, name: str) -> Anchor:
    """Return an anchor: the asset's own with its body, the asset's, the body's, or the default."""
    data, body = table(), body.partition(":")[0]
    for key in (f"{asset}+{body}" if body else asset, f"body:{body}" if body else asset, "default"):
        entry = data["anchors"].get(key, {})
        if name in entry:
            return Anchor(*entry[name])
    return Anchor(0.5, 0.5)


def facing(asset: str) -> str:
    """Return "left", "right" or "front": where the cut-out looks."""
    for side in ("right", "front"):
        if asset in table()["facing"][side]:
            return side
    return "left"


def trim(asset: str) -> float:
    """Return the height of the square (0..1) below which a cut-out is left away; 1 is none."""
    return float(table()["trim"].get(asset, 1.0))


def waterline(asset: str) -> float:
    """Return how much of a floating thing's height is under water (0..1)."""
    return float(table()["waterline"].get(asset, table()["waterline"]["default"]))
