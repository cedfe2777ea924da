"""The library: walls of books, lamps, a floor of planks."""

from __future__ import annotations

import numpy as np

from diorama.canvas import blur, mix, rgb, vec
from diorama.stage import Stage

from . import walls

HUES = (
    "#7c2f2b",
    "#2f4a6b",
    "#3c5b3e",
    "#8a6a2f",
    "#5a3a5e",
    "#a3553a",
    "#d8c79a",
    "#27424a",
    "#c08a3e",
)
STEP = 0.135  # from shelf to shelf, in world units


def _books(stage: Stage, rng: np.random.Generator, y: float, x: float, end: float) -> None:
    """Stand books on the shelf at world y, from x to the end."""
    canvas = stage.canvas
    ambient = vec(mix(walls.ambient(stage), (1.0, 0.78, 0.52), 0.45))
    while x < end:
        wide = 0.011 + 0.016 * float(rng.random())
        tall = STEP * (0.58 + 0.28 * float(rng.random()))
        gap = float(rng.random()) < 0.035
        roll, hue = float(rng.random()), HUES[int(rng.integers(len(HUES)))]
        a, b = canvas.to_px(x, y - tall), canvas.to_px(x + wide, y)
        x0, x1 = max(0, round(a[0])), min(canvas.width, round(b[0]))
        y0, y1 = max(0, round(a[1])), max(0, round(b[1]))
        if not gap and x1 > x0 and y1 > y0:
            t = np.linspace(-0.9, 0.9, x1 - x0, dtype=np.float32)[None, :, None]
            book = (
                vec(mix(rgb(hue), (0.4, 0.3, 0.2), 0.2 * roll))
                * ambient
                * (0.55 + 0.45 * np.sqrt(1 - t * t))
            )
            canvas.pixels[y0:y1, x0:x1] = book
            for at in (0.12, 0.2, 0.82):
                row = y0 + int((y1 - y0) * at)
                if roll > 0.4 and y1 - y0 > 12:
                    canvas.pixels[row : row + max(1, (y1 - y0) // 40), x0:x1] = (
                        book * 0.4 + vec((0.85, 0.68, 0.32)) * 0.5
                    )
        x += wide + 0.0015 + (0.03 if gap else 0)


def back(stage: Stage) -> None:
    """Paint shelves full of books under lamp light, and a wooden floor."""
    stage.inside = True
    canvas = stage.canvas
    ambient = vec(mix(walls.ambient(stage), (1.0, 0.78, 0.52), 0.45))
    wood = vec(stage.colour("wood", "#5b3820"))
    canvas.pixels[:] = wood * 0.35 * ambient
    half = stage.half
    step = STEP
    y = stage.horizon - 0.03
    shelves = [
        (stage.rng(f"books{name}"), dx - half - 0.05, dx + half)
        for name, dx, _ in stage.chunks(2 * half + 0.08, -half - 0.05)
    ]
    while y > min(canvas.top, 0) - step:
        for rng, left, right in shelves:
            _books(stage, rng, y, left, right)
        a, b = canvas.to_px(0, y), canvas.to_px(0, y + 0.02)
        y0, y1 = max(0, round(a[1])), max(0, round(b[1]))
        canvas.pixels[y0:y1] = wood * ambient * 1.1
        shade = np.linspace(0.45, 1, max(2, round(0.045 * canvas.unit)), dtype=np.float32)[
            :, None, None
        ]
        part = canvas.pixels[y1 : y1 + len(shade)]
        part *= shade[: len(part)]
        y -= step
    reach = 3 + max(0, int(max(-canvas.left, canvas.right) / 0.52 - 3))
    for k in range(-reach, reach + 1):
        px = canvas.to_px(k * 0.52 + 0.26, 0)[0]
        wide = max(2, round(0.022 * canvas.unit))
        x0 = round(px - wide / 2)
        if 0 <= x0 < canvas.width - wide:
            t = np.linspace(-0.8, 0.8, wide, dtype=np.float32)[None, :, None]
            canvas.pixels[:, x0 : x0 + wide] = wood * ambient * (0.7 + 0.6 * np.sqrt(1 - t * t))
    stage.reached(0.35)
    low = canvas.small(480)
    gx, gy = low.grid()
    lamp = 0.5 + 0.75 * np.exp(
        -(((gx - stage.light.azimuth * 0.5) / 0.5) ** 2 + ((gy - 0.32) / 0.42) ** 2)
    )
    canvas.pixels *= canvas.fit(np.asarray(lamp, np.float32))[..., None]
    canvas.pixels[:] = blur(canvas.pixels, 0.0022 * canvas.unit)
    stage.reached(0.55)
    walls.planks(stage, stage.colour("floor", "#6e4526"), stage.horizon)
    if float(stage.rng("rug").random()) < 0.8:
        walls.rug(stage)
