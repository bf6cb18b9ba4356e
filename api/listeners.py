"""How many event streams are open, so that nobody opens them without end."""

from collections import Counter

from api.problems import Problem, Trouble
from domain.vocabulary import OfficerId

MOST_OF_ONE = 4
"""Streams of one officer: a few windows, not a loop that opens them."""
MOST_OF_ALL = 200
"""Streams of one process."""


class Listeners:
    """How many streams of this process are open, and whose."""

    def __init__(self) -> None:
        self._open: Counter[OfficerId] = Counter()

    @property
    def total(self) -> int:
        return self._open.total()

    def add(self, officer: OfficerId) -> None:
        """Raises Problem where there are too many already."""
        if self._open[officer] >= MOST_OF_ONE or self.total >= MOST_OF_ALL:
            raise Problem(Trouble.TOO_MANY_STREAMS)
        self._open[officer] += 1

    def remove(self, officer: OfficerId) -> None:
        self._open[officer] -= 1
