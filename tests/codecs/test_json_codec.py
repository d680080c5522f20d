"""JSON, strictly: what is taken, what is refused and with whose id, and that nothing ever raises."""

from __future__ import annotations

import json
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import example, given

from chat.codecs.json_codec import JSON_CODEC
from chat.errors import ErrorCode
from chat.protocol import frames
from chat.protocol.interfaces import BadFrame
from chat.protocol.limits import BATCH_MAX, DEPTH_MAX, INT64_MAX, INT64_MIN
from tests.support.frames import CLIENT_FRAMES, SERVER_FRAMES, wire

BEAT = b'{"type":"heartbeat"}'


def decode_one(payload: str | bytes) -> frames.ClientFrame | BadFrame:
    (frame,) = JSON_CODEC.decode(payload)
    return frame


def beat_with(field: bytes) -> bytes:
    return b'{"type":"heartbeat","id":"h1","x":' + field + b"}"


def card_with(value: bytes) -> bytes:
    """A message that keeps `value`, whatever it is."""
    return b'{"type":"message","id":"h1","receiver":"bob","content":"","kind":"card","payload":{"x":' + value + b"}}"


def message_with(content: bytes) -> bytes:
    return b'{"type":"message","id":"h1","receiver":"bob","content":' + content + b"}"


class TestRefused:
    """The list of what broke other servers; each with the id that comes back."""

    @pytest.mark.parametrize(
        ("payload", "id"),
        [
            # No JSON at all.
            (b"", None),
            (b"x", None),
            (b"{", None),
            (b"}", None),
            (b'{"type":"heartbeat","id":"h1"', None),
            (BEAT + BEAT, None),
            (BEAT + b"x", None),
            (b'{"type":"heartbeat",}', None),
            (b"{'type':'heartbeat'}", None),
            (b"\xef\xbb\xbf" + BEAT, None),
            (BEAT.decode().encode("utf-16"), None),
            (BEAT.decode().encode("utf-32-be"), None),
            # JSON, but no frame.
            (b"null", None),
            (b"1", None),
            (b'"heartbeat"', None),
            (b"{}", None),
            (b'{"id":"h1"}', "h1"),
            (b'{"type":null,"id":"h1"}', "h1"),
            (b'{"type":1,"id":"h1"}', "h1"),
            (b'{"type":["heartbeat"],"id":"h1"}', "h1"),
            # Text that no store can keep.
            (message_with(b'"\\u0000"'), "h1"),
            (message_with(b'"a\\\\\\u0000"'), "h1"),
            (message_with(b'"\x00"'), None),
            (beat_with(b'"\\u0000"'), "h1"),
            (beat_with(b'{"\\u0000":1}'), "h1"),
            (b'{"type":"heartbeat","id":"\\u0000"}', None),
            (message_with(b'"\\ud800"'), "h1"),
            (message_with(b'"\\udc00\\ud800"'), "h1"),
            (beat_with(b'"\\ud83d"'), "h1"),
            (b'{"type":"heartbeat","id":"\\ud800"}', None),
            (message_with(b'"\xff"'), None),
            (message_with(b'"\xed\xa0\x80"'), None),
            (beat_with(b'"\xc3\x28"'), None),
            # Raw line breaks inside of strings.
            (message_with(b'"a\nb"'), None),
            # Numbers that are none, or too large.
            (beat_with(b"NaN"), "h1"),
            (beat_with(b"Infinity"), "h1"),
            (beat_with(b"-Infinity"), "h1"),
            (beat_with(b"01"), None),
            (beat_with(b"+1"), None),
            (beat_with(b"1."), None),
            (card_with(b"1e999"), "h1"),
            (card_with(b"9" * 5_000), None),
            (card_with(str(INT64_MAX + 1).encode()), "h1"),
            (card_with(str(INT64_MIN - 1).encode()), "h1"),
            (card_with(b"[[18446744073709551616]]"), "h1"),
            (b'{"type":"read","id":"h1","conversation":"1","seq":9223372036854775808}', "h1"),
            (b'{"type":"sync","id":"h1","cursors":{"1":9223372036854775808}}', "h1"),
            # Nested without end.
            (beat_with(b"[" * 100_000), None),
            (beat_with(b'{"a":' * 100_000), None),
            (beat_with(b"[" * 100_000 + b"]" * 100_000), None),
            (card_with(b"[" * 20_000 + b"]" * 20_000), None),
            (b'{"a":' * 100_000, None),
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_bad_frame(self, payload: bytes, id: str | None) -> None:
        bad = decode_one(payload)
        assert isinstance(bad, BadFrame)
        assert (bad.code, bad.id) == (ErrorCode.BAD_FRAME, id)
        assert bad.detail

    @pytest.mark.parametrize("payload", ["\ud800", '{"type":"heartbeat","id":"\udfff"}'])
    def test_lone_surrogates__that_only_a_str_can_hold(self, payload: str) -> None:
        bad = decode_one(payload)
        assert isinstance(bad, BadFrame) and bad.code is ErrorCode.BAD_FRAME

    @pytest.mark.parametrize(
        "fields",
        [
            {"type": "login"},
            {"type": "login", "device": {"id": "d", "platform": "fridge"}},
            {"type": "login", "device": {"id": "", "platform": "web"}},
            {"type": "login", "device": {"id": "d" * 65, "platform": "web"}},
            {"type": "login", "device": {"id": "d", "platform": "web", "name": "n" * 121}},
            {"type": "login", "device": {"id": "d", "platform": "web"}, "token": "t" * 2049},
            {"type": "login", "device": {"id": "d", "platform": "web"}, "cursors": {"1": -1}},
            {"type": "login", "device": {"id": "d", "platform": "web"}, "batch": "yes"},
            {"type": "message", "receiver": "bob"},
            {"type": "message", "content": "x"},
            {"type": "message", "receiver": None, "conversation": None, "content": "x"},
            {"type": "message", "receiver": "bob", "conversation": "1", "content": "x"},
            {"type": "message", "receiver": 7, "content": "x"},
            {"type": "message", "receiver": "bob", "content": 7},
            {"type": "message", "receiver": "bob", "content": None},
            {"type": "message", "receiver": "bob", "content": "x", "kind": "system"},
            {"type": "message", "receiver": "bob", "content": "x", "kind": "dance"},
            {"type": "message", "receiver": "bob", "content": "x", "reply_to": 0},
            {"type": "message", "receiver": "bob", "content": "x", "reply_to": "1"},
            {"type": "message", "receiver": "bob", "content": "x", "mentions": "bob"},
            {"type": "message", "receiver": "bob", "content": "x", "mentions": ["b"] * 101},
            {"type": "message", "receiver": "bob", "content": "x", "attachments": ["a"] * 11},
            {"type": "message", "receiver": "bob", "content": "x", "payload": []},
            {"type": "edit", "conversation": "1", "seq": 1},
            {"type": "recall", "conversation": "1"},
            {"type": "recall", "conversation": 1, "seq": 1},
            {"type": "react", "conversation": "1", "seq": 1, "emoji": ""},
            {"type": "react", "conversation": "1", "seq": 1, "emoji": "e" * 33},
            {"type": "read", "conversation": "1", "seq": -1},
            {"type": "read", "conversation": "1", "seq": True},
            {"type": "read", "conversation": "1", "seq": 1.0},
            {"type": "unread", "conversation": "1", "seq": 0},
            {"type": "received", "conversation": "1"},
            {"type": "typing"},
            {"type": "sync"},
            {"type": "sync", "cursors": []},
            {"type": "presence", "users": "bob"},
            {"type": "presence", "users": ["b"] * 501},
        ],
        ids=lambda fields: json.dumps(fields)[9:60],
    )
    def test_a_field_that_is_not_right(self, fields: dict[str, Any]) -> None:
        bad = decode_one(json.dumps({**fields, "id": "h1"}))
        assert isinstance(bad, BadFrame)
        assert (bad.code, bad.id) == (ErrorCode.BAD_FRAME, "h1")

    @pytest.mark.parametrize("name", ["edit", "recall", "react", "sync", "presence"])
    def test_an_id_that_must_be_there(self, name: str) -> None:
        fields = json.loads(wire(CLIENT_FRAMES[name]))
        del fields["id"]
        bad = decode_one(json.dumps(fields))
        assert isinstance(bad, BadFrame) and bad.id is None

    @pytest.mark.parametrize("id", ["", "i" * 65, 1, [], {}, True, 1.5])
    def test_an_id_that_is_none(self, id: object) -> None:
        bad = decode_one(json.dumps({"type": "heartbeat", "id": id}))
        assert isinstance(bad, BadFrame)
        assert (bad.code, bad.id) == (ErrorCode.BAD_FRAME, None)

    @pytest.mark.parametrize("name", ["dance", "", "Login", "ack", "MESSAGE", "x" * 60_000])
    def test_unknown_type(self, name: str) -> None:
        bad = decode_one(json.dumps({"type": name, "id": "h1"}))
        assert isinstance(bad, BadFrame)
        assert (bad.code, bad.id) == (ErrorCode.UNKNOWN_TYPE, "h1")

    def test_the_answer__is_short_whatever_was_sent(self) -> None:
        bad = decode_one(json.dumps({"type": "message", "receiver": "b", "content": "x", "kind": "k" * 60_000}))
        assert isinstance(bad, BadFrame)
        assert len(bad.detail) <= 200


class TestTaken:
    def test_null__is_the_same_as_leaving_an_optional_field_out(self) -> None:
        for frame in (
            {"type": "message", "id": "h1", "receiver": "bob", "content": "x"},
            {"type": "react", "id": "h1", "conversation": "7", "seq": 1, "emoji": "👍"},
            {"type": "login", "device": {"id": "d", "platform": "web"}},
        ):
            plain = decode_one(json.dumps(frame))
            nulls = dict.fromkeys(set(type(plain).__struct_fields__) - set(frame))
            assert decode_one(json.dumps(nulls | frame)) == plain
            needed = next(iter(set(frame) - {"type", "id"}))
            assert isinstance(decode_one(json.dumps(nulls | frame | {needed: None})), BadFrame)

    @pytest.mark.parametrize("broken", [b"NaN", b'"\\ud800"', b'"\\u0000"', b"[" * 5_000 + b"]" * 5_000, b"[", b"1 1"])
    def test_null__excuses_nothing_else(self, broken: bytes) -> None:
        message = b'{"type":"message","id":"h1","receiver":"bob","content":"x","kind":null,"x":' + broken + b"}"
        assert isinstance(decode_one(message), BadFrame)

    @pytest.mark.parametrize(
        "payload",
        [
            BEAT,
            b" \t\r\n" + BEAT + b"\n ",
            b'{"x":1,"type":"heartbeat"}',
            b'{"\\u0074ype":"heartbeat"}',
            b'{"type":"heartbeat","id":null}',
            b'{"type":"heartbeat","type":"heartbeat"}',
            b'{"type":"heartbeat","x":18446744073709551616}',
            b'{"type":"heartbeat","x":' + b"9" * 5_000 + b"}",
            b'{"type":"heartbeat","x":1e999}',
            b'{"type":"heartbeat","x":"\\\\u0000"}',
            b'{"type":"heartbeat","x":"' + b"[" * 1_000 + b'"}',
            b'{"type":"heartbeat","x":"\\"' + b"{" * 1_000 + b'"}',
            b'{"type":"heartbeat","x":"a\\"' + b"{" * 1_000 + b'\\"b"}',
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_heartbeat(self, payload: bytes) -> None:
        assert decode_one(payload) == frames.Heartbeat()
        assert decode_one(payload.decode()) == frames.Heartbeat()

    def test_of_duplicate_keys__the_last_one_wins(self) -> None:
        assert decode_one(b'{"type":"heartbeat","id":"a","id":"b"}') == frames.Heartbeat(id="b")

    @pytest.mark.parametrize(
        ("escaped", "text"),
        [
            (rb'"\ud83d\ude00"', "😀"),
            (rb'"\\u0000"', r"\u0000"),
            (rb'"\u0001\n\t"', "\x01\n\t"),
            ('"世界 \u202e"'.encode(), "世界 \u202e"),
            (rb'"\u4e16"', "世"),
            (b'"' + b"[{" * 500 + b'"', "[{" * 500),
        ],
    )
    def test_text(self, escaped: bytes, text: str) -> None:
        frame = decode_one(message_with(escaped))
        assert isinstance(frame, frames.SendMessage) and frame.content == text

    @pytest.mark.parametrize("value", [INT64_MAX, INT64_MIN, 0, -1, 0.5, 1e300, True, None, "x", [], {}])
    def test_what_a_card_may_hold(self, value: object) -> None:
        frame = decode_one(card_with(json.dumps(value).encode()))
        assert isinstance(frame, frames.SendMessage) and frame.payload == {"x": value}

    @pytest.mark.parametrize("brackets", [b"[]", b'{"a":1}'])
    def test_nesting__to_the_limit(self, brackets: bytes) -> None:
        def nested(levels: int) -> bytes:
            return b"[" * (levels - 1) + brackets + b"]" * (levels - 1)

        # The frame is the first level; in a card the payload is another one.
        assert isinstance(decode_one(beat_with(nested(DEPTH_MAX - 1))), frames.Heartbeat)
        assert isinstance(decode_one(card_with(nested(DEPTH_MAX - 2))), frames.SendMessage)
        assert isinstance(decode_one(beat_with(b"[{}," + nested(DEPTH_MAX - 2) + b"]")), frames.Heartbeat)
        for payload in (beat_with(nested(DEPTH_MAX)), card_with(nested(DEPTH_MAX - 1))):
            bad = decode_one(payload)
            assert isinstance(bad, BadFrame) and bad.id == "h1"

    def test_many_brackets_side_by_side__are_not_deep(self) -> None:
        assert isinstance(decode_one(beat_with(b"[" + b"[]," * 1_000 + b"{}]")), frames.Heartbeat)


class TestBatch:
    def test_frames__in_order(self) -> None:
        batch = b"[" + b",".join(map(wire, CLIENT_FRAMES.values())) + b"]"
        assert JSON_CODEC.decode(batch) == list(CLIENT_FRAMES.values())
        assert JSON_CODEC.decode(b" \n" + batch) == list(CLIENT_FRAMES.values())

    def test_a_bad_one__is_bad_for_itself(self) -> None:
        good, bad, unknown, last = JSON_CODEC.decode(
            b'[{"type":"heartbeat","id":"1"},{"type":"edit","id":"2"},{"type":"?","id":"3"},{"type":"logout","id":"4"}]'
        )
        assert good == frames.Heartbeat(id="1")
        assert isinstance(bad, BadFrame) and (bad.code, bad.id) == (ErrorCode.BAD_FRAME, "2")
        assert isinstance(unknown, BadFrame) and (unknown.code, unknown.id) == (ErrorCode.UNKNOWN_TYPE, "3")
        assert last == frames.Logout(id="4")

    def test_depth_and_nul__are_looked_for_in_each(self) -> None:
        deep, nul, good = JSON_CODEC.decode(
            b'[{"type":"heartbeat","id":"1","x":'
            + b"[" * 16
            + b"]" * 16
            + b'},{"type":"heartbeat","id":"2","x":"\\u0000"},'
            b'{"type":"heartbeat","id":"3"}]'
        )
        assert isinstance(deep, BadFrame) and deep.id == "1"
        assert isinstance(nul, BadFrame) and nul.id == "2"
        assert good == frames.Heartbeat(id="3")

    @pytest.mark.parametrize("payload", [b"[]", b"[ ]", b"[", b"[{}", b"[1,]", b"[" * 100_000, b"[" + BEAT + b"] x"])
    def test_no_batch(self, payload: bytes) -> None:
        bad = decode_one(payload)
        assert isinstance(bad, BadFrame) and (bad.code, bad.id) == (ErrorCode.BAD_FRAME, None)

    @pytest.mark.parametrize("element", [b"[]", b"[" + BEAT + b"]", b"1", b"null", b'"x"'])
    def test_what_is_no_frame__is_no_frame_in_a_batch_either(self, element: bytes) -> None:
        first, second = JSON_CODEC.decode(b"[" + element + b"," + BEAT + b"]")
        assert isinstance(first, BadFrame) and first.code is ErrorCode.BAD_FRAME
        assert second == frames.Heartbeat()

    @pytest.mark.parametrize(("count", "fits"), [(BATCH_MAX - 1, True), (BATCH_MAX, True), (BATCH_MAX + 1, False)])
    def test_its_length(self, count: int, fits: bool) -> None:
        decoded = JSON_CODEC.decode(b"[" + b",".join([BEAT] * count) + b"]")
        assert len(decoded) == (count if fits else 1)
        assert isinstance(decoded[0], BadFrame) is not fits

    def test_encoded_frames__are_joined(self) -> None:
        encoded = list(map(JSON_CODEC.encode, SERVER_FRAMES.values()))
        joined = JSON_CODEC.encode_batch(encoded)
        assert msgspec.json.decode(joined, type=list[frames.ServerFrame]) == list(SERVER_FRAMES.values())

    def test_one_encoded_frame__stays_a_frame(self) -> None:
        assert JSON_CODEC.encode_batch([b'{"type":"x"}']) == b'{"type":"x"}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
known_fields = sorted({name for frame in CLIENT_FRAMES.values() for name in frame.__struct_fields__})


class TestAnything:
    @given(st.binary() | st.text() | json_values.map(json.dumps))
    @example(b"\xff\xfe{\x00}\x00")
    @example("\ud800")
    def test_never_raises(self, payload: str | bytes) -> None:
        decoded = JSON_CODEC.decode(payload)
        assert decoded
        assert all(isinstance(frame, BadFrame | frames.ClientFrame) for frame in decoded)

    @given(
        frame=st.sampled_from(list(CLIENT_FRAMES.values())),
        changes=st.dictionaries(st.sampled_from([*known_fields, "type"]), json_values, max_size=3),
        dropped=st.sets(st.sampled_from(known_fields), max_size=2),
    )
    def test_near_frames__are_taken_or_refused_with_their_id(
        self, frame: frames.ClientFrame, changes: dict[str, Any], dropped: set[str]
    ) -> None:
        fields = {name: value for name, value in json.loads(wire(frame)).items() if name not in dropped} | changes
        decoded = decode_one(json.dumps(fields))
        sent = fields.get("id")
        if isinstance(sent, str) and 1 <= len(sent) <= 64 and "\0" not in sent and sent.isprintable():
            assert decoded.id in (sent, None) if isinstance(decoded, BadFrame) else decoded.id == sent
        if not isinstance(decoded, BadFrame):
            # Whatever is taken can be stored and sent on: it has a form in bytes.
            assert msgspec.json.encode(decoded)

    @given(
        content=st.text(min_size=1).filter(lambda text: "\0" not in text),
        mentions=st.none() | st.lists(st.text().filter(lambda text: "\0" not in text), max_size=5),
    )
    def test_text__comes_through_unchanged(self, content: str, mentions: list[str] | None) -> None:
        sent = frames.SendMessage(id="1", receiver="bob", content=content, mentions=mentions)
        assert decode_one(wire(sent)) == sent
        ascii_only = json.dumps(json.loads(wire(sent)), ensure_ascii=True)
        assert decode_one(ascii_only) == sent
