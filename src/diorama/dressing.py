"""Dressing: a person who wears a garment is drawn in it, not beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .figures import bodies
from .holding import WORN
from .reading import Asked
from .words import Noun


def dressed(asked: Sequence[Asked]) -> list[Asked]:
    """Return what was asked for, with garments put on those who wear them."""
    out, owners = list(asked), dict[int, int]()
    for index, item in enumerate(asked):
        body = _garment(item.noun)
        owner = owners.get(item.to, item.to)
        if not body or owner < 0 or item.relation not in ("wearing", "in"):
            continue
        noun = _clad(out[owner].noun, body, item.colour) or _recoloured(
            out[owner].noun, item.colour
        )
        if noun is not None:
            out[owner] = replace(out[owner], noun=noun)
            owners[index] = owner
    kept = [index for index in range(len(out)) if index not in owners]
    moved = {index: place for place, index in enumerate(kept)}
    return [_handed_on(out[index], owners, moved) for index in kept]


def _handed_on(item: Asked, owners: dict[int, int], moved: dict[int, int]) -> Asked:
    """Return what was related to a garment as related to its wearer: "in a coat and a hat"."""
    relation = item.relation
    if item.to in owners and relation == "beside" and set(item.noun.tags) & set(WORN):
        relation = "wearing"
    return replace(item, to=moved.get(owners.get(item.to, item.to), -1), relation=relation)


def _garment(noun: Noun) -> str:
    """Return the body that a garment makes, or ""."""
    code = noun.forms[0][0]
    return next((b for b, codes in bodies()["garments"].items() if code in codes.split(", ")), "")


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
        return None
    worn = f"{body}:{colour}" if colour else body
    return replace(noun, forms=((face, worn),), aloft=())
