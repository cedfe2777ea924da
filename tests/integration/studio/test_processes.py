"""The pool of painting processes, with real processes."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from heliograph.studio.painters.base import OrderRefused, PaintingFailed
from heliograph.studio.painters.processes import Pool

TASKS = "scripted_tasks"


@pytest.fixture
async def pool(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pool]:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    pool = Pool(2)
    yield pool
    await pool.close()
    assert pool.pids == []


def silent(fraction: float) -> None:
    """For tasks whose progress is not looked at."""


async def call(pool: Pool, task: str, **arguments: Any) -> Any:
    async with asyncio.timeout(30):
        return await pool.call(f"{TASKS}:{task}", silent, **arguments)


async def gone(pid: int) -> None:
    """Waits until a process has ended, our child or not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, ended.set)
    try:
        async with asyncio.timeout(10):
            await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def hanging(pool: Pool) -> asyncio.Task[Any]:
    """A task that has begun to hang."""
    begun = asyncio.Event()
    task = asyncio.ensure_future(pool.call(f"{TASKS}:hang", lambda fraction: begun.set()))
    async with asyncio.timeout(30):
        await begun.wait()
    return task


async def test_result_and_progress(pool: Pool) -> None:
    fractions: list[float] = []
    value = {"data": b"\0" * 3_000_000, "text": "ä"}
    assert await pool.call(f"{TASKS}:echo", fractions.append, value=value) == value
    assert fractions == [0.5]


async def test_starts_on_demand_and_reuses(pool: Pool) -> None:
    assert pool.pids == []
    first = await call(pool, "pid")
    assert pool.pids == [first]
    assert await call(pool, "pid") == first
    await asyncio.gather(*(call(pool, "pid") for _ in range(8)))
    assert len(pool.pids) == 2


async def test_idle_processes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    pool = Pool(1, idle_seconds=0.01)
    first = await call(pool, "pid")
    await gone(first)
    assert await call(pool, "pid") != first
    await pool.close()


async def test_modest_and_apart_from_the_terminal(pool: Pool) -> None:
    nice, leads_session = await call(pool, "nice")
    assert nice == min(os.nice(0) + 5, 19)
    assert leads_session


async def test_refusal_and_failure(pool: Pool) -> None:
    with pytest.raises(OrderRefused, match="Not like this"):
        await call(pool, "refuse")
    with pytest.raises(PaintingFailed, match="scripted"):
        await call(pool, "fail")
    assert len(pool.pids) == 1


async def test_crash_is_tried_once_more(pool: Pool, tmp_path: Path) -> None:
    bystander = await hanging(pool)
    assert await call(pool, "crash", marker=str(tmp_path / "marker")) == "second attempt"
    with pytest.raises(PaintingFailed):
        await call(pool, "always_crash")
    assert not bystander.done()
    bystander.cancel()
    await asyncio.wait([bystander])


async def test_cancelling_kills_the_process(pool: Pool) -> None:
    task = await hanging(pool)
    [pid] = pool.pids
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(pid)
    assert await call(pool, "echo", value=1) == 1


async def test_close_ends_busy_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    pool = Pool(1)
    task = await hanging(pool)
    [pid] = pool.pids
    task.cancel()
    await pool.close()
    await gone(pid)
    await asyncio.wait([task])


PARENT = f"""
import asyncio
from heliograph.studio.painters.processes import Pool

async def main():
    pool = Pool(1)
    await pool.call("{TASKS}:hang", lambda fraction: print(*pool.pids, flush=True))

asyncio.run(main())
"""


async def test_processes_do_not_outlive_a_killed_server() -> None:
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert parent.stdout
    worker = int(await parent.stdout.readline())
    assert worker != parent.pid
    parent.kill()
    await gone(worker)
    await parent.wait()
