"""Drives clients/python, as tests/clients/drivers/README.md says."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from lian_client import (
    Ack,
    Client,
    ConversationChanged,
    ConversationLeft,
    ConversationReset,
    Event,
    FileStorage,
    MessageReceived,
    ReceiptChanged,
    RequestError,
    SendFailed,
    Sent,
    StateChanged,
)

Line = dict[str, Any]


def say(event: str, **fields: Any) -> None:
    line = {"event": event} | {name: value for name, value in fields.items() if value is not None}
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def fields_of(frame: msgspec.Struct) -> Line:
    fields: Line = msgspec.to_builtins(frame)
    del fields["type"]
    return fields


def report(event: Event) -> None:
    match event:
        case StateChanged():
            say("state", state=event.state.value, code=event.code, via=event.via)
        case MessageReceived():
            say("message", **fields_of(event.message))
        case ConversationChanged():
            say("conversation", **fields_of(event.conversation))
        case ConversationReset():
            say("reset", conversation=event.conversation)
        case ConversationLeft():
            say("removed", conversation=event.conversation)
        case ReceiptChanged():
            say("receipt", **fields_of(event.receipt))
        case Sent():
            acked(event.ack.id, event.ack)
        case SendFailed():
            say("failed", id=event.id, code=event.code)


def acked(id: str, ack: Ack) -> None:
    say("acked", id=id, conversation=ack.conversation, seq=ack.seq, version=ack.version)


async def send(client: Client, command: Line) -> None:
    await client.send(
        command["content"],
        id=command["id"],
        conversation=command.get("conversation"),
        receiver=command.get("receiver"),
    )
    say("queued", id=command["id"])


async def request(id: str, answer: Awaitable[Ack]) -> None:
    try:
        acked(id, await answer)
    except RequestError as error:
        say("failed", id=id, code=error.code)


async def read_lines(take: Callable[[Line], None]) -> None:
    """Until standard input ends."""
    reader = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        take(msgspec.json.decode(line))


async def drive(options: argparse.Namespace) -> None:
    client = Client(
        options.url,
        token=options.token,
        device=options.device,
        codec=options.codec,
        storage=FileStorage(Path(options.store) / "client.sqlite3"),
    )
    tasks: set[asyncio.Task[None]] = set()
    stopped = asyncio.Event()

    def take(command: Line) -> None:
        """Commands are begun in their order; one that takes long holds up no other."""
        match command:
            case {"do": "send"}:
                work = send(client, command)
            case {"do": "edit", "id": id, "conversation": conversation, "seq": seq, "content": content}:
                work = request(id, client.edit(conversation, seq, content))
            case {"do": "recall", "id": id, "conversation": conversation, "seq": seq}:
                work = request(id, client.recall(conversation, seq))
            case {"do": "react", "id": id, "conversation": conversation, "seq": seq, "emoji": emoji}:
                work = request(id, client.react(conversation, seq, emoji, remove=command.get("remove", False)))
            case {"do": "read", "conversation": conversation, "seq": seq}:
                client.read(conversation, seq)
                return
            case {"do": "cursors"}:
                say("cursors", cursors=client.cursors)
                return
            case {"do": "stop"}:
                stopped.set()
                return
            case _:
                raise ValueError(f"no such command: {command}")
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async with client:
        reporting = asyncio.create_task(report_all(client))
        reading = asyncio.create_task(read_lines(take))
        stop = asyncio.create_task(stopped.wait())
        await asyncio.wait([reading, stop], return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
    await reporting
    reading.cancel()
    stop.cancel()


async def report_all(client: Client) -> None:
    async for event in client.events():
        report(event)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "http", "token", "user", "device", "store"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--codec", choices=("json", "protobuf"), default="json")
    asyncio.run(drive(parser.parse_args()))


if __name__ == "__main__":
    main()
