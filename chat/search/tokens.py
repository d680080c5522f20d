"""What an index keeps of a text.

Words and numbers as they are; of a run of characters without spaces every pair of neighbours (no dictionary, so no
word is unknown), and its last character alone, so that every single character begins some token.

Tokens hold letters, digits, marks and symbols that are not ASCII: nothing that any index would take for syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chat.search.folding import fold
from chat.search.scripts import CHARACTER

#: Longer words are kept by their beginning. No word is longer; hashes and keys are still told apart by it.
WORD_CHARS = 32
#: One message's tokens: as many as it may have characters. Compatibility forms can unfold to more, never in earnest.
TOKENS_MAX = 10_000

_RUN = re.compile(r"w+|d+|c+")


def index_tokens(text: str) -> list[str]:
    """The different tokens of a text, in its order."""
    tokens: dict[str, None] = {}
    folded = fold(text)
    for run, class_ in runs(folded.text, folded.classes):
        if class_ == CHARACTER:
            tokens |= dict.fromkeys(pairs(run))
            tokens[run[-1]] = None
        else:
            tokens[run[:WORD_CHARS]] = None
        if len(tokens) >= TOKENS_MAX:
            break
    return list(tokens)[:TOKENS_MAX]


def runs(text: str, classes: str) -> Iterator[tuple[str, str]]:
    """Every stretch of one class in a folded text, with the class; separators left out."""
    for match in _RUN.finditer(classes):
        yield text[match.start() : match.end()], classes[match.start()]


def pairs(run: str) -> list[str]:
    """“今天天气” → 今天, 天天, 天气."""
    return [run[index : index + 2] for index in range(len(run) - 1)]
