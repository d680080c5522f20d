"""Thin shells: each reads, writes and closes one kind of connection, and leaves everything else to the gateway."""
