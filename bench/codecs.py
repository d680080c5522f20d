"""What the codecs cost: bytes on the wire and the server's time for each frame, JSON beside Protobuf.

    python -m bench.codecs

Prints the tables of docs/protocol-comparison.md. Bytes are those of the frame alone, without WebSocket's or TCP's own.
Time is the server's: to decode what a client sends, to encode what the server sends; the best of several rounds, in
CPU time, so that other work on the machine does not count.
"""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from chat.codecs.json_codec import JSON_CODEC
from chat.codecs.protobuf_codec import COMPACT_PROTOBUF_CODEC, PROTOBUF_CODEC
from chat.events import ConversationObject, MessageObject
from chat.protocol import frames
from chat.protocol.interfaces import Codec
from tests.support import protobuf

ROUNDS = 9
CALLS = 2_000

#: As the web client and the server make them.
ID = "0b6f6f5e-8f5e-4d39-9c79-6c0d3c9d8d11"
CONVERSATION = "5123456789012345678"
TIMESTAMP = 1_795_363_200_000

ENGLISH = "See you at the station at 7!"
CHINESE = "七点在车站见，好吗？"

#: What a chat consists of, nearly all of it.
CLIENT_FRAMES: dict[str, frames.ClientFrame] = {
    "message": frames.SendMessage(id=ID, conversation=CONVERSATION, content=ENGLISH),
    "message, Chinese": frames.SendMessage(id=ID, conversation=CONVERSATION, content=CHINESE),
    "received": frames.Received(conversation=CONVERSATION, seq=1234),
    "read": frames.Read(conversation=CONVERSATION, seq=1234),
    "typing": frames.TypingNotice(conversation=CONVERSATION),
    "heartbeat": frames.Heartbeat(),
}

SERVER_FRAMES: dict[str, frames.ServerFrame] = {
    "ack": frames.Ack(id=ID, conversation=CONVERSATION, seq=1234, version=1302, timestamp=TIMESTAMP),
    "message, direct": frames.Message(
        conversation=CONVERSATION, seq=1234, version=1302, id=ID, sender="maria", receiver="jonas.weber", kind="text",
        content=ENGLISH, timestamp=TIMESTAMP,
    ),
    "message, in a group": frames.Message(
        conversation=CONVERSATION, seq=1234, version=1302, id=ID, sender="maria", kind="text", content=ENGLISH,
        timestamp=TIMESTAMP,
    ),
    "message, Chinese": frames.Message(
        conversation=CONVERSATION, seq=1234, version=1302, id=ID, sender="maria", kind="text", content=CHINESE,
        timestamp=TIMESTAMP,
    ),
    "receipt": frames.Receipt(conversation=CONVERSATION, user="jonas.weber", read_seq=1234),
    "typing": frames.Typing(conversation=CONVERSATION, sender="jonas.weber"),
    "presence": frames.Presence(user="jonas.weber", state="online", last_seen=TIMESTAMP),
    "heartbeat": frames.HeartbeatReply(timestamp=TIMESTAMP),
}  # fmt: skip

#: Rare, and large.
LARGE_CLIENT_FRAMES: dict[str, frames.ClientFrame] = {
    "message, 500 characters": frames.SendMessage(id=ID, conversation=CONVERSATION, content="x" * 500),
    "login, 1,000 cursors": frames.Login(
        token="t" * 43,
        device=frames.DeviceInfo(id=ID, platform="android", network="4g"),
        batch=True,
        cursors={str(int(CONVERSATION) + number): number for number in range(1_000)},
    ),
}
_message = MessageObject(
    **{name: getattr(SERVER_FRAMES["message, in a group"], name) for name in MessageObject.__struct_fields__}
)
LARGE_SERVER_FRAMES: dict[str, frames.ServerFrame] = {
    "sync, 10 conversations, 200 messages": frames.SyncReply(
        id=ID,
        conversations=[
            ConversationObject(
                conversation=CONVERSATION, kind="group", title="Saturday hike", last_seq=1234, version=1302,
                read_seq=1200, unread=34, muted=False, pinned=False, archived=False, role="member",
                last_message=_message,
            )
        ] * 10,
        messages=[_message] * 200,
        cursors={str(int(CONVERSATION) + number): 1302 for number in range(10)},
        more=False,
    ),
}  # fmt: skip

#: What Protobuf is expected to need at most of the JSON, in the frames that a chat consists of.
SHARE_MAX = 0.45

Row = tuple[str, tuple[int, int, int], tuple[float, float, float]]


def client_payloads(frame: frames.ClientFrame) -> tuple[bytes, bytes, bytes]:
    """The frame as clients write it: in JSON, in plain and in compact Protobuf."""
    fields = protobuf.to_json(frame)
    return msgspec.json.encode(frame), protobuf.encode([fields]), protobuf.encode([fields], compact=True)


def server_payloads(frame: frames.ServerFrame) -> tuple[bytes, bytes, bytes]:
    return JSON_CODEC.encode(frame), PROTOBUF_CODEC.encode(frame), COMPACT_PROTOBUF_CODEC.encode(frame)


def microseconds(call: Callable[[Any], object], argument: object) -> float:
    calls = CALLS if len(str(argument)) < 1_000 else CALLS // 50
    rounds = timeit.repeat(lambda: call(argument), number=calls, repeat=ROUNDS, timer=time.process_time)
    return min(rounds) / calls * 1e6


def client_row(name: str, frame: frames.ClientFrame) -> Row:
    payloads = client_payloads(frame)
    codecs: tuple[Codec, ...] = (JSON_CODEC, PROTOBUF_CODEC, COMPACT_PROTOBUF_CODEC)
    in_json, plain, compact = (
        microseconds(codec.decode, payload) for codec, payload in zip(codecs, payloads, strict=True)
    )
    return name, sizes(payloads), (in_json, plain, compact)


def server_row(name: str, frame: frames.ServerFrame) -> Row:
    codecs: tuple[Codec, ...] = (JSON_CODEC, PROTOBUF_CODEC, COMPACT_PROTOBUF_CODEC)
    in_json, plain, compact = (microseconds(codec.encode, frame) for codec in codecs)
    return name, sizes(server_payloads(frame)), (in_json, plain, compact)


def longest_text(payloads: Callable[[str], tuple[bytes, bytes, bytes]]) -> tuple[int | None, int | None]:
    """Up to how many bytes of text plain and compact Protobuf need at most SHARE_MAX of the JSON; None: not even empty.

    `payloads` writes a message with this text. The text is as long in every codec, so its share of the bytes grows.
    """
    lengths: list[int | None] = [None, None]
    for length in range(10_000):
        in_json, *others = map(len, payloads("x" * length))
        fitting = [size <= SHARE_MAX * in_json for size in others]
        if not any(fitting):
            break
        lengths = [length if fits else before for fits, before in zip(fitting, lengths, strict=True)]
    plain, compact = lengths
    return plain, compact


def sizes(payloads: tuple[bytes, bytes, bytes]) -> tuple[int, int, int]:
    in_json, plain, compact = map(len, payloads)
    return in_json, plain, compact


def main() -> None:
    print("| frame | JSON | Protobuf | compact | time, JSON | Protobuf | compact |")
    print("|---|---|---|---|---|---|---|")
    for arrow, rows in (
        (">", [client_row(*item) for item in (CLIENT_FRAMES | LARGE_CLIENT_FRAMES).items()]),
        ("<", [server_row(*item) for item in (SERVER_FRAMES | LARGE_SERVER_FRAMES).items()]),
    ):
        for name, (in_json, plain, compact), times in rows:
            shown = " | ".join(f"{us:,.0f} µs" if us >= 100 else f"{us:.1f} µs" for us in times)
            print(
                f"| {arrow} {name} | {in_json:,} B | {plain:,} B, {plain / in_json:.0%} "
                f"| {compact:,} B, {compact / in_json:.0%} | {shown} |"
            )
    print(f"\n| message | text up to which Protobuf needs {SHARE_MAX:.0%} | compact |")
    print("|---|---|---|")
    sent = CLIENT_FRAMES["message"]
    print_longest("> message", lambda text: client_payloads(replace(sent, content=text)))
    for name in ("message, direct", "message, in a group"):
        pushed = SERVER_FRAMES[name]
        print_longest(f"< {name}", lambda text, pushed=pushed: server_payloads(replace(pushed, content=text)))  # type: ignore[misc]


def print_longest(name: str, payloads: Callable[[str], tuple[bytes, bytes, bytes]]) -> None:
    plain, compact = ("none" if length is None else f"{length} B" for length in longest_text(payloads))
    print(f"| {name} | {plain} | {compact} |")


if __name__ == "__main__":
    main()
