"""What commands say, and what is read off a finished job."""

import base64
from pathlib import Path
from typing import Any

import pytest

from heliograph.client import (
    Blend,
    Button,
    Command,
    Describe,
    Image,
    Imagine,
    Setting,
    files,
    prompts,
)
from tests.unit.client.scripted import JOBID, Script, Talk

URL = "https://a/cat.png"


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (Imagine("a cat"), {"prompt": "a cat"}),
        (Button(JOBID, "U1"), {"jobId": JOBID, "button": "U1"}),
        (
            Button(JOBID, "Vary (Region)", "a hat", b"mask"),
            {"jobId": JOBID, "button": "Vary (Region)", "prompt": "a hat", "mask": "bWFzaw=="},
        ),
        (
            Blend([URL, URL], "Portrait"),
            {"imageUrl_1": URL, "imageUrl_2": URL, "blendDimensions": "Portrait"},
        ),
        (Describe("HTTP://a/cat"), {"imageUrl": "HTTP://a/cat"}),
        (Setting("info"), {}),
    ],
)
def test_a_body_says_what_the_command_does(
    talk: Talk, script: Script, command: Command, body: dict[str, Any]
) -> None:
    talk.call("submit", command)
    [(_, path, _, sent)] = script.requests
    assert (path, sent) == (f"/v3/midjourney/jobs/{command.verb}", body | {"stream": False})


def test_files_go_as_a_form(talk: Talk, script: Script, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"one")
    (tmp_path / "hat.png").write_bytes(b"two")
    images: list[Image] = [tmp_path / "cat.png", URL, str(tmp_path / "hat.png"), b"three"]
    talk.call("submit", Blend(images), reply_ref="Hut 🎩")
    assert script.requests[0][3] == {
        "stream": "false",
        "replyRef": "Hut 🎩",
        "imageBlob_1": ("cat.png", b"one"),
        "imageUrl_2": URL,
        "imageBlob_3": ("hat.png", b"two"),
        "imageBlob_4": ("image", b"three"),
    }


def test_a_mask_may_be_a_file(tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    mask.write_bytes(b"\x89PNG")
    sent = Button(JOBID, "Vary (Region)", mask=mask).fields()["mask"]
    assert base64.b64decode(sent) == b"\x89PNG"


def test_a_file_that_is_not_there_is_told_before_anything_is_sent(
    talk: Talk, script: Script, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        talk.call("submit", Describe(tmp_path / "nothing.png"))
    assert script.requests == []


def test_prompts_are_read_off_a_description() -> None:
    text = "1️⃣ a cat, 2 hats --ar 1:1\n\n2️⃣ a [cat](http://a/)\nin a hat\n\n3️⃣ x\n\n4️⃣ y"
    job = {"response": {"embeds": [{"description": text}]}}
    assert prompts(job) == ["a cat, 2 hats --ar 1:1", "a [cat](http://a/)\nin a hat", "x", "y"]


@pytest.mark.parametrize("job", [{}, {"response": None}, {"response": {"embeds": [{}]}}])
def test_no_prompts_are_no_prompts(job: dict[str, Any]) -> None:
    assert prompts(job) == []


def listed(attachment: str, **singles: list[str]) -> list[str]:
    ux = {
        kind: [{"id": number, "url": url} for number, url in enumerate(urls, 1)]
        for kind, urls in singles.items()
    }
    job = {"jobid": "j1", "response": {"attachments": [{"url": attachment}], **ux}}
    return [name for name, _ in files(job)]


def test_a_grid_is_listed_before_its_singles() -> None:
    names = listed("http://a/k/me_cat_7.png", imageUx=["http://a/7/0_0.jpeg", "http://b/x"])
    assert names == ["me_cat_7.png", "me_cat_7_1.jpeg", "me_cat_7_2.jpeg"]


def test_so_is_a_grid_of_clips() -> None:
    names = listed("http://a/k/me_cat_7.mp4", videoUx=["http://a/video/7/0.mp4", "http://b/x"])
    assert names == ["me_cat_7.mp4", "me_cat_7_1.mp4", "me_cat_7_2.mp4"]


def test_one_picture_or_clip_is_listed_once() -> None:
    assert listed("http://a/k/cat_7.png", imageUx=["http://a/7/0_0.jpeg"]) == ["cat_7.png"]
    assert listed("http://a/k/cat_7.mp4", videoUx=["http://a/video/7/0.mp4"]) == ["cat_7.mp4"]


def test_a_job_without_files_has_none() -> None:
    assert files({"jobid": "j1", "response": {"embeds": []}}) == []
