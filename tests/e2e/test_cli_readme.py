"""Every example of the README runs as it stands there, but for the port and the host's Python."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from heliograph.client import Client
from heliograph.settings import load

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
TOKEN = "token-of-the-readme"

pytestmark = pytest.mark.timeout(120)


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def example(language: str, words: str) -> str:
    [text] = [text for text in examples(language) if words in text]
    return text


@dataclass
class Reader:
    """Somebody who types the examples, into a shell where `./heliograph` is this very program."""

    folder: Path
    environ: dict[str, str]
    url: str = ""

    def does(self, *words: str) -> subprocess.CompletedProcess[str]:
        typed = [word.replace("http://127.0.0.1:8080", self.url) for word in words]
        done = subprocess.run(
            typed, cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    program = tmp_path / "heliograph"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m heliograph "$@"\n')
    program.chmod(0o755)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "HELIOGRAPH_DATA": str(tmp_path / "data"),
        "HELIOGRAPH_STUDIO__PAINTER": "blank",
        "HELIOGRAPH_TOKEN": TOKEN,
    }
    return Reader(tmp_path, environ)


@pytest.fixture
def served(reader: Reader) -> Iterator[Reader]:
    with subprocess.Popen(
        ["./heliograph", "serve", "--port", "0"],
        cwd=reader.folder,
        env=reader.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        reader.url = process.stdout.readline().split()[-1]
        yield reader
        process.terminate()


EVENTS = ["initialized", "midjourney_created", "midjourney_started", "midjourney_completed"]


def in_order(names: list[str]) -> bool:
    places = [names.index(name) for name in EVENTS]
    return places == sorted(places) and places[-1] == len(names) - 1


def test_the_first_command(reader: Reader) -> None:
    done = reader.does("sh", "-c", example("sh", "./heliograph imagine"))
    assert len(done.stdout.splitlines()) == 5
    assert len(os.listdir(reader.folder / "pictures")) == 5


def test_curl_streams_the_whole_sequence(served: Reader) -> None:
    assert shutil.which("curl"), "this test needs curl"
    done = served.does("sh", "-c", example("sh", "curl -N"))
    assert in_order(re.findall(r'^data: ?\{"event": ?"(\w+)"', done.stdout, re.MULTILINE))


def test_ten_lines_with_requests_stream_the_whole_sequence(served: Reader) -> None:
    text = example("python", "import json, os, requests")
    assert len([line for line in text.splitlines() if line]) <= 10
    done = served.does(sys.executable, "-c", text)
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert in_order(names)
    assert done.stdout.splitlines()[-1] == "midjourney_completed 100"


def test_the_client(served: Reader) -> None:
    done = served.does(sys.executable, "-c", example("python", "heliograph.client"))
    assert in_order(done.stdout.splitlines())
    assert sorted(path.name for path in served.folder.glob("cat-*.jpeg")) == [
        f"cat-{number}.jpeg" for number in (1, 2, 3, 4)
    ]


def test_the_tokens(served: Reader) -> None:
    for line in example("sh", "token create").splitlines():
        served.does("sh", "-c", line)
    assert "revoked" in served.does("./heliograph", "token", "list").stdout


def test_trouble_to_order(served: Reader) -> None:
    with Client(served.url, TOKEN) as client:
        [channel] = client.accounts()
    for line in example("sh", "studio challenge").splitlines():
        done = served.does("sh", "-c", line.replace("CHANNEL", channel))
        assert f"Channel {channel}" in done.stderr


def test_the_settings_files(tmp_path: Path) -> None:
    file = tmp_path / "heliograph.toml"
    for text in examples("toml"):
        file.write_text(text)
        given, settings = tomllib.loads(text), load({}, {"HOME": "/"}, config=file)
        assert settings.port == given.get("port", 8080)
        assert settings.discord.enabled == given.get("discord", {}).get("enabled", False)


def test_the_sandbox(reader: Reader) -> None:
    words = example("sh", "heliograph sandbox").replace("--port 9000", "--port 0").split()
    started = subprocess.Popen(
        words, cwd=reader.folder, env=reader.environ, stdout=subprocess.PIPE, text=True
    )
    try:
        assert started.stdout is not None
        assert started.stdout.readline().startswith("The sandbox serves at http://127.0.0.1:")
    finally:
        started.terminate()
        started.communicate(timeout=30)
    assert started.returncode == 0


def test_no_example_is_left_out() -> None:
    # `serve`, `scripts/test` and the export are run by what is above, and by this suite itself.
    assert [len(examples(kind)) for kind in ("sh", "python", "toml")] == [8, 2, 2]
    assert README.count("```") == 2 * 12
