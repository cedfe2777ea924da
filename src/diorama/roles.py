"""Roles: two names for one: a raccoon chef is a raccoon in the clothes of a chef."""

from __future__ import annotations

from dataclasses import replace

from .figures import bodies
from .words import Mark, Noun, as_thing, lexicon, load

UPRIGHT = 0.8  # the least size of an animal on two legs
RANK = {"animal": 2, "fantasy": 1, "person": 0}


def are_one(before: Mark, mark: Mark) -> bool:
    """Tell whether two living nouns that stand side by side are one and the same."""
    first, second = before.get("thing"), mark.get("thing")
    if first is None or before.plural or not mark.text[:1].isascii():
        return False
    kinds = {first.kind, second.kind}
    alive = all("living" in noun.tags and "mount" not in noun.tags for noun in (first, second))
    return kinds <= set(RANK) and kinds != {"animal"} and (alive or "animal" in kinds)


def joined(before: Mark, mark: Mark) -> list[Mark]:
    """Return who is meant by the two, and what the role of the one gives to the other."""
    plain = load("acts")["roles"]["plain"].split(", ")
    first, second = (-1 if m.text in plain else RANK[m.get("thing").kind] for m in (before, mark))
    shown, role = (before, mark) if first > second else (mark, before)
    noun, outfit = shown.get("thing"), load("acts")["outfits"].get(role.get("thing").name, {})
    if noun.kind == "animal" and outfit:
        noun = clad(noun, outfit["cloth"]) or noun
    rest = tuple(m for m in shown.meanings if m[0] != "thing")
    out = [Mark(shown.text, (("thing", noun), *rest), mark.plural)]
    if outfit.get("thing"):
        tool = as_thing(outfit["thing"])
        relation = "wearing" if tool.get("thing").kind == "worn" else "holding"
        out += [Mark("with", (("relation", relation),)), Mark("a", lexicon()["a"]), tool]
    return out


def clad(noun: Noun, cloth: str) -> Noun | None:
    """Return an animal that a face shows in clothes of a colour; None for the others."""
    asset, body = next((form for form in noun.forms if form[1]), noun.forms[0])
    face = bodies()["beasts"].get(asset) or (asset if body in ("plush", "tailed") else None)
    if face is None:
        return None
    size = max(noun.size, UPRIGHT)
    return replace(noun, forms=((face, f"dressed:{cloth}"),), aloft=(), size=size)
