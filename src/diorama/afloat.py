"""Things afloat: the reflection below, the hull behind the waves, foam along the line."""

from __future__ import annotations

import cv2
import numpy as np

from .anchors import facing
from .canvas import blur, mix, vec
from .noise import Field, profile, smoothstep
from .scene import Thing
from .stage import Stage


def set_afloat(stage: Stage, thing: Thing, lit: Field, left: int, top: int) -> None:
    """Set a thing into the water: reflection below, hull behind the waves, foam along the line."""
    canvas = stage.canvas
    rng = stage.rng(f"float{thing.name}{thing.x:.3f}")
    tall = thing.size * canvas.unit
    line_y = (thing.y - canvas.top) * canvas.unit
    phase = float(rng.random()) * 40
    rough = 0.012 + 0.03 * stage.storm
    cut = int(np.clip(line_y - top, 1, lit.shape[0]))
    flipped = np.ascontiguousarray(lit[:cut][::-1])
    squash = 0.62
    flipped = cv2.resize(
        flipped,
        (flipped.shape[1], max(2, round(flipped.shape[0] * squash))),
        interpolation=cv2.INTER_AREA,
    )
    y, x = np.mgrid[0 : flipped.shape[0], 0 : flipped.shape[1]].astype(np.float32)
    far = y / max(flipped.shape[0], 1)
    wave = (
        profile((y / tall) * 34 + phase, 3, octaves=3)
        * (0.010 + 0.06 * far)
        * tall
        * (1 + 1.2 * stage.storm)
    )
    ripple = cv2.remap(flipped, x + wave, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    ripple = (
        np.asarray(ripple, np.float32) * ((0.55 - 0.25 * stage.storm) * (1 - 0.85 * far))[..., None]
    )
    ripple[..., :3] *= 0.8
    box = canvas.part(ripple, left, round(line_y))
    if box:
        rows, columns, ry, rx = box
        part = canvas.pixels[rows, columns]
        part *= 1 - ripple[ry, rx, 3:]
        part += ripple[ry, rx, :3]
    box = canvas.part(lit, left, top)
    if box is None:
        return
    rows, columns, ry, rx = box
    xs = canvas.xs()[columns]
    edge = thing.y + rough * thing.size * 0.9 * profile(xs * 3.5 / thing.size + phase, 4, octaves=2)
    edge = edge - np.tan(np.deg2rad(thing.tilt)) * 0.7 * (xs - thing.x)  # it leans with the wave
    ys = canvas.ys()[rows][:, None]
    wet = smoothstep(-0.003, 0.005 + 0.008 * thing.size, ys - edge[None, :])[..., None]
    hull = lit[ry, rx, 3:] * (1 - wet)
    part = canvas.pixels[rows, columns]
    part *= 1 - hull
    part += lit[ry, rx, :3] * (1 - wet)
    body = lit[max(0, cut - 3) : cut + 1, :, 3].max(axis=0)[rx]
    spread = cv2.GaussianBlur(body[None, :], (0, 0), 0.03 * tall + 0.5)[0]
    band = np.exp(-(((ys - edge[None, :] - 0.006) / (0.004 + 0.007 * thing.size)) ** 2))
    lace = 0.55 + 0.6 * profile(xs * 22 + phase, 6, octaves=2)
    foam = np.clip(
        band * spread[None, :] * np.clip(lace, 0, 1)[None, :] * (0.5 + 0.15 * stage.storm), 0, 1
    )
    white = vec(mix(stage.tone(0.85), (1, 1, 1), 0.2))
    part += (white - part) * np.asarray(foam, np.float32)[..., None]
    if stage.storm:
        _bow_wave(stage, thing, np.asarray(xs[body > 0.3]), edge[body > 0.3])


def _bow_wave(stage: Stage, thing: Thing, xs: Field, edge: Field) -> None:
    """Throw foam and drops up where the hull meets rough water, most of it at the bow."""
    if not xs.size:
        return
    canvas, rng = stage.canvas, stage.rng(f"bow{thing.name}{thing.x:.3f}")
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    ahead = (facing(thing.asset) == "right") != thing.flip
    for k in range(int(380 * stage.storm)):
        at_bow = k % 3 != 0
        roll = float(rng.random()) ** (2.2 if at_bow else 1.0)
        place = (1 - roll if ahead else roll) if at_bow else float(rng.random())
        i = min(int(place * xs.size), xs.size - 1)
        reach = (0.10 if at_bow else 0.03) * thing.size
        rise = reach * float(rng.random()) ** 1.8 * (1 - 0.75 * roll)
        x = float(xs[i]) + (float(rng.random()) - (0.2 if ahead else 0.8)) * reach * 0.8
        radius = thing.size * (0.0015 + 0.008 * float(rng.random()) ** 4 * (1 - rise / reach))
        px, py = canvas.to_px(x, float(edge[i]) - rise + 0.004)
        r = max(radius * canvas.unit, 0.5)
        cv2.circle(layer, (int(px * 16), int(py * 16)), int(r * 16), 0.8, -1, cv2.LINE_AA, 4)
    soft = 0.5 * cv2.GaussianBlur(layer, (0, 0), 0.0012 * canvas.unit + 0.3)
    soft = soft + 0.7 * blur(layer, 0.012 * thing.size * canvas.unit + 0.3)
    white = vec(mix(stage.tone(0.9), (1, 1, 1), 0.2))
    canvas.blend(white, np.clip(np.asarray(soft, np.float32), 0, 0.9))
