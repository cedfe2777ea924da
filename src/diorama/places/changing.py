"""Changing: what a season or a mood of the prompt makes of a place; the table is airs.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diorama.canvas import mix, rgb
from diorama.words import load


def changed(spec: Mapping[str, Any], weather: Sequence[str]) -> dict[str, Any]:
    """Return a place's table as it is in this season and mood."""
    out = dict(spec)
    for air in (load("airs")[name] for name in weather if name in load("airs")):
        for name, (colour, part) in air.get("toward", {}).items():
            if name in out:
                out[name] = _coded(mix(rgb(out[name]), rgb(colour), part))
        if "leafage" in air:
            out["leafage"] = air["leafage"]
        kinds = air.get("kinds", {})
        for rows in ("trees", "woods"):
            if rows in out:
                out[rows] = [[kinds.get(row[0], row[0]), *row[1:]] for row in out[rows]]
        put = dict(air.get("put", {}))
        if out.get("front") not in ("grass", "flowers"):
            put.pop("front", None)
        out.update(put)
    return out


def _coded(colour: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in colour)
