"""Made-up prompts: the same seeded sequence for the bench and for the tests."""

from __future__ import annotations

import random
from collections.abc import Iterator

from diorama.words import lexicon, load

COUNTS = ("a", "the", "two", "three", "five", "seven", "many", "a group of", "")
SIZES = ("", "", "tiny", "giant", "small", "huge")
TRAITS = ("", "", "", "old", "glowing", "broken", "frozen", "burning")
JOINS = (
    "riding", "wearing", "holding", "in", "on", "under", "over", "beside", "behind", "and",
    "in front of", "surrounded by", "with", "flying over", "chasing",
)  # fmt: skip
FILLERS = ("", "beautiful", "very detailed", "in the style of nobody", "frobnicating", "zorp")


def _phrases(kind: str) -> list[str]:
    return sorted(p for p, meanings in lexicon().items() if any(k == kind for k, _ in meanings))


def _thing(rng: random.Random, nouns: list[str], colours: list[str], materials: list[str]) -> str:
    noun = rng.choice(nouns)
    many = rng.random() < 0.25 and not noun.endswith("s")
    words = (
        rng.choice(COUNTS),
        rng.choice(SIZES),
        rng.choice(TRAITS),
        rng.choice(colours) if rng.random() < 0.3 else "",
        rng.choice(materials) if rng.random() < 0.12 else "",
        noun + ("s" if many else ""),
    )
    return " ".join(word for word in words if word)


def prompts(seed: int, count: int) -> Iterator[str]:
    """Yield made-up prompts of one to three things with place, hour, weather, lens and medium."""
    rng = random.Random(seed)
    nouns, colours = _phrases("thing"), sorted(load("moods")["colours"])
    materials = sorted(load("anchors")["materials"])
    tails = [_phrases(kind) for kind in ("place", "time", "weather", "lens", "style", "feeling")]
    for _ in range(count):
        parts = [_thing(rng, nouns, colours, materials)]
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            parts += [rng.choice(JOINS), _thing(rng, nouns, colours, materials)]
        if rng.random() < 0.6:
            parts += [rng.choice(("in the", "on the", "at the", "near the")), rng.choice(tails[0])]
        ends = [rng.choice(tail) for tail in tails[1:] if rng.random() < 0.28]
        parts.append(rng.choice(FILLERS))
        yield ", ".join([" ".join(part for part in parts if part), *ends])
