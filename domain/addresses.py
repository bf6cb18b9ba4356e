"""Addresses on the web: those that people are shown, and those that this program calls by itself.

What a person wrote or a platform answered is shown at most and never called. What is called stands in the settings.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
LONGEST = 2000
_SHOWN = re.compile(r"https?://[^\s\x00-\x20\x7f\"'<>\\^`{|}]+")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_INSTANCE_METADATA = frozenset({"metadata.google.internal", "100.100.100.200", "fd00:ec2::254"})
"""Where machines of a cloud are told their own secrets; besides link-local addresses."""


def is_web_address(address: str) -> bool:
    """Whether it may be a link on a page: http or https, some host, and nothing that could end an attribute."""
    return len(address) <= LONGEST and _SHOWN.fullmatch(address) is not None and bool(_split(address).hostname)


def check_called(address: str) -> str:
    """An address of the settings, as it is. Raises ValueError for one that secrets must not be sent to.

    A private address is the operator's word: a county's website is often edited inside its own network.
    """
    at = _split(address)
    host = at.hostname or ""
    if at.scheme != "https" and not (at.scheme == "http" and host in LOOPBACK_NAMES):
        raise ValueError("must start with https://, or with http:// on this machine")
    if at.username is not None or at.password is not None:
        raise ValueError("must name no user and no password")
    if not host or host in _INSTANCE_METADATA or not _is_of_somebody(host):
        raise ValueError("must name a host that answers to somebody: no link-local, multicast or unspecified address")
    return address


CalledUrl = Annotated[str, AfterValidator(check_called)]


def is_beside(address: str, known: str) -> bool:
    """Whether what an answer told us to call is on the host of `known` itself, and protected like it."""
    at, there = _split(address), _split(known)
    return bool(at.hostname) and (at.scheme, at.hostname) == (there.scheme, there.hostname)


def _split(address: str) -> SplitResult:
    """An address that cannot be taken apart has no parts."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_of_somebody(host: str) -> bool:
    try:
        found: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        # A name; but what ends in a number is an address in a spelling of its own (169.254.43518, 0xa9fea9fe).
        return not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return not (found.is_link_local or found.is_multicast or found.is_unspecified)
