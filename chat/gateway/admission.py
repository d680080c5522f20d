"""Whether one more connection is let in: memory and file descriptors of a process are bounded, whoever connects."""

from __future__ import annotations

import enum
import logging
from collections import Counter

from accounts.addresses import limit_key
from chat.delivery import metrics

logger = logging.getLogger(__name__)

#: When those who were not let in may come again; by then others have left, or the balancer knows another node.
RETRY_AFTER_S = 5


class Refusal(enum.StrEnum):
    """Why a connection was not let in: the label of the metric."""

    FULL = "full"  # IM_CONNECTIONS_MAX
    ADDRESS_FULL = "address_full"  # IM_CONNECTIONS_PER_ADDRESS
    DRAINING = "draining"
    NOT_A_PROXY = "not_a_proxy"  # a PROXY header is expected, and the peer is no trusted proxy
    BAD_PROXY_HEADER = "bad_proxy_header"


class Admission:
    """Counts the connections of a process, from their first byte to their end. Belongs to the event loop's thread."""

    def __init__(self, *, limit: int, limit_per_address: int) -> None:
        """`limit_per_address` 0: no limit of its own."""
        self._limit = limit
        self._limit_per_address = limit_per_address
        self._count = 0
        self._by_address: Counter[str] = Counter()
        self.draining = False

    def enter(self, address: str) -> Refusal | None:
        """Let a connection in, which calls `leave` when it is over, or say why not."""
        if self.draining:
            return self._refused(Refusal.DRAINING)
        if self._count >= self._limit:
            return self._refused(Refusal.FULL)
        if self._limit_per_address:
            key = limit_key(address)
            if self._by_address[key] >= self._limit_per_address:
                return self._refused(Refusal.ADDRESS_FULL)
            self._by_address[key] += 1
        self._count += 1
        return None

    def leave(self, address: str) -> None:
        """A connection that was let in is over."""
        self._count -= 1
        if self._limit_per_address:
            key = limit_key(address)
            self._by_address[key] -= 1
            if not self._by_address[key]:
                del self._by_address[key]

    def _refused(self, refusal: Refusal) -> Refusal:
        metrics.REFUSED.labels(reason=refusal.value).inc()
        return refusal


def refused(refusal: Refusal, address: str, detail: str) -> None:
    """Count a connection that was not even looked at, and say what a proxy that is set up wrongly did."""
    metrics.REFUSED.labels(reason=refusal.value).inc()
    logger.info("connection.refused", extra={"reason": refusal.value, "address": address, "detail": detail})
