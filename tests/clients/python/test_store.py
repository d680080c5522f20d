"""What is known: the highest version holds, and unread numbers follow from what is there."""

from __future__ import annotations

import pytest

from lian_client.frames import Receipt
from lian_client.store import KEPT_MESSAGES, Store
from tests.clients.python.support import conversation, message


@pytest.fixture
def store() -> Store:
    made = Store()
    made.me = "ada"
    return made


def unread(store: Store) -> int:
    known = store.conversation("1")
    assert known is not None
    return known.unread


def test_the_highest_version_holds(store: Store) -> None:
    store.apply_conversation(conversation())
    assert store.apply_message(message(1, 5, content="new"))
    assert not store.apply_message(message(1, 5, content="same"))
    assert not store.apply_message(message(1, 1, content="old"))
    assert [each.content for each in store.messages("1")] == ["new"]


def test_messages_of_an_unknown_conversation_are_not_taken(store: Store) -> None:
    assert not store.apply_message(message(1))
    assert store.messages("1") == []


def test_unread_is_what_the_server_said_and_what_followed(store: Store) -> None:
    store.apply_conversation(conversation(last_seq=5, read_seq=2, unread=3))
    assert unread(store) == 3
    store.apply_message(message(6))
    store.apply_message(message(7, kind="system"))
    assert unread(store) == 4
    store.apply_message(message(6, 8, recalled_at=1, content=""))
    assert unread(store) == 3
    store.apply_message(message(4, 9, recalled_at=1, content=""))  # one of those that the server had counted
    assert unread(store) == 2
    assert store.advance_read("1", 7)
    assert unread(store) == 0


def test_reading_a_part_counts_the_rest(store: Store) -> None:
    store.apply_conversation(conversation(last_seq=5, read_seq=0, unread=5))
    for seq in range(1, 6):
        store.apply_message(message(seq))
    assert store.advance_read("1", 3)
    assert unread(store) == 2
    assert not store.advance_read("1", 2)
    assert store.advance_read("1", 999)
    assert unread(store) == 0
    assert not store.advance_read("1", 999)


def test_who_writes_has_read(store: Store) -> None:
    store.apply_conversation(conversation(last_seq=2, unread=2))
    store.apply_message(message(3, sender="ada"))
    assert unread(store) == 0
    store.apply_message(message(4))
    assert store.conversation("1").receipts == {"bob": (4, 4)}  # type: ignore[union-attr]


def test_marked_unread_elsewhere_is_unread_here_and_a_read_that_crosses_is_not(store: Store) -> None:
    store.apply_conversation(conversation(last_seq=5, read_seq=5, unread=0))
    store.apply_conversation(conversation(last_seq=5, read_seq=3, unread=2))
    assert unread(store) == 2
    store.apply_conversation(conversation(last_seq=5, read_seq=3, unread=2), read_at_least=5)
    assert unread(store) == 0


def test_receipts_only_grow(store: Store) -> None:
    store.apply_conversation(conversation(last_seq=9, receipts={"bob": (7, 5)}))
    store.apply_receipt(Receipt(conversation="1", user="bob", read_seq=6))
    store.apply_receipt(Receipt(conversation="1", user="bob", received_seq=3))
    store.apply_receipt(Receipt(conversation="unknown", user="bob", received_seq=3))
    assert store.conversation("1").receipts == {"bob": (7, 6)}  # type: ignore[union-attr]


def test_a_reset_forgets_the_messages_and_a_goodbye_everything(store: Store) -> None:
    store.apply_conversation(conversation(last_seq=1))
    store.apply_message(message(1))
    store.apply_conversation(conversation(last_seq=90, reset=True))
    assert store.messages("1") == []
    store.apply_conversation(conversation(left=True))
    assert "1" not in store
    assert store.conversation("1") is None


def test_what_is_kept_is_bounded(store: Store) -> None:
    store.apply_conversation(conversation())
    for seq in range(1, KEPT_MESSAGES + 11):
        store.apply_message(message(seq))
    kept = store.messages("1")
    assert (len(kept), kept[0].seq) == (KEPT_MESSAGES, 11)


def test_the_last_active_comes_first_and_a_person_is_found(store: Store) -> None:
    for id, timestamp in (("1", 5), ("2", 9), ("3", 7)):
        store.apply_conversation(
            conversation(id, last_seq=1, receipts={f"user{id}": (0, 0)}, last_message=message(1, timestamp=timestamp))
        )
    assert [each.conversation for each in store.conversations()] == ["2", "3", "1"]
    assert store.direct_with("user3") == "3"
    assert store.direct_with("nobody") is None
