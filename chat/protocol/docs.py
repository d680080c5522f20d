"""The parts of docs/protocol.md that the code knows best, written by the code.

`python -m chat.protocol.docs` brings the file up to date: it replaces what stands between `<!-- generated: NAME -->`
and `<!-- end -->`. A test fails when that would change anything. (The worked trace there is written by a test, which
talks to a real server: tests/contract/test_protocol_document.py.)
"""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path

import msgspec

from chat.errors import CloseCode, ErrorCode
from chat.protocol import docs_examples, limits
from chat.protocol.closing import CLOSE_DETAILS
from chat.protocol.examples import CLIENT_EXAMPLES, SERVER_EXAMPLES
from chat.protocol.frames import Command, ServerFrame
from chat.protocol.heartbeat import DEFAULT_INTERVALS, SILENT_INTERVALS
from chat.protocol.states import CLIENT_FRAMES, HANDLING, State, mermaid

SERVER_FRAMES: tuple[type[msgspec.Struct], ...] = typing.get_args(ServerFrame)

_DOCS = Path(__file__).resolve().parents[2] / "docs"

_SECTION = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def update(text: str) -> str:
    """`text` with every generated section as the code has it now.

    Raises:
        KeyError: it asks for a section that does not exist.
    """
    return _SECTION.sub(lambda found: f"{found[1]}{SECTIONS[found['name']]()}\n{found[3]}", text)


def _table(*head: str, rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _frames(frames: Iterable[type[msgspec.Struct]]) -> str:
    return _table(
        "type",
        "fields",
        "says",
        rows=[(f"`{_tag(frame)}`", _fields(frame), _first_line(frame)) for frame in frames],
    )


def _tag(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").splitlines()[0]


def _fields(frame: type[msgspec.Struct]) -> str:
    info = msgspec.inspect.type_info(frame)
    assert isinstance(info, msgspec.inspect.StructType)
    # What every frame of the client has in common is said once, in the text.
    shown = [field for field in info.fields if field.required or field.name != "id" or not issubclass(frame, Command)]
    return ", ".join(map(_field, shown)) or "—"


def _field(field: msgspec.inspect.Field) -> str:
    kind = _type(field.type)
    if field.required:
        return f"`{field.name}` {kind}"
    # Whoever has no value for it leaves it out; that null is taken for the same need not be said each time.
    return f"`{field.name}`? {kind.removesuffix(' or null')}"


def _type(info: msgspec.inspect.Type) -> str:
    """A field's type in words."""
    match info:
        case msgspec.inspect.UnionType():
            return " or ".join(map(_type, info.types))
        case msgspec.inspect.NoneType():
            return "null"
        case msgspec.inspect.StrType():
            return f"string{_range(info.min_length, info.max_length)}"
        case msgspec.inspect.IntType():
            return f"integer{_range(info.ge, info.le)}"
        case msgspec.inspect.FloatType():
            return "number"
        case msgspec.inspect.BoolType():
            return "boolean"
        case msgspec.inspect.LiteralType():
            return "/".join(map(str, info.values))
        case msgspec.inspect.ListType():
            return f"[{_type(info.item_type)}]{_range(None, info.max_length)}"
        case msgspec.inspect.TupleType():
            return f"[{', '.join(map(_type, info.item_types))}]"
        case msgspec.inspect.DictType():
            return f"{{{_type(info.key_type)}: {_type(info.value_type)}}}"
        case msgspec.inspect.StructType():
            return info.cls.__name__
    return "anything"


def _range(least: float | None, most: float | None) -> str:
    if most == limits.INT64_MAX:
        return f" ≥ {least}"
    if most is None:
        return ""
    return f" ≤ {most}" if least is None else f" {least}–{most}"


def _objects() -> str:
    """The structs inside of frames that are not a frame's body themselves."""
    bodies = {body for frame in (*CLIENT_FRAMES, *SERVER_FRAMES) for body in frame.__mro__}
    parts: dict[str, type[msgspec.Struct]] = {}

    def visit(info: msgspec.inspect.Type) -> None:
        match info:
            case msgspec.inspect.StructType():
                parts.setdefault(info.cls.__name__, info.cls)
                for field in info.fields:
                    visit(field.type)
            case msgspec.inspect.UnionType():
                for part in info.types:
                    visit(part)
            case msgspec.inspect.ListType():
                visit(info.item_type)

    for frame in (*CLIENT_FRAMES, *SERVER_FRAMES):
        visit(msgspec.inspect.type_info(frame))
    rows = [
        (f"`{name}`", _fields(part), _first_line(part)) for name, part in sorted(parts.items()) if part not in bodies
    ]
    return _table("object", "fields", "says", rows=rows)


def _errors() -> str:
    rows = [(f"`{code}`", code.info.http_status, _yes(code.info.temporary), code.info.detail) for code in ErrorCode]
    return _table("code", "HTTP", "may pass by itself", "unless it says something better", rows=rows)


def _closes() -> str:
    rows = [(int(code), f"`{code.wire_name}`", _yes(code.may_reconnect), CLOSE_DETAILS[code]) for code in CloseCode]
    return _table("code", "name", "may reconnect", "says", rows=rows)


def _states() -> str:
    return f"```mermaid\n{mermaid()}\n```"


def _handling() -> str:
    rows = [(f"`{_tag(frame)}`", *(HANDLING[state][frame] for state in State)) for frame in CLIENT_FRAMES]
    return _table("frame", *State, rows=rows)


def _limits() -> str:
    config = limits.SessionConfig()
    rows = [(f"`{field.name}`", getattr(config, field.name)) for field in fields(config)]
    rows += [("frames in a batch", limits.BATCH_MAX), ("levels of nesting", limits.DEPTH_MAX)]
    return _table("limit", "default", rows=rows)


def _heartbeats() -> str:
    rows = [
        (device, f"{interval:g} s", f"{interval * SILENT_INTERVALS:g} s")
        for device, interval in DEFAULT_INTERVALS.items()
    ]
    return _table("device", "interval", "closed after", rows=rows)


def _minimal_client() -> str:
    return f"```python\n{(_DOCS / 'minimal_client.py').read_text('utf-8')}```"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


SECTIONS: dict[str, Callable[[], str]] = {
    "client-frames": lambda: _frames(CLIENT_FRAMES),
    "server-frames": lambda: _frames(SERVER_FRAMES),
    "objects": _objects,
    "errors": _errors,
    "closes": _closes,
    "states": _states,
    "handling": _handling,
    "limits": _limits,
    "heartbeats": _heartbeats,
    "minimal-client": _minimal_client,
    "client-examples": lambda: docs_examples.render(CLIENT_EXAMPLES),
    "server-examples": lambda: docs_examples.render(SERVER_EXAMPLES),
}


def main(paths: list[str]) -> None:
    for path in [Path(path) for path in paths] or [_DOCS / "protocol.md"]:
        path.write_text(update(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
