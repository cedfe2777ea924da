"""Finishing: what lens, tones and medium do to a plate, and to the cover of what is laid on it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from diorama import remastering
from diorama.canvas import Canvas
from diorama.grading import graded
from diorama.lens import candlelight, darken_ground, focus_behind, look_through
from diorama.noise import Field
from diorama.rendering import finish
from diorama.stage import Stage
from diorama.styles import apply_style, has_medium

OUTLINE = 0.005  # world units: how far round a thing a medium draws its outline


def finished(stage: Stage, pixels: Field) -> Field:
    """Return pixels as the picture of the stage ends: lens, tones, medium and detail."""
    own, scene = stage.canvas, stage.scene
    canvas = Canvas(own.width, own.height, own.left, own.top, own.unit, pixels.copy())
    copy = replace(stage, canvas=canvas)
    candlelight(copy)
    if scene.lens:
        look_through(copy)
    finish(copy)
    if scene.grade:
        canvas.pixels = graded(canvas.pixels, scene.grade)
    out = apply_style(copy, canvas.pixels)
    if scene.detail:
        out = remastering.finished(out, own.unit, scene.detail, medium=has_medium(scene))
    return np.clip(out, 0, 1)


def focus(stage: Stage) -> None:
    """Do to the place what the scene's lens does behind the things."""
    if stage.scene.lens:
        focus_behind(stage)
        if "silhouette" in stage.scene.lens:
            darken_ground(stage)


def seen_through(stage: Stage, cover: Field) -> Field:
    """Return a cover as lens and medium show it: it bulges and blurs as the picture does, and
    takes in the outline that a medium draws round it."""
    if has_medium(stage.scene):
        reach = 2 * max(1, round(OUTLINE * stage.canvas.unit)) + 1
        cover = np.asarray(cv2.dilate(cover, cv2.getStructuringElement(2, (reach, reach))))
    if not stage.scene.lens:
        return cover
    own = stage.canvas
    canvas = Canvas(own.width, own.height, own.left, own.top, own.unit, np.dstack([cover] * 3))
    look_through(replace(stage, canvas=canvas))
    return np.asarray(np.clip(canvas.pixels[..., 0], 0, 1), np.float32)
