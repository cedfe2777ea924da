"""From scene to picture: sky and place, things, weather, finish, style."""

from __future__ import annotations

import ctypes
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from .canvas import Canvas, blur, vec
from .noise import Field, generator, smoothstep
from .objects import place_things
from .places import PAINTERS
from .progress import Progress, Report
from .scene import PictureError, Scene
from .stage import Stage
from .styles import apply_style, has_medium
from .weather import paint_weather

SMALLEST, LARGEST = 64, 4096
VOCABULARY = Path(__file__).resolve().parent / "vocabulary"
# What the parts of a picture take of its time, measured at 1024 x 1024 on the six study prompts.
BACK, THINGS, FRONT, FINISH = 0.70, 0.18, 0.05, 0.06
MEDIUM = 0.4


@lru_cache(maxsize=1)
def place_table() -> dict[str, Any]:
    """Return the table of places."""
    return dict(tomllib.loads((VOCABULARY / "places.toml").read_text(encoding="utf-8")))


def check_size(width: int, height: int) -> None:
    """Raise PictureError unless the size can be painted."""
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise PictureError(f"A picture must be {SMALLEST} to {LARGEST} pixels wide and high.")
    if max(width, height) > 4.02 * min(width, height):
        raise PictureError("A picture must not be more than four times as long as it is wide.")


def render(scene: Scene, width: int, height: int, *, progress: Report | None = None) -> Image.Image:
    """Paint the scene and return an RGB picture of width x height pixels.

    `progress` is called with 0..1; whatever it raises ends the work and reaches the caller. Raises
    PictureError for a size that cannot be painted or a scene that names no known place.
    """
    check_size(width, height)
    report = progress or (lambda _: None)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        pixels = _paint(scene, width, height, report)
    finally:
        cv2.setNumThreads(threads)
        give_back_memory()
    report(1.0)
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8), "RGB")


@lru_cache(maxsize=1)
def _trim() -> Callable[[int], int] | None:
    """Return the C library's malloc_trim where there is one (glibc)."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None


def give_back_memory() -> None:
    """Return freed pages to the system: a worker that paints all day must not keep its peak."""
    trim = _trim()
    if trim is not None:
        trim(0)


def _paint(scene: Scene, width: int, height: int, report: Report) -> Field:
    spec = place_table().get(scene.place)
    if spec is None:
        raise PictureError("The scene names a place that this painter does not know.")
    canvas = Canvas.window(width, height, scene.camera)
    stage = Stage(canvas, scene, scene.light, spec, scene.horizon, progress=Progress(report))
    roots = [thing for thing in scene.things if thing.host < 0]
    if roots:
        stage.notes["focus"] = roots[0].x
        stage.notes["stands"] = [(t.x, t.y, 0.62 * t.size) for t in roots if t.pose == "stand"]
    try:
        return _layers(stage)
    finally:
        # The relief's height function knows the stage: else the two keep each other alive.
        stage.relief = stage.ripple = None


def _layers(stage: Stage) -> Field:
    canvas, scene, progress = stage.canvas, stage.scene, stage.progress
    back, front = PAINTERS[stage.spec["painter"]]
    medium = MEDIUM if has_medium(scene) else 0.0
    progress.phase(BACK * (1 - medium))
    back(stage)
    progress.phase(THINGS * (1 - medium))
    place_things(stage)
    progress.phase(FRONT * (1 - medium))
    front(stage)
    stage.relief = stage.ripple = None
    paint_weather(stage)
    progress.phase(FINISH * (1 - medium))
    finish(stage)
    progress.phase(medium)
    pixels = apply_style(stage, canvas.pixels)
    if scene.tile:
        pixels = seamless(pixels)
    progress.reached(1.0)
    return pixels


def seamless(pixels: Field) -> Field:
    """Return a picture that repeats without a seam: its rim fades into its own middle."""
    height, width = pixels.shape[:2]
    x = np.minimum(np.arange(width) + 0.5, width - np.arange(width) - 0.5) / min(width, height)
    y = np.minimum(np.arange(height) + 0.5, height - np.arange(height) - 0.5) / min(width, height)
    near = np.minimum(x[None, :], y[:, None])
    weight = smoothstep(0.02, 0.16, near)[..., None]
    moved = np.roll(pixels, (height // 2, width // 2), (0, 1))
    return np.asarray(moved + (pixels - moved) * weight, np.float32)


def finish(stage: Stage) -> None:
    """Bloom, a gentle curve, vignette: what a lens and a print do."""
    canvas, scene = stage.canvas, stage.scene
    pixels = canvas.pixels
    np.clip(pixels, 0, 1.5, out=pixels)
    bright = np.clip(pixels - 0.72, 0, 1)
    bloom = blur(bright, 0.018 * canvas.unit)
    pixels += bloom * (0.45 if not scene.raw else 0.15)
    if scene.raw:
        return
    strength = min(scene.stylize, 1000) / 1000
    grey = pixels @ vec((0.3, 0.59, 0.11))
    pixels += (pixels - grey[..., None]) * (0.02 + 0.4 * strength)
    shadow, light = vec((0.02, 0.0, 0.05)), vec((0.035, 0.02, -0.02))
    weight = np.clip(grey, 0, 1)[..., None]
    pixels += (shadow * (1 - weight) ** 2 + light * weight**2) * (0.4 + strength)
    np.clip(pixels, 0, 1.2, out=pixels)
    curve = pixels * pixels * (3 - 2 * pixels)
    pixels += (np.where(pixels < 1, curve, pixels) - pixels) * 0.16
    x, y = canvas.xs(), canvas.ys()
    half = canvas.span / 2
    d = ((x[None, :] - canvas.middle) / half) ** 2 + (
        ((y - 0.5 * (canvas.top + canvas.bottom)) / 0.5) ** 2
    )[:, None]
    pixels *= (1 - 0.10 * np.clip(d - 0.5, 0, 2))[..., None]
    rng = generator("grain", scene.seed)
    grain = rng.standard_normal((256, 256), dtype=np.float32) * 0.005
    rows, columns = -(-canvas.height // 256), -(-canvas.width // 256)
    pixels += np.tile(grain, (rows, columns))[: canvas.height, : canvas.width, None]
