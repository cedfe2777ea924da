"""Casting: which things of a scene move together, and how near each of them stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diorama.scene import Thing
from diorama.stage import Stage

from .depth import Depth
from .layers import Layer, Matte

MOST = 6


def batches(mattes: list[tuple[Layer, Matte]]) -> list[list[tuple[Layer, Matte]]]:
    """Group mattes that do not overlap, in order: each group is finished at once."""
    batches: list[list[tuple[Layer, Matte]]] = []
    union = np.zeros((1, 1), np.float32)
    for layer, laid in mattes:
        if batches and float((union * laid.cover).max()) < 0.3:
            batches[-1].append((layer, laid))
            union = np.asarray(np.maximum(union, laid.cover))
        else:
            batches.append([(layer, laid)])
            union = laid.cover
    return batches


def companies(things: tuple[Thing, ...]) -> list[tuple[Thing, ...]]:
    """Return each root with all that is fixed to it, farthest first, as things of their own."""
    roots = [i for i, thing in enumerate(things) if thing.host < 0]
    order = sorted(roots, key=lambda i: (things[i].pose != "fly", -things[i].depth, i))
    apart = max(0, len(order) - MOST)  # what is farthest moves together, for the memory's sake
    far = [order[:apart]] if apart else []
    return [_family(things, roots) for roots in [*far, *([root] for root in order[apart:])]]


def _family(things: tuple[Thing, ...], roots: list[int]) -> tuple[Thing, ...]:
    members = list(roots)
    for index, thing in enumerate(things):
        if thing.host in members and index not in members:
            members.append(index)
    return tuple(
        replace(things[i], host=members.index(things[i].host) if things[i].host >= 0 else -1)
        for i in members
    )


def standing(stage: Stage, depth: Depth, thing: Thing) -> Layer:
    canvas = stage.canvas
    near = {"hang": 0.04, "fly": 0.9, "portrait": 1.0}.get(thing.pose, 0.0) or depth.at(thing.y)
    if thing.pose == "fly" and thing.depth > 0.3:
        near = 0.4
    foot = canvas.to_px(thing.x, thing.y)
    role = "thing"
    return Layer(role, canvas.pixels, 0, 0, near, foot, thing, thing.size * canvas.unit)
