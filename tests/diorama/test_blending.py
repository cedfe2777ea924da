"""Blends, image prompts and style references: each picture is felt, and none breaks the scene."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from diorama import PictureError, Scene, compose, render, vary
from diorama.analysis import look
from diorama.blending import blend, with_cuts
from diorama.cutting import cut_out
from diorama.grading import grade_of, graded
from diorama.inlays import inlaid, inlay, is_inlay
from diorama.marks import mark
from diorama.rendering import place_table
from diorama.sources import Source
from diorama.uploads import EmptyPicture

PROMPTS = ["a cat in a hat, in a room", "a sailboat at sea at night, oil painting",
           "an astronaut riding a horse on mars", "a wizard in a forest, watercolor",
           "three apples in a kitchen", "an owl in the snow at dusk"]  # fmt: skip


def own(prompt: str, seed: int = 1, size: int = 72) -> bytes:
    scene = compose(prompt, seed=seed)
    out = io.BytesIO()
    render(scene, size, size).save(out, "PNG")
    return mark(out.getvalue(), [scene])


def plain(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(out, "PNG")
    return out.getvalue()


OWN = {prompt: own(prompt) for prompt in PROMPTS}


def names(scene: Scene) -> set[str]:
    return {thing.name for thing in scene.things if thing.name != "backdrop"}


def mean(scene: Scene) -> np.ndarray:
    return np.asarray(np.asarray(render(scene, 64, 64), float).mean(axis=(0, 1)))


def ground(scene: Scene) -> str:
    """The place; who cannot swim is shown at the sea from its coast."""
    return "sea" if scene.place == "coast" else scene.place


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from(PROMPTS), min_size=2, max_size=5, unique=True),
    st.sampled_from([(2, 3), (1, 1), (3, 2)]),
    st.integers(0, 10**6),
)
def test_each_picture_is_felt_in_the_blend(
    prompts: list[str], aspect: tuple[int, int], seed: int
) -> None:
    scene = blend([OWN[prompt] for prompt in prompts], aspect, seed)
    assert scene.aspect == aspect
    assert scene.grade is not None
    given_scenes = [compose(prompt, seed=1) for prompt in prompts]
    assert ground(scene) in {one.place for one in given_scenes}
    giver = next(one for one in given_scenes if one.place == ground(scene))
    guests = names(scene) - names(giver)
    assert guests, "nothing but one picture"
    assert guests <= set().union(*map(names, given_scenes))
    media = {one.style for one in given_scenes}
    assert scene.style in media
    assert scene.style != "photo" or media == {"photo"}


def test_a_blend_is_the_same_again_and_seeds_deal_anew() -> None:
    pictures = [OWN[prompt] for prompt in PROMPTS[:4]]
    assert blend(pictures, (1, 1), 5).to_json() == blend(pictures, (1, 1), 5).to_json()
    dealt = {(s.place, *sorted(names(s))) for s in (blend(pictures, (1, 1), k) for k in range(8))}
    assert len(dealt) >= 4


def test_a_blend_survives_json_and_variation() -> None:
    scene = blend([OWN[PROMPTS[0]], OWN[PROMPTS[3]]], (3, 2), 2)
    assert Scene.from_json(scene.to_json()) == scene
    varied = vary(scene, "strong", 9)
    assert varied.grade == scene.grade
    assert np.asarray(render(varied, 96, 64)).std() > 5


def test_a_prompt_leads_the_blend() -> None:
    scene = blend([OWN[PROMPTS[0]], OWN[PROMPTS[1]]], (1, 1), 3, prompt="a dragon in the desert")
    assert scene.place == "desert"
    assert scene.things[0].name == "dragon"


@pytest.mark.parametrize("count", [0, 1, 6])
def test_two_to_five_pictures_make_a_blend(count: int) -> None:
    with pytest.raises(PictureError, match="2 to 5 pictures"):
        blend([plain((9, 9, 9))] * count, (1, 1), 1)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"aspect": None}, "2:3, 1:1 or 3:2"),
        ({"aspect": "1:1"}, "2:3, 1:1 or 3:2"),
        ({"pictures": None}, "list of files"),
        ({"pictures": b"ab"}, "list of files"),
        ({"pictures": ["a.png", "b.png"]}, "list of files"),
        ({"seed": "x"}, "A seed must be a whole number"),
        ({"prompt": None}, "A prompt must be text"),
    ],
)
def test_what_cannot_be_blended_is_refused_in_a_sentence(
    changed: dict[str, Any], sentence: str
) -> None:
    given_: dict[str, Any] = {"pictures": [plain((9, 9, 9))] * 2, "aspect": (1, 1), "seed": 1}
    with pytest.raises(PictureError, match=sentence):
        blend(**(given_ | changed))


def test_a_blend_has_one_of_three_shapes_and_needs_pictures() -> None:
    with pytest.raises(PictureError, match="2:3, 1:1 or 3:2"):
        blend([plain((9, 9, 9))] * 2, (16, 9), 1)
    with pytest.raises(EmptyPicture):
        blend([plain((9, 9, 9)), b""], (1, 1), 1)


def test_pictures_that_show_nothing_still_give_their_colours() -> None:
    warm = blend([plain((220, 90, 20)), plain((240, 140, 30))], (1, 1), 1)
    cold = blend([plain((20, 60, 200)), plain((20, 120, 220))], (1, 1), 1)
    assert warm.place in place_table()
    assert mean(warm)[0] > mean(warm)[2] + 20
    assert mean(cold)[2] > mean(cold)[0] + 20


def disc() -> np.ndarray:
    y, x = np.mgrid[0:160, 0:160]
    inside = np.hypot(x - 80, y - 88) < 46
    field = np.full((160, 160, 3), (0.2, 0.5, 0.25), np.float32)
    field[inside] = (0.9, 0.3, 0.2)
    return field


def test_a_clean_thing_is_cut_out_and_a_plain_ground_is_not() -> None:
    heat = np.zeros((7, 7), np.float32)
    heat[2:5, 2:5] = 1
    cut = cut_out(disc(), heat)
    assert cut is not None
    assert abs(float((cut[..., 3] > 0.5).sum()) / (np.pi * 46**2) - 1) < 0.12
    assert np.abs(cut[cut[..., 3] > 0.95][:, :3] - (0.9, 0.3, 0.2)).mean() < 0.03
    assert cut_out(np.full((160, 160, 3), 0.4, np.float32), heat) is None


def test_a_thing_is_cut_out_by_its_colours_where_no_class_is_seen() -> None:
    nowhere = np.full((7, 7), 0.1, np.float32)
    nowhere[0, 0] = 1
    cut = cut_out(disc(), nowhere)
    assert cut is not None
    assert abs(float((cut[..., 3] > 0.5).sum()) / (np.pi * 46**2) - 1) < 0.12


def test_ground_does_not_come_along_with_a_cut() -> None:
    """A pale cloud over the disc, such as is at the rim too, is where classes are seen as well."""
    field = disc()
    pale = np.zeros(field.shape[:2], bool)
    pale[:30] = True
    y, x = np.mgrid[0:160, 0:160]
    pale |= (np.hypot(x - 80, (y - 36) * 2) < 30) & (field[..., 0] < 0.5)
    field[pale] = (0.9, 0.9, 0.85)
    heat = np.zeros((7, 7), np.float32)
    heat[1:6, 2:5] = 1
    cut = cut_out(field, heat)
    assert cut is not None
    kept = cut[cut[..., 3] > 0.5]
    assert (kept[:, 2] > 0.6).mean() < 0.02


def test_all_subjects_of_foreign_pictures_have_their_own_place() -> None:
    pictures = []
    for colour in ((230, 60, 50), (60, 90, 230), (240, 200, 40)):
        drawn = Image.new("RGB", (160, 160), (120, 130, 120))
        ImageDraw.Draw(drawn).ellipse((40, 40, 120, 130), colour)
        out = io.BytesIO()
        drawn.save(out, "PNG")
        pictures.append(out.getvalue())
    rng = random.Random(1)
    scene = compose("in a meadow", seed=1)
    found = with_cuts(scene, [Source.of(file, rng) for file in pictures])
    guests = [thing for thing in found.things if is_inlay(thing.asset)]
    assert len(guests) == 3
    at = sorted(thing.x for thing in guests)
    assert min(b - a for a, b in pairwise(at)) > 0.25


def test_what_is_only_guessed_at_is_not_written_into_a_blend() -> None:
    sight = replace(look(Image.new("RGB", (64, 64), "tan")), kind="vehicle")
    assert Source.seen(sight).account.subject == ""
    assert Source.seen(replace(sight, guesses=("car", "bus"))).account.subject == "a car"


def test_an_inlay_is_painted_and_bounded() -> None:
    asset = inlay(np.dstack([disc(), np.ones((160, 160), np.float32)]))
    assert is_inlay(asset)
    assert not is_inlay("inlay:../../etc/passwd")
    assert inlaid(asset).shape == (512, 512, 4)
    noise = np.random.default_rng(2).random((900, 700, 4)).astype(np.float32)
    assert len(inlay(noise)) <= 80_000
    scene = compose("a cat in a meadow", seed=3)
    swapped = replace(scene, things=(replace(scene.things[0], asset=asset, body=""),))
    assert render(swapped, 64, 64).tobytes() != render(scene, 64, 64).tobytes()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1 << 30), st.floats(0, 1))
def test_a_grade_moves_a_picture_towards_its_tones(seed: int, weight: float) -> None:
    rng = np.random.default_rng(seed)
    one, two = (
        np.clip(rng.random((24, 24, 3)) * 0.4 + rng.random(3) * 0.6, 0, 1).astype(np.float32)
        for _ in range(2)
    )
    out = graded(one, grade_of(two, weight))
    assert np.isfinite(out).all()
    before = np.abs(one.mean(axis=(0, 1)) - two.mean(axis=(0, 1))).sum()
    after = np.abs(out.mean(axis=(0, 1)) - two.mean(axis=(0, 1))).sum()
    assert after <= before + 0.06


def test_an_image_prompt_fills_in_what_the_prompt_leaves_open() -> None:
    scene = compose("golden hour", seed=2, pictures=[OWN[PROMPTS[3]]])
    assert scene.place == "forest"
    assert "wizard" in names(scene)
    assert scene.light.time == "golden"
    kept = compose("a fox in the snow", seed=2, pictures=[OWN[PROMPTS[3]]])
    assert (kept.place, "wizard" in names(kept)) == ("snow", False)


def test_a_heavier_image_prompt_takes_more() -> None:
    def guided(iw: float) -> Scene:
        return compose("a fox in a meadow by day", seed=4, parameters={"iw": iw},
                       pictures=[OWN[PROMPTS[1]]])  # fmt: skip

    none, light, heavy = guided(0), guided(0.5), guided(3)
    assert none == compose("a fox in a meadow by day", seed=4)
    assert "sailboat" in names(heavy)
    assert "sailboat" not in names(light)
    dark = [float(mean(scene).mean()) for scene in (none, light, heavy)]
    assert dark[0] > dark[1] > dark[2]


def test_a_style_reference_gives_colours_and_medium_only() -> None:
    base = compose("a fox in a meadow", seed=4)
    styled = compose("a fox in a meadow", seed=4, references=[OWN[PROMPTS[1]]])
    assert (names(styled), styled.place, styled.style) == (names(base), base.place, "oil")
    assert compose("a fox in a meadow", seed=4, parameters={"sw": 0},
                   references=[OWN[PROMPTS[1]]]) == base  # fmt: skip
    strong = compose("a fox in a meadow", seed=4, parameters={"sw": 1000},
                     references=[plain((20, 40, 220))])  # fmt: skip
    assert mean(strong)[2] - mean(strong)[0] > mean(base)[2] - mean(base)[0] + 30


@pytest.mark.parametrize(
    ("parameters", "name"), [({"iw": 4}, "iw"), ({"sw": -1}, "sw"), ({"iw": "much"}, "iw")]
)
def test_a_weight_out_of_range_is_refused(parameters: dict[str, object], name: str) -> None:
    with pytest.raises(PictureError, match=f"--{name}"):
        compose("a cat", seed=1, parameters=parameters, pictures=[OWN[PROMPTS[0]]])
