"""Packets out of a byte stream that is cut anywhere."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chat.errors import CloseCode
from chat.protocol.framing import HEADER_BYTES, LengthPrefixedDecoder, encode_packet

LIMIT = 100


def decoder() -> LengthPrefixedDecoder:
    return LengthPrefixedDecoder(limit_bytes=LIMIT)


def test_a_packet__is_a_big_endian_length_and_the_body() -> None:
    assert encode_packet(b'{"type":"heartbeat"}') == b'\x00\x00\x00\x14{"type":"heartbeat"}'


def test_an_empty_packet__cannot_be_made() -> None:
    with pytest.raises(ValueError, match="empty"):
        encode_packet(b"")


def test_glued_packets() -> None:
    assert decoder().receive(encode_packet(b"one") + encode_packet(b"two")) == [b"one", b"two"]


def test_cut_at_any_two_bytes() -> None:
    bodies = [b"x", b"two", b"y" * LIMIT]
    stream = b"".join(map(encode_packet, bodies))
    for first, second in itertools.combinations(range(len(stream) + 1), 2):
        reader = decoder()
        parts = stream[:first], stream[first:second], stream[second:]
        assert [body for part in parts for body in reader.receive(part)] == bodies


@given(bodies=st.lists(st.binary(min_size=1, max_size=LIMIT)), data=st.data())
def test_cut_anyhow(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(encode_packet, bodies))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    reader = decoder()
    received = [
        body for part in itertools.pairwise([0, *cuts, len(stream)]) for body in reader.receive(stream[slice(*part)])
    ]
    assert received == bodies
    assert reader.close_code is None


def test_a_packet__is_out_with_its_last_byte() -> None:
    reader = decoder()
    *most, last = (bytes([byte]) for byte in encode_packet(b"body"))
    assert not reader.is_inside_packet
    for byte in most:
        assert reader.receive(byte) == []
        assert reader.is_inside_packet
    assert reader.receive(last) == [b"body"]
    assert not reader.is_inside_packet


@pytest.mark.parametrize("length", [1, LIMIT - 1, LIMIT])
def test_lengths_that_are_taken(length: int) -> None:
    reader = decoder()
    assert reader.receive(encode_packet(b"x" * length)) == [b"x" * length]
    assert reader.close_code is None


@pytest.mark.parametrize(
    ("length", "close_code"),
    [
        (0, CloseCode.BAD_FRAME),
        (LIMIT + 1, CloseCode.TOO_LARGE),
        (2**31 - 1, CloseCode.TOO_LARGE),
        (2**31, CloseCode.TOO_LARGE),
        (2**32 - 1, CloseCode.TOO_LARGE),
    ],
)
def test_lengths_that_are_refused__before_their_first_byte(length: int, close_code: CloseCode) -> None:
    reader = decoder()
    header = length.to_bytes(HEADER_BYTES)
    assert reader.receive(encode_packet(b"before") + header[:3]) == [b"before"]
    assert reader.close_code is None
    assert reader.receive(header[3:]) == []
    assert reader.close_code is close_code


def test_packets_before_a_refused_one__count() -> None:
    reader = decoder()
    assert reader.receive(encode_packet(b"before") + bytes(HEADER_BYTES) + encode_packet(b"after")) == [b"before"]
    assert reader.close_code is CloseCode.BAD_FRAME


def test_after_a_refused_length__everything_is_dropped() -> None:
    reader = decoder()
    reader.receive(bytes(HEADER_BYTES))
    assert reader.receive(encode_packet(b"after")) == []
    assert reader.close_code is CloseCode.BAD_FRAME
    assert not reader.is_inside_packet


@given(st.lists(st.binary(max_size=20)))
def test_any_bytes__never_raise(parts: list[bytes]) -> None:
    reader = decoder()
    for part in parts:
        assert all(0 < len(body) <= LIMIT for body in reader.receive(part))
