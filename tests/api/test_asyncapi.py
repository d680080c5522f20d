"""The sockets' description: valid, complete, and true of what is sent.

`asyncapi-3.0.0.schema.json.gz` is `schemas/3.0.0-without-$id.json` of the npm package `@asyncapi/specs` 6.11.1, as it
is there (Apache License 2.0, https://github.com/asyncapi/spec-json-schemas).
"""

from __future__ import annotations

import gzip
import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.test import Client

from chat.errors import CloseCode, ErrorCode
from chat.protocol.frames import ClientFrame, ServerFrame

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(Client().get("/api/asyncapi.json", headers={"host": "testserver"}).content)


def at(document: dict[str, Any], ref: str) -> Any:
    """What a `$ref` points to."""
    value: Any = document
    for name in ref.removeprefix("#/").split("/"):
        value = value[name]
    return value


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs(item)


def checked(document: dict[str, Any], message: str, payload: object) -> None:
    """`payload` must be what the document says of the message."""
    schema = at(document, f"#/components/messages/{message}/payload") | {"components": document["components"]}
    jsonschema.Draft7Validator(schema).validate(payload)


def test_it_is_asyncapi(document: dict[str, Any]) -> None:
    schema = json.loads(gzip.decompress((HERE / "asyncapi-3.0.0.schema.json.gz").read_bytes()))
    jsonschema.Draft7Validator(schema).validate(document)


def test_every_reference__leads_somewhere(document: dict[str, Any]) -> None:
    found = set(refs(document))
    assert found
    for ref in found:
        assert at(document, ref), ref


def test_every_frame__is_in_an_operation(document: dict[str, Any]) -> None:
    by_action: dict[str, set[str]] = {"receive": set(), "send": set()}
    for operation in document["operations"].values():
        by_action[operation["action"]] |= {ref.rpartition("/")[2] for ref in refs(operation["messages"])}
        answers = refs(operation.get("reply", {}).get("messages", []))
        by_action["send"] |= {ref.rpartition("/")[2] for ref in answers}
    assert by_action["receive"] == {frame.__name__ for frame in typing.get_args(ClientFrame)}
    assert by_action["send"] == {frame.__name__ for frame in typing.get_args(ServerFrame)}


def test_every_code__is_in_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert [each["const"] for each in schemas["ErrorCode"]["oneOf"]] == [code.value for code in ErrorCode]
    assert [each["const"] for each in schemas["CloseCode"]["oneOf"]] == [int(code) for code in CloseCode]


def test_every_example__is_of_its_type(document: dict[str, Any]) -> None:
    for name, message in document["components"]["messages"].items():
        assert message["examples"], name
        for example in message["examples"]:
            checked(document, name, example["payload"])


def test_what_a_server_said__is_what_it_describes(document: dict[str, Any]) -> None:
    """The trace in docs/protocol.md was recorded from one."""
    lines = re.findall(r"^\w+ +([<>]) (?:[0-9a-f]{2} ){4} (.+)$", (ROOT / "docs/protocol.md").read_text("utf-8"), re.M)
    assert lines
    by_type = {
        (arrow, frame.__struct_config__.tag): frame.__name__
        for arrow, frames in ((">", ClientFrame), ("<", ServerFrame))
        for frame in typing.get_args(frames)
    }
    for arrow, text in lines:
        payload = json.loads(text)
        checked(document, by_type[arrow, payload["type"]], payload)


def test_servers__are_where_it_was_asked_for() -> None:
    client = Client()
    plain = client.get("/api/asyncapi.json", headers={"host": "testserver:8000"}).json()["servers"]
    assert (plain["websocket"]["protocol"], plain["websocket"]["host"]) == ("ws", "testserver:8000")
    assert plain["tcp"]["host"] == "testserver:{port}"
    secure = client.get("/api/asyncapi.json", secure=True).json()["servers"]
    assert (secure["websocket"]["protocol"], secure["websocket"]["host"]) == ("wss", "testserver")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/api/asyncapi.json", "application/vnd.aai.asyncapi+json; version=3.0.0"),
        ("/api/im.proto", "text/plain; charset=utf-8"),
        ("/api/schema/", "application/json"),
    ],
)
def test_descriptions__are_public_and_kept_by_caches(path: str, content_type: str) -> None:
    first = Client().get(path)
    assert (first.status_code, first["Content-Type"]) == (200, content_type)
    assert first["Cache-Control"] == "public, max-age=300"
    again = Client().get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_proto__is_the_source_of_the_codec() -> None:
    assert Client().get("/api/im.proto").content == (ROOT / "chat/codecs/im.proto").read_bytes()


def test_page__links_them(db: None) -> None:
    page = Client().get("/api/docs/").content.decode()
    for path in ("/api/asyncapi.json", "/api/im.proto", "/api/schema/"):
        assert f'href="{path}"' in page
