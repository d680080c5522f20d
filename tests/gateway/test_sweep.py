"""One timer for many deadlines, in virtual time."""

from __future__ import annotations

import asyncio
import random

from chat.gateway.sweep import SLOT_S, Sweep
from tests.support.virtual_loop import in_virtual_time


class Deadline:
    """Notes when it was called, and asks to be called again as it is told."""

    def __init__(self, sweep: Sweep, *again: float) -> None:
        self.slot = 0
        self.called: list[float] = []
        self._sweep = sweep
        self._again = list(again)
        self._loop = asyncio.get_running_loop()

    def on_due(self) -> None:
        self.called.append(self._loop.time())
        if self._again:
            self._sweep.watch(self, self._loop.time() + self._again.pop(0))


@in_virtual_time
async def test_everybody_is_called_once_and_soon_after_the_deadline() -> None:
    loop = asyncio.get_running_loop()
    sweep = Sweep(loop)
    random.seed(1)
    deadlines = {random.uniform(0, 90): Deadline(sweep) for _ in range(2_000)}
    for at, deadline in deadlines.items():
        sweep.watch(deadline, at)
    await asyncio.sleep(100)
    for at, deadline in deadlines.items():
        [called] = deadline.called
        assert at <= called <= at + SLOT_S + 1e-6


@in_virtual_time
async def test_the_last_word_counts() -> None:
    sweep = Sweep(asyncio.get_running_loop())
    later, earlier, never = Deadline(sweep), Deadline(sweep), Deadline(sweep)
    for deadline in (later, earlier, never):
        sweep.watch(deadline, 10)
    sweep.watch(later, 20)
    sweep.watch(earlier, 1)
    sweep.forget(never)
    await asyncio.sleep(60)
    assert later.called[0] >= 20
    assert earlier.called[0] < 2
    assert (len(later.called), len(earlier.called), never.called) == (1, 1, [])


@in_virtual_time
async def test_who_asks_again_is_called_again() -> None:
    sweep = Sweep(asyncio.get_running_loop())
    beating = Deadline(sweep, 30, 30, 0)
    sweep.watch(beating, 30)
    await asyncio.sleep(200)
    assert [round(at) for at in beating.called] == [30, 60, 90, 90]


@in_virtual_time
async def test_a_fault_of_one_costs_the_others_nothing() -> None:
    loop = asyncio.get_running_loop()
    sweep = Sweep(loop)

    class Faulty(Deadline):
        def on_due(self) -> None:
            raise ValueError

    faults: list[BaseException] = []
    loop.set_exception_handler(lambda _, context: faults.append(context["exception"]))
    all_of_them = [Faulty(sweep) if number % 2 else Deadline(sweep) for number in range(20)]
    for deadline in all_of_them:
        sweep.watch(deadline, 5)
    await asyncio.sleep(10)
    assert [len(deadline.called) for deadline in all_of_them] == [1, 0] * 10
    assert len(faults) == 10


@in_virtual_time
async def test_one_that_goes_while_the_others_are_called_is_not_called_for_nothing() -> None:
    sweep = Sweep(asyncio.get_running_loop())

    class Taking(Deadline):
        other: Deadline

        def on_due(self) -> None:
            super().on_due()
            sweep.forget(self.other)

    first, second = Taking(sweep), Taking(sweep)
    first.other, second.other = second, first
    sweep.watch(first, 1)
    sweep.watch(second, 1)
    await asyncio.sleep(5)
    assert len(first.called) + len(second.called) == 1
