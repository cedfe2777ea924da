"""Tasks for the worker processes of `test_processes.py`; imported there by name alone."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from heliograph.studio.painters.base import OrderRefused

Progress = Callable[[float], None]


def echo(progress: Progress, *, value: object) -> object:
    print("what libraries print stays out of the frames")
    progress(0.5)
    return value


def pid(progress: Progress) -> int:
    return os.getpid()


def nice(progress: Progress) -> tuple[int, bool]:
    return os.nice(0), os.getsid(0) == os.getpid()


def refuse(progress: Progress) -> None:
    raise OrderRefused("Not like this.")


def fail(progress: Progress) -> None:
    raise ZeroDivisionError("scripted")


def crash(progress: Progress, *, marker: str) -> str:
    """Takes the process down, the first time."""
    path = Path(marker)
    if path.exists():
        return "second attempt"
    path.write_text("crashed")
    os.kill(os.getpid(), signal.SIGKILL)
    return "not reached"


def always_crash(progress: Progress) -> None:
    sys.stdout.flush()
    os._exit(3)


def hang(progress: Progress) -> None:
    """Reports that it has begun, and never ends by itself."""
    progress(0.1)
    while True:
        time.sleep(60)
