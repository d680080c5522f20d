"""The time zones that people may choose."""

from __future__ import annotations

import functools
import zoneinfo

#: Old spellings and fixed offsets, kept by the database for programs only.
_NOT_PLACES = frozenset({"Etc", "SystemV", "US", "Canada", "Brazil", "Chile", "Mexico"})


@functools.cache
def known() -> frozenset[str]:
    """Every name that the system knows. Reading them walks a directory, so it is done once."""
    return frozenset(zoneinfo.available_timezones())


@functools.cache
def by_region() -> list[tuple[str, list[tuple[str, str]]]]:
    """The places people live in, by continent: (region, [(name, place)])."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(known()):
        region, _slash, place = name.partition("/")
        if place and region not in _NOT_PLACES:
            regions.setdefault(region, []).append((name, place.replace("_", " ")))
    return list(regions.items())
