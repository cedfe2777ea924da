"""`heliograph press` and `heliograph studio`, against a real server."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from heliograph.client import ApiError, Client
from tests.e2e.shell import Shell

pytestmark = pytest.mark.timeout(120)


def files(shell: Shell, *words: str) -> list[Path]:
    done = shell.run(*words)
    assert done.returncode == 0, done.stderr
    return [shell.folder / line for line in done.stdout.splitlines()]


def job(shell: Shell, *words: str) -> dict[str, Any]:
    done = shell.run(*words, "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == 0, found
    return found


def test_buttons_make_files(shell: Shell) -> None:
    with shell.serve():
        grid = job(shell, "imagine", "a cat")
        single = job(shell, "press", grid["jobid"], "U1")
        assert (single["verb"], single["request"]["button"]) == ("button", "U1")
        assert [Path(file).suffix for file in single["files"]] == [".png"]
        [again] = files(shell, "press", grid["jobid"], "U1")
        assert again.read_bytes() == (shell.folder / single["files"][0]).read_bytes()
        with Image.open(again) as picture:
            mask = Image.new("L", picture.size, 255)
        mask.save(shell.folder / "mask.png")
        region = ("press", single["jobid"], "Vary (Region)")
        made = files(shell, *region, "--mask", "mask.png", "--prompt", "a hat", "--out", "varied")
        assert [path.suffix for path in made] == [".png", *[".jpeg"] * 4]
        assert {path.parent.name for path in made} == {"varied"}
        without = shell.run(*region)
        assert without.returncode == 1
        assert "Parameter mask is required for Vary (Region)" in without.stderr
        clips = files(shell, "press", single["jobid"], "Animate (Low motion)", "--out", "clips")
        assert [path.suffix for path in clips[1:]] == [".mp4"] * 4
        assert all(path.read_bytes()[4:8] == b"ftyp" for path in clips[1:])
        refused = shell.run("press", grid["jobid"], "Bogus")
        assert refused.returncode == 1
        assert "Available buttons: U1, U2" in refused.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("j1",), "Missing argument"),
        (("j1", "U1", "--mask", "nothing.png"), "does not exist"),
    ],
)
def test_bad_usage_of_press(shell: Shell, words: tuple[str, ...], sentence: str) -> None:
    done = shell.invoke("press", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert not shell.home.path.exists()


def test_trouble_is_raised_met_and_resolved(shell: Shell) -> None:
    with shell.serve() as served, Client(served.url, shell.home.read_token()) as client:
        [channel] = client.accounts()
        raised = shell.invoke("studio", "challenge", channel, "--kind", "challenge")
        assert (raised.exit_code, raised.stdout) == (0, "")
        assert client.imagine("x")["code"] == 596
        assert shell.invoke("studio", "resolve", channel).exit_code == 0
        with pytest.raises(ApiError, match="Please resolve channel issues"):
            client.imagine("x")
        assert shell.invoke("studio", "resolve", channel, "--reset").exit_code == 0
        assert client.imagine("x")["code"] == 200
        unknown = shell.invoke("studio", "challenge", "123")
        assert unknown.exit_code == 1
        assert unknown.stderr == "heliograph: Channel 123 not found or not configured\n"
        assert shell.invoke("studio", "challenge", channel, "--kind", "bogus").exit_code == 2
