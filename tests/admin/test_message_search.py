"""What a moderator types, taken apart."""

from __future__ import annotations

import pytest

from chat.admin.message_search import MessageSearch, parse_search

ID = "4611686018427387904"


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("", MessageSearch()),
        ("#12", MessageSearch(seq=12)),
        (ID, MessageSearch(conversation_id=int(ID))),
        (f"{ID}#12", MessageSearch(conversation_id=int(ID), seq=12)),
        (f" {ID}  #12 ", MessageSearch(conversation_id=int(ID), seq=12)),
        ("@alice", MessageSearch(sender="alice")),
        ("@alice buy now", MessageSearch(sender="alice", words=("buy", "now"))),
        ("2024 tickets", MessageSearch(words=("2024", "tickets"))),
        ("@", MessageSearch(words=("@",))),
        ("#", MessageSearch(words=("#",))),
        ("#one", MessageSearch(words=("#one",))),
        ("١٢٣٤٥٦٧٨٩٠١٢", MessageSearch(words=("١٢٣٤٥٦٧٨٩٠١٢",))),
        ("9" * 19, MessageSearch(conversation_id=0)),  # beyond 2**63: no conversation has it
        ("9" * 40, MessageSearch(words=("9" * 40,))),
    ],
)
def test_parse(text: str, search: MessageSearch) -> None:
    assert parse_search(text) == search
