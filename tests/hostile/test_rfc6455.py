"""Both WebSocket servers do what RFC 6455 says, case by case, or what docs/websocket-conformance.md says instead."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hostile import conformance
from tests.hostile.conformance import CASES, DEVIATIONS, SERVERS
from tests.hostile.rfc6455 import Case
from tests.support.server import ServerProcess

PATH = Path(__file__).resolve().parents[2] / "docs" / "websocket-conformance.md"

#: Cases run side by side, since most of their time is waiting.
PEERS = 8

Verdicts = dict[tuple[str, str], Exception | None]


@pytest.fixture(scope="module")
def verdicts(servers: dict[str, ServerProcess]) -> Verdicts:
    """By server and number: None where the server did what it must."""
    assert set(servers) == set(SERVERS)

    def attempt(run: Callable[[int], None], port: int) -> Exception | None:
        try:
            run(port)
        except Exception as error:
            return error
        return None

    with ThreadPoolExecutor(PEERS) as pool:
        running = {
            (name, case.number): pool.submit(attempt, case.run, server.port)
            for case in CASES
            for name, server in servers.items()
        }
        return {key: future.result() for key, future in running.items()}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.number)
def test_case(verdicts: Verdicts, case: Case, server: str) -> None:
    error = verdicts[server, case.number]
    if (server, case.number) in DEVIATIONS:
        assert error is not None, "it conforms now: take it out of DEVIATIONS"
    elif error is not None:
        raise AssertionError(f"{case.title}: must be {case.must}") from error


def test_no_case_is_worth_an_error_in_the_log(verdicts: Verdicts, servers: dict[str, ServerProcess]) -> None:
    for server in servers.values():
        text = server.log_text()
        assert "Traceback" not in text and " ERROR " not in text, text[-4000:]


def test_numbers__are_given_once() -> None:
    numbers = [case.number for case in CASES]
    assert len(set(numbers)) == len(numbers)
    assert {number for _, number in DEVIATIONS} <= set(numbers)


def test_the_table__is_current() -> None:
    text = PATH.read_text("utf-8")
    assert "<!-- generated: cases -->" in text
    assert conformance.update(text) == text, f"run `python -m tests.hostile.conformance docs/{PATH.name}`"
