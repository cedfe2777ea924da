"""Where other things hold on to a cut-out: the table anchors.toml, in fractions of its square."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

VOCABULARY = Path(__file__).resolve().parent / "vocabulary"


ASIDE = 0.42  # left of this the eyes are those of one that is seen from the side


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
    if name == "offhand":
        hand = anchor_of(asset, body, "hand")
        return Anchor(1 - hand.x, hand.y, hand.scale, -hand.angle)
    face = _entry(asset, body, "eyes") if name == "neck" else ()
    if face and not _entry(asset, body, name):  # under the face, and behind it from the side
        x, y, wide = face[:3]
        return Anchor(x + (0.5 * wide if x < ASIDE else 0.0), y + 0.9 * wide, 1.1 * wide)
    spot = _entry(asset, body, name) or table()["anchors"]["default"].get(name, (0.5, 0.5))
    return Anchor(*spot)


def fixed_at(asset: str, body: str, name: str) -> bool:
    """Tell whether the table gives this anchor for the cut-out or its body, not just for all."""
    return bool(_entry(asset, body, name))


def _entry(asset: str, body: str, name: str) -> Sequence[float]:
    anchors, body = table()["anchors"], body.partition(":")[0]
    keys = (f"{asset}+{body}" if body else asset, f"body:{body}" if body else asset, asset)
    return next((anchors[k][name] for k in keys if name in anchors.get(k, {})), ())


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
