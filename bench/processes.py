"""Programs under measurement: started as processes of their own, on free ports."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

TOKEN = "bench-token"


class Started(msgspec.Struct):
    """A running program: the URL that its first line ends with, and its process id."""

    url: str
    pid: int

    @property
    def resident(self) -> int:
        """The memory of this one process, in bytes (Linux)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def children(self) -> list[int]:
        """Its living child processes (Linux)."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in found.split()]


@contextmanager
def process(arguments: list[str], **environ: str) -> Iterator[Started]:
    started = subprocess.Popen(
        [sys.executable, *arguments],
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert started.stdout is not None
    try:
        yield Started(started.stdout.readline().split()[-1], started.pid)
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(timeout=30)
        started.stdout.close()


@contextmanager
def server(data: Path, **settings: str) -> Iterator[Started]:
    """`heliograph serve` on a free port; `settings` as `studio__painter="blank"`."""
    environ = {f"HELIOGRAPH_{name.upper()}": value for name, value in settings.items()}
    environ |= {
        "HELIOGRAPH_DATA": str(data),
        "HELIOGRAPH_PORT": "0",
        "HELIOGRAPH_TOKEN": TOKEN,
    }
    with process(["-m", "heliograph", "serve"], **environ) as started:
        yield started
