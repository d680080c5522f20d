"""Reads settings from the environment, strictly: a value that is not understood stops the start."""

from __future__ import annotations

import ipaddress
import math
import os
import secrets
from collections.abc import Collection, Sequence
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

_FLAGS = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


def flag(name: str, *, default: bool) -> bool:
    """On or off. A misspelt value is an error, not an "off" that nobody notices."""
    text = env.str(name, default="").strip().lower()
    if not text:
        return default
    try:
        return _FLAGS[text]
    except KeyError:
        raise ImproperlyConfigured(f"{name}={text!r}: say on or off.") from None


def number(name: str, *, default: float, minimum: float = 0, maximum: float = math.inf) -> float:
    """A number of seconds or the like.

    Raises:
        ImproperlyConfigured: not a number, below `minimum` or above `maximum`.
    """
    value = env.float(name, default=default)
    if value < minimum:
        raise ImproperlyConfigured(f"{name}={value}: at least {minimum}.")
    if value > maximum:
        raise ImproperlyConfigured(f"{name}={value}: at most {maximum}.")
    return value


def count(name: str, *, default: int, minimum: int = 1, maximum: int | None = None) -> int:
    """A whole number of things.

    Raises:
        ImproperlyConfigured: not a whole number, below `minimum` or above `maximum`.
    """
    value = env.int(name, default=default)
    if value < minimum:
        raise ImproperlyConfigured(f"{name}={value}: at least {minimum}.")
    if maximum is not None and value > maximum:
        raise ImproperlyConfigured(f"{name}={value}: at most {maximum}.")
    return value


def seconds_by_name(name: str, *, known: Collection[str], minimum: float, maximum: float) -> dict[str, float]:
    """Seconds for some of the `known` names: web=30,cellular=50.

    Raises:
        ImproperlyConfigured: another name, a name twice, or no number between `minimum` and `maximum`.
    """
    found: dict[str, float] = {}
    for text in filter(None, (part.strip() for part in env.list(name, default=[]))):
        key, _, value = (part.strip() for part in text.partition("="))
        if key not in known or key in found:
            raise ImproperlyConfigured(f"{name}: {text!r}: say each of {', '.join(sorted(known))} once at most.")
        try:
            found[key] = float(value)
        except ValueError:
            found[key] = math.nan
        if not minimum <= found[key] <= maximum:
            raise ImproperlyConfigured(f"{name}: {text!r}: say a number from {minimum:g} to {maximum:g}.")
    return found


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Addresses and networks (10.0.0.0/8), separated by commas.

    Each of IPv4 comes twice: a socket that takes both families shows 10.0.0.1 as ::ffff:10.0.0.1.

    Raises:
        ImproperlyConfigured: something else, or everybody.
    """
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for text in (part.strip() for part in env.list(name, default=[])):
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}.") from None
        if not network.prefixlen:
            raise ImproperlyConfigured(f"{name}: {text} is everybody, so anybody could claim any address.")
        found.append(network)
        if isinstance(network, ipaddress.IPv4Network):
            found.append(ipaddress.IPv6Network(f"::ffff:{network.network_address}/{96 + network.prefixlen}"))
    return found


def choice(name: str, *, default: str, choices: Sequence[str]) -> str:
    """One of a few words.

    Raises:
        ImproperlyConfigured: another one.
    """
    text = env.str(name, default="").strip().lower() or default
    if text not in choices:
        raise ImproperlyConfigured(f"{name}={text!r}: say {', '.join(choices[:-1])} or {choices[-1]}.")
    return text


def local_secret_key(path: Path) -> str:
    """The key of a development installation: random, made on the first start, kept in `path`.

    A key that stands in the source would let anybody forge signatures for a development
    server that somebody opened to a network.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
