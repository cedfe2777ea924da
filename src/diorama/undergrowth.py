"""What grows low, drawn: tufts of grass, wild flowers on their stems, and big leaves.

Tufts and flowers are images made once for a seed and a choice of colours, and stamped in rows over
the lower edge of a picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import cv2
import numpy as np

from .canvas import Canvas, Colour, mix, rgb
from .flora import pressed, stamp
from .noise import Field, generator

TALL = 176
KINDS = 5  # different tufts of a meadow
PART = 5.0  # world units of a row that one generator strews


@lru_cache(maxsize=32)
def tuft(seed: int, greens: tuple[str, ...]) -> Field:
    """Return a tuft of grass (TALL, 1.5 TALL, 4) premultiplied, dark at its root, pale at its tips.

    Every seventh blade carries an ear.
    """
    rng = generator("tuft", seed)
    width = TALL * 3 // 2
    out = np.zeros((TALL, width, 4), np.float32)
    for k in range(64):
        root = width * (0.5 + 0.42 * (float(rng.random()) + float(rng.random()) - 1))
        long = TALL * (0.35 + 0.58 * float(rng.random()))
        bend = (float(rng.random()) - 0.5) * 0.9 * long + 0.25 * (root - width / 2)
        base = rgb(greens[int(rng.integers(len(greens)))])
        near = k / 64
        thick = 2.2 + 2.6 * float(rng.random())
        last = (root, TALL + 2.0)
        for step in range(1, 8):
            t = step / 7
            point = (root + bend * t * t, TALL + 2 - long * t)
            shade = mix(mix(base, (0.0, 0.02, 0.02), 0.62 - 0.25 * near), base, min(1.0, t * 1.7))
            shade = mix(shade, (1.0, 0.98, 0.66), 0.34 * max(0.0, t - 0.45) * (0.6 + near))
            _line(out, last, point, shade, max(1, round(thick * (1 - 0.8 * t))))
            last = point
        if k % 7 == 3:
            ear = mix(base, (0.93, 0.82, 0.55), 0.6)
            at, turn = (round(last[0]), round(last[1])), 90 + 30 * bend / long
            cv2.ellipse(out, at, (11, 3), turn, 0, 360, (*ear, 1.0), -1, cv2.LINE_AA)
    return pressed(out)


@lru_cache(maxsize=32)
def flower(seed: int, colour: str) -> Field:
    """Return a wild flower on its stem (TALL, TALL/2, 4) premultiplied.

    By its seed it is a daisy, a cup, a spike or a ball.
    """
    rng = generator("flower", seed)
    width = TALL // 2
    out = np.zeros((TALL, width, 4), np.float32)
    lean = (float(rng.random()) - 0.5) * 26
    head = np.asarray([width / 2 + lean, 30 + 16 * float(rng.random())])
    foot, green = np.asarray([width / 2, TALL]), rgb("#4f7a33")
    for t in np.linspace(0, 1, 12):
        low, high = foot + (head - foot) * t, foot + (head - foot) * min(1, t + 0.09)
        _line(out, low, high, mix(mix(green, (0, 0, 0), 0.35), green, float(t)), 3)
    for side in (-1, 1):
        at = foot + (head - foot) * (0.25 + 0.1 * side)
        tip = (at[0] + side * 17, at[1] - 15)
        _line(out, at, tip, mix(green, (0.8, 0.9, 0.5), 0.2), 4)
    petal = rgb(colour)
    (_daisy, _cup, _spike, _ball)[seed % 4](out, head, petal, rng)
    return pressed(out)


def _daisy(out: Field, at: Field, petal: Colour, rng: np.random.Generator) -> None:
    turn, flat = float(rng.random()), 0.55 + 0.3 * float(rng.random())
    for k in range(11):
        angle = turn + k * 2 * np.pi / 11
        x, y = at[0] + np.cos(angle) * 13, at[1] + np.sin(angle) * 13 * flat
        shade = mix(petal, (0, 0, 0.05), 0.16 + 0.16 * np.sin(angle))
        _oval(out, (x, y), (10, 5), float(np.rad2deg(np.arctan2(y - at[1], x - at[0]))), shade)
    _oval(out, (at[0], at[1]), (7, round(7 * flat)), 0, (0.93, 0.70, 0.18))
    _oval(out, (at[0] - 2, at[1] - 2), (3, 2), 0, (1.0, 0.88, 0.45))


def _cup(out: Field, at: Field, petal: Colour, rng: np.random.Generator) -> None:
    for dx, wide, shade in ((-9, 12, 0.30), (9, 12, 0.22), (0, 14, 0.05)):
        _oval(out, (at[0] + dx, at[1] - 2), (wide, 15), dx * 2.0, mix(petal, (0.1, 0, 0.05), shade))
    _oval(out, (at[0], at[1] - 12), (13, 5), 0, mix(petal, (0.1, 0, 0.05), 0.5))
    _oval(out, (at[0] - 5, at[1] - 1), (4, 9), 12, mix(petal, (1, 1, 1), 0.3))


def _spike(out: Field, at: Field, petal: Colour, rng: np.random.Generator) -> None:
    for k in range(26):
        t = k / 25
        x = at[0] + (float(rng.random()) - 0.5) * 22 * (1 - 0.75 * t)
        y = at[1] + 52 - 76 * t
        shade = mix(mix(petal, (0, 0, 0.1), 0.35), mix(petal, (1, 1, 1), 0.3), float(rng.random()))
        _oval(out, (x, y), (5, 4), 0, shade)


def _ball(out: Field, at: Field, petal: Colour, rng: np.random.Generator) -> None:
    for k in range(44):
        angle, away = float(rng.random()) * 6.28, (1 - k / 44) * 15
        x, y = at[0] + np.cos(angle) * away, at[1] + np.sin(angle) * away * 0.85
        tone = 0.5 - 0.5 * np.sin(angle) * away / 15
        _oval(out, (x, y), (5, 3), np.rad2deg(angle), mix(petal, (1, 1, 1), 0.45 * float(tone)))


def _line(out: Field, a: Sequence[float], b: Sequence[float], tone: Colour, width: int) -> None:
    start, stop = (int(a[0] * 16), int(a[1] * 16)), (int(b[0] * 16), int(b[1] * 16))
    cv2.line(out, start, stop, (*tone, 1.0), width, cv2.LINE_AA, 4)


def _oval(
    out: Field, at: Sequence[float], size: tuple[int, int], turn: float, tone: Colour
) -> None:
    centre = (int(at[0] * 16), int(at[1] * 16))
    axes = (size[0] * 16, size[1] * 16)
    cv2.ellipse(out, centre, axes, float(turn), 0, 360, (*tone, 1.0), -1, cv2.LINE_AA, 4)


def grass(
    canvas: Canvas,
    seed: int,
    y: float,
    tall: float,
    colours: Sequence[str],
    tone: Colour,
    *,
    dense: float = 1.0,
    flowers: Sequence[str] = (),
    soft: float = 0.0,
) -> None:
    """Stand tufts (and flowers) along the line y over the whole width; soft is a blur as in stamp.

    They come in drifts: where one kind of flower grows, more of it grows.
    """
    greens = tuple(colours)
    for rng, x in _row(canvas, seed, round(dense * PART / (tall * 0.42))):
        foot = y + (float(rng.random()) - 0.3) * tall * 0.4
        high = tall * (0.75 + 0.6 * float(rng.random()))
        pick, roll, turn = int(rng.integers(KINDS)), float(rng.random()), float(rng.random())
        if not canvas.left - tall < x < canvas.right + tall:
            continue
        image = tuft(pick, greens)
        stamp(canvas, image, x, foot, high, flip=turn < 0.5, tone=tone, soft=soft)
        drift = np.sin(x * 2.3 + seed % 7) * 0.5 + np.sin(x * 5.1 + seed % 11) * 0.5
        if flowers and roll < 0.34 + 0.3 * drift:
            kind = int((np.sin(x * 1.7 + seed % 5) * 0.5 + 0.5) * 2.99 + roll * 1.4)
            shape = (0, 1, 0, 3, 1, 2)[(kind + 2 * (pick % 2)) % 6]
            head = flower(shape + 4 * (pick % 2), flowers[kind % len(flowers)])
            up = high * (0.95 + 0.5 * turn)
            stamp(canvas, head, x + 0.3 * tall * (turn - 0.5), foot, up, tone=tone, soft=soft)


def _row(canvas: Canvas, seed: int, count: int) -> Iterator[tuple[np.random.Generator, float]]:
    """Yield (generator, x) for each plant of the parts of a row that the picture shows."""
    half = PART / 2
    first = int((canvas.left + half - 0.1) // PART)
    last = int((canvas.right + half + 0.1) // PART)
    for part in range(first, last + 1):
        rng = generator("grass", seed, part) if part else generator("grass", seed)
        for k in range(count):
            even = (k + float(rng.random())) / count
            yield rng, PART * even - half + part * PART


def leaves(
    canvas: Canvas,
    seed: int,
    where: Sequence[tuple[float, float, float]],
    colours: Sequence[str],
    tone: Colour,
    size: float,
) -> None:
    """Draw large leaves; where holds (x, y, angle in radians) of their stems' ends."""
    rng = generator("leaves", seed)
    for x, y, angle in where:
        long = size * (0.7 + 0.6 * float(rng.random()))
        wide = long * (0.2 + 0.12 * float(rng.random()))
        base = rgb(colours[int(rng.integers(len(colours)))])
        base = (base[0] * tone[0], base[1] * tone[1], base[2] * tone[2])
        c, s = np.cos(angle), np.sin(angle)
        t = np.linspace(0, 1, 18)
        half = wide * np.clip(np.sin(t**0.8 * np.pi), 0, 1) ** 0.8
        sag = 0.18 * long * t * t
        for side, shade in ((-1, mix(base, (1, 1, 0.7), 0.16)), (1, mix(base, (0, 0, 0.03), 0.28))):
            mid = np.stack([x + c * long * t, y + s * long * t + sag], axis=1)
            rim = mid + side * np.stack([s * half, -c * half], axis=1)
            poly = np.concatenate([mid, rim[::-1]])
            poly = (poly - (canvas.left, canvas.top)) * canvas.unit * 16
            cv2.fillPoly(canvas.pixels, [poly.astype(np.int32)], shade, cv2.LINE_AA, 4)
        _veins(canvas, np.stack([x + c * long * t, y + s * long * t + sag], axis=1), half, base)


def _veins(canvas: Canvas, middle: Field, half: Field, base: Colour) -> None:
    """Draw the middle rib of a leaf and the ribs that leave it, paler than the leaf."""
    points = (middle - (canvas.left, canvas.top)) * canvas.unit
    wide = half * canvas.unit
    if wide.max() < 5:
        return
    pale = mix(base, (1.0, 1.0, 0.75), 0.26)
    thick = max(1, round(float(wide.max()) * 0.05))
    cv2.polylines(
        canvas.pixels, [(points * 16).astype(np.int32)], False, pale, thick, cv2.LINE_AA, 4
    )
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.hypot(along[:, :1], along[:, 1:]), 1e-3)
    faint = mix(base, (1.0, 1.0, 0.75), 0.12)
    for k in range(3, len(points) - 4, 2):
        for side in (-1, 1):
            out = np.asarray([along[k, 1], -along[k, 0]]) * side
            tip = points[k] + (out * 0.78 + along[k] * 0.55) * wide[k]
            start, stop = (points[k] * 16).astype(int), (tip * 16).astype(int)
            cv2.line(canvas.pixels, start.tolist(), stop.tolist(), faint, 1, cv2.LINE_AA, 4)
