"""What commands and presses order, and which of them are refused."""

from random import Random
from typing import Any

import msgspec
import pytest

from heliograph.midjourney.prompt import InvalidPrompt
from heliograph.studio import components, orders
from heliograph.studio.ids import Ids
from heliograph.studio.painters.base import Order
from heliograph.studio.preferences import Settings
from heliograph.studio.tickets import Account, Finished, Interaction, Message, Shown, Ticket

ACCOUNT = Account("1234567890123456789", "1034567890123456789", "heliograph")
NOW = 1_780_000_000.25
PARENT: Message = {"id": "1509000000000000000", "channel_id": ACCOUNT.channel}
USUAL = Settings()
URL = "https://example.com/cat.png"
SCENES = ("one", "two", "three", "four")

# Rows as the first release wrote them: a grid, a single picture, and a variation in the queue.
OLD_GRID = (
    '{"ticket":{"uuid":"3726f106-6863-4ebc-b03c-f818226f6de9","account":{"user":'
    '"1234567890123456789","channel":"1034567890123456789","username":"heliograph"},"interaction":'
    '{"id":"1509654162046976000","nonce":"1025182641690580089","name":"imagine"},"message":'
    '"1509654162046976001","created":1780000000.25,"action":"imagine","mode":"fast","text":'
    '"a red fox --ar 3:2 --v 7.0 --s 250 --no hats --raw","order":{"operation":"imagine","prompt":'
    '"a red fox","aspect":[3,2],"seeds":[3015794033,827876029,3567490636,777115614],"parameters":'
    '{"aspect":[3,2],"version":"7","stylize":250,"no":["hats"],"no_text":"hats","raw":true}}},'
    '"picture":"/media/0123456789abcdef0123456789abcdef/a.png","scenes":["one","two","three",'
    '"four"]}'
)
OLD_SINGLE = (
    '{"ticket":{"uuid":"3f3799aa-984c-49e4-b740-1de1a2d1f5fc","account":{"user":'
    '"1234567890123456789","channel":"1034567890123456789","username":"heliograph"},"interaction":'
    '{"id":"1509654162046976004","nonce":"1025182641690580090","pressed":"1509000000000000000"},'
    '"message":"1509654162046976005","created":1780000002.0,"action":"upsample","mode":"fast",'
    '"text":"a red fox --ar 3:2 --v 7.0 --s 250 --no hats --raw","order":{"operation":"single",'
    '"prompt":"a red fox","aspect":[3,2],"seeds":[3567490636],"parameters":{"aspect":[3,2],'
    '"version":"7","stylize":250,"no":["hats"],"no_text":"hats","raw":true},"origin":{"seed":'
    '3567490636,"scene":"three"},"cell":3,"sources":["/media/0123/a.png"]},"image":3},'
    '"picture":"/media/0123/y.png","scenes":["three"]}'
)
OLD_QUEUED = (
    '{"uuid":"d9daa8a0-7ae1-4f49-b007-eb5699db1ae5","account":{"user":"1234567890123456789",'
    '"channel":"1034567890123456789","username":"heliograph"},"interaction":{"id":'
    '"1509654162046976002","nonce":"1025182641690580090","pressed":"1509000000000000000"},'
    '"message":"1509654162046976003","created":1780000002.0,"action":"vary","mode":"fast","text":'
    '"a red fox --ar 3:2 --v 7.0 --s 250","order":{"operation":"vary","prompt":"a red fox",'
    '"aspect":[3,2],"seeds":[1851002823,3811767634,94876178,3007341399],"parameters":{"aspect":'
    '[3,2],"version":"7","stylize":250},"origin":{"seed":827876029,"scene":"two"}},"image":2,'
    '"parent":{"type":0,"id":"1509000000000000000"}}'
)


def ids(seed: int = 7) -> Ids:
    return Ids(lambda: NOW, Random(seed))


def imagine(text: str, settings: Settings = USUAL) -> Ticket:
    return orders.imagine(ACCOUNT, Interaction("1", "2", "imagine"), text, settings, ids(), NOW)


def finished(ticket: Ticket, cells: int = 4) -> Finished:
    """The job with a scene a cell."""
    urls = tuple(f"/media/cdn/{n}" for n in range(cells))
    return Finished(ticket, "/media/key/shown.png", SCENES[:cells], urls)


def press(
    job: Finished, name: str, settings: Settings = USUAL, image: int = 1, **given: Any
) -> Ticket:
    """Presses the button that `components.read` calls so."""
    custom_ids = {
        "upsample": f"MJ::JOB::upsample::{image}::U",
        "variation": f"MJ::JOB::variation::{image}::U",
        "reroll": "MJ::JOB::reroll::0::U::SOLO",
        "subtle": "MJ::JOB::low_variation::1::U::SOLO",
        "strong": "MJ::JOB::high_variation::1::U::SOLO",
        "region": "MJ::Inpaint::1::U::SOLO",
        "zoom": "MJ::Outpaint::75::1::U::SOLO",
        "square": "MJ::Outpaint::100::1::U::SOLO",
        "custom": "MJ::CustomZoom::U",
        "pan": "MJ::JOB::pan_left::1::U::SOLO",
        "upscale": "MJ::JOB::upsample_v7_2x_creative::1::U::SOLO",
        "upscale 4x": "MJ::JOB::upsample_v5_4x::1::U::SOLO",
        "remaster": "MJ::JOB::remaster::1::U::SOLO",
        "animate": "MJ::JOB::animate_high::1::U::SOLO",
        "clip": f"MJ::JOB::video_virtual_upscale::{image}::U",
        "extend": f"MJ::JOB::animate_low_extend::{image}::U",
    }
    button = components.read(custom_ids[name])
    assert button
    interaction = Interaction("3", "4", pressed=PARENT["id"])
    return orders.pressed(interaction, button, job, PARENT, settings, ids(8), NOW, **given)


def single(text: str = "a cat --ar 3:2 --no hats") -> Finished:
    return finished(press(finished(imagine(text)), "upsample", image=3), cells=1)


def test_imagine_with_pictures() -> None:
    ticket = imagine(f"{URL} a cat --sref {URL}::2 123 --iw 2 --sw 50")
    assert ticket.order.sources == ticket.images == (URL,)
    assert ticket.order.references == (URL,)
    assert ticket.order.parameters["iw"] == 2
    assert ticket.text.startswith("<https://s.mj.run/")
    assert URL not in ticket.text
    assert len(set(ticket.order.seeds)) == 4


def test_a_clip_of_a_picture() -> None:
    ticket = imagine(f"{URL} waves --video --motion high --end {URL} --bs 2 --no hats")
    order = ticket.order
    assert (order.operation, order.motion, order.sources) == ("animate", "high", (URL, URL))
    assert len(order.seeds) == 2
    assert order.of_clips
    assert ticket.text.endswith("--bs 2 --video 1 --aspect 1:1")
    assert imagine(f"{URL} --video --loop").order.loop


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("a cat --repeat 4", "Invalid parameter"),
        ("waves --video", "Invalid parameter"),
        (f"{URL} {URL}2 waves --video", "Invalid parameter"),
        (f"{URL} waves --video --turbo", "Job action restricted"),
        (f"a cat --oref {URL}", "Invalid parameter"),
        (f"a cat --cref {URL}", "Invalid parameter"),
        (" ".join(f"{URL}{n}" for n in range(6)) + " a cat", "Invalid parameter"),
    ],
)
def test_what_is_not_made(text: str, title: str) -> None:
    with pytest.raises(InvalidPrompt) as refusal:
        imagine(text)
    assert refusal.value.title == title


def test_the_accounts_settings_apply() -> None:
    settings = Settings(version="niji 6", stylize=50, raw=True, mode="relax")
    ticket = imagine("a cat", settings)
    assert ticket.text == "a cat --niji 6 --s 50 --raw"
    assert ticket.mode == "relax"


def test_blend() -> None:
    def blend(pictures: int, dimensions: str) -> Ticket:
        urls = [f"/media/key/{n}.png" for n in range(pictures)]
        interaction = Interaction("1", "2", "blend")
        return orders.blend(ACCOUNT, interaction, urls, dimensions, Settings(), ids(), NOW)

    ticket = blend(5, "--ar 2:3")
    assert (ticket.order.operation, ticket.order.aspect) == ("blend", (2, 3))
    assert len(ticket.order.sources) == 5
    assert ticket.text == " --ar 2:3 --v 7.0 --s 250"
    assert blend(2, "").order.aspect == (1, 1)
    for pictures, dimensions in ((1, ""), (6, ""), (2, "--ar 9:1")):
        with pytest.raises(InvalidPrompt):
            blend(pictures, dimensions)


def test_describe() -> None:
    ticket = orders.describe(ACCOUNT, Interaction("1"), URL, Settings(), ids(), NOW)
    assert (ticket.order.operation, ticket.order.sources) == ("describe", (URL,))
    assert ticket.ephemeral


def test_a_press_names_its_cell() -> None:
    job = finished(imagine("a cat --seed 5"))
    seeds = job.ticket.order.seeds
    ticket = press(job, "upsample", image=3)
    assert (ticket.order.operation, ticket.order.cell) == ("single", 3)
    assert ticket.order.sources == (job.picture,)
    assert ticket.order.origin
    assert (ticket.order.origin.seed, ticket.order.origin.scene) == (seeds[2], "three")
    assert (ticket.seed, ticket.image, ticket.parent) == (5, 3, PARENT)
    varied = press(job, "variation", image=2)
    assert varied.order.origin
    assert varied.order.origin.scene == "two"
    assert varied.order.sources == ()
    assert set(varied.order.seeds).isdisjoint(seeds)


@pytest.mark.parametrize(
    ("name", "settings", "strength"),
    [
        ("subtle", Settings(), "subtle"),
        ("strong", Settings(strong_variations=False), "strong"),
        ("variation", Settings(strong_variations=False), "subtle"),
        ("variation", Settings(), "strong"),
    ],
)
def test_strengths(name: str, settings: Settings, strength: str) -> None:
    assert press(single(), name, settings).order.strength == strength


def test_reframing() -> None:
    zoomed = press(single(), "zoom")
    assert (zoomed.order.operation, zoomed.order.zoom, zoomed.action) == ("reframe", 1.5, "zoom")
    assert zoomed.text == single().ticket.text
    square = press(single(), "square")
    assert (square.order.square, square.order.aspect) == (True, (1, 1))
    assert square.text == "a cat --ar 1:1 --v 7.0 --s 250 --no hats"
    assert square.order.origin
    assert square.order.origin.aspect == (3, 2)
    panned = press(single("a cat"), "pan")
    assert (panned.order.pan, panned.order.aspect) == ("left", (3, 2))
    assert panned.text == "a cat --ar 3:2 --v 7.0 --s 250"
    assert panned.action == "pan"
    with pytest.raises(InvalidPrompt, match="4:1"):
        press(single("a cat --ar 4:1"), "pan")


def test_a_zoom_is_not_handed_down() -> None:
    zoomed = finished(press(single(), "zoom"))
    again = press(finished(press(zoomed, "upsample"), cells=1), "pan")
    assert (again.order.zoom, again.order.pan) == (1.0, "left")
    assert press(zoomed, "reroll").order.zoom == 1.5


def test_custom_zoom() -> None:
    ticket = press(single(), "custom", prompt="a cat in the rain --zoom 1.8 --ar 1:1")
    assert (ticket.order.zoom, ticket.order.aspect) == (1.8, (1, 1))
    assert ticket.order.prompt == "a cat in the rain"
    assert ticket.text == "a cat in the rain --ar 1:1 --v 7.0 --s 250"
    bare = press(single(), "custom", prompt="--zoom 2")
    assert (bare.order.prompt, bare.order.zoom, bare.order.aspect) == ("a cat", 2.0, (3, 2))
    for prompt in ("a cat", "a cat --zoom 2.5", "a cat --zoom 0.5", None):
        with pytest.raises(InvalidPrompt) as refusal:
            press(single(), "custom", prompt=prompt)
        assert refusal.value.title == "Invalid parameter"


def test_region() -> None:
    ticket = press(single(), "region", mask="/media/key/mask.png")
    assert ticket.order.operation == "repaint"
    assert ticket.order.sources == ("/media/key/shown.png", "/media/key/mask.png")
    with pytest.raises(InvalidPrompt, match="mask"):
        press(single(), "region")


def test_upscales_and_their_repetition() -> None:
    job = single()
    once = press(job, "upscale")
    assert (once.order.operation, once.order.factor, once.order.strength) == (
        *("upscale", 2),
        "strong",
    )
    assert once.order.sources == (job.picture,)
    done = Finished(once, "/media/key/large.png", ("three",))
    again = press(done, "upscale")
    assert again.order.sources == (job.picture,)
    assert again.order.seeds != ()
    assert press(done, "subtle").order.origin
    assert press(done, "animate").order.sources == ("/media/key/large.png",)
    assert press(job, "upscale 4x").order.factor == 4


def test_clips() -> None:
    animated = press(single("a cat --ar 3:2 --no hats --raw"), "animate")
    assert (animated.order.operation, animated.order.motion) == ("animate", "high")
    assert animated.text == "a cat --motion high --video 1 --aspect 3:2 --raw"
    grid = finished(animated)
    clip = press(grid, "clip", image=2)
    assert (clip.order.operation, clip.order.sources) == ("single", ("/media/cdn/1",))
    assert clip.order.of_clips
    job = Finished(clip, "/media/key/clip.mp4", ("two",), ("/media/cdn/9",))
    longer = press(job, "extend", image=2)
    assert (longer.order.operation, longer.order.motion) == ("extend", "low")
    assert longer.order.sources == ("/media/key/clip.mp4",)
    assert longer.order.origin
    assert longer.order.origin.scene == "two"
    assert longer.text == "a cat --motion low --video 1 --aspect 3:2 --raw"
    assert len(longer.order.seeds) == 4
    for before, name in ((single(), "animate"), (job, "extend"), (grid, "reroll")):
        with pytest.raises(InvalidPrompt) as refusal:
            press(before, name, Settings(mode="turbo"))
        assert refusal.value.title == "Job action restricted"


def test_remix() -> None:
    job = single("a cat --ar 3:2 --s 50 --no hats")
    ticket = press(job, "strong", prompt="a dog --ar 1:1 --chaos 5")
    assert ticket.remix
    assert ticket.order.prompt == "a dog"
    assert ticket.order.aspect == (3, 2)
    assert ticket.text == "a dog --ar 3:2 --v 7.0 --s 50 --chaos 5"
    same = press(job, "strong", prompt=f" {job.ticket.text} ")
    assert not same.remix
    assert same.text == job.ticket.text
    assert press(job, "pan", prompt="a dog").text == "a dog --ar 9:4 --v 7.0 --s 50"
    with pytest.raises(InvalidPrompt, match="Unrecognized"):
        press(job, "strong", prompt="a dog --hat")


def test_a_remix_makes_neither_clips_of_pictures_nor_pictures_of_clips() -> None:
    grid = finished(press(single("a cat --ar 3:2"), "animate"))
    again = press(grid, "reroll", prompt="a dog")
    assert (again.order.operation, again.order.of_clips) == ("animate", True)
    assert again.text == "a dog --motion high --video 1 --aspect 3:2"
    assert press(grid, "reroll", prompt=again.text).text == again.text
    varied = press(single(), "strong", prompt="a dog --video --motion low")
    assert not varied.order.of_clips


def test_a_remixed_reroll_keeps_its_pictures() -> None:
    job = finished(imagine(f"{URL} a cat"))
    link = job.ticket.text.split()[0]
    again = press(job, "reroll", prompt=f"{link} a dog --ar 2:3")
    assert again.order.sources == (URL,)
    assert again.order.aspect == (2, 3)
    assert again.text == f"{link} a dog --ar 2:3 --v 7.0 --s 250"


def test_a_blend_has_no_words_to_lose() -> None:
    interaction = Interaction("1", "2", "blend")
    urls = ["/media/a/1.png", "/media/a/2.png"]
    ticket = orders.blend(ACCOUNT, interaction, urls, "--ar 2:3", Settings(), ids(), NOW)
    job = finished(ticket)
    again = press(job, "reroll")
    assert again.order.sources == tuple(urls)
    assert again.order.seeds != ticket.order.seeds
    assert press(job, "variation", prompt=ticket.text).text == ticket.text
    alone = finished(press(job, "upsample"), cells=1)
    assert press(alone, "custom", prompt="--zoom 1.5").text == ticket.text


def test_remaster() -> None:
    assert press(single("a cat --v 3"), "remaster").order.operation == "remaster"


@pytest.mark.parametrize(
    ("stored", "names"),
    [
        (OLD_GRID, ["upsample", "variation", "reroll"]),
        (OLD_SINGLE, ["subtle", "strong", "zoom", "square", "pan", "upscale", "animate"]),
    ],
    ids=["grid", "single"],
)
def test_rows_of_the_first_release_are_pressed_on(stored: str, names: list[str]) -> None:
    job = msgspec.json.decode(stored, type=Finished)
    for name in names:
        ticket = press(job, name)
        assert isinstance(ticket.order, Order)
        assert ticket.text.startswith("a red fox --")
        kept = msgspec.json.encode(ticket)
        assert msgspec.json.encode(msgspec.json.decode(kept, type=Ticket)) == kept


def test_the_queue_of_the_first_release_goes_on() -> None:
    ticket = msgspec.json.decode(OLD_QUEUED, type=Ticket)
    assert (ticket.action, ticket.order.strength, ticket.seed) == ("vary", "strong", None)
    assert msgspec.json.decode('{"percent":35}', type=Shown) == Shown(35)
