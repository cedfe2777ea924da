"""Growth: the trees and bushes of a place's table, scattered in groves, far ones first."""

from __future__ import annotations

import numpy as np

from diorama import flora
from diorama.canvas import Colour, mix
from diorama.noise import Field, fbm, smoothstep
from diorama.rocks import rock
from diorama.stage import Stage

WADING = 0.03  # how far over the water's level a foot stands
LEAFY = ("broad", "bush", "birch")


def _spots(
    stage: Stage, name: str, count: int, near: float, far: float
) -> list[tuple[float, float, float]]:
    """Return (u, v, random) of scattered growth, far ones first."""
    found = []
    for part, dx, _ in stage.chunks(4.4, -2.2):
        rng = stage.rng(name + part)
        v = near + (far - near) * rng.random(count) ** 0.8
        x = rng.random(count) * 4.4 - 2.2 + dx
        found.append((v, x, rng.random(count)))
    v, x, roll = (np.concatenate(values) for values in zip(*found, strict=True))
    # trees stand in groves, and open ground lies between them
    grove = fbm(x * v * 0.035, v * 0.05, stage.noise("grove"))
    kept = roll < 0.32 + smoothstep(-0.4, 0.2, grove)
    v, x, roll = v[kept], x[kept], roll[kept]
    order = np.argsort(-v)
    return [(float(x[i] * v[i]), float(v[i]), float(roll[i])) for i in order]


def grow(stage: Stage, table: str = "trees") -> None:
    """Plant the trees and bushes of a table of the place."""
    relief = stage.ground()
    plans = stage.spec.get(table, [])
    sea = float(stage.spec.get("water", -1e9)) + WADING
    for order, plan in enumerate(plans):
        stage.reached(0.78 + 0.22 * order / len(plans))
        kind, count, near, far, tall = plan[:5]
        green = plan[5] if len(plan) > 5 else ""
        clear = float(plan[6]) if len(plan) > 6 else 0.3
        spots = _spots(stage, f"trees-{kind}-{far}", int(count), near, far)
        if not spots:
            continue
        points = np.asarray(spots, np.float32)
        levels = relief.height(points[:, :1], points[:, 1:2])[:, 0]
        for (u, v, roll), level in zip(spots, levels, strict=True):
            x = u / v
            y = relief.horizon + (relief.eye - float(level)) / v
            if level < sea or (
                abs(x - stage.notes.get("focus", 0.0)) < clear / max(v / near, 1) ** 0.5
                and v < far * 0.55
            ):
                continue
            if any(
                y > ry - 0.01 and abs(x - rx) < half
                for rx, ry, half in stage.notes.get("stands", [])
            ):
                continue
            height = tall * (0.75 + 0.5 * roll) / v
            if y - height > stage.canvas.bottom or height * stage.canvas.unit < 1.5:
                continue
            _tree(stage, kind, green, x, y, v, height, roll)


def _tree(
    stage: Stage, kind: str, green: str, x: float, y: float, v: float, tall: float, roll: float
) -> None:
    pick = (stage.noise("tree") + int(roll * 5)) % 8
    light = stage.light
    sun_side = np.exp(-(((x - light.azimuth) / 0.8) ** 2))
    tone: Colour = stage.tone(0.45 + 0.35 * (1 - sun_side) + 0.1 * roll)
    if stage.snow:
        tone = mix(tone, stage.frost(), 0.74)
    image = plant(kind, pick, leafage(stage, kind, green, pick), stage.snow)
    flora.stamp(
        stage.canvas,
        image,
        x,
        y + tall * 0.02,
        tall,
        flip=light.azimuth > 0,
        tone=tone,
        haze=stage.haze(),
        fog=min(0.93, veil(stage, v)),
    )


def veil(stage: Stage, v: float) -> float:
    """Return how far the air hides what grows at a distance (0..1): a little less than ground."""
    density = 0.008 + 0.068 * stage.light.mist * float(stage.spec.get("haze", 1.0))
    return float(1 - np.exp(-max(v - 0.6, 0.0) * density))


def leafage(stage: Stage, kind: str, green: str, pick: int = 0) -> str:
    """Return the colour of a plant's leaves in this season: one of several, by the plant."""
    colours = stage.spec.get("leafage", [])
    if kind not in LEAFY or not colours:
        return green
    return str(colours[pick % len(colours)])


def plant(kind: str, seed: int, green: str, snow: bool) -> Field:
    """Return the image of a plant by kind: pine, broad, birch, palm, bare, bush or bloom."""
    if kind == "pine":
        return flora.pine(seed % 4, snow, green or "#2f6b45")
    if kind == "rock":
        return rock(seed % 4, green or "#8a8077")
    if kind == "palm":
        return flora.palm(seed)
    if kind == "bare":
        return flora.bare(seed)
    if kind == "birch":
        return flora.birch(seed % 4, "" if snow else green or "#86a845")
    if kind == "bush":
        return flora.bush(seed, green or "#4d8a3c", "")
    if kind == "bloom":
        return flora.bush(seed, "#4d8a3c", green or "#f2a0b8")
    if snow:
        return flora.bare(seed)
    return flora.broad(seed % 5, green or "#5d9440")
