"""The language of prompts by its rules: whatever is asked for, a whole picture comes of it."""

from __future__ import annotations

import itertools
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama import PictureError, Scene, compose, render, vary
from diorama.__main__ import _label as label
from diorama.anchors import fixed_at
from diorama.bans import Ban
from diorama.figures import figure
from diorama.forms import FORMS, form
from diorama.framing import breadth
from diorama.lens import lenses
from diorama.reading import read
from diorama.scene import Thing
from diorama.sprites import build
from diorama.words import lexicon, load

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bench.prompts import prompts

SEED = 20261121
ASPECTS = ((1, 1), (16, 9), (9, 16), (3, 2), (4, 1), (1, 4))
ROOT = Path(__file__).resolve().parents[2]
SIXTY = [line for line in (ROOT / "tests" / "prompts.txt").read_text("utf-8").splitlines() if line]


def pixels(scene: Scene, width: int = 96, height: int = 96) -> np.ndarray:
    return np.asarray(render(scene, width, height), dtype=np.float32) / 255


def assert_alive(picture: np.ndarray, what: str = "") -> None:
    """Contrast, edges, and neither black nor white: measured floors that no flat picture passes."""
    grey = picture.mean(axis=2)
    assert grey.std() > 0.02, f"flat: {what}"
    edges = np.hypot(np.diff(grey, axis=0)[:, :-1], np.diff(grey, axis=1)[:-1])
    assert (edges > 0.03).mean() > 0.012, f"without edges: {what}"
    assert 0.02 < grey.mean() < 0.97, f"black or white: {what}"


def assert_sound(scene: Scene, prompt: str) -> None:
    """Every thing stands somewhere near the frame, in a size that can be seen, on a real host."""
    half = scene.aspect[0] / scene.aspect[1] / 2
    for index, thing in enumerate(scene.things):
        assert thing.host < len(scene.things), prompt
        assert thing.host != index, prompt
        if thing.host < 0:
            assert 0.005 < thing.size < 2.5, f"{prompt}: {thing}"
            assert abs(thing.x) < half + 0.75, f"{prompt}: {thing}"
            assert -0.2 < thing.y - thing.size / 2 < 1.4, f"{prompt}: {thing}"


def test_2000_made_up_prompts_compose_into_sound_scenes() -> None:
    rng = random.Random(SEED)
    for prompt in prompts(SEED, 2000):
        aspect, seed = rng.choice(ASPECTS), rng.randrange(1 << 32)
        scene = compose(prompt, seed=seed, aspect=aspect)
        assert scene.things, f"{prompt!r} seed {seed}"
        assert_sound(scene, f"{prompt!r} seed {seed} aspect {aspect}")


def test_composing_is_deterministic_and_survives_json() -> None:
    for prompt in prompts(SEED + 1, 150):
        parameters = {"chaos": 40, "weird": 500, "stylize": 300}
        first = compose(prompt, seed=5, parameters=parameters)
        assert first == compose(prompt, seed=5, parameters=parameters), prompt
        assert Scene.from_json(first.to_json()) == first, prompt


def test_a_sample_of_made_up_prompts_is_never_flat() -> None:
    for prompt in prompts(SEED + 2, 40):
        assert_alive(pixels(compose(prompt, seed=11)), prompt)


@pytest.mark.parametrize("lens", sorted(lenses()))
def test_every_lens_is_read_and_changes_the_picture(lens: str) -> None:
    plain = compose("a horse in a meadow, golden hour", seed=3)
    for word in str(lenses()[lens]["words"]).split(", ")[:2]:
        scene = compose(f"a horse in a meadow, golden hour, {word}", seed=3)
        assert lens in scene.lens, word
        picture = pixels(scene, 128, 128)
        assert_alive(picture, word)
        assert np.abs(picture - pixels(plain, 128, 128)).mean() > 0.02, word


@pytest.mark.parametrize(
    "place", ["sea", "street", "room", "underwater", "skyline", "snow", "cave"]
)
@pytest.mark.parametrize("view", ["top view", "isometric", "long exposure", "macro"])
def test_every_view_works_in_every_sort_of_place(place: str, view: str) -> None:
    word = str(load("places")[place]["words"]).split(",")[0]
    assert_alive(pixels(compose(f"a cat in the {word}, {view}", seed=4), 80, 80), f"{place} {view}")


@pytest.mark.parametrize("trait", sorted(load("relations")["traits"]))
def test_every_trait_shows(trait: str) -> None:
    words = str(load("relations")["traits"][trait]).split(", ")
    scene = compose(f"a {words[0]} vase in the studio", seed=2)
    assert scene.things[0].trait == trait
    plain = compose("a vase in the studio", seed=2)
    shown, bare = pixels(scene, 160, 160), pixels(plain, 160, 160)
    assert np.abs(shown - bare).max() > 0.08


UNWANTED = [
    ("cat", ["a cat", "two cats and a dog", "a dog riding a cat", "a kitten in a hat", "black cat",
             "a witch holding a cat", "three kitties under a tree", "a feline, oil painting"]),
    ("hats", ["a cat in a hat", "a dog wearing a top hat", "a crown on a cat wearing a hat"]),
    ("people", ["a man on a horse", "an astronaut", "two women in a city", "a king and a castle"]),
    ("trees", ["a tree", "a cat under a pine tree", "palm trees on a beach", "forest of oaks"]),
    ("boats", ["a boat on the sea", "the sea", "a lake with a sailboat"]),
    ("animals", ["a dog and a car", "forest", "jungle", "under the sea", "snow"]),
]  # fmt: skip


@pytest.mark.parametrize(("unwanted", "asked"), UNWANTED)
def test_what_no_names_is_never_shown(unwanted: str, asked: list[str]) -> None:
    hidden = Ban.of(unwanted).assets
    assert hidden
    for prompt, seed, chaos in itertools.product(asked, range(6), (0, 60)):
        parameters = {"no": unwanted, "chaos": chaos, "weird": 900}
        scene = compose(prompt, seed=seed, parameters=parameters)
        again = [scene, vary(scene, "strong", seed + 1), vary(scene, "subtle", seed + 2)]
        for one in again:
            shown = {thing.asset for thing in one.things}
            assert not shown & hidden, f"{prompt!r} --no {unwanted} seed {seed}: {shown & hidden}"


def test_no_spares_everything_else() -> None:
    scene = compose("a cat and a dog on a beach", seed=1, parameters={"no": "cat"})
    assert [thing.name for thing in scene.things] == ["dog"]
    assert scene.place == "beach"


def spread(chaos: int) -> float:
    """Return how many different settings four seeds of a prompt have, over twelve prompts."""
    total = 0.0
    for prompt in SIXTY[:12]:
        scenes = [compose(prompt, seed=s, parameters={"chaos": chaos}) for s in range(8)]
        kinds = {(s.place, s.light.time, s.style, s.lens) for s in scenes}
        sizes = np.std([s.things[0].size for s in scenes if s.things] or [0.0])
        total += len(kinds) + float(sizes)
    return total / 12


def test_the_pictures_of_a_grid_grow_apart_with_chaos() -> None:
    values = [spread(chaos) for chaos in (0, 30, 60, 100)]
    assert values == sorted(values), values
    assert values[-1] > values[0] * 1.6, values


def test_chaos_keeps_what_was_asked_for() -> None:
    for seed in range(12):
        scene = compose("a fox in the snow at night, watercolor", seed=seed,
                        parameters={"chaos": 100})  # fmt: skip
        assert (scene.place, scene.light.time, scene.style) == ("snow", "night", "watercolor")
        assert scene.things[0].name == "fox"


@pytest.mark.parametrize(("low", "high"), [(0, 100), (100, 500), (500, 1000)])
def test_stylize_moves_the_picture_step_by_step(low: int, high: int) -> None:
    a, b = (
        pixels(compose("a horse in a meadow", seed=2, parameters={"stylize": value}))
        for value in (low, high)
    )
    assert np.abs(a - b).mean() > 0.008


def test_weird_brings_more_visitors_the_larger_it_is() -> None:
    counts = []
    for weird in (0, 500, 1500):
        scenes = [compose("a horse", seed=s, parameters={"weird": weird}) for s in range(5)]
        counts.append(sum(t.name == "visitor" for scene in scenes for t in scene.things))
    assert counts[0] == 0 < counts[1] < counts[2]


@pytest.mark.parametrize("prompt", ["a cat in a hat", "blue roses, oil painting", "autumn leaves"])
@pytest.mark.parametrize("size", [(128, 128), (160, 96)])
def test_a_tile_meets_itself(prompt: str, size: tuple[int, int]) -> None:
    picture = pixels(compose(prompt, seed=1, aspect=size, parameters={"tile": True}), *size)
    for axis in (0, 1):
        inner = np.abs(np.diff(picture, axis=axis))
        seam = np.abs(np.take(picture, 0, axis) - np.take(picture, -1, axis))
        assert seam.mean() < 2.5 * inner.mean() + 0.01, (prompt, axis)


SUFFIXED = [("warship", "boat"), ("cloudberry", "food"), ("bogosaurus", "animal"),
            ("firemancer", "fantasy"), ("moonflower", "flower")]  # fmt: skip


@pytest.mark.parametrize(("word", "kind"), SUFFIXED)
def test_an_unknown_word_is_read_by_its_ending(word: str, kind: str) -> None:
    asked = read(f"a {word}").asked
    assert [item.noun.kind for item in asked] == [kind]


def test_a_word_that_means_nothing_is_shown_as_itself() -> None:
    scene = compose("xyzzy", seed=3)
    assert scene.lettering == "xyzzy"
    assert_alive(pixels(scene))


@pytest.mark.parametrize(
    "prompt",
    ["", " ", "!!!", "...", "🜁🜂🜃", "🦊🌲🌙", "--ar 1:1", "-- -- --", ",,,,", "a", "the of and", "0",
     "桜と富士山", "قطة على القمر", "Привет мир", "שלום", "नमस्ते दुनिया", "สวัสดี", "\u202eabc\u202c",
     "a\u0000b", "e\u0301" * 40, "\ufeff", "\ud83d", "Z̴̡̛a̸l̷g̵o̶", "ﷺ", "𝕔𝕒𝕥", "ＣＡＴ", "x" * 5000,
     "cat " * 1250, "on in under over " * 300, "riding riding riding a a a"],
)  # fmt: skip
def test_odd_prompts_end_in_a_picture(prompt: str) -> None:
    scene = compose(prompt, seed=4)
    assert_alive(pixels(scene), repr(prompt[:40]))
    assert_sound(scene, repr(prompt[:40]))


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=300), st.integers(0, 2**32 - 1))
def test_any_text_composes(prompt: str, seed: int) -> None:
    assert_sound(compose(prompt, seed=seed), repr(prompt))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_no_is_heeded_without_an_error(prompt: str, unwanted: str) -> None:
    compose(prompt, seed=1, parameters={"no": unwanted})


def test_a_prompt_of_unlimited_length_is_refused_with_a_sentence() -> None:
    with pytest.raises(PictureError, match=r"at most \d+ characters\.$"):
        compose("a" * 100_000, seed=1)


RELATIONS = [
    ("a cat on a chair", "cat", "top"),
    ("a parrot holding a key", "key", "hand"),
    ("a dog wearing sunglasses", "sunglasses", "eyes"),
    ("a knight riding a dragon", "knight", "back"),
    ("a tulip in a vase", "tulip", "inside"),
]


@pytest.mark.parametrize(("prompt", "name", "anchor"), RELATIONS)
def test_what_is_worn_held_ridden_or_put_in_is_fixed(prompt: str, name: str, anchor: str) -> None:
    things = compose(prompt, seed=1).things
    names = {alias: noun.name for alias in (name,) if (noun := noun_named(alias))}
    child = next(thing for thing in things if thing.name == names[name])
    assert child.anchor == anchor
    assert child.host >= 0


def noun_named(name: str):  # type: ignore[no-untyped-def]
    return next(value for kind, value in lexicon()[name] if kind == "thing")


def test_a_garment_is_worn_and_not_set_beside() -> None:
    scene = compose("a woman in a red dress and a hat", seed=1)
    woman, hat = (thing for thing in scene.things if thing.name != "backdrop")
    assert woman.body == f"skirted:{load('moods')['colours']['red']}"
    assert (hat.host, hat.anchor) == (0, "head")


def test_over_is_higher_and_under_is_lower() -> None:
    for seed in range(6):
        over = compose("a dragon over a castle", seed=seed).things
        assert over[0].y < over[1].y
        around = compose("a chess pawn surrounded by candles", seed=seed).things
        assert len([t for t in around if t.name == "candle"]) >= 5


@pytest.mark.parametrize("count", range(2, 10))
def test_numbers_are_counted_and_stay_in_the_frame(count: int) -> None:
    for aspect, noun in itertools.product(((1, 1), (9, 16), (16, 9)), ("foxes", "birds", "boats")):
        scene = compose(f"{count} {noun}", seed=count, aspect=aspect)
        roots = [thing for thing in scene.things if thing.name != "backdrop"]
        assert len(roots) == count
        half = aspect[0] / aspect[1] / 2
        for thing in roots:
            reach = thing.size * breadth(thing.asset, thing.body) / 2
            assert abs(thing.x) + reach < half * 1.02, (noun, aspect)


COMMON = """
man woman child boy girl baby king queen prince princess knight soldier warrior samurai ninja
pirate sailor fisherman farmer priest nun doctor teacher student scientist artist musician dancer
singer clown wizard witch detective firefighter chef astronaut pilot cowboy viking mermaid fairy
elf dwarf troll vampire werewolf zombie ghost demon angel dragon phoenix unicorn robot alien
monster cat dog horse cow pig sheep goat chicken rooster duck goose turkey rabbit fox wolf bear
lion tiger leopard elephant giraffe zebra rhino hippo monkey gorilla kangaroo koala panda deer
squirrel hedgehog raccoon otter bat mouse frog snake lizard turtle crocodile dinosaur whale
dolphin shark octopus jellyfish crab lobster fish eagle owl raven parrot peacock flamingo swan
penguin bird bee butterfly spider ant snail tree oak pine cactus flower rose tulip sunflower daisy
lily lotus mushroom leaf pumpkin apple lemon banana grape cherry strawberry pineapple peach pear
mango tomato carrot onion potato house cottage cabin castle tower church temple pagoda pyramid
lighthouse windmill barn bridge school hotel fountain gate door tent igloo car truck bus taxi
bicycle motorcycle train tram airplane helicopter rocket ufo boat ship sailboat canoe submarine
ferry balloon tractor ambulance bread cake cookie pie donut pizza burger sandwich taco sushi ramen
soup salad cheese egg pancake chocolate candy popcorn coffee tea wine beer cocktail juice milk
table chair sofa bed desk lamp candle lantern clock mirror book pencil brush phone computer camera
television radio guitar piano violin drum trumpet flute microphone umbrella hat crown helmet
glasses sunglasses mask scarf dress shoes gloves ring necklace watch bag backpack suitcase key
lock sword shield axe hammer saw ladder bucket basket bottle cup mug glass vase bowl teapot knife
fork spoon box chest barrel coin gem diamond potion wand scroll map compass telescope globe
hourglass kite ball teddy dice flag bell anchor wheel gear statue sun moon star planet comet
galaxy cloud rainbow lightning snowman volcano mountain river lake ocean beach island desert
forest jungle meadow cave rock fire
"""


def test_common_nouns_are_known_in_singular_and_plural() -> None:
    known = lexicon()
    words = COMMON.split()
    assert len(words) >= 300
    missing = [word for word in words if word not in known]
    assert not missing
    from diorama.words import marks

    plurals = [word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s") for word in words]
    unread = [word for word in plurals if not marks(word)[0].meanings]
    assert len(unread) < len(words) * 0.02, unread


def test_the_tables_hold_what_the_language_promises() -> None:
    kinds = [kind for meanings in lexicon().values() for kind, _ in meanings]
    assert kinds.count("thing") >= 1200
    assert len(load("places")) >= 24
    assert len(load("moods")["styles"]) >= 18
    assert len(lenses()) >= 10


def test_outlines_are_those_of_the_forms_and_figures() -> None:
    nouns = [v for meanings in lexicon().values() for kind, v in meanings if kind == "thing"]
    pairs = sorted({pair for noun in nouns for pair in (*noun.forms, *noun.aloft)})
    for asset, body in random.Random(SEED).sample(pairs, 40):
        name = asset.removeprefix("form:")
        alpha = (form(name) if name in FORMS else figure(asset, body))[..., 3]
        rows, columns = np.flatnonzero(alpha.max(1) > 0.08), np.flatnonzero(alpha.max(0) > 0.08)
        ratio = (columns[-1] - columns[0] + 1) / (rows[-1] - rows[0] + 1)
        assert abs(breadth(asset, body) - ratio) < 0.03, f"{asset}+{body}: scripts/outlines.py"


@pytest.mark.parametrize(
    ("prompt", "fixed"),
    [
        ("a cup on a table", {"coffee": "table"}),
        ("an apple and a candle on a table", {"apple": "table", "candle": "table"}),
        ("an owl on a book on a table", {"owl": "book", "book": "table"}),
        ("a man in a top hat riding a bicycle", {"man": "bicycle", "hat": "man"}),
        ("a bear in a scarf on a bicycle", {"bear": "bicycle", "scarf": "bear"}),
        ("a child wearing glasses reading a book", {"glasses": "boy", "book": "boy"}),
    ],
)
def test_a_chain_of_relations_holds_together(prompt: str, fixed: dict[str, str]) -> None:
    for seed in range(4):
        things = compose(prompt, seed=seed).things
        hosts = {thing.name: things[thing.host].name for thing in things if thing.host >= 0}
        assert hosts == fixed, (prompt, seed)


def test_a_trait_may_follow_what_it_is_of() -> None:
    for prompt in ("a house on fire in the village", "a burning house"):
        assert compose(prompt, seed=1).things[0].trait == "burning"


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("a lighthouse on a cliff by the sea", "coast"),
        ("a castle in the mountains by a lake", "lake"),
        ("a camel in the desert and a whale in the sea", "desert"),
    ],
)
def test_land_beside_water_is_a_coast(prompt: str, place: str) -> None:
    assert {compose(prompt, seed=seed).place for seed in range(4)} == {place}


@pytest.mark.parametrize("prompt", ["french bakery", "a japanese temple", "victorian house"])
def test_where_something_comes_from_is_no_lettering(prompt: str) -> None:
    assert compose(prompt, seed=1).lettering == ""


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("an old woman knitting", "photo"),
        ("a woman painting a mural", "photo"),
        ("a girl drawing a map", "photo"),
        ("a man holding a photo", "photo"),
        ("a child with a comic book", "photo"),
        ("a comic reader in a library", "photo"),
        ("a pencil on a desk", "photo"),
        ("an ink bottle on a table", "photo"),
        ("an oil lamp on a table", "photo"),
        ("a woman looking at a painting in a museum", "photo"),
        ("a knitted cat", "stitch"),
        ("a cat in knitted style", "stitch"),
        ("a painting of a woman", "oil"),
        ("a cat painting", "oil"),
        ("a pencil drawing of a woman drawing", "pencil"),
        ("a woman painting, watercolor", "watercolor"),
        ("a knight in comic book style", "comic"),
    ],
)
def test_a_word_for_a_medium_may_be_an_act_or_a_thing(prompt: str, style: str) -> None:
    assert compose(prompt, seed=1).style == style


def held_in(prompt: str, seed: int = 1) -> dict[str, tuple[str, str]]:
    """Return what is fixed to what, and where, by names."""
    things = compose(prompt, seed=seed).things
    return {t.name: (things[t.host].name, t.anchor) for t in things if t.host >= 0}


@pytest.mark.parametrize(
    ("prompt", "fixed"),
    [
        ("an old woman knitting by the fireplace", {"yarn": ("grandmother", "hand")}),
        ("a young man playing guitar", {"guitar": ("man", "chest")}),
        ("father and son fishing at the lake", {"fishing rod": ("boy", "hand")}),
        ("a robot holding a sword and a shield",
         {"dagger": ("robot", "hand"), "shield": ("robot", "chest")}),
        ("a snowman wearing a top hat and a scarf",
         {"hat": ("snowman", "head"), "scarf": ("snowman", "neck")}),
        ("a king sitting on a throne, crown",
         {"king": ("throne", "top"), "crown": ("king", "head")}),
        ("a man driving a car", {"man": ("car", "cab")}),
        ("a tiny house on a turtle's back", {"house": ("turtle", "top")}),
        ("a basket with apples", {"apple": ("basket", "inside")}),
        ("a table with a turkey", {"turkey": ("table", "top")}),
        ("an angel with wings on a cloud", {"angel": ("white cloud", "top")}),
        ("a man fishing from a boat",
         {"man": ("sailboat", "inside"), "fishing rod": ("man", "hand")}),
        ("a girl reading a book under a tree", {"book": ("girl", "hand")}),
    ],
)  # fmt: skip
def test_what_is_done_says_where_things_are(prompt: str, fixed: dict[str, tuple[str, str]]) -> None:
    found = held_in(prompt)
    for child, (host, anchor) in fixed.items():
        names = [noun_named(name).name for name in (child, host) if name in lexicon()]
        assert found[names[0]] == (names[1], anchor), found


SUPPORTS = """
chair table bench sofa bed throne stool roof horse skateboard leaf mushroom rock cloud boat book
cake moon fence wall branch lily pillow plate car bicycle barrel box suitcase drum piano ladder
stairs wheelbarrow turtle elephant tree flower bookcase pumpkin snowman nest basket
"""


@pytest.mark.parametrize("support", [w for w in SUPPORTS.split() if w not in ("pillow", "moon")])
def test_what_is_on_a_thing_rests_on_it(support: str) -> None:
    scene = compose(f"a cat on a {support}", seed=2)
    cat = next(thing for thing in scene.things if thing.name == "cat")
    assert cat.host >= 0, support
    assert cat.anchor in ("top", "back", "cab", "inside")
    root = scene.things[cat.host]
    assert root.size * (0.4 + cat.size) < 1.0, "both are in the frame"


@pytest.mark.parametrize("host", ["1f344", "1f3e0", "form:boulder", "1f422", "form:tree", "1f4d5"])
def test_a_thing_on_another_touches_what_is_seen_of_it(host: str) -> None:
    base = Thing("base", host, 0.0, 0.9, 0.5, 0.1, "stand")
    ball = Thing("ball", "26bd", 0.0, 0.0, 0.3, 0.0, "stand", host=0, anchor="top")
    alone, both = build((base,), 0).image[..., 3], build((base, ball), 0).image[..., 3]
    solid = np.flatnonzero((both > 0.5).any(axis=1))
    assert (np.diff(solid) == 1).all(), "a gap between the two"
    added = both.shape[0] - alone.shape[0]
    assert 0.2 * alone.shape[0] < added < 0.32 * alone.shape[0], "it sinks in or floats"


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("a garden gnome", ["dwarf"]),
        ("a wizard's tower", ["castle"]),
        ("halloween pumpkins", ["jack-o-lantern"]),
        ("a polar bear wearing a santa hat", ["polar bear", "hat"]),
        ("a peacock with blue feathers", ["peacock"]),
        ("a whale swimming", ["whale"]),
        ("a minimalist logo of a mountain", ["mountain"]),
        ("logo for a coffee shop", ["coffee"]),
    ],
)
def test_only_what_is_meant_is_shown(prompt: str, shown: list[str]) -> None:
    names = {t.name for t in compose(prompt, seed=1).things if t.name != "backdrop"}
    assert names == set(shown)


@pytest.mark.parametrize(
    ("prompt", "asset"),
    [
        ("an oak in autumn", "form:autumn-tree"),
        ("a cat under a tree in spring", "form:cherry-tree"),
        ("an oak in winter", "form:bare-tree"),
        ("an oak in summer", "form:tree"),
        ("a pine in winter", "form:pine-tree"),
        ("a samurai under cherry blossoms", "form:cherry-tree"),
    ],
)
def test_what_grows_shows_the_season(prompt: str, asset: str) -> None:
    assert asset in {thing.asset for thing in compose(prompt, seed=1).things}


def test_an_unknown_subject_is_shown_beside_what_is_known() -> None:
    scene = compose("an astrolabe on a table", seed=1)
    assert {t.asset for t in scene.things} == {"form:table", "word:astrolabe"}
    assert read("a frisbeeist in the park").asked[0].noun.kind == "person"


@pytest.mark.parametrize("act", sorted(load("acts")["acts"]))
def test_every_act_is_done_with_things_that_are_known(act: str) -> None:
    spec = load("acts")["acts"][act]
    assert spec["relation"] in load("relations")["relations"]
    tools = [name for name in (spec.get("thing"),) if name]
    named = {noun_named(name).name for name in (*tools, *spec.get("figure", {}).values())}
    word = spec["words"].split(", ")[0]
    assert {t.name for t in compose(f"a man {word}", seed=1).things} <= {"man", "backdrop", *named}


@pytest.mark.parametrize("table", ["carriers", "canopies", "grounds"])
def test_words_for_things_in_their_place_name_things(table: str) -> None:
    assert all(noun_named(name) for name in load("acts")[table])


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a raccoon chef in a kitchen", ["raccoon", "fried egg"]),
        ("astronaut dog on mars", ["dog"]),
        ("a female paladin", ["knight"]),
        ("a dwarf blacksmith", ["dwarf", "hammer"]),
        ("a dragon and a king", ["dragon", "king"]),
        ("a cat and a chef", ["cat", "chef"]),
        ("a saxophone player", ["person", "saxophone"]),
        ("portrait of a woman with red hair, piercing green eyes", ["woman"]),
        ("a girl by the window in a cozy bedroom", ["girl"]),
        ("a couple under an umbrella", ["couple", "umbrella"]),
        ("necromancer raising skeletons", ["wizard", "skull"]),
        ("a slice of cake, bakery window", ["slice of cake"]),
        ("coffee shop logo", ["coffee"]),
        ("two glasses and a candle", ["glass", "candle"]),
        ("two glasses of wine", ["wine glass"]),
    ],
)
def test_two_words_for_one_thing_show_one_thing(prompt: str, names: list[str]) -> None:
    assert {t.name for t in compose(prompt, seed=1).things if t.name != "backdrop"} == set(names)


@pytest.mark.parametrize(
    ("prompt", "asset", "body"),
    [
        ("a cat in a red sweater", "1f431", f"dressed:{load('moods')['colours']['red']}"),
        ("a bear in a tuxedo", "1f43b", "dressed:#26242e"),
        ("a panda barista", "1f43c", "dressed:#f4f4f6"),
    ],
)
def test_an_animal_wears_clothes(prompt: str, asset: str, body: str) -> None:
    thing = compose(prompt, seed=1).things[0]
    assert (thing.asset, thing.body) == (asset, body)


def test_an_animal_that_has_no_shoulders_wears_a_bow_tie() -> None:
    assert held_in("a penguin in a tuxedo") == {"bow tie": ("penguin", "neck")}


@pytest.mark.parametrize(
    ("prompt", "fixed"),
    [
        ("a vase of sunflowers", {"sunflower": ("vase", "inside")}),
        ("a basket of kittens on a table",
         {"cat": ("basket", "inside"), "basket": ("table", "top")}),
        ("a bowl full of cherries", {"cherries": ("bowl", "inside")}),
        ("a burger with fries and a cola on a table",
         {"hamburger": ("table", "top"), "french fries": ("table", "top"),
          "soda": ("table", "top")}),
        ("a table with coffee, a croissant and juice",
         {"coffee": ("table", "top"), "croissant": ("table", "top"), "juice": ("table", "top")}),
        ("three pancakes on a plate", {"pancakes": ("plate", "top")}),
        ("a bear in a suit sitting at a desk with a laptop", {"laptop": ("table", "top")}),
        ("an avocado with sunglasses", {"sunglasses": ("avocado", "eyes")}),
    ],
)  # fmt: skip
def test_what_is_of_with_or_on_a_thing_is_there(
    prompt: str, fixed: dict[str, tuple[str, str]]
) -> None:
    assert held_in(prompt) == fixed


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("a businessman in front of skyscrapers", "street"),
        ("the taj mahal reflected in water", "lake"),
        ("white houses by the sea", "coast"),
        ("a viking, stormy sea", "coast"),
        ("a swan on the sea", "sea"),
        ("a witch and a black cat in a hut", "room"),
        ("pyramids of giza", "desert"),
        ("headphones on a yellow background", "studio"),
        ("app icon of a rocket", "studio"),
        ("the last tree, surreal", "meadow"),
        ("a barn behind a cow", "meadow"),
    ],
)
def test_where_things_are_believed_to_be(prompt: str, place: str) -> None:
    assert compose(prompt, seed=1).place == place


def test_lake_remains_when_the_forest_round_it_is_not_wanted() -> None:
    assert compose("a forest lake", seed=1, parameters={"no": "trees"}).place == "lake"


def test_a_plain_background_has_its_colour() -> None:
    scene = compose("an apple on a blue background", seed=1)
    assert scene.palette[0] == load("moods")["colours"]["blue"]
    assert scene.things[0].tint == ""


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("minimalist product photo of a chair", "photo"),
        ("a minimalist chair", "poster"),
        ("a minimalist poster, photography exhibition", "poster"),
        ("soft pastel colors, a cat", "photo"),
        ("pastel drawing of a cat", "crayon"),
        ("an eagle, stained glass window", "glass"),
    ],
)
def test_a_manner_is_no_medium(prompt: str, style: str) -> None:
    assert compose(prompt, seed=1).style == style


@pytest.mark.parametrize("prompt", ["a busy market street", "a mountain village, layered"])
def test_what_a_place_is_like_is_no_lettering(prompt: str) -> None:
    assert compose(prompt, seed=1).lettering == ""


def test_golden_armor_is_no_hour() -> None:
    times = {compose("a knight with a golden shield", seed=s).light.time for s in range(12)}
    assert len(times) > 1


def test_who_sits_at_a_desk_is_seen_over_it() -> None:
    for seed in range(6):
        girl, desk = compose("a girl studying at a desk", seed=seed).things[:2]
        assert abs(girl.x - desk.x) < 0.05
        assert girl.y - girl.size < desk.y - 1.4 * desk.size


def test_one_before_a_house_is_nearer_than_the_house() -> None:
    for seed in range(6):
        cat, tree = compose("a cat hiding behind a tree", seed=seed).things[:2]
        assert tree.depth < cat.depth
        girl, barn = compose("a girl in front of a barn", seed=seed).things[:2]
        assert girl.depth < barn.depth


@pytest.mark.parametrize(("word", "count"), [("sneakers", 2), ("pancakes", 1), ("apples", 3)])
def test_a_plural_is_as_many_as_its_picture_needs(word: str, count: int) -> None:
    assert read(word).asked[0].count == count


def test_hats_and_glasses_have_their_place_on_every_animal_that_may_wear_them() -> None:
    nouns = {v for meanings in lexicon().values() for kind, v in meanings if kind == "thing"}
    walkers = [n for n in nouns if n.kind == "animal" and "mount" in n.tags]
    missing = {a for n in walkers for a, body in n.forms if not fixed_at(a, body, "eyes")}
    assert missing <= {"1face"}, missing


@pytest.mark.parametrize("table", ["outfits", "interiors", "counted"])
def test_the_tables_of_roles_name_what_is_known(table: str) -> None:
    for name, value in load("acts")[table].items():
        if table == "outfits":
            assert noun_named(name).name == name
            assert not value["thing"] or noun_named(value["thing"])
        elif table == "counted":
            assert noun_named(name)
        else:
            assert name in load("places")


def test_a_sheet_labels_other_scripts_by_their_code_points() -> None:
    assert label("桜 é") == "U+685C  é"
