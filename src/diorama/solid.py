"""Round forms in the look of the cut-outs: ellipses and limbs shaded as if they were soft clay.

A form is drawn on a straight-alpha RGBA field. Its normal comes from its own geometry, the light
from the upper left, and the lower edge takes a little of the bounce colour, as the cut-outs do.
Coordinates and radii are fractions of the field's side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .canvas import mix, vec
from .noise import Field, smoothstep

KEY = (-0.38, -0.62, 0.69)
BOUNCE = (0.62, 0.25, 0.55)


def _window(side: int, x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice]:
    pad = 0.01
    return (
        slice(max(0, int((y0 - pad) * side)), min(side, int((y1 + pad) * side) + 1)),
        slice(max(0, int((x0 - pad) * side)), min(side, int((x1 + pad) * side) + 1)),
    )


def _grid(side: int, rows: slice, columns: slice) -> tuple[Field, Field]:
    y = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5)[:, None] / side
    x = (np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5)[None, :] / side
    return x, y


def _shade(colour: Sequence[float], nx: Field, ny: Field, gloss: float) -> Field:
    nz = np.sqrt(np.clip(1 - nx * nx - ny * ny, 0, 1))
    lit = np.clip(nx * KEY[0] + ny * KEY[1] + nz * KEY[2], -1, 1)
    light = vec(mix(colour, (1, 0.98, 0.94), 0.2))
    dark = vec(mix([c * 0.62 for c in colour], BOUNCE, 0.12))
    tone = dark + (light - dark) * smoothstep(-0.35, 0.95, lit)[..., None]
    under = smoothstep(0.55, 1.0, ny)[..., None] * 0.16
    tone = tone + (vec(mix(colour, BOUNCE, 0.4)) - tone) * under
    shine = np.clip(nx * -0.3 + ny * -0.5 + nz * 0.81, 0, 1) ** 26
    return np.asarray(tone + (shine * gloss)[..., None], np.float32)


def _lay(field: Field, rows: slice, columns: slice, tone: Field, alpha: Field) -> None:
    part = field[rows, columns]
    old = part[..., 3]
    out = alpha + old * (1 - alpha)
    weight = (alpha / np.maximum(out, 1e-5))[..., None]
    part[..., :3] += (tone - part[..., :3]) * weight
    part[..., 3] = out


def shade_behind(field: Field, x: float, y: float, rx: float, ry: float, amount: float) -> None:
    """Darken what lies under a part that is about to be drawn: the contact between two parts."""
    side = field.shape[0]
    rows, columns = _window(side, x - rx * 1.3, y - ry * 1.3, x + rx * 1.3, y + ry * 1.3)
    gx, gy = _grid(side, rows, columns)
    d = np.hypot((gx - x) / rx, (gy - y) / ry)
    field[rows, columns, :3] *= (1 - amount * smoothstep(1.3, 0.75, d))[..., None]


def cut_below(field: Field, y: float) -> None:
    """End everything drawn so far at a gently curved hem at height y."""
    side = field.shape[0]
    rows, columns = _window(side, 0, y - 0.1, 1, 1)
    gx, gy = _grid(side, rows, columns)
    hem = y - 0.35 * (gx - 0.5) ** 2
    field[rows, columns, 3] *= smoothstep(0.004, -0.004, gy - hem)


def ellipse(
    field: Field,
    colour: Sequence[float],
    at: Sequence[float],
    radii: Sequence[float],
    *,
    angle: float = 0.0,
    flat: float = 1.0,
    gloss: float = 0.05,
) -> None:
    """Draw an ellipsoid; flat < 1 makes it a decal that follows the form under it."""
    side = field.shape[0]
    reach = max(radii)
    rows, columns = _window(side, at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach)
    gx, gy = _grid(side, rows, columns)
    c, s = np.cos(angle), np.sin(angle)
    dx, dy = gx - at[0], gy - at[1]
    ex = (dx * c + dy * s) / radii[0]
    ey = (-dx * s + dy * c) / radii[1]
    d = np.hypot(ex, ey)
    soft = 1.4 / side / min(radii)
    alpha = smoothstep(1 + soft, 1 - soft, d)
    nx = np.clip((ex * c - ey * s) * flat, -1, 1)
    ny = np.clip((ex * s + ey * c) * flat, -1, 1)
    _lay(field, rows, columns, _shade(colour, nx, ny, gloss), np.asarray(alpha, np.float32))


def limb(
    field: Field,
    colour: Sequence[float],
    start: Sequence[float],
    stop: Sequence[float],
    radii: Sequence[float],
    *,
    gloss: float = 0.04,
) -> None:
    """Draw a tapered capsule from start (radius radii[0]) to stop (radius radii[1])."""
    side = field.shape[0]
    reach = max(radii)
    x0, x1 = min(start[0], stop[0]) - reach, max(start[0], stop[0]) + reach
    y0, y1 = min(start[1], stop[1]) - reach, max(start[1], stop[1]) + reach
    rows, columns = _window(side, x0, y0, x1, y1)
    gx, gy = _grid(side, rows, columns)
    ax, ay = stop[0] - start[0], stop[1] - start[1]
    t = np.clip(((gx - start[0]) * ax + (gy - start[1]) * ay) / max(ax * ax + ay * ay, 1e-6), 0, 1)
    radius = radii[0] + (radii[1] - radii[0]) * t
    nx = (gx - start[0] - ax * t) / radius
    ny = (gy - start[1] - ay * t) / radius
    d = np.hypot(nx, ny)
    soft = 1.4 / side / min(radii)
    alpha = smoothstep(1 + soft, 1 - soft, d)
    tone = _shade(colour, np.clip(nx, -1, 1), np.clip(ny, -1, 1), gloss)
    _lay(field, rows, columns, tone, np.asarray(alpha, np.float32))


def paste(field: Field, source: Field, x: float, y: float, scale: float) -> None:
    """Lay a square RGBA source over the field, its centre at (x, y), scaled to a fraction."""
    import cv2

    side = field.shape[0]
    ratio = scale * side / source.shape[0]
    move = np.asarray(
        [[ratio, 0, (x - scale / 2) * side], [0, ratio, (y - scale / 2) * side]], np.float32
    )
    flag = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    thin = source * np.dstack([source[..., 3:]] * 3 + [np.ones_like(source[..., 3:])])
    small = cv2.warpAffine(np.ascontiguousarray(thin), move, (side, side), flags=flag)
    small = np.clip(small, 0, 1)
    alpha = small[..., 3:]
    old = field[..., 3:]
    out = alpha + old * (1 - alpha)
    mixed = small[..., :3] + field[..., :3] * old * (1 - alpha)
    field[..., :3] = mixed / np.maximum(out, 1e-5)
    field[..., 3:] = out
