"""What the bot does not paint: whole words of a list, wherever they aren't harmless.

The list is data (`moderation.toml`). Words are compared after folding: case, accents, look-alike
digits and signs, and letters spelled apart all come to the same. It never looks inside a word, so
that places and people with unlucky names are painted as anything else.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

import msgspec

TITLE = "Banned prompt detected"
# What people write for letters. Digits count as letters only inside a word that has some.
_DISGUISES = str.maketrans("013457@$!|€", "oieastasiie")
# Addresses are no words, and what a picture is not to show is not asked for.
_UNASKED = re.compile(r"https?://\S+|(?<!\S)--no\s.*?(?=\s--|$)", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(r"[a-z0-9@$!|€]+")
_SEPARATED = re.compile(r"(?<![a-z0-9@$!|])[a-z0-9@$!|](?:[-._*][a-z0-9@$!|])+(?![a-z0-9@$!|])")
_UNSEEN = ("Mn", "Cf")
# Cyrillic and Greek letters that look like Latin ones.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u03b1\u03b5\u03bf\u03c1", "aeopcyxiaeop"
)


class ListInvalid(Exception):
    """A list of words can't be read; the message is a sentence for the operator."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list as its file has it. `removed` takes entries out of the list that comes before."""

    banned: list[str] = []
    allowed: list[str] = []
    removed: list[str] = []


class _Entries:
    """The words and phrases of a list, folded. A last word with `*` matches any ending."""

    def __init__(self, entries: Iterable[str]) -> None:
        stems = []
        self._phrases: dict[str, list[tuple[list[str], bool]]] = {}
        for entry in entries:
            words, is_stem = fold(entry.removesuffix("*")).split(), entry.endswith("*")
            if is_stem and len(words) == 1:
                stems += words
            elif words:
                self._phrases.setdefault(words[0], []).append((words[1:], is_stem))
        self._stems = tuple(stems)

    def found(self, words: list[str]) -> Iterator[range]:
        """Where they stand among the words of a prompt."""
        for at, word in enumerate(words):
            if word.startswith(self._stems):
                yield range(at, at + 1)
            for rest, is_stem in self._phrases.get(word, ()):
                end = at + 1 + len(rest)
                if _fits(words[at + 1 : end], rest, is_stem):
                    yield range(at, end)


def _fits(words: list[str], entry: list[str], is_stem: bool) -> bool:
    if words == entry:
        return True
    return (
        is_stem
        and len(words) == len(entry)
        and words[:-1] == entry[:-1]
        and words[-1].startswith(entry[-1])
    )


class Moderation:
    """Looks for banned words."""

    def __init__(self, words: Words) -> None:
        self._banned = _Entries(word for word in words.banned if word not in words.removed)
        self._allowed = _Entries(words.allowed)

    @classmethod
    def load(cls, extra: Path | None = None) -> "Moderation":
        """The bot's own list, and what an operator's file adds to it or removes from it.

        Raises ListInvalid when that file can't be read.
        """
        own = _read(files("heliograph.studio").joinpath("moderation.toml").read_text("utf-8"))
        if extra is None:
            return cls(own)
        try:
            added = _read(extra.read_text("utf-8"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise ListInvalid(f"The word list {extra} can't be used: {error}") from error
        return cls(
            Words(own.banned + added.banned, own.allowed + added.allowed, added.removed),
        )

    def banned(self, text: str) -> str | None:
        """The first banned word or phrase in a prompt, as it was folded."""
        words = fold(_UNASKED.sub(" ", text)).split()
        harmless: set[int] | None = None
        for place in self._banned.found(words):
            if harmless is None:
                harmless = {at for phrase in self._allowed.found(words) for at in phrase}
            if not harmless.issuperset(place):
                return " ".join(words[at] for at in place)
        return None


def description(word: str) -> str:
    """What the refusal says, after the real bot's words."""
    return (
        "Sorry! Our AI moderator thinks this prompt is probably against our community standards."
        f"\n\nIt stumbled over `{word}`. Please rephrase the prompt. If it means no harm, the"
        " operator of this server can allow the phrase."
    )


def fold(text: str) -> str:
    """Words in plain small letters, a blank between two; what isn't a word is left out."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        # Accents, and characters that nobody sees.
        plain = "".join(char for char in plain if unicodedata.category(char) not in _UNSEEN)
        plain = plain.translate(_LOOKALIKES)
    joined = _SEPARATED.sub(lambda found: re.sub(r"[-._*]", "", found[0]), plain)
    return " ".join(filter(None, map(_undisguised, _TOKEN.findall(joined))))


def _undisguised(word: str) -> str:
    if word.isascii() and word.isalpha():
        return word
    bare = word.strip("!|")
    if not any("a" <= char <= "z" for char in bare):
        return re.sub(r"[^0-9]", "", bare)
    return re.sub(r"[^a-z0-9]", "", bare.translate(_DISGUISES))


def _read(text: str) -> Words:
    return msgspec.convert(tomllib.loads(text), Words)
