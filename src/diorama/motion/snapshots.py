"""Snapshots: a picture of unknown making, taken apart by guess into sky, ground and water.

Without a scene there is only the picture: what is smooth and joined to its upper edge is taken for
sky, what lies lower for nearer, and level ground of the sky's colours for water.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from diorama.canvas import Canvas, blur
from diorama.noise import Field, smoothstep

from .camera import Lens
from .depth import Depth
from .layers import Layer, as_bytes
from .unfolding import Setting

WORK = 256


def take_apart(picture: Image.Image, width: int, height: int, *, level: bool = False) -> Setting:
    """Return the setting of a picture, fitted to width x height by cutting what is too much.

    A `level` picture (a pattern, a map) is all of one nearness, without sky and water.
    """
    pixels = fitted(picture, width, height)
    frame = Canvas.window(width, height)
    sky = np.zeros((WORK, WORK), np.float32) if level else sky_of(pixels)
    horizon = _horizon(sky)
    painter = "picture"
    stand = horizon + 0.75 * (1 - horizon)
    depth = Depth(painter, horizon, stand)
    near = np.full((height, width), 0.6, np.float32) if level else _nearness(depth, frame, sky)
    lens = Lens(width, height, 0, 0, width / 2, min(0.62, max(0.35, horizon)) * height)
    water = None if level else _water(pixels, sky, horizon)
    full = np.ones((height, width, 1), np.float32)
    layers = [Layer("place", as_bytes(np.dstack([pixels, full])), 0, 0, near)]
    if float(sky.mean()) > 0.06:
        cover = cv2.resize(sky, (width, height))
        cover = np.clip(cover * 1.2 - 0.1, 0, 1)[..., None]
        drifting = Layer("clouds", as_bytes(np.dstack([pixels * cover, cover])), 0, 0, 0.02)
        layers.append(drifting)
    ground = (1 - sky) * (0.25 if level else 0.5)
    return Setting(lens, depth, frame, tuple(layers), water,
                   np.asarray(cv2.resize(ground, (width, height)), np.float32), None)  # fmt: skip


def fitted(picture: Image.Image, width: int, height: int) -> Field:
    """Return the picture as (height, width, 3) of 0..1, its middle cut to the shape."""
    ratio = max(width / picture.width, height / picture.height)
    size = (max(width, round(picture.width * ratio)), max(height, round(picture.height * ratio)))
    large = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    cut = large.crop((left, top, left + width, top + height))
    return np.asarray(cut, np.float32) / 255


def sky_of(pixels: Field) -> Field:
    """Return the share of sky (0..1) at each pixel of a small copy of the picture."""
    small = cv2.resize(pixels, (WORK, WORK), interpolation=cv2.INTER_AREA)
    light = small @ np.asarray([0.3, 0.59, 0.11], np.float32)
    rough = blur(np.abs(light - blur(light, 3.0)), 2.5)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    rows = np.arange(WORK, dtype=np.float32)[:, None] / WORK
    bluish = lab[..., 2] < 8
    bright = light > np.median(light) * 0.9
    fit = (rough < 0.035) & (bluish | bright) & (rows < 0.75)
    _, labels = cv2.connectedComponents(fit.astype(np.uint8))
    top = np.unique(labels[:4][fit[:4]])
    sky = np.isin(labels, top[top > 0]).astype(np.float32)
    if float(sky[: WORK // 8].mean()) < 0.3:
        return np.zeros_like(sky)
    sky = np.asarray(cv2.morphologyEx(sky, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)))
    return np.asarray(cv2.GaussianBlur(sky, (0, 0), 2.5), np.float32)


def _horizon(sky: Field) -> float:
    share = sky.mean(axis=1)
    rows = np.flatnonzero(share > 0.5)
    return float(np.clip(rows[-1] / WORK, 0.3, 0.7)) if len(rows) else 0.45


def _nearness(depth: Depth, frame: Canvas, sky: Field) -> Field:
    """Return a smooth nearness: the ground's, less in the sky, a little more in the middle."""
    base = depth.over(frame)
    cover = cv2.GaussianBlur(
        cv2.resize(sky, (frame.width, frame.height)), (0, 0), 0.05 * frame.unit
    )
    x, y = frame.grid()
    middle = np.exp(-((x / 0.34) ** 2) - ((y - 0.58) / 0.36) ** 2)
    near = base * (1 - 0.9 * cover) + 0.35 * middle * (1 - cover)
    return np.asarray(blur(np.asarray(near, np.float32), 0.06 * frame.unit), np.float32)


def _water(pixels: Field, sky: Field, horizon: float) -> Field | None:
    """Return where water seems to lie, or None: blue, below the horizon, streaked sideways."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (WORK, WORK), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(np.asarray(small, np.float32), cv2.COLOR_RGB2LAB)
    rows = np.arange(WORK, dtype=np.float32)[:, None] / WORK
    light = lab[..., 0] / 100
    across = blur(np.abs(np.gradient(light, axis=1)), 4.0)
    down = blur(np.abs(np.gradient(light, axis=0)), 4.0)
    streaked = smoothstep(0.9, 1.5, down / (across + 0.003))
    blue = smoothstep(2.0, -6.0, lab[..., 2])
    below = smoothstep(horizon - 0.01, horizon + 0.03, rows)
    found: Field = np.asarray(blue * below * (0.4 + 0.6 * streaked) * (1 - sky), np.float32)
    found = smoothstep(0.3, 0.6, blur(found, 4.0))
    lower = found[int(horizon * WORK) :]
    if float(lower.mean()) < 0.25:
        return None
    return np.asarray(cv2.resize(found, (width, height)), np.float32)
