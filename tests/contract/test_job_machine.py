"""The real store does to a job what the model of the state machine says."""

import asyncio
from pathlib import Path

from hypothesis import given, settings

from heliograph.channel import Channel
from heliograph.job import Job
from heliograph.store.base import Store
from heliograph.store.sqlite import SqliteStore
from tests.contract.test_store import Draft
from tests.machine import NOW, Step, applied, asked, lives


async def check(store: Store, life: list[Step]) -> None:
    made, _ = await store.admit(1, Draft(type=None))
    history: list[Job] = [made]
    events = 1
    for now, step in enumerate(life, NOW + 1):
        change = asked(step, history, now)
        if change is None:
            continue
        wanted = applied(history[-1], change)
        found = await store.apply(change)
        assert found == wanted, step.name
        if found is not None:
            history.append(found)
            events += change.event is not None
    assert await store.job(made.id) == history[-1]
    told = await store.events(made.id, 0)
    assert [event.seq for event in told] == list(range(1, events + 1))
    assert told[-1].status == history[-1].status
    running = {one.id for one in await store.running(1)}
    assert (made.id in running) == history[-1].running


def test_the_store_agrees_with_the_model(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        store = SqliteStore.open(tmp_path / "store.db", synchronous="NORMAL")
        channel = Channel(id="100", user=1, token="studio")
        runner.run(store.add_channel(channel, NOW))

        @settings(max_examples=60)
        @given(lives)
        def agrees(life: list[Step]) -> None:
            runner.run(check(store, life))

        try:
            agrees()
        finally:
            runner.run(store.close())


def test_racing_writers_leave_one_end(tmp_path: Path) -> None:
    """All the steps of a life at the same time, each by what was read at the beginning."""

    async def race(store: Store, life: list[Step]) -> None:
        made, _ = await store.admit(1, Draft(type=None))
        moves = [asked(step, [made], NOW + 1) for step in life]
        await asyncio.gather(*(store.apply(move) for move in moves if move))
        told = await store.events(made.id, 0)
        found = await store.job(made.id)
        assert found is not None
        assert [event.seq for event in told] == list(range(1, found.seq + 1))
        ends = [event for event in told if event.status not in ("created", "started", "progress")]
        assert len(ends) <= 1
        assert not ends or (ends == told[-1:] and found.status == ends[0].status)

    with asyncio.Runner() as runner:
        store = SqliteStore.open(tmp_path / "store.db", synchronous="NORMAL")
        runner.run(store.add_channel(Channel(id="100", user=1, token="studio"), NOW))

        @settings(max_examples=40)
        @given(lives)
        def holds(life: list[Step]) -> None:
            runner.run(race(store, life))

        try:
            holds()
        finally:
            runner.run(store.close())
