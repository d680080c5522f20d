"""An installation with people in it, so that a test begins where its subject begins.

Making people is slow on purpose (passwords), so it is done once per run; every town is a copy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tests.support.engines import Engines
from tests.support.site import Site, SiteTemplate

#: More than the tests of a whole run that share an installation take from it.
PEOPLE = 6_000


@dataclass(frozen=True)
class Person:
    """Somebody with three devices that are signed in; the password is `tests.support.populate.PASSWORD`."""

    username: str
    tokens: Mapping[str, str] = field(repr=False, compare=False)
    name: str = field(default="", compare=False)

    @property
    def token(self) -> str:
        """That of the phone."""
        return self.tokens["phone"]


class Town:
    """A site and its people, each of whom is given out once: so tests that share a town do not meet."""

    def __init__(self, site: Site, people: Sequence[Person]) -> None:
        self.site = site
        self._people = iter(people)

    def people(self, count: int) -> list[Person]:
        """People nobody had yet."""
        people = list(islice(self._people, count))
        assert len(people) == count, f"all {PEOPLE} people of the town are taken: let there be more"
        return people


def populate(site: Site, count: int) -> list[Person]:
    """Put people into an empty site."""
    script = f"from tests.support.populate import populate; populate({count})"
    tokens = json.loads(site.manage("shell", "--verbosity=0", "--command", script))
    return [
        Person(username, devices, f"Person {number}")
        for number, (username, devices) in enumerate(tokens.items(), start=1)
    ]


class TownTemplate:
    """A populated database; make towns of it with `copy`."""

    def __init__(self, engines: Engines, directory: Path) -> None:
        self._people: list[Person] = []
        self._sites = SiteTemplate(engines, directory, prepare=self._populate)

    def _populate(self, site: Site) -> None:
        self._people = populate(site, PEOPLE)

    @contextmanager
    def copy(self, directory: Path) -> Iterator[Town]:
        with self._sites.copy(directory) as site:
            yield Town(site, self._people)

    def close(self) -> None:
        self._sites.close()
