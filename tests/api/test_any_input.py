"""Whatever a signed-in client sends, to whatever route: an answer of the contract, never a fault of the server's."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from django.db import transaction
from django.urls import URLPattern
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chat.api import bodies
from chat.api.urls import v1
from chat.errors import ERRORS
from tests.api.conftest import Caller
from tests.factories import make_direct, send

STATUSES = {200, 201, 202, 204, 405, 415, *(info.http_status for info in ERRORS.values())} - {500}

#: Every name that means something in a body or a query, so that the inputs get past the first look.
NAMES = sorted(
    {
        field
        for value in vars(bodies).values()
        if isinstance(value, type) and issubclass(value, msgspec.Struct)
        for field in value.__struct_fields__
    }
)

text = st.text(max_size=40) | st.sampled_from(
    ["alice", "bob", "group", "direct", "channel", "admin", "owner", "card", "ios", "\x00", "\ud800", "é", "+1"]
)
scalars = (
    st.none() | st.booleans() | st.integers() | st.integers(0, 3) | st.floats() | text | st.sampled_from([2**63, 2**64])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=6
)
objects = st.dictionaries(st.sampled_from(NAMES) | text, values, max_size=6)
payloads = objects.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
paths = text.map(lambda value: quote(value, safe="", errors="surrogatepass"))


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, bytes | None]:
    """Method, path and body; the conversation `{}` is one that there is."""
    pattern = draw(st.sampled_from([each for each in v1 if isinstance(each, URLPattern)]))
    parts = {
        name: draw(st.just("{}") | paths if name == "conversation" else st.just("1") | paths)
        for name in pattern.pattern.converters
    }
    route = str(pattern.pattern)
    for name, value in parts.items():
        converter = next(kind for kind in ("int", "str", "path", "uuid") if f"<{kind}:{name}>" in route)
        route = route.replace(f"<{converter}:{name}>", value)
    query = draw(st.dictionaries(st.sampled_from(NAMES), scalars.map(str), max_size=3))
    if query:
        route += "?" + urlencode(query, errors="surrogatepass")
    method = draw(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]))
    return method, route, draw(st.none() | payloads)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests())
@example(("PATCH", "me/", b'{"name": "\\ud800"}'))
@example(("POST", "conversations/{}/messages/", b'{"content": "x", "payload": {"a": [1e999]}, "kind": "card"}'))
@example(("PATCH", "conversations/{}/", b'{"muted_until": 253402300799000}'))
@example(("GET", "conversations/{}/messages/?around_seq=9223372036854775807", None))
@example(("DELETE", "devices/a%2F%00b/", None))
def test_any_request__gets_an_answer_of_the_contract(
    alice: Caller, bob: Caller, sent: tuple[str, str, bytes | None]
) -> None:
    method, route, body = sent
    with transaction.atomic():
        conversation = make_direct(alice.user, bob.user)
        send(alice.user, conversation)
        response = alice.call(method, route.replace("{}", str(conversation.pk)), body)
        transaction.set_rollback(True)
    assert response.status_code in STATUSES, (response.status_code, response.content)
    if response.status_code >= 400:
        error: dict[str, Any] = json.loads(response.content)["error"]
        assert error["code"] in ERRORS
