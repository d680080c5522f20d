"""Protobuf, strictly: what is taken, what is refused and with whose id, and what compact clients get."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from chat.codecs import im_pb2
from chat.codecs.protobuf_codec import COMPACT_PROTOBUF_CODEC, PROTOBUF_CODEC
from chat.errors import ErrorCode
from chat.protocol import frames
from chat.protocol.interfaces import BadFrame
from chat.protocol.limits import BATCH_MAX, DEPTH_MAX, INT64_MAX, INT64_MIN
from tests.support import protobuf
from tests.support.frames import CLIENT_FRAMES, SERVER_FRAMES

BEAT = im_pb2.Frame(type="heartbeat")
UUID = "0b6f6f5e-8f5e-4d39-9c79-6c0d3c9d8d11"


def decode_one(message: im_pb2.Frame | bytes) -> frames.ClientFrame | BadFrame:
    payload = message if isinstance(message, bytes) else message.SerializeToString()
    (frame,) = PROTOBUF_CODEC.decode(payload)
    return frame


def card_with(payload: str) -> frames.ClientFrame | BadFrame:
    return decode_one(im_pb2.Frame(type="message", id="h1", receiver="bob", content="", kind="card", payload=payload))


def field(number: int, wire_type: int, data: bytes) -> bytes:
    """One field by hand, as no generated code writes it. `number` is below 16."""
    return bytes([number << 3 | wire_type]) + data


class TestNoise:
    """Bytes that are no Protobuf at all."""

    @pytest.mark.parametrize(
        "payload",
        [
            b"\0",
            b"\xff",
            b"\xff\xfe\xfd",
            b"GET / HTTP/1.1\r\n",
            b"\x16\x03\x01\x02\x00",  # a TLS hello
            BEAT.SerializeToString()[:-1],
            BEAT.SerializeToString() + b"\0",
            field(2, 2, b"\xff\xff\xff\xff\x0f"),  # a length of 4 GB, and nothing
            field(2, 2, b"\x7f"),
            field(4, 0, b"\xff" * 11),  # a varint without end
            field(2, 6, b""),  # wire types that there are not
            field(2, 7, b""),
            field(2, 4, b""),  # the end of a group that never began
            field(2, 3, b""),  # and a beginning without an end
            field(2, 3, b"") * 10_000,
            b"\xfa\xff\xff\xff\xff\xff\xff\xff\xff\x7f",  # a field number beyond all
            field(2, 2, b"\x01\xff"),  # text that is not UTF-8
            field(2, 2, b"\x03\xed\xa0\x80"),  # half of a surrogate pair
            field(8, 2, b"\x02\xc3\x28"),
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_bad_frame(self, payload: bytes) -> None:
        assert decode_one(payload) == BadFrame(ErrorCode.BAD_FRAME, "These bytes are not Protobuf.", is_noise=True)

    @pytest.mark.parametrize("payload", ["", "{}", "\ud800"])
    def test_text__is_taken_as_its_bytes(self, payload: str) -> None:
        (bad,) = PROTOBUF_CODEC.decode(payload)
        assert isinstance(bad, BadFrame) and bad.code is ErrorCode.BAD_FRAME


class TestRefused:
    @pytest.mark.parametrize(
        ("message", "id"),
        [
            (im_pb2.Frame(), None),
            (im_pb2.Frame(id="h1"), "h1"),
            (im_pb2.Frame(content="hello", id="h1"), "h1"),
            # Text that no store can keep.
            (im_pb2.Frame(type="message", id="h1", receiver="bob", content="a\0b"), "h1"),
            (im_pb2.Frame(type="message", id="h1", receiver="bob", content="a", mentions=["\0"]), "h1"),
            (im_pb2.Frame(type="sync", id="h1", cursors={"\0": 1}), "h1"),
            (im_pb2.Frame(type="login", id="h1", device=im_pb2.Device(id="d\0", platform="web")), "h1"),
            (im_pb2.Frame(type="heartbeat", id="h1", content="\0"), "h1"),
            (im_pb2.Frame(type="heartbeat", id="\0"), None),
            # Ids that are none.
            (im_pb2.Frame(type="heartbeat", id=""), None),
            (im_pb2.Frame(type="heartbeat", id="i" * 65), None),
            (im_pb2.Frame(type="heartbeat", id_uuid=b"x" * 15), None),
            (im_pb2.Frame(type="heartbeat", id_uuid=b"x" * 17), None),
            # Proto3 may leave a zero out, but then nobody said it.
            (im_pb2.Frame(type="read", id="h1", conversation="1"), "h1"),
            (im_pb2.Frame(type="message", id="h1", receiver="bob"), "h1"),
            (im_pb2.Frame(type="recall", id="h1", conversation="1", seq=0), "h1"),
            (im_pb2.Frame(type="recall", id="h1", conversation="1", seq=-1), "h1"),
            (im_pb2.Frame(type="sync", id="h1", cursors={"1": -1}), "h1"),
            (im_pb2.Frame(type="login", id="h1", user="alice"), "h1"),
            (im_pb2.Frame(type="login", id="h1", device=im_pb2.Device(id="d", platform="fridge")), "h1"),
            (im_pb2.Frame(type="message", id="h1", receiver="b", conversation="1", content="x"), "h1"),
            (im_pb2.Frame(type="message", id="h1", receiver="b", content="x", kind="system"), "h1"),
            (im_pb2.Frame(type="presence", id="h1", users=["b"] * 501), "h1"),
        ],
        ids=lambda value: str(value).replace("\n", " ")[:50],
    )
    def test_bad_frame(self, message: im_pb2.Frame, id: str | None) -> None:
        bad = decode_one(message)
        assert isinstance(bad, BadFrame)
        assert (bad.code, bad.id, bad.is_noise) == (ErrorCode.BAD_FRAME, id, False)
        assert bad.detail

    @pytest.mark.parametrize(
        "payload",
        [
            "",
            "{",
            "[]",
            "null",
            "7",
            '"x"',
            "{} {}",
            "{'x':1}",
            '{"x":NaN}',
            '{"x":1e999}',
            '{"x":"\\ud800"}',
            '{"x":"\\u0000"}',
            '{"\\u0000":1}',
            f'{{"x":{INT64_MAX + 1}}}',
            f'{{"x":{INT64_MIN - 1}}}',
            '{"x":[[18446744073709551616]]}',
            '{"x":' + "9" * 5_000 + "}",
            '{"x":' + "[" * 20_000 + "]" * 20_000 + "}",
            "[" * 60_000,
        ],
        ids=lambda value: value[:30],
    )
    def test_a_payload_that_is_none(self, payload: str) -> None:
        bad = card_with(payload)
        assert isinstance(bad, BadFrame)
        assert (bad.code, bad.id) == (ErrorCode.BAD_FRAME, "h1")

    @pytest.mark.parametrize("kind", ["dance", "", "Login", "ack", "MESSAGE", "x" * 60_000])
    def test_unknown_type(self, kind: str) -> None:
        bad = decode_one(im_pb2.Frame(type=kind, id="h1"))
        assert isinstance(bad, BadFrame)
        assert (bad.code, bad.id) == (ErrorCode.UNKNOWN_TYPE, "h1")

    @pytest.mark.parametrize("code", [im_pb2.FRAME_TYPE_ACK, 99, -1, 2**31 - 1])
    def test_unknown_type_code(self, code: int) -> None:
        bad = decode_one(im_pb2.Frame(type_code=code, id_uuid=bytes.fromhex(UUID.replace("-", ""))))  # type: ignore[arg-type]
        assert isinstance(bad, BadFrame)
        assert (bad.code, bad.id) == (ErrorCode.UNKNOWN_TYPE, UUID)

    def test_the_answer__is_short_whatever_was_sent(self) -> None:
        bad = decode_one(im_pb2.Frame(type="message", receiver="b", content="x", kind="k" * 60_000))
        assert isinstance(bad, BadFrame)
        assert len(bad.detail) <= 200


class TestTaken:
    @pytest.mark.parametrize(
        "message",
        [
            im_pb2.Frame(type_code=im_pb2.FRAME_TYPE_HEARTBEAT),
            # What is not a heartbeat's is nobody's.
            im_pb2.Frame(type="heartbeat", content="x", seq=-1, kind="dance", users=["b"] * 501, cursors={"1": -1}),
            # What only the server says is not even looked at.
            im_pb2.Frame(type="heartbeat", timestamp=1, code="\0", account=im_pb2.Account(), messages=[BEAT] * 200),
            im_pb2.Frame(type="heartbeat", last_message=BEAT),
        ],
        ids=lambda value: str(value).replace("\n", " ")[:50],
    )
    def test_heartbeat(self, message: im_pb2.Frame) -> None:
        assert decode_one(message) == frames.Heartbeat()

    @pytest.mark.parametrize(
        "unknown",
        [
            b"\xf0\x7f\x01",  # field 2046: a varint
            b"\xf2\x7f\x03\xff\xfe\xfd",  # bytes
            b"\xf1\x7f" + b"\xff" * 8,
            b"\xf5\x7f" + b"\xff" * 4,
            b"\xf3\x7f\xf4\x7f",  # an empty group
            field(4, 2, b"\x01x"),  # a known field in a form that it does not have
            field(2, 0, b"\x07"),
        ],
        ids=bytes.hex,
    )
    def test_unknown_fields__change_nothing(self, unknown: bytes) -> None:
        assert decode_one(unknown + BEAT.SerializeToString() + unknown) == frames.Heartbeat()

    def test_of_a_field_sent_twice__the_last_one_wins(self) -> None:
        twice = (
            im_pb2.Frame(type="logout", id="a").SerializeToString()
            + im_pb2.Frame(type="heartbeat", id="b").SerializeToString()
        )
        assert decode_one(twice) == frames.Heartbeat(id="b")

    def test_frames_that_nest__do_not_matter_where_they_do_not_belong(self) -> None:
        """The runtime alone would refuse 100 levels, and take 500 times their memory."""
        message = im_pb2.Frame(type="heartbeat").SerializeToString()
        for _ in range(1_000):
            message = protobuf.length_delimited(33, message) + BEAT.SerializeToString()
        assert decode_one(message) == frames.Heartbeat()

    @pytest.mark.parametrize("name", [name for name in CLIENT_FRAMES if "least" not in name])
    def test_compact_forms__mean_the_same(self, name: str) -> None:
        fields = protobuf.to_json(CLIENT_FRAMES[name])
        if "conversation" in fields:
            fields["conversation"] = str(INT64_MAX)
        fields["id"] = UUID
        plain, compact = protobuf.encode([fields]), protobuf.encode([fields], compact=True)
        assert decode_one(compact) == decode_one(plain) == msgspec.convert(fields, type(CLIENT_FRAMES[name]))
        assert len(compact) < len(plain)

    def test_of_both_forms__the_plain_one_counts(self) -> None:
        message = im_pb2.Frame(
            type="read",
            type_code=im_pb2.FRAME_TYPE_LOGOUT,
            id="r1",
            id_uuid=b"x" * 16,
            conversation="17",
            conversation_id=18,
            seq=4,
        )
        assert decode_one(message) == frames.Read(id="r1", conversation="17", seq=4)

    @pytest.mark.parametrize(
        ("fields", "cursors"),
        [
            ({}, None),
            ({"wants_sync": True}, {}),
            ({"wants_sync": False}, None),
            ({"cursors": {"17": 0}}, {"17": 0}),
            ({"cursors": {"17": 4}, "wants_sync": False}, {"17": 4}),
            ({"cursors_by_id": {17: 4}, "wants_sync": True}, {"17": 4}),
            ({"cursors": {"17": 4}, "cursors_by_id": {18: 5}}, {"17": 4}),
        ],
    )
    def test_a_login__says_whether_it_wants_a_sync(
        self, fields: dict[str, Any], cursors: dict[str, int] | None
    ) -> None:
        device = im_pb2.Device(id="d", platform="web")
        login = decode_one(im_pb2.Frame(type="login", device=device, **fields))
        assert isinstance(login, frames.Login) and login.cursors == cursors

    def test_nothing_in_a_list_or_map__is_an_empty_one(self) -> None:
        assert decode_one(im_pb2.Frame(type="sync", id="s")) == frames.SyncRequest(id="s", cursors={})
        assert decode_one(im_pb2.Frame(type="sync", id="s", wants_sync=False)) == frames.SyncRequest(id="s", cursors={})
        assert decode_one(im_pb2.Frame(type="presence", id="p")) == frames.PresenceQuery(id="p", users=[])

    @pytest.mark.parametrize(
        "value", ["9223372036854775807", "-9223372036854775808", "0.1", "1e300", "true", "null", '"世"', "[]", "{}"]
    )
    def test_what_a_card_may_hold(self, value: str) -> None:
        card = card_with(f'{{"x":{value}}}')
        assert isinstance(card, frames.SendMessage) and card.payload is not None
        assert repr(card.payload["x"]) == repr(json.loads(value))

    def test_nesting_of_a_card__to_the_limit(self) -> None:
        """The same levels as in JSON, where the frame is one of them."""

        def nested(levels: int) -> str:
            return '{"x":' * levels + "1" + "}" * levels

        assert isinstance(card_with(nested(DEPTH_MAX - 1)), frames.SendMessage)
        assert isinstance(card_with(nested(DEPTH_MAX)), BadFrame)

    def test_a_zero__does_not_look_like_nul(self) -> None:
        message = im_pb2.Frame(type="read", id_uuid=bytes(16), conversation_id=2**62, seq=0)
        frame = decode_one(message)
        assert frame == frames.Read(id="00000000-0000-0000-0000-000000000000", conversation=str(2**62), seq=0)


class TestBatch:
    def test_frames__in_order(self) -> None:
        batch = protobuf.encode([protobuf.to_json(frame) for frame in CLIENT_FRAMES.values()])
        assert PROTOBUF_CODEC.decode(batch) == list(CLIENT_FRAMES.values())

    def test_a_bad_one__is_bad_for_itself(self) -> None:
        batch = b"".join(
            protobuf.length_delimited(62, part)
            for part in (
                im_pb2.Frame(type="heartbeat", id="1").SerializeToString(),
                im_pb2.Frame(type="edit", id="2").SerializeToString(),
                im_pb2.Frame(type="?", id="3").SerializeToString(),
                b"\xff\xff",
                b"",
                im_pb2.Frame(batch=[BEAT]).SerializeToString(),
                im_pb2.Frame(type="logout", id="4").SerializeToString(),
            )
        )
        first, *bad, last = PROTOBUF_CODEC.decode(batch)
        assert first == frames.Heartbeat(id="1")
        assert [(frame.code, frame.id, frame.is_noise) for frame in bad if isinstance(frame, BadFrame)] == [
            (ErrorCode.BAD_FRAME, "2", False),
            (ErrorCode.UNKNOWN_TYPE, "3", False),
            (ErrorCode.BAD_FRAME, None, False),
            (ErrorCode.BAD_FRAME, None, False),
            (ErrorCode.BAD_FRAME, None, False),
        ]
        assert last == frames.Logout(id="4")

    @pytest.mark.parametrize(("count", "fits"), [(1, True), (BATCH_MAX, True), (BATCH_MAX + 1, False), (20_000, False)])
    def test_its_length(self, count: int, fits: bool) -> None:
        decoded = PROTOBUF_CODEC.decode(im_pb2.Frame(batch=[BEAT] * count).SerializeToString())
        assert len(decoded) == (count if fits else 1)
        assert isinstance(decoded[0], BadFrame) is not fits

    @pytest.mark.parametrize("codec", [PROTOBUF_CODEC, COMPACT_PROTOBUF_CODEC], ids=lambda codec: codec.name)
    def test_encoded_frames__are_joined(self, codec: Any) -> None:
        joined = codec.encode_batch(list(map(codec.encode, SERVER_FRAMES.values())))
        assert protobuf.decode(joined) == [protobuf.to_json(frame) for frame in SERVER_FRAMES.values()]

    def test_one_encoded_frame__stays_a_frame(self) -> None:
        assert PROTOBUF_CODEC.encode_batch([b"as it is"]) == b"as it is"


class TestEncoded:
    def test_the_answer_to_a_login__has_the_name_and_the_person(self) -> None:
        message = im_pb2.Frame.FromString(PROTOBUF_CODEC.encode(SERVER_FRAMES["login"]))
        assert (message.user, message.account.username, message.account.name) == ("alice", "alice", "Alice")
        assert not message.account.HasField("avatar")

    def test_a_plain_client__gets_only_plain_fields(self) -> None:
        for frame in SERVER_FRAMES.values():
            message = im_pb2.Frame.FromString(PROTOBUF_CODEC.encode(frame))
            assert message.type == frame.__struct_config__.tag
            names = {field.name for field, _ in message.ListFields()}
            assert not names & {"type_code", "id_uuid", "conversation_id", "cursors_by_id"}

    def test_zero_and_false__are_said(self) -> None:
        """So that a client can tell them from what is not there, as in JSON."""
        message = im_pb2.Frame.FromString(PROTOBUF_CODEC.encode(SERVER_FRAMES["conversation"]))
        assert message.HasField("muted") and message.HasField("archived")
        assert im_pb2.Frame.FromString(PROTOBUF_CODEC.encode(SERVER_FRAMES["sync"])).HasField("more")


class TestCompact:
    def test_who_asks_for_it__gets_it(self) -> None:
        device = frames.DeviceInfo(id="d", platform="web")
        for codec in (PROTOBUF_CODEC, COMPACT_PROTOBUF_CODEC):
            assert codec.for_login(frames.Login(device=device)) is PROTOBUF_CODEC
            assert codec.for_login(frames.Login(device=device, compact=True)) is COMPACT_PROTOBUF_CODEC

    def test_every_type__has_its_code(self) -> None:
        tags = {frame.__struct_config__.tag for frame in (*CLIENT_FRAMES.values(), *SERVER_FRAMES.values())}
        assert {name.removeprefix("FRAME_TYPE_").lower() for name in im_pb2.FrameType.keys()} == {  # noqa: SIM118
            "unspecified",
            *tags,
        }

    @pytest.mark.parametrize(
        ("id", "conversation", "fields"),
        [
            (UUID, "5123456789012345678", {"id_uuid", "conversation_id"}),
            (UUID, str(INT64_MAX), {"id_uuid", "conversation_id"}),
            ("c1", "17", {"id", "conversation_id"}),
            # Only what comes back the same.
            (UUID.upper(), str(INT64_MAX + 1), {"id", "conversation"}),
            (UUID.replace("-", ""), "017", {"id", "conversation"}),
            (UUID + "\n", "17\n", {"id", "conversation"}),
            ("{" + UUID[1:], "٣", {"id", "conversation"}),
            ("", "", {"id", "conversation"}),
            (UUID[:-1], "0", {"id", "conversation"}),
            (UUID, "-1", {"id_uuid", "conversation"}),
        ],
    )
    def test_ids__come_back_the_same(self, id: str, conversation: str, fields: set[str]) -> None:
        ack = frames.Ack(id=id, conversation=conversation, seq=1, version=1, timestamp=1)
        data = COMPACT_PROTOBUF_CODEC.encode(ack)
        message = im_pb2.Frame.FromString(data)
        assert {field.name for field, _ in message.ListFields()} - {
            "type_code",
            "seq",
            "version",
            "timestamp",
        } == fields
        assert protobuf.decode(data) == [protobuf.to_json(ack)]
