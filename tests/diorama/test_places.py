"""Places: a place by itself, still water, seasons and moods, and what the tables name."""

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from diorama import Scene, compose, render
from diorama.canvas import Canvas
from diorama.forms import FORMS
from diorama.places import land
from diorama.places.changing import changed
from diorama.places.still import lay_water
from diorama.progress import Progress
from diorama.rendering import place_table, stage_of
from diorama.stage import Stage
from diorama.words import load

OPEN = sorted(set(place_table()) - {"abstract", "studio"})  # these two show a sign or an emblem
AIRS = sorted(load("airs"))


def pixels(scene: Scene, width: int = 96, height: int = 96) -> NDArray[np.float32]:
    return np.asarray(np.asarray(render(scene, width, height)) / 255, np.float32)


def painted(scene: Scene, size: int = 128) -> Stage:
    """Return the stage of a scene with its place painted, before anything stands in it."""
    stage = stage_of(scene, Canvas.window(size, size, scene.camera), Progress(lambda _: None))
    land.back(stage)
    return stage


@pytest.mark.parametrize("place", OPEN)
def test_a_place_by_itself_is_shown_without_company(place: str) -> None:
    word = str(place_table()[place]["words"]).split(",")[0]
    for seed in range(3):
        scene = compose(word, seed=seed)
        assert scene.place == place
        assert {thing.name for thing in scene.things} <= {"backdrop"}


def test_a_pattern_of_a_place_is_still_strewn() -> None:
    assert compose("a beach", seed=1, parameters={"tile": True}).things


def test_still_water_mirrors_what_stands_over_its_far_shore() -> None:
    stage = painted(compose("a lake at noon", seed=3))
    canvas = stage.canvas
    above = canvas.ys()[:, None] < stage.horizon
    left = canvas.xs()[None, :] < 0
    canvas.pixels[above & left] = (1.0, 0.0, 0.0)
    canvas.pixels[above & ~left] = (0.0, 0.0, 1.0)
    ground = canvas.band(canvas.height - stage.ground().v.shape[0], canvas.height)
    lay_water(stage, ground.small(land.LIMIT))
    below = (canvas.ys() > stage.horizon + 0.08) & (canvas.ys() < stage.horizon + 0.2)
    water = canvas.pixels[below]
    red = water[..., 0] - water[..., 2]
    half = canvas.width // 2
    assert red[:, : half - 12].mean() > red[:, half + 12 :].mean() + 0.2


def test_ice_lies_where_water_would() -> None:
    lake, ice = (compose(prompt, seed=3) for prompt in ("a lake at noon", "a frozen lake at noon"))
    assert (lake.place, ice.place) == ("lake", "frozen_lake")
    assert pixels(ice)[60:80].mean() > pixels(lake)[60:80].mean()


def test_who_floats_is_on_the_lake_and_who_stands_is_on_its_bank() -> None:
    for seed in range(3):
        boat = compose("a boat on a lake", seed=seed)
        assert boat.things[0].pose == "float"
        house = compose("a cabin by a lake", seed=seed)
        stage, thing = painted(house), house.things[0]
        column, row = stage.canvas.to_px(thing.x, min(thing.y, 0.99))
        level = stage.ground().level[int(row), int(np.clip(column, 0, stage.canvas.width - 1))]
        assert thing.pose == "stand"
        assert level > stage.spec["water"], (seed, thing)


def test_autumn_turns_the_trees_and_the_ground() -> None:
    for prompt in ("a forest at noon", "a meadow at noon", "a birch forest at noon"):
        scene = compose(prompt, seed=2)
        green, autumn = pixels(scene), pixels(replace(scene, weather=("leaves",)))
        warm = [float((picture[..., 0] - picture[..., 1]).mean()) for picture in (green, autumn)]
        assert warm[1] > warm[0] + 0.02, prompt


@pytest.mark.parametrize("mood", ["haunted", "enchanted", "abandoned"])
@pytest.mark.parametrize("place", ["forest", "meadow", "village"])
def test_a_mood_changes_the_place(place: str, mood: str) -> None:
    assert mood in compose(f"a {mood} {place}", seed=1).weather
    scene = replace(compose(f"a {place} at noon", seed=2), weather=())
    before, after = (painted_any(replace(scene, weather=tags)) for tags in ((), (mood,)))
    assert np.abs(before - after).mean() > 0.005


def painted_any(scene: Scene) -> NDArray[np.float32]:
    """Return the picture of a scene without what falls or drifts in its air."""
    from diorama.places import PAINTERS

    stage = stage_of(scene, Canvas.window(96, 96, scene.camera), Progress(lambda _: None))
    for layer in PAINTERS[stage.spec["painter"]]:
        layer(stage)
    return np.clip(stage.canvas.pixels, 0, 1)


def test_an_abandoned_room_peels_and_its_street_has_no_lamps() -> None:
    for place in ("a room", "a street at night"):
        scene = replace(compose(place, seed=4), weather=())
        left = pixels(replace(scene, weather=("abandoned",)))
        assert np.abs(pixels(scene) - left).mean() > 0.02
        assert left.mean() < pixels(scene).mean()


def test_weather_that_is_no_air_leaves_a_place_as_it_is() -> None:
    spec = place_table()["meadow"]
    assert changed(spec, ("rain", "fog", "no such weather")) == spec


@pytest.mark.parametrize("air", AIRS)
def test_every_air_leaves_every_place_with_sound_colours(air: str) -> None:
    colour = re.compile(r"#[0-9a-f]{6}")
    assert air in load("moods")["weather"]
    for spec in place_table().values():
        out = changed(spec, (air,))
        names = {*load("airs")[air].get("toward", {})} & set(out)
        assert all(colour.fullmatch(str(out[name])) for name in names)
        assert all(colour.fullmatch(code) for code in out.get("leafage", []))
        assert ("front" in out) == ("front" in spec)


def test_what_belongs_to_a_place_can_be_drawn() -> None:
    named = [row[0] for spec in place_table().values() for row in spec.get("extras", [])]
    assert {name[5:] for name in named if name.startswith("form:")} <= set(FORMS)


@pytest.mark.parametrize("size", [(64, 64), (96, 96), (256, 64), (64, 256)])
@pytest.mark.parametrize(
    "word", ["room", "office", "beach", "rocky coast", "lake", "cave", "space"]
)
def test_a_low_eye_sees_every_sort_of_place_at_small_and_long_sizes(
    word: str, size: tuple[int, int]
) -> None:
    for seed in (1, 67):
        scene = compose(f"a cat in the {word}, low angle", seed=seed, aspect=size)
        assert pixels(scene, *size).std() > 0.04


def test_only_rows_that_show_ground_are_worked_on_and_no_peak_is_cut_off() -> None:
    for seed in range(4):
        scene = compose("mountains at noon", seed=seed)
        stage = painted(scene, 192)
        canvas, relief = stage.canvas, stage.ground()
        tall = canvas.height - relief.v.shape[0]
        assert tall > 0
        assert not relief.seen[0].any()
