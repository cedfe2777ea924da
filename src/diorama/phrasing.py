"""Phrasing: what a word is where it stands: an act, an owner, half of a name, a medium or a thing.

The tables know words by themselves. Between words they change: "a woman painting" is no oil
painting, a wizard's tower is a tower without a wizard, and a soup spoon is no soup. `phrased` turns
the marks of a prompt into marks that mean what they mean in their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from .roles import are_one, joined
from .words import Act, Mark, Noun, as_thing, guessed, lexicon, load, singular

SURE = 4  # letters of an ending that tells by itself what a word means
HANDLED = ("item", "food", "flower", "drink", "worn")
HANDY = 0.45  # the size, against a person's, up to which a player or a seller holds it
ABROAD = ("street", "meadow")  # where people are who are nowhere in particular
LIVING = ("animal", "person", "fantasy")
ENDS = frozenset('.,;:!?|()[]/&"')
ARTICLES = ("a", "an")
DETERMINERS = frozenset(("a", "an", "the", "his", "her", "their", "its", "my", "our", "one"))
CRAFTS = ("painting", "drawing", "knitting", "sewing", "stitching", "sketching")
# Endings of words that are no names of things: "a gnarled oak" is an oak.
ADJECTIVE = re.compile(
    r"(?:ing|ly|ed|ous|ful|ive|less|ish|ible|able|ic|al|ward|ese|ian|punk|like|y|est|en|ern)$"
)
PLAIN = ("skip", "number", "size", "colour", "material", "trait", "feeling")


@dataclass
class _Phrase:
    """What was said so far: `actor` is the index in `out` of the last living thing named."""

    found: Sequence[Mark]
    out: list[Mark] = field(default_factory=list)
    actor: int = -1
    near: bool = False  # the actor is in this part of the sentence

    def ahead(self, at: int) -> Mark | None:
        return self.found[at + 1] if at + 1 < len(self.found) else None

    def object_of(self, at: int) -> Mark | None:
        """Return the thing that follows, past its adjectives, or None."""
        for mark in self.found[at + 1 :]:
            if mark.get("thing") and not mark.get("act"):
                return mark
            plain = any(mark.get(kind) for kind in PLAIN)
            if mark.text in ENDS or mark.get("relation") or not plain:
                return None
        return None

    def named(self) -> bool:
        return any(mark.get("thing") for mark in self.out)


def phrased(found: Sequence[Mark]) -> list[Mark]:
    """Return the marks of a prompt as they are meant in their places."""
    phrase, at = _Phrase(found), 0
    while at < len(found):
        at += _step(phrase, at, found[at])
    return phrase.out


def _step(phrase: _Phrase, at: int, mark: Mark) -> int:
    """Take one mark; returns how many were used up."""
    if mark.text in ENDS:
        phrase.near = False
    following = phrase.ahead(at)
    owner = _owner(mark)
    if owner is not None and following is not None and following.text not in ENDS:
        if following.text in body():
            _add(phrase, owner)
            return 2
        return 1
    if phrase.actor >= 0 and mark.text in body() and (phrase.near or _told_of(phrase)):
        _take_back(phrase)
        return 1
    vessel = _table("counted").get(mark.text)
    if vessel and (_numbered(phrase) or (following is not None and following.text == "of")):
        mark = replace(as_thing(vessel), text=mark.text, plural=True)
    if mark.get("style"):
        mark = _medium(phrase, at, mark, following)
    act = mark.get("act")
    if isinstance(act, Act) and not mark.get("style"):
        return _act(phrase, at, mark, act)
    if _is_doing(phrase, mark):
        return 1
    doer = _doer(phrase, mark, following)
    if doer is not None:
        _add(phrase, doer)
        holding = (("relation", "holding"),)
        phrase.out += [Mark("with", holding), replace(mark, text="a " + mark.text)]
        return 2
    stood = _related(phrase)
    for relation, table in (("under", "canopies"), ("on", "grounds")):
        thing = _table(table).get(mark.text) if stood == relation else None
        if thing:
            _add(phrase, Mark(thing, lexicon()[thing]))
    if _is_half(phrase, at, mark):
        return 1
    _add(phrase, mark if mark.meanings else _unknown(phrase, at, mark, following))
    return 1


def _told_of(phrase: _Phrase) -> bool:
    """Tell whether only adjectives went before since the last comma: ", piercing blue" eyes."""
    for told, mark in enumerate(reversed(phrase.out)):
        if mark.text in ENDS:
            return told > 0
        if mark.meanings and not any(mark.get(kind) for kind in PLAIN):
            return False
    return False


def _numbered(phrase: _Phrase) -> bool:
    last = phrase.out[-1] if phrase.out else None
    return last is not None and bool(last.get("number")) and "pair" not in last.text


def _doer(phrase: _Phrase, mark: Mark, following: Mark | None) -> Mark | None:
    """Return who has to do with a thing that is named before: a saxophone player, or None."""
    noun = mark.get("thing")
    if not noun or mark.plural or following is None or not mark.text.isascii():
        return None
    if noun.kind not in HANDLED or noun.size > HANDY or any(mark.get(kind) for kind in PLAIN):
        return None
    known = following.get("thing")
    if known is None:
        meanings = () if following.meanings else guessed(following.text)
        known = next((noun for kind, noun in meanings if kind == "thing"), None)
        following = Mark(following.text, meanings, following.text.endswith("s"))
    return following if known is not None and known.kind == "person" else None


def _add(phrase: _Phrase, mark: Mark) -> None:
    noun = mark.get("thing")
    last = len(phrase.out) - 1
    alive = bool(noun) and noun.kind in LIVING
    if alive and phrase.actor == last >= 0 and are_one(phrase.out[last], mark):
        phrase.out[last:] = joined(phrase.out[last], mark)
        phrase.near = True
        return
    if alive and not mark.get("size"):
        phrase.actor, phrase.near = len(phrase.out), True
    phrase.out.append(mark)


def _take_back(phrase: _Phrase) -> None:
    """Drop the words that led to what is no thing by itself: "with white" wings."""
    while phrase.out and (
        any(phrase.out[-1].get(kind) for kind in PLAIN)
        or (not phrase.near and not phrase.out[-1].meanings and phrase.out[-1].text not in ENDS)
    ):
        phrase.out.pop()
    if phrase.out and phrase.out[-1].get("relation"):
        phrase.out.pop()


def _owner(mark: Mark) -> Mark | None:
    """Return the mark of who owns what follows ("a turtle's back"), or None."""
    if mark.meanings or not mark.text.endswith(("'s", "s'")):
        return None
    stem = mark.text.removesuffix("'s").removesuffix("'")
    meanings = lexicon().get(stem) or lexicon().get(singular(stem)) or guessed(stem)
    return Mark(stem, meanings) if meanings else None


def _medium(phrase: _Phrase, at: int, mark: Mark, following: Mark | None) -> Mark:
    """Return a word for a medium as what it is here: a medium, an act or a thing."""
    after = following.text if following else ""
    thing = _table("carriers").get(mark.text)
    if (
        (thing or mark.get("thing"))
        and after not in ("style", "of")
        and phrase.named()
        and _is_object(phrase)
    ):
        kept = lexicon()[thing] if thing else mark.meanings
        return replace(mark, meanings=tuple(m for m in kept if m[0] == "thing"))
    before = phrase.out[-1] if phrase.out else None
    if mark.get("act") or mark.text in CRAFTS:
        by_person = before is not None and _is_person(before)
        if by_person or (after in DETERMINERS and after != "one"):
            return Mark(mark.text, tuple(m for m in mark.meanings if m[0] != "style"))
        return Mark(mark.text, tuple(m for m in mark.meanings if m[0] != "act"))
    person = following is not None and not following.meanings and guessed(following.text)
    if person and any(kind == "thing" and noun.kind in LIVING for kind, noun in person):
        return Mark(mark.text, (("skip", True),))  # a comic reader
    return mark


def _is_object(phrase: _Phrase) -> bool:
    """Tell whether what comes next is a thing that something is done with: "holding a" …"""
    article = False
    for mark in reversed(phrase.out):
        if mark.get("relation"):
            return article
        if mark.text in ENDS or not any(mark.get(kind) for kind in PLAIN):
            return False
        article = article or mark.text in DETERMINERS or bool(mark.get("number"))
    return False


def _related(phrase: _Phrase) -> str:
    """Return the relation in which what comes next stands to what was named, or ""."""
    for mark in reversed(phrase.out if phrase.named() else ()):
        if mark.get("relation"):
            return str(mark.get("relation"))
        if mark.text in ENDS or not any(mark.get(kind) for kind in PLAIN):
            return ""
    return ""


def _is_person(mark: Mark) -> bool:
    noun = mark.get("thing")
    return bool(noun) and noun.kind in ("person", "fantasy")


def _act(phrase: _Phrase, at: int, mark: Mark, act: Act) -> int:
    """Take an act: as the relation to its object, or to what it is done with."""
    if phrase.actor < 0:
        phrase.out.append(Mark(mark.text, (("skip", True),)))
        return 1
    actor = phrase.out[phrase.actor]
    noun: Noun = actor.get("thing")
    figure = act.figure.get(noun.forms[0][0])
    if figure:
        phrase.out[phrase.actor] = _posed(actor, as_thing(figure).get("thing"))
    aim = phrase.object_of(at)
    held = [m.get("thing").name for m in phrase.out[phrase.actor :] if m.get("thing")]
    has = bool(act.thing) and as_thing(act.thing).get("thing").name in held
    if act.thing and not has and (aim is None or act.always or aim.get("thing").kind == "boat"):
        tool = as_thing(act.thing)
        hold = "holding" if tool.get("thing").kind != "aircraft" else "beside"
        phrase.out += [Mark(mark.text, (("relation", hold),)), Mark("a", lexicon()["a"]), tool]
    if aim is not None:
        aboard = aim.get("thing").kind in ("boat", "vehicle") and act.relation == "holding"
        relation = "in" if aboard else act.relation
        phrase.out.append(Mark(mark.text, (("relation", relation),)))
    elif mark.get("relation"):
        phrase.out.append(Mark(mark.text, (("relation", mark.get("relation")),)))
    return 1


def _posed(actor: Mark, figure: Noun) -> Mark:
    """Return the mark of a person as the figure that does something, of the same size."""
    own = actor.get("thing")
    home = own.home if figure.home == ABROAD else figure.home
    noun = replace(own, forms=figure.forms, aloft=(), home=home)
    rest = tuple(m for m in actor.meanings if m[0] != "thing")
    return Mark(actor.text, (("thing", noun), *rest), actor.plural)


def _is_doing(phrase: _Phrase, mark: Mark) -> bool:
    """Take "swimming" as what the one before does, where it would be a swimmer by itself."""
    noun = mark.get("thing")
    doing = mark.text.endswith(("ing", "yoga")) and not mark.text.endswith("king")
    if not noun or noun.kind != "person" or not doing:
        return False
    if not phrase.near:
        return False
    actor = phrase.out[phrase.actor]
    if actor.get("thing").kind == "person":
        phrase.out[phrase.actor] = _posed(actor, noun)
    return True


def _is_half(phrase: _Phrase, at: int, mark: Mark) -> bool:
    """Tell whether a noun only tells of what sort the next one is: a garden gnome, a candy cane."""
    noun, following = mark.get("thing"), phrase.ahead(at)
    if noun and mark.plural and following is not None and not following.get("thing"):
        return bool(noun.kind == "person" and following.get("place"))  # a farmers market
    if not noun or mark.plural or not mark.text.isascii():
        return False
    after = following.get("thing") if following is not None else None
    if noun.kind in LIVING:  # a santa hat, a mother duck
        title = mark.text in load("acts")["titles"]["words"].split(", ")
        return after is not None and (after.kind == "worn" or (title and after.kind == "animal"))
    doer = guessed(following.text) if following is not None and not following.meanings else ()
    if any(head.kind == "person" for kind, head in doer if kind == "thing"):
        return True  # a lantern maker
    if following is not None and noun.kind == "building" and following.get("place") == "room":
        return True  # a cathedral interior
    if any(mark.get(kind) for kind in PLAIN) or following is None:
        return False
    head = following.get("thing")
    if not head or head.kind in LIVING or following.get("act"):
        return False
    row = [m for m in phrase.found[max(0, at - 1) : at + 3] if m.get("thing")]
    return len(row) < 3 and following.text.isascii()


def _unknown(phrase: _Phrase, at: int, mark: Mark, following: Mark | None) -> Mark:
    """Return an unknown word as the thing it names, where it stands as a noun after "a"."""
    word = mark.text
    if not re.fullmatch(r"[a-z][a-z-]{2,17}", word) or word in body():
        return mark
    if following is not None and (following.get("thing") or following.text == "of"):
        return mark
    if following is not None and not following.meanings and following.text not in ENDS:
        return mark
    if not _after_article(phrase):
        begun = any(m.meanings for m in phrase.out)
        sure = [noun for kind, noun in guessed(word, SURE) if kind == "thing"]
        person = bool(sure) and sure[0].kind in ("person", "fantasy")
        return Mark(word, guessed(word, SURE)) if person and not begun else mark
    meanings = guessed(word, SURE) or guessed(word)
    nouns = [noun for kind, noun in meanings if kind == "thing"]
    if nouns and (nouns[0].kind == "person" or guessed(word, SURE)):
        return Mark(word, meanings)
    if phrase.named() or ADJECTIVE.search(word):
        return mark
    if not any(m.get("thing") for m in phrase.found[at + 1 :]):
        return mark
    letters = Noun(word, ((f"word:{word}", ""),), "item", 0.32, "stand", ("small",), ("studio",))
    return Mark(word, (("thing", letters),))


def _after_article(phrase: _Phrase) -> bool:
    for mark in reversed(phrase.out):
        if mark.text in ARTICLES:
            return True
        if mark.text in ENDS or mark.get("thing") or mark.get("relation"):
            return False
    return False


@lru_cache(maxsize=1)
def body() -> frozenset[str]:
    """Return the words for what belongs to a body."""
    return frozenset(load("acts")["body"]["words"].split(", "))


@lru_cache(maxsize=4)
def _table(name: str) -> dict[str, str]:
    return {word: thing for thing, text in load("acts")[name].items() for word in text.split(", ")}
