"""Every case of RFC 6455 that we ask our servers, where one of them does otherwise, and the table of both.

`python -m tests.hostile.conformance docs/websocket-conformance.md` brings the table there up to date. It is what
`tests/hostile/test_rfc6455.py` proves: that runs each case against each server.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.hostile import rfc6455_closing, rfc6455_frames, rfc6455_handshake
from tests.hostile.rfc6455 import Case

SERVERS = ("daphne", "uvicorn")

CASES: tuple[Case, ...] = (*rfc6455_handshake.CASES, *rfc6455_frames.CASES, *rfc6455_closing.CASES)

#: By server and number: what it does instead, and why that stays.
DEVIATIONS: dict[tuple[str, str], str] = {
    ("daphne", "1.9"): "accepts: it hands requests on as HTTP/1.1; no client of that age speaks WebSocket",
}

_TABLE = re.compile(r"(<!-- generated: cases -->\n).*?(<!-- end -->)", re.DOTALL)


def update(text: str) -> str:
    """`text` with the table as it is now."""
    return _TABLE.sub(lambda found: f"{found[1]}{_table()}\n{found[2]}", text)


def _table() -> str:
    lines = [
        f"| | Case | RFC 6455 | A server must | {' | '.join(SERVERS)} |",
        "|---|---|---|---|" + "---|" * len(SERVERS),
    ]
    for case in CASES:
        results = " | ".join(DEVIATIONS.get((server, case.number), "✓") for server in SERVERS)
        lines.append(f"| {case.number} | {case.title} | §{case.section} | {case.must} | {results} |")
    return "\n".join(lines)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(update(path.read_text("utf-8")), "utf-8")
