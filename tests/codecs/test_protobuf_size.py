"""What Protobuf is for: few bytes. bench/codecs.py has the frames, and measures time as well."""

from __future__ import annotations

import pytest

from bench import codecs

CLIENTS = [pytest.param(codecs.client_payloads(frame), id=f"> {name}") for name, frame in codecs.CLIENT_FRAMES.items()]
SERVERS = [pytest.param(codecs.server_payloads(frame), id=f"< {name}") for name, frame in codecs.SERVER_FRAMES.items()]


@pytest.mark.parametrize("payloads", [*CLIENTS, *SERVERS])
def test_a_frame_of_a_chat(payloads: tuple[bytes, bytes, bytes]) -> None:
    in_json, plain, compact = map(len, payloads)
    assert compact <= codecs.SHARE_MAX * in_json
    assert compact < plain < 0.75 * in_json
