"""Reading: from the marks of a prompt to what is asked for, before anything has a position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .words import Mark, Noun, marks

INTO_PLACE = {"in", "on", "beside", "front", "over", "under"}
ADJECTIVE = re.compile(r"(?:ing|ly|ed|ous|ful|ive|less|ish|ible|able|ic|al|ward)$")


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


@dataclass
class Reading:
    """What a prompt asks for; empty fields were not mentioned."""

    asked: list[Asked] = field(default_factory=list)
    place: str = ""
    time: str = ""
    style: str = ""
    feeling: str = ""
    weather: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    latin: bool = True


@dataclass
class _Pending:
    count: int = 1
    colour: str = ""
    material: str = ""
    size: float = 1.0
    relation: str = ""
    article: bool = False

    def clear(self) -> None:
        vars(self).update(vars(_Pending()))


def read(prompt: str, unwanted: str = "") -> Reading:
    """Read a prompt; whatever `unwanted` names is left out."""
    out, pending = Reading(), _Pending()
    banned = {mark.text for mark in marks(unwanted)} if unwanted else set()
    banned_nouns = {mark.get("thing") for mark in marks(unwanted)} if unwanted else set()
    found = marks(prompt)
    out.latin = any(re.search(r"[a-z]", mark.text) for mark in found) or not found
    for index, mark in enumerate(found):
        if mark.text in banned or (mark.get("thing") and mark.get("thing") in banned_nouns):
            pending.clear()
            continue
        following = found[index + 1] if index + 1 < len(found) else None
        _take(out, pending, mark, following)
    _drop_banned(out, unwanted)
    return out


def _take(out: Reading, pending: _Pending, mark: Mark, following: Mark | None) -> None:
    place, noun = mark.get("place"), mark.get("thing")
    if mark.text in ("a", "an", "the", "one", "single"):
        pending.article = True
    ahead = following.get("thing") if following else None
    if noun and ((mark.get("size") and ahead) or (mark.get("style") and out.asked)):
        noun = None
    for kind, value in mark.meanings:
        if kind == "time" and not (noun or (out.time and value != out.time)):
            out.time = out.time or value
        elif kind == "weather" and not noun and value not in out.weather:
            out.weather.append(value)
        elif kind == "style" and not noun:
            out.style = value if out.style in ("", "photo") else out.style
        elif kind == "feeling" and not out.feeling:
            out.feeling = value
    if mark.get("relation") and not noun:
        if pending.relation not in ("riding", "wearing", "holding") or mark.get("relation") != "on":
            pending.relation = mark.get("relation")
        return
    if mark.get("number"):
        pending.count = mark.get("number")
        if not noun:
            return
    if mark.get("size") and not noun:
        pending.size = mark.get("size")
        return
    colour_next = following is not None and following.meanings
    if mark.get("colour") and not (noun and not colour_next):
        pending.colour = mark.get("colour")
        out.colours.append(pending.colour)
        return
    if mark.get("material") and not (noun and not (following and following.get("thing"))):
        pending.material = mark.get("material")
        return
    if place and (not noun or (pending.relation in INTO_PLACE and out.asked)):
        if pending.relation == "over" and out.asked:
            out.asked[-1].aloft = True
        out.place = out.place or place
        pending.clear()
        return
    if noun:
        _ask(out, pending, noun, mark)
        return
    if not mark.meanings and re.fullmatch(r"[^\W\d_][\w'-]{2,}", mark.text):
        out.unknown.append(mark.text)


def _ask(out: Reading, pending: _Pending, noun: Noun, mark: Mark) -> None:
    same = next((i for i, asked in enumerate(out.asked) if asked.noun == noun), -1)
    if same >= 0 and not pending.relation:
        return
    count = pending.count
    if mark.plural and count == 1 and noun.kind not in ("worn",):
        count = 3
    if count == 1 and "many" in noun.tags:
        count = 5
    if count == 1 and not pending.article and mark.text.endswith("fish"):
        count = 3
    to = len(out.asked) - 1 if pending.relation else -1
    out.asked.append(
        Asked(
            noun,
            mark.text,
            min(count, 9),
            pending.colour,
            pending.material,
            pending.size,
            pending.relation,
            to,
        )
    )
    pending.clear()


def _drop_banned(out: Reading, unwanted: str) -> None:
    for mark in marks(unwanted) if unwanted else []:
        if mark.get("place") == out.place:
            out.place = ""
        out.weather = [w for w in out.weather if w != mark.get("weather")]


def wanted_word(reading: Reading) -> str:
    """Return the unknown word that is most likely the subject, or ""."""
    nouns = [word for word in reading.unknown if not ADJECTIVE.search(word)]
    return (nouns or reading.unknown or [""])[0]


def unwanted_of(parameters: Mapping[str, object]) -> str:
    """Return the text of the `no` parameter, a string or a list of strings."""
    value = parameters.get("no", "")
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return ""
