"""docs/sandbox.md, as it stands there: the commands, the client, every fault."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from heliograph.sandbox import faults
from heliograph.sandbox.kinds import (
    KINDS,
)

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text("utf-8")


def block(language: str, holding: str) -> str:
    found = [
        code for code in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if holding in code
    ]
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "faults.json"
    file.write_text('{"duplicate": 3}')
    command = [sys.executable, "-m", "heliograph", "sandbox", "--port", "0", "--seconds", "0.4"]
    process = subprocess.Popen(
        [*command, "--faults", str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert " at http" in line, line
    yield line.split(" at ")[1].strip()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def run(command: list[str], sandbox: str) -> str:
    environ = os.environ | {"SANDBOX": sandbox}
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_the_commands(sandbox: str) -> None:
    said = run(["bash", "-euo", "pipefail", "-c", block("bash", "curl")], sandbox)
    assert '"username":"tester_1"' in said
    assert "\n204\n" in said.replace("}204", "}\n204")
    waiting = requests.get(f"{sandbox}/__faults", timeout=10).json()["waiting"]
    assert [next(iter(fault)) for fault in waiting] == ["duplicate"]


def test_the_client(sandbox: str) -> None:
    lines = run([sys.executable, "-c", block("python", "asyncio.run")], sandbox).splitlines()
    assert lines[0] == "taken"
    assert "cut off: resuming" in lines
    assert lines[-1].startswith(f"{sandbox}/attachments/")
    assert requests.get(lines[-1], timeout=10).status_code == 200
    log = requests.get(f"{sandbox}/__log", timeout=10).json()
    assert log["accepted"] == {"1025181909456319197": 1}
    assert log["gateway"]["resumed"] == 1


def test_every_fault_has_an_example() -> None:
    examples = [json.loads(text) for text in re.findall(r"^\| `(\{.*?\})` \|", PAGE, re.MULTILINE)]
    assert {kind for example in examples for kind in example} == set(KINDS)
    for example in examples:
        assert len(faults.read(example, [])) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--faults", "FILE"], "is no JSON"),
        (["--host", "203.0.113.1"], "can't serve on port 0 of 203.0.113.1"),
    ],
)
def test_what_it_can_not_do_it_says_in_a_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    file = tmp_path / "faults.json"
    file.write_text("{")
    given = [str(file) if word == "FILE" else word for word in arguments]
    command = [sys.executable, "-m", "heliograph", "sandbox", "--port", "0", *given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
