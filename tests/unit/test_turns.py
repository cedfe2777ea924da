"""Whose turn it is: the rule, and what follows from it."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.job import JobType
from heliograph.turns import Waiting, next_up

PATIENCE = 300


def waiting(id: int, *, user: int = 1, relaxed: bool = False, enqueued: int = 0) -> Waiting:
    return Waiting(
        id=id, user=user, type=JobType.IMAGE, relaxed=relaxed, enqueued=enqueued, job=f"j{id}"
    )


def order(queue: list[Waiting], now: int = 0, running: dict[int, int] | None = None) -> list[int]:
    """The ids as they leave, when nothing that began ends meanwhile."""
    left, taken, counts = list(queue), [], Counter(running or {})
    while left:
        one = next_up(left, counts, now, PATIENCE)
        left.remove(one)
        counts[one.user] += 1
        taken.append(one.id)
    return taken


def test_fast_goes_before_relaxed_and_the_oldest_first() -> None:
    queue = [waiting(1, relaxed=True), waiting(2), waiting(3, relaxed=True), waiting(4)]
    assert order(queue) == [2, 4, 1, 3]


def test_relaxed_that_has_waited_long_goes_by_age() -> None:
    queue = [waiting(1, relaxed=True), waiting(2, enqueued=290), waiting(3, enqueued=290)]
    assert order(queue, now=PATIENCE - 1) == [2, 3, 1]
    assert order(queue, now=PATIENCE) == [1, 2, 3]


def test_users_take_turns_however_much_one_of_them_sent() -> None:
    queue = [waiting(id, user=1) for id in range(1, 5)] + [waiting(id, user=2) for id in (5, 6)]
    assert order(queue) == [1, 5, 2, 6, 3, 4]


def test_who_has_most_running_waits_longest() -> None:
    queue = [waiting(1, user=1), waiting(2, user=2), waiting(3, user=3)]
    assert order(queue, running={1: 2, 2: 1}) == [3, 2, 1]


def test_nobody_is_next_where_nothing_waits() -> None:
    with pytest.raises(ValueError, match="empty"):
        next_up([], {}, 0, PATIENCE)


rows: st.SearchStrategy[list[dict[str, int]]] = st.lists(
    st.builds(
        dict, user=st.integers(1, 4), relaxed=st.booleans(), enqueued=st.integers(0, 2 * PATIENCE)
    ),
    min_size=1,
    max_size=30,
)


@given(rows, st.integers(0, 4 * PATIENCE))
def test_of_one_user_and_class_the_oldest_is_first(found: list[dict[str, int]], now: int) -> None:
    # Whoever came later has the larger id.
    found.sort(key=lambda row: row["enqueued"])
    queue = [
        waiting(id, user=row["user"], relaxed=bool(row["relaxed"]), enqueued=row["enqueued"])
        for id, row in enumerate(found)
    ]
    place = {id: at for at, id in enumerate(order(queue, now))}
    for one in queue:
        for other in queue:
            same = one.user == other.user and one.relaxed == other.relaxed
            if same and one.id < other.id:
                assert place[one.id] < place[other.id]


@given(rows, st.integers(0, 4 * PATIENCE))
def test_nobody_gets_two_ahead_of_an_equal(found: list[dict[str, int]], now: int) -> None:
    queue = [waiting(id, user=row["user"]) for id, row in enumerate(found)]
    left, counts = {one.id: one for one in queue}, Counter[int]()
    for id in order(queue, now):
        counts[left.pop(id).user] += 1
        still = {one.user for one in left.values()}
        # Whoever still waits has at most one less than anybody.
        assert all(counts[user] + 1 >= max(counts.values()) for user in still)


@given(st.integers(0, 2**32), st.integers(1, 3), st.floats(0.0, 1.0))
def test_nothing_that_lost_its_patience_is_overtaken(seed: int, slots: int, share: float) -> None:
    """Users who never stop sending fast work keep nothing out: what has waited for long only lets
    go first what came before it, and users who have no more running than its own."""
    rng = random.Random(seed)
    left: list[Waiting] = []
    running: list[tuple[int, int]] = []
    for now in range(0, 12 * PATIENCE, 10):
        user = 1 if rng.random() < share else 2
        left.append(waiting(now, user=user, relaxed=rng.random() < 0.3, enqueued=now))
        running = [(user, until) for user, until in running if until > now]
        while left and len(running) < slots:
            counts = Counter(user for user, _ in running)
            one = next_up(left, counts, now, PATIENCE)
            left.remove(one)
            running.append((one.user, now + 10 * rng.randrange(1, 2 * slots)))
            for other in left:
                if now - other.enqueued < PATIENCE:
                    continue
                if other.user == one.user:
                    assert one.id < other.id
                assert counts[one.user] <= counts[other.user]
