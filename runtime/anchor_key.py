"""The key that signs anchors: as it is given to a process, and a new one."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def read_key(given: str) -> Ed25519PrivateKey:
    """The key in 32 bytes of Base64 or in a PEM without a password. Raises ValueError, which repeats nothing of it."""
    try:
        found = _from_pem(given) if given.lstrip().startswith("-----BEGIN") else _from_seed(given)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise ValueError("must be an Ed25519 key: 32 bytes in Base64 (`openssl rand -base64 32`), or PEM")
    return found


def _from_pem(given: str) -> object:
    return load_pem_private_key(given.encode(), password=None)


def _from_seed(given: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(given.strip(), validate=True))


def new_key() -> str:
    """A key that nobody had before, in Base64."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
