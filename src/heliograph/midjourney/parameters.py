"""The parameters of a prompt: what the bot reads behind `--`.

A parameter is a word of its own that begins with `--`; it owns the words up to the next one, takes
those it can read as its value, and gives the rest back to the text. Ranges are the documented ones
of Midjourney.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

import msgspec

VERSIONS = ("7", "6.1", "6", "5.2", "5.1", "5", "4", "3", "2", "1")
NIJI_VERSIONS = ("6", "5", "4")


class InvalidPrompt(Exception):
    """The bot refuses the prompt; `title` and `description` are those of its embed."""

    def __init__(self, title: str, description: str) -> None:
        super().__init__(f"{title}: {description}")
        self.title = title
        self.description = description


class Parameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for by parameters; a default value means that nothing was.

    `square` tells an explicit `--ar 1:1`, which the bot echoes, from a missing one, which it
    doesn't. `version` and `niji` exclude each other. `no_text` is `--no` to the letter, `no` its
    items. A reference in `sref` is a URL, a numeric code or "random", with its `::weight` if any.
    """

    aspect: tuple[int, int] = (1, 1)
    square: bool = False
    version: str | None = None
    niji: str | None = None
    stylize: int | None = None
    chaos: int | None = None
    weird: int | None = None
    quality: float | None = None
    seed: int | None = None
    stop: int | None = None
    tile: bool = False
    iw: float | None = None
    sref: tuple[str, ...] = ()
    sw: int | None = None
    sv: int | None = None
    cref: tuple[str, ...] = ()
    cw: int | None = None
    oref: tuple[str, ...] = ()
    ow: int | None = None
    draft: bool = False
    exp: int | None = None
    personalize: bool = False
    profile: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    no_text: str = ""
    raw: bool = False
    repeat: int | None = None
    speed: Literal["fast", "relax", "turbo"] | None = None
    visibility: Literal["stealth", "public"] | None = None
    video: bool = False
    motion: Literal["low", "high"] | None = None
    loop: bool = False
    end: str | None = None
    bs: int | None = None
    zoom: float | None = None


PLAIN = Parameters()

_Taken = tuple[dict[str, Any], int]  # the fields a parameter sets, the number of words it took
_Reader = Callable[[str, Sequence[str]], _Taken]

_NUMBER = r"(?:[0-9]{1,4}(?:\.[0-9]{1,3})?|\.[0-9]{1,3})"
_DECIMAL = re.compile(_NUMBER)
_RATIO = re.compile(rf"({_NUMBER}):({_NUMBER})")
_WHOLE = re.compile(r"[0-9]{1,10}")
LINK = re.compile(r"<?(https?://[^\s<>]+?)>?((?:::(?:-?[0-9.]+)?)?)", re.IGNORECASE | re.ASCII)
_CODE = re.compile(r"(?:[0-9]+|random)(?:::[0-9.]+)?")
_PROFILE = re.compile(r"(?=[a-z]*[0-9])[a-z0-9]{5,24}")


def quoted(word: str) -> str:
    """A caller's word as the bot quotes it in an embed, shortened."""
    clean = word.replace("`", "'")
    return f"`{clean if len(clean) <= 60 else clean[:59] + '…'}`"


def _invalid(name: str, words: Sequence[str], wanted: str) -> InvalidPrompt:
    got = f"{quoted(words[0])} is not" if words else "it is missing; it takes"
    return InvalidPrompt("Invalid parameter", f"Invalid value for `--{name}`: {got} {wanted}")


def _whole(field: str, low: int, high: int) -> _Reader:
    def read(name: str, words: Sequence[str]) -> _Taken:
        if words and _WHOLE.fullmatch(words[0]) and low <= int(words[0]) <= high:
            return {field: int(words[0])}, 1
        raise _invalid(name, words, f"a whole number from {low} to {high}")

    return read


def _decimal(field: str, low: float, high: float) -> _Reader:
    def read(name: str, words: Sequence[str]) -> _Taken:
        if words and _DECIMAL.fullmatch(words[0]) and low <= float(words[0]) <= high:
            return {field: float(words[0])}, 1
        raise _invalid(name, words, f"a number from {low:g} to {high:g}")

    return read


def _choice(choices: Mapping[str, dict[str, Any]]) -> _Reader:
    def read(name: str, words: Sequence[str]) -> _Taken:
        if words and (changes := choices.get(words[0].lower())) is not None:
            return changes, 1
        raise _invalid(name, words, f"one of {', '.join(choices)}")

    return read


def _flag(**changes: Any) -> _Reader:
    return lambda name, words: (changes, 0)


def _references(field: str, wanted: str, *, codes: bool = False, most: int = 100) -> _Reader:
    def read(name: str, words: Sequence[str]) -> _Taken:
        found: list[str] = []
        for word in words[:most]:
            if link := LINK.fullmatch(word):
                found.append(link[1] + link[2])
            elif codes and _CODE.fullmatch(word.lower()):
                found.append(word.lower())
            else:
                break
        if not found:
            raise _invalid(name, words, wanted)
        return {field: tuple(found)}, len(found)

    return read


def _aspect(name: str, words: Sequence[str]) -> _Taken:
    wanted = "a ratio of whole numbers from 1:4 to 4:1"
    found = _RATIO.fullmatch(words[0]) if words else None
    if not found or not Fraction(found[1]) or not Fraction(found[2]):
        raise _invalid(name, words, wanted)
    width, height = Fraction(found[1]), Fraction(found[2])
    if not Fraction(1, 4) <= width / height <= 4:
        raise _invalid(name, words, wanted)
    if "." in words[0]:
        width, height = map(Fraction, (width / height).as_integer_ratio())
    aspect = (int(width), int(height))
    return {"aspect": aspect, "square": aspect == (1, 1)}, 1


def _version(name: str, words: Sequence[str]) -> _Taken:
    version = words[0].removesuffix(".0") if words else ""
    if version not in VERSIONS:
        raise _invalid(name, words, f"one of the versions {', '.join(VERSIONS)}")
    return {"version": version, "niji": None}, 1


def _niji(name: str, words: Sequence[str]) -> _Taken:
    if not words or not words[0][0].isdigit():
        return {"niji": NIJI_VERSIONS[0], "version": None}, 0
    version = words[0].removesuffix(".0")
    if version not in NIJI_VERSIONS:
        raise _invalid(name, words, f"one of the versions {', '.join(NIJI_VERSIONS)}")
    return {"niji": version, "version": None}, 1


def _no(name: str, words: Sequence[str]) -> _Taken:
    if not words:
        raise _invalid(name, words, "what the picture must not show")
    text = " ".join(words)
    items = tuple(item for part in text.split(",") if (item := part.strip()))
    return {"no": items, "no_text": text}, len(words)


def _profile(name: str, words: Sequence[str]) -> _Taken:
    codes: list[str] = []
    for word in words:
        if not _PROFILE.fullmatch(word):
            break
        codes.append(word)
    return {"personalize": True, "profile": tuple(codes)}, len(codes)


def _end(name: str, words: Sequence[str]) -> _Taken:
    if words and words[0].lower() == "loop":
        return {"loop": True, "end": None}, 1
    if words and (link := LINK.fullmatch(words[0])):
        return {"end": link[1]}, 1
    raise _invalid(name, words, "the URL of a picture")


def _video(name: str, words: Sequence[str]) -> _Taken:
    return {"video": True}, int(bool(words) and words[0] == "1")


_QUALITIES = {q: {"quality": float(q)} for q in (".25", "0.25", ".5", "0.5", "1", "2", "4")}

_READERS: dict[str, _Reader] = {
    name: reader
    for names, reader in (
        ("ar aspect", _aspect),
        ("v version", _version),
        ("niji", _niji),
        ("s stylize", _whole("stylize", 0, 1000)),
        ("c chaos", _whole("chaos", 0, 100)),
        ("w weird", _whole("weird", 0, 3000)),
        ("q quality", _choice(_QUALITIES)),
        ("seed", _whole("seed", 0, 2**32 - 1)),
        ("stop", _whole("stop", 10, 100)),
        ("tile", _flag(tile=True)),
        ("iw", _decimal("iw", 0, 3)),
        ("sref", _references("sref", "a URL, a code or random", codes=True)),
        ("sw", _whole("sw", 0, 1000)),
        ("sv", _whole("sv", 1, 8)),
        ("cref", _references("cref", "the URL of a picture")),
        ("cw", _whole("cw", 0, 100)),
        ("oref", _references("oref", "the URL of a picture", most=1)),
        ("ow", _whole("ow", 1, 1000)),
        ("draft", _flag(draft=True)),
        ("exp", _whole("exp", 0, 100)),
        ("p profile personalize", _profile),
        ("no", _no),
        ("raw", _flag(raw=True)),
        ("style", _choice({"raw": {"raw": True}})),
        ("r repeat", _whole("repeat", 2, 40)),
        ("fast", _flag(speed="fast")),
        ("relax", _flag(speed="relax")),
        ("turbo", _flag(speed="turbo")),
        ("stealth", _flag(visibility="stealth")),
        ("public", _flag(visibility="public")),
        ("video", _video),
        ("motion", _choice({m: {"motion": m} for m in ("low", "high")})),
        ("loop", _flag(loop=True)),
        ("end", _end),
        ("bs", _choice({n: {"bs": int(n)} for n in ("1", "2", "4")})),
    )
    for name in names.split()
}


_ZOOM = {"zoom": _decimal("zoom", 1, 2)}


def name_of(word: str) -> str | None:
    """The name in a parameter's word, else None."""
    if word.startswith("--") and word[2:3].isalpha():
        return word[2:].lower()
    # Phones make one dash of two; before any other word it is punctuation.
    if word[0] in "—–" and word[1:].lower() in _READERS:
        return word[1:].lower()
    return None


def read(text: str, *, zoomed: bool = False) -> tuple[list[str], Parameters]:
    """The words that belong to no parameter, and the parameters. Raises InvalidPrompt."""
    readers = _READERS | _ZOOM if zoomed else _READERS
    words: list[str] = []
    named: list[tuple[str, list[str]]] = []
    for word in text.split():
        if (name := name_of(word)) is not None:
            named.append((name, []))
        elif named:
            named[-1][1].append(word)
        else:
            words.append(word)
    if unknown := [name for name, _ in named if name not in readers]:
        names = ", ".join(quoted(f"--{name}") for name in dict.fromkeys(unknown))
        raise InvalidPrompt("Invalid parameter", f"Unrecognized parameter(s): {names}")
    changes: dict[str, Any] = {}
    for name, owned in named:
        fields, taken = readers[name](name, owned)
        changes |= fields
        words += owned[taken:]
    return words, Parameters(**changes)
