"""The order and the grouping of commits, with a database that the test lets finish when it wants."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from chat.errors import ErrorCode, ImError
from chat.events import AckObject
from chat.gateway.writer import BUSY_S, GATHER_S, WAITING_MAX, SendWriter
from chat.services.messages import SendRequest, SendResult
from tests.support.virtual_loop import in_virtual_time


class Database:
    """Takes batches as a database does: each is under way until the test finishes it."""

    def __init__(self) -> None:
        self.batches: list[tuple[list[str], asyncio.Future[None]]] = []

    async def commit(self, requests: Sequence[SendRequest]) -> list[SendResult | ImError]:
        under_way: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.batches.append(([request.client_id for request in requests], under_way))
        await under_way
        return [SendResult(_ack(request.client_id), created=True) for request in requests]

    async def finish(self, number: int, error: Exception | None = None) -> None:
        under_way = self.batches[number][1]
        if error is None:
            under_way.set_result(None)
        else:
            under_way.set_exception(error)
        await settle()

    @property
    def ids(self) -> list[list[str]]:
        return [ids for ids, _ in self.batches]


def _ack(client_id: str) -> AckObject:
    return AckObject(id=client_id, conversation="1", seq=1, version=1, timestamp=0)


async def settle() -> None:
    """Let everything happen that can, in virtual time."""
    await asyncio.sleep(BUSY_S / 2)


@pytest.fixture
def database() -> Database:
    return Database()


def send(client_id: str, conversation: str | None = None, *, receiver: str | None = None) -> SendRequest:
    return SendRequest(sender_id=1, client_id=client_id, content="x", conversation=conversation, receiver=receiver)


@in_virtual_time
async def test_a_lone_send_does_not_wait(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=1)
    future = writer.submit(send("a", "1"))
    await settle()
    assert database.ids == [["a"]]
    await database.finish(0)
    assert future.result().ack.id == "a"
    await writer.idle()


@in_virtual_time
async def test_what_comes_while_a_batch_commits_is_the_next_batch(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=1)
    writer.submit(send("a", "1"))
    await settle()
    for client_id, conversation in (("b", "1"), ("c", "2"), ("d", "1")):
        writer.submit(send(client_id, conversation))
    await database.finish(0)
    assert database.ids == [["a"], ["b", "c", "d"]]
    await database.finish(1)
    await writer.idle()


@in_virtual_time
async def test_under_load_a_batch_waits_a_moment_for_those_who_had_their_acks(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=1)
    for number in range(3):
        writer.submit(send(f"first{number}", "1"))
    await settle()
    await database.finish(0)
    writer.submit(send("second0", "1"))
    await asyncio.sleep(GATHER_S / 2)
    assert len(database.batches) == 1
    for number in (1, 2):
        writer.submit(send(f"second{number}", "1"))
    await settle()
    assert database.ids[1] == ["second0", "second1", "second2"]
    await database.finish(1)
    await asyncio.sleep(BUSY_S)
    start = asyncio.get_running_loop().time()
    writer.submit(send("later", "1"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert database.ids[2] == ["later"]
    assert asyncio.get_running_loop().time() == start
    await database.finish(2)
    await writer.idle()


@in_virtual_time
async def test_a_conversation_that_hangs_holds_up_no_other(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=2)
    writer.submit(send("stuck", "1"))
    await settle()
    behind = writer.submit(send("behind", "1"))
    for number in range(3):
        future = writer.submit(send(f"free{number}", "2"))
        await settle()
        await database.finish(number + 1)
        assert future.done()
    assert not behind.done()
    assert database.ids == [["stuck"], ["free0"], ["free1"], ["free2"]]
    await database.finish(0)
    assert database.ids[-1] == ["behind"]
    await database.finish(4)
    await writer.idle()


@in_virtual_time
async def test_a_batch_is_bounded_and_the_rest_keeps_its_order(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=3)
    futures = [writer.submit(send(str(number), "1")) for number in range(250)]
    await settle()
    while not futures[-1].done():
        await database.finish(len(database.batches) - 1)
    assert [len(ids) for ids in database.ids] == [100, 100, 50]
    assert [client_id for ids in database.ids for client_id in ids] == [str(number) for number in range(250)]
    await writer.idle()


@in_virtual_time
async def test_a_crowded_conversation_does_not_push_others_back(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=1)
    for number in range(1_000):
        writer.submit(send(str(number), "crowded"))
    await settle()
    writer.submit(send("quiet", "other"))
    await database.finish(0)
    assert "quiet" in database.ids[1]
    for number in range(1, 11):
        await database.finish(number)
    await writer.idle()


@in_virtual_time
async def test_a_send_to_a_person_and_one_to_the_conversation_keep_their_order(database: Database) -> None:
    """Both names may mean the same conversation; only the database knows."""
    writer = SendWriter(commit=database.commit, batches=1)
    writer.submit(send("first", "1"))
    await settle()
    for number, target in enumerate(("conversation", "receiver") * 3):
        writer.submit(send(str(number), **{target: "2"}))
    await database.finish(0)
    assert database.ids[1] == ["0", "1", "2", "3", "4", "5"]
    await database.finish(1)
    await writer.idle()


@in_virtual_time
async def test_what_fails_is_told_and_stops_nothing(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=1)
    failing = writer.submit(send("a", "1"))
    await settle()
    following = writer.submit(send("b", "1"))
    await database.finish(0, ConnectionError())
    assert isinstance(failing.exception(), ImError)
    await database.finish(1)
    assert following.result().ack.id == "b"
    await writer.idle()


@in_virtual_time
async def test_a_send_that_comes_just_when_all_was_done_is_not_forgotten(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=1)
    first = writer.submit(send("a", "1"))
    later: list[asyncio.Future[SendResult]] = []
    first.add_done_callback(lambda _: later.append(writer.submit(send("b", "2"))))
    await settle()
    await database.finish(0)
    await database.finish(1)
    assert later[0].done()
    await writer.idle()


@in_virtual_time
async def test_too_much_is_refused(database: Database) -> None:
    writer = SendWriter(commit=database.commit, batches=1)
    for number in range(WAITING_MAX):
        writer.submit(send(str(number), "1"))
    with pytest.raises(ImError) as refused:
        writer.submit(send("one too many", "1"))
    assert refused.value.code is ErrorCode.RATE_LIMITED
    await settle()  # the first batch is under way: there is room again
    writer.submit(send("now", "1"))
    for number in range(WAITING_MAX // 100 + 1):
        await database.finish(number)
    await writer.idle()
