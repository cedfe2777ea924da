"""The program as a person runs it, in a folder and an environment of its own."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from typer.testing import CliRunner, Result

from heliograph.cli.app import app
from heliograph.home import Home

PROGRAM = [sys.executable, "-P", "-m", "heliograph"]
SECONDS = 60


@dataclass
class Shell:
    """A folder and an environment to run the program in."""

    folder: Path
    environ: dict[str, str]

    @property
    def home(self) -> Home:
        return Home(Path(self.environ["HELIOGRAPH_DATA"]))

    def invoke(self, *words: str) -> Result:
        """Runs the program in this process: for commands that are quick."""
        outside = {name: None for name in os.environ if name.startswith("HELIOGRAPH_")}
        return CliRunner().invoke(app, words, env={**outside, **self.environ})

    def run(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        with self.start(*words, **environ) as process:
            out, err = process.communicate(timeout=SECONDS)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    @contextlib.contextmanager
    def start(self, *words: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            [*PROGRAM, *words],
            cwd=self.folder,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    @contextlib.contextmanager
    def serve(self, *words: str, **environ: str) -> Iterator["Served"]:
        """A running server; it is ended with SIGTERM, and must end cleanly."""
        with self.start("serve", "--port", "0", *words, **environ) as process:
            drain(process.stderr)
            first = line_of(process.stdout, "serves at")
            yield Served(process, first.split()[-1])
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(10)
                assert process.returncode == 0

    def jobs(self) -> list[str]:
        """The states of all jobs there are."""
        with contextlib.closing(sqlite3.connect(self.home.database)) as database:
            return [status for (status,) in database.execute("SELECT status FROM jobs")]


@dataclass
class Served:
    process: subprocess.Popen[str]
    url: str


def line_of(stream: IO[str] | None, words: str) -> str:
    """Reads up to the line with `words`."""
    assert stream is not None
    seen = []
    for line in stream:
        seen.append(line)
        if words in line:
            return line
    raise AssertionError(f"no line with {words!r} in {seen}")


def drain(stream: IO[str] | None) -> None:
    """Reads on in the background, so that the writer never blocks on a full pipe."""
    assert stream is not None
    threading.Thread(target=stream.read, daemon=True).start()
