"""Trees, drawn: pines, broad trees, birches, palms, bare trees, bushes.

They are premultiplied RGBA images made once for a seed, light from the upper left, and stamped
many times; what grows low is in `undergrowth`. Kept as bytes, the plants of several places stay in
memory, so that a painter that runs seldom draws one anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from .canvas import Canvas, Colour, mix, rgb, vec
from .noise import Field, fbm, generator, smoothstep

TALL = 448
LEAVES = 3400  # dabbed over a broad tree; a third falls beside its crown


def _strokes(rgba: Field, a: Sequence[float], b: Sequence[float], tone: Colour, width: int) -> None:
    start = (int(a[0] * 16), int(a[1] * 16))
    stop = (int(b[0] * 16), int(b[1] * 16))
    cv2.line(rgba, start, stop, (*tone, 1.0), width, cv2.LINE_AA, 4)


def pressed(image: Field, soft: float = 0.6) -> Field:
    """Return a drawn plant (0..1) as it is kept: its edges softened, as bytes."""
    if soft:
        image = cv2.GaussianBlur(image, (0, 0), soft)
    out = (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)
    out.setflags(write=False)
    return out


@lru_cache(maxsize=8)
def pine(seed: int, snow: bool, green: str = "#2f6b45") -> Field:
    """Return a pine (TALL, ~0.55 TALL, 4) premultiplied; snow lies on its boughs if asked."""
    rng = generator("pine", seed)
    width = int(TALL * 0.56)
    out = np.zeros((TALL, width, 4), np.float32)
    cx = width / 2
    slim = 0.8 + 0.35 * float(rng.random())
    _strokes(out, (cx, TALL * 0.8), (cx, TALL - 2), rgb("#4a3527"), 11)
    _strokes(out, (cx - 3, TALL * 0.8), (cx - 3, TALL - 2), rgb("#6d4f38"), 3)
    base, tiers = rgb(green), 15
    for tier in range(tiers):
        t = (tier + 1) / tiers
        y = TALL * (0.92 - 0.88 * t**0.92)
        half = width * 0.47 * slim * (1 - t) ** 0.78 + 3
        count = int(26 + 34 * (1 - t))
        for _ in range(count):
            side = float(rng.random()) * 2 - 1
            reach = half * side * (0.75 + 0.3 * float(rng.random()))
            drop = abs(side) * half * (0.32 + 0.16 * float(rng.random()))
            lift = float(rng.random()) * TALL * 0.028
            tone = 0.42 + 0.36 * float(rng.random()) - 0.2 * side + 0.12 * t
            shade = mix(mix(base, (0, 0, 0.02), 0.55), mix(base, (0.85, 0.9, 0.6), 0.25), tone)
            start = (cx + reach * 0.12, y - lift)
            _strokes(out, start, (cx + reach, y + drop - lift), shade, 4 if t < 0.75 else 3)
        if not snow:
            continue
        for _ in range(int(count * 0.8)):
            side = (float(rng.random()) * 2 - 1) * 0.96
            reach = half * side
            drop = abs(side) * half * 0.36
            inner = 0.55 + 0.25 * float(rng.random())
            lift = TALL * (0.012 + 0.016 * float(rng.random()))
            tone = 0.84 + 0.15 * float(rng.random()) - 0.1 * max(side, 0)
            start = (cx + reach * inner, y + drop * inner - lift)
            _strokes(out, start, (cx + reach, y + drop - lift), (tone * 0.96, tone * 0.98, tone), 5)
    return pressed(out, 0.7)


@lru_cache(maxsize=24)  # a meadow's woods and trees ask for ten, a village's for five others
def broad(seed: int, green: str = "#5d9440", trunk: str = "#6b4a31") -> Field:
    """Return a broad-leaved tree (TALL, 0.9 TALL, 4) premultiplied."""
    rng = generator("broad", seed)
    width = int(TALL * 0.9)
    y, x = np.mgrid[0:TALL, 0:width].astype(np.float32)
    out = np.zeros((TALL, width, 4), np.float32)
    cx = width / 2
    for k in range(7):
        lean = (float(rng.random()) - 0.5) * width * 0.5
        _strokes(
            out,
            (cx, TALL * 0.66),
            (cx + lean, TALL * 0.34),
            mix(rgb(trunk), (0, 0, 0), 0.25),
            9 - k // 2,
        )
    trunk_poly = np.asarray(
        [[cx - 15, TALL * 0.58], [cx + 15, TALL * 0.58], [cx + 21, TALL - 2], [cx - 25, TALL - 2]]
    )
    cv2.fillPoly(out, [trunk_poly.astype(np.int32)], (*rgb(trunk), 1.0), cv2.LINE_AA)
    out[..., :3] *= (1.15 - 0.5 * smoothstep(cx - 20, cx + 20, x))[..., None]
    mass = np.full((TALL, width), -1.0, np.float32)
    lit = np.zeros((TALL, width), np.float32)
    noise = fbm(x / 300, y / 300, seed) * 0.75 + fbm(x / 90, y / 90, seed + 1) * 0.4
    for _ in range(26):
        angle, away = float(rng.random()) * 6.28, float(rng.random()) ** 0.6
        px = cx + np.cos(angle) * away * width * 0.33
        py = TALL * 0.36 + np.sin(angle) * away * TALL * 0.23
        radius = TALL * (0.08 + 0.07 * float(rng.random()))
        reach = radius * 1.5
        rows = slice(max(0, int(py - reach)), int(py + reach) + 1)
        columns = slice(max(0, int(px - reach)), int(px + reach) + 1)
        dx, dy = (x[rows, columns] - px) / radius, (y[rows, columns] - py) / radius
        d = 1 - np.hypot(dx, dy)
        light = 0.5 - 0.35 * dx - 0.5 * dy + 0.12 * (0.36 - py / TALL)
        front = d + 0.35 * py / TALL
        better = (d + noise[rows, columns] * 0.4 > 0) & (front > mass[rows, columns])
        mass[rows, columns][better] = front[better]
        lit[rows, columns][better] = light[better]
    alpha = smoothstep(-0.9, -0.8, mass)
    tone = np.clip(0.12 + 0.62 * lit + 0.5 * noise, 0, 1)[..., None]
    base = rgb(green)
    dark, light_tone = (
        vec(mix(base, (0.02, 0.05, 0.08), 0.68)),
        vec(mix(base, (1, 0.96, 0.55), 0.42)),
    )
    leaf = dark + (light_tone - dark) * tone
    a = cv2.GaussianBlur(alpha, (0, 0), 0.8)[..., None]
    out *= 1 - a
    out += np.dstack([leaf, np.ones_like(tone)]) * a
    _leaves(out, rng, alpha, np.clip(0.1 + 0.75 * lit + 0.45 * noise, 0, 1), dark, light_tone)
    return pressed(out, 0)


def _leaves(
    out: Field, rng: np.random.Generator, crown: Field, lit: Field, dark: Field, light: Field
) -> None:
    """Dab leaves over a crown and a little beyond its edge, each in the light of its place."""
    tall, width = crown.shape
    edge = cv2.dilate(crown, np.ones((9, 9), np.uint8))
    shade = cv2.GaussianBlur(np.asarray(lit * crown, np.float32), (0, 0), 5)
    shade = shade / np.maximum(cv2.GaussianBlur(crown, (0, 0), 5), 0.05)
    xs, ys = rng.integers(width, size=LEAVES), rng.integers(tall, size=LEAVES)
    turns, rolls = rng.random(LEAVES) * 180, rng.standard_normal(LEAVES)
    kept = edge[ys, xs] > 0.5
    xs, ys, turns, rolls = xs[kept], ys[kept], turns[kept], rolls[kept]
    part = np.clip(shade[ys, xs] + 0.16 * rolls, 0, 1)[:, None]
    tones = np.hstack([dark + (light - dark) * part, np.ones_like(part)]).tolist()
    for x, y, turn, tone in zip(xs.tolist(), ys.tolist(), turns.tolist(), tones, strict=True):
        cv2.ellipse(out, (x, y), (5, 3), turn, 0, 360, tone, -1, cv2.LINE_AA)


@lru_cache(maxsize=6)
def palm(seed: int) -> Field:
    """Return a palm (TALL, 0.9 TALL, 4) premultiplied."""
    rng = generator("palm", seed)
    width = int(TALL * 0.9)
    out = np.zeros((TALL, width, 4), np.float32)
    lean = (float(rng.random()) - 0.5) * 0.4
    top = np.asarray([width * (0.5 + lean * 0.5), TALL * 0.3])
    foot = np.asarray([width * (0.5 - lean * 0.3), TALL - 2.0])
    middle = (top + foot) / 2 + np.asarray([-lean * 60, 0])
    for t in np.linspace(0, 1, 60):
        point = (1 - t) ** 2 * foot + 2 * t * (1 - t) * middle + t**2 * top
        tone = mix(rgb("#6d4f35"), rgb("#b08a5c"), 0.5 + 0.5 * float(np.sin(t * 150)))
        cv2.circle(
            out, (int(point[0]), int(point[1])), int(11 - 4 * t), (*tone, 1.0), -1, cv2.LINE_AA
        )
    fronds = sorted((float(rng.random()), k) for k in range(13))
    for near, k in fronds:
        angle = -np.pi / 2 + (k - 6) * 0.30 + 0.1 * float(rng.normal())
        long = TALL * (0.25 + 0.10 * float(rng.random())) * (0.72 + 0.28 * abs(np.sin(angle * 0.5)))
        sag = 0.50 + 0.35 * near
        for t in np.linspace(0.06, 1, 44):
            px = top[0] + np.cos(angle) * long * t
            py = top[1] + np.sin(angle) * long * t * 0.75 + sag * long * t**2.3
            blade = TALL * 0.052 * np.sin(min(t * 1.05 + 0.12, 1.0) * np.pi) ** 0.6 + 2
            lean = angle + 1.2 * sag * t * np.sign(np.cos(angle))
            light = 0.28 + 0.5 * near - 0.24 * np.cos(angle) + 0.16 * float(rng.normal())
            tone = mix(rgb("#1b4f2e"), rgb("#92b855"), float(np.clip(light, 0, 1)))
            for side in (-1, 1):
                turn = lean + side * (1.05 - 0.45 * t)
                end = (px + np.cos(turn) * blade, py + np.sin(turn) * blade + 0.35 * blade)
                _strokes(out, (px, py), end, tone, 2 if t < 0.8 else 1)
    for k in range(3):
        at = (int(top[0] + (k - 1) * 8), int(top[1] + 9))
        cv2.circle(out, at, 7, (*mix(rgb("#5a3d22"), rgb("#8a6238"), k / 2), 1.0), -1, cv2.LINE_AA)
    return pressed(out)


@lru_cache(maxsize=6)
def bare(seed: int, colour: str = "#3a2d28") -> Field:
    """Return a leafless tree (TALL, 0.8 TALL, 4) premultiplied."""
    rng = generator("bare", seed)
    width = int(TALL * 0.8)
    out = np.zeros((TALL, width, 4), np.float32)

    def grow(x: float, y: float, angle: float, long: float, thick: float) -> None:
        nx, ny = x + np.cos(angle) * long, y + np.sin(angle) * long
        _strokes(out, (x, y), (nx, ny), rgb(colour), max(1, round(thick)))
        if thick < 1.2:
            return
        for _ in range(2 + int(rng.random() < 0.35)):
            turn = (float(rng.random()) - 0.5) * 1.3
            grow(nx, ny, angle + turn, long * (0.68 + 0.2 * float(rng.random())), thick * 0.66)

    grow(width / 2, TALL - 2.0, -np.pi / 2, TALL * 0.24, 17)
    return pressed(out, 0)


@lru_cache(maxsize=16)
def birch(seed: int, green: str = "#86a845") -> Field:
    """Return a birch (TALL, 0.5 TALL, 4) premultiplied: a white stem, hanging twigs, small leaves.

    Without a green it is leafless.
    """
    rng = generator("birch", seed)
    width = TALL // 2
    out = np.zeros((TALL, width, 4), np.float32)
    lean = (float(rng.random()) - 0.5) * 26
    rows = np.arange(int(TALL * 0.06), TALL - 1)
    t = 1 - rows / TALL
    middle = width / 2 + lean * t**1.6
    half = 1.0 + 7.5 * (1 - t) ** 1.2
    xs = np.arange(width, dtype=np.float32)[None, :]
    across = (xs - middle[:, None]) / half[:, None]
    stem = smoothstep(1.15, 0.8, np.abs(across))
    tone = np.clip(0.92 - 0.34 * across, 0.45, 1.0)
    mark = fbm(xs / 60 + 0 * across, rows[:, None] / 34 + 0 * across, 300 + seed, gain=0.7)
    bands = smoothstep(0.24, 0.5, mark) * smoothstep(-0.9, 0.6, across + 0.4 * mark)
    tone = tone * (1 - 0.75 * bands) * (0.55 + 0.45 * smoothstep(0.0, 0.1, t))[:, None]
    out[rows[0] : rows[-1] + 1, :, :3] = tone[..., None] * vec((0.95, 0.93, 0.89))
    out[rows[0] : rows[-1] + 1, :, :3] *= stem[..., None]
    out[rows[0] : rows[-1] + 1, :, 3] = stem
    for _ in range(64):
        high = 0.30 + 0.64 * float(rng.random()) ** 0.8
        x, y = width / 2 + lean * high**1.6, TALL * (1 - high)
        side = -1 if rng.random() < 0.5 else 1
        reach = side * width * (0.12 + 0.30 * float(rng.random())) * (1.15 - high) ** 0.6
        lift = TALL * (0.04 + 0.07 * float(rng.random()))
        last = (x, y)
        for step in np.linspace(0.12, 1, 9):
            point = (x + reach * step, y - lift * np.sin(step * 2.4) + TALL * 0.10 * step**3)
            _strokes(out, last, point, rgb("#4d4038"), 2 if step < 0.4 else 1)
            last = point
            for _ in range(9 if green and step > 0.2 else 0):
                leaf = (point[0] + 9 * float(rng.normal()), point[1] + 7 + 11 * float(rng.normal()))
                light = 0.5 - 0.9 * (leaf[0] - width / 2) / width + 0.35 * float(rng.normal())
                shade = mix(mix(rgb(green), (0, 0, 0), 0.5), mix(rgb(green), (1, 1, 0.6), 0.4),
                            float(np.clip(light, 0, 1)))  # fmt: skip
                at = (int(leaf[0] * 16), int(leaf[1] * 16))
                cv2.circle(out, at, 34, (*shade, 1.0), -1, cv2.LINE_AA, 4)
    return pressed(out)


@lru_cache(maxsize=32)  # a garden asks for fifteen
def bush(seed: int, green: str = "#4d8a3c", bloom: str = "") -> Field:
    """Return a low bush (TALL/2, TALL, 4) premultiplied, with blossoms of a colour if given."""
    rng = generator("bush", seed)
    height, width = TALL // 2, TALL * 3 // 4
    out = np.zeros((height, width, 4), np.float32)
    base = rgb(green)
    dark, light = mix(base, (0, 0.02, 0.05), 0.62), mix(base, (1, 0.97, 0.55), 0.38)
    for k in range(620):
        t = k / 620
        angle = np.pi * (1 + float(rng.random()))
        away = float(rng.random()) ** 0.5 * (1 - 0.25 * t)
        px = width / 2 + np.cos(angle) * away * width * 0.46
        py = height - 4 + np.sin(angle) * away * height * 0.86
        tone = float(0.15 + 0.5 * t + 0.3 * (1 - py / height) + 0.2 * (rng.random() - 0.5))
        shade = mix(dark, light, min(max(tone, 0.0), 1.0))
        size = (int(5 + 6 * rng.random()), int(3 + 3 * rng.random()))
        cv2.ellipse(
            out,
            (int(px), int(py)),
            size,
            float(rng.random()) * 180,
            0,
            360,
            (*shade, 1.0),
            -1,
            cv2.LINE_AA,
        )
        if bloom and t > 0.55 and rng.random() < 0.18:
            petal = mix(rgb(bloom), (1, 1, 1), 0.35 * float(rng.random()))
            cv2.circle(
                out, (int(px), int(py)), int(4 + 5 * rng.random()), (*petal, 1.0), -1, cv2.LINE_AA
            )
    return pressed(out)


def stamp(
    canvas: Canvas,
    image: Field,
    x: float,
    y: float,
    tall: float,
    *,
    flip: bool = False,
    tone: Colour = (1, 1, 1),
    haze: Colour = (0, 0, 0),
    fog: float = 0.0,
    soft: float = 0.0,
) -> None:
    """Lay a pressed plant with its foot at world (x, y), `tall` world units high.

    `tone` multiplies its colours, then `fog` (0..1) of `haze` is mixed in; soft is a blur in world
    units.
    """
    height = max(1, round(tall * canvas.unit))
    width = max(1, round(height * image.shape[1] / image.shape[0]))
    px, py = canvas.to_px(x, y)
    x0, y0 = round(px - width / 2), round(py - height)
    if x0 >= canvas.width or y0 >= canvas.height or x0 + width <= 0 or y0 + height <= 0:
        return
    flag = cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_LINEAR
    small = cv2.resize(image, (width, height), interpolation=flag)
    if flip:
        small = small[:, ::-1]
    xa, ya = max(0, x0), max(0, y0)
    xb, yb = min(canvas.width, x0 + width), min(canvas.height, y0 + height)
    cut: Field = small[ya - y0 : yb - y0, xa - x0 : xb - x0] * np.float32(1 / 255)
    if soft * canvas.unit > 0.6:
        cut = cv2.GaussianBlur(cut, (0, 0), soft * canvas.unit)
    alpha = cut[..., 3:]
    colour = cut[..., :3] * (vec(tone) * (1 - fog)) + alpha * (vec(haze) * fog)
    part = canvas.pixels[ya:yb, xa:xb]
    part *= 1 - alpha
    part += colour
