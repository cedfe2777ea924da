"""What a person sees of a job under way, on standard error: a bar, or sparse plain lines."""

import re
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

MODES = ("fast", "relaxed", "turbo")
# Plain lines are for logs: four of a job's many percents are enough.
STEP = 25


@dataclass(frozen=True)
class Moment:
    """How far a job is: its stage, percent, and the speed mode it runs in ("" if not yet known)."""

    stage: str
    percent: int = 0
    mode: str = ""


def moment(job: dict[str, Any], before: Moment) -> Moment:
    """Reads a job's JSON; what it doesn't say stays as it was `before`."""
    response = job.get("response") or {}
    content = response.get("content") or ""
    percent = response.get("progress_percent")
    percent = percent if isinstance(percent, int) else before.percent
    stage = before.stage
    if job.get("status") in {"created", "started"} or "(Waiting to start)" in content:
        stage = "waiting"
    elif job.get("status") == "progress":
        stage = "painting"
    return Moment(stage, percent, mode(content) or before.mode)


def mode(content: str) -> str:
    """The speed mode, from the last parenthesis of the bot's message."""
    last = re.findall(r"\(([^()]*)\)", content)[-1:]
    words = [word.strip() for word in last[0].split(",")] if last else []
    return next((word for word in words if word in MODES), "")


class Display(Protocol):
    def show(self, moment: Moment) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def display(*, quiet: bool) -> Display:
    """The fitting one for this process's standard error."""
    if quiet:
        return Silence()
    return Bar() if sys.stderr.isatty() else Lines()


class Silence:
    def show(self, moment: Moment) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


class Lines(Silence):
    """A line for each stage, and for each quarter of the painting."""

    def __init__(self) -> None:
        self._shown: tuple[str, int] | None = None
        self._started = time.monotonic()

    def show(self, moment: Moment) -> None:
        mark = (moment.stage, moment.percent // STEP)
        if mark == self._shown:
            return
        self._shown = mark
        percent = f" {moment.percent}%" if moment.stage == "painting" else ""
        mode = f" ({moment.mode})" if moment.mode else ""
        elapsed = time.monotonic() - self._started
        print(f"{moment.stage}{percent}{mode}, {elapsed:.1f} s", file=sys.stderr, flush=True)


class Bar:
    """One line that is drawn over and over, and goes away at the end."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[mode]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=100, mode="")

    def show(self, moment: Moment) -> None:
        self._progress.update(
            self._task, description=moment.stage, completed=moment.percent, mode=moment.mode
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
