"""Reading: from the marks of a prompt to what is asked for, before anything has a position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from .bans import Ban
from .figures import garment
from .phrasing import ADJECTIVE, phrased
from .words import Mark, Noun, guessed, load, marks

HELD = 0.45  # the size, against a person's, up to which a thing is held in a hand
DOING = ("riding", "holding", "wearing")
SEPARATORS = frozenset(",.;|")
JOINING = ("and", "&")
INTO_PLACE = {"in", "on", "beside", "front", "over", "under"}


@dataclass
class Asked:
    """One kind of thing asked for, and how it stands to an earlier one (`to`, by `relation`)."""

    noun: Noun
    text: str
    count: int = 1
    colour: str = ""
    material: str = ""
    size: float = 1.0
    relation: str = ""
    to: int = -1
    aloft: bool = False
    trait: str = ""


@dataclass
class Reading:
    """What a prompt asks for; empty fields were not mentioned.

    `by` is the relation to the place, `before` how many things were named before it, and `beyond`
    a second place named with it; `sign` is what an emblem for the place shows and `backdrop` the
    colour of a plain one; `without` holds the cut-outs that must not be shown, however they would
    come in.
    """

    asked: list[Asked] = field(default_factory=list)
    place: str = ""
    by: str = ""
    before: int = 0
    beyond: str = ""
    backdrop: str = ""
    time: str = ""
    style: str = ""
    feeling: str = ""
    weather: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    lens: list[str] = field(default_factory=list)
    without: frozenset[str] = frozenset()
    latin: bool = True
    sign: Noun | None = None


@dataclass
class _Pending:
    count: int = 1
    colour: str = ""
    material: str = ""
    size: float = 1.0
    relation: str = ""
    trait: str = ""
    article: bool = False
    joined: bool = False
    made: bool = False

    def clear(self) -> None:
        vars(self).update(vars(_Pending()))


def read(prompt: str, unwanted: str = "") -> Reading:
    """Read a prompt; whatever `unwanted` names is left out."""
    out, pending, ban = Reading(), _Pending(), Ban.of(unwanted)
    out.without = ban.assets
    found = phrased(marks(prompt))
    out.latin = any(re.search(r"[a-z]", mark.text) for mark in found) or not found
    for index, mark in enumerate(found):
        if ban.covers(mark):
            pending.clear()
            continue
        following = found[index + 1] if index + 1 < len(found) else None
        _take(out, pending, mark, following)
    _drop_banned(out, unwanted)
    out.style = _by_camera(out.style, found)
    if not out.asked and not out.place and not out.feeling and not out.lens:
        _guess(out, ban)
    return out


def _by_camera(style: str, found: Sequence[Mark]) -> str:
    """Return the style, or a photo where only the manner of one was named: a minimalist photo."""
    manners = {kind: text.split(", ") for kind, text in load("moods")["manners"].items()}
    media = [m.text for m in found if m.get("style") not in (None, "photo")]
    taken = any(mark.text in manners["camera"] for mark in found)
    return "photo" if taken and all(text in manners["yielding"] for text in media) else style


def _guess(out: Reading, ban: Ban) -> None:
    """Read the unknown words by their endings, until one of them is a thing, place or feeling."""
    for word in sorted(out.unknown, key=lambda w: bool(ADJECTIVE.search(w))):
        mark = Mark(word, guessed(word))
        if mark.meanings and not ban.covers(mark):
            _take(out, _Pending(), mark, None)
        if out.asked or out.place or out.feeling:
            return


def _take(out: Reading, pending: _Pending, mark: Mark, following: Mark | None) -> None:
    place, noun = mark.get("place"), mark.get("thing")
    if mark.text in SEPARATORS:
        pending.relation = ""
    if mark.text in ("a", "an", "the", "one", "single"):
        pending.article = True
    ahead = following.get("thing") if following else None
    if noun and ((mark.get("size") and ahead) or (mark.get("style") and out.asked)):
        noun = None
    for kind, value in mark.meanings:
        if kind == "time" and not (
            noun or (out.time and value != out.time) or (ahead and mark.get("material"))
        ):
            out.time = out.time or value
        elif kind == "weather" and not noun and value not in out.weather:
            out.weather.append(value)
        elif kind == "style" and not noun:
            out.style = value if out.style in ("", "photo") else out.style
        elif kind == "feeling" and not out.feeling:
            out.feeling = value
        elif kind == "lens" and not noun and value not in out.lens:
            out.lens.append(value)
        elif kind == "trait" and not noun:
            if out.asked and _looks_back(mark, following):
                out.asked[-1].trait = value
            else:
                pending.trait = value
    if mark.get("relation") and not noun:
        if pending.relation not in DOING or mark.get("relation") != "on":
            pending.relation = mark.get("relation")
            pending.joined = mark.text in JOINING
            pending.made = mark.text == "made of"
        return
    if mark.get("number"):
        pending.count = mark.get("number")
        if not noun:
            return
    if mark.get("size") and not noun:
        pending.size = mark.get("size")
        return
    if mark.text in ("background", "backdrop") and pending.colour:
        out.backdrop, out.place = pending.colour, out.place or "studio"
        pending.clear()
        return
    colour_next = following is not None and following.meanings
    if mark.get("colour") and not (noun and not colour_next):
        pending.colour = mark.get("colour")
        out.colours.append(pending.colour)
        return
    if mark.get("material") and pending.made and out.asked and not ahead:
        last = out.asked[-1]
        (out.asked[last.to] if last.relation in DOING else last).material = mark.get("material")
        pending.clear()
        return
    if mark.get("material") and not (noun and not (following and following.get("thing"))):
        pending.material = mark.get("material")
        return
    if place and (not noun or (pending.relation in INTO_PLACE and out.asked)):
        if pending.relation == "over" and out.asked:
            out.asked[-1].aloft = True
        if place == "studio" and mark.get("style") and out.place and not out.asked:
            out.place, out.beyond = place, out.place  # a coffee shop logo
            if out.sign:
                _ask(out, pending, out.sign, mark)
        elif not out.place:
            out.sign = _sign_of(mark)
            out.place, out.by = place, pending.relation
            out.before = len(out.asked)
        elif out.before == len(out.asked):
            out.beyond = out.beyond or place
        sign = _sign_of(mark) if out.place == "studio" != place else None
        if sign:
            _ask(out, pending, sign, mark)
        elif ahead and pending.relation == "on":
            return  # "on a garden bench"
        pending.clear()
        return
    room = _interiors().get(mark.text) if pending.relation == "in" and out.asked else None
    if room and not out.place and not mark.plural and out.asked[-1].noun.kind != "building":
        out.place, out.by, out.before = room, "in", len(out.asked)
        pending.clear()
        return
    if noun:
        _ask(out, pending, noun, mark)
        if "vessel" in noun.tags and following is not None and following.text == "of":
            pending.relation = "filled"
        return
    if not mark.meanings and re.fullmatch(r"[^\W\d_][\w'-]{2,}", mark.text):
        out.unknown.append(mark.text)


@lru_cache(maxsize=1)
def _interiors() -> dict[str, str]:
    table = load("acts")["interiors"]
    return {word: room for room, text in table.items() for word in text.split(", ")}


@lru_cache(maxsize=1)
def _plurals() -> dict[str, int]:
    table = load("relations")["plurals"]
    return {word: int(count) for count, text in table.items() for word in text.split(", ")}


def _sign_of(mark: Mark) -> Noun | None:
    """Return what an emblem shows for a place: a mountain, or the coffee of a coffee shop."""
    found = [marks(word)[0].get("thing") for word in mark.text.split()]
    sign: Noun | None = mark.get("tile") or next(filter(None, found), None)
    return sign


def _looks_back(mark: Mark, following: Mark | None) -> bool:
    """Tell whether a trait is of the thing before it ("a house on fire", "the vase is broken")."""
    last = following is None or following.get("relation")
    return bool(last) or mark.text.startswith(("on ", "in "))


def _ask(out: Reading, pending: _Pending, noun: Noun, mark: Mark) -> None:
    same = next((i for i, asked in enumerate(out.asked) if asked.noun == noun), -1)
    if same >= 0 and (not pending.relation or (same == len(out.asked) - 1 and not pending.article)):
        return
    if pending.relation == "filled" and noun.kind == "drink":
        out.asked[-1].noun = noun
        pending.clear()
        return
    count = pending.count
    if mark.plural and count == 1 and noun.kind not in ("worn",):
        count = _plurals().get(mark.text, 3)
    if pending.relation == "holding" and noun.kind == "furniture" and mark.plural and out.asked:
        count = 1  # who plays the drums plays one set of them
    if count == 1 and "many" in noun.tags:
        count = 5
    if count == 1 and not pending.article and mark.text.endswith("fish"):
        count = 3
    _join(out, pending, noun)
    to = _meant(out, pending.relation)
    if pending.joined and pending.relation in DOING and to >= 0:
        to = out.asked[-1].to
    relation = _stood(pending.relation, out.asked[to].noun if to >= 0 else None, noun)
    out.asked.append(
        Asked(
            noun,
            mark.text,
            min(count, 9),
            pending.colour,
            pending.material,
            pending.size,
            relation,
            to,
            trait=pending.trait,
        )
    )
    pending.clear()


def _stood(relation: str, host: Noun | None, noun: Noun) -> str:
    """Return a relation as it is between these two: what a thing is "with" is beside it."""
    if host is None:
        return relation
    living = "living" in host.tags or host.kind == "fantasy"
    carrying = living or noun.kind == "worn" or {"vessel", "broad"} & set(host.tags)
    if relation == "around" and "vessel" in host.tags:
        return "filled"
    if relation == "holding" and not carrying:
        return "beside"
    if relation == "at":
        desk = living and "broad" in noun.tags and "seat" not in noun.tags
        return "at" if desk else "beside"
    return relation


def _join(out: Reading, pending: _Pending, noun: Noun) -> None:
    """Let "and" go on with what was said: "in a hat and a scarf", "a sword and a shield".

    What is worn and named alone, after one who may wear it, is worn: "a king, crown".
    """
    last = out.asked[-1] if out.asked else None
    if last is None:
        return
    held = last.relation == "holding" and noun.size <= HELD and "living" not in noun.tags
    dress = last.noun.kind == "worn" or garment(last.noun.forms[0][0])
    worn = last.relation in ("wearing", "in") and noun.kind == "worn" and dress
    laid = held and last.to >= 0 and "broad" in out.asked[last.to].noun.tags
    small = noun.size <= HELD and "living" not in noun.tags
    if (pending.joined and last.to >= 0 and (held or worn)) or (
        laid and small and not pending.relation
    ):
        pending.relation = last.relation
    elif not pending.relation and noun.kind == "worn" and "living" in last.noun.tags:
        pending.relation = "wearing"
    elif not pending.relation and noun.kind == "worn" and last.to >= 0:
        pending.relation = "wearing" if "living" in out.asked[last.to].noun.tags else ""


def _meant(out: Reading, relation: str) -> int:
    """Return the index of what a relation is to: the thing named last, or -1 without one.

    After what is worn it is to who wears it ("a frog with a crown on a stone"); and who rides,
    holds or wears is not what was held just before ("a man with a book riding a horse").
    """
    last = len(out.asked) - 1
    if not relation or last < 0:
        return -1
    noun = out.asked[last].noun
    if relation == "filled":
        return last
    carried = out.asked[last].relation in ("holding", "filled") and relation != "beside"
    worn = noun.kind == "worn" or bool(garment(noun.forms[0][0]))
    if relation == "holding" and "broad" in noun.tags and "seat" not in noun.tags:
        return last  # at a desk with a laptop
    if worn or carried or (relation in DOING and "living" not in noun.tags):
        to = out.asked[last].to
        if to >= 0 and (carried or "living" in out.asked[to].noun.tags):
            return to
    return last


def _drop_banned(out: Reading, unwanted: str) -> None:
    for mark in marks(unwanted) if unwanted else []:
        if mark.get("place") == out.place:
            out.place, out.beyond = out.beyond, ""
        out.weather = [w for w in out.weather if w != mark.get("weather")]
        out.lens = [name for name in out.lens if name != mark.get("lens")]
        if mark.get("style") == out.style:
            out.style = ""


def wanted_word(reading: Reading) -> str:
    """Return the unknown word that is most likely the subject, or ""."""
    nouns = [word for word in reading.unknown if not ADJECTIVE.search(word)]
    return (nouns or reading.unknown or [""])[0]
