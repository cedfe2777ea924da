"""Unfolding: from a scene to its layers, each painted once, with room round the frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from diorama import patches
from diorama.canvas import Canvas, blur
from diorama.lens import measure, painter_of
from diorama.noise import Field, smoothstep
from diorama.objects import place_things
from diorama.places import PAINTERS, underwater
from diorama.places.growth import grow
from diorama.progress import Progress, Report
from diorama.rendering import paint, place_table, stage_of
from diorama.scene import Scene
from diorama.stage import Stage
from diorama.styles import apply_style, has_medium

from .camera import Lens
from .casting import batches, companies, standing
from .depth import Depth
from .finishing import finished, focus, seen_through
from .layers import Layer, Matte, Unfolding, as_bytes, matte, whole
from .skies import SkyPainter

MARGIN = 0.1


@dataclass(frozen=True)
class Setting:
    """A scene or picture taken apart: its layers from far to near, and where they stand.

    `frame` is the window of the frame, `water` the share of open water at each of its pixels,
    `stirred` how far the air moves what is part of the place, in world units, and `ground` where
    daylight may wander, `mat` the bare paper round it (bytes, premultiplied), which stays as it is.
    `stage` is None for a picture.
    """

    lens: Lens
    depth: Depth
    frame: Canvas
    layers: tuple[Layer, ...]
    water: Field | None
    ground: Field
    stage: Stage | None
    storm: float = 0.0
    night: bool = False
    mat: Field | None = None
    stirred: Field | None = None


def unfolds(scene: Scene) -> bool:
    """Tell whether a scene can be unfolded: not what repeats, what another painter shows, or what
    is laid from pieces that no layer may cut."""
    usual = str(place_table().get(scene.place, {}).get("painter", ""))
    if scene.style == "glass":
        return False
    return not scene.tile and "long" not in scene.lens and painter_of(scene, usual) == usual


def unfold(scene: Scene, width: int, height: int, report: Report) -> Setting:
    """Return the scene's setting for a frame of width x height pixels.

    Raises PictureError for a scene that names no known place.
    """
    progress = Progress(report)
    mx, my = round(width * MARGIN), round(height * MARGIN)
    wide, tall = width + 2 * mx, height + 2 * my
    x, y, zoom = scene.camera
    wider = replace(scene, camera=(x, y, zoom * height / tall))
    canvas = Canvas.window(wide, tall, wider.camera)
    stage = stage_of(scene, canvas, Progress(lambda _: None))
    frame = Canvas.window(width, height, scene.camera)
    depth = _depth(stage)
    lens = Lens(width, height, mx, my, *_bound_for(scene, frame, depth))
    progress.phase(0.5)
    unfolding = _behind(stage, depth, frame, progress)
    progress.phase(0.4)
    _before(stage, depth, unfolding, progress)
    if scene.patches:
        parts = progress.shared(1 + len(scene.patches))
        patched = patches.lay(wider, canvas, unfolding.plate,
                              lambda one, *at: paint(one, at[0], at[1], next(parts)))  # fmt: skip
        _patch(stage, scene, unfolding, np.clip(patched, 0, 1))
    setting = Setting(
        lens, depth, frame, tuple(unfolding.layers), _water(stage, frame), _daylit(stage, frame),
        _kept(stage), stage.storm, stage.light.moon, _mat(stage, frame), _stirred(stage, frame),
    )  # fmt: skip
    progress.phase(0.1)
    progress.reached(1.0)
    return setting


def _patch(stage: Stage, scene: Scene, unfolding: Unfolding, patched: Field) -> None:
    """Unfold what patches change: a repainted part is a flat of its own, as near as what it hides.

    An earlier frame within a wider one is nearly what was painted there: the layers take it up.
    """
    if not any(patch.mask for patch in scene.patches):
        unfolding.amend(patched)
        return
    change = blur(np.abs(patched - unfolding.plate).max(axis=2), 0.006 * stage.canvas.unit)
    cover = smoothstep(0.006, 0.03, change)
    near = unfolding.nearness()
    weight = float(cover.sum())
    if weight > 1:
        flat = Layer("patch", patched, 0, 0, float((near * cover).sum()) / weight)
        unfolding.add(patched, [(flat, cover)])


def _mat(stage: Stage, frame: Canvas) -> Field | None:
    """Return the paper that a medium leaves bare round the frame: where no ink makes a mark."""
    edge = patches.MARGINS.get(stage.scene.style, 0.0)
    if not 0 < edge < 0.1:
        return None
    bare = replace(stage, canvas=frame, notes={})
    black, grey = (
        apply_style(bare, np.full((frame.height, frame.width, 3), tone, np.float32))
        for tone in (0.02, 0.5)
    )
    x = np.minimum(frame.xs() - frame.left, frame.right - frame.xs())
    y = np.minimum(frame.ys() - frame.top, frame.bottom - frame.ys())
    rim = smoothstep(2.2 * edge, 1.6 * edge, np.minimum(x[None, :], y[:, None]))
    marked = np.abs(grey - black).max(axis=2)
    cover = smoothstep(0.30, 0.06, marked) * rim
    return as_bytes(np.dstack([np.clip(black, 0, 1) * cover[..., None], cover]))


def _bound_for(scene: Scene, frame: Canvas, depth: Depth) -> tuple[float, float]:
    """Return the pixel toward which the camera goes: between the horizon and the subject."""
    x, y = depth.vanish, min(scene.horizon, 0.6)
    roots = [thing for thing in scene.things if thing.host < 0][:3]
    if roots:
        x += 0.7 * (sum(t.x for t in roots) / len(roots) - x)
        y += 0.5 * (sum(t.y - t.size / 2 for t in roots) / len(roots) - y)
    px, py = frame.to_px(x, y)
    wide, tall = frame.width, frame.height
    return min(max(px, 0.25 * wide), 0.75 * wide), min(max(py, 0.25 * tall), 0.7 * tall)


def _kept(stage: Stage) -> Stage:
    """Return the stage without its pixels: what moves asks it for colours and noise only."""
    stage.relief = None
    return replace(stage, canvas=stage.canvas.small(8), notes={})


def _depth(stage: Stage) -> Depth:
    painter = str(stage.spec["painter"])
    roots = [t for t in stage.scene.things if t.host < 0]
    stands = [t.y for t in roots[:1] if t.pose in ("stand", "float", "swim")]
    stand = stands[0] if stands else stage.horizon + 0.72 * (1 - stage.horizon)
    vanish = 0.0
    if painter == "street":
        vanish = 0.1 * (float(stage.rng("vanish").random()) - 0.5) * 2
    if painter == "cave":
        vanish = stage.light.azimuth * 0.4
    return Depth(painter, stage.horizon, max(stand, stage.horizon + 0.12), vanish)


def _behind(stage: Stage, depth: Depth, frame: Canvas, progress: Progress) -> Unfolding:
    """Paint the place and unfold it into sky, lights, clouds, ground and trees."""
    back = PAINTERS[str(stage.spec["painter"])][0]
    lens = stage.scene.lens
    blurred = measure(lens, "blur") > 0  # then one plate, as what is blurred has no edges
    trees = [] if blurred or "silhouette" in lens else stage.spec.get("trees", [])
    if trees:
        stage.spec = {**stage.spec, "trees": []}
    sky = SkyPainter()
    if not blurred:
        stage.notes["sky"] = sky
    back(stage)
    progress.reached(0.5)
    near = depth.over(frame)
    if sky.found:
        hidden = sky.found[0].hidden_by(back, stage, stage.canvas.pixels)
        hidden = seen_through(stage, hidden)
        focus(stage)
        unfolding = sky.found[0].unfolded(stage, finished)
        ground = Layer("place", hidden, 0, 0, near)
        unfolding.add(finished(stage, stage.canvas.pixels), [(ground, hidden)])
    else:
        focus(stage)
        unfolding = Unfolding(finished(stage, stage.canvas.pixels))
        unfolding.layers.append(whole("place", unfolding.plate, near))
    if trees and stage.relief is not None:
        stage.spec = {**stage.spec, "trees": trees}
        _unfold_growth(stage, depth, unfolding)
    progress.reached(1.0)
    return unfolding


def _unfold_growth(stage: Stage, depth: Depth, unfolding: Unfolding) -> None:
    """Unfold the trees into one layer for each row of the place's table."""
    plans = stage.spec["trees"]
    relief = stage.ground()
    rows = [plans] if has_medium(stage.scene) else [[plan] for plan in plans]
    pixels = stage.canvas.pixels
    for row in rows:
        spec = {**stage.spec, "trees": row}
        laid = matte(partial(_onto, stage, grow, spec=spec), stage.canvas)
        pixels = laid.over(pixels)
        distance = float(np.sqrt(row[-1][2] * row[-1][3]))
        foot = relief.horizon + relief.eye / distance
        layer = Layer("growth", pixels, 0, 0, depth.at(foot))
        unfolding.add(finished(stage, pixels), [(layer, seen_through(stage, laid.cover))])
    stage.canvas.pixels[:] = pixels


def _onto(stage: Stage, paint: Callable[[Stage], None], canvas: Canvas, **other: Any) -> None:
    """Paint on another canvas what the stage would show with other things or another table."""
    paint(replace(stage, canvas=canvas, **other))


def _before(stage: Stage, depth: Depth, unfolding: Unfolding, progress: Progress) -> None:
    """Unfold the things and what stands before them."""
    pixels = stage.canvas.pixels
    groups = companies(stage.scene.things)
    mattes: list[tuple[Layer, Matte]] = []
    for done, group in enumerate(groups):
        scene = replace(stage.scene, things=group)
        laid = matte(partial(_onto, stage, place_things, scene=scene), stage.canvas)
        mattes.append((standing(stage, depth, group[0]), laid))
        progress.reached(0.8 * (done + 1) / len(groups))
    for batch in batches(mattes):
        for _, laid in batch:
            pixels = laid.over(pixels)
        parts = [(layer, seen_through(stage, laid.cover)) for layer, laid in batch]
        unfolding.add(finished(stage, pixels), parts)
    painter = str(stage.spec["painter"])
    front = PAINTERS[painter][1]

    def closest(canvas: Canvas) -> None:
        copy = replace(stage, canvas=canvas)
        if painter == "underwater":  # its bubbles rise, so they are no part of a layer
            underwater.weeds(copy, 1.02, 14, 0.15)
        else:
            front(copy)

    laid = matte(closest, stage.canvas)
    if float(laid.cover.max()) > 0.02:
        pixels = laid.over(pixels)
        near = 0.02 if painter == "clouds" else depth.at(1.03)
        layer = Layer("front", pixels, 0, 0, near)
        unfolding.add(finished(stage, pixels), [(layer, seen_through(stage, laid.cover))])
    progress.reached(1.0)


def _water(stage: Stage, frame: Canvas) -> Field | None:
    """Return where open water lies in the frame (0..1), or None."""
    painter = stage.spec["painter"]
    wet = stage.notes.get("wet")
    if wet is not None:
        return _still(stage, frame, wet)
    if painter not in ("sea", "beach", "skyline"):
        return None
    x, y = frame.grid()
    top = stage.horizon + (0.03 if painter == "skyline" else 0.0)
    water = smoothstep(top + 0.004, top + 0.03, y)
    if painter == "beach":
        shore = float(stage.spec.get("shore", 0.66)) - 0.03
        slope = 0.035 * x * (1 if stage.seed % 2 else -1)
        water = water * smoothstep(shore + 0.05, shore - 0.01, y - slope)
    return np.asarray(water, np.float32)


def _still(stage: Stage, frame: Canvas, wet: Field) -> Field:
    """Return where still water lies in the frame, less toward its shores, which must not move."""
    whole = np.zeros((stage.canvas.height, stage.canvas.width), np.float32)
    whole[whole.shape[0] - wet.shape[0] :] = wet
    top, left = (whole.shape[0] - frame.height) // 2, (whole.shape[1] - frame.width) // 2
    lake = whole[top : top + frame.height, left : left + frame.width]
    return np.asarray(lake * smoothstep(0.55, 1.0, blur(lake, 0.006 * frame.unit)), np.float32)


def _stirred(stage: Stage, frame: Canvas) -> Field | None:
    """Return how far leaves overhead and curtains are moved (world units), or None."""
    x, y = frame.grid()
    if stage.spec["painter"] in ("woods", "jungle"):
        power = 0.0028 * (1 + stage.storm)
        return np.asarray(power * smoothstep(stage.horizon - 0.08, 0.0, y), np.float32)
    total = np.zeros_like(x)
    for left, top, right, bottom in stage.notes.get("curtains", []):
        hang = smoothstep(top, bottom, y) * smoothstep(bottom + 0.03, bottom, y)
        aside = np.minimum(np.abs(x - left - 0.06), np.abs(x - right + 0.06))
        total += 0.006 * hang * smoothstep(0.075, 0.05, aside)
    return np.asarray(total, np.float32) if total.any() else None


def _daylit(stage: Stage, frame: Canvas) -> Field:
    """Return where the shadows of clouds may pass (0..1)."""
    rows = smoothstep(stage.horizon - 0.12, stage.horizon + 0.05, frame.ys())
    open_sky = not stage.inside and stage.spec["painter"] in ("land", "sea", "beach", "clouds")
    strong = stage.light.key * (0.3 if stage.light.moon else 1.0) * open_sky
    return np.asarray(np.repeat(rows[:, None], frame.width, 1) * min(1.0, strong), np.float32)
