"""What an operator watches (exposed at /metrics)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

CONNECTIONS = Gauge("im_connections", "Open connections", ["transport"])
SESSIONS = Gauge("im_sessions", "Logged-in sessions")
POLLS = Gauge("im_polls", "Long polls that wait for news")
TRACKED = Gauge("im_tracked_conversations", "Conversations with a local online member")
GROUPS = Gauge("im_layer_groups", "Groups of the channel layer that this process hears; falls when people leave")
PUSHES = Counter("im_pushes_total", "Frames put into an outbox by the hub")
DROPPED = Counter("im_dropped_total", "Typing and presence frames dropped for slow readers")
REFUSED = Counter("im_refused_connections_total", "Connections that were not let in", ["reason"])
CLOSES = Counter("im_closes_total", "Connections closed by the server", ["code"])
REPAIRS = Counter("im_repairs_total", "Conversations whose lost pushes were read from the log", ["cause"])
LAYER_FAILURES = Counter("im_layer_failures_total", "Failed calls of the channel layer", ["call"])
LAYER_DROPPED = Counter("im_layer_dropped_total", "Events not published because the layer was behind or away")
SEND_BATCH = Histogram("im_send_batch", "Messages committed together", buckets=(1, 2, 5, 10, 20, 50, 100))
SEND_SECONDS = Histogram(
    "im_send_seconds",
    "From a message's arrival to its commit",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
SYNCED = Counter("im_synced_messages_total", "Messages sent in sync pages")
