"""§5.5.1 and §7: closing."""

from __future__ import annotations

import socket
import struct

from tests.hostile.peer import Peer
from tests.hostile.rfc6455 import Cases
from tests.hostile.websocket import BINARY, CLOSE, CONTINUATION, TEXT, frame_bytes

CASES = Cases()


@CASES.session("6.1", "A close without a code", "5.5.1", "closed back, with none or 1000; the server hangs up")
def no_code(peer: Peer) -> None:
    peer.send_close()
    peer.expect_close(1000, 1005)


@CASES.case("6.2", "Every code that may be sent", "7.4", "closed back, not with 1002")
def good_codes(port: int) -> None:
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999):
        with Peer(port) as peer:
            peer.open().send_close(code, b"bye")
            peer.expect_close(code, 1000)


@CASES.case("6.3", "Codes that must not be sent", "7.4", "closed with 1002")
def bad_codes(port: int) -> None:
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535):
        with Peer(port) as peer:
            peer.open().send_close(code)
            peer.expect_close(1002)


@CASES.session("6.4", "A close with one byte", "5.5.1", "closed with 1002")
def one_byte(peer: Peer) -> None:
    peer.send_frame(CLOSE, b"\x03")
    peer.expect_close(1002)


@CASES.session("6.5", "A reason of 123 bytes", "5.5", "closed back")
def long_reason(peer: Peer) -> None:
    peer.send_close(1000, b"x" * 123)
    peer.expect_close(1000)


@CASES.case("6.6", "A reason that is not UTF-8", "5.5.1, 8.1", "closed with 1007")
def bad_reason(port: int) -> None:
    for reason in (b"\xff", "世".encode()[:2], b"\xed\xa0\x80"):
        with Peer(port) as peer:
            peer.open().send_close(1000, reason)
            peer.expect_close(1007)


@CASES.session("6.7", "Data and pings after a close", "5.5.1", "ignored; closed back once")
def data_after(peer: Peer) -> None:
    peer.send(frame_bytes(CLOSE, b"\x03\xe8") + frame_bytes(TEXT, peer.beat()) + frame_bytes(9, b"ping"))
    assert peer.next_frame(CLOSE).payload[:2] == b"\x03\xe8"
    peer.expect_end()


@CASES.session("6.8", "A close in the middle of a fragmented message", "5.4", "closed back with its code or 1000")
def close_between(peer: Peer) -> None:
    peer.send_frame(TEXT, b"{", fin=False)
    peer.send(frame_bytes(CLOSE, b"\x03\xe8") + frame_bytes(CONTINUATION, b"}"))
    peer.expect_close(1000)


@CASES.session("6.9", "The server's close stays unanswered", "7.1.1", "it hangs up within 10 s")
def unanswered(peer: Peer) -> None:
    peer.send_frame(BINARY, b"\xff\xff")
    peer.next_frame(BINARY)
    assert int.from_bytes(peer.next_frame(CLOSE).payload[:2]) == 4500
    peer.socket.settimeout(10)
    peer.expect_end()


@CASES.session(
    "6.10", "Data instead of an answer to the server's close", "5.5.1", "ignored, and it hangs up within 10 s"
)
def unanswered_noise(peer: Peer) -> None:
    peer.send_frame(BINARY, b"\xff\xff")
    peer.next_frame(BINARY)
    peer.next_frame(CLOSE)
    peer.socket.settimeout(10)
    for _ in range(20):
        peer.send_frame(TEXT, peer.beat())
    peer.expect_end()


@CASES.session("6.11", "The peer closes its half of the connection without a word", "7.1.5", "the server hangs up")
def half_closed(peer: Peer) -> None:
    peer.expect_alive()
    peer.socket.shutdown(socket.SHUT_WR)
    peer.expect_end()


@CASES.case("6.12", "The peer resets the connection, in the middle of a frame", "7.1.5", "nobody else notices")
def reset(port: int) -> None:
    with Peer(port) as bystander:
        bystander.open()
        for _ in range(20):
            with Peer(port) as peer:
                peer.open().send(frame_bytes(TEXT, peer.beat())[:-3])
                peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        bystander.expect_alive()


@CASES.session("6.13", "Something is wrong after a close was begun by the server", "7.1.7", "it hangs up")
def wrong_after_close(peer: Peer) -> None:
    peer.send_frame(BINARY, b"\xff\xff")
    peer.next_frame(BINARY)
    peer.next_frame(CLOSE)
    peer.socket.settimeout(10)
    peer.send_frame(3, b"reserved", mask=None)
    while peer.frame() is not None:
        pass
