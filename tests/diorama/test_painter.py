"""The painter through its front door: compose, render, vary, and the command line."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest

import diorama
from diorama import PictureError, Scene, compose, render, vary
from diorama.media import MEDIA
from diorama.scene import VERSION

HERE = Path(__file__).resolve().parent
PROMPTS = [line for line in (HERE.parent / "prompts.txt").read_text("utf-8").splitlines() if line]
PACKAGE = Path(diorama.__file__).parent
VOCABULARY = PACKAGE / "vocabulary"
SIX = PROMPTS[:6]


def table(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((VOCABULARY / f"{name}.toml").read_text("utf-8"))


def pixels(scene: Scene, width: int = 96, height: int = 96) -> np.ndarray:
    return np.asarray(render(scene, width, height), dtype=np.float32) / 255


def assert_alive(picture: np.ndarray) -> None:
    """A picture has contrast, edges and no dead area that fills it."""
    grey = picture.mean(axis=2)
    assert grey.std() > 0.02, "flat"
    edges = np.hypot(np.diff(grey, axis=0)[:, :-1], np.diff(grey, axis=1)[:-1])
    assert (edges > 0.03).mean() > 0.012, "without edges"
    assert 0.04 < grey.mean() < 0.97, "black or white"


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_prompt_gives_a_picture_that_is_alive(prompt: str) -> None:
    assert_alive(pixels(compose(prompt, seed=7)))


@pytest.mark.parametrize("prompt", SIX)
def test_same_prompt_and_seed_give_the_same_bytes(prompt: str) -> None:
    first, second = compose(prompt, seed=3), compose(prompt, seed=3)
    assert first.to_json() == second.to_json()
    assert render(first, 128, 96).tobytes() == render(second, 128, 96).tobytes()


def test_bytes_do_not_depend_on_the_process() -> None:
    code = (
        "import hashlib; from diorama import compose, render;"
        "print(hashlib.sha256(render(compose('a fox in the forest', seed=5), 96, 96)"
        ".tobytes()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": str(PACKAGE.parent), "PYTHONHASHSEED": salt},
        ).stdout
        for salt in ("1", "2")
    }
    here = render(compose("a fox in the forest", seed=5), 96, 96).tobytes()
    assert runs == {hashlib.sha256(here).hexdigest() + "\n"}


@pytest.mark.parametrize("prompt", SIX)
def test_four_seeds_give_four_pictures(prompt: str) -> None:
    four = [pixels(compose(prompt, seed=seed), 72, 72) for seed in (1, 2, 3, 4)]
    for i in range(4):
        for j in range(i):
            assert np.abs(four[i] - four[j]).mean() > 0.03


@pytest.mark.parametrize("place", sorted(table("places")))
def test_every_place_renders(place: str) -> None:
    word = str(table("places")[place]["words"]).split(",")[0]
    scene = compose(f"a bird, {word}" if place != "abstract" else "abstract", seed=2)
    assert scene.place == place
    assert_alive(pixels(scene))


@pytest.mark.parametrize("name", [n for n, spec in table("lights").items() if spec["words"]])
def test_every_time_of_day_renders(name: str) -> None:
    word = str(table("lights")[name]["words"]).split(",")[0]
    scene = compose(f"a horse in a meadow, {word}", seed=2)
    assert scene.light.time == name
    assert_alive(pixels(scene))


@pytest.mark.parametrize("weather", sorted(table("moods")["weather"]))
def test_every_weather_renders(weather: str) -> None:
    word = str(table("moods")["weather"][weather]).split(",")[0]
    scene = compose(f"a horse in a meadow, {word}", seed=2)
    assert weather in scene.weather
    assert_alive(pixels(scene))


@pytest.mark.parametrize("style", sorted(MEDIA))
def test_every_medium_renders_and_changes_the_picture(style: str) -> None:
    words = str(table("moods")["styles"][style]).split(",")
    scene = compose(f"a horse in a meadow, {words[0]}", seed=2)
    plain = compose("a horse in a meadow", seed=2)
    assert scene.style == style
    picture = pixels(scene, 128, 128)
    assert_alive(picture)
    assert np.abs(picture - pixels(plain, 128, 128)).mean() > 0.01


def test_300_made_up_prompts_compose_quickly_and_survive_json() -> None:
    seed = 20261121
    rng = random.Random(seed)
    nouns = [line.split("\t")[2] for line in (VOCABULARY / "objects.tsv").read_text().splitlines()]
    places = [str(spec["words"]).split(",")[0] for spec in table("places").values()]
    moods = ["at night", "in the rain", "golden hour", "oil painting", "blue", "three", "giant", ""]
    joins = ["riding", "wearing", "in", "on", "under", "over", "beside", "holding", "and", "behind"]
    compose("warm up", seed=1)
    started = time.perf_counter()
    for _ in range(300):
        first, second, third = (rng.choice(nouns) for _ in range(3))
        prompt = (
            f"{first} {rng.choice(joins)} a {second} in the {rng.choice(places)} "
            f"{rng.choice(moods)} {rng.choice(joins)} {third}"
        )
        ratio = rng.choice([(1, 1), (16, 9), (9, 16), (4, 1), (1, 4)])
        scene = compose(prompt, seed=rng.randrange(1 << 32), aspect=ratio)
        assert Scene.from_json(scene.to_json()) == scene, f"{prompt!r} (seed {seed})"
        assert scene.things or scene.place == "abstract", f"{prompt!r} (seed {seed})"
    assert (time.perf_counter() - started) / 300 < 0.02


@pytest.mark.parametrize(
    "prompt", ["桜と富士山", "قطة", "🐱🎩", "", "   ", "!!!", "Ωμέγα", "\x00\x01", "1234"]
)
def test_prompts_in_any_script_give_a_composed_picture(prompt: str) -> None:
    assert_alive(pixels(compose(prompt, seed=4)))


@pytest.mark.parametrize("size", [(256, 64), (64, 256), (320, 180), (64, 64), (127, 83)])
def test_any_shape_renders_at_its_size(size: tuple[int, int]) -> None:
    picture = render(compose("a castle on a hill", seed=1, aspect=size), *size)
    assert picture.size == size
    assert picture.mode == "RGB"


@pytest.mark.parametrize("size", [(8, 8), (5000, 5000), (64, 1024)])
def test_sizes_that_cannot_be_painted_say_so(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match=r"^A picture must .*\.$"):
        render(compose("a cat", seed=1), *size)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"seed": 1, "aspect": (5, 1)}, "aspect ratio"),
        ({"seed": 1, "aspect": (0, 1)}, "aspect ratio"),
        ({"seed": "one"}, "whole number"),
        ({"seed": 1, "parameters": {"chaos": "much"}}, "--chaos"),
    ],
)
def test_bad_arguments_are_answered_with_a_sentence(
    arguments: dict[str, object], sentence: str
) -> None:
    with pytest.raises(PictureError, match=sentence):
        compose("a cat", **arguments)  # type: ignore[arg-type]


def test_a_prompt_that_is_too_long_is_refused() -> None:
    with pytest.raises(PictureError, match="characters"):
        compose("cat " * 2000, seed=1)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 1}', '{"version": 99}', "null"])
def test_what_is_no_scene_is_refused(text: str) -> None:
    with pytest.raises(PictureError):
        Scene.from_json(text)


def test_json_of_a_scene_is_versioned() -> None:
    assert json.loads(compose("a cat in a hat", seed=1).to_json())["version"] == VERSION


def test_a_scene_of_the_first_version_is_still_read() -> None:
    scene = compose("a cat in a hat", seed=1)
    old = json.loads(scene.to_json())
    del old["no"], old["chaos"]
    assert Scene.from_json(json.dumps({**old, "version": 1})) == scene


@pytest.mark.parametrize("version", [1, 2])
def test_a_scene_stored_by_an_older_release_still_renders(version: int) -> None:
    text = (Path(__file__).parent / f"scenes/version-{version}.json").read_text(encoding="utf-8")
    assert json.loads(text)["version"] == version
    scene = Scene.from_json(text)
    assert pixels(scene, 96, 64).std() > 0.04
    assert Scene.from_json(vary(scene, "strong", 7).to_json()).place == scene.place


@pytest.mark.parametrize("prompt", SIX[:5])
def test_preview_and_picture_show_the_same_composition(prompt: str) -> None:
    scene = compose(prompt, seed=9)
    large = cv2.resize(pixels(scene, 512, 512), (256, 256), interpolation=cv2.INTER_AREA)
    small = pixels(scene, 256, 256)
    a, b = cv2.GaussianBlur(large, (0, 0), 3).ravel(), cv2.GaussianBlur(small, (0, 0), 3).ravel()
    assert np.corrcoef(a, b)[0, 1] > 0.93


ELSEWHERE = ["a dog in a cave", "a crab on a beach", "a comet in space"]


@pytest.mark.parametrize("prompt", [*SIX, *ELSEWHERE])
def test_progress_rises_to_one_in_small_steps(prompt: str) -> None:
    seen: list[float] = []
    render(compose(prompt, seed=1), 64, 64, progress=seen.append)
    assert seen == sorted(set(seen))
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert len(seen) >= 8
    assert max(b - a for a, b in itertools.pairwise(seen)) < 0.45


@pytest.mark.parametrize("limit", [0.0, 0.2, 0.5, 0.9])
def test_progress_may_cancel(limit: float) -> None:
    class Cancelled(Exception):
        pass

    def stop(done: float) -> None:
        if done > limit:
            raise Cancelled

    with pytest.raises(Cancelled):
        render(compose("a cat", seed=1), 64, 64, progress=stop)


@pytest.mark.parametrize("prompt", SIX[:3])
def test_subtle_keeps_the_layout_and_strong_changes_it(prompt: str) -> None:
    scene = compose(prompt, seed=6)
    subtle, strong = vary(scene, "subtle", 1), vary(scene, "strong", 1)
    assert subtle != scene
    assert [t.asset for t in subtle.things] == [t.asset for t in scene.things]
    assert (strong.place, strong.style, strong.light.time) == (
        scene.place,
        scene.style,
        scene.light.time,
    )
    base = pixels(scene)
    near = np.abs(pixels(subtle) - base).mean()
    assert 0.001 < near < np.abs(pixels(strong) - base).mean()
    assert vary(scene, "strong", 1) == strong


def test_vary_knows_two_strengths() -> None:
    with pytest.raises(PictureError, match="strong"):
        vary(compose("a cat", seed=1), "wild", 1)  # type: ignore[arg-type]


def test_no_leaves_a_thing_out() -> None:
    scene = compose("a cat and a dog on a beach", seed=1, parameters={"no": "cat"})
    assert all(thing.name != "cat" for thing in scene.things)
    assert any(thing.name == "dog" for thing in scene.things)


@pytest.mark.parametrize("strength", ["strong", "subtle"])
def test_a_variation_heeds_the_parameters_of_its_scene(
    strength: Literal["strong", "subtle"],
) -> None:
    parameters = {"no": ["cat", "tree"], "chaos": 20, "weird": 900, "stylize": 400, "tile": True}
    scene = compose("a cat and a dog on a beach", seed=1, parameters=parameters)
    again = Scene.from_json(scene.to_json())
    assert (again.no, again.chaos) == ("cat, tree", 20)
    for seed in range(12):
        varied = vary(again, strength, seed)
        assert {thing.name for thing in varied.things} & {"cat", "dog"} == {"dog"}
        for name in ("no", "chaos", "weird", "stylize", "raw", "tile"):
            assert getattr(varied, name) == getattr(scene, name)


def test_words_become_things_that_belong_together() -> None:
    rider = compose("an astronaut riding a horse on mars", seed=1)
    horse, astronaut = rider.things[:2]
    assert (rider.place, horse.name, astronaut.name) == ("mars", "horse", "astronaut")
    assert (astronaut.host, astronaut.anchor) == (0, "back")
    hat = compose("a cat in a hat", seed=1).things[1]
    assert (hat.name, hat.host, hat.anchor) == ("hat", 0, "head")
    rose = compose("a red rose in a glass vase", seed=1)
    assert [(t.asset, t.host) for t in rose.things[:2]] == [("form:vase", -1), ("form:rose", 0)]
    assert sum(t.name == "fox" for t in compose("three foxes", seed=1).things) == 3


def test_the_lexicon_knows_at_least_600_nouns() -> None:
    from diorama.words import lexicon

    nouns = [p for p, meanings in lexicon().items() if any(kind == "thing" for kind, _ in meanings)]
    assert len(nouns) >= 600


def test_every_named_asset_is_shipped_and_every_file_is_as_listed() -> None:
    from diorama.assets import have
    from diorama.forms import FORMS
    from diorama.words import lexicon

    for meanings in lexicon().values():
        for kind, noun in meanings:
            for asset, _ in noun.forms if kind == "thing" else ():
                known = asset[5:] in FORMS if asset.startswith("form:") else have(asset)
                assert known, f"{noun.name}: {asset}"
    assets = PACKAGE / "assets"
    sums = dict(line.split("  ")[::-1] for line in (assets / "SHA256SUMS").read_text().splitlines())
    files = {p.relative_to(assets).as_posix(): p for p in assets.rglob("*") if p.is_file()}
    del files["SHA256SUMS"]
    assert files.keys() == sums.keys()
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sums[name], name


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, diorama; print(sorted({'numpy', 'cv2', 'PIL'} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PACKAGE.parent)},
    )
    assert run.stdout == "[]\n"


def test_the_command_line_paints_and_explains(tmp_path: Path) -> None:
    from diorama.__main__ import main

    prompts, out = tmp_path / "prompts.txt", tmp_path / "out.png"
    prompts.write_text("a cat\n# a note\na dog\n", encoding="utf-8")
    assert main(["paint", "a cat", str(out), "--size", "128", "--ar", "16:9"]) == 0
    assert main(["sheet", str(prompts), str(out), "--size", "64"]) == 0
    assert main(["paint", "a cat", str(out), "--ar", "9:1"]) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["paint", "a cat", "out.png", "--ar", "wide"], "is not width:height"),
        (["paint", "a cat", "out.png", "--size", "-4"], "is not a whole number above 0"),
        (["paint", "a cat", "out.doc"], "must end in .png"),
        (["paint", "a cat", "out.png", "--size", "9999"], "4096 pixels"),
        (["sheet", "none.txt", "out.png"], "No such file"),
        (["sheet", "empty.txt", "out.png"], "holds no prompt"),
        (["sheet", "binary.txt", "out.png"], "UTF-8"),
        (["upscale", "binary.txt", "out.png"], "not a picture"),
        (["animate", "a cat", "out.avi"], "must end in .mp4"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from diorama.__main__ import main

    monkeypatch.chdir(tmp_path)
    Path("empty.txt").write_text("# nothing\n", encoding="utf-8")
    Path("binary.txt").write_bytes(b"\xff\xfe\x00")
    try:
        status: object = main(arguments)
    except SystemExit as left:  # so argparse leaves
        status = left.code
    assert status == 2
    assert told in capsys.readouterr().err


def test_tile_repeats_without_a_seam() -> None:
    scene = compose("autumn leaves", seed=1, parameters={"tile": True})
    picture = pixels(scene, 128, 128)
    inner = np.abs(np.diff(picture, axis=1)).mean()
    assert np.abs(picture[:, 0] - picture[:, -1]).mean() < 3 * inner
    assert np.abs(picture[0] - picture[-1]).mean() < 3 * inner


@pytest.mark.parametrize(
    "change", [{"stylize": 1000}, {"weird": 1500}, {"raw": True}, {"niji": True}]
)
def test_parameters_change_what_a_person_sees(change: dict[str, object]) -> None:
    plain = pixels(compose("a horse in a meadow", seed=2))
    changed = pixels(compose("a horse in a meadow", seed=2, parameters=change))
    assert np.abs(plain - changed).mean() > 0.008
