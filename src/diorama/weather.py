"""Weather before the eye: rain, falling snow, fog, embers, petals, fireflies."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np

from .canvas import Canvas, blur, mix, rgb, vec
from .noise import Field, smoothstep, warped
from .stage import Stage


def paint_weather(stage: Stage) -> None:
    """Paint what falls or drifts in the air, over the things."""
    weather = stage.scene.weather
    if stage.inside:
        return
    if "fog" in weather:
        fog(stage, 0.62)
    if "rain" in weather or "storm" in weather:
        rain(stage, 1.5 if "storm" in weather else 0.8)
    if "snow" in weather:
        flakes(stage)
    if "fireflies" in weather:
        motes(stage, "#e8ff7a", 60, 0.0035)
    if "enchanted" in weather:
        motes(stage, "#7df3ff", 34, 0.0030)
        motes(stage, "#ffb3f2", 26, 0.0026)
    if "petals" in weather:
        petals(stage, ("#ffc4d6", "#ff9dbb", "#ffe3ec"))
    if "leaves" in weather:
        petals(stage, ("#d9772b", "#b8431f", "#e8b23a"))
    if "embers" in weather:
        motes(stage, "#ff9a3d", 90, 0.0028)


def fog(stage: Stage, amount: float) -> None:
    """Lay banks of fog, thickest at the horizon."""
    canvas = stage.canvas
    low = canvas.small(480)
    x, y = low.grid()
    bank = warped(x * 0.22, y * 0.6, stage.noise("fog"), 0.1)
    band = np.exp(-(((y - stage.horizon) / 0.2) ** 2))
    alpha = np.clip(amount * (0.25 + 0.75 * band) * (0.75 + 0.5 * bank), 0, 0.9)
    canvas.blend(
        vec(mix(stage.haze(), (0.8, 0.82, 0.85), 0.2 if not stage.light.moon else 0)),
        canvas.fit(np.asarray(alpha, np.float32)),
    )


def rain(stage: Stage, amount: float) -> None:
    """Draw streaks of rain in three depths."""
    canvas, rng = stage.canvas, stage.rng("rain")
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    lean = (float(rng.random()) - 0.5) * 0.35 + 0.1
    falls = ((0.5, 420), (1.0, 240), (1.9, 60))
    for (depth, count), (name, dx, dy) in product(falls, stage.chunks(3.6, -1.8, 1.3, -0.2)):
        rng = stage.rng(f"rain{name}") if name else rng
        for _ in range(int(count * amount)):
            x, y = float(rng.random()) * 3.6 - 1.8 + dx, float(rng.random()) * 1.3 - 0.2 + dy
            long = 0.035 * depth * (0.7 + 0.6 * float(rng.random()))
            a = canvas.to_px(x, y)
            if not -20 < a[0] < canvas.width + 20:
                continue
            b = canvas.to_px(x - lean * long, y + long)
            width = max(1, round(0.0011 * depth * canvas.unit))
            power = (0.12 + 0.06 * amount) + 0.12 * float(rng.random())
            start, stop = (int(a[0] * 16), int(a[1] * 16)), (int(b[0] * 16), int(b[1] * 16))
            cv2.line(layer, start, stop, power, width, cv2.LINE_AA, 4)
    tone = mix(stage.haze(), (0.85, 0.9, 1.0), 0.45)
    canvas.blend(vec(tone), np.clip(cv2.GaussianBlur(layer, (0, 0), 0.5), 0, 0.5))


def flakes(stage: Stage) -> None:
    """Draw falling snow: fine and far, large and soft near the eye."""
    canvas = stage.canvas
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    for name, dx, dy in stage.chunks(4, -2, 1):
        rng = stage.rng(f"flakes{name}")
        for _ in range(520):
            x, y, roll = float(rng.random()) * 4 - 2, float(rng.random()), float(rng.random())
            radius = 0.0011 + 0.0065 * roll**7
            _spot(layer, canvas, x + dx, y + dy, radius, 0.8 - 0.5 * roll**6)
    tone = mix(stage.tone(0.9), (1, 1, 1), 0.35)
    canvas.blend(vec(tone), np.clip(layer, 0, 0.9))


def motes(stage: Stage, colour: str, count: int, radius: float) -> None:
    """Draw glowing points in the air."""
    canvas = stage.canvas
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    for name, dx, dy in stage.chunks(3, -1.5, 0.75, 0.25):
        rng = stage.rng(f"motes{colour}{name}")
        for _ in range(count if dy >= 0 else count // 3):
            x, y = float(rng.random()) * 3 - 1.5, 0.25 + 0.75 * float(rng.random())
            size = radius * (0.6 + 0.8 * float(rng.random()))
            _spot(layer, canvas, x + dx, y + dy, size, 1.0)
    halo = layer * 0.9 + blur(layer, 0.010 * canvas.unit) * 2.2
    canvas.glow(rgb(colour), np.asarray(halo, np.float32))


def petals(stage: Stage, colours: tuple[str, ...]) -> None:
    """Let petals or leaves drift through the picture."""
    for name, dx, dy in stage.chunks(3.4, -1.7, 1):
        _petals(stage, stage.rng(f"petals{name}"), dx, dy, colours)


def _petals(
    stage: Stage, rng: np.random.Generator, dx: float, dy: float, colours: tuple[str, ...]
) -> None:
    canvas = stage.canvas
    for _ in range(90):
        x, y = float(rng.random()) * 3.4 - 1.7 + dx, float(rng.random()) + dy
        size = 0.005 + 0.011 * float(rng.random()) ** 3
        tone = vec(rgb(colours[int(rng.integers(len(colours)))])) * vec(stage.tone(0.7))
        px, py = canvas.to_px(x, y)
        axes = (
            max(8, int(size * canvas.unit * 16)),
            max(5, int(size * canvas.unit * 16 * (0.35 + 0.3 * float(rng.random())))),
        )
        turn = float(rng.random()) * 180
        cv2.ellipse(
            canvas.pixels,
            (int(px * 16), int(py * 16)),
            axes,
            turn,
            0,
            360,
            tuple(tone.tolist()),
            -1,
            cv2.LINE_AA,
            4,
        )


def _spot(layer: Field, canvas: Canvas, x: float, y: float, radius: float, power: float) -> None:
    px, py = canvas.to_px(x, y)
    r = max(radius * canvas.unit, 0.45)
    power *= min(1.0, radius * canvas.unit / r + 0.25)
    reach = int(r * 1.6) + 2
    x0, y0 = max(0, int(px) - reach), max(0, int(py) - reach)
    x1, y1 = min(canvas.width, int(px) + reach + 1), min(canvas.height, int(py) + reach + 1)
    if x1 <= x0 or y1 <= y0:
        return
    dx = np.arange(x0, x1, dtype=np.float32)[None, :] + 0.5 - px
    dy = np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5 - py
    layer[y0:y1, x0:x1] += power * smoothstep(1.25, 0.4, np.hypot(dx, dy) / r)
