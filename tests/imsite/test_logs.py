"""A log line is one line, whatever somebody managed to get into it."""

from __future__ import annotations

import logging
import sys

from imsite.logs import FromAnybody, KeyValueFormatter, WithoutInvites


def formatted(message: str, **extra: object) -> str:
    record = logging.makeLogRecord({"name": "chat", "levelname": "INFO", "created": 0.5, "msg": message, **extra})
    return KeyValueFormatter().format(record)


def test_fields_follow_the_message() -> None:
    assert formatted("closed", code=4008, device=7) == "1970-01-01T00:00:00.500Z INFO chat closed code=4008 device=7"


def test_what_could_forge_a_line_or_a_key__is_quoted() -> None:
    assert formatted("a\nb") == '1970-01-01T00:00:00.500Z INFO chat "a\\nb"'
    assert formatted("x", name_="a b=c").endswith('name_="a b=c"')
    assert formatted("x", id="", path="/c/1\r\n").endswith('id="" path="/c/1\\r\\n"')


def test_objects__are_left_out_because_their_text_may_hold_anything() -> None:
    assert formatted("x", request={"token": "secret"}).endswith(" x")


def test_a_traceback__follows_the_line() -> None:
    try:
        raise ValueError
    except ValueError:
        lines = formatted("failed", exc_info=sys.exc_info()).splitlines()
    assert lines[0].endswith("chat failed")
    assert lines[-1] == "ValueError"


def test_what_any_stranger_can_cause__is_a_warning_without_a_traceback() -> None:
    try:
        raise ValueError
    except ValueError:
        record = logging.makeLogRecord(
            {"name": "django.security", "levelname": "ERROR", "msg": "Bad host", "exc_info": sys.exc_info()}
        )
    assert FromAnybody().filter(record)
    assert KeyValueFormatter().format(record).endswith("WARNING django.security Bad host")
    logger = logging.getLogger("django.security")
    assert any(isinstance(each, FromAnybody) for handler in logger.handlers for each in handler.filters)
    assert not logger.propagate


def test_path_of_an_invite_link__is_logged_without_the_link() -> None:
    for path, shown in (
        ("/i/Vd3kX9_qT1mZ0cR5uYb7Ew/", "/i/…/"),
        ("/api/v1/invites/Vd3kX9_qT1mZ0cR5uYb7Ew/accept/", "/api/v1/invites/…/accept/"),
        ("/c/7/info/", "/c/7/info/"),
    ):
        record = logging.makeLogRecord({"name": "django.request", "msg": "%s: %s", "args": ("Not Found", path)})
        assert WithoutInvites().filter(record)
        assert KeyValueFormatter().format(record).endswith(f"Not Found: {shown}")
    assert any(isinstance(each, WithoutInvites) for each in logging.getLogger("django.request").filters)
