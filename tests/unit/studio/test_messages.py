"""Messages against the recordings, and against the parser that the driver reads them with."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.midjourney import content
from heliograph.studio import messages, wording
from heliograph.studio.painters.base import Order, Picture
from heliograph.studio.tickets import Account, Interaction, Message, Shown, Ticket

RECORDINGS = Path(__file__).parents[4] / "shared" / "spec" / "examples"
ADDED_BY_THE_API = {"progress_percent", "buttons", "imageUx"}
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NOW = 1_780_000_000.25
PICTURE = Picture(b"data", "image/webp", 340, 512, "5wcODQCHdouIZ3f3eI8Iea9n9YxF")


def ticket(**changes: Any) -> Ticket:
    fields: dict[str, Any] = {
        "uuid": UUID,
        "account": Account("9876543210123456789", "1234567890987654321", "somebody"),
        "interaction": Interaction("1431710596566487262", "1025182641690580089", "imagine"),
        "message": "1431710602199306372",
        "created": NOW,
        "action": "imagine",
        "mode": "relax",
        "text": "a cat --v 7.0",
        "order": Order("imagine", "a cat", (2, 3), (1, 2, 3, 4)),
    }
    return Ticket(**fields | changes)


def attachment() -> Message:
    return messages.attachment(PICTURE, id="1", filename="a_grid_0.webp", url="/media/a")


def final(of: Ticket) -> Message:
    return messages.final(
        of,
        id="1431710839836250177",
        nonce="14759609867849107127",
        attachment=attachment(),
        now=NOW,
    )


def recorded() -> list[Message]:
    path = RECORDINGS / "post-midjourney-jobs-blend.sse.jsonl"
    if not path.exists():
        pytest.skip("the recordings are not here")
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [e["job"]["response"] for e in events if "response" in e.get("job", {})]


def lacks(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """What a recorded value has and ours has not, or has as something else."""
    if type(ours) is not type(theirs):
        return [f"{path} is {type(ours).__name__}, recorded as {type(theirs).__name__}"]
    if isinstance(theirs, list):
        return lacks(ours[0], theirs[0], f"{path}[]") if ours and theirs else []
    if not isinstance(theirs, dict):
        return []
    missing = [f"{path}.{key}" for key in theirs.keys() - ours.keys() - ADDED_BY_THE_API]
    shared = theirs.keys() & ours.keys()
    return missing + [fault for key in shared for fault in lacks(ours[key], theirs[key], key)]


def test_waiting_has_all_that_was_recorded() -> None:
    first = recorded()[0]
    ours = messages.waiting(ticket())
    assert lacks(ours, first) == []
    assert (ours["type"], ours["nonce"], ours["flags"]) == (20, "1025182641690580089", 0)


def test_progress_has_all_that_was_recorded() -> None:
    last = recorded()[-2]
    ours = messages.progress(ticket(), Shown(39, attachment()), NOW)
    assert lacks(ours, last) == []
    assert "nonce" not in ours
    assert ours["content"] == "**a cat --v 7.0** - <@9876543210123456789> (39%) (relaxed)"
    assert ours["timestamp"] == "2026-05-28T20:26:40.250000+00:00"


def test_final_has_all_that_was_recorded() -> None:
    theirs = recorded()[-1]
    ours = final(ticket())
    assert lacks(ours, theirs) == []
    assert ours["type"] == 0
    assert ours["message_reference"]["message_id"] == ticket().message
    assert not {"interaction", "interaction_metadata", "webhook_id"} & ours.keys()
    for mine, recording in zip(ours["components"], theirs["components"], strict=True):
        assert mine["id"] == recording["id"]
        assert [b["id"] for b in mine["components"]] == [b["id"] for b in recording["components"]]
    assert ours["components"][1]["components"][4]["url"] == attachment()["url"]


def test_answers_to_a_press_hold_the_pressed_message_once() -> None:
    grandparent = final(ticket())
    interaction = Interaction("1", "2", pressed=grandparent["id"])
    parent = final(ticket(action="upsample", image=1, parent=grandparent))
    pressed = ticket(action="vary", image=1, interaction=interaction, parent=parent)
    waiting = messages.waiting(pressed)
    assert waiting["type"] == 19
    assert waiting["referenced_message"]["id"] == parent["id"]
    assert "referenced_message" not in waiting["referenced_message"]
    assert waiting["interaction_metadata"]["interacted_message_id"] == grandparent["id"]
    assert "interaction" not in waiting


def saying(action: Any, **order: Any) -> Ticket:
    base = {"operation": "vary", "prompt": "a cat", "aspect": (1, 1), "seeds": (1,)}
    return ticket(action=action, mode="fast", image=2, order=Order(**base | order))


@pytest.mark.parametrize(
    ("of", "waiting", "running", "done"),
    [
        (
            saying("upsample", operation="single"),
            "Upscaling image #2 with **a cat --v 7.0** - <@9876543210123456789> (Waiting to start)",
            "**a cat --v 7.0** - <@9876543210123456789> (5%) (fast)",
            "**a cat --v 7.0** - Image #2 <@9876543210123456789>",
        ),
        (
            saying("vary", strength="subtle"),
            "Making variations for image #2 with prompt **a cat --v 7.0** - <@9876543210123456789>"
            " (Waiting to start)",
            "**a cat --v 7.0** - Variations (Subtle) by <@9876543210123456789> (5%) (fast)",
            "**a cat --v 7.0** - Variations (Subtle) by <@9876543210123456789> (fast)",
        ),
        (
            saying("region", operation="repaint"),
            "Making variations for image #2 with prompt **a cat --v 7.0** - <@9876543210123456789>"
            " (Waiting to start)",
            "**a cat --v 7.0** - Variations (Region) by <@9876543210123456789> (5%) (fast)",
            "**a cat --v 7.0** - Variations (Region) by <@9876543210123456789> (fast)",
        ),
        (
            saying("zoom", operation="reframe"),
            "**a cat --v 7.0** - <@9876543210123456789> (Waiting to start)",
            "**a cat --v 7.0** - Zoom Out by <@9876543210123456789> (5%) (fast)",
            "**a cat --v 7.0** - Zoom Out by <@9876543210123456789> (fast)",
        ),
        (
            saying("pan", operation="reframe", pan="up"),
            "**a cat --v 7.0** - <@9876543210123456789> (Waiting to start)",
            "**a cat --v 7.0** - Pan Up by <@9876543210123456789> (5%) (fast)",
            "**a cat --v 7.0** - Pan Up by <@9876543210123456789> (fast)",
        ),
        (
            saying("upscale", operation="upscale"),
            "Upscaling image #2 with **a cat --v 7.0** - <@9876543210123456789> (Waiting to start)",
            "**a cat --v 7.0** - Upscaling by <@9876543210123456789> (5%) (fast)",
            "**a cat --v 7.0** - Upscaled by <@9876543210123456789> (fast)",
        ),
        (
            saying("animate", operation="animate"),
            "Animating...",
            "**a cat --v 7.0** - <@9876543210123456789> (5%) (fast)",
            "**a cat --v 7.0** - <@9876543210123456789> (fast)",
        ),
        (
            saying("clip", operation="single"),
            "Upscaling image #2 with **a cat --v 7.0** - <@9876543210123456789> (Waiting to start)",
            "**a cat --v 7.0** - <@9876543210123456789> (5%) (fast)",
            "**a cat --v 7.0** (fast)",
        ),
    ],
    ids=lambda value: value.action if isinstance(value, Ticket) else "",
)
def test_what_the_bot_says_about_its_work(
    of: Ticket, waiting: str, running: str, done: str
) -> None:
    assert (wording.waiting(of), wording.progress(of, 5), wording.final(of)) == (
        waiting,
        running,
        done,
    )


@pytest.mark.parametrize(
    ("parameters", "changes", "words"),
    [
        ({"version": "6"}, {"strength": "strong"}, "Upscaled (Creative)"),
        ({"version": "6.1"}, {"strength": "subtle"}, "Upscaled (Subtle)"),
        ({"niji": "6"}, {"strength": "subtle"}, "Upscaled (Subtle)"),
        ({"version": "5.2"}, {"factor": 4}, "Upscaled (4x)"),
        ({"version": "7"}, {"strength": "strong"}, "Upscaled"),
    ],
)
def test_upscales_are_named_by_the_model(
    parameters: dict[str, str], changes: dict[str, Any], words: str
) -> None:
    done = wording.final(saying("upscale", parameters=parameters, **changes))
    assert done == f"**a cat --v 7.0** - {words} by <@9876543210123456789> (fast)"


def test_remix_says_so() -> None:
    of = saying("vary", strength="strong")
    remix = msgspec.structs.replace(of, remix=True)
    assert "- Remix (Strong) by <@" in wording.final(remix)
    old = msgspec.structs.replace(of, order=saying("vary", parameters={"version": "3"}).order)
    assert "- Variations by <@" in wording.final(old)


@given(st.lists(st.from_regex(r"[a-z ,]{1,40}", fullmatch=True), min_size=4, max_size=4))
def test_a_description_is_read_as_it_is_written(prompts: list[str]) -> None:
    text = wording.description(tuple(prompts))
    assert wording.described(text) == [prompt.strip() for prompt in prompts]
    assert text.count("\n\n") == 3


def test_a_description_takes_the_place_of_its_private_acknowledgement() -> None:
    order = Order("describe", "", (1, 1), (1,), sources=("/media/key/cat.png",))
    of = ticket(action="describe", order=order)
    first, last = messages.waiting(of), messages.description(of, ("a", "b", "c", "d"), NOW)
    assert (first["flags"], first["content"], first["nonce"]) == (192, "", "1025182641690580089")
    assert (last["flags"], last["id"]) == (64, first["id"])
    assert messages.described_picture(last) == "/media/key/cat.png"
    assert last["embeds"][0]["description"] == "1️⃣ a\n\n2️⃣ b\n\n3️⃣ c\n\n4️⃣ d"
    failed = messages.failure(of, id=of.message, embed={"title": "Invalid link"}, now=NOW)
    assert (failed["id"], failed["flags"]) == (first["id"], 64)


@given(st.text(max_size=60).filter(lambda text: "\r" not in text), st.integers(0, 99))
def test_the_driver_reads_what_the_bot_writes(text: str, percent: int) -> None:
    running = ticket(text=text, stealth=True)
    assert content.read(wording.waiting(running)).kind == "waiting"
    progress = content.read(wording.progress(running, percent))
    assert (progress.kind, progress.percent, progress.mode) == ("progress", percent, "relaxed")
    assert content.read(wording.stopped(running)).kind == "stopped"
    done = content.read(wording.final(running))
    assert (done.kind, done.prompt, done.stealth) == ("done", text, True)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("cat in the hat", f"somebody_cat_in_the_hat_{UUID}.png"),
        ("a pixel-art sprite, single", f"somebody_a_pixel-art_sprite_single_{UUID}.png"),
        ("", f"somebody_None_{UUID}.png"),
        ("../../etc/passwd", f"somebody__etc_passwd_{UUID}.png"),
        ("x" * 200, f"somebody_{'x' * 63}_{UUID}.png"),
    ],
)
def test_file_names(prompt: str, name: str) -> None:
    order = Order("imagine", prompt, (1, 1), (1, 2, 3, 4))
    assert wording.picture_name(ticket(order=order), "png") == name


@pytest.mark.parametrize(
    ("action", "order", "cell", "key"),
    [
        ("imagine", {}, 3, f"cdn/{UUID}/0_3.jpeg"),
        ("animate", {"operation": "animate"}, 3, f"cdn/video/{UUID}/3.mp4"),
        ("clip", {"operation": "single"}, 0, f"cdn/video/{UUID}/1.mp4"),
    ],
)
def test_where_cells_lie(action: str, order: dict[str, Any], cell: int, key: str) -> None:
    assert wording.cell_key(saying(action, **order), cell) == key
    assert wording.clip_name(saying("clip")) == f"{UUID}_1_720_N.mp4"
