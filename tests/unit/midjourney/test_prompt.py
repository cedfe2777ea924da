"""The parameter grammar and the bot's rewriting of prompts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.midjourney import prompt
from heliograph.midjourney.prompt import InvalidPrompt, Parameters, Prompt

SUFFIX = Parameters(version="7", stylize=250)

VOCABULARY = """
a cat -- --- --5 — –ar —ar —foo --ar --aspect 3:2 1:1 1.5:1 9:1 16x9 --v --version 7 7.0 6.1 8
--niji 6 --s --stylize 250 --c --chaos 5 --w --weird --no dogs, owls --seed 42 4294967296 --q .5
--stop 10 --tile --raw --style raw --iw 1.25 --sref random 123 --sw 100 --cref --oref --ow --draft
https://a.b/c--d.png <https://s.mj.run/abc> https://a.b/c.png::2 --exp --p abc12 --fast --turbo
--stealth --r 4 --video --motion low --loop --end loop --bs 2 hot:: cold::-.5 ::2 ::-3 **bold**
(50%) --foo --VIDEO
"""
WORDS = st.sampled_from(VOCABULARY.split())
TEXTS = st.text() | st.lists(WORDS, max_size=12).map(" ".join)


def parsed(text: str) -> Prompt | None:
    try:
        return prompt.parse(text)
    except InvalidPrompt:
        return None


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(InvalidPrompt) as refused:
        prompt.parse(text)
    return refused.value.title, refused.value.description


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("cat --ar 16:9", Parameters(aspect=(16, 9))),
        ("cat --aspect 1:1", Parameters(square=True)),
        ("cat --ar 1.5:1", Parameters(aspect=(3, 2))),
        ("cat --ar 3:2 --ar 2:3", Parameters(aspect=(2, 3))),
        ("cat —ar 3:2 –v 6.1", Parameters(aspect=(3, 2), version="6.1")),
        ("cat --AR 3:2", Parameters(aspect=(3, 2))),
        ("cat --v 7.0", Parameters(version="7")),
        ("cat --niji --v 6", Parameters(version="6")),
        ("cat --v 6 --niji 5", Parameters(niji="5")),
        ("cat --s 0 --c 100 --w 3000", Parameters(stylize=0, chaos=100, weird=3000)),
        ("cat --q .25 --iw 3", Parameters(quality=0.25, iw=3.0)),
        ("cat --seed 4294967295 --stop 10", Parameters(seed=4294967295, stop=10)),
        ("cat --style raw", Parameters(raw=True)),
        ("cat --no Dogs,  big Owls", Parameters(no=("Dogs", "big Owls"), no_text="Dogs, big Owls")),
        (
            "cat --sref https://a.b/c::2 7 random",
            Parameters(sref=("https://a.b/c::2", "7", "random")),
        ),
        (
            "cat --p abc12 m7266548399",
            Parameters(personalize=True, profile=("abc12", "m7266548399")),
        ),
        ("cat --turbo --fast --stealth", Parameters(speed="fast", visibility="stealth")),
        ("cat --video --motion high --bs 2", Parameters(video=True, motion="high", bs=2)),
        ("cat --video --end loop", Parameters(video=True, loop=True)),
        ("cat --repeat 4", Parameters(repeat=4)),
    ],
)
def test_reads_parameters(text: str, parameters: Parameters) -> None:
    assert prompt.parse(text) == Prompt("cat", (), (("cat", 1.0),), parameters)


def test_a_parameter_in_the_middle_gives_back_the_words_it_cannot_use() -> None:
    found = prompt.parse("a cat --ar 3:2 in a --tile hat --p by night")
    assert found.text == "a cat in a hat by night"
    assert found.parameters == Parameters(aspect=(3, 2), tile=True, personalize=True)


@pytest.mark.parametrize(
    "text",
    ["a well--known cat", "a cat -- and a hat", "a cat —the best— of all", "a --- b", "a-b --5"],
)
def test_dashes_that_are_no_parameters(text: str) -> None:
    assert prompt.parse(text) == Prompt(text, (), ((text, 1.0),))


def test_dashes_in_urls_are_no_parameters() -> None:
    found = prompt.parse("https://a.b/c--ar.png cat")
    assert (found.text, found.images) == ("cat", ("https://a.b/c--ar.png",))


def test_weights() -> None:
    found = prompt.parse("hot::2 dog:: bun::-.5 now --ar 3:2")
    assert found.text == "hot::2 dog:: bun::-.5 now"
    assert found.parts == (("hot", 2.0), ("dog", 1.0), ("bun", -0.5), ("now", 1.0))


@pytest.mark.parametrize(
    ("text", "title", "description"),
    [
        (
            "cat --foo 1 --ar 9:1 --bar --foo",
            "Invalid parameter",
            "Unrecognized parameter(s): `--foo`, `--bar`",
        ),
        ("cat --chaos 101", "Invalid parameter", "Invalid value for `--chaos`: `101` is not"),
        ("cat --ar", "Invalid parameter", "Invalid value for `--ar`: it is missing"),
        ("cat --ar 5:1", "Invalid parameter", "Invalid value for `--ar`"),
        ("cat --ar 0:1", "Invalid parameter", "Invalid value for `--ar`"),
        ("cat --v 9", "Invalid parameter", "Invalid value for `--v`"),
        ("cat --seed 4294967296", "Invalid parameter", "Invalid value for `--seed`"),
        ("cat --seed " + "9" * 5000, "Invalid parameter", "Invalid value for `--seed`"),
        ("cat --no", "Invalid parameter", "Invalid value for `--no`"),
        ("", "Empty prompt", ""),
        ("--ar 3:2", "Empty prompt", ""),
        ("::2", "Empty prompt", ""),
        ("https://a.b/c.png", "Invalid prompt", "One image alone"),
        ("a:: b::-1", "Invalid prompt", "The weights"),
        ("a::" + "9" * 400, "Invalid prompt", "Weights"),
    ],
)
def test_refuses_in_the_bots_words(text: str, title: str, description: str) -> None:
    refused_title, refused_description = refusal(text)
    assert refused_title == title
    assert refused_description.startswith(description)
    assert len(refused_description) < 4096


def test_images_alone() -> None:
    assert prompt.parse("https://a.b/1.png https://a.b/2.png").parts == ()
    assert prompt.parse("https://a.b/1.png --video").images == ("https://a.b/1.png",)


@pytest.mark.parametrize(
    ("text", "echoed"),
    [
        ("cat in the hat", "cat in the hat --v 7.0 --s 250"),
        ("P --ar 3:2", "P --ar 3:2 --v 7.0 --s 250"),
        ("P --ar 3:2 --v 7.0 --s 250", "P --ar 3:2 --v 7.0 --s 250"),
        ("  a\n\tcat  ", "a cat --v 7.0 --s 250"),
        ("cat --fast --stealth --repeat 2", "cat --v 7.0 --s 250"),
        ("cat --niji 6", "cat --niji 6 --s 250"),
        ("cat --v 4 --s 50", "cat --v 4 --s 50"),
        ("x --video --motion high --no owls", "x --motion high --video 1 --aspect 1:1"),
    ],
)
def test_echo_takes_what_is_missing_from_the_account(text: str, echoed: str) -> None:
    assert prompt.echo(prompt.parse(text), suffix=SUFFIX) == echoed


def test_echo_spells_as_recorded(live: list[dict[str, Any]]) -> None:
    text = live[2]["content"].split("**")[1]
    assert "--ar 1:1 --v 7.0 --no background scenery, drop shadow" in text
    shuffled = text.replace(" --raw", "").replace(" --ar", " --style raw --ar")
    assert prompt.echo(prompt.parse(shuffled)) == text


def test_echo_shortens_links_and_keeps_short_ones() -> None:
    echoed = prompt.echo(prompt.parse("https://a.b/c.png cat <https://s.mj.run/XyZ>"))
    first, second, text = echoed.split()
    assert first.startswith("<https://s.mj.run/")
    assert (second, text) == ("<https://s.mj.run/XyZ>", "cat")
    assert echoed == prompt.echo(prompt.parse("https://a.b/c.png cat <https://s.mj.run/XyZ>"))


def test_echo_of_a_blend_begins_with_a_blank_as_recorded() -> None:
    blend = Prompt("", parameters=Parameters(aspect=(2, 3)))
    assert prompt.echo(blend, suffix=SUFFIX) == " --ar 2:3 --v 7.0 --s 250"


def test_effective_never_mixes_what_belongs_together() -> None:
    account = Parameters(version="7", aspect=(3, 2), no=("owls",), no_text="owls", raw=True)
    found = prompt.effective(prompt.parse("cat --niji --ar 1:1 --no dogs"), account)
    assert found == Parameters(niji="6", square=True, no=("dogs",), no_text="dogs", raw=True)


def test_parameters_of_a_suffix() -> None:
    assert prompt.parameters(" --v 7 --s 250") == SUFFIX
    assert prompt.parameters("") == Parameters()
    with pytest.raises(InvalidPrompt):
        prompt.parameters("--v 7 cat")


@pytest.mark.parametrize(("text", "zoom"), [("cat --zoom 1.5", 1.5), ("cat --zoom 2", 2.0)])
def test_zoom_is_known_to_custom_zoom_alone(text: str, zoom: float) -> None:
    assert prompt.parse(text, zoomed=True).parameters == Parameters(zoom=zoom)
    assert refusal(text) == ("Invalid parameter", "Unrecognized parameter(s): `--zoom`")
    assert prompt.echo(prompt.parse(text, zoomed=True)) == "cat"
    with pytest.raises(InvalidPrompt, match="Invalid value for `--zoom`"):
        prompt.parse("cat --zoom 2.5", zoomed=True)


def test_all_that_a_clip_may_be_told() -> None:
    text = "cat --video 1 --motion low --end https://a.b/c.png --bs 2"
    found = prompt.parse(text).parameters
    assert found == Parameters(video=True, motion="low", end="https://a.b/c.png", bs=2)
    echoed = prompt.echo(prompt.parse("cat --video --motion high --loop --ar 3:2"))
    assert echoed == "cat --motion high --loop --video 1 --aspect 3:2"


@given(TEXTS)
def test_parse_raises_nothing_else_and_echo_is_idempotent(text: str) -> None:
    found = parsed(text)
    for suffix in (Parameters(), SUFFIX, Parameters(niji="6", raw=True, aspect=(3, 2))):
        if found is not None:
            echoed = prompt.echo(found, suffix=suffix)
            assert prompt.echo(prompt.parse(echoed), suffix=suffix) == echoed


@given(TEXTS)
def test_is_video_agrees_with_parse(text: str) -> None:
    asked = prompt.is_video(text)
    found = parsed(text)
    assert found is None or found.parameters.video == asked


def whole(low: int, high: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(low, high)


PARAMETERS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "aspect": st.sampled_from([(3, 2), (2, 3), (16, 9), (1, 4), (4, 2)]),
        "version": st.sampled_from(prompt.VERSIONS),
        "stylize": whole(0, 1000),
        "chaos": whole(0, 100),
        "weird": whole(0, 3000),
        "quality": st.sampled_from([0.25, 0.5, 1.0, 2.0, 4.0]),
        "seed": whole(0, 2**32 - 1),
        "stop": whole(10, 100),
        "tile": st.booleans(),
        "iw": st.integers(0, 300).map(lambda n: n / 100),
        "sref": st.lists(st.integers(0, 2**32).map(str), min_size=1, max_size=3).map(tuple),
        "sw": whole(0, 1000),
        "sv": whole(1, 8),
        "cw": whole(0, 100),
        "oref": st.just(("https://s.mj.run/abc",)),
        "ow": whole(1, 1000),
        "draft": st.booleans(),
        "exp": whole(0, 100),
        "raw": st.booleans(),
    },
)


@given(PARAMETERS)
def test_round_trip(fields: dict[str, Any]) -> None:
    parameters = Parameters(**fields)
    written = prompt.echo(Prompt("cat", parameters=parameters))
    assert prompt.parse(written).parameters == parameters


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("a cat", None),
        ("a relax chair, fast", None),
        ("a cat --relax", "relax"),
        ("a cat --fast --TURBO --ar 2:1", "turbo"),
        ("a cat —fast", "fast"),
        ("a cat --fluffy --relax --fluffier", "relax"),
        ("a cat --relaxed", None),
    ],
)
def test_a_text_names_a_speed_even_where_the_bot_refuses_it(text: str, speed: str | None) -> None:
    assert prompt.speed(text) == speed
