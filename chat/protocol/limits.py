"""Every bound of the protocol, each with its reason.

The fixed ones are part of the contract or protect the decoder; the ones in `SessionConfig` are
an operator's choice and are told to the client at login where it has to know them.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Ids of clients: a UUID in any notation fits, an essay does not. The width of the database column.
ID_CHARS = 64

#: The width of the database column: "Firefox on Ubuntu" and some more.
DEVICE_NAME_CHARS = 120

#: Tokens are 43 characters of base64; a signed one of an identity provider is a few hundred.
TOKEN_CHARS = 2048

#: The longest emoji sequences (families with skin tones) have about 12 code points.
EMOJI_CHARS = 32

#: What one message may carry along: more pictures are an album, and more people a mailing list.
ATTACHMENTS_MAX = 10
MENTIONS_MAX = 100

#: Whose presence one frame may ask about: a screenful of conversations, several times over.
PRESENCE_USERS_MAX = 500

#: The largest number that every store, codec and client language here can hold.
INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)

#: No frame of the contract nests deeper than 4; cards may have some structure, recursion bombs may not.
DEPTH_MAX = 16

#: A batch is joined small frames; beyond this a client only delays its own answers, and a decoder works for nothing.
BATCH_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """What an operator may tune of a session. One instance serves all connections of a process."""

    #: One transport message, a batch included. Below the 1 MiB of ASGI servers, so that it is ours that closes.
    frame_bytes: int = 65_536
    #: About five pages of text. Fits into `frame_bytes` as UTF-8, and for all living scripts as JSON escapes too.
    content_chars: int = 10_000
    #: Connecting costs nothing until the login, so a connection without one must not live long.
    login_timeout_s: float = 10
    #: A login is one indexed read. After this long our own side is broken, and the client had better go elsewhere.
    authentication_timeout_s: float = 30
    #: A client that cannot form frames will not learn it; 10 tell its developer what is wrong.
    bad_frames_max: int = 10
    #: Far above a person, enough for a bot, and a drop of what one process can do.
    rate_per_s: float = 30
    #: Resending a full outbox after a long absence is legitimate and comes at once. None: no rate limit.
    rate_burst: int | None = 300
    #: What may wait while the login is being checked: a client may send its outbox right behind its `login`.
    waiting_frames_max: int = 64
    #: The same in bytes, since at that time the peer is still nobody we know.
    waiting_bytes_max: int = 131_072
