"""How much two titles say the same. Chinese marks no words, so pairs of neighbouring characters are compared."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

ALIKE = 0.2
"""From here on a person is shown the other incident. Measured on the invented pairs of
tests/domain/test_resemblance.py: the same matter told twice scores 0.20 to 0.46, other matters at the same place 0.12
to 0.30, matters that have nothing to do with each other less than 0.10. A person decides, so rather one too many.
"""

K = TypeVar("K")


def resemblance(one: str, other: str) -> float:
    """Jaccard index of the pairs of characters: 0 for nothing in common, 1 for the same."""
    ours, theirs = _pairs(one), _pairs(other)
    return len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0


def resembling(title: str, titles: Mapping[K, str], at_least: float = ALIKE) -> list[K]:
    """The keys of titles that say much the same, the most alike first."""
    scores = {key: resemblance(title, other) for key, other in titles.items()}
    return sorted((key for key, score in scores.items() if score >= at_least), key=lambda key: -scores[key])


def _pairs(words: str) -> frozenset[str]:
    """Letters and digits only, in one width and case: punctuation and spaces say nothing."""
    plain = "".join(ch for ch in unicodedata.normalize("NFKC", words).casefold() if ch.isalnum())
    return frozenset(_neighbours(plain)) or frozenset({plain} if plain else ())


def _neighbours(words: str) -> Iterable[str]:
    return (words[at : at + 2] for at in range(len(words) - 1))
