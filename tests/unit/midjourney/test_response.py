"""Responses, against the recorded ones."""

from collections.abc import Callable
from typing import Any

import pytest

from heliograph.midjourney.response import response

CDN = "https://cdn.midjourney.com"
U = "5f2a1826-7bb0-42c2-b441-98a48a39e760"
OURS = ("progress_percent", "buttons", "imageUx", "videoUx", "settings")
Recorded = Callable[[str], list[dict[str, Any]]]


def upstream(recorded: dict[str, Any]) -> dict[str, Any]:
    """The message behind a recorded response."""
    return {key: value for key, value in recorded.items() if key not in OURS}


ANSWERS = ["describe", "seed", "settings", "info", "fast", "relax", "turbo", "remix", "variability"]


@pytest.mark.parametrize("page", ["imagine", "button", "blend", *ANSWERS])
def test_recorded_responses_come_out_again(recorded: Recorded, page: str) -> None:
    for expected in recorded(page):
        made = response(upstream(expected), cdn=CDN, verb=page)
        for key in expected.keys() - {"buttons"}:
            assert made[key] == expected[key], key


def test_the_untrimmed_recording_comes_out_whole(recorded: Recorded) -> None:
    final = recorded("blend")[-1]
    assert response(upstream(final), cdn=CDN) == final | {"progress_percent": 100}


@pytest.mark.parametrize("page", ANSWERS)
def test_answers_to_commands_get_nothing_of_a_picture(recorded: Recorded, page: str) -> None:
    for message in recorded(page):
        made = response(upstream(message), cdn=CDN, verb=page)
        assert not {"progress_percent", "buttons", "imageUx", "videoUx"} & made.keys()
        assert made.keys() - message.keys() <= {"seed"}


def test_a_seed_is_a_number(recorded: Recorded) -> None:
    assert response(recorded("seed")[-1], cdn=CDN, verb="seed")["seed"] == 3937070146


def test_a_job_that_is_shown_again_is_no_result_of_the_seed(live: list[dict[str, Any]]) -> None:
    assert response(live[12], cdn=CDN, verb="seed") == live[12]


@pytest.mark.parametrize("page", ["describe", "info"])
def test_an_embed_is_read_from_content_too(recorded: Recorded, page: str) -> None:
    message = recorded(page)[-1] | {"content": ""}
    assert response(message, cdn=CDN)["content"] == message["embeds"][0]["description"]
    assert message["content"] == ""


def test_live_messages(live: list[dict[str, Any]]) -> None:
    waiting, grid, single, clips = (response(live[n], cdn=CDN + "/") for n in (0, 12, 18, 44))
    assert waiting["progress_percent"] == 0
    assert "buttons" not in waiting
    assert grid["imageUx"] == [{"id": n + 1, "url": f"{CDN}/{U}/0_{n}.jpeg"} for n in range(4)]
    uuid = "bb5d727b-4df5-4c9b-be01-96d2f526c49e"
    assert single["imageUx"] == [{"id": 1, "url": f"{CDN}/{uuid}/0_0.jpeg"}]
    assert len(single["buttons"]) == 14
    uuid = "df062413-0408-4703-8863-42ec7038c1d6"
    assert clips["videoUx"] == [
        {"id": n + 1, "url": f"{CDN}/video/{uuid}/{n}.mp4"} for n in range(4)
    ]
    assert "imageUx" not in clips
    assert [m["progress_percent"] for m in (grid, single, clips)] == [100] * 3
    assert response(live[43], cdn=CDN)["progress_percent"] == 83


def test_a_single_clip() -> None:
    message = {
        "content": "**x --video 1 --aspect 1:1** (fast)",
        "attachments": [{"filename": f"{U}_1_720_N.mp4"}],
        "components": [
            {"type": 2, "label": label, "custom_id": f"MJ::JOB::animate_{m}_extend::2::{U}"}
            for m, label in (("high", "Extend (High motion)"), ("low", "Extend (Low motion)"))
        ],
    }
    made = response(message, cdn=CDN)
    assert made["videoUx"] == [{"id": 1, "url": f"{CDN}/video/{U}/1.mp4"}]
    assert made["buttons"] == ["Extend (High motion)", "Extend (Low motion)"]
