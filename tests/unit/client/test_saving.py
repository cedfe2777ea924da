"""Fetching files: whole or not at all. For both clients."""

from pathlib import Path
from typing import Any

import pytest

from heliograph.client import ApiError, Lost
from tests.unit.client.scripted import PICTURE, Script, Talk


@pytest.mark.parametrize("name", ["whole.png", "moved.png"])
def test_a_picture_is_there_whole(talk: Talk, script: Script, tmp_path: Path, name: str) -> None:
    path = tmp_path / "pictures" / "cat.png"
    talk.call("download", f"{script.url}/media/{name}", path)
    assert path.read_bytes() == PICTURE
    assert [file.name for file in path.parent.iterdir()] == ["cat.png"]
    assert script.requests == []  # the token goes to the API alone


def test_a_picture_cut_short_leaves_nothing(talk: Talk, script: Script, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"the old one")
    with pytest.raises(Lost):
        talk.call("download", f"{script.url}/media/cut.png", path)
    assert path.read_bytes() == b"the old one"
    assert [file.name for file in tmp_path.iterdir()] == ["cat.png"]


def test_a_picture_that_is_not_there_is_told(talk: Talk, script: Script, tmp_path: Path) -> None:
    with pytest.raises(ApiError) as caught:
        talk.call("download", f"{script.url}/nothing.png", tmp_path / "cat.png")
    assert caught.value.status == 404
    assert list(tmp_path.iterdir()) == []


def test_a_job_s_files_take_nobody_s_place(talk: Talk, script: Script, tmp_path: Path) -> None:
    clips = [{"id": number, "url": f"{script.url}/media/whole.mp4"} for number in (1, 2)]
    grid = {"url": f"{script.url}/media/whole.png"}
    job: dict[str, Any] = {"response": {"attachments": [grid], "videoUx": clips}}
    first, again = (talk.call("save", job, tmp_path / "made") for _ in range(2))
    assert [path.name for path in first] == ["whole.png", "whole_1.mp4", "whole_2.mp4"]
    assert [path.name for path in again] == ["whole-2.png", "whole_1-2.mp4", "whole_2-2.mp4"]
    assert {path.read_bytes() for path in [*first, *again]} == {PICTURE}
