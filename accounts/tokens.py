"""Bearer tokens: how they are made and how they are stored.

A token is 256 random bits, so its plain SHA-256 digest is safe to store and cheap to look up;
a slow password hash would add cost to every request and no safety.
"""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """A fresh secret. It is shown to its client once and never stored."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """What the database keeps of `token`. Accepts any text, so a peer's rubbish is just unknown."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
