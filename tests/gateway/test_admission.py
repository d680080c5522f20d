"""Room for connections: in all, and for one address."""

from __future__ import annotations

from chat.gateway.admission import Admission, Refusal


def test_as_many_as_there_is_room_for__and_no_more() -> None:
    admission = Admission(limit=2, limit_per_address=0)
    assert admission.enter("203.0.113.1") is None
    assert admission.enter("203.0.113.1") is None
    assert admission.enter("203.0.113.2") is Refusal.FULL
    admission.leave("203.0.113.1")
    assert admission.enter("203.0.113.2") is None


def test_of_one_address__as_many_as_it_may_have() -> None:
    admission = Admission(limit=10, limit_per_address=2)
    for address in ("2001:db8::1", "2001:db8::2"):  # one network, so one customer
        assert admission.enter(address) is None
    assert admission.enter("2001:db8::3") is Refusal.ADDRESS_FULL
    assert admission.enter("2001:db8:0:1::1") is None
    admission.leave("2001:db8::1")
    assert admission.enter("2001:db8::3") is None


def test_who_was_refused__takes_no_room() -> None:
    admission = Admission(limit=2, limit_per_address=1)
    assert admission.enter("203.0.113.1") is None
    for _ in range(5):
        assert admission.enter("203.0.113.1") is Refusal.ADDRESS_FULL
    assert admission.enter("203.0.113.2") is None
    assert admission.enter("203.0.113.3") is Refusal.FULL
    admission.leave("203.0.113.1")
    assert admission.enter("203.0.113.3") is None


def test_draining__nobody_comes_in() -> None:
    admission = Admission(limit=2, limit_per_address=0)
    assert admission.enter("203.0.113.1") is None
    admission.draining = True
    assert admission.enter("203.0.113.2") is Refusal.DRAINING
    admission.leave("203.0.113.1")
