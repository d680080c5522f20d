"""Listening sockets: made before anything else starts, so that a taken port is said at once and in one way.

And how many sockets the process may have at all.
"""

from __future__ import annotations

import resource
import socket

#: Connections that the kernel completes before they are accepted. After an outage thousands come back within a
#: second; Linux cuts this to net.core.somaxconn (4096).
BACKLOG = 4096


def bind(host: str, port: int) -> list[socket.socket]:
    """One socket for each address that `host` stands for; nobody is let in before `listen`.

    Raises:
        OSError: the port is taken, the address is not this machine's, or the name is unknown.
    """
    addresses = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(addresses):
            made = socket.socket(family, kind, protocol)
            sockets.append(made)
            # The connections of a process that has just ended linger on the port for a minute.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # "::" alone takes IPv4 as well; beside a socket for IPv4 it must leave that alone.
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, len(addresses) > 1)
            made.bind(address)
            made.setblocking(False)
    except OSError:
        for made in sockets:
            made.close()
        raise
    return sockets


def allow_open_files(wanted: int) -> int:
    """Let this process open so many files, which sockets are, or as many as it may; how many it may now.

    The soft limit is 1,024 on most systems for the sake of old programs that use select(); the hard one is meant.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (ValueError, OSError):  # macOS has another limit below an unlimited one
        return soft
    return allowed
