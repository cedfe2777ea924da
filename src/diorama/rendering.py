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
from .grading import graded
from .lens import candlelight, darken_ground, focus_behind, look_through, painter_of
from .noise import Field, generator
from .objects import place_things
from .patches import lay
from .places import PAINTERS
from .places.changing import changed
from .places.clearing import cleared
from .polish import polish
from .progress import Progress, Report
from .remastering import finer_size, finished
from .repeating import repeating
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
        pixels = paint(scene, width, height, Progress(report))
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


def stage_of(scene: Scene, canvas: Canvas, progress: Progress) -> Stage:
    """Return the stage on which the scene is painted; PictureError when its place is unknown."""
    spec = place_table().get(scene.place)
    if spec is None:
        raise PictureError("The scene names a place that this painter does not know.")
    spec = changed(spec, scene.weather)
    if scene.no:
        spec = cleared(spec, scene.no)
    stage = Stage(canvas, scene, scene.light, spec, scene.horizon, progress=progress)
    roots = [thing for thing in scene.things if thing.host < 0]
    if roots:
        stage.notes["focus"] = roots[0].x
        stage.notes["stands"] = [(t.x, t.y, 0.62 * t.size) for t in roots if t.pose == "stand"]
    return stage


def paint(scene: Scene, width: int, height: int, progress: Progress) -> Field:
    """Return the scene's pixels (height, width, 3), its patches laid over it.

    Raises PictureError for a scene that names no known place.
    """
    parts = progress.shared(1 + len(scene.patches))
    size = finer_size(scene.detail, width, height)
    pixels = _own(scene, *size, next(parts))
    canvas = Canvas.window(width, height, scene.camera)
    if scene.detail:
        if size != (width, height):
            small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
            pixels = np.asarray(small, np.float32)
        pixels = finished(pixels, canvas.unit, scene.detail, medium=has_medium(scene))
    return lay(scene, canvas, pixels, lambda one, *at: paint(one, at[0], at[1], next(parts)))


def _own(scene: Scene, width: int, height: int, progress: Progress) -> Field:
    """Return the scene's pixels without its patches."""
    if scene.tile:
        return repeating(width, height, lambda canvas: _on(scene, canvas, progress))
    return _on(scene, Canvas.window(width, height, scene.camera), progress)


def _on(scene: Scene, canvas: Canvas, progress: Progress) -> Field:
    stage = stage_of(scene, canvas, progress)
    try:
        return _layers(stage)
    finally:
        # The relief's height function knows the stage: else the two keep each other alive.
        stage.relief = None


def _layers(stage: Stage) -> Field:
    canvas, scene, progress = stage.canvas, stage.scene, stage.progress
    back, front = PAINTERS[painter_of(scene, stage.spec["painter"])]
    medium = MEDIUM if has_medium(scene) else 0.0
    progress.phase(BACK * (1 - medium))
    back(stage)
    if scene.lens:
        focus_behind(stage)
        if "silhouette" in scene.lens:
            darken_ground(stage)
    progress.phase(THINGS * (1 - medium))
    place_things(stage)
    progress.phase(FRONT * (1 - medium))
    front(stage)
    stage.relief = None
    paint_weather(stage)
    candlelight(stage)
    progress.phase(FINISH * (1 - medium))
    if scene.lens:
        look_through(stage)
    finish(stage)
    progress.phase(medium)
    if scene.grade:
        canvas.pixels = graded(canvas.pixels, scene.grade)
    pixels = apply_style(stage, canvas.pixels)
    progress.reached(1.0)
    return pixels


def finish(stage: Stage) -> None:
    """Bloom, a gentle curve, vignette: what a lens and a print do."""
    canvas, scene = stage.canvas, stage.scene
    pixels = canvas.pixels
    np.clip(pixels, 0, 1.5, out=pixels)
    bright = np.clip(pixels - 0.72, 0, 1)
    bloom = blur(bright, 0.018 * canvas.unit)
    polish(pixels, scene, canvas.unit)
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
    # the vignette is that of the first frame, and goes on beyond it as it is at its edge
    dx, dy = np.clip(x / stage.half, -1, 1), np.clip((y - 0.5) / 0.5, -1, 1)
    d = (dx**2)[None, :] + (dy**2)[:, None]
    if not scene.tile:
        pixels *= (1 - 0.10 * np.clip(d - 0.5, 0, 2))[..., None]
    rng = generator("grain", scene.seed)
    grain = rng.standard_normal((256, 256), dtype=np.float32) * 0.005
    rows, columns = -(-canvas.height // 256), -(-canvas.width // 256)
    pixels += np.tile(grain, (rows, columns))[: canvas.height, : canvas.width, None]
