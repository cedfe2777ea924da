"""Acting: how a thing moves by what it is and how it is posed, as one stiff figure.

A cut-out that is bent like rubber looks false; one that is tilted, lifted and leaned about its foot
looks like a puppet on a stage, which is what it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, pi, radians, sin

import numpy as np

from diorama.anchors import facing
from diorama.canvas import Canvas
from diorama.noise import Field, generator
from diorama.scene import Thing
from diorama.words import noun_of_asset

from .layers import Layer


@dataclass(frozen=True)
class Act:
    """What a figure does in a turn: sizes are parts of its height, angles degrees.

    `lift` and `drift` move it, `tilt` turns it, `lean` bends it from its foot, `breath` makes it
    taller, `hop` bounces it as steps do, `pace` is its way ahead for an advance of 1.
    """

    lift: float = 0.0
    drift: float = 0.0
    tilt: float = 0.0
    lean: float = 0.0
    breath: float = 0.0
    hop: float = 0.0
    pace: float = 0.0
    turns: int = 2
    phase: float = 0.0


def act_of(thing: Thing, storm: float, lively: bool, seed: int) -> Act:
    """Return what a thing does; `lively` lets it walk, fly or drive, not only breathe."""
    noun = noun_of_asset(thing.asset)
    kind = noun.kind if noun else ""
    living = bool(noun and "living" in noun.tags) or bool(thing.body)
    rng = generator("act", seed, thing.name, round(thing.x, 3))
    phase, turns = float(rng.random()), 2 + int(rng.integers(2))
    ahead = _ahead(thing) * (0.8 + 0.4 * float(rng.random()))
    if thing.pose == "float":
        return Act(lift=0.010 + 0.02 * storm, tilt=1.3 + 2.6 * storm, drift=0.006, turns=turns - 1,
                   phase=phase, pace=0.10 * ahead * lively)  # fmt: skip
    if thing.pose in ("fly", "swim"):
        return Act(lift=0.022, drift=0.01, tilt=1.6, turns=turns, phase=phase,
                   pace=0.15 * ahead * lively)  # fmt: skip
    if thing.pose == "hang":
        return Act()
    if thing.pose == "portrait":
        return Act(breath=0.008, tilt=0.5 if not lively else 1.0, turns=2, phase=phase)
    if kind == "plant":
        return Act(lean=0.020, turns=turns, phase=phase)
    if kind == "vehicle" and lively:
        return Act(breath=0.004, pace=0.14 * ahead, turns=9, phase=phase)
    if living and lively and noun and noun.size > 0.1:
        return Act(hop=0.022, tilt=1.5, breath=0.006, pace=0.11 * ahead, turns=6, phase=0.0)
    if living:
        return Act(breath=0.010, lean=0.006, tilt=0.25, turns=turns, phase=phase)
    return Act()


def kept_in(act: Act, thing: Thing, frame: Canvas) -> Act:
    """Return the act with a way that does not lead the thing out of the frame."""
    edge = frame.right if act.pace > 0 else frame.left
    room = max(0.0, abs(edge - thing.x) - 0.5 * thing.size - 0.04)
    return replace(act, pace=float(np.clip(act.pace, -room, room)))


def _ahead(thing: Thing) -> float:
    looks = facing(thing.asset)
    if looks == "front":
        return 0.25 if thing.x < 0 else -0.25
    return 1.0 if (looks == "right") != thing.flip else -1.0


def matrix(act: Act, layer: Layer, clock: float, advance: float, unit: float) -> Field:
    """Return the (3, 3) matrix that moves the layer's figure in the set, in pixels."""
    angle = 2 * pi * act.turns * clock
    start = 2 * pi * act.phase
    wave = sin(angle + start) - sin(start)
    other = cos(0.5 * angle * 2 + start + 1.1) - cos(start + 1.1)
    step = abs(sin(angle))
    tall = layer.tall
    x, y = layer.foot
    turn = radians(act.tilt) * (other if act.hop == 0 else sin(angle))
    stretch = 1 + act.breath * (wave - 0.6 * step * (act.hop > 0))
    lean = act.lean * wave
    dx = act.drift * tall * other + act.pace * advance * unit
    dy = -act.lift * tall * wave - act.hop * tall * step
    pivot = y - (0.5 * tall if layer.thing is not None and layer.thing.pose != "stand" else 0.0)
    c, s = cos(turn), sin(turn)
    body = np.asarray([[c, -s - lean, 0], [s, c * stretch, 0], [0, 0, 1]], np.float64)
    there = np.asarray([[1, 0, x + dx], [0, 1, pivot + dy], [0, 0, 1]], np.float64)
    back = np.asarray([[1, 0, -x], [0, 1, -pivot], [0, 0, 1]], np.float64)
    return np.asarray(there @ body @ back)
