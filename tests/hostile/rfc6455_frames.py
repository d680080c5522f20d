"""§5, §6 and §8: frames, fragments, control frames, and text that must be UTF-8."""

from __future__ import annotations

from tests.hostile.peer import Peer
from tests.hostile.rfc6455 import Cases
from tests.hostile.websocket import BINARY, CONTINUATION, PING, PONG, TEXT, frame_bytes
from tests.support import protobuf

CASES = Cases()

#: Where the encoding of a length changes, and around it.
BORDERS = (124, 125, 126, 127, 128, 65_535, 65_536)
LIMIT = 65_536  # frame_bytes, the default
TEXT_SAMPLE = "κόσμε 世界 👋 \U0010ffff \ufffe\uffff"


def refused(port: int, data: bytes, *codes: int) -> None:
    """After `data` the connection is closed with one of these codes."""
    with Peer(port) as peer:
        peer.open()
        peer.send(data)
        peer.expect_close(*codes)


# --- 2: framing ------------------------------------------------------------------


@CASES.session("2.1", "Text messages at the borders of the length's encodings", "5.2", "each is answered")
def lengths(peer: Peer) -> None:
    for size in BORDERS:
        peer.send_frame(TEXT, peer.beat_of(size))
        peer.expect_beat()


@CASES.session("2.2", "A binary message", "5.6", "answered with a binary message")
def binary(peer: Peer) -> None:
    peer.send_frame(BINARY, protobuf.encode([{"type": "heartbeat", "id": "b"}], compact=False))
    [answer] = protobuf.decode(peer.next_frame(BINARY).payload)
    assert answer["id"] == "b"


@CASES.case("2.3", "A length in more bytes than it needs", "5.2", "answered, or closed with 1002")
def long_lengths(port: int) -> None:
    for length_bytes in (2, 8):
        with Peer(port) as peer:
            peer.open().send_frame(TEXT, peer.beat(), length_bytes=length_bytes)
            frame = peer.frame()
            assert frame is not None
            assert frame.opcode == TEXT or frame.payload[:2] == b"\x03\xea", frame


@CASES.case("2.4", "A 64-bit length with the highest bit set", "5.2", "closed with 1002 or 1009, before any payload")
def negative_length(port: int) -> None:
    refused(port, b"\x81\xff" + (2**63 + 5).to_bytes(8) + b"mask", 1002, 1009)


@CASES.case("2.5", "An unmasked frame", "5.1", "closed with 1002")
def unmasked(port: int) -> None:
    for opcode in (TEXT, BINARY, PING):
        refused(port, frame_bytes(opcode, b"{}", mask=None), 1002)


@CASES.session("2.6", "What the server sends", "5.1", "unmasked, unfragmented, no reserved bits")
def server_frames(peer: Peer) -> None:
    peer.send_frame(TEXT, peer.beat())
    frame = peer.next_frame(TEXT)
    assert (frame.fin, frame.rsv, frame.is_masked) == (True, 0, False)


@CASES.case("2.7", "A reserved bit (RSV1 is compression, which was not agreed on)", "5.2", "closed with 1002")
def reserved_bits(port: int) -> None:
    for rsv in (4, 2, 1, 7):
        refused(port, frame_bytes(TEXT, b"{}", rsv=rsv), 1002)
        refused(port, frame_bytes(PING, b"", rsv=rsv), 1002)


@CASES.case("2.8", "A reserved opcode", "5.2", "closed with 1002")
def reserved_opcodes(port: int) -> None:
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        refused(port, frame_bytes(opcode, b"{}"), 1002)


@CASES.session("2.9", "Masks of all kinds", "5.3", "each message is answered")
def masks(peer: Peer) -> None:
    for mask in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\x01\x02\x03", b"{{{{", b"\x80\0\0\x80"):
        for size in range(60, 68):
            peer.send_frame(TEXT, peer.beat_of(size), mask=mask)
            peer.expect_beat()


@CASES.session("2.10", "A frame cut at every byte", "5.2", "answered each time")
def cut(peer: Peer) -> None:
    for at in range(1, len(frame_bytes(TEXT, peer.beat_of(130)))):
        frame = frame_bytes(TEXT, peer.beat_of(130))
        peer.send(frame[:at])
        peer.send(frame[at:])
        peer.expect_beat()


@CASES.session("2.11", "A hundred frames glued together", "5.2", "answered in their order")
def glued(peer: Peer) -> None:
    peer.send(b"".join(frame_bytes(TEXT, peer.beat()) for _ in range(100)))
    assert [peer.answer()["id"] for _ in range(100)] == [f"b{number}" for number in range(1, 101)]


@CASES.session("2.12", "An empty message, text and binary", "5.6", "an error of the protocol; goes on")
def empty(peer: Peer) -> None:
    peer.send_frame(BINARY)
    [error] = protobuf.decode(peer.next_frame(BINARY).payload)
    peer.send_frame(TEXT)
    assert peer.answer()["code"] == error["code"] == "bad_frame"
    peer.expect_alive()


@CASES.session("2.13", "A message of exactly the limit", "10.4", "answered")
def limit(peer: Peer) -> None:
    peer.send_frame(TEXT, peer.beat_of(LIMIT))
    peer.expect_beat()


@CASES.case("2.14", "A message one byte above the limit", "10.4", "closed with 4513 (too_large)")
def above_limit(port: int) -> None:
    with Peer(port) as peer:
        peer.open().send_frame(TEXT, peer.beat_of(LIMIT + 1))
        peer.expect_close(4513)


@CASES.case(
    "2.15", "A frame that announces 1 MiB + 1, 2 GiB, or 2⁶³ - 1 bytes", "10.4", "closed with 1009, before any payload"
)
def announced(port: int) -> None:
    for length in (2**20 + 1, 2**31, 2**63 - 1):
        refused(port, b"\x82\xff" + length.to_bytes(8) + b"mask", 1009)


# --- 3: fragmentation ------------------------------------------------------------


@CASES.session("3.1", "Text in two fragments, cut anywhere", "5.4", "answered each time")
def two_fragments(peer: Peer) -> None:
    for at in range(0, 60, 7):
        message = peer.beat(TEXT_SAMPLE)
        peer.send_frame(TEXT, message[:at], fin=False)
        peer.send_frame(CONTINUATION, message[at:])
        peer.expect_beat()


@CASES.session("3.2", "Text in fragments of one byte", "5.4, 8.1", "answered, though characters are cut")
def byte_fragments(peer: Peer) -> None:
    message = peer.beat(TEXT_SAMPLE)
    peer.send_frame(TEXT, message[:1], fin=False)
    peer.send(b"".join(frame_bytes(CONTINUATION, bytes([byte]), fin=False) for byte in message[1:-1]))
    peer.send_frame(CONTINUATION, message[-1:])
    peer.expect_beat()


@CASES.session("3.3", "Empty fragments before, between and after", "5.4", "answered")
def empty_fragments(peer: Peer) -> None:
    message = peer.beat()
    peer.send_frame(TEXT, fin=False)
    for part in (b"", message[:9], b"", b"", message[9:]):
        peer.send_frame(CONTINUATION, part, fin=False)
    peer.send_frame(CONTINUATION)
    peer.expect_beat()


@CASES.session("3.4", "A ping between fragments", "5.4", "answered at once; then the message")
def ping_between(peer: Peer) -> None:
    message = peer.beat()
    peer.send_frame(TEXT, message[:9], fin=False)
    peer.ping(b"between")
    peer.expect_pong(b"between")
    peer.send_frame(CONTINUATION, message[9:])
    peer.expect_beat()


@CASES.case("3.5", "A continuation of nothing", "5.4", "closed with 1002")
def nothing_to_continue(port: int) -> None:
    for fin in (True, False):
        refused(port, frame_bytes(CONTINUATION, b"x", fin=fin), 1002)


@CASES.case("3.6", "A new message inside a fragmented one", "5.4", "closed with 1002")
def message_inside(port: int) -> None:
    for opcode in (TEXT, BINARY):
        refused(port, frame_bytes(TEXT, b"{", fin=False) + frame_bytes(opcode, b"}"), 1002)


@CASES.session("3.7", "A continuation after the last fragment", "5.4", "the message is answered; closed with 1002")
def continued_too_long(peer: Peer) -> None:
    message = peer.beat()
    peer.send_frame(TEXT, message[:9], fin=False)
    peer.send_frame(CONTINUATION, message[9:])
    peer.expect_beat()
    peer.send_frame(CONTINUATION, b"x")
    peer.expect_close(1002)


@CASES.case("3.8", "Fragments without an end, empty or of one byte", "10.4", "closed with 1009")
def endless_fragments(port: int) -> None:
    for payload in (b"", b"x"):
        refused(port, frame_bytes(BINARY, fin=False) + frame_bytes(CONTINUATION, payload, fin=False) * 2_000, 1009)


@CASES.case("3.9", "Fragments that are too much together", "10.4", "closed with 1009, before the last")
def fragments_above_limit(port: int) -> None:
    part = frame_bytes(CONTINUATION, b"x" * 60_000, fin=False)
    refused(port, frame_bytes(BINARY, b"x", fin=False) + part * 18, 1009)


@CASES.case("3.10", "Fragments one byte above the limit together", "10.4", "closed with 4513 (too_large)")
def fragmented_above_limit(port: int) -> None:
    with Peer(port) as peer:
        message = peer.open().beat_of(LIMIT + 1)
        peer.send_frame(TEXT, message[:40_000], fin=False)
        peer.send_frame(CONTINUATION, message[40_000:])
        peer.expect_close(4513)


# --- 4: control frames -----------------------------------------------------------


@CASES.session("4.1", "Pings of 0, 1 and 125 bytes, not UTF-8", "5.5.2", "a pong with the same payload")
def pings(peer: Peer) -> None:
    for payload in (b"", b"\0", b"\xff" * 125):
        peer.ping(payload)
        peer.expect_pong(payload)
    peer.expect_alive()


@CASES.case("4.2", "A ping, pong or close of 126 bytes", "5.5", "closed with 1002")
def long_control(port: int) -> None:
    for opcode in (PING, PONG, 8):
        refused(port, frame_bytes(opcode, b"\x03\xe8" + b"x" * 124), 1002)


@CASES.case("4.3", "A fragmented control frame", "5.5", "closed with 1002")
def fragmented_control(port: int) -> None:
    for opcode in (PING, PONG, 8):
        refused(port, frame_bytes(opcode, b"\x03\xe8", fin=False), 1002)


@CASES.session("4.4", "Pongs that nobody asked for", "5.5.3", "ignored")
def unasked_pongs(peer: Peer) -> None:
    for payload in (b"", b"hello", b"\0" * 125):
        peer.send_frame(PONG, payload)
    peer.expect_alive()


@CASES.session("4.5", "A thousand pings at once", "5.5.2", "a thousand pongs, in order")
def many_pings(peer: Peer) -> None:
    payloads = [number.to_bytes(2) for number in range(1_000)]
    peer.send(b"".join(frame_bytes(PING, payload) for payload in payloads))
    for payload in payloads:
        peer.expect_pong(payload)


@CASES.case(
    "4.6", "Twenty thousand pings from a peer that does not read meanwhile", "5.5.3", "the last one is answered"
)
def pings_unread(port: int) -> None:
    with Peer(port, receive_buffer_bytes=4_096) as peer:
        peer.open()
        for _ in range(20):
            peer.send(frame_bytes(PING, b"x" * 125) * 1_000)
        peer.ping(b"the last")
        while peer.next_frame(PONG).payload != b"the last":
            pass
        peer.expect_alive()


# --- 5: UTF-8 --------------------------------------------------------------------


@CASES.session("5.1", "Text of all lengths of characters, noncharacters included", "8.1", "answered")
def utf8(peer: Peer) -> None:
    peer.send_frame(TEXT, peer.beat(TEXT_SAMPLE))
    peer.expect_beat()


@CASES.session(
    "5.2", "Valid UTF-8 that is no JSON: U+0000, a byte order mark", "8.1", "an error of the protocol; goes on"
)
def no_json(peer: Peer) -> None:
    for text in (b"\0", b"\xef\xbb\xbf{}", b'{"type":"heartbeat","id":"\0"}'):
        peer.send_frame(TEXT, text)
        assert peer.answer()["code"] == "bad_frame"
    peer.expect_alive()


#: What is not UTF-8: stray and missing bytes, overlong forms, surrogates, beyond Unicode.
NOT_UTF8 = (
    *(b"\x80", b"\xff", b"\xc3(", b"\xe2\x82", b"\xf0\x9f\x91", b"\xc0\x80", b"\xe0\x80\xaf", b"\xf0\x80\x80\x80"),
    *(b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80"),
)


@CASES.case(
    "5.3", "Text that is not UTF-8: stray bytes, overlong, surrogates, beyond U+10FFFF", "8.1", "closed with 1007"
)
def not_utf8(port: int) -> None:
    for bad in NOT_UTF8:
        refused(port, frame_bytes(TEXT, b'{"type":"heartbeat","pad":"' + bad + b'"}'), 1007)


@CASES.case("5.4", "Text that ends in the middle of a character", "8.1", "closed with 1007")
def half_character(port: int) -> None:
    refused(port, frame_bytes(TEXT, "世".encode()[:2]), 1007)


@CASES.case("5.5", "A later fragment that is not UTF-8", "8.1", "closed with 1007, at once or at the end")
def not_utf8_later(port: int) -> None:
    refused(port, frame_bytes(TEXT, b"{", fin=False) + frame_bytes(CONTINUATION, b"\xff}"), 1007)


@CASES.session("5.6", "Binary that is not UTF-8", "5.6", "never 1007")
def binary_is_free(peer: Peer) -> None:
    peer.send_frame(BINARY, b"\xff\xff")
    peer.next_frame(BINARY)  # what was wrong, in Protobuf
    peer.expect_close(4500)
