"""The hashes that ledgers and anchors are chained with, 256 bits each, and the bytes they are of."""

import hashlib
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import rfc8785

GENESIS = "0" * 64
"""Stands for the hash before the first."""


class Algorithm(StrEnum):
    """SM3 (GB/T 32905) where commercial cryptography of the state is asked for; SHA-256 otherwise."""

    SHA256 = "sha256"
    SM3 = "sm3"

    @property
    def is_available(self) -> bool:
        """SHA-256 always; SM3 where the OpenSSL that Python was built with has it."""
        return self in hashlib.algorithms_available


def hash_of(algorithm: Algorithm, content: bytes) -> str:
    """In hexadecimal. Raises ValueError for one that is not available here."""
    return hashlib.new(algorithm, content).hexdigest()


def canonical(value: object) -> bytes:
    """RFC 8785 JSON. Raises rfc8785.CanonicalizationError for a number that JSON does not carry exactly."""
    return rfc8785.dumps(_plain(value))


def written(instant: datetime) -> str:
    """In UTC with six digits of a second and a Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> Any:  # noqa: ANN401  # Whatever a fact is made of, as what JSON is made of.
    match value:
        case datetime():
            return written(value)
        case date():
            return value.isoformat()
        case dict():
            return {str(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return value
