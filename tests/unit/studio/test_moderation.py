"""The word list: what it finds in disguise, and what it must leave alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.studio.moderation import ListInvalid, Moderation, Words, fold

OWN = Moderation.load()

HARMLESS = [
    "the town hall of Scunthorpe in the rain",
    "a cock crowing on a farm",
    "shooting stars over a lake",
    "a bloody mary cocktail, studio light",
    "the Essex coast, Sussex and Middlesex",
    "assassin's creed style cathedral, classic bass guitar",
    "an analyst, a therapist and a shiitake mushroom",
    "Penistone railway viaduct, Yorkshire",
    "the harbour of Dildo, Newfoundland",
    "Al Gore giving a speech",
    "a gore-tex jacket, product photo",
    "what can be seen with the naked eye",
    "a naked mole rat",
    "nude lipstick, macro",
    "Suicide Squad poster",
    "the topless towers of Ilium",
    "grape juice, raccoons, a black knight killing a dragon",
    "Moby Dick, Dick Whittington and his cat",
    "a pornic beach, Brittany",
    "gorey alphabet in the manner of Edward Gorey",
    "https://example.com/nude.png a vase",
    "cigarette, tits and blue tits on a feeder",
    "a matador in Pamplona, breast of chicken, cucumber",
    "a - b - c - d, e.g. an i.e.",
    "the year 1337, $100 bills and 5 apples",
    "--no nudity, text",
]
BANNED = [
    ("a naked man", "naked"),
    ("NUDE, oil painting", "nude"),
    ("n\u00fcd\u00e9 portrait", "nude"),
    ("n@ked", "naked"),
    ("nud3", "nude"),
    ("p0rn", "porn"),
    ("g-o-r-e", "gore"),
    ("g.o.r.e scene", "gore"),
    ("a beheading at dawn", "beheading"),
    ("n\u200bude", "nude"),
    ("\uff4e\uff55\uff44\uff45", "nude"),
    ("n\u0443de, p\u043ern", "porn"),
    ("self-harm", "self harm"),
    ("gore, Al Gore", "gore"),
    ("Al Gore in gore", "gore"),
    ("nude!!!", "nude"),
]


@pytest.mark.parametrize("prompt", HARMLESS)
def test_harmless(prompt: str) -> None:
    assert OWN.banned(prompt) is None


@pytest.mark.parametrize(("prompt", "word"), BANNED)
def test_banned(prompt: str, word: str) -> None:
    assert OWN.banned(prompt) == word


@given(st.text())
def test_folding_folds_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd", "Zs", "Po"])))
def test_any_text_can_be_looked_through(text: str) -> None:
    found = OWN.banned(text)
    assert found is None or found in fold(text)


@given(st.sampled_from(["xnude", "nudex", "porny", "agore", "gores"]))
def test_never_inside_a_word(word: str) -> None:
    assert OWN.banned(f"a {word} b") is None


def test_operators_extend_the_list(tmp_path: Path) -> None:
    extra = tmp_path / "words.toml"
    extra.write_text('banned = ["pineapple pizza"]\nallowed = ["nude study"]\nremoved = ["gore"]\n')
    words = Moderation.load(extra)
    assert words.banned("Pineapple-Pizza on a table") == "pineapple pizza"
    assert words.banned("a nude study in charcoal") is None
    assert words.banned("a nude in charcoal") == "nude"
    assert words.banned("gore") is None


@pytest.mark.parametrize("text", ["banned = 5", "forbidden = ['x']", "banned = [", "\x00"])
def test_a_broken_list_is_named(tmp_path: Path, text: str) -> None:
    extra = tmp_path / "words.toml"
    extra.write_text(text)
    with pytest.raises(ListInvalid, match=r"words\.toml"):
        Moderation.load(extra)
    with pytest.raises(ListInvalid, match=r"words\.toml"):
        Moderation.load(tmp_path / "none" / "words.toml")


def test_an_empty_list_bans_nothing() -> None:
    assert Moderation(Words()).banned("nude") is None
