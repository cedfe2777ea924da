"""Descriptions: true to the picture, read back as it, and different in stress."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bench.foreign import KINDS, picture
from diorama import compose, render
from diorama.accounts import of_sight, phrases, ratio_of
from diorama.analysis import guessed, look
from diorama.analysis_medium import Signs, told_medium
from diorama.analysis_subject import see
from diorama.describing import describe
from diorama.marks import mark
from diorama.reading import read
from diorama.rendering import place_table
from diorama.uploads import EmptyPicture

SUBJECTS = ["a cat", "two foxes", "a red car", "an owl", "a wizard", "a sailboat",
            "three apples", "an astronaut riding a horse", "a dog wearing a top hat",
            "a dragon and a knight"]  # fmt: skip
PLACES = ["in a forest", "on the beach", "in the mountains", "in a kitchen", "on mars",
          "underwater", "in a library", "on a city street", "in the desert",
          "in outer space"]  # fmt: skip
HOURS = ["", "at night", "at sunset", "at dawn", "golden hour"]
MEDIA = ["", "watercolor", "oil painting", "pixel art", "ink drawing", "stained glass"]


def own(prompt: str, seed: int, size: tuple[int, int] = (80, 80)) -> bytes:
    """A marked picture of ours; its pixels do not matter here, so they are plain."""
    scene = compose(prompt, seed=seed)
    out = io.BytesIO()
    Image.new("RGB", size, scene.light.middle).save(out, "PNG")
    return mark(out.getvalue(), [scene])


def foreign(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


@settings(max_examples=40, deadline=None)
@given(*map(st.sampled_from, (SUBJECTS, PLACES, HOURS, MEDIA)), st.integers(0, 9999))
def test_a_description_of_our_own_composes_the_same_again(
    subject: str, place: str, hour: str, medium: str, seed: int
) -> None:
    prompt = ", ".join(part for part in (f"{subject} {place}", hour, medium) if part)
    scene = compose(prompt, seed=seed)
    for text in describe(own(prompt, seed)):
        again = compose(text, seed=seed + 1)
        assert again.place == scene.place, text
        assert again.style == scene.style, text
        assert again.light.time == scene.light.time, text
        kinds = {thing.name for thing in scene.things if thing.name != "backdrop"}
        assert {thing.name for thing in again.things if thing.name != "backdrop"} == kinds, text


def test_the_four_differ_and_end_in_the_ratio() -> None:
    texts = describe(own("a cat in a garden at dusk, watercolor", 3, (160, 90)))
    assert len(set(texts)) == 4
    assert all(text.endswith(" --ar 16:9") for text in texts)


def test_the_same_file_gives_the_same_words() -> None:
    unmarked = foreign(render(compose("a fox in the snow", seed=5), 160, 160))
    for data in (own("a fox in the snow", 5), unmarked):
        assert len({describe(data) for _ in range(4)}) == 1


def test_a_picture_is_read_the_same_every_time() -> None:
    picture = render(compose("an owl in the forest", seed=2), 200, 160)
    first = look(picture)
    assert all(np.array_equal(look(picture).heat, first.heat) for _ in range(4))


def test_a_grid_is_described_from_its_four_scenes() -> None:
    names = ("a cat", "a dog", "a fox", "an owl")
    scenes = [compose(name, seed=1) for name in names]
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "PNG")
    texts = describe(mark(out.getvalue(), scenes))
    for name, text in zip(("cat", "dog", "fox", "owl"), texts, strict=True):
        assert name in text


@pytest.mark.parametrize(
    ("size", "ratio"),
    [((1024, 1024), (1, 1)), ((1920, 1080), (16, 9)), ((1456, 816), (16, 9)), ((600, 900), (2, 3)),
     ((1000, 1010), (1, 1)), ((130, 100), (13, 10)), ((1000, 620), (50, 31)), ((4000, 90), (4, 1))],
)  # fmt: skip
def test_the_ratio_is_a_usual_one_when_near(size: tuple[int, int], ratio: tuple[int, int]) -> None:
    assert ratio_of(*size) == ratio


@pytest.mark.parametrize("prompt", ["a penguin in the snow", "a parrot in the jungle", "the sea"])
def test_a_picture_without_mark_is_described_in_words_that_can_be_read(prompt: str) -> None:
    picture = render(compose(prompt, seed=4), 192, 128)
    texts = describe(foreign(picture))
    assert len(set(texts)) == 4
    for text in texts:
        assert re.fullmatch(r".{12,300} --ar 3:2", text)
        found = read(text)
        assert found.place in place_table() or found.asked, text


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(8, 90), st.integers(8, 90), st.integers(0, 3))
def test_any_pixels_can_be_described(seed: int, width: int, height: int, rough: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.integers(0, 256, (max(1, height >> rough), max(1, width >> rough), 3))
    picture = Image.fromarray(low.astype(np.uint8)).resize((width, height))
    texts = describe(foreign(picture))
    assert all(" --ar " in text for text in texts)


def test_black_is_night_and_a_white_page_is_not() -> None:
    dark = describe(foreign(Image.new("RGB", (64, 64), (4, 6, 12))))
    light = describe(foreign(Image.new("RGB", (64, 64), (250, 250, 250))))
    assert read(dark[0]).time != read(light[0]).time


def test_what_is_no_picture_cannot_be_described() -> None:
    with pytest.raises(EmptyPicture):
        describe(b"")


@pytest.mark.parametrize(
    ("group", "field"), [("places", "place"), ("hours", "time"), ("media", "style")]
)
def test_every_phrase_is_read_back_as_what_it_stands_for(group: str, field: str) -> None:
    for key, listed in phrases()[group].items():
        for phrase in listed:
            found = read(f"a cat {phrase}" if group == "places" else f"a cat, {phrase}")
            assert getattr(found, field) == key, phrase
            assert [asked.noun.name for asked in found.asked] == ["cat"], phrase


@pytest.mark.parametrize("medium", sorted(phrases()["media"]))
def test_a_medium_by_itself_is_no_thing(medium: str) -> None:
    listed = phrases()["media"][medium]
    for phrase in [listed] if isinstance(listed, str) else listed:
        assert not read(f"a view in a forest, {phrase}").asked, phrase
        assert not read(f"{phrase} of a view in a forest").asked, phrase


@pytest.mark.parametrize("kind", sorted(phrases()["kinds"]))
def test_what_is_said_of_a_kind_names_no_noun(kind: str) -> None:
    told = f"{phrases()['kinds'][kind]} in a forest"
    assert not read(told).asked
    assert not any(thing.name != "backdrop" for thing in compose(told, seed=1).things)


def test_an_unsure_subject_is_left_open_first_and_guessed_by_the_others() -> None:
    sight = replace(look(Image.new("RGB", (64, 64), "tan")), subject="", kind="animal")
    told = [of_sight(sight), *(of_sight(sight, guess) for guess in ("cat", "owl"))]
    assert [account.subject for account in told] == ["an animal", "a cat", "an owl"]
    sure = replace(sight, subject="fox")
    assert of_sight(sure, "cat").subject == "a fox"


@pytest.mark.parametrize(
    ("likeness", "flat", "guesses"),
    [(0.7, False, 3), (0.5, False, 3), (0.49, False, 0), (0.7, True, 0)],
)
def test_guesses_need_a_fair_likeness_and_no_flat_panels(
    likeness: float, flat: bool, guesses: int
) -> None:
    listed = [(name, likeness - 0.1 * k) for k, name in enumerate(("cat", "owl", "fox", "dog"))]
    seen = replace(see(np.full((64, 64, 3), 0.5, np.float32)), drawn=tuple(listed))
    found = guessed(seen, flat=flat)
    assert found == ("cat", "owl", "fox")[:guesses]


MEDIA_SIGNS = Signs(20.0, 50.0, 0.5, 5.0, 0.2, 300)
GREY_SIGNS = Signs(1.5, 2.5, 0.97, 1.6, 0.1, 9)


@pytest.mark.parametrize(
    ("beliefs", "signs", "medium"),
    [
        ((("oil", 0.31), ("photo", 0.2), ("noir", 0.1)), MEDIA_SIGNS, "oil"),
        ((("oil", 0.24), ("photo", 0.1), ("noir", 0.1)), MEDIA_SIGNS, "photo"),
        ((("oil", 0.31), ("anime", 0.3), ("noir", 0.1)), MEDIA_SIGNS, "photo"),
        ((("noir", 0.6), ("oil", 0.3), ("photo", 0.1)), MEDIA_SIGNS, "oil"),
        ((("chalk", 0.5), ("pencil", 0.3), ("noir", 0.1), ("ink", 0.1)), GREY_SIGNS, "pencil"),
        ((("chalk", 0.5), ("noir", 0.1), ("pencil", 0.1), ("ink", 0.1)), GREY_SIGNS, "noir"),
    ],
)
def test_a_medium_must_stand_out_among_those_that_the_colours_allow(
    beliefs: tuple[tuple[str, float], ...], signs: Signs, medium: str
) -> None:
    assert told_medium(signs, beliefs, 0.0) == medium


@pytest.mark.parametrize("kind", ["plain", "noise", "shapes", "bars", "page", "screen", "hills"])
def test_a_foreign_picture_without_a_known_subject_gets_no_wrong_noun(kind: str) -> None:
    told = describe(foreign(picture(kind, 1)))
    named = {asked.noun.name for text in told for asked in read(text).asked if asked.noun}
    assert named <= KINDS[kind][1]


def test_a_subject_is_recognised_in_a_picture_that_lost_its_mark() -> None:
    told = describe(foreign(render(compose("a barrel in the snow", seed=5), 256, 256)))
    assert all("a barrel" in text for text in told)


def test_every_place_and_medium_has_a_phrase() -> None:
    from diorama.media import MEDIA as KNOWN

    assert set(place_table()) <= set(phrases()["places"])
    assert set(KNOWN) | {"photo"} <= set(phrases()["media"]) & set(phrases()["craft"])
