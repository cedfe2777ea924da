"""Whole figures from cut-outs that are only a head or a bust; the bodies are data (bodies.toml)."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from . import solid
from .anchors import trim
from .assets import SIDE, cutout
from .canvas import rgb
from .noise import Field

VOCABULARY = Path(__file__).resolve().parent / "vocabulary"


@lru_cache(maxsize=1)
def bodies() -> dict[str, Any]:
    """Return the table of bodies and their colours."""
    return tomllib.loads((VOCABULARY / "bodies.toml").read_text(encoding="utf-8"))


def garment(asset: str) -> str:
    """Return the body that a cut-out of a garment makes of who wears it, or ""."""
    table = bodies()["garments"]
    return next((body for body, codes in table.items() if asset in codes.split(", ")), "")


def _colours(asset: str, head: Field) -> dict[str, tuple[float, float, float]]:
    table = bodies()["colours"]
    opaque = head[SIDE // 2 :, :, :][head[SIDE // 2 :, :, 3] > 0.9]
    cheek = np.median(opaque[:, :3], axis=0) if len(opaque) else np.asarray([0.6, 0.5, 0.4])
    found = {"fur": (float(cheek[0]), float(cheek[1]), float(cheek[2]))}
    for source in (table["default"], table.get(asset, {})):
        found.update({role: rgb(code) for role, code in source.items()})
    for role in ("paw", "tail"):
        found.setdefault(role, found["fur"])
    found.setdefault("tip", found["tail"])
    return found


@lru_cache(maxsize=3)
def figure(asset: str, body: str) -> Field:
    """Return the cut-out with a body (SIDE, SIDE, 4); body "" is the cut-out as it is.

    "NAME:#rrggbb" is a body in clothes of that colour.

    Raises KeyError for a body that is not in the table.
    """
    head = cutout(asset)
    if not body:
        return _trimmed(head, trim(asset))
    name, _, cloth = body.partition(":")
    plan = bodies()[name]
    if plan.get("over"):
        return _overlaid(head, plan)
    colours = _colours(asset, head)
    if cloth:
        colours["cloth"] = rgb(cloth)
    field = np.zeros((SIDE, SIDE, 4), np.float32)
    for index, part in enumerate(plan["parts"]):
        if index == plan["head_after"]:
            solid.paste(field, rounded(head, plan.get("round", 0.0)), *plan["head"])
        _draw(field, colours, part)
    if plan["head_after"] >= len(plan["parts"]):
        solid.paste(field, rounded(head, plan.get("round", 0.0)), *plan["head"])
    field.setflags(write=False)
    return field


def _trimmed(head: Field, end: float) -> Field:
    if end >= 1:
        return head
    out = np.array(head)
    rows = (np.arange(SIDE, dtype=np.float32) + 0.5)[:, None] / SIDE
    out[..., 3] *= np.clip((end - rows) * SIDE / 3 + 0.5, 0, 1)
    out.setflags(write=False)
    return out


def _overlaid(head: Field, plan: dict[str, Any]) -> Field:
    import cv2

    from .forms import form

    field = np.array(head)
    if "ramp" in plan:
        light = field[..., :3] @ np.asarray([0.3, 0.55, 0.15], np.float32)
        inside = light[field[..., 3] > 0.5]
        low, high = np.percentile(inside, (3, 90))
        stops = np.asarray([rgb(code) for code in plan["ramp"]], np.float32)
        t = np.clip((light - low) / max(float(high - low), 0.1), 0, 1)
        at = np.linspace(0, 1, len(stops))
        field[..., :3] = np.dstack([np.interp(t, at, stops[:, c]) for c in range(3)])
    for kind, name, x, y, side, degrees in plan["parts"]:
        part = form(name) if kind == "form" else cutout(name)
        turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), -degrees, 1.0)
        thin = part * np.dstack([part[..., 3:]] * 3 + [np.ones_like(part[..., 3:])])
        thin = cv2.warpAffine(np.ascontiguousarray(thin), turn, (SIDE, SIDE))
        thin = np.asarray(thin, np.float32)
        thin[..., :3] /= np.maximum(thin[..., 3:], 1e-4)
        solid.paste(field, thin, x, y + side / 2 if kind == "form" else y, side)
    field.setflags(write=False)
    return field


def rounded(head: Field, radius: float) -> Field:
    """Return the bust with the two corners of its flat lower edge rounded off."""
    if radius <= 0:
        return head
    ys, xs = np.nonzero(head[..., 3] > 0.5)
    bottom = int(ys.max())
    row = xs[ys > bottom - 6]
    left, right, r = int(row.min()), int(row.max()), radius * SIDE
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    dy = np.clip(y - (bottom - r), 0, None)
    dx = np.clip(np.maximum(left + r - x, x - (right - r)), 0, None) * (y > bottom - r)
    keep = np.clip((r - np.hypot(dx, dy)) / 2 + 1, 0, 1)
    out = np.array(head)
    out[..., 3] *= np.where((dx > 0) & (dy > 0), keep, 1)
    return out


def _colour(
    colours: dict[str, tuple[float, float, float]], role: str
) -> tuple[float, float, float]:
    return rgb(role) if role.startswith("#") else colours[role]


def _draw(field: Field, colours: dict[str, tuple[float, float, float]], part: list[Any]) -> None:
    shape, role, *n = part
    if shape == "ellipse":
        solid.ellipse(field, _colour(colours, role), n[:2], n[2:4])
    elif shape == "limb":
        solid.limb(field, _colour(colours, role), n[:2], n[2:4], n[4:6])
    elif shape == "cut":
        solid.cut_below(field, n[1])
    else:
        solid.shade_behind(field, n[0], n[1], n[2], n[3], 0.2)
