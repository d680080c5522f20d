"""How the API describes itself as OpenAPI 3.1.

`operation` says of a view's method what it takes and answers, in the types of chat.api.bodies and chat.api.objects;
`complete` adds the schemas of those types, made by msgspec from what also decodes and encodes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiRequest, OpenApiResponse, extend_schema

from chat.api.bodies import Body
from chat.api.examples import EXAMPLES
from chat.api.objects import ErrorBody
from chat.errors import ErrorCode
from chat.protocol.limits import ID_CHARS

F = TypeVar("F", bound=Callable[..., Any])

INTRODUCTION = """\
The REST side of the `im.v1` protocol: the same rules, ids, error codes and objects as over its sockets.

**Signing in.** `POST /api/v1/tokens/` answers a token for one device; send it as `Authorization: Bearer TOKEN`. Pages
of this site use their session cookie instead, with Django's CSRF token on every write.

**Errors** have one shape, `{"error": {"code", "detail", …}}`, with `fields` when something in the body is wrong and
`retry_after` (and the header `Retry-After`) when the same request may succeed later. What does not exist and what one
may not see are both `not_found`. A method that a route does not take is 405, a body that is not JSON 415.

**Times** are Unix milliseconds. **Ids of conversations** are opaque strings. **Lists** are `{"results", "next"}`, with
`next` null on the last page. **Unknown fields** of a body are ignored, and clients ignore those of an answer.

**Retries are free.** Give every message an `id` of your own, and send it again with the same `id` until there is an
answer: it is stored once. To ask for a state that already is (a read mark, a reaction, a member) changes nothing.
"""

_TAGS = {
    "people": "Accounts, sign-ins, devices and profiles.",
    "relations": "Contacts, requests to become one, and blocks.",
    "conversations": "Conversations, their members, and how far they are read.",
    "messages": "History, sending, editing, recalling, reacting.",
    "files": "What messages carry along: upload it first, then name it in a message.",
    "sync": "What a client lacks, for those without a socket too.",
}

_PATH_PARAMETERS = {
    "attachment": "The id of a file, as the server gave it.",
    "conversation": "The id of a conversation.",
    "device": "The id of a device, as the client chose it.",
    "emoji": "The emoji, percent-encoded.",
    "invite": "The id of an invite link.",
    "scheduled": "The id of a scheduled message.",
    "seq": "The number of a message in its conversation.",
    "token": "The end of an invite link.",
    "username": "A username, in any case.",
}

#: A form with a file in it.
UPLOAD = "multipart/form-data"
_BINARY = {"type": "string", "format": "binary"}
_FORM = {
    "type": "object",
    "properties": {
        "file": _BINARY,
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": ID_CHARS,
            "description": "Chosen by the client: the same file again under the same id is stored once.",
        },
    },
    "required": ["file"],
}
_FORM_EXAMPLE = {"id": "0b9d5c3e-7f0e-4f57-9d0a-2c1f5a3f7f11", "file": "…"}

_REF = "#/components/schemas/{name}"
_JSON = "application/json"
_types: set[type[msgspec.Struct]] = set()


def operation(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    path: Iterable[str] = (),
    query: type[Body] | None = None,
    body: type[Body] | None = None,
    upload: str | None = None,
    answers: Mapping[int, type[msgspec.Struct] | type[bytes] | None],
    errors: Iterable[ErrorCode] = (),
    is_public: bool = False,
) -> Callable[[F], F]:
    """Describe a method: `operation_id` names it in generated clients, `summary` for people, its docstring at length.

    `answers` is the type of the body by status, `bytes` for a file; `errors` are the codes of its own, beside those
    that any request may get. `upload` is the media type of a body that is a file, or UPLOAD for a form that has one.
    """
    codes = {ErrorCode.RATE_LIMITED, ErrorCode.SERVER_ERROR, *errors}
    if not is_public:
        codes |= {ErrorCode.NOT_LOGGED_IN, ErrorCode.BAD_CREDENTIALS}
    if query or body or upload:
        codes.add(ErrorCode.BAD_FRAME)
    if body or upload:
        codes |= {ErrorCode.TOO_LARGE, ErrorCode.FORBIDDEN}
    request: Any = None
    if body is not None:
        request = {_JSON: OpenApiRequest(_ref(body), examples=[_example(body)])}
    elif upload == UPLOAD:
        request = {UPLOAD: OpenApiRequest(_FORM, examples=[OpenApiExample("File", value=_FORM_EXAMPLE)])}
    elif upload is not None:
        request = {upload: {"type": "string", "format": "binary"}}
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        parameters=[*map(_path_parameter, path), *_query_parameters(query)],
        request=request,
        responses={
            **{_place(status, answer): _answer(status, answer) for status, answer in answers.items()},
            **_error_answers(codes),
        },
        auth=[] if is_public else None,
    )


def _ref(struct: type[msgspec.Struct]) -> dict[str, Any]:
    _types.add(struct)
    return {"$ref": _REF.format(name=struct.__name__)}


def _example(struct: type[msgspec.Struct]) -> OpenApiExample:
    return OpenApiExample(struct.__name__, value=EXAMPLES[struct])


def _place(status: int, answer: type | None) -> int | tuple[int, str]:
    return (status, "*/*") if answer is bytes else status


def _answer(status: int, struct: type[msgspec.Struct] | type[bytes] | None) -> OpenApiResponse:
    if struct is None:
        return OpenApiResponse(description="Done.")
    if not issubclass(struct, msgspec.Struct):
        return OpenApiResponse(_BINARY, description="The bytes.")
    description = (struct.__doc__ or "").partition("\n")[0]
    return OpenApiResponse(_ref(struct), description=description, examples=[_example(struct)])


def _error_answers(codes: Iterable[ErrorCode]) -> dict[int, OpenApiResponse]:
    by_status: dict[int, list[ErrorCode]] = {}
    for code in sorted(codes, key=lambda code: (code.info.http_status, code.value)):
        by_status.setdefault(code.info.http_status, []).append(code)
    return {
        status: OpenApiResponse(
            _ref(ErrorBody),
            description=" / ".join(f"`{code.value}`: {code.info.detail}" for code in found),
            examples=[
                OpenApiExample(code.value, value={"error": {"code": code.value, "detail": code.info.detail}})
                for code in found
            ],
        )
        for status, found in by_status.items()
    }


def _path_parameter(name: str) -> OpenApiParameter:
    type_ = int if name == "seq" else str
    return OpenApiParameter(name, type_, OpenApiParameter.PATH, description=_PATH_PARAMETERS[name])


def _query_parameters(query: type[Body] | None) -> list[OpenApiParameter]:
    if query is None:
        return []
    _, components = msgspec.json.schema_components([query])
    properties = components[query.__name__]["properties"]
    parameters = []
    for name, schema in properties.items():
        description = schema.pop("description", "")
        # In a query "nothing" is to leave it out.
        schema = schema["anyOf"][0] if schema.get("default", ...) is None else schema
        parameters.append(OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description))
    return parameters


def complete(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """drf-spectacular's hook after all operations are described: what is said once for all of them."""
    _, components = msgspec.json.schema_components(sorted(_types, key=lambda type_: type_.__name__), ref_template=_REF)
    for name, component in components.items():
        component["title"] = name
    result["components"].setdefault("schemas", {}).update(sorted(components.items()))
    result["info"]["description"] = INTRODUCTION
    result["tags"] = [{"name": name, "description": description} for name, description in _TAGS.items()]
    for methods in result["paths"].values():
        for method in methods.values():
            body = method.get("requestBody")
            if body and _JSON in body["content"]:
                name = body["content"][_JSON]["schema"]["$ref"].rpartition("/")[2]
                # Who has no field that must be there may be missing too.
                body["required"] = bool(components[name].get("required"))
    return result


class BearerScheme(OpenApiAuthenticationExtension):
    """Tokens."""

    target_class = "chat.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "From `POST /api/v1/tokens/`."}


class BrowserScheme(OpenApiAuthenticationExtension):
    """Cookies, with their token against forged requests."""

    target_class = "chat.api.authentication.BrowserAuthentication"
    name = ["session", "csrf"]

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[Any]]:
        # Both together, and the second for writes only.
        return {"session": []} if auto_schema.method == "GET" else {"session": [], "csrf": []}

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        return [
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-CSRFToken",
                "description": f"What the cookie `{settings.CSRF_COOKIE_NAME}` holds.",
            },
        ]
