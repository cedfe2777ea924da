"""Holding: which thing is fixed to which other, and by what: worn, held, ridden, in, on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .anchors import facing, table
from .reading import Asked
from .scene import Thing
from .words import Noun

WORN = ("head", "eyes", "neck")


def follower_of(asked: Sequence[Asked], index: int) -> int:
    """Return the index of the thing related to this one, or -1: first one that carries it.

    What is beside a thing on a table is on the table too ("a cup and a book on a table").
    """
    related = [k for k, other in enumerate(asked) if other.to == index]
    beside = [follower_of(asked, k) for k in related if asked[k].relation == "beside"]
    shared = [k for k in beside if k >= 0 and "broad" in asked[k].noun.tags]
    carriers = [k for k in (*related, *shared) if _carried(asked[index], asked[k])]
    return next(iter(carriers + related), -1)


def anchor_for(asked: Sequence[Asked], index: int) -> str:
    """Return how a thing is fixed to another ("wear", or the name of an anchor), or ""."""
    item = asked[index]
    if item.to >= 0:
        own = _given(item, asked[item.to].noun)
        if own is not None:
            return own
    follower = follower_of(asked, index)
    return _carried(item, asked[follower]) if follower >= 0 else ""


def _given(item: Asked, host: Noun) -> str | None:
    """Return the anchor of a thing that an earlier one wears or holds; None for neither."""
    noun, worn = item.noun, bool(set(item.noun.tags) & set(WORN))
    living = "living" in host.tags or host.kind == "fantasy"
    if item.relation in ("wearing", "in") and worn:
        return "wear" if living else ""
    if item.relation == "holding" and worn:
        return "wear"
    if item.relation == "holding" and "living" in host.tags and noun.size <= 0.45:
        return "hand"
    return None


def _carried(item: Asked, follower: Asked) -> str:
    """Return the anchor when a thing is carried by the one named after it."""
    host, noun, relation = follower.noun, item.noun, follower.relation
    if "sky" in host.tags or ("flower" in host.tags and relation != "on"):
        return ""
    living = "living" in noun.tags
    mounted = "mount" in host.tags or host.kind == "vehicle"
    if relation == "riding" or (relation == "on" and living and mounted):
        return "back"
    if relation == "in" and "vessel" in host.tags:
        return "inside"
    if relation == "on" and "broad" in host.tags and noun.size <= 1.0:
        return "top"
    if item.count > 1:
        return ""
    if relation == "in" and host.kind == "boat":
        return "deck"
    light = noun.size * item.size**1.5 <= host.size * follower.size**1.5 * 1.6
    if relation == "on" and host.kind not in ("plant", "person") and light:
        return "top"
    return ""


def hold(item: Asked, anchor: str, base: Thing, host: int, form: tuple[str, str]) -> Thing:
    """Return the thing fixed to its host, in units of the host's size."""
    noun, (asset, body) = item.noun, form
    size, behind = 1.0, False
    if anchor == "wear":
        anchor = next(tag for tag in WORN if tag in noun.tags)
    elif anchor == "hand":
        size, behind = 0.42, asset in table()["carried"]["behind"]
    elif anchor == "back":
        body = "rider" if body in ("legs", "gown") else body
        size = 0.80 if body == "rider" else min(0.9, max(0.42, noun.size))
    elif anchor in ("inside", "deck"):
        long = 1.3 if asset.startswith("form:") else 1.0  # a drawn flower has a longer stem
        size, behind, anchor = (long if "flower" in noun.tags else 0.75), True, "inside"
    else:
        size = 0.7 if noun.size >= 0.3 else 0.5
    flip = base.flip if facing(asset) == "left" else False
    return Thing(
        noun.name, asset, 0.0, 0.0, round(size * item.size**0.8, 4), 0.0, "stand", flip, 0.0,
        item.colour, item.material, body, host, anchor, behind, item.trait,
    )  # fmt: skip


def copies(thing: Thing, count: int) -> list[Thing]:
    """Return up to three of a thing fixed side by side in the same vessel, or on the same top."""
    if count == 1 or thing.anchor not in ("inside", "top"):
        return [thing]
    if thing.anchor == "top":
        return [thing] * min(count, 3)
    return [replace(thing, x=(k - 1) * 0.17, tilt=(k - 1) * 20.0) for k in range(min(count, 3))]


def abreast(things: list[Thing], host: int) -> None:
    """Set all that stands on one top side by side, small enough for it."""
    group = [k for k, thing in enumerate(things) if thing.host == host and thing.anchor == "top"]
    if len(group) < 2:
        return
    room = 0.86 / len(group)
    for place, k in enumerate(group):
        x, size = (place - (len(group) - 1) / 2) * room, min(things[k].size, 1.1 * room)
        things[k] = replace(things[k], x=round(x, 4), size=round(size, 4))


def lightened(base: Thing, anchor: str) -> Thing:
    """Return the host a little smaller, so that what it carries stays in the frame."""
    ratio = {"back": 0.86, "top": 0.86, "inside": 0.8}.get(anchor, 1.0)
    return replace(base, size=round(base.size * ratio, 4))
