"""Indoors: studio, room, and what stays empty before the things."""

from __future__ import annotations

import numpy as np

from diorama.canvas import mix, vec
from diorama.noise import fbm, smoothstep
from diorama.stage import Stage

from . import furnishing, pictures, walls


def studio(stage: Stage) -> None:
    """Paint a seamless backdrop that curves into the floor under a soft spot."""
    stage.inside = True
    canvas = stage.canvas
    low = canvas.small(640)
    x, y = low.grid()
    base, other = walls.palette(stage, 0), walls.palette(stage, 1)
    focus = float(stage.notes.get("focus", 0.0))
    spot = np.exp(-(((x - focus) / 0.55) ** 2 + ((y - 0.36) / 0.45) ** 2))
    sweep = smoothstep(stage.horizon - 0.12, stage.horizon + 0.16, y)
    wall = vec(mix(base, other, 0.25)) * (0.60 + 0.5 * spot)[..., None]
    wall = wall + 0.16 * (spot**2)[..., None]
    floor = (
        vec(mix(base, (1, 1, 1), 0.12))
        * (0.82 + 0.26 * np.exp(-(((x - focus) / 0.8) ** 2)))[..., None]
    )
    tone = wall + (floor - wall) * sweep[..., None]
    tone = tone * (1 - 0.14 * np.exp(-(((y - stage.horizon - 0.0) / 0.09) ** 2)))[..., None]
    grain = fbm(x * 0.6, y * 0.6, stage.noise("paper"), gain=0.7)
    low.pixels[:] = (
        tone * vec(mix(walls.ambient(stage), (1, 1, 1), 0.5)) * (1 + 0.02 * grain)[..., None]
    )
    canvas.pixels[:] = canvas.fit(low.pixels)
    if float(stage.rng("disc").random()) < 0.55:
        xx, yy = canvas.grid()
        radius = 0.30 + 0.06 * float(stage.rng("disc").random())
        d = np.hypot(xx - focus, yy - 0.42)
        disc = smoothstep(radius + 0.002, radius - 0.002, d) * smoothstep(
            stage.horizon + 0.04, stage.horizon - 0.06, yy
        )
        shade = vec(mix(other, (1, 1, 1), 0.28)) * (1.02 - 0.25 * (yy - 0.2))[..., None]
        canvas.blend(np.asarray(shade, np.float32), np.asarray(disc * 0.62, np.float32))


def room(stage: Stage) -> None:
    """Paint a room: wall, pictures, skirting, a plank floor, a rug, furniture."""
    low = walls.wall(stage, walls.palette(stage, 0))
    stage.canvas.pixels[:] = stage.canvas.fit(low.pixels)
    furnishing.worn(stage)
    pictures.hang(stage)
    stage.reached(0.4)
    walls.planks(stage, stage.colour("floor", "#a06a3c"), stage.horizon)
    stage.reached(0.75)
    walls.skirting(stage, stage.horizon, (0.93, 0.91, 0.88))
    if float(stage.rng("rug").random()) < 0.7:
        walls.rug(stage)
    furnishing.furnish(stage)


def front(stage: Stage) -> None:
    """Nothing stands before the things of a room."""
