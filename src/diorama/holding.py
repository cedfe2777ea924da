"""Holding: which thing is fixed to which other, and by what: worn, held, ridden, in, on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .anchors import anchor_of, facing, fixed_at, table
from .figures import bodies
from .framing import breadth
from .reading import HELD, Asked
from .scene import Thing
from .words import Noun

SITTING = ("rider", "astride", "seated")
GROWING = ("plant", "person")
PERCHING = 0.5  # the size, against a person's, up to which a thing sits on a twig or a shoulder
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
    if item.relation == "filled":
        return "inside"
    if item.relation == "under" and living and noun.forms[0][0] in table()["carried"]["behind"]:
        return "hand"  # an umbrella
    if item.relation in ("wearing", "in") and worn:
        return "wear" if living else ""
    if item.relation == "wearing" and living and noun.size <= HELD:
        return "hand"
    if item.relation == "holding" and worn:
        return "wear"
    if item.relation != "holding" or noun.size > host.size * 1.5:
        return None
    if host.kind == "animal" and "living" in noun.tags:
        return None  # young ones go beside their mother
    if "living" in host.tags and noun.size <= HELD:
        return "hand"
    if "broad" in host.tags and noun.kind not in ("building", "vehicle"):
        return "top"
    if "vessel" in host.tags and noun.kind in ("food", "flower", "plant", "item"):
        return "inside"
    return None


def host_of(asked: Sequence[Asked], index: int) -> int:
    """Return the index of what a thing is fixed to, or -1."""
    item = asked[index]
    if item.to >= 0 and _given(item, asked[item.to].noun):
        return item.to
    return follower_of(asked, index)


def _carried(item: Asked, follower: Asked) -> str:
    """Return the anchor when a thing is carried by the one named after it."""
    host, noun, relation = follower.noun, item.noun, follower.relation
    if ({"sky", "flower"} & set(host.tags)) and relation != "on":
        return ""
    living = "living" in noun.tags
    mounted = "mount" in host.tags or host.kind == "vehicle"
    if relation == "riding" or (relation in ("on", "in") and living and mounted):
        return "back"
    if relation == "in" and "vessel" in host.tags:
        return "inside"
    if relation in ("on", "in") and "broad" in host.tags and noun.size <= 1.0:
        return "top"
    if relation == "in" and host.kind in ("item", "furniture", "food") and noun.kind == "item":
        return "top"  # a sword in a stone
    if item.count > (3 if noun.size * 2 <= host.size and relation == "on" else 1):
        return ""
    if relation == "in" and host.kind == "boat":
        return "deck"
    if relation == "on" and (host.kind not in GROWING or noun.size <= PERCHING):
        return "top"
    return ""


def hold(
    item: Asked, anchor: str, base: Thing, host: int, form: tuple[str, str], on: Noun, busy: bool
) -> Thing:
    """Return the thing fixed to its host, in units of the host's size.

    `on` is the host's noun; `busy` tells that its hand holds something already.
    """
    noun, (asset, body) = item.noun, form
    size, behind = 1.0, False
    if anchor == "wear":
        anchor = next(tag for tag in WORN if tag in noun.tags)
    elif anchor == "hand":
        size, behind = 0.42, asset in table()["carried"]["behind"]
        if asset in table()["carried"]["chest"] and fixed_at(base.asset, base.body, "chest"):
            anchor = "chest"
        elif busy:
            anchor = "offhand"
    elif anchor == "back" and fixed_at(base.asset, base.body, "cab"):
        anchor, asset, body = "cab", str(bodies()["faces"].get(asset, asset)), ""
        size = 0.34
    elif anchor == "back" or (anchor == "top" and "seat" in on.tags and "person" in noun.tags):
        asset, body = _seated(asset, body, "astride" if anchor == "back" else "seated")
        size = 0.80 if body.partition(":")[0] in SITTING else min(0.9, max(0.42, noun.size))
    elif anchor in ("inside", "deck"):
        long = 1.3 if asset.startswith("form:") else 1.0  # a drawn flower has a longer stem
        size, behind = (long if "flower" in noun.tags else 0.75), True
        if anchor == "deck" and base.asset in table()["carried"]["decks"]:
            asset, body = _seated(asset, body, "seated")
            size, behind = 0.5, False
        anchor = "inside"
    else:
        size = min(0.9, max(0.34, (noun.size / on.size) ** 0.6))
        size *= 0.6 if "living" in on.tags else 1.0
        if asset.startswith("word:"):
            size = min(size, breadth(base.asset, base.body) / breadth(asset))
    flip = base.flip if facing(asset) == "left" else False
    return Thing(
        noun.name, asset, 0.0, 0.0, round(size * item.size**0.8, 4), 0.0, "stand", flip, 0.0,
        item.colour, item.material, body, host, anchor, behind, item.trait,
    )  # fmt: skip


def _seated(asset: str, body: str, pose: str) -> tuple[str, str]:
    """Return a figure as it sits or rides; those that are no person stay as they are."""
    name, _, cloth = body.partition(":")
    face = bodies()["faces"].get(asset)
    if face is not None and name in ("", "grown", "skirted"):
        return str(face), f"{pose}:{cloth}" if cloth else pose
    return asset, "rider" if name in ("legs", "gown") else body


def fitting(things: Sequence[Thing]) -> list[Thing]:
    """Return the things with those that carry others small enough for the frame to hold both."""
    out = list(things)
    for index, thing in enumerate(out):
        tall = _stack(out, index)
        if thing.host >= 0 or tall <= 1:
            continue
        room = max(0.4, min(0.92, thing.y - 0.03))
        if thing.size * tall > room:
            out[index] = replace(thing, size=round(room / tall, 4))
    return out


def _stack(things: Sequence[Thing], index: int) -> float:
    """Return the height of a thing with all that stands on it, in units of its own height."""
    thing, tall = things[index], 1.0
    for child, other in enumerate(things):
        if other.host == index and other.anchor in ("top", "back"):
            foot = anchor_of(thing.asset, thing.body, other.anchor).y
            tall = max(tall, 1 - foot + other.size * _stack(things, child))
    return tall


def copies(thing: Thing, count: int) -> list[Thing]:
    """Return up to three of a thing fixed side by side in the same vessel, or on the same top."""
    if count == 1 or thing.anchor not in ("inside", "top"):
        return [thing]
    if thing.anchor == "top":
        return [thing] * min(count, 3)
    small = replace(thing, size=round(thing.size * 0.74, 4))
    places = (0, 2, 1)[: min(count, 3)]
    return [replace(small, x=(k - 1) * 0.13, tilt=(k - 1) * 26.0) for k in places]


def abreast(things: list[Thing], host: int) -> None:
    """Set all that stands on one top side by side, small enough for it."""
    group = [k for k, thing in enumerate(things) if thing.host == host and thing.anchor == "top"]
    if len(group) < 2:
        return
    room = 0.86 / len(group)
    for place, k in enumerate(group):
        x, size = (place - (len(group) - 1) / 2) * room, min(things[k].size, 1.1 * room)
        things[k] = replace(things[k], x=round(x, 4), size=round(size, 4))


def sorted_in(things: list[Thing], host: int) -> None:
    """Set the kinds of what is in one vessel side by side."""
    group = [k for k, thing in enumerate(things) if thing.host == host and thing.anchor == "inside"]
    kinds = list(dict.fromkeys(things[k].name for k in group))
    if len(kinds) < 2:
        return
    for k in group:
        aside = (kinds.index(things[k].name) - (len(kinds) - 1) / 2) * 0.34
        spread = (things[k].tilt / 26.0) * 0.07
        things[k] = replace(things[k], x=round(aside + spread, 4))


def lightened(base: Thing, anchor: str) -> Thing:
    """Return the host a little smaller, so that what it carries stays in the frame."""
    ratio = {"back": 0.86, "top": 0.86, "inside": 0.8}.get(anchor, 1.0)
    return replace(base, size=round(base.size * ratio, 4))
