"""Whose turn it is in the queue: the rule, and nothing of rows or clocks.

Fast goes before relaxed. What is relaxed and has waited for longer than `patience` counts as fast,
so that it goes before all that came later. Within a class the user with the fewest running jobs is
next, and of one user's the oldest.

Why nothing waits for ever: of one user's, what is fast or has lost patience goes in the order of
arrival, so only a bounded number is before it. A user who is passed over has more jobs running
than the one who was taken; those end, and then it is the user's turn.
"""

from collections.abc import Mapping, Sequence

import msgspec

from heliograph.job import JobType


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the queue: a job that is bound to its channel, or a task that has none yet.

    Rows with a smaller `id` came earlier. `enqueued` in ms since 1970.
    """

    id: int
    user: int
    type: JobType
    relaxed: bool
    enqueued: int
    job: str | None = None
    task: str | None = None
    channel: str | None = None


def next_up(
    waiting: Sequence[Waiting], running: Mapping[int, int], now: int, patience: int
) -> Waiting:
    """The one to be tried next. `running` counts each user's jobs; `now` and `patience` in ms.

    Raises ValueError when nothing waits.
    """

    def rank(one: Waiting) -> tuple[bool, int, int]:
        patient = one.relaxed and now - one.enqueued < patience
        return patient, running.get(one.user, 0), one.id

    return min(waiting, key=rank)
