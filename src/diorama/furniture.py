"""Furniture drawn from polygons: what cut-outs do not have, and other things stand on."""

from __future__ import annotations

import numpy as np

from .canvas import rgb, vec
from .noise import Field, fbm
from .shipyard import blank, lay

WOOD, BACK, EDGE, FOOT = "#a9713f", 0.30, 0.43, 0.985  # colour, and heights in the square


def table() -> Field:
    """Return a wooden table seen from the front and a little above; things stand on its top."""
    field, x, y = blank()
    grain = 0.92 + 0.06 * np.cos((y + 0.012 * np.sin(9 * x)) * 150) + 0.08 * fbm(x, y * 6, 7)
    wood = vec(rgb(WOOD)) * grain[..., None]
    for left in (0.19, 0.76):
        _leg(field, wood * 0.55, left, left + 0.05, 0.45, 0.90)
    apron = [(0.06, EDGE), (0.94, EDGE), (0.93, 0.55), (0.07, 0.55)]
    lay(field, apron, wood * (0.60 + 0.5 * np.clip(0.55 - y, 0, 1))[..., None])
    for left in (0.06, 0.865):
        _leg(field, wood * (0.98 - 0.25 * x)[..., None], left, left + 0.075, 0.45, FOOT)
    near = 0.86 + 0.9 * np.clip(y - BACK, 0, 1) - 0.22 * x
    board = [(0.15, BACK), (0.85, BACK), (0.99, EDGE), (0.01, EDGE)]
    lay(field, board, 1.3 * wood * near[..., None])
    lay(field, [(0.01, EDGE), (0.99, EDGE), (0.99, 0.468), (0.01, 0.468)], wood * 0.9)
    return np.clip(field, 0, 1)


def _leg(field: Field, tone: Field, left: float, right: float, top: float, foot: float) -> None:
    """Draw a leg that narrows towards its foot."""
    narrow = 0.25 * (right - left)
    lay(field, [(left, top), (right, top), (right - narrow, foot), (left + narrow, foot)], tone)
