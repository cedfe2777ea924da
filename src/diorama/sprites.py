"""Sprites: one thing with everything fixed to it, coloured, trimmed, ready to be placed.

A sprite is built at the cut-outs' own size: the host in the middle of a wider field, then each
fixed thing at the host's anchor, behind or before it. Shadow, light and reflection are then those
of the whole group, so that a hat casts its shadow together with its cat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from .anchors import anchor_of, fixed_at, materials
from .assets import SIDE, have
from .canvas import blur, rgb, vec
from .figures import figure
from .forms import FORMS, form
from .inlays import PREFIX, inlaid
from .lettering import word_shape
from .noise import Field, smoothstep
from .scene import Thing

MARGIN = SIDE * 3 // 4
REACH, SINK = SIDE // 14, SIDE // 60  # how broad a foot is, and how deep it stands in a round top
GRIPS = {"offhand": "hand", "chest": "hand"}  # what is held alike, wherever it is held
FIELD = SIDE + 2 * MARGIN


@dataclass(frozen=True)
class Sprite:
    """Premultiplied RGBA (h, w, 4); the foot is a pixel of it; tall is the host's height in px."""

    image: Field
    foot_x: float
    foot_y: float
    tall: float


def source(thing: Thing) -> Field:
    """Return the straight-alpha field of one thing, facing and coloured as asked."""
    if thing.asset.startswith("form:"):
        name = thing.asset[5:]
        field = form(name if name in FORMS else "boulder")
    elif thing.asset.startswith("word:"):
        field = word_shape(thing.asset[5:])
    elif thing.asset.startswith(PREFIX):
        field = inlaid(thing.asset)
    else:
        field = figure(thing.asset if have(thing.asset) else "2728", thing.body)
    if thing.flip and not thing.asset.startswith("word:"):
        field = np.ascontiguousarray(field[:, ::-1])
    if thing.tint:
        field = tinted(field, thing.tint)
    if thing.material:
        field = made_of(field, thing.material)
    return field


def tinted(field: Field, colour: str) -> Field:
    """Give the main coloured part another colour; its light and shade stay."""
    hsv = cv2.cvtColor(np.ascontiguousarray(field[..., :3]), cv2.COLOR_RGB2HSV)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    weight = field[..., 3] * (0.15 + saturation) * (value > 0.2)
    bins = np.bincount((hue.ravel() / 10).astype(int) % 36, weight.ravel(), 36)
    round_bins = np.convolve(np.r_[bins[-2:], bins, bins[:2]], np.ones(5), "valid")
    centre = float(np.argmax(round_bins)) * 10 + 5
    away = np.abs((hue - centre + 180) % 360 - 180)
    mask = smoothstep(62, 34, away)
    if float((mask * weight).sum()) < 0.45 * float(weight.sum()):
        mask = np.ones_like(mask)
    mask = mask * smoothstep(0.16, 0.3, value)
    light = field[..., :3] @ vec((0.3, 0.55, 0.15))
    inside = (field[..., 3] > 0.5) & (mask > 0.5)
    usual = float(np.median(light[inside])) if inside.any() else 0.5
    ratio = light / max(usual, 0.08)
    target = vec(rgb(colour))
    target = 0.06 + 0.9 * target
    shade = target * np.minimum(ratio, 1)[..., None]
    shade = shade + (1 - shade) * (np.clip(ratio - 1, 0, 1) * 0.55)[..., None]
    out = np.array(field)
    out[..., :3] += (np.clip(shade, 0, 1) - out[..., :3]) * (mask * 0.94)[..., None]
    return out


def made_of(field: Field, material: str) -> Field:
    """Turn the thing into a material: its shade is read through the material's ramp."""
    entry = materials().get(material)
    if entry is None:
        return field
    light = field[..., :3] @ vec((0.3, 0.55, 0.15))
    inside = field[..., 3] > 0.5
    low, high = np.percentile(light[inside], (3, 97)) if inside.any() else (0, 1)
    t = np.clip((light - low) / max(high - low, 0.1), 0, 1)
    stops = np.asarray([rgb(code) for code in entry["ramp"]], np.float32)
    at = np.linspace(0, 1, len(stops))
    out = np.array(field)
    out[..., :3] = np.dstack([np.interp(t, at, stops[:, c]) for c in range(3)])
    alpha = float(entry.get("alpha", 1))
    if alpha < 1:
        solid = blur(field[..., 3], 9)
        out[..., 3] *= np.clip(
            alpha + (1 - alpha) * smoothstep(0.95, 0.6, solid) + 0.3 * t**3, 0, 1
        )
    return out


def _thin(field: Field) -> Field:
    out = np.array(field)
    out[..., :3] *= out[..., 3:]
    return out


def _over(field: Field, layer: Field, *, behind: bool) -> None:
    if behind:
        field += layer * (1 - field[..., 3:])
    else:
        field *= 1 - layer[..., 3:]
        field += layer


def _box(alpha: Field) -> tuple[int, int, int, int]:
    ys = np.flatnonzero(alpha.max(axis=1) > 0.08)
    xs = np.flatnonzero(alpha.max(axis=0) > 0.08)
    if not len(ys) or not len(xs):
        return 0, 0, alpha.shape[1], alpha.shape[0]
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1


def _fixed(host: Thing, child: Thing, field: Field, image: Field, box: Sequence[int]) -> None:
    spot = anchor_of(host.asset, host.body, child.anchor)
    pin = anchor_of(child.asset, child.body, "grip:" + GRIPS.get(child.anchor, child.anchor))
    cx0, cy0, cx1, cy1 = _box(image[..., 3])
    px = cx0 + (cx1 - cx0) * pin.x
    py = cy0 + (cy1 - cy0) * pin.y
    if child.flip:
        px = cx0 + (cx1 - cx0) * (1 - pin.x)
    side = -1.0 if host.flip else 1.0
    ax = MARGIN + SIDE * (0.5 + side * (spot.x - 0.5))
    ay = MARGIN + SIDE * spot.y
    tall = box[3] - box[1]
    if spot.scale > 0:
        ratio = spot.scale * SIDE * child.size * pin.scale / max(cx1 - cx0, 1)
    else:
        ratio = tall * child.size * pin.scale / max(cy1 - cy0, 1)
    ax += child.x * tall * side
    ay += child.y * tall
    if child.anchor == "top" and not fixed_at(host.asset, host.body, "top"):
        ay = _resting(host, ax, ay)
    turn = np.deg2rad(-(child.tilt + side * spot.angle))
    c, s = np.cos(turn) * ratio, np.sin(turn) * ratio
    move = np.asarray([[c, s, ax - c * px - s * py], [-s, c, ay + s * px - c * py]], np.float32)
    flag = cv2.INTER_AREA if ratio < 0.7 else cv2.INTER_LINEAR
    layer = cv2.warpAffine(_thin(image), move, (FIELD, FIELD), flags=flag)
    if not child.behind:
        shade = np.roll(blur(layer[..., 3], 10), (6, 3), (0, 1)) * 0.42
        field[..., :3] *= (1 - shade * (1 - layer[..., 3]))[..., None]
    _over(field, layer, behind=child.behind)


def _resting(host: Thing, ax: float, ay: float) -> float:
    """Return the height in the field at which something stands on the host under it."""
    alpha = source(replace(host, tint="", material=""))[..., 3]
    at = int(np.clip(ax - MARGIN, 0, SIDE - 1))
    band = alpha[:, max(0, at - REACH) : at + REACH] > 0.5
    tops = np.argmax(band, axis=0)[band.any(axis=0)]
    return MARGIN + float(np.median(tops)) + SINK if len(tops) else ay


@lru_cache(maxsize=3)
def build(things: tuple[Thing, ...], index: int) -> Sprite:
    """Build the sprite of things[index] with all things fixed to it, directly or by others."""
    thing = things[index]
    children = [i for i, other in enumerate(things) if other.host == index]
    base = source(thing)
    if not children:
        x0, y0, x1, y1 = _box(base[..., 3])
        image = _thin(base[y0:y1, x0:x1])
        image.setflags(write=False)
        return Sprite(image, (x1 - x0) / 2, float(y1 - y0), float(y1 - y0))
    field = np.zeros((FIELD, FIELD, 4), np.float32)
    field[MARGIN : MARGIN + SIDE, MARGIN : MARGIN + SIDE] = _thin(base)
    box = _box(field[..., 3])
    for child in children:
        _fixed(thing, things[child], field, _straight(things, child), box)
    x0, y0, x1, y1 = _box(field[..., 3])
    image = np.ascontiguousarray(field[y0:y1, x0:x1])
    image.setflags(write=False)
    return Sprite(image, (box[0] + box[2]) / 2 - x0, float(box[3] - y0), float(box[3] - box[1]))


def _straight(things: tuple[Thing, ...], index: int) -> Field:
    sprite = build(things, index)
    alpha = sprite.image[..., 3:]
    out = np.array(sprite.image)
    out[..., :3] /= np.maximum(alpha, 1e-4)
    return out
