"""Clearing: what `--no` takes out of a place: its trees, flowers, grass and clouds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diorama.words import singular, tokens

BARE: dict[str, dict[str, Any]] = {
    "tree": {"trees": []},
    "plant": {"trees": [], "front": ""},
    "flower": {"flowers": []},
    "grass": {"front": ""},
    "cloud": {"cover": 0.0},
}


def cleared(spec: Mapping[str, Any], unwanted: str) -> dict[str, Any]:
    """Return a place's table without what the words of `unwanted` name."""
    out = dict(spec)
    for word in tokens(unwanted):
        out.update(BARE.get(singular(word), {}))
    return out
