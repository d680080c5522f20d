"""python minimal_client.py HOST PORT TOKEN: sends `bob Hello!` from its input to bob, and prints what it hears."""

import asyncio
import contextlib
import json
import random
import sys
import time
import uuid


class Client:
    def __init__(self, host, port, token):
        self.address, self.token, self.writer, self.epoch = (host, port), token, None, None
        self.cursors = {}  # conversation: the version up to which everything is here
        self.seen = {}  # (conversation, seq): the version in which the message is here
        self.outbox = {}  # id: a message without an ack

    async def stay_connected(self):
        delay = 0.5
        while True:
            began, self.retry_after = time.monotonic(), 0
            with contextlib.suppress(OSError, EOFError):  # silence is among them, as a TimeoutError
                await self.session()
            delay = 0.5 if time.monotonic() - began > 60 else delay
            await asyncio.sleep(max(self.retry_after, random.uniform(0, delay)))
            delay = min(30, 2 * delay)

    async def session(self):
        reader, self.writer = await asyncio.wait_for(asyncio.open_connection(*self.address), 10)
        self.timeout, self.beats = 10, asyncio.Future()
        try:
            self.write(type="login", token=self.token, device={"id": "minimal", "platform": "bot"})
            while True:
                async with asyncio.timeout(self.timeout):
                    length = int.from_bytes(await reader.readexactly(4), "big")
                    self.hear(json.loads(await reader.readexactly(length)))
        finally:
            self.beats.cancel()
            self.writer = self.writer.close()

    def hear(self, frame):
        match frame["type"]:  # what is not here does not matter to this client, or comes from a newer server
            case "login":
                if frame["epoch"] != self.epoch:  # another store: its numbers are not those kept here
                    self.epoch, self.cursors, self.seen = frame["epoch"], {}, {}
                self.timeout = frame["heartbeat"]["timeout"]
                self.beats = asyncio.create_task(self.beat(frame["heartbeat"]["interval"]))
                self.sync()
                for message in self.outbox.values():  # whether it was sent before or not, it will be there once
                    self.write(**message)
            case "sync":
                for message in frame["messages"]:
                    self.keep(message)
                self.cursors.update(frame["cursors"])
                self.is_syncing = frame["more"]
            case "message" | "ack":
                self.keep(frame) if frame["type"] == "message" else self.outbox.pop(frame["id"], None)
                cursor = self.cursors.get(frame["conversation"], 0)
                if frame["version"] == cursor + 1:
                    self.cursors[frame["conversation"]] = cursor + 1
                elif frame["version"] > cursor and not self.is_syncing:
                    self.sync()  # a push is missing
            case "error":
                self.retry_after = frame.get("retry_after", 0)
                if frame.get("close", 0) >= 4500:
                    raise SystemExit(frame["detail"])
                print(frame["detail"], self.outbox.pop(frame.get("id"), None), file=sys.stderr)

    def keep(self, message):
        key = message["conversation"], message["seq"]
        if message["version"] > self.seen.get(key, 0):
            self.seen[key] = message["version"]
            print(f"{message['sender']}: {message['content']}", flush=True)

    def sync(self):
        self.is_syncing = True
        self.write(type="sync", id="sync", cursors=self.cursors)

    def send(self, receiver, content):
        message = {"type": "message", "id": str(uuid.uuid4()), "receiver": receiver, "content": content}
        self.outbox[message["id"]] = message
        self.write(**message)

    def write(self, **frame):
        if self.writer:
            body = json.dumps(frame).encode()
            self.writer.write(len(body).to_bytes(4, "big") + body)

    async def beat(self, interval):
        while True:
            await asyncio.sleep(interval)
            self.write(type="heartbeat")


async def main(host, port, token):
    client, lines = Client(host, port, token), asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    connection = asyncio.create_task(client.stay_connected())
    async for line in lines:
        client.send(*line.decode().strip().split(" ", 1))
    await connection


asyncio.run(main(*sys.argv[1:]))
