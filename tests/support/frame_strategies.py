"""Hypothesis strategies for frames, made from their types: a new frame or field is tested without a line here."""

from __future__ import annotations

from typing import Any, TypeVar

import hypothesis.strategies as st
import msgspec

from chat.protocol.limits import INT64_MAX, INT64_MIN

S = TypeVar("S", bound=msgspec.Struct)

#: Long enough for every branch.
LIST_MAX = 3
#: Integers whose type has no bounds of its own: times and numbers of the server's.
INTEGERS = st.integers(0, INT64_MAX)

#: What a frame may say. NUL and halves of surrogate pairs are refused.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(INT64_MIN, INT64_MAX)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(characters, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(characters, max_size=4), inner, max_size=3),
    max_leaves=6,
)

#: Ids as clients make them, and as they might.
ids = st.uuids().map(str) | st.text(characters, min_size=1, max_size=64)
#: Conversations as the server makes them, and as nobody does.
conversations = st.integers(1, INT64_MAX).map(str) | st.text(characters, max_size=20)


def frames_of(frame: type[S]) -> st.SearchStrategy[S]:
    """Any frame of this type."""

    def is_possible(fields: dict[str, Any]) -> bool:
        try:
            frame(**fields)
        except ValueError:  # two fields that do not go together
            return False
        return True

    info = msgspec.inspect.type_info(frame)
    assert isinstance(info, msgspec.inspect.StructType)
    return _fields(info).filter(is_possible).map(lambda fields: frame(**fields))


def _fields(info: msgspec.inspect.StructType) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({field.name: _field(field) for field in info.fields})


def _field(field: msgspec.inspect.Field) -> st.SearchStrategy[Any]:
    if field.name == "id":
        return ids if field.required else st.none() | ids
    if field.name == "conversation":
        return conversations if field.required else st.none() | conversations
    return _values(field.type, is_optional=not field.required)


def _values(info: msgspec.inspect.Type, *, is_optional: bool = False) -> st.SearchStrategy[Any]:
    # Of a list or map that may be left out, an empty one says nothing else than none.
    least = 1 if is_optional else 0
    match info:
        case msgspec.inspect.UnionType():
            return st.one_of(*(_values(kind, is_optional=is_optional) for kind in info.types))
        case msgspec.inspect.NoneType():
            return st.none()
        case msgspec.inspect.StrType():
            return st.text(characters, min_size=info.min_length or 0, max_size=min(info.max_length or 40, 40))
        case msgspec.inspect.BoolType():
            return st.booleans()
        case msgspec.inspect.IntType():
            return INTEGERS if info.ge is None else st.integers(info.ge, info.le)
        case msgspec.inspect.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case msgspec.inspect.LiteralType():
            return st.sampled_from(info.values)
        case msgspec.inspect.ListType():
            return st.lists(_values(info.item_type), min_size=least, max_size=LIST_MAX)
        case msgspec.inspect.TupleType():
            return st.tuples(*map(_values, info.item_types))
        case msgspec.inspect.DictType(value_type=msgspec.inspect.AnyType()):
            return st.dictionaries(st.text(characters, max_size=8), json_values, max_size=LIST_MAX)
        case msgspec.inspect.DictType():
            keys = conversations if isinstance(info.value_type, msgspec.inspect.IntType) else _values(info.key_type)
            return st.dictionaries(keys, _values(info.value_type), min_size=least, max_size=LIST_MAX)
        case msgspec.inspect.StructType():
            return frames_of(info.cls)
    raise NotImplementedError(info)
