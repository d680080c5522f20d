"""The frames' types: what they share with the objects, what they refuse, what they hide."""

from __future__ import annotations

import typing

import msgspec
import pytest

from chat import events
from chat.protocol import frames
from tests.support.frames import CLIENT_FRAMES, SERVER_FRAMES

CLIENT_TYPES = typing.get_args(frames.ClientFrame)
SERVER_TYPES = typing.get_args(frames.ServerFrame)


def test_there_is_an_example_of_every_frame() -> None:
    assert {type(frame) for frame in CLIENT_FRAMES.values()} == set(CLIENT_TYPES)
    assert {type(frame) for frame in SERVER_FRAMES.values()} == set(SERVER_TYPES)


def test_the_types_of_the_contract() -> None:
    def tags(types: tuple[type[msgspec.Struct], ...]) -> set[object]:
        return {frame.__struct_config__.tag for frame in types}

    assert tags(CLIENT_TYPES) == {
        *("login", "message", "edit", "recall", "react", "read", "unread", "received"),
        *("typing", "sync", "presence", "heartbeat", "logout"),
    }
    assert tags(SERVER_TYPES) == {
        *("login", "ack", "message", "conversation", "receipt", "typing", "presence", "sync", "heartbeat", "error"),
        "contact_requests",  # not of the contract, which lets clients pass over what they do not know
    }


@pytest.mark.parametrize(
    ("frame", "body"),
    [
        (frames.Message, events.MessageObject),
        (frames.Conversation, events.ConversationObject),
        (frames.Ack, events.AckObject),
    ],
)
def test_a_frame__has_the_fields_of_its_object(frame: type[msgspec.Struct], body: type[msgspec.Struct]) -> None:
    assert frame.__struct_fields__ == body.__struct_fields__


def test_a_message__goes_to_one_place() -> None:
    with pytest.raises(ValueError, match="either"):
        frames.SendMessage(content="x")
    with pytest.raises(ValueError, match="either"):
        frames.SendMessage(content="x", receiver="bob", conversation="17")


@pytest.mark.parametrize(
    "frame",
    [
        frames.Login(token="s3cret", device=frames.DeviceInfo(id="d1", platform="web")),
        frames.SendMessage(id="m1", receiver="bob", content="s3cret", payload={"title": "s3cret"}),
        frames.Edit(id="m1", conversation="17", seq=1, content="s3cret"),
    ],
)
def test_secrets_and_texts__are_in_no_repr(frame: frames.ClientFrame) -> None:
    for text in (repr(frame), str(frame), f"{[frame]}"):
        assert "s3cret" not in text
        assert type(frame).__name__ in text
