"""The abstract: six motifs in the scene's palette, from poured colour to ordered blocks."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from diorama.canvas import Canvas, blur, mix, rgb, vec
from diorama.noise import Field, fbm, smoothstep, warped
from diorama.stage import Stage


def back(stage: Stage) -> None:
    """Paint the scene's motif, then what accents it."""
    names = sorted(MOTIFS)
    chosen = stage.scene.motif or names[int(stage.rng("motif").integers(len(names)))]
    MOTIFS.get(chosen, _fluid)(stage)
    stage.reached(0.8)
    if chosen in ("fluid", "waves"):
        _accents(stage)
    low = stage.canvas.small(700)
    x, y = low.grid()
    grain = stage.canvas.fit(np.asarray(fbm(x * 3.4, y * 3.4, 77, gain=0.75), np.float32))
    stage.canvas.pixels *= (1 + 0.035 * grain)[..., None]
    stage.notes["void"] = True


def front(stage: Stage) -> None:
    """Nothing stands before the things."""


def _palette(stage: Stage) -> list[Field]:
    return [vec(rgb(code)) for code in stage.scene.palette]


def _disc(canvas: Canvas, x: float, y: float, radius: float, tone: Field, ring: float = 0) -> None:
    """Draw a disc, or a ring of that width, with a soft shadow; all in world units."""
    px, py = canvas.to_px(x, y)
    edge = max(2, round(0.045 * canvas.unit))
    reach = int((radius + ring) * canvas.unit) + edge
    x0, x1 = np.clip([int(px) - reach, int(px) + reach + 2], 0, canvas.width)
    y0, y1 = np.clip([int(py) - reach, int(py) + reach + 2], 0, canvas.height)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    at = (int((px - x0) * 16), int((py - y0) * 16))
    thick = -1 if ring <= 0 else max(1, round(ring * canvas.unit))
    mask = np.zeros((y1 - y0, x1 - x0), np.float32)
    cv2.circle(mask, at, max(1, int(radius * canvas.unit * 16)), 1.0, thick, cv2.LINE_AA, 4)
    below = np.roll(mask, round(0.008 * canvas.unit), 0)
    below[: round(0.008 * canvas.unit)] = 0
    shade = blur(below, 0.012 * canvas.unit)
    part = canvas.pixels[y0:y1, x0:x1]
    part *= (1 - 0.25 * shade * (1 - mask))[..., None]
    part += (tone - part) * (mask * 0.94)[..., None]


def _fluid(stage: Stage) -> None:
    """Colours that were poured into each other."""
    canvas = stage.canvas
    palette = [rgb(c) for c in stage.scene.palette]
    low = canvas.small(900)
    x, y = low.grid()
    flow = warped(x * 0.22, y * 0.22, stage.noise("flow"), 0.2)
    other = warped(x * 0.22 + 0.5, y * 0.22 + 0.5, stage.noise("flow2"), 0.2)
    low.pixels[:] = vec(mix(palette[0], (1, 0.98, 0.94), 0.55))
    for k in range(6):
        level = -0.55 + 0.2 * k
        field = flow + 0.35 * other * (k % 2) + 0.25 * (x * np.cos(k) + (y - 0.5) * np.sin(k))
        alpha = smoothstep(level, level + 0.012, field)
        edge = np.exp(-np.clip(field - level, 0, 9) / 0.07)
        tone = (
            vec(palette[(k + 1) % len(palette)]) * (1 - 0.22 * edge)[..., None]
            + 0.08 * fbm(x * 1.3, y * 1.3, 5 + k)[..., None]
        )
        shadow = smoothstep(level - 0.07, level, field) * (1 - alpha) * 0.25
        low.pixels *= (1 - shadow)[..., None]
        low.blend(np.asarray(tone, np.float32), np.asarray(alpha * 0.93, np.float32))
    canvas.pixels[:] = canvas.fit(low.pixels)


def _accents(stage: Stage) -> None:
    """Lay discs, rings and drawn lines over the colours."""
    canvas, rng = stage.canvas, stage.rng("abstract")
    palette = [rgb(c) for c in stage.scene.palette]
    half = stage.half
    for _ in range(7):
        px, py = (float(rng.random()) * 2 - 1) * half * 0.85, 0.08 + 0.84 * float(rng.random())
        radius = 0.02 + 0.15 * float(rng.random()) ** 2
        tone = palette[int(rng.integers(len(palette)))]
        centre = canvas.to_px(px, py)
        at = (int(centre[0] * 16), int(centre[1] * 16))
        size = int(radius * canvas.unit * 16)
        overlay = canvas.pixels.copy()
        if float(rng.random()) < 0.5:
            cv2.circle(overlay, at, size, tone, -1, cv2.LINE_AA, 4)
        else:
            cv2.circle(overlay, at, size, tone, max(1, round(0.009 * canvas.unit)), cv2.LINE_AA, 4)
        canvas.pixels += (overlay - canvas.pixels) * 0.88
    for _ in range(5):
        t = np.linspace(0, 1, 60)
        a, b, c, d = (float(v) for v in rng.random(4))
        arc_x = (a * 2 - 1) * half + (1.2 + b) * half * t * (1 if d > 0.5 else -1)
        arc_y = c + 0.35 * np.sin(t * 4 * d + a * 6)
        points = (np.stack([arc_x - canvas.left, arc_y - canvas.top], 1) * canvas.unit * 16).astype(
            np.int32
        )
        cv2.polylines(
            canvas.pixels,
            [points],
            False,
            mix(palette[-1], (0.05, 0.05, 0.1), 0.75),
            max(1, round((0.002 + 0.004 * d) * canvas.unit)),
            cv2.LINE_AA,
            4,
        )
    stage.notes["flat"] = True


def _rays(stage: Stage) -> None:
    """Light that breaks out from a point, in bands of the palette."""
    canvas, rng, palette = stage.canvas, stage.rng("rays"), _palette(stage)
    x, y = canvas.grid()
    cx = (float(rng.random()) - 0.5) * stage.half
    cy = 0.55 + 0.4 * float(rng.random())
    angle = np.arctan2(y - cy, x - cx)
    away = np.hypot(x - cx, y - cy)
    count = 18 + 2 * int(rng.integers(4))
    turn = (angle / (2 * np.pi) + 0.05 * np.sin(away * 5)) * count
    band = np.floor(turn).astype(int) % count
    table = np.asarray([palette[(k * 2 + k // 3) % len(palette)] for k in range(count)], np.float32)
    edge = smoothstep(0.0, 0.03, turn - np.floor(turn))
    tone = table[band] * (0.82 + 0.26 * np.exp(-away * 1.2) + 0.08 * edge)[..., None]
    canvas.pixels[:] = tone
    for k in range(5):
        radius = 0.42 - 0.08 * k
        _disc(canvas, cx, cy, radius, palette[(k + 1) % len(palette)] * 0.9 + 0.1)


def _orbits(stage: Stage) -> None:
    """Bodies on rings about a centre, on a deep ground."""
    canvas, rng, palette = stage.canvas, stage.rng("orbits"), _palette(stage)
    x, y = canvas.grid()
    cx, cy = (float(rng.random()) - 0.5) * 0.5 * stage.half, 0.42 + 0.16 * float(rng.random())
    ground = min(palette, key=lambda tone: float(tone.sum()))
    away = np.hypot(x - cx, y - cy)
    canvas.pixels[:] = ground * (0.95 - 0.35 * np.clip(away, 0, 1))[..., None]
    glow = palette[1] * 0.5 + palette[2] * 0.5
    canvas.pixels += (np.exp(-((away / 0.28) ** 2)) * 0.5)[..., None] * glow
    for k in range(9):
        radius = 0.10 + 0.085 * k
        tone = palette[(k + 1) % len(palette)] * 0.8 + 0.2
        _disc(canvas, cx, cy, radius, tone, 0.0035 + 0.003 * (k % 3))
        for _ in range(1 + k // 3):
            turn = float(rng.random()) * 6.28
            px, py = cx + np.cos(turn) * radius, cy + np.sin(turn) * radius
            size = 0.012 + 0.045 * float(rng.random()) ** 2
            _disc(canvas, px, py, size, palette[int(rng.integers(len(palette)))] * 0.85 + 0.15)
    _disc(canvas, cx, cy, 0.06, palette[2] * 0.7 + 0.3)


def _blocks(stage: Stage) -> None:
    """Fields, quarter circles and bars on a grid, as the Bauhaus laid them."""
    canvas, palette = stage.canvas, _palette(stage)
    cells = 5
    x, y = canvas.grid()
    step = 1.0 / cells
    col, row = np.floor(x / step + 100).astype(int), np.floor(y / step + 100).astype(int)
    fx, fy = x / step + 100 - col, y / step + 100 - row
    code = (col * 7349 + row * 9151 + stage.noise("blocks")) % 8191
    code = (code * code) % 8191
    table = np.asarray([*palette, vec((0.96, 0.94, 0.9)), vec((0.13, 0.13, 0.17))], np.float32)
    base, over = table[code % len(table)], table[(code // 8 + 1 + code) % len(table)]
    fx = np.where(code % 2 == 0, fx, 1 - fx)
    fy = np.where(code // 2 % 2 == 0, fy, 1 - fy)
    soft = 1.2 / (canvas.unit * step)
    shapes = [
        np.hypot(fx, fy) - 0.98,
        np.hypot(fx - 0.5, fy - 0.5) - 0.40,
        fx + fy - 1.0,
        np.abs(np.hypot(fx, fy) - 0.66) - 0.2,
        np.maximum(np.abs(fx - 0.5) - 0.14, np.abs(fy - 0.5) - 0.5),
        fy - 0.5,
    ]
    kind = code // 32 % (len(shapes) + 1)
    mask = np.zeros_like(x)
    for k, shape in enumerate(shapes):
        mask += (kind == k) * smoothstep(soft, -soft, shape)
    canvas.pixels[:] = base + (over - base) * np.asarray(mask, np.float32)[..., None]
    rim = smoothstep(soft * 2, soft, np.minimum(np.minimum(fx, 1 - fx), np.minimum(fy, 1 - fy)))
    canvas.pixels *= (1 - 0.16 * rim)[..., None]


def _waves(stage: Stage) -> None:
    """Layers of hills like cut paper, each with the shadow of the one before it."""
    canvas, palette = stage.canvas, _palette(stage)
    x, y = canvas.xs(), canvas.ys()[:, None]
    top, low = palette[0] * 0.45 + 0.55, palette[2] * 0.5 + 0.5
    canvas.pixels[:] = top + (low - top) * np.clip(y, 0, 1)[..., None]
    rng = stage.rng("waves")
    layers = 8
    for k in range(layers):
        phase, pitch = float(rng.random()) * 6.28, 1.6 + 2.6 * float(rng.random())
        rise = 0.035 + 0.07 * float(rng.random())
        line = 0.18 + 0.105 * k + rise * np.sin(x * pitch + phase)
        line = line + 0.3 * rise * np.sin(x * pitch * 2.7 + 2 * phase)
        tone = palette[(k + 1) % len(palette)]
        depth = y - line[None, :]
        canvas.pixels *= (1 - 0.30 * smoothstep(-0.05, 0.0, depth))[..., None]
        alpha = smoothstep(-0.7 / canvas.unit, 0.7 / canvas.unit, depth)
        light = 1.06 - 0.5 * np.clip(depth, 0, 0.5)
        canvas.blend(tone * light[..., None], np.asarray(alpha, np.float32))


def _threads(stage: Stage) -> None:
    """Fine threads between points, as thoughts are linked."""
    canvas, rng, palette = stage.canvas, stage.rng("threads"), _palette(stage)
    low = canvas.small(700)
    x, y = low.grid()
    ground = min(palette, key=lambda tone: float(tone.sum())) * 0.42
    cloud = warped(x * 0.3, y * 0.3, stage.noise("cloud"), 0.14)
    low.pixels[:] = ground * (0.9 + 0.5 * cloud)[..., None] + 0.10 * palette[1]
    canvas.pixels[:] = np.clip(canvas.fit(low.pixels), 0, 1)
    points = np.stack([(rng.random(90) * 2 - 1) * stage.half * 1.05, rng.random(90)], 1)
    glow = np.zeros_like(canvas.pixels)
    thin = max(1, round(0.0022 * canvas.unit))
    for k, point in enumerate(points):
        order = np.argsort(np.hypot(*(points - point).T))[1:5]
        tone = tuple((palette[k % len(palette)] * 0.7 + 0.3).tolist())
        start = tuple(int(v * 16) for v in canvas.to_px(*point))
        for other in order:
            stop = tuple(int(v * 16) for v in canvas.to_px(*points[other]))
            cv2.line(glow, start, stop, tone, thin, cv2.LINE_AA, 4)
    canvas.pixels += glow * 0.75 + 0.9 * blur(glow, 0.008 * canvas.unit)
    for k, (px, py) in enumerate(points):
        size = 0.004 + 0.016 * float(rng.random()) ** 3
        _disc(canvas, float(px), float(py), size, palette[k % len(palette)] * 0.5 + 0.5)


MOTIFS: dict[str, Callable[[Stage], None]] = {
    "fluid": _fluid,
    "rays": _rays,
    "orbits": _orbits,
    "blocks": _blocks,
    "waves": _waves,
    "threads": _threads,
}
