"""Ids of what this client sends."""

from __future__ import annotations

import uuid


def new_id() -> str:
    """A version 4 UUID, which Protobuf carries in 16 bytes."""
    return str(uuid.uuid4())
