"""Bans: what `--no` names, and the cut-outs that must not be shown because of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from .words import Mark, Noun, lexicon, load, marks, singular, tokens


@lru_cache(maxsize=1)
def kind_words() -> dict[str, frozenset[str]]:
    """Return the words that name each kind of noun as a whole."""
    table = load("relations")["kinds"]
    return {kind: frozenset(text.split(", ")) for kind, text in table.items()}


def _words(text: str) -> set[str]:
    return set(tokens(text))


@dataclass(frozen=True)
class Ban:
    """What `--no` names: words, nouns, kinds of nouns, and with them the cut-outs not to show."""

    words: frozenset[str] = frozenset()
    nouns: frozenset[Noun] = frozenset()
    kinds: frozenset[str] = frozenset()
    assets: frozenset[str] = frozenset()

    @classmethod
    def of(cls, unwanted: str) -> Ban:
        """Return the ban for the text of the `no` parameter."""
        if not unwanted:
            return cls()
        found = marks(unwanted)
        named = [mark for mark in found if not mark.get("skip") or mark.get("thing")]
        words = {singular(word) for mark in named for word in mark.text.split()}
        kinds = {kind for kind, names in kind_words().items() if names & _words(unwanted)}
        nouns = {mark.get("thing") for mark in named} - {None}
        ban = cls(frozenset(words), frozenset(nouns), frozenset(kinds))
        if not named and not kinds:
            return ban
        assets = {
            asset
            for phrase, meanings in lexicon().items()
            for kind, noun in meanings
            if kind == "thing" and ban._named(phrase, noun)
            for asset, _ in (*noun.forms, *noun.aloft)
        }
        return cls(ban.words, ban.nouns, ban.kinds, frozenset(assets))

    def _named(self, phrase: str, noun: Noun) -> bool:
        words = {singular(word) for word in phrase.split()}
        return bool(noun in self.nouns or noun.kind in self.kinds or words & self.words)

    def covers(self, mark: Mark) -> bool:
        """Tell whether a mark of the prompt is, means or contains something banned."""
        noun = mark.get("thing")
        if noun and any(asset in self.assets for asset, _ in noun.forms):
            return True
        return bool({singular(word) for word in mark.text.split()} & self.words)


def unwanted_of(parameters: Mapping[str, object]) -> str:
    """Return the text of the `no` parameter, a string or a list of strings."""
    value = parameters.get("no", "")
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return ""
