"""Masonry drawn from polygons: what villages, castles, ruins and graveyards are built of.

Everything is lit from the upper left and stands on the lower edge of its field, as the cut-outs do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .canvas import Colour, mix, rgb, vec
from .noise import Field, fbm, smoothstep
from .shipyard import Point, blank, curve, lay

GROUND = 0.955  # where walls end
STONE, PALE, MOSS = "#9a9082", "#cfc4ae", "#5c7a3a"


def _blocks(x: Field, y: Field, colour: str, rows: float, seed: int) -> Field:
    """Return courses of hewn stone, each block of its own tone, paler on its upper left edge."""
    row = np.floor(y * rows)
    across = x * rows * 0.55 + 0.5 * (row % 2) + 0.13 * np.sin(row * 7.1)
    block = np.floor(across)
    tone = np.abs(np.sin(block * 12.9898 + row * 78.233 + seed)) % 1.0
    fx, fy = across - block, y * rows - row
    joint = smoothstep(0.07, 0.02, np.minimum(fx, 1 - fx) * 1.6) + smoothstep(
        0.10, 0.03, np.minimum(fy, 1 - fy)
    )
    worn = fbm(x * 1.6, y * 1.6, seed, gain=0.7)
    shade = 0.80 + 0.24 * tone + 0.16 * worn + 0.07 * (fy < 0.25)
    shade = shade * (1 - 0.38 * np.clip(joint, 0, 1))
    return np.asarray(vec(rgb(colour)) * (shade * (1.10 - 0.28 * x))[..., None], np.float32)


def _moss(field: Field, x: Field, y: Field, low: float, seed: int) -> None:
    """Let moss and ivy climb from the foot and hang from broken edges."""
    spread = fbm(x * 1.3, y * 1.1, seed, gain=0.66) + 1.5 * (y - low)
    leaf = 0.75 + 0.5 * fbm(x * 6, y * 6, seed + 1, gain=0.8)
    amount = smoothstep(0.45, 0.75, spread)[..., None] * 0.85
    field[..., :3] += (vec(rgb(MOSS)) * leaf[..., None] - field[..., :3]) * amount


def _column(
    field: Field, x: Field, y: Field, cx: float, top: float, foot: float, wide: float, whole: bool
) -> None:
    """Stand a fluted column; a broken one ends in a jagged edge."""
    half = wide / 2
    across = np.clip((x - cx) / half, -1, 1)
    flute = 0.93 + 0.09 * np.cos(np.arcsin(across) * 9.5)
    light = np.clip(1.06 - 0.42 * across - 0.30 * across**2, 0.3, 1.2) * flute
    worn = 0.92 + 0.16 * fbm(x * 2.2, y * 1.1, int(cx * 90), gain=0.7)
    drum = 1 - 0.22 * smoothstep(0.012, 0.004, np.abs((y * 6.2) % 1 - 0.5))
    stone = vec(rgb(PALE)) * (light * worn * drum)[..., None]
    tip = 0.84 * half
    if whole:
        edge = [(cx - tip, top), (cx + tip, top)]
    else:
        steps = np.linspace(-tip, tip, 6)
        edge = [(cx + s, top + 0.035 * np.sin(k * 2.4 + cx * 20)) for k, s in enumerate(steps)]
    lay(field, [*edge, (cx + half, foot), (cx - half, foot)], stone)
    base = [(cx - 1.35 * half, foot), (cx + 1.35 * half, foot)]
    lay(field, [(cx - 1.2 * half, foot - 0.03), (cx + 1.2 * half, foot - 0.03), *base[::-1]], stone)
    if whole:
        cap = [(cx - tip, top + 0.01), (cx + tip, top + 0.01)]
        lay(field, [(cx - 1.4 * half, top - 0.03), (cx + 1.4 * half, top - 0.03), *cap[::-1]],
            stone * 1.06)  # fmt: skip


def colonnade() -> Field:
    """Return what is left of a temple: steps, whole and broken columns, a piece of its beam."""
    field, x, y = blank()
    for k, (left, top) in enumerate(((0.0, 0.90), (0.03, 0.855), (0.06, 0.81))):
        stone = _blocks(x, y, PALE, 24, 5 + k) * (0.82 + 0.07 * k)
        right = 1 - left - (0.04 if k == 2 else 0.0)
        lay(field, [(left, top), (right, top + 0.004), (right, top + 0.06), (left, top + 0.06)],
            stone)  # fmt: skip
    columns = ((0.13, 0.24, True), (0.30, 0.24, True), (0.47, 0.24, True), (0.64, 0.46, False),
               (0.80, 0.62, False), (0.92, 0.36, False))  # fmt: skip
    for cx, top, whole in columns:
        _column(field, x, y, cx, top, 0.815, 0.075, whole)
    beam = _blocks(x, y, PALE, 15, 9) * 1.03
    lay(field, [(0.055, 0.125), (0.50, 0.125), (0.545, 0.165), (0.53, 0.215), (0.055, 0.215)], beam)
    lay(field, [(0.04, 0.10), (0.47, 0.10), (0.51, 0.135), (0.04, 0.135)], beam * 1.10)
    lay(field, [(0.55, 0.80), (0.57, 0.745), (0.66, 0.735), (0.69, 0.81)], beam * 0.92)
    _moss(field, x, y, 0.62, 41)
    return field


def archway() -> Field:
    """Return a broken wall with an arch through which the country beyond is seen."""
    field, x, y = blank()
    stone = _blocks(x, y, STONE, 17, 3)
    edge = [
        (0.04, GROUND),
        (0.05, 0.50),
        (0.09, 0.47),
        (0.10, 0.36),
        (0.16, 0.33),
        (0.18, 0.20),
        (0.26, 0.17),
        (0.30, 0.10),
        (0.60, 0.09),
        (0.64, 0.15),
        (0.72, 0.16),
        (0.74, 0.27),
        (0.82, 0.30),
        (0.84, 0.46),
        (0.91, 0.49),
        (0.92, 0.68),
        (0.97, 0.72),
        (0.98, GROUND),
    ]
    lay(field, edge, stone)  # fmt: skip
    away = np.hypot((x - 0.46) / 0.21, np.minimum(y - 0.47, 0) / 0.26)
    ring = smoothstep(1.24, 1.20, away) * (y < GROUND) * (np.abs(x - 0.46) < 0.27)
    turn = np.arctan2(y - 0.47, x - 0.46) * 5.2
    joint = np.where(y < 0.47, np.abs(turn - np.round(turn)), np.abs(y * 15 - np.round(y * 15)))
    voussoir = vec(rgb(PALE)) * (1.02 - 0.2 * x - 0.4 * smoothstep(0.09, 0.03, joint))[..., None]
    field[..., :3] += (voussoir - field[..., :3]) * ring[..., None]
    hole = smoothstep(1.0, 0.97, away) * (y < 1.0)
    deep = smoothstep(1.0, 0.98, np.hypot((x - 0.49) / 0.21, np.minimum(y - 0.49, 0) / 0.26))
    field[..., :3] *= (1 - 0.5 * (hole - np.minimum(hole, deep)))[..., None]
    field[..., 3] *= 1 - np.minimum(hole, deep)
    _moss(field, x, y, 0.50, 47)
    return field


def rubble() -> Field:
    """Return fallen drums of columns and hewn blocks, half sunk into the ground."""
    field, x, y = blank()
    for k, (cx, cy, wide, tall, slant) in enumerate(
        ((0.24, 0.90, 0.20, 0.11, 0.03), (0.72, 0.885, 0.24, 0.14, -0.02),
         (0.50, 0.93, 0.16, 0.08, 0.01), (0.90, 0.935, 0.12, 0.06, 0.0))
    ):  # fmt: skip
        stone = _blocks(x, y, PALE, 14 + 2 * k, 20 + k)
        left, right, top = cx - wide / 2, cx + wide / 2, cy - tall / 2
        front = [(left, top + 0.02 + slant), (right, top + 0.02 - slant)]
        lay(field, [*front, (right, GROUND + 0.01), (left, GROUND + 0.01)], stone * 0.82)
        back = [(right - 0.03, top - 0.03 - slant), (left + 0.04, top - 0.03 + slant)]
        lay(field, [*front, *back], stone * 1.18)
    drum = np.clip(1.06 - 0.55 * np.abs((y - 0.80) / 0.12), 0.45, 1.05)
    flute = 0.9 + 0.08 * np.cos((y - 0.83) * 150) + 0.2 * fbm(x * 2.4, y * 2.4, 14, gain=0.7)
    lay(field, [(0.30, 0.73), (0.60, 0.76), (0.60, 0.95), (0.30, 0.94)],
        vec(rgb(PALE)) * (drum * flute)[..., None])  # fmt: skip
    turn = np.linspace(0, 2 * np.pi, 26)
    face = [(0.30 + 0.045 * np.cos(a), 0.835 + 0.105 * np.sin(a)) for a in turn]
    lay(field, face, vec(rgb(PALE)) * (1.05 + 0.1 * fbm(x * 2, y * 2, 8))[..., None])
    _moss(field, x, y, 0.66, 51)
    return field


def gravestones() -> Field:
    """Return three old gravestones, one of them a cross, in the grass."""
    field, x, y = blank()
    stone = (
        _blocks(x, y, "#8b8c88", 3, 7) * (0.9 + 0.2 * fbm(x * 3, y * 3, 12, gain=0.75))[..., None]
    )
    for left, top, right, lean in ((0.06, 0.52, 0.33, -0.03), (0.70, 0.62, 0.93, 0.04)):
        middle = (left + right) / 2
        bow = curve(
            (left + lean, top + 0.1), (middle + lean, top - 0.12), (right + lean, top + 0.1)
        )
        body = [(left, GROUND), *bow, (right, GROUND)]
        lay(field, [(px + 0.03, py) for px, py in body], stone * 0.55)
        lay(field, body, stone)
        for k in range(3):
            row = top + 0.15 + 0.05 * k
            lay(field, [(left + 0.06, row), (right - 0.06, row), (right - 0.06, row + 0.012),
                        (left + 0.06, row + 0.012)], stone * 0.6)  # fmt: skip
    arms: Sequence[Point] = (
        (0.46, GROUND), (0.47, 0.50), (0.37, 0.505), (0.37, 0.41), (0.47, 0.405), (0.475, 0.27),
        (0.565, 0.27), (0.57, 0.40), (0.67, 0.395), (0.67, 0.49), (0.57, 0.495), (0.58, GROUND),
    )  # fmt: skip
    lay(field, [(px + 0.025, py) for px, py in arms], stone * 0.55)
    lay(field, arms, stone * 1.05)
    _moss(field, x, y, 0.62, 57)
    return field


def _pane(field: Field, cx: float, cy: float, wide: float, tall: float, frame: Colour) -> None:
    """Set a window with its cross into a wall."""
    for grow, tone in ((0.012, frame), (0.0, rgb("#3a4658"))):
        left, right = cx - wide / 2 - grow, cx + wide / 2 + grow
        top, low = cy - tall / 2 - grow, cy + tall / 2 + grow
        lay(field, [(left, top), (right, top), (right, low), (left, low)], tone)
    lay(
        field,
        [(cx - wide / 2, cy - tall / 2), (cx, cy - tall / 2), (cx - wide / 2, cy + tall / 4)],
        rgb("#8fa6bd"),
    )
    for box in ((cx - 0.004, cy - tall / 2, cx + 0.004, cy + tall / 2),
                (cx - wide / 2, cy - 0.004, cx + wide / 2, cy + 0.004)):  # fmt: skip
        lay(field, [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])], frame)


def _tiles(x: Field, y: Field, colour: str, slant: float) -> Field:
    """Return rows of roof tiles."""
    row = np.floor(y * 40)
    across = (x + slant * y) * 34 + 0.5 * (row % 2)
    tone = np.abs(np.sin(np.floor(across) * 9.7 + row * 23.1))
    gap = smoothstep(0.2, 0.05, np.minimum(across % 1, 1 - across % 1)) * 0.2
    shade = 0.82 + 0.22 * tone - gap - 0.16 * ((y * 40) % 1 > 0.8) + 0.1 * fbm(x, y, 33)
    return np.asarray(vec(rgb(colour)) * shade[..., None], np.float32)


def house(wall: str, roof: str, beams: bool) -> Field:
    """Return a village house with a gable before and a long roof; timbered if asked."""
    field, x, y = blank()
    lime = 0.93 + 0.09 * fbm(x * 1.5, y * 1.5, 15, gain=0.7) - 0.16 * smoothstep(0.80, 0.96, y)
    front = vec(rgb(wall)) * (lime * 1.06)[..., None]
    side = vec(rgb(wall)) * (lime * 0.70)[..., None]
    timber = rgb("#5a4030")
    lay(field, [(0.74, 0.30), (0.74, 0.14), (0.82, 0.14), (0.82, 0.30)], rgb("#8a5a48"))
    lay(field, [(0.725, 0.15), (0.725, 0.12), (0.835, 0.12), (0.835, 0.15)], rgb("#6d4438"))
    lay(field, [(0.46, 0.52), (0.97, 0.52), (0.97, GROUND), (0.46, GROUND)], side)
    gable = [(0.06, GROUND), (0.06, 0.53), (0.27, 0.20), (0.48, 0.53), (0.48, GROUND)]
    lay(field, gable, front)
    cover = _tiles(x, y, roof, 0.35)
    lay(field, [(0.27, 0.165), (0.80, 0.165), (1.0, 0.56), (0.51, 0.56)], cover)
    lay(field, [(0.27, 0.165), (0.29, 0.165), (0.53, 0.56), (0.49, 0.56)], cover * 1.2)
    lay(field, [(0.27, 0.165), (0.27, 0.225), (0.05, 0.575), (0.01, 0.555)], cover * 0.75)
    if beams:
        bars: list[tuple[Point, Point]] = [
            ((0.06, 0.55), (0.48, 0.55)),
            ((0.065, 0.75), (0.475, 0.75)),
            ((0.07, 0.55), (0.07, 0.95)),
            ((0.27, 0.23), (0.27, 0.75)),
            ((0.47, 0.55), (0.47, 0.95)),
            ((0.07, 0.75), (0.2, 0.55)),
            ((0.47, 0.75), (0.34, 0.55)),
            ((0.15, 0.40), (0.39, 0.40)),
        ]
        for a, b in bars:
            dx, dy = b[0] - a[0], b[1] - a[1]
            long = (dx * dx + dy * dy) ** 0.5
            nx, ny = -dy / long * 0.008, dx / long * 0.008
            lay(field, [(a[0] + nx, a[1] + ny), (b[0] + nx, b[1] + ny), (b[0] - nx, b[1] - ny),
                        (a[0] - nx, a[1] - ny)], timber)  # fmt: skip
    trim = rgb("#efe6d6") if not beams else timber
    _pane(field, 0.27, 0.475, 0.075, 0.09, trim)
    for cx in (0.145, 0.395):
        _pane(field, cx, 0.65, 0.075, 0.11, trim)
    for cx in (0.60, 0.74, 0.88):
        _pane(field, cx, 0.70, 0.07, 0.12, mix(trim, (0, 0, 0), 0.25))
    door = [(0.225, GROUND), (0.225, 0.79), *curve((0.225, 0.79), (0.27, 0.75), (0.315, 0.79))]
    lay(field, [*door, (0.315, GROUND)], rgb("#6d4a32"))
    shade = smoothstep(0.09, 0.0, y - 0.555) * (y > 0.555) * (x > 0.49)
    field[..., :3] *= (1 - 0.45 * shade)[..., None]
    return field


def chapel() -> Field:
    """Return a small church: a nave of lime and tiles, a tower with a pointed roof."""
    field, x, y = blank()
    lime = vec(rgb("#ebe5d8")) * (0.94 + 0.08 * fbm(x * 1.5, y * 1.5, 25, gain=0.7))[..., None]
    cover = _tiles(x, y, "#8a4a3a", 0.2)
    lay(field, [(0.36, 0.66), (0.86, 0.66), (0.86, GROUND), (0.36, GROUND)], lime * 0.82)
    lay(field, [(0.36, 0.52), (0.80, 0.52), (0.90, 0.685), (0.34, 0.685)], cover)
    tower = lime * np.clip(1.22 - 0.7 * x, 0.5, 1.1)[..., None]
    lay(field, [(0.20, 0.40), (0.40, 0.40), (0.40, GROUND), (0.20, GROUND)], tower)
    slate = _tiles(x, y, "#545c6c", 0.0) * np.clip(1.6 - 2.2 * x, 0.5, 1.2)[..., None]
    lay(field, [(0.17, 0.41), (0.30, 0.08), (0.43, 0.41)], slate)
    lay(field, [(0.297, 0.02), (0.303, 0.02), (0.303, 0.10), (0.297, 0.10)], rgb("#c9a64a"))
    lay(field, [(0.28, 0.045), (0.32, 0.045), (0.32, 0.052), (0.28, 0.052)], rgb("#c9a64a"))
    for cx, top, low in ((0.30, 0.46, 0.55), (0.47, 0.73, 0.86), (0.60, 0.73, 0.86),
                         (0.73, 0.73, 0.86)):  # fmt: skip
        bow = curve((cx - 0.022, top + 0.03), (cx, top - 0.03), (cx + 0.022, top + 0.03))
        lay(field, [(cx - 0.022, low), *bow, (cx + 0.022, low)], rgb("#3a4658"))
    door = [(0.265, GROUND), (0.265, 0.82), *curve((0.265, 0.82), (0.30, 0.76), (0.335, 0.82))]
    lay(field, [*door, (0.335, GROUND)], rgb("#5f432f"))
    return field


def keep() -> Field:
    """Return a castle of grey stone: a curtain wall, a gatehouse, towers with pointed roofs."""
    field, x, y = blank()
    stone = _blocks(x, y, "#a59c8f", 34, 2)

    def tower(cx: float, wide: float, top: float, roof: float, low: float = GROUND) -> None:
        half = wide / 2
        turn = np.clip((x - cx) / half, -1, 1)
        lit = np.clip(1.10 - 0.38 * turn - 0.24 * turn**2, 0.4, 1.2)[..., None]
        lay(field, [(cx - half, top), (cx + half, top), (cx + half, low), (cx - half, low)],
            stone * lit)  # fmt: skip
        lay(field, [(cx - 1.18 * half, top - 0.02), (cx + 1.18 * half, top - 0.02),
                    (cx + 1.18 * half, top + 0.025), (cx - 1.18 * half, top + 0.025)],
            stone * lit * 1.06)  # fmt: skip
        slate = _tiles(x, y, "#566173", 0.0) * np.clip(1.1 - 0.5 * turn, 0.4, 1.3)[..., None]
        if roof:
            lay(
                field,
                [(cx - 1.3 * half, top - 0.018), (cx, top - roof), (cx + 1.3 * half, top - 0.018)],
                slate,
            )
        for k in range(2):
            row = top + 0.08 + 0.11 * k
            if row < low - 0.08:
                lay(field, [(cx - 0.007, row), (cx + 0.007, row), (cx + 0.007, row + 0.045),
                            (cx - 0.007, row + 0.045)], rgb("#2c2a30"))  # fmt: skip

    def battlement(left: float, right: float, top: float, low: float, tone: float) -> None:
        lay(field, [(left, top), (right, top), (right, low), (left, low)], stone * tone)
        count = max(2, round((right - left) / 0.045))
        for k in range(count):
            a = left + (right - left) * k / count
            b = a + 0.58 * (right - left) / count
            lay(field, [(a, top - 0.028), (b, top - 0.028), (b, top + 0.01), (a, top + 0.01)],
                stone * tone * 1.05)  # fmt: skip

    tower(0.60, 0.14, 0.20, 0.17)
    tower(0.38, 0.12, 0.32, 0.14)
    battlement(0.28, 0.74, 0.42, 0.75, 0.86)
    tower(0.73, 0.10, 0.38, 0.13)
    battlement(0.06, 0.94, 0.62, GROUND, 0.98)
    tower(0.09, 0.13, 0.50, 0.15)
    tower(0.91, 0.13, 0.52, 0.15)
    tower(0.40, 0.10, 0.56, 0.0)
    tower(0.60, 0.10, 0.56, 0.0)
    battlement(0.40, 0.60, 0.60, GROUND, 1.04)
    gate = [(0.45, GROUND), (0.45, 0.80), *curve((0.45, 0.80), (0.50, 0.68), (0.55, 0.80))]
    lay(field, [*gate, (0.55, GROUND)], rgb("#2e2622"))
    for k in range(4):
        lay(
            field,
            [
                (0.46 + 0.024 * k, 0.76),
                (0.466 + 0.024 * k, 0.76),
                (0.466 + 0.024 * k, GROUND),
                (0.46 + 0.024 * k, GROUND),
            ],
            rgb("#51443a"),
        )
    _moss(field, x, y, 0.72, 63)
    return field


MASONRY = {
    "colonnade": colonnade,
    "archway": archway,
    "rubble": rubble,
    "gravestones": gravestones,
    "keep": keep,
    "chapel": chapel,
    "timbered-house": lambda: house("#e9dfca", "#9c4f38", beams=True),
    "plastered-house": lambda: house("#dcb98a", "#7d4a3c", beams=False),
    "white-house": lambda: house("#ece8df", "#6a6470", beams=False),
}
