"""The gateway's settings, read once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings

from chat.protocol.heartbeat import DEFAULT_INTERVALS
from chat.protocol.limits import SessionConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """What the operator chose. Seconds and bytes."""

    session: SessionConfig
    heartbeats: dict[str, float]
    outbox_bytes: int
    packet_timeout_s: float
    connections_max: int
    connections_per_address: int
    repair_s: float
    writer_batches: int
    drain_s: float


def gateway_config() -> GatewayConfig:
    """From Django's settings."""
    interval_s = settings.IM_HEARTBEAT_SECONDS
    session = SessionConfig(frame_bytes=settings.IM_FRAME_BYTES, login_timeout_s=settings.IM_LOGIN_TIMEOUT)
    return GatewayConfig(
        session=session if settings.IM_RATE_LIMITS else replace(session, rate_burst=None),
        heartbeats=dict.fromkeys(DEFAULT_INTERVALS, interval_s) if interval_s else settings.IM_HEARTBEATS,
        outbox_bytes=settings.IM_OUTBOX_BYTES,
        packet_timeout_s=settings.IM_PACKET_TIMEOUT,
        connections_max=settings.IM_CONNECTIONS_MAX,
        connections_per_address=settings.IM_CONNECTIONS_PER_ADDRESS,
        repair_s=settings.IM_REPAIR_SECONDS,
        # SQLite has one writer anyway; PostgreSQL commits several batches side by side.
        writer_batches=1 if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else 4,
        drain_s=settings.IM_DRAIN_SECONDS,
    )
