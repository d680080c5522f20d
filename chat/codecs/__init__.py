"""Frames to bytes and back. `chat.codecs.registry` says which codec reads what; no Django and no asyncio here."""
