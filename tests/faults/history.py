"""What clients did and saw while faults happened: the evidence that the checker judges.

Every client only appends. An event is one line of JSON, so a history that broke a promise can be kept and looked at.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

#: `invoke`: a send began, or began again. `ok`: it was acknowledged. `fail`: it was refused. `info`: nobody knows.
#: `show`: a message came into a device's view for the first time since it has one.
Kind = Literal["invoke", "ok", "fail", "info", "show"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at one device."""

    at: float
    device: str  # username/device
    kind: Kind
    id: str  # of the message, as its sender chose it
    seq: int | None = None
    content: str | None = None

    @property
    def username(self) -> str:
        return self.device.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as the log has it in the end."""

    seq: int
    id: str
    sender: str
    content: str


@dataclass(slots=True)
class History:
    """Everything about one conversation."""

    events: list[Event] = field(default_factory=list)
    #: The conversation's messages in the database, in no particular order.
    log: list[Stored] = field(default_factory=list)
    #: Who was removed, with the seq of the message that says so; they may see what is below.
    removed: dict[str, int] = field(default_factory=dict)
    #: Devices that were there until the end: they must have everything.
    devices: list[str] = field(default_factory=list)

    def note(self, device: str, kind: Kind, id: str, *, seq: int | None = None, content: str | None = None) -> None:
        self.events.append(Event(time.monotonic(), device, kind, id, seq, content))

    def of(self, *kinds: Kind) -> list[Event]:
        return [event for event in self.events if event.kind in kinds]

    def save(self, path: Path) -> None:
        """As JSON lines, for people."""
        lines: Iterable[object] = (*self.events, *self.log)
        path.write_text("".join(json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in lines))  # type: ignore[call-overload]
