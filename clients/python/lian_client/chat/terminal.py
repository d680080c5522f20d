"""Lines in, lines out: for a person at a terminal and for a pipe alike."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import unicodedata
from collections.abc import AsyncIterator

with contextlib.suppress(ImportError):  # not on every system; it edits the line, and knows what is typed so far
    import readline

_CLEAR_LINE = "\r\x1b[K"

#: LRO and RLO: with them a line reads as its writer likes, the name before it included.
_OVERRIDES = "\u202d\u202e"


class Terminal:
    """What others wrote goes out without control characters: a message must not steer the terminal."""

    def __init__(self) -> None:
        self.is_interactive = sys.stdin.isatty() and sys.stdout.isatty()
        self.prompt = "> "
        self._is_prompting = False
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")

    def say(self, text: str) -> None:
        """One or more lines. What is being typed stays where it is, below."""
        if self._is_prompting:
            sys.stdout.write(_CLEAR_LINE)
        sys.stdout.write(printable(text) + "\n")
        if self._is_prompting:
            typed = readline.get_line_buffer() if "readline" in sys.modules else ""
            sys.stdout.write(self.prompt + typed)
        sys.stdout.flush()

    async def lines(self) -> AsyncIterator[str]:
        """What is typed or piped in, until it ends. Read in a thread of its own, since a terminal only blocks."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str | None] = asyncio.Queue()

        def read() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants more
                while (line := self._read_line()) is not None:
                    loop.call_soon_threadsafe(queue.put_nowait, line)
                loop.call_soon_threadsafe(queue.put_nowait, None)

        threading.Thread(target=read, daemon=True).start()
        while (line := await queue.get()) is not None:
            yield line

    def _read_line(self) -> str | None:
        if not self.is_interactive:
            line = sys.stdin.readline()
            return line.rstrip("\n") if line else None
        self._is_prompting = True
        try:
            return input(self.prompt)
        except EOFError:
            return None
        finally:
            self._is_prompting = False


def printable(text: str) -> str:
    """Without what moves the cursor, sets colours or turns the direction of a line. Joiners of emoji stay."""
    return "".join(char for char in text if char == "\n" or not _is_steering(char))


def _is_steering(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or char in _OVERRIDES
