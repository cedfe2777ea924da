"""Particles: snow, rain, petals, embers, fireflies and bubbles, each on a way that repeats.

Every particle falls or rises a whole number of times through the height of the air in one turn of
the clock, and starts where the painted picture has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from diorama.canvas import Canvas, mix, rgb
from diorama.noise import Field
from diorama.stage import Stage

from .laying import mix_in

Shower = Callable[[Field, float], None]


@dataclass(frozen=True)
class Swarm:
    """Points in world units: their start, how often they fall in a turn (below 0: rise), sway."""

    x: Field
    y: Field
    falls: Field
    sway: Field
    phase: Field
    top: float
    tall: float
    slope: float = 0.0

    def at(self, clock: float) -> tuple[Field, Field]:
        """Return world (x, y) at a clock."""
        y = (self.y - self.top + self.falls * clock * self.tall) % self.tall + self.top
        angle = 2 * np.pi * (2 * clock + self.phase)
        x = self.x + self.sway * (np.sin(angle) - np.sin(2 * np.pi * self.phase))
        return x + self.slope * (y - self.y), y


def showers(stage: Stage, frame: Canvas) -> list[Shower]:
    """Return what falls or drifts in the air of a scene, as painters of frames of bytes."""
    weather = stage.scene.weather
    if stage.spec["painter"] == "underwater":
        return [_bubbles(stage, frame)]
    if stage.inside:
        return [_dust(stage, frame)]
    found: list[Shower] = []
    if "rain" in weather or "storm" in weather:
        found.append(_rain(stage, frame, 1.5 if "storm" in weather else 0.8))
    if "snow" in weather:
        found.append(_snow(stage, frame))
    if "fireflies" in weather:
        found.append(_motes(stage, frame, "#e8ff7a", 60, 0.0035, 0))
    if "enchanted" in weather:
        found.append(_motes(stage, frame, "#7df3ff", 34, 0.0030, 0))
        found.append(_motes(stage, frame, "#ffb3f2", 26, 0.0026, 0))
    if "petals" in weather:
        found.append(_petals(stage, frame, ("#ffc4d6", "#ff9dbb", "#ffe3ec")))
    if "leaves" in weather:
        found.append(_petals(stage, frame, ("#d9772b", "#b8431f", "#e8b23a")))
    if "embers" in weather:
        found.append(_motes(stage, frame, "#ff9a3d", 90, 0.0028, -1))
    if not found and stage.spec["painter"] in ("woods", "jungle"):
        found.append(_dust(stage, frame))
    return found


def _lit(tone: tuple[float, float, float]) -> tuple[int, int, int]:
    red, green, blue = (int(255 * min(1.0, max(0.0, c))) for c in tone)
    return red, green, blue


def _snow(stage: Stage, frame: Canvas) -> Shower:
    rng = stage.rng("flakes")
    x, y, roll = (rng.random((520, 3)) * (4, 1, 1) - (2, 0, 0)).T
    radius = 0.0011 + 0.0065 * roll**7
    power = 0.8 - 0.5 * roll**6
    more = np.random.Generator(np.random.PCG64(stage.noise("fall")))
    falls = np.where(roll > 0.93, 3, np.where(roll > 0.5, 2, 1)).astype(float)
    swarm = Swarm(x, y, falls, 0.008 + 0.02 * more.random(520), more.random(520), -0.08, 1.16,
                  0.35 * (float(more.random()) - 0.5))  # fmt: skip
    tone = _lit(mix(stage.tone(0.9), (1, 1, 1), 0.35))
    soft = radius > 0.004

    def fall(picture: Field, clock: float) -> None:
        px, py = swarm.at(clock)
        fine = np.zeros(picture.shape[:2], np.uint8)
        large = np.zeros_like(fine)
        for k in _seen(frame, px, py):
            r = max(radius[k] * frame.unit, 0.55)
            light = power[k] * min(1.0, radius[k] * frame.unit / r + 0.3)
            _spot(large if soft[k] else fine, frame, px[k], py[k], r, light)
        mix_in(picture, tone, cv2.max(cv2.GaussianBlur(large, (0, 0), 0.0028 * frame.unit), fine))

    return fall


def _seen(frame: Canvas, x: Field, y: Field, rim: float = 0.03) -> list[int]:
    inside = (x > frame.left - rim) & (x < frame.right + rim)
    inside &= (y > frame.top - rim) & (y < frame.bottom + rim)
    return [int(k) for k in np.flatnonzero(inside)]


def _spot(mask: Field, frame: Canvas, x: float, y: float, radius: float, light: float) -> None:
    px, py = frame.to_px(x, y)
    centre = (int(px * 16), int(py * 16))
    cv2.circle(mask, centre, int(radius * 16), int(light * 255), -1, cv2.LINE_AA, 4)


def _rain(stage: Stage, frame: Canvas, amount: float) -> Shower:
    rng = stage.rng("rain")
    lean = (float(rng.random()) - 0.5) * 0.35 + 0.1
    deep = np.repeat([0.5, 1.0, 1.9], [int(n * amount) for n in (420, 240, 60)])
    rows = rng.random((deep.size, 4))
    long = 0.035 * deep * (0.7 + 0.6 * rows[:, 2])
    power = (0.12 + 0.06 * amount) + 0.12 * rows[:, 3]
    falls = np.where(deep > 1.5, 9, np.where(deep > 0.7, 7, 5)).astype(float)
    swarm = Swarm(rows[:, 0] * 3.6 - 1.8, rows[:, 1] * 1.3 - 0.2, falls, np.zeros(deep.size),
                  rows[:, 3], -0.2, 1.3, -lean)  # fmt: skip
    tone = _lit(mix(stage.haze(), (0.85, 0.9, 1.0), 0.45))

    def fall(picture: Field, clock: float) -> None:
        px, py = swarm.at(clock)
        mask = np.zeros(picture.shape[:2], np.uint8)
        for k in _seen(frame, px, py, 0.08):
            a = frame.to_px(px[k], py[k])
            b = frame.to_px(px[k] - lean * long[k], py[k] + long[k])
            width = max(1, round(0.0011 * deep[k] * frame.unit))
            start, stop = (int(a[0] * 16), int(a[1] * 16)), (int(b[0] * 16), int(b[1] * 16))
            cv2.line(mask, start, stop, int(255 * power[k]), width, cv2.LINE_AA, 4)
        mix_in(picture, tone, cv2.GaussianBlur(mask, (0, 0), 0.5))

    return fall


def _motes(
    stage: Stage, frame: Canvas, colour: str, count: int, radius: float, falls: int
) -> Shower:
    rng = stage.rng("motes" + colour)
    rows = rng.random((count, 3))
    size = radius * (0.6 + 0.8 * rows[:, 2])
    more = np.random.Generator(np.random.PCG64(stage.noise("motes")))
    phase = more.random(count)
    y = 0.25 + 0.75 * rows[:, 1]
    swarm = Swarm(rows[:, 0] * 3 - 1.5, y, np.full(count, float(falls)),
                  0.015 + 0.03 * more.random(count), phase, -0.1, 1.2)  # fmt: skip
    turns = 2 + (phase * 3).astype(int)
    tone = _lit(rgb(colour))

    def glow(picture: Field, clock: float) -> None:
        px, py = swarm.at(clock)
        if falls == 0:
            py = py + 0.02 * (np.sin(2 * np.pi * (clock + phase)) - np.sin(2 * np.pi * phase))
        blink = 0.55 + 0.45 * np.cos(2 * np.pi * turns * clock)
        mask = np.zeros(picture.shape[:2], np.uint8)
        for k in _seen(frame, px, py):
            _spot(mask, frame, px[k], py[k], max(0.7, size[k] * frame.unit), float(blink[k]))
        halo = cv2.GaussianBlur(mask, (0, 0), 0.010 * frame.unit)
        light = cv2.addWeighted(mask, 0.9, halo, 2.2, 0)
        shine = cv2.multiply(cv2.merge([light] * 3), np.asarray([*tone, 0.0]), scale=1 / 255)
        cv2.add(picture, shine, dst=picture)

    return glow


def _petals(stage: Stage, frame: Canvas, colours: tuple[str, ...]) -> Shower:
    rng = np.random.Generator(np.random.PCG64(stage.noise("petals")))
    rows = rng.random((90, 6))
    size = 0.005 + 0.011 * rows[:, 2] ** 3
    swarm = Swarm(rows[:, 0] * 3.4 - 1.7, rows[:, 1], np.where(rows[:, 3] > 0.6, 2.0, 1.0),
                  0.02 + 0.04 * rows[:, 4], rows[:, 5], -0.06, 1.12,
                  0.5 * (float(rng.random()) - 0.5))  # fmt: skip
    base = stage.tone(0.7)
    tones = [_lit((c[0] * base[0], c[1] * base[1], c[2] * base[2])) for c in map(rgb, colours)]

    def fall(picture: Field, clock: float) -> None:
        px, py = swarm.at(clock)
        for k in _seen(frame, px, py):
            at = frame.to_px(px[k], py[k])
            flat = 0.25 + 0.55 * abs(np.sin(2 * np.pi * (3 * clock + rows[k, 4])))
            long = max(10, int(size[k] * frame.unit * 16))
            turn = 360.0 * (rows[k, 3] + (1 if rows[k, 5] > 0.5 else -1) * clock)
            centre, axes = (int(at[0] * 16), int(at[1] * 16)), (long, max(6, int(long * flat)))
            tone = tones[k % len(tones)]
            cv2.ellipse(picture, centre, axes, turn, 0, 360, tone, -1, cv2.LINE_AA, 4)

    return fall


def _dust(stage: Stage, frame: Canvas) -> Shower:
    rng = np.random.Generator(np.random.PCG64(stage.noise("dust")))
    rows = rng.random((70, 5))
    swarm = Swarm(rows[:, 0] * 3 - 1.5, rows[:, 1], np.where(rows[:, 2] > 0.5, 1.0, 0.0),
                  0.02 + 0.04 * rows[:, 3], rows[:, 4], -0.05, 1.1)  # fmt: skip
    tone = _lit(mix(rgb(stage.light.sun), (1, 1, 1), 0.3))
    strength = 0.28 if stage.inside else 0.4

    def hover(picture: Field, clock: float) -> None:
        px, py = swarm.at(clock)
        mask = np.zeros(picture.shape[:2], np.uint8)
        rise = np.sin(np.pi * np.clip((py + 0.05) / 1.1, 0, 1))
        begin = 1 - np.cos(2 * np.pi * clock)  # a picture has none of it: it comes and goes
        for k in _seen(frame, px, py):
            light = strength * float(rise[k]) * min(1.0, 2 * begin) * (0.4 + 0.6 * rows[k, 2])
            radius = max(0.6, (0.0012 + 0.002 * rows[k, 3] ** 3) * frame.unit)
            _spot(mask, frame, px[k], py[k], radius, light)
        mix_in(picture, tone, cv2.GaussianBlur(mask, (0, 0), 0.7))

    return hover


def _bubbles(stage: Stage, frame: Canvas) -> Shower:
    rng = np.random.Generator(np.random.PCG64(stage.noise("bubbles")))
    rows = rng.random((56, 5))
    radius = 0.003 + 0.011 * rows[:, 2] ** 3
    swarm = Swarm(rows[:, 0] * 3 - 1.5, rows[:, 1], np.where(radius > 0.006, -2.0, -1.0),
                  0.006 + 0.012 * rows[:, 3], rows[:, 4], -0.05, 1.1)  # fmt: skip

    def rise(picture: Field, clock: float) -> None:
        px, py = swarm.at(clock)
        mask = np.zeros(picture.shape[:2], np.uint8)
        for k in _seen(frame, px, py):
            at = frame.to_px(px[k], py[k])
            r = radius[k] * frame.unit
            if r < 1.2:
                _spot(mask, frame, px[k], py[k], 0.8, 0.35)
                continue
            centre = (int(at[0] * 16), int(at[1] * 16))
            cv2.circle(mask, centre, int(r * 15), 26, -1, cv2.LINE_AA, 4)
            cv2.circle(mask, centre, int(r * 14), 120, max(1, round(r * 0.16)), cv2.LINE_AA, 4)
            shine = (int((at[0] - r * 0.35) * 16), int((at[1] - r * 0.4) * 16))
            cv2.circle(mask, shine, max(10, int(r * 3)), 190, -1, cv2.LINE_AA, 4)
        mix_in(picture, (225, 250, 255), mask)

    return rise
