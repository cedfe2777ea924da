"""Layout: where each thing stands and how large it is, for a place, a light and a lens."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import framing, holding
from .anchors import facing
from .dressing import dressed, heaped, unbuilt
from .groups import members
from .reading import Asked, Reading
from .scene import Light, Thing
from .spots import AIRY, ROOMS, WATERY, Plan, floor, spot_of, tilt_of
from .words import Noun, load, noun_of_asset

MOST = 16
RINGED = 0.62  # how large what stands round another is, against one beside it
DESK = 0.52  # the height of a desk against who is at it
ATTENDING = ("at", "around")  # relations of what stands where another is, and needs no lane
GUESTS = {"abstract": 0.5, "studio": 0.8}  # how large what enlivens a place is; 0.18 elsewhere


def arrange(
    reading: Reading,
    place: str,
    spec: Mapping[str, Any],
    light: Light,
    horizon: float,
    aspect: tuple[int, int],
    rng: random.Random,
    lettering: str,
    *,
    lens: tuple[str, ...] = (),
    chaos: int = 0,
    tile: bool = False,
) -> tuple[Thing, ...]:
    """Return the things of a scene, the subject first."""
    plan = Plan(place, spec, light, horizon, aspect[0] / aspect[1], rng, lens, chaos / 100)
    plan.tile = tile
    seasons = load("acts")["seasons"]
    plan.seasons = [kinds for tag, kinds in seasons.items() if tag in reading.weather]
    plan.rough = "storm" in reading.weather
    loose = 0.62 + 0.5 * plan.chaos
    plan.shift = (rng.random() - 0.5) * loose * min(plan.half, 0.6)
    if {"portrait", "macro"} & set(lens):
        plan.shift *= 0.25
    asked = heaped(dressed(reading.asked[:6]))
    if place in ROOMS:
        asked = unbuilt(asked)
    if reading.place and not any(item.to >= 0 for item in asked):
        asked = [item for item in asked if "part" not in item.noun.tags] or asked
    if lettering:
        _word(plan, lettering)
    elif not asked:
        asked = _guests(plan, reading)
    if plan.tile:
        _strew(plan, asked)
        return tuple(plan.things)
    _place_all(plan, asked)
    plan.things = holding.fitting(plan.things)
    plan.things = framing.inside(plan.things, 0, plan.half, _cropping(plan))
    _extras(plan, reading)
    return tuple(plan.things[:MOST])


def _cropping(plan: Plan) -> bool:
    return plan.cropping and len(plan.things) == 1


def _guests(plan: Plan, reading: Reading) -> list[Asked]:
    """Return what a pattern of a place is strewn with, or the sign of an abstract feeling.

    A place that was asked for by itself is shown without company.
    """
    listed = plan.spec.get("guests", []) if plan.tile else []
    if plan.above == "isometric" and plan.place in ROOMS:
        return _furniture(plan, reading)
    if plan.place == "studio":  # an emblem shows something: what belongs to the place it is for
        listed = load("places").get(reading.beyond, plan.spec).get("guests", [])
    if plan.place == "abstract":
        listed = load("moods")["feelings"].get(reading.feeling, {}).get("symbols", [])
    if plan.tile and reading.weather:
        listed = load("moods")["drifting"].get(reading.weather[0], listed)
    codes = [code for code in listed if code not in reading.without]
    if not codes:
        return []
    guest = noun_of_asset(plan.rng.choice(codes))
    return [Asked(guest, guest.name, size=GUESTS.get(plan.place, 0.18))] if guest else []


def _furniture(plan: Plan, reading: Reading) -> list[Asked]:
    """Return what stands in a room that is shown from above and would else be bare."""
    table = load("company")
    near = table.get(plan.place) or table["room"]
    listed = [code for code, _, _ in near]
    codes = [code for code in listed if code not in reading.without]
    nouns = [noun_of_asset(code) for code in plan.rng.sample(codes, min(3, len(codes)))]
    return [Asked(noun, noun.name) for noun in nouns if noun]


def _word(plan: Plan, text: str) -> None:
    """Stand a word in the middle of the place."""
    wide = min(plan.half * 1.66, 1.05)
    breadth, height = framing.ink(text)
    size = round(height * min(0.29, wide / breadth), 4)
    y = 0.56 if plan.place in AIRY or plan.above else floor(plan, 0.5)
    pose = "flat" if plan.above == "top" else "fly" if plan.place in AIRY else "stand"
    plan.things.append(Thing(text, f"word:{text}", 0.0, round(y, 4), size, 0.1, pose))


def _place_all(plan: Plan, asked: list[Asked]) -> None:
    """Place the asked things: roots side by side, then what is fixed to them."""
    roots = [i for i in range(len(asked)) if not holding.anchor_for(asked, i)]
    if not roots and asked:  # each carries the other: the last one stands
        roots = [len(asked) - 1]
    lanes = [i for i in roots if not (asked[i].relation in ATTENDING and asked[i].to >= 0)] or roots
    sizes = {i: _size(plan, asked[i], len(lanes), asked) for i in roots}
    sizes |= {i: sizes[i] * RINGED for i in roots if i not in lanes and asked[i].relation != "at"}
    for i in roots:
        if asked[i].relation == "at" and asked[i].to in sizes:
            broad = 1.0 if asked[asked[i].to].count == 1 else 1.2
            sizes[i] = min(sizes[i], DESK * broad * sizes[asked[i].to])
    index: dict[int, int] = {}
    for i in roots:
        index[i] = len(plan.things)
        order = lanes.index(i) if i in lanes else 0
        _root(plan, i, order, len(lanes), {k: sizes[k] for k in lanes}, sizes[i], asked, index)
    for i in _fix_all(plan, asked, roots, index):
        _fix(plan, asked, i, index)


def _strew(plan: Plan, asked: list[Asked]) -> None:
    """Strew the asked things over the frame on a half-drop grid, each with what it carries."""
    roots = [i for i in range(len(asked)) if not holding.anchor_for(asked, i)] or [len(asked) - 1]
    if not asked:
        return
    columns, rows = max(2, round(2.5 * plan.ratio)), 2
    step = plan.ratio / columns
    for cell in range(min(columns * rows, 10)):
        column, row = cell % columns, cell // columns
        i = roots[(cell + row) % len(roots)]
        noun = asked[i].noun
        asset, body = _form(plan, noun, False, "flat")
        size = min(0.34, 0.86 * step / max(framing.breadth(asset, body), 0.6))
        x = -plan.half + (column + 0.5) * step + 0.1 * step * (plan.rng.random() - 0.5)
        y = (row + 0.5 + 0.5 * (column % 2)) / rows % 1.0 + size / 2
        flip, tilt = plan.rng.random() < 0.5, (plan.rng.random() - 0.5) * 44
        index = {i: len(plan.things)}
        plan.things.append(
            Thing(
                noun.name, asset, round(x, 4), round(y, 4), round(size, 4), 0.1, "flat", flip,
                round(tilt, 2), asked[i].colour, asked[i].material, body, trait=asked[i].trait,
            )
        )  # fmt: skip
        _fix_all(plan, asked, roots, index)


def _size(plan: Plan, item: Asked, roots: int, asked: list[Asked]) -> float:
    noun = item.noun
    largest = max(a.noun.size * a.size for a in asked)
    relative = (noun.size * item.size / largest) ** (0.42 if roots == 1 else 0.52)
    base = {1: 0.56, 2: 0.47, 3: 0.40}.get(roots, 0.34)
    if noun.kind == "building":
        base *= 0.84 if roots == 1 else 0.80
    if noun.kind == "plant":
        base *= 1.15 if roots == 1 else 1.4
    if roots == 1 and any(holding.anchor_for(asked, k) for k in range(len(asked))):
        base = 0.50 if "vessel" not in noun.tags else 0.56
    jitter = 0.84 + 0.30 * plan.rng.random()
    jitter *= 1 + 0.7 * plan.chaos * (plan.rng.random() - 0.6)
    alone = item.size**0.62 if roots == 1 else item.size**0.2
    size = base * relative * alone * jitter * (plan.scale if roots > 1 else _room(plan, noun))
    carries = any(holding.anchor_for(asked, k) for k in range(len(asked)))
    tallest = 0.94 if not plan.cropping else 0.66 if carries else 1.6
    return float(min(size, tallest, 1.9 * plan.half / framing.breadth(*noun.forms[0])))


def _room(plan: Plan, noun: Noun) -> float:
    """Return the scale for one alone: a slender one may be taller in a narrow frame."""
    slender = min(1.0, framing.breadth(*noun.forms[0]))
    return min(max(plan.scale, 0.92), plan.scale / slender) if plan.ratio < 1 else plan.scale


def _pose(plan: Plan, noun: Noun, relation: str, aloft: bool) -> str:
    if plan.above == "top":
        return "flat"
    if relation == "over" or aloft or ("wall" in noun.tags and plan.place in ROOMS):
        return "fly"
    if plan.above:
        return "fly" if noun.pose == "fly" else "stand"
    if plan.place in AIRY:
        return "hang" if noun.pose == "hang" else "fly"
    if noun.pose in ("float", "swim"):
        if plan.place == "underwater":
            return "fly"
        return "float" if plan.place in WATERY or plan.banks else "stand"
    if plan.place in WATERY and noun.pose == "stand":
        return "float"
    return noun.pose


def _form(plan: Plan, noun: Noun, dressed: bool, pose: str) -> tuple[str, str]:
    forms = noun.forms
    if dressed:
        forms = tuple(form for form in forms if form[1]) or forms
    if pose == "fly" and noun.aloft:
        forms = noun.aloft
    asset, body = plan.rng.choice(forms)
    return next((s[asset] for s in plan.seasons if asset in s), asset), body


def _root(
    plan: Plan,
    position: int,
    order: int,
    total: int,
    lanes: Mapping[int, float],
    size: float,
    asked: list[Asked],
    index: Mapping[int, int],
) -> None:
    item = asked[position]
    noun, rng = item.noun, plan.rng
    worn = [k for k, o in enumerate(asked) if o.to == position]
    dressed = any(holding.anchor_for(asked, k) == "wear" for k in worn)
    over = next((asked[k].relation for k in worn if asked[k].relation == "over"), "")
    pose = _pose(plan, noun, over, item.aloft)
    if pose == "hang" and item.relation == "over" and plan.place in AIRY:
        pose = "fly"  # what hangs in a corner leaves no room above it
    form = _form(plan, noun, dressed, pose)
    spot = spot_of(plan, item, order, total, pose, size, over, asked, index, lanes)
    toward = -1 if spot[0] > 0.03 else 1 if spot[0] < -0.03 else rng.choice((-1, 1))
    for k, (px, py, ps, pd) in enumerate(members(plan, item, spot, size, pose, form)):
        if k and len(noun.forms) > 2 and form in noun.forms:
            form = noun.forms[(noun.forms.index(form) + 1) % len(noun.forms)]
        turn = toward if k == 0 or rng.random() < 0.75 else -toward
        looks = facing(form[0])
        flip = (looks == "left" and turn > 0) or (looks == "right" and turn < 0)
        if looks == "front":
            flip = rng.random() < 0.5
        tilt = tilt_of(plan, noun, pose)
        plan.things.append(
            Thing(
                noun.name, form[0], round(px, 4), round(py, 4), round(ps, 4), round(pd, 4), pose,
                flip, round(tilt, 2), item.colour, item.material, form[1], trait=item.trait,
            )
        )  # fmt: skip


def _fix_all(plan: Plan, asked: list[Asked], roots: list[int], index: dict[int, int]) -> list[int]:
    """Fix things to what carries them, from the placed ones on; return those that none carries."""
    waiting = [i for i in range(len(asked)) if i not in roots]
    while True:
        i = next((k for k in waiting if holding.host_of(asked, k) in index), -1)
        if i < 0:
            return waiting
        _fix(plan, asked, i, index)
        waiting.remove(i)


def _fix(plan: Plan, asked: list[Asked], i: int, index: dict[int, int]) -> None:
    item = asked[i]
    anchor = holding.anchor_for(asked, i)
    target = holding.host_of(asked, i)
    host = index.get(target, index.get(asked[target].to, 0) if target >= 0 else 0)
    host = min(host, len(plan.things) - 1)
    if host < 0:
        return
    base = plan.things[host]
    busy = any(thing.host == host and thing.anchor == "hand" for thing in plan.things)
    form = _form(plan, item.noun, anchor == "wear", "stand")
    on = asked[target].noun if target >= 0 else item.noun
    thing = holding.hold(item, anchor, base, host, form, on, busy)
    index[i] = len(plan.things)
    plan.things.extend(holding.copies(thing, item.count))
    if anchor == "top":
        holding.abreast(plan.things, host)
    if anchor == "inside":
        holding.sorted_in(plan.things, host)
    if i == 0 or item.to < 0:
        plan.things[host] = holding.lightened(base, anchor)


def _extras(plan: Plan, reading: Reading) -> None:
    """Add what belongs to the place: houses of a village, columns of a ruin."""
    if plan.above == "top":
        return
    present = {thing.asset for thing in plan.things}
    for asset, size, far in plan.spec.get("extras", []):
        known = noun_of_asset(asset)
        if asset in reading.without or (asset in present and known and known.kind == "building"):
            continue
        x = _apart(plan, (plan.rng.random() * 2 - 1) * plan.half * 0.95, size)
        y = floor(plan, 1 - far - 0.2 + 0.08 * plan.rng.random())
        tall = size * min(1.0, plan.scale)
        if plan.above:
            along = plan.rng.random()
            x, y = (along - 0.5) * 0.5, 0.46 + 0.14 * plan.rng.random() * (1 - abs(along - 0.5))
            tall *= 0.8
        flip = plan.rng.random() < 0.5
        plan.things.append(
            Thing(
                "backdrop", asset, round(x, 4), round(y, 4), round(tall, 4), round(far, 4),
                "stand", flip,
            )
        )  # fmt: skip


def _apart(plan: Plan, x: float, size: float) -> float:
    """Return x, or a place near by where less of the place's other buildings is hidden."""

    def hidden(at: float) -> float:
        others = [thing for thing in plan.things if thing.name == "backdrop"]
        others += [t for t in plan.things if t.host < 0 and (t is plan.things[0] or _built(t))] * 2
        return sum(max(0.0, 0.45 * (size + t.size) - abs(at - t.x)) for t in others)

    reach = plan.half * 0.95
    tries = [x + step * plan.half for step in (0.0, 0.3, -0.3, 0.6, -0.6, 0.9, -0.9)]
    return min((at for at in tries if abs(at) <= reach), key=hidden)


def _built(thing: Thing) -> bool:
    noun = noun_of_asset(thing.asset) if thing.name != "backdrop" else None
    return noun is not None and noun.kind == "building"


def mirrored(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    """Return the layout as seen in a mirror; what is fixed to a thing turns with it."""
    return tuple(
        replace(thing, flip=not thing.flip, x=round(-thing.x, 4)) if thing.host < 0 else thing
        for thing in things
    )
