"""Dressing: a person who wears a garment is drawn in it, not beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .figures import bodies, garment
from .holding import WORN
from .reading import Asked
from .roles import clad
from .words import Noun, as_thing, singular


def dressed(asked: Sequence[Asked]) -> list[Asked]:
    """Return what was asked for, with garments put on those who wear them."""
    out, owners = list(asked), dict[int, int]()
    for index, item in enumerate(asked):
        body = garment(item.noun.forms[0][0])
        owner = owners.get(item.to, item.to)
        if not body or owner < 0 or item.relation not in ("wearing", "in"):
            continue
        cloth = item.colour or bodies()["cloths"].get(singular(item.text), "")
        noun = _clad(out[owner].noun, body, cloth) or _recoloured(out[owner].noun, cloth)
        if noun is not None:
            out[owner] = replace(out[owner], noun=noun)
            owners[index] = owner
        elif out[owner].noun.kind == "animal" and item.noun.kind != "worn":
            # it has no shoulders for a coat
            bow = as_thing("bow tie").get("thing")
            colour = cloth or bodies()["colours"]["default"]["cloth"]
            out[index] = replace(item, noun=bow, colour=colour, relation="wearing", count=1)
    kept = [index for index in range(len(out)) if index not in owners]
    moved = {index: place for place, index in enumerate(kept)}
    return [_handed_on(out[index], owners, moved) for index in kept]


def heaped(asked: Sequence[Asked]) -> list[Asked]:
    """Return what was asked for, with a heap of small things before who lies on it."""
    out = list(asked)
    for index, item in enumerate(out):
        on = out[item.to].noun if item.to >= 0 and item.relation == "on" else None
        if on is not None and item.count > 1 and item.noun.size < 0.6 * on.size:
            out[index] = replace(item, relation="front", count=max(item.count, 6))
    return out


def unbuilt(asked: Sequence[Asked]) -> list[Asked]:
    """Return what was asked for without the walls and windows that a room has by itself."""
    built = {k for k, item in enumerate(asked) if {"part", "built"} & set(item.noun.tags)}
    if not built or len(built) == len(asked):
        return list(asked)
    kept = [index for index in range(len(asked)) if index not in built]
    moved = {index: place for place, index in enumerate(kept)}
    loose = [replace(item, to=-1, relation="") if item.to in built else item for item in asked]
    return [replace(loose[k], to=moved.get(loose[k].to, -1)) for k in kept]


def _handed_on(item: Asked, owners: dict[int, int], moved: dict[int, int]) -> Asked:
    """Return what was related to a garment as related to its wearer: "in a coat and a hat"."""
    relation = item.relation
    if item.to in owners and relation == "beside" and set(item.noun.tags) & set(WORN):
        relation = "wearing"
    return replace(item, to=moved.get(owners.get(item.to, item.to), -1), relation=relation)


def _recoloured(noun: Noun, colour: str) -> Noun | None:
    """Return a person whose figure has clothes of its own, in the colour of the garment."""
    bodied = [(face, body) for face, body in noun.forms if body]
    if noun.kind not in ("person", "fantasy") or not bodied:
        return None
    forms = tuple((face, f"{body}:{colour}" if colour else body) for face, body in bodied)
    return replace(noun, forms=forms, aloft=())


def _clad(noun: Noun, body: str, colour: str) -> Noun | None:
    """Return the noun in clothes, or None when its figure cannot be dressed."""
    face = bodies()["faces"].get(noun.forms[0][0])
    if face is None:
        default = bodies()["colours"]["default"]["cloth"]
        return clad(noun, colour or default) if noun.kind == "animal" else None
    worn = f"{body}:{colour}" if colour else body
    return replace(noun, forms=((face, worn),), aloft=())
