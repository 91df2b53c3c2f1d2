"""Loaded by every Python process that has this folder on its path: only loopback may be reached, and every other try is noted.

The audit events come from the interpreter's own socket module (PEP 578), so that no library gets round them.
"""

from __future__ import annotations

import os
import sys
from typing import Any

LOCAL = ("127.", "::1", "localhost", "0.0.0.0", "::")


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Note and refuse whatever would leave this machine."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path: a socket of this machine
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name and not name.startswith(LOCAL):
        with open(os.environ["REFUSED_CONNECTIONS"], "a", encoding="utf-8") as record:  # noqa: PTH123 - no import here
            record.write(f"{event} {name} from {' '.join(sys.orig_argv[:6])}\n")
        raise ConnectionRefusedError("the network is refused here")


sys.addaudithook(refuse)
