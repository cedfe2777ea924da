"""The state machine as a model: what the store's guarded write does to a job, and random lives of
jobs to try it with."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from hypothesis import strategies as st

from heliograph import errors, job
from heliograph.job import Change, Job

NOW = 1_761_329_465_501

Move = Callable[[Job, int], Change | None]


@dataclass(frozen=True)
class Step:
    """One writer's attempt. `stale`: how many changes ago it read the job."""

    name: str
    move: Move
    stale: int = 0


def applied(current: Job, change: Change) -> Job | None:
    """The job after the change, or None where a guard does not hold."""
    if (
        current.status not in change.guard
        or (change.percent_at_most is not None and current.percent > change.percent_at_most)
        or (change.unsent and current.sent is not None)
        or (change.unfilled and "filled" in current.inputs)
        or (change.seq is not None and current.seq != change.seq)
    ):
        return None
    set = {name: value for name, value in change.columns.items() if value is not None}
    seq = current.seq + (change.event is not None)
    return msgspec.structs.replace(current, **set, seq=seq)


def _cancel(read: Job, now: int) -> Change | None:
    try:
        return job.cancel(read, now)
    except errors.JobEnded:
        return None


MOVES: dict[str, Move] = {
    "sending": job.sending,
    "open a form": lambda read, now: job.opened(read, {"type": '"filled":', "data": {"id": "5"}}),
    "fill in the form": job.filling,
    "start": job.start,
    "complete": lambda read, now: job.complete(read, now, {"content": "done"}),
    "moderate": lambda read, now: job.moderate(read, now, "Banned prompt", "why", {"embeds": []}),
    "fail": lambda read, now: job.fail(read, now, "no", code=502, details="more"),
    "cancel": _cancel,
    "time out": lambda read, now: job.time_out(read, now, "14"),
    "bind message": lambda read, now: job.bind(read, message="1", uuid="u"),
    "bind interaction": lambda read, now: job.bind(read, interaction="2"),
}


def _progress(percent: int) -> Step:
    return Step(f"progress {percent}", lambda read, now: job.progress(read, now, {}, percent))


progress = st.integers(0, 100).map(_progress)
other = st.sampled_from(sorted(MOVES)).map(lambda name: Step(name, MOVES[name]))
late = st.tuples(st.one_of(progress, other), st.integers(0, 3)).map(
    lambda drawn: Step(drawn[0].name, drawn[0].move, drawn[1])
)
# Progress more often than ends, or lives would be short.
lives = st.lists(st.one_of(progress, late), max_size=25)


def asked(step: Step, history: list[Job], now: int) -> Change | None:
    """The change that a step asks for, by what its writer had read of the job's history."""
    return step.move(history[max(0, len(history) - 1 - step.stale)], now)
