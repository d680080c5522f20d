"""The description: complete, valid, and true of what is sent and answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern

from chat.api import bodies, objects
from chat.api.examples import EXAMPLES
from chat.api.urls import v1
from chat.errors import ERRORS
from tests.api.conftest import Caller, good
from tests.factories import make_direct, make_group, send

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(Client().get("/api/schema/").content)


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_generation__has_no_warnings_and_validates(tmp_path: Path) -> None:
    call_command("spectacular", fail_on_warn=True, validate=True, file=str(tmp_path / "schema.yml"))


def test_every_route__is_described(schema: dict[str, Any]) -> None:
    described = {(method, path) for method, path, _operation in operations(schema)}
    methods = [
        (method, pattern)
        for pattern in v1
        if isinstance(pattern, URLPattern)
        for method in METHODS
        if hasattr(pattern.callback.cls, method)
    ]
    assert len(described) == len(methods)


def test_every_operation__has_what_a_reader_needs(schema: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in schema["tags"]}
    names = set()
    for method, path, operation in operations(schema):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert set(operation["tags"]) <= tags, where
        assert all(parameter["description"] for parameter in operation.get("parameters", [])), where
        bodies_of = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies_of:
            for content in body.get("content", {}).values():
                assert content["schema"].get("format") == "binary" or content["examples"], where
        names.add(operation["operationId"])
    assert len(names) == len(operations(schema))


def test_every_error__has_the_one_shape(schema: dict[str, Any]) -> None:
    statuses = {info.http_status for info in ERRORS.values()}
    for method, path, operation in operations(schema):
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {"429", "500"} <= errors.keys(), (method, path)
        for status, answer in errors.items():
            assert int(status) in statuses
            assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody")


def test_every_example__is_of_its_type(schema: dict[str, Any]) -> None:
    for struct, value in EXAMPLES.items():
        msgspec.convert(value, struct)
        checked(value, struct.__name__, schema)


def test_every_body_and_object__has_an_example() -> None:
    types = {
        value
        for module in (bodies, objects)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.__name__
    }
    inner = {bodies.Body, bodies.Device, objects.DeviceObject, objects.ErrorObject, objects.ErrorBody}
    inner |= {objects.BlockObject, objects.ContactObject, objects.RequestObject}
    queries = {
        bodies.UserSearch,
        bodies.RequestQuery,
        bodies.ConversationQuery,
        bodies.HistoryQuery,
        bodies.SearchQuery,
        bodies.SharedQuery,
    }
    assert types - inner - queries <= EXAMPLES.keys()


def checked(value: object, name: str, schema: dict[str, Any]) -> None:
    """`value` must be what the component `name` says."""
    described = {"$ref": f"#/components/schemas/{name}", "components": schema["components"]}
    jsonschema.Draft202012Validator(described).validate(value)


def test_real_answers__are_what_the_description_says(schema: dict[str, Any], alice: Caller, bob: Caller) -> None:
    direct = make_direct(alice.user, bob.user)
    group = make_group(alice.user, bob.user)
    send(bob.user, direct, "Hello!")
    path = f"conversations/{direct.pk}"
    good(alice.put(f"{path}/messages/1/reactions/+1/"))
    for answer, name in [
        (alice.get("me/"), "MeObject"),
        (alice.get("devices/"), "DevicePage"),
        (alice.get("users/", search="b"), "UserPage"),
        (alice.get("conversations/"), "ConversationPage"),
        (alice.get(f"conversations/{group.pk}/"), "ConversationObject"),
        (alice.get(f"conversations/{group.pk}/members/"), "MemberPage"),
        (alice.get(f"conversations/{group.pk}/requests/"), "JoinRequestPage"),
        (alice.put(f"{path}/messages/1/pin/"), "AckObject"),
        (alice.get(f"{path}/pins/"), "PinPage"),
        (alice.get(f"{path}/shared/", kind="links"), "SharedPage"),
        (alice.get(f"{path}/messages/", html="true"), "MessagePage"),
        (alice.put(f"{path}/messages/1/reactions/-1/"), "AckObject"),
        (alice.post("sync/", {"cursors": {}}), "SyncObject"),
    ]:
        checked(good(answer), name, schema)
    checked(json.loads(alice.get("conversations/1/").content), "ErrorBody", schema)


def test_page__comes_from_this_server_alone(db: None) -> None:
    response = Client().get("/api/docs/")
    assert response.status_code == 200
    page = response.content.decode()
    assert "//" not in page.replace("</", "").replace("<!--", "")
    assert "/api/schema/" in page
