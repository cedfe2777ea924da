"""Words: the lexicon made from the tables, and how a prompt is matched against it.

Every phrase of the tables maps to one or more meanings. A prompt is read from left to right, the
longest phrase first (up to four words), plural nouns by their singular. What matches nothing is
kept as an unknown word: compose decides what to show for it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

VOCABULARY = Path(__file__).resolve().parent / "vocabulary"
LONGEST = 4
IRREGULAR = {
    "mice": "mouse", "geese": "goose", "wolves": "wolf", "children": "child", "men": "man",
    "women": "woman", "feet": "foot", "teeth": "tooth", "leaves": "leaf", "knives": "knife",
    "loaves": "loaf", "elves": "elf", "calves": "calf", "foxes": "fox", "fairies": "fairy",
    "butterflies": "butterfly", "cherries": "cherry", "puppies": "puppy", "ponies": "pony",
    "cities": "city", "witches": "witch", "oxen": "ox", "dice": "die", "scarves": "scarf",
    "samurais": "samurai", "taxis": "taxi", "skis": "ski", "tsunamis": "tsunami", "cacti": "cactus",
    "shelves": "shelf", "thieves": "thief", "octopuses": "octopus", "buses": "bus",
}  # fmt: skip


@dataclass(frozen=True)
class Noun:
    """A kind of thing: its cut-outs (asset, body), and what its group says of it.

    `aloft` holds the cut-outs that show it in flight, where others show it on its feet.
    """

    name: str
    forms: tuple[tuple[str, str], ...]
    kind: str
    size: float
    pose: str
    tags: tuple[str, ...]
    home: tuple[str, ...]
    aloft: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Act:
    """What is done: the relation to its object, what it is done with, and who is shown doing it.

    `always` is for what is done with the thing even when there is an object ("photographing").
    """

    relation: str
    thing: str = ""
    always: bool = False
    figure: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Mark:
    """A phrase of the prompt with its meanings: pairs of (kind, value)."""

    text: str
    meanings: tuple[tuple[str, Any], ...]
    plural: bool = False

    def get(self, kind: str) -> Any:
        """Return the value of one kind of meaning, or None."""
        return next((value for name, value in self.meanings if name == kind), None)


@lru_cache(maxsize=16)
def load(name: str) -> dict[str, Any]:
    """Return one table of the vocabulary."""
    return tomllib.loads((VOCABULARY / f"{name}.toml").read_text(encoding="utf-8"))


def _listed(text: str) -> list[str]:
    return [part.strip().lower() for part in text.replace("\n", " ").split(",") if part.strip()]


def _nouns() -> dict[str, Noun]:
    found: dict[str, Noun] = {}
    named: set[str] = set()
    for group in load("things")["group"]:
        for line in group["names"].replace("\n", " ").split(";"):
            codes, _, names = line.strip().partition(": ") if ": " in line else (line, "", "")
            codes, _, own = codes.strip().partition("@")
            codes, _, wings = codes.partition("/")
            forms = tuple(_form(code) for code in codes.split("|"))
            aloft = tuple(_form(code) for code in wings.split("|")) if wings else ()
            named.update(asset for asset, _ in forms)
            tags, home = tuple(group["tags"]), tuple(own.split(",") if own else group["home"])
            kind, size, pose = group["kind"], group["size"], group["pose"]
            listed = _listed(names)
            noun = Noun(listed[0] if listed else codes, forms, kind, size, pose, tags, home, aloft)
            for name in listed:
                found.setdefault(name, noun)
    for line in (VOCABULARY / "objects.tsv").read_text(encoding="utf-8").splitlines():
        _, short, name = line.split("\t")
        if short not in named and "+" not in name and len(name) > 2 and name != "?":
            plain = name.replace(" face", "").replace(" sign", "").replace(" symbol", "")
            found.setdefault(
                plain, Noun(plain, ((short, ""),), "item", 0.3, "stand", ("small",), ("studio",))
            )
    return found


def _form(code: str) -> tuple[str, str]:
    asset, _, body = code.strip().partition("+")
    return asset, body


@lru_cache(maxsize=1)
def lexicon() -> dict[str, tuple[tuple[str, Any], ...]]:
    """Return phrase → meanings, from all tables."""
    out: dict[str, list[tuple[str, Any]]] = {}

    def add(text: str, kind: str, value: Any) -> None:
        for phrase in _listed(text):
            out.setdefault(phrase, []).append((kind, value))

    relations, moods = load("relations"), load("moods")
    for name, noun in _nouns().items():
        out.setdefault(name, []).append(("thing", noun))
    for name, spec in load("places").items():
        add(spec["words"], "place", name)
    for name, spec in load("lights").items():
        add(spec["words"], "time", name)
    for name, text in moods["weather"].items():
        add(text, "weather", name)
    for name, spec in moods["feelings"].items():
        add(spec["words"], "feeling", name)
    for name, code in moods["colours"].items():
        add(name, "colour", code)
    for name, text in moods["styles"].items():
        add(text, "style", name)
    for name, text in relations["relations"].items():
        add(text, "relation", name)
    for spec in load("acts")["acts"].values():
        act = Act(**{key: value for key, value in spec.items() if key != "words"})
        add(spec["words"], "act", act)
    for name, text in relations["numbers"].items():
        add(text, "number", int(name))
    for name, text in relations["sizes"].items():
        add(text, "size", float(name))
    for name, text in relations["traits"].items():
        add(text, "trait", name)
    for name, spec in load("lenses").items():
        add(spec["words"], "lens", name)
    for name in load("anchors")["materials"]:
        add(name, "material", name)
    add(relations["skip"]["words"], "skip", True)
    tiles = set(_listed(relations["tiles"]["codes"]))
    return {phrase: tuple(_placed(meanings, tiles)) for phrase, meanings in out.items()}


def _placed(meanings: list[tuple[str, Any]], tiles: set[str]) -> list[tuple[str, Any]]:
    """Return the meanings, a cut-out that is a small picture of the place they name as a tile."""
    if all(kind != "place" for kind, _ in meanings):
        return meanings
    return [
        ("tile", m[1]) if m[0] == "thing" and m[1].forms[0][0] in tiles else m for m in meanings
    ]


def singular(word: str) -> str:
    """Return the likeliest singular of an English plural, or the word itself."""
    return singulars(word)[0]


def singulars(word: str) -> list[str]:
    """Return what the singular of a word may be, the likeliest first; at least the word itself."""
    if word in IRREGULAR:
        return [IRREGULAR[word]]
    if word.endswith("ies") and len(word) > 4:
        return [word[:-3] + "y", word[:-1]]
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "oes")):
        return [word[:-2], word[:-1]]
    if word.endswith("uses") and len(word) > 5:
        return [word[:-2], word[:-1]]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return [word[:-1]]
    return [word]


def tokens(prompt: str) -> list[str]:
    """Return the words of a prompt in lower case; flags are dropped, emoji stand alone."""
    text = unicodedata.normalize("NFKC", prompt)
    text = re.sub(r"https?://\S+", " ", text)
    text = re.sub(r"(?:^|\s)(?:--|—)[a-zA-Z]+(?:\s+[-\d.:]+)?", " ", text)
    text = text.lower().replace("’", "'")
    return re.findall(r"[^\W_]+(?:['-][^\W_]+)*|[^\w\s]", text)[:160]


def marks(prompt: str) -> list[Mark]:
    """Match a prompt against the lexicon; unknown words are marks without meanings."""
    table, words, out = lexicon(), tokens(prompt), []
    at = 0
    while at < len(words):
        for length in range(min(LONGEST, len(words) - at), 0, -1):
            part = words[at : at + length]
            phrase = " ".join(part)
            tried = [" ".join([*part[:-1], one]) for one in singulars(part[-1])]
            single = next((one for one in tried if one in table), tried[0])
            meanings = table.get(phrase)
            plural = single != phrase and (meanings is None or table.get(single) == meanings)
            meanings = meanings or table.get(single)
            if meanings:
                out.append(Mark(phrase, meanings, plural))
                at += length
                break
        else:
            out.append(Mark(words[at], _sign(words[at])))
            at += 1
    return out


def _sign(word: str) -> tuple[tuple[str, Any], ...]:
    if len(word) != 1 or ord(word) < 0x2000:
        return ()
    noun = _by_code().get(f"{ord(word):x}")
    return (("thing", noun),) if noun else ()


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Noun]:
    out: dict[str, Noun] = {}
    for meanings in lexicon().values():
        for kind, noun in meanings:
            if kind == "thing":
                for asset, _ in noun.forms:
                    out.setdefault(asset, noun)
    return out


def as_thing(phrase: str) -> Mark:
    """Return the mark of a phrase that is a thing here and nothing else."""
    return Mark(phrase, tuple(m for m in lexicon()[phrase] if m[0] == "thing"))


def guessed(word: str, shortest: int = 1) -> tuple[tuple[str, Any], ...]:
    """Return the meanings of an unknown word by its ending: a starship is a kind of ship.

    `shortest` is the length from which an ending counts: a frisbee is no bee.
    """
    stem = singular(word)
    for ending, phrase in _endings():
        if stem.endswith(ending) and len(stem) > len(ending) >= shortest:
            return lexicon().get(phrase, ())
    return ()


@lru_cache(maxsize=1)
def _endings() -> tuple[tuple[str, str], ...]:
    """Return (ending, phrase), the longest endings first."""
    pairs = [
        (ending, phrase)
        for phrase, text in load("endings")["endings"].items()
        for ending in _listed(text)
    ]
    return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair)))


def noun_of_asset(asset: str) -> Noun | None:
    """Return the noun that a cut-out stands for, if the tables name it."""
    return _by_code().get(asset)
