"""Which passwords somebody may choose. Length does most; what is easily guessed is refused besides."""

import re
from enum import StrEnum

SHORTEST = 12
LONGEST = 256
FEWEST_KINDS_OF_CHARACTERS = 5
_ROOTS = frozenset(
    {"password", "passw0rd", "admin", "administrator", "qwerty", "qwertyuiop", "welcome", "huiying", "mima"}
)
_RUNS = ("0123456789" * 2, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


class Weakness(StrEnum):
    """Why a password will not do."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_PLAIN = "too_plain"
    """Few different characters, one after the other on the keyboard, or a word everybody takes."""
    LIKE_NAME = "like_name"
    UNCHANGED = "unchanged"


def weakness_of(password: str, names: tuple[str, ...], *, unchanged: bool) -> Weakness | None:
    """What is wrong with `password` for somebody with these names; `unchanged`: it is the one they have."""
    lowered = password.lower()
    if len(password) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    if any(name.lower() in lowered for name in names if name):
        return Weakness.LIKE_NAME
    root = re.sub(r"[^a-z]+$", "", re.sub(r"^[^a-z]+", "", lowered))
    if len(set(lowered)) < FEWEST_KINDS_OF_CHARACTERS or root in _ROOTS or any(lowered in run for run in _RUNS):
        return Weakness.TOO_PLAIN
    return Weakness.UNCHANGED if unchanged else None
