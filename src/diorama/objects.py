"""Things in the picture: light, shadow, haze, water and reflection, so that they belong there."""

from __future__ import annotations

import cv2
import numpy as np

from .anchors import facing, table, waterline
from .canvas import Canvas, blur, mix, rgb, vec
from .noise import Field, fbm, profile, smoothstep
from .scene import Thing
from .sky import sun_height
from .sprites import Sprite, build
from .stage import Stage


def place_things(stage: Stage) -> None:
    """Draw every thing that stands by itself, from the farthest to the nearest."""
    things = stage.scene.things
    roots = [i for i, thing in enumerate(things) if thing.host < 0]
    for index in sorted(roots, key=lambda i: (things[i].pose != "fly", -things[i].depth, i)):
        _place(stage, things[index], build(_plain(things), index))


def _plain(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    """Forget where the roots stand: a sprite depends on what is fixed to what only."""
    from dataclasses import replace

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


def _window(
    canvas: Canvas, image: Field, left: int, top: int
) -> tuple[slice, slice, slice, slice] | None:
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(canvas.width, left + image.shape[1]), min(canvas.height, top + image.shape[0])
    if x1 <= x0 or y1 <= y0:
        return None
    return slice(y0, y1), slice(x0, x1), slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)


def _place(stage: Stage, thing: Thing, sprite: Sprite) -> None:
    canvas = stage.canvas
    image, left, top, fx, fy = _sized(stage, thing, sprite)
    if thing.pose == "stand":
        _shadows(stage, image, left, top, fx, fy, thing.size)
    lit = relit(stage, thing, image)
    fog = _fog(stage, thing, fy)
    if fog > 0:
        haze = vec(stage.haze() if not stage.spec.get("murk") else stage.colour("murk", "#1a6a86"))
        lit[..., :3] += (haze * lit[..., 3:] - lit[..., :3]) * fog
    if thing.pose == "float":
        _float(stage, thing, lit, left, top)
        return
    box = _window(canvas, lit, left, top)
    if box is None:
        return
    rows, columns, ry, rx = box
    part = canvas.pixels[rows, columns]
    part *= 1 - lit[ry, rx, 3:]
    part += lit[ry, rx, :3]
    if thing.pose == "stand":
        _settle(stage, thing, fx, fy, image)
    _lamps(stage, thing, image, left, top)


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


def _shadows(
    stage: Stage, image: Field, left: int, top: int, fx: float, fy: float, size: float
) -> None:
    """Contact shadow under the foot and the cast shadow on the ground, away from the light."""
    canvas, light = stage.canvas, stage.light
    tall = size * canvas.unit
    lx = light.azimuth - (fx / canvas.unit + canvas.left)
    reach = float(np.clip(lx * 1.3, -1.1, 1.1))
    if stage.inside:
        shear, squash, strength = -0.45 * np.sign(lx if abs(lx) > 0.05 else 1), -0.20, 0.34
        if light.elevation < 0.3:
            squash = -0.14
    else:
        low = float(np.clip(1 - light.elevation, 0, 1))
        shear, squash = -reach * (0.5 + 0.5 * low), 0.16 + 0.24 * low
        squash *= 0.62 if stands_flat(image) else 1.0
        strength = (0.46 if light.key > 0.6 else 0.26) * (
            0.55 if stage.storm or "fog" in stage.scene.weather else 1
        )
    alpha = np.ascontiguousarray(image[..., 3])
    step = max(1, round(tall / 260))
    wide, high = canvas.width // step + 1, canvas.height // step + 1
    ax, ay = fx - left, fy - top
    move = (
        np.asarray(
            [[1, -shear * 0.9, fx - ax + shear * 0.9 * ay], [0, -squash, fy + squash * ay]],
            np.float32,
        )
        / step
    )
    cast = cv2.warpAffine(alpha, move, (wide, high), flags=cv2.INTER_LINEAR)
    rows = np.arange(high, dtype=np.float32)[:, None] * step
    far = np.clip(np.abs(rows - fy) / max(tall * abs(squash), 1), 0, 1)
    near_blur, far_blur = (
        cv2.GaussianBlur(cast, (0, 0), 0.008 * tall / step + 0.3),
        blur(cast, 0.045 * tall / step + 0.4),
    )
    cast = (near_blur + (far_blur - near_blur) * far) * (1 - 0.62 * far)
    shade = np.asarray(cast * strength, np.float32)
    end = int(np.clip(round(ay), 1, alpha.shape[0]))
    start = int(np.clip(round(ay - 0.07 * tall), 0, end - 1))
    foot = alpha[start:end].max(axis=0)
    line = np.zeros((high, wide), np.float32)
    xs = (np.arange(foot.size) + left) // step
    keep = (xs >= 0) & (xs < wide)
    row = int(fy / step)
    for offset in range(max(1, round(0.022 * tall / step))):
        if 0 <= row + offset - 1 < high:
            np.maximum.at(line[row + offset - 1], xs[keep], foot[keep])
    contact = (
        blur(line, 0.014 * tall / step + 0.3) * 0.75 + blur(line, 0.04 * tall / step + 0.4) * 0.9
    )
    shade = np.clip(shade + np.clip(contact, 0, 1) * (0.5 if stage.inside else 0.42), 0, 0.8)
    full = cv2.resize(shade, (wide * step, high * step), interpolation=cv2.INTER_LINEAR)[
        : canvas.height, : canvas.width
    ]
    if not stage.inside:
        ys = canvas.ys()[:, None]
        full = full * smoothstep(stage.horizon - 0.005, stage.horizon + 0.01, ys)
    tint = vec(mix(rgb(light.ambient), (0, 0, 0), 0.55)) * (0.35 if not stage.inside else 0.2)
    canvas.pixels *= 1 - full[..., None] * (1 - tint)


def stands_flat(image: Field) -> bool:
    """Tell whether a thing stands on a broad flat base, as a house does."""
    base = image[-max(2, image.shape[0] // 40) :, :, 3].max(axis=0)
    return bool((base > 0.5).mean() > 0.6)


def _settle(stage: Stage, thing: Thing, fx: float, fy: float, image: Field) -> None:
    """Let grass, snow or sand rise a little over the foot."""
    kind = str(stage.spec.get("settle", ""))
    if stage.snow:
        kind = "snow"
    if not kind or thing.size < 0.1:
        return
    canvas = stage.canvas
    wide = image.shape[1]
    x0, x1 = max(0, round(fx - wide * 0.6)), min(canvas.width, round(fx + wide * 0.6))
    if x1 <= x0:
        return
    x = canvas.xs()[x0:x1]
    tall = thing.size
    deep = (0.030 if kind == "snow" else 0.034 if stands_flat(image) else 0.016) * tall
    line = thing.y - deep * (
        0.5 + 0.6 * profile(x * 9 / max(tall, 0.1) * 0.4, stage.noise("settle"), octaves=4)
    )
    y0, y1 = (
        max(0, int(fy - 0.08 * tall * canvas.unit)),
        min(canvas.height, int(fy + 0.03 * tall * canvas.unit) + 1),
    )
    if y1 <= y0:
        return
    ys = canvas.ys()[y0:y1]
    alpha = smoothstep(-0.003, 0.004, ys[:, None] - line[None, :])
    alpha = alpha * smoothstep(thing.y + 0.008 * tall, thing.y - 0.004 * tall, ys[:, None])
    rows = image[-max(2, round(0.05 * image.shape[0])) :, :, 3].max(axis=0)
    spread = np.zeros(canvas.width + 2 * wide, np.float32)
    start = round(fx - wide / 2) + wide
    spread[max(0, start) : max(0, start) + wide] = rows[: spread.size - max(0, start)]
    foot = cv2.GaussianBlur(spread[None, :], (0, 0), 0.012 * tall * canvas.unit + 0.6)[0]
    alpha = alpha * np.clip(foot[wide + x0 : wide + x1] * 1.3, 0, 1)[None, :]
    base = (
        (0.88, 0.91, 0.97)
        if kind == "snow"
        else mix(stage.colour("ground", "#6a7a3a"), stage.colour("ground2", "#86a545"), 0.5)
    )
    tone = vec(stage.frost()) * 0.86 if kind == "snow" else vec(stage.tone(0.42)) * vec(base)
    if stage.relief is not None and kind == "sand":
        alpha = alpha * 0.85
    part = canvas.pixels[y0:y1, x0:x1]
    part += (tone - part) * np.asarray(alpha, np.float32)[..., None]


def _float(stage: Stage, thing: Thing, lit: Field, left: int, top: int) -> None:
    """Set a thing into the water: reflection below, hull behind the waves, foam along the line."""
    canvas = stage.canvas
    rng = stage.rng(f"float{thing.name}{thing.x:.3f}")
    tall = thing.size * canvas.unit
    line_y = (thing.y - canvas.top) * canvas.unit
    phase = float(rng.random()) * 40
    rough = 0.012 + 0.03 * stage.storm
    cut = int(np.clip(line_y - top, 1, lit.shape[0]))
    flipped = np.ascontiguousarray(lit[:cut][::-1])
    squash = 0.62
    flipped = cv2.resize(
        flipped,
        (flipped.shape[1], max(2, round(flipped.shape[0] * squash))),
        interpolation=cv2.INTER_AREA,
    )
    y, x = np.mgrid[0 : flipped.shape[0], 0 : flipped.shape[1]].astype(np.float32)
    far = y / max(flipped.shape[0], 1)
    wave = (
        profile((y / tall) * 34 + phase, 3, octaves=3)
        * (0.010 + 0.06 * far)
        * tall
        * (1 + 1.2 * stage.storm)
    )
    ripple = cv2.remap(flipped, x + wave, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    ripple = (
        np.asarray(ripple, np.float32) * ((0.55 - 0.25 * stage.storm) * (1 - 0.85 * far))[..., None]
    )
    ripple[..., :3] *= 0.8
    box = _window(canvas, ripple, left, round(line_y))
    if box:
        rows, columns, ry, rx = box
        part = canvas.pixels[rows, columns]
        part *= 1 - ripple[ry, rx, 3:]
        part += ripple[ry, rx, :3]
    box = _window(canvas, lit, left, top)
    if box is None:
        return
    rows, columns, ry, rx = box
    xs = canvas.xs()[columns]
    edge = thing.y + rough * thing.size * 0.9 * profile(xs * 3.5 / thing.size + phase, 4, octaves=2)
    edge = edge - np.tan(np.deg2rad(thing.tilt)) * 0.7 * (xs - thing.x)  # it leans with the wave
    ys = canvas.ys()[rows][:, None]
    wet = smoothstep(-0.003, 0.005 + 0.008 * thing.size, ys - edge[None, :])[..., None]
    hull = lit[ry, rx, 3:] * (1 - wet)
    part = canvas.pixels[rows, columns]
    part *= 1 - hull
    part += lit[ry, rx, :3] * (1 - wet)
    body = lit[max(0, cut - 3) : cut + 1, :, 3].max(axis=0)[rx]
    spread = cv2.GaussianBlur(body[None, :], (0, 0), 0.03 * tall + 0.5)[0]
    band = np.exp(-(((ys - edge[None, :] - 0.006) / (0.004 + 0.007 * thing.size)) ** 2))
    lace = 0.55 + 0.6 * profile(xs * 22 + phase, 6, octaves=2)
    foam = np.clip(
        band * spread[None, :] * np.clip(lace, 0, 1)[None, :] * (0.5 + 0.15 * stage.storm), 0, 1
    )
    white = vec(mix(stage.tone(0.85), (1, 1, 1), 0.2))
    part += (white - part) * np.asarray(foam, np.float32)[..., None]
    if stage.storm:
        _bow_wave(stage, thing, np.asarray(xs[body > 0.3]), edge[body > 0.3])


def _bow_wave(stage: Stage, thing: Thing, xs: Field, edge: Field) -> None:
    """Throw foam and drops up where the hull meets rough water, most of it at the bow."""
    if not xs.size:
        return
    canvas, rng = stage.canvas, stage.rng(f"bow{thing.name}{thing.x:.3f}")
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    ahead = (facing(thing.asset) == "right") != thing.flip
    for k in range(int(380 * stage.storm)):
        at_bow = k % 3 != 0
        roll = float(rng.random()) ** (2.2 if at_bow else 1.0)
        place = (1 - roll if ahead else roll) if at_bow else float(rng.random())
        i = min(int(place * xs.size), xs.size - 1)
        reach = (0.10 if at_bow else 0.03) * thing.size
        rise = reach * float(rng.random()) ** 1.8 * (1 - 0.75 * roll)
        x = float(xs[i]) + (float(rng.random()) - (0.2 if ahead else 0.8)) * reach * 0.8
        radius = thing.size * (0.0015 + 0.008 * float(rng.random()) ** 4 * (1 - rise / reach))
        px, py = canvas.to_px(x, float(edge[i]) - rise + 0.004)
        r = max(radius * canvas.unit, 0.5)
        cv2.circle(layer, (int(px * 16), int(py * 16)), int(r * 16), 0.8, -1, cv2.LINE_AA, 4)
    soft = 0.5 * cv2.GaussianBlur(layer, (0, 0), 0.0012 * canvas.unit + 0.3)
    soft = soft + 0.7 * blur(layer, 0.012 * thing.size * canvas.unit + 0.3)
    white = vec(mix(stage.tone(0.9), (1, 1, 1), 0.2))
    canvas.blend(white, np.clip(np.asarray(soft, np.float32), 0, 0.9))


def _lamps(stage: Stage, thing: Thing, image: Field, left: int, top: int) -> None:
    """Let windows and flames of a thing shine when the hour is dark."""
    spots = table()["lamps"].get(thing.asset, [])
    light = stage.light
    dark = 1.0 if light.moon else 0.75 if light.elevation < 0.3 or stage.storm else 0.0
    if not spots or (dark == 0 and thing.asset not in table()["lamps"]["always"]):
        return
    canvas = stage.canvas
    glow = np.zeros((canvas.height, canvas.width), np.float32)
    for fx, fy, radius in spots:
        x = left + (1 - fx if thing.flip else fx) * image.shape[1]
        y = top + fy * image.shape[0]
        size = max(1, round(radius * image.shape[0]))
        cv2.circle(glow, (round(x), round(y)), size, 1.0, -1, cv2.LINE_AA)
    tall = thing.size * canvas.unit
    halo = blur(glow, 0.03 * tall + 0.5) * 0.55 + blur(glow, 0.16 * tall + 0.5) * 0.9
    canvas.glow((1.0, 0.74, 0.38), np.asarray(halo * max(dark, 0.5), np.float32))
