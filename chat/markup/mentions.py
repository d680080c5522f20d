"""`@username` in text, for the users whom the sender mentioned."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from chat.markup.sanitizing import MENTION_CLASS

#: Key of the parser's environment: the pattern of whom to look for.
PATTERN = "mentions"


def mention_pattern(usernames: Sequence[str]) -> re.Pattern[str] | None:
    """What finds these users' mentions; None when there are none.

    Chinese has no spaces, so a name ends where it ends, as long as no Latin letter or digit
    follows that would make it another name. The longest name wins.
    """
    names = "|".join(re.escape(name) for name in sorted(usernames, key=len, reverse=True) if name)
    if not names:
        return None
    return re.compile(rf"(?<![A-Za-z0-9_.+-])@(?:{names})(?![-+@.]?[A-Za-z0-9_])", re.IGNORECASE)


def mention_rule(state: StateCore) -> None:
    """Parser rule: wrap mentions in text that is neither code nor inside a link."""
    pattern: re.Pattern[str] | None = state.env.get(PATTERN)
    if pattern is None:
        return
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = _wrap_mentions(block.children, pattern)


def _wrap_mentions(tokens: list[Token], pattern: re.Pattern[str]) -> list[Token]:
    wrapped: list[Token] = []
    links_open = 0
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            links_open += token.nesting
        if token.type != "text" or links_open:
            wrapped.append(token)
            continue
        position = 0
        for found in pattern.finditer(token.content):
            wrapped += [
                Token("text", "", 0, content=token.content[position : found.start()]),
                Token("mention_open", "span", 1, attrs={"class": MENTION_CLASS}),
                Token("text", "", 0, content=found[0]),
                Token("mention_close", "span", -1),
            ]
            position = found.end()
        wrapped.append(Token("text", "", 0, content=token.content[position:]) if position else token)
    return wrapped
