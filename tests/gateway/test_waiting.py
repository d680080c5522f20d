"""The queue and the event that stand in for asyncio's behave as those do."""

from __future__ import annotations

import asyncio

from chat.gateway.waiting import Gate, Mailbox
from tests.support.virtual_loop import in_virtual_time


@in_virtual_time
async def test_a_mailbox_gives_everything_in_order() -> None:
    mailbox = Mailbox()
    got: list[int] = []

    async def read() -> None:
        while (item := await mailbox.get()) is not None:
            got.append(item)

    reader = asyncio.create_task(read())
    await asyncio.sleep(1)
    for number in range(5):
        mailbox.put_nowait(number)
    assert not mailbox.empty()
    await asyncio.sleep(1)
    assert mailbox.empty()
    mailbox.put_nowait(5)
    mailbox.put_nowait(None)
    await reader
    assert got == [0, 1, 2, 3, 4, 5]


@in_virtual_time
async def test_what_comes_after_a_cancelled_read_is_not_lost() -> None:
    mailbox = Mailbox()
    reader = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.put_nowait("first")
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    assert await mailbox.get() == "first"


@in_virtual_time
async def test_a_gate_holds_all_who_wait_until_it_is_opened() -> None:
    gate = Gate()
    await gate.wait()
    gate.clear()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(3)]
    await asyncio.sleep(1)
    assert not any(task.done() for task in waiting)
    waiting[0].cancel()
    gate.set()
    await asyncio.wait(waiting)
    assert [task.cancelled() for task in waiting] == [True, False, False]
    gate.clear()
    assert not gate.is_set()
    again = asyncio.create_task(gate.wait())
    await asyncio.sleep(1)
    assert not again.done()
    gate.set()
    await again
