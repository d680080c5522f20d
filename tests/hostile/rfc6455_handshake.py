"""§4: the opening handshake."""

from __future__ import annotations

import contextlib

from tests.hostile.peer import Peer
from tests.hostile.rfc6455 import Cases
from tests.hostile.websocket import KEY, TEXT, accept_of, frame_bytes, handshake_bytes

CASES = Cases()


def refused(port: int, *statuses: int, **request: object) -> dict[str, str]:
    """The handshake is refused with one of these statuses; the headers of the answer."""
    with Peer(port) as peer:
        response = peer.request(**request)  # type: ignore[arg-type]
        assert response.status in statuses, response
        return response.headers


def accepted(port: int, **headers: str | None) -> dict[str, str]:
    """The handshake is accepted and the connection works; the headers of the answer."""
    with Peer(port) as peer:
        response = peer.request(headers=headers)
        assert response.status == 101, response
        peer.expect_alive()
        return response.headers


@CASES.case("1.1", "A good handshake", "4.2.2", "101 with the accept value of the key")
def good(port: int) -> None:
    headers = accepted(port)
    assert headers["sec-websocket-accept"] == accept_of(KEY)
    assert headers["upgrade"].lower() == "websocket"
    assert headers["connection"].lower() == "upgrade"


@CASES.case("1.2", "Names and values in other letters; Connection has several", "4.2.1", "101")
def letters(port: int) -> None:
    accepted(port, Upgrade="WebSocket", Connection="keep-alive, upgrade")


@CASES.case("1.3", "No key", "4.2.1", "400")
def no_key(port: int) -> None:
    refused(port, 400, headers={"Sec-WebSocket-Key": None})


@CASES.case("1.4", "A key that is not 16 bytes of base64", "4.2.1", "400")
def bad_key(port: int) -> None:
    for key in ("", "short", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZSE=", "!" * 24):
        refused(port, 400, headers={"Sec-WebSocket-Key": key})


@CASES.case("1.5", "Two keys", "11.3.1", "400")
def two_keys(port: int) -> None:
    refused(port, 400, headers={"Sec-WebSocket-Key": KEY, "sec-websocket-key": KEY})


@CASES.case("1.6", "An old or unknown version", "4.4", "400 or 426, naming version 13")
def other_version(port: int) -> None:
    for version in ("0", "8", "14", "255"):
        headers = refused(port, 400, 426, headers={"Sec-WebSocket-Version": version})
        assert headers["sec-websocket-version"] == "13"


@CASES.case("1.7", "No version, or one that is no number", "4.2.1", "400 or 426")
def no_version(port: int) -> None:
    for version in (None, "", "x", "-13", "13.0"):
        refused(port, 400, 426, headers={"Sec-WebSocket-Version": version})


@CASES.case("1.8", "Another method than GET", "4.2.1", "4xx")
def other_method(port: int) -> None:
    for method in ("POST", "HEAD", "PUT"):
        refused(port, 400, 403, 404, 405, 426, method=method)


@CASES.case("1.9", "HTTP/1.0", "4.2.1", "4xx")
def old_http(port: int) -> None:
    refused(port, 400, 403, 404, 426, 505, version="HTTP/1.0")


@CASES.case("1.10", "No Host", "4.2.1", "400")
def no_host(port: int) -> None:
    refused(port, 400, headers={"Host": None})


@CASES.case("1.11", "A foreign Origin", "4.2.2, 10.2", "403")
def foreign_origin(port: int) -> None:
    refused(port, 403, headers={"Origin": "https://evil.example"})


@CASES.case("1.12", "Its own Origin", "10.2", "101")
def own_origin(port: int) -> None:
    accepted(port, Origin=f"http://127.0.0.1:{port}")


@CASES.case(
    "1.13", "The subprotocol im.v1 is offered, alone or among others", "4.2.2", "101 with im.v1 and nothing else"
)
def subprotocol(port: int) -> None:
    for offered in ("im.v1", "chat, im.v1", "im.v1,chat"):
        assert accepted(port, **{"Sec-WebSocket-Protocol": offered})["sec-websocket-protocol"] == "im.v1"


@CASES.case("1.14", "Other subprotocols are offered, or none", "4.2.2", "101 without a subprotocol")
def other_subprotocol(port: int) -> None:
    for offered in ("chat", "IM.V1", None):
        assert "sec-websocket-protocol" not in accepted(port, **{"Sec-WebSocket-Protocol": offered})


@CASES.case("1.15", "No Upgrade, or to something else", "4.2.1", "4xx")
def no_upgrade(port: int) -> None:
    for upgrade in (None, "h2c"):
        refused(port, 400, 404, 426, headers={"Upgrade": upgrade})


@CASES.case("1.16", "Connection does not say Upgrade", "4.2.1", "4xx")
def no_connection(port: int) -> None:
    for connection in (None, "keep-alive", "close"):
        refused(port, 400, 404, 426, headers={"Connection": connection})


@CASES.case("1.17", "Compression and unknown extensions are offered", "9.1", "101 without an extension")
def extensions(port: int) -> None:
    for offered in ("permessage-deflate; client_max_window_bits", "x-unknown; a=1", "permessage-deflate, x-unknown"):
        assert "sec-websocket-extensions" not in accepted(port, **{"Sec-WebSocket-Extensions": offered})


@CASES.case("1.18", "A megabyte of headers", "10.4", "refused or cut off")
def giant_head(port: int) -> None:
    with Peer(port) as peer:
        peer.send(handshake_bytes(port=port)[:-2] + b"X-Filling: " + b"x" * 2**20 + b"\r\n\r\n")
        with contextlib.suppress(EOFError, ConnectionResetError):  # cut off
            assert 400 <= peer.response().status < 500


@CASES.case("1.19", "The handshake comes byte by byte", "4.2.1", "101")
def byte_by_byte(port: int) -> None:
    with Peer(port) as peer:
        for byte in handshake_bytes(port=port):
            peer.send(bytes([byte]))
        assert peer.response().status == 101
        peer.expect_alive()


@CASES.case(
    "1.20", "A frame is glued to the handshake, which a client must not do", "4.1", "101; the frame may be dropped"
)
def glued(port: int) -> None:
    with Peer(port) as peer:
        peer.send(handshake_bytes(port=port) + frame_bytes(TEXT, peer.beat()))
        assert peer.response().status == 101
        peer.send_frame(TEXT, peer.beat())
        while peer.answer()["id"] != "b2":
            pass


@CASES.case("1.21", "Garbage instead of a handshake", "4.2.1", "400, or cut off")
def garbage(port: int) -> None:
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"\0" * 64 + b"\r\n\r\n", b"GET\r\n\r\n"):
        with Peer(port) as peer:
            peer.send(noise)
            with contextlib.suppress(EOFError, ConnectionResetError):  # cut off
                assert peer.response().status == 400
