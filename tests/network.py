"""Keeps tests on this machine: an attempt to reach anything else fails the test that made it."""

import ipaddress
import os
import sys
import tempfile

_EMPTY = tempfile.TemporaryDirectory(prefix="huiying-trusts-nobody-")
_LOCAL_NAMES = {"", "localhost", "localhost."}


class ReachedOutside(Exception):
    """A test tried to connect to, or look up, something beyond loopback."""


def forbid_the_outside() -> None:
    """From here to the end of the process. What other processes do is theirs to forbid.

    Nor is anybody out there trusted: reading the machine's roots would take every new client 45 ms.
    """
    sys.addaudithook(_check)
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = _EMPTY.name


def _check(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise ReachedOutside(f"{event} {address[0]}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not is_local(arguments[0]):
        raise ReachedOutside(f"{event} {arguments[0]!r}")


def is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(name).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
