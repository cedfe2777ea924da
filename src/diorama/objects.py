"""Things in the picture: light, haze, lamps and their place, so that they belong there."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from .afloat import set_afloat
from .anchors import table, waterline
from .canvas import blur, mix, rgb, vec
from .footing import cast_shadows, drop_shadow, ground_behind, settle
from .lens import darkened
from .noise import Field, fbm, smoothstep
from .scene import Thing
from .sky import sun_height
from .sprites import Sprite, build
from .stage import Stage
from .traits import showing


def place_things(stage: Stage) -> None:
    """Draw every thing that stands by itself, from the farthest to the nearest."""
    things = stage.scene.things
    roots = [i for i, thing in enumerate(things) if thing.host < 0]
    order = sorted(roots, key=lambda i: (things[i].pose != "fly", -things[i].depth, i))
    for done, index in enumerate(order):
        sprite = build(_plain(things), index)
        stage.reached((done + 0.5) / len(order))
        for thing in _repeated(stage, things[index]):
            _place(stage, thing, sprite)
        stage.reached((done + 1) / len(order))


def _repeated(stage: Stage, thing: Thing) -> list[Thing]:
    """Return the thing, in a picture that repeats with its neighbours in the next tiles."""
    if not stage.scene.tile:
        return [thing]
    span = 2 * stage.half
    return [
        replace(thing, x=thing.x + column * span, y=thing.y + row)
        for row in (-1, 0, 1)
        for column in (-1, 0, 1)
    ]


def _plain(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    """Forget where the roots stand: a sprite depends on what is fixed to what only."""
    return tuple(replace(t, x=0, y=0, size=1, depth=0, tilt=0) if t.host < 0 else t for t in things)


def _sized(stage: Stage, thing: Thing, sprite: Sprite) -> tuple[Field, int, int, float, float]:
    """Return (image, left px, top px, foot x px, foot y px) of the sprite at its place."""
    canvas = stage.canvas
    ratio = thing.size * canvas.unit / sprite.tall
    drop = waterline(thing.asset) * thing.size if thing.pose == "float" else 0.0
    fx, fy = canvas.to_px(thing.x, thing.y + drop)
    height, width = sprite.image.shape[:2]
    if thing.tilt:
        turn = np.deg2rad(thing.tilt)
        cx, cy = width / 2, height / 2
        c, s = float(np.cos(turn)), float(np.sin(turn))
        wide, tall = abs(width * c) + abs(height * s), abs(width * s) + abs(height * c)
        move = np.asarray([[c, s, wide / 2 - c * cx - s * cy], [-s, c, tall / 2 + s * cx - c * cy]])
        image = cv2.warpAffine(sprite.image, move, (int(wide) + 1, int(tall) + 1))
        foot = (move @ np.asarray([sprite.foot_x, sprite.foot_y, 1.0])).tolist()
    else:
        image, foot = sprite.image, [sprite.foot_x, sprite.foot_y]
    size = (max(2, round(image.shape[1] * ratio)), max(2, round(image.shape[0] * ratio)))
    flag = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    image = np.clip(cv2.resize(image, size, interpolation=flag), 0, 1)
    return image, round(fx - foot[0] * ratio), round(fy - foot[1] * ratio), fx, fy


def _place(stage: Stage, thing: Thing, sprite: Sprite) -> None:
    canvas = stage.canvas
    image, left, top, fx, fy = _sized(stage, thing, sprite)
    if thing.pose == "stand":
        ground = ground_behind(stage, thing, fx, fy, image)
        reach = round(0.75 * thing.size * canvas.unit) + 2
        near = canvas.band(int(fy) - reach, int(fy) + reach)
        away = round((near.top - canvas.top) * canvas.unit)
        cast_shadows(
            replace(stage, canvas=near), image, left, top - away, fx, fy - away, thing.size
        )
    lit = relit(stage, thing, image)
    if "silhouette" in stage.scene.lens:
        lit = darkened(stage, lit, thing.x)
    if thing.trait:
        lit = showing(stage, thing, lit, left, top)
    if thing.pose == "flat":
        drop_shadow(stage, image, left, top, thing.size)
    fog = _fog(stage, thing, fy)
    if fog > 0:
        haze = vec(stage.haze() if not stage.spec.get("murk") else stage.colour("murk", "#1a6a86"))
        lit[..., :3] += (haze * lit[..., 3:] - lit[..., :3]) * fog
    if thing.pose == "float":
        set_afloat(stage, thing, lit, left, top)
        _show(stage, lit, left, top)
        return
    box = canvas.part(lit, left, top)
    if box is None:
        return
    rows, columns, ry, rx = box
    part = canvas.pixels[rows, columns]
    part *= 1 - lit[ry, rx, 3:]
    part += lit[ry, rx, :3]
    if thing.name != "backdrop":
        _show(stage, lit, left, top)
    if thing.pose == "stand":
        settle(stage, thing, fx, fy, image, ground)
    _lamps(stage, thing, image, left, top)


def _show(stage: Stage, lit: Field, left: int, top: int) -> None:
    """Keep where the things are, for the media that work finer there."""
    canvas = stage.canvas
    shown = stage.notes.setdefault("shown", np.zeros((canvas.height, canvas.width), np.float32))
    box = canvas.part(lit, left, top)
    if box is not None:
        rows, columns, ry, rx = box
        np.maximum(shown[rows, columns], lit[ry, rx, 3], out=shown[rows, columns])


def _fog(stage: Stage, thing: Thing, fy: float) -> float:
    if stage.inside or stage.notes.get("void"):
        return 0.0
    return min(
        0.85, stage.fog(thing.depth * 7.0) + 0.25 * float(stage.spec.get("thick", 0)) * thing.depth
    )


def _toward(stage: Stage, thing: Thing) -> tuple[float, float]:
    """Return the unit vector in the picture from the thing to the light."""
    y = 0.05 if stage.inside else sun_height(stage.light, stage.horizon)
    dx, dy = stage.light.azimuth - thing.x, y - (thing.y - thing.size / 2)
    size = max(float(np.hypot(dx, dy)), 1e-3)
    return dx / size, dy / size


def relit(stage: Stage, thing: Thing, image: Field) -> Field:
    """Return the image under the scene's light: tone, form shadow, rim light and snow."""
    light = stage.light
    alpha = image[..., 3]
    step = max(1, round(max(image.shape[:2]) / 200))
    size = (max(4, image.shape[1] // step), max(4, image.shape[0] // step))
    low = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    padded = cv2.copyMakeBorder(low, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    inside = cv2.distanceTransform((padded > 0.5).astype(np.uint8), cv2.DIST_L2, 5)[2:-2, 2:-2]
    radius = 0.13 * size[1]
    t = np.clip(inside / radius, 0, 1)
    hill = cv2.GaussianBlur(np.sqrt(np.clip(1 - (1 - t) ** 2, 0, 1)), (0, 0), 0.05 * size[1] + 0.5)
    gy, gx = np.gradient(np.asarray(hill, np.float32) * radius * 1.2)
    lx, ly = _toward(stage, thing)
    slope = -(gx * lx + gy * ly)
    full = (image.shape[1], image.shape[0])
    facing = cv2.resize(np.clip(slope, -1, 1), full, interpolation=cv2.INTER_LINEAR)
    edge = cv2.resize(1 - t, full, interpolation=cv2.INTER_LINEAR)
    key, fill = rgb(light.sun), rgb(light.ambient)
    if stage.inside:
        fill = mix(fill, (0.95, 0.9, 0.86) if not light.moon else (0.8, 0.62, 0.5), 0.6)
    back = 1 - smoothstep(0.2, 0.5, light.elevation) if not stage.inside else 0.2
    fill, key_tone = mix(fill, (1, 1, 1), 0.22), mix(key, (1, 1, 1), 0.3)
    body = vec(fill) * (0.72 + 0.26 * light.fill) + vec(key_tone) * (
        light.key * (0.42 - 0.12 * float(back))
    )
    level = float(body.mean())
    floor = 0.72 if light.moon else 0.80
    if level < floor:
        body = body * (0.35 + 0.65 * floor / max(level, 1e-3))
    body = body / max(1.0, float(body.max()) / 1.08)
    wrap = 1 + facing * (0.24 + 0.14 * float(back))
    out = np.array(image)
    out[..., :3] *= body * wrap[..., None]
    warm = vec(key) * (light.key * 0.16)
    out[..., :3] *= 1 + warm * np.clip(facing, 0, 1)[..., None]
    rim = np.clip(facing, 0, 1) ** 1.5 * edge**3 * (0.25 + 0.75 * float(back)) * light.key
    rim = rim * (0.55 if stage.inside else 1.0) * (1.1 if light.moon else 0.85)
    out[..., :3] += (rim * alpha)[..., None] * vec(key) * 0.8
    if not stage.inside and thing.pose == "stand":
        foot = np.linspace(0, 1, image.shape[0], dtype=np.float32)[:, None]
        bounce = smoothstep(0.55, 1.0, foot) * 0.16
        ground = vec(
            mix(stage.colour("ground", "#808080"), (0.9, 0.93, 1), 0.75 if stage.snow else 0.0)
        ) * vec(stage.tone(0.6))
        out[..., :3] += (ground * alpha[..., None] - out[..., :3]) * bounce[..., None]
    if stage.snow and not stage.inside and thing.pose == "stand" and thing.size > 0.16:
        _snow_cap(stage, thing, out, alpha)
    return np.asarray(np.clip(out, 0, 1.25), np.float32)


def _snow_cap(stage: Stage, thing: Thing, out: Field, alpha: Field) -> None:
    kind = thing.asset in table()["snowy"]["caps"]
    tall = out.shape[0]
    thick = max(1, round(tall * (0.036 if kind else 0.012)))
    y, x = np.mgrid[0 : out.shape[0], 0 : out.shape[1]].astype(np.float32)
    wobble = fbm(x / tall * 1.2, y / tall * 0.15, stage.noise("cap"))
    moved = np.zeros_like(alpha)
    moved[thick:] = alpha[:-thick]
    band = np.clip(alpha - moved, 0, 1)
    soft = blur(band, thick * 0.35)
    mask = smoothstep(0.25, 0.6, soft + 0.18 * wobble) * alpha
    if kind:
        mask = np.maximum(mask, smoothstep(0.5, 0.7, band) * alpha)
    white = vec(stage.frost()) * 1.03
    out[..., :3] += (white * alpha[..., None] - out[..., :3]) * (mask * (0.95 if kind else 0.7))[
        ..., None
    ]


def _lamps(stage: Stage, thing: Thing, image: Field, left: int, top: int) -> None:
    """Let windows and flames of a thing shine when the hour is dark."""
    spots = table()["lamps"].get(thing.asset, [])
    light = stage.light
    dark = 1.0 if light.moon else 0.75 if light.elevation < 0.3 or stage.storm else 0.0
    if not spots or (dark == 0 and thing.asset not in table()["lamps"]["always"]):
        return
    tall = thing.size * stage.canvas.unit
    reach = round(0.6 * tall) + 2
    canvas = stage.canvas.band(top - reach, top + image.shape[0] + reach)
    above = round((canvas.top - stage.canvas.top) * canvas.unit)
    glow = np.zeros((canvas.height, canvas.width), np.float32)
    for fx, fy, radius in spots:
        x = left + (1 - fx if thing.flip else fx) * image.shape[1]
        y = top - above + fy * image.shape[0]
        size = max(1, round(radius * image.shape[0]))
        cv2.circle(glow, (round(x), round(y)), size, 1.0, -1, cv2.LINE_AA)
    halo = blur(glow, 0.03 * tall + 0.5) * 0.95 + blur(glow, 0.16 * tall + 0.5) * 0.9
    canvas.glow((1.0, 0.74, 0.38), np.asarray(halo * max(dark, 0.5), np.float32))
