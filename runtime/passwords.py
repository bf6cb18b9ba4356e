"""Passwords: hashed with Argon2id, a few at a time, in threads of their own."""

import asyncio
import base64
import secrets
import unicodedata

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

AT_ONCE = 2
"""Each takes 64 MiB and a core while it lasts: a crowd at the login waits here and not in memory."""
LONGEST = 256
"""Characters that are looked at; whoever sends more has no password."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what a person reads as something else."""


def one_time_password() -> str:
    """Eighty bits, to be read to somebody: `xk4p-9qrm-h2vt-7wne`."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


class Passwords:
    """Hashes and compares. Comparing with nobody's password takes as long as with somebody's."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        hasher = hasher or Argon2Hasher()
        self._passwords = PasswordHash((hasher,))
        self._free = asyncio.Semaphore(AT_ONCE)
        costs = f"m={hasher._hasher.memory_cost},t={hasher._hasher.time_cost},p={hasher._hasher.parallelism}"  # noqa: SLF001  # It tells its costs nowhere else.
        self._nobodys = f"$argon2id$v=19${costs}${_base64(16)}${_base64(32)}"

    async def hash(self, password: str) -> str:
        async with self._free:
            return await asyncio.to_thread(self._passwords.hash, _normal(password))

    async def verify(self, password: str, known: str | None) -> bool:
        """Whether `password` is the one that `known` was made of; with None, never, and no sooner."""
        shortened = _normal(password)[:LONGEST]
        async with self._free:
            fits = await asyncio.to_thread(self._passwords.verify, shortened, known or self._nobodys)
        return fits and known is not None and len(password) <= LONGEST


def _normal(password: str) -> str:
    """One password however a keyboard composes it, and something that can be hashed whatever was sent."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()


def _base64(length: int) -> str:
    return base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
