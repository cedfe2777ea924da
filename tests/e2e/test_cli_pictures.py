"""The names that pictures get, whatever the server calls them."""

from pathlib import Path
from typing import Any

import pytest

from heliograph.cli.pictures import Pictures
from heliograph.cli.progress import Moment, mode, moment
from heliograph.client import file_name


def job(grid: str, *singles: str) -> dict[str, Any]:
    ux = [{"id": number, "url": url} for number, url in enumerate(singles, 1)]
    return {"jobid": "j1", "response": {"attachments": [{"url": grid}], "imageUx": ux}}


def names(pictures: Pictures) -> list[str]:
    return [path.name for path in pictures.paths]


def test_a_taken_name_moves_them_all(tmp_path: Path) -> None:
    (tmp_path / "cat_1.jpeg").touch()
    singles = ["http://a/0_0.jpeg", "http://a/0_1.jpeg"]
    made = Pictures(job("http://a/cat.png", *singles), tmp_path)
    assert names(made) == ["cat-2.png", "cat_1-2.jpeg", "cat_2-2.jpeg"]
    (tmp_path / "cat-2.png").touch()
    assert names(Pictures(job("http://a/cat.png"), tmp_path)) == ["cat.png"]
    (tmp_path / "cat.png").touch()
    assert names(Pictures(job("http://a/cat.png"), tmp_path)) == ["cat-3.png"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://a/b/cat.png?key=1", "cat.png"),
        ("http://a/%2e%2e%2fetc%2fpasswd", "passwd"),
        ("http://a/..%5c..%5cboot.ini", "boot.ini"),
        ("http://a/.bashrc", "bashrc"),
        ("http://a/a%20b%00c%0a.png", "a_b_c_.png"),
        ("http://a/k%C3%A4tzchen.png", "kätzchen.png"),
        ("http://a/", "j1"),
        ("http://a/%2e%2e", "j1"),
        ("http://a/" + "x" * 400 + ".png", "x" * 180 + ".png"),
    ],
)
def test_a_name_is_safe_in_any_folder(url: str, name: str) -> None:
    assert file_name(url, "j1") == name


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("**cat** - <@9> (38%) (turbo)", "turbo"),
        ("**cat** - <@9> (relaxed, stealth)", "relaxed"),
        ("**a (fast) cat** - <@9> (Waiting to start)", ""),
        ("**cat** - <@9> (fast)", "fast"),
        ("", ""),
    ],
)
def test_the_mode_is_in_the_last_parenthesis(content: str, found: str) -> None:
    assert mode(content) == found


def test_what_a_message_does_not_say_stays() -> None:
    before = Moment("painting", 38, "turbo")
    assert moment({"status": "progress", "response": {}}, before) == before
    assert moment({"status": "failed"}, before) == before
    waiting = {"status": "progress", "response": {"content": "**x** (Waiting to start)"}}
    assert moment(waiting, Moment("waiting")) == Moment("waiting")
