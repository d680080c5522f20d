"""What a case of RFC 6455 is: something to do to a server of ours over raw sockets, and what it must do then.

What answers is the product itself: a beat, which every state of a session answers, takes the place of an echo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.hostile.peer import Peer


@dataclass(frozen=True)
class Case:
    """`run` gets a server's port, and raises when the server does not do what it `must`."""

    number: str
    title: str
    section: str
    must: str
    run: Callable[[int], None]


class Cases(list[Case]):
    """The cases of one module, in their order."""

    def case(
        self, number: str, title: str, section: str, must: str
    ) -> Callable[[Callable[[int], None]], Callable[[int], None]]:
        """Enter a function that gets a server's port."""

        def enter(function: Callable[[int], None]) -> Callable[[int], None]:
            self.append(Case(number, title, section, must, function))
            return function

        return enter

    def session(
        self, number: str, title: str, section: str, must: str
    ) -> Callable[[Callable[[Peer], None]], Callable[[int], None]]:
        """Enter a function that gets a peer that has shaken hands."""

        def enter(function: Callable[[Peer], None]) -> Callable[[int], None]:
            def run(port: int) -> None:
                with Peer(port) as peer:
                    function(peer.open())

            return self.case(number, title, section, must)(run)

        return enter
