"""The desk alone, with work that the test holds."""

import asyncio

import msgspec
import pytest

from heliograph.studio.desk import Desk
from heliograph.studio.painters.base import Operation, Order
from heliograph.studio.tickets import Account, Interaction, Mode, Shown, Ticket


def ticket(n: int, mode: Mode = "fast", operation: Operation = "imagine") -> Ticket:
    return Ticket(
        uuid=f"uuid-{n}",
        account=Account("user", "channel", "name"),
        interaction=Interaction(str(n)),
        message=str(n),
        created=float(n),
        action="imagine",
        mode=mode,
        text="",
        order=Order(operation, "", (1, 1), ()),
    )


class HeldWork:
    """Work that goes on until the test lets a ticket through."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.cancelled: list[int] = []
        self._doors: dict[int, asyncio.Event] = {}

    async def __call__(self, ticket: Ticket, shown: Shown) -> None:
        n = int(ticket.message)
        self.begun.append(n)
        try:
            await self._doors.setdefault(n, asyncio.Event()).wait()
        except asyncio.CancelledError:
            self.cancelled.append(n)
            raise

    async def finish(self, n: int) -> None:
        self._doors.setdefault(n, asyncio.Event()).set()
        await settle()


async def settle() -> None:
    """Lets everything run that can run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_order_slots_and_quick_lane() -> None:
    work = HeldWork()
    desk = Desk(2, work)
    modes: list[Mode] = ["relax", "fast", "turbo", "fast", "turbo"]
    for n, mode in enumerate(modes, start=1):
        desk.put(ticket(n, mode), Shown())
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.run())
        await settle()
        assert work.begun == [3, 5]
        desk.put(ticket(6, operation="single"), Shown())
        await settle()
        assert work.begun == [3, 5, 6]
        for n in (5, 3, 4, 2, 6, 1):
            await work.finish(n)
        assert work.begun == [3, 5, 6, 2, 4, 1]
        assert desk.held("user") == 0
        await desk.close()


async def test_clips_and_descriptions_wait_for_no_picture_and_no_picture_for_them() -> None:
    work = HeldWork()
    desk = Desk(1, work)
    operations: list[Operation] = ["animate", "extend", "imagine", "upscale", "describe"]
    for n, operation in enumerate(operations, start=1):
        desk.put(ticket(n, operation=operation), Shown())
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.run())
        await settle()
        assert sorted(work.begun) == [1, 3, 5]
        await work.finish(3)
        assert work.begun[-1] == 4
        await work.finish(1)
        assert work.begun[-1] == 2
        await desk.close()


async def test_withdrawn_tickets() -> None:
    work = HeldWork()
    desk = Desk(1, work)
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.run())
        for n in (1, 2, 3):
            desk.put(ticket(n), Shown())
        await settle()
        desk.withdraw(ticket(2))
        assert desk.held("user") == 2
        desk.withdraw(ticket(1))
        await settle()
        assert (work.cancelled, work.begun) == ([1], [1, 3])
        desk.withdraw(ticket(9))
        await desk.close()
    assert work.cancelled == [1, 3]


async def test_cancelled_from_outside() -> None:
    work = HeldWork()
    desk = Desk(1, work)
    running = asyncio.ensure_future(desk.run())
    for n in (1, 2):
        desk.put(ticket(n), Shown())
    await settle()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (work.begun, work.cancelled) == ([1], [1])
    await desk.close()


async def test_closed_before_it_ran() -> None:
    desk = Desk(1, HeldWork())
    desk.put(ticket(1), Shown())
    await desk.close()
    await desk.run()


async def test_a_bound_for_one_user() -> None:
    work = HeldWork()
    desk = Desk(4, work, concurrent=2)
    for n in (1, 2, 3, 5):
        desk.put(ticket(n), Shown())
    stranger = msgspec.structs.replace(ticket(4), account=Account("another", "elsewhere", "name"))
    desk.put(stranger, Shown())
    quick = ticket(6, operation="single")
    desk.put(quick, Shown())
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.run())
        await settle()
        assert sorted(work.begun) == [1, 2, 4, 6]
        assert desk.full(ticket(7))
        assert not desk.full(quick)
        assert not desk.full(stranger)
        await work.finish(6)
        await work.finish(1)
        assert work.begun[4:] == [3]
        desk.withdraw(ticket(5))
        await work.finish(2)
        assert not desk.full(ticket(7))
        await desk.close()
    assert work.begun[5:] == []
