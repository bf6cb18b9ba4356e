"""What has changed from one text to the next: Chinese by characters, other writing by words. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_PIECE = re.compile(r"[A-Za-z0-9.%‰]+|\s+|.", re.DOTALL)
_MOST = 4_000_000
"""Pairs of pieces compared at most: a paragraph that is longer is shown as taken out and put in whole."""
_SHORT = 1
"""So few pieces that stayed between two changes are read as changed with them."""


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True)
class Piece:
    change: Change
    text: str


def difference(old: str, new: str) -> tuple[Piece, ...]:
    """The new text with what was added, and what is gone from the old one in its place.

    Lines are matched first, so that a paragraph that moved on unchanged is not taken apart.
    """
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    found: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, added = "".join(before[i:j]), "".join(after[k:m])
        found += [Piece(Change.SAME, added)] if tag == "equal" else _within(gone, added)
    return tuple(_joined(found))


def _within(old: str, new: str) -> Iterator[Piece]:
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    if len(before) * len(after) > _MOST:
        yield from (Piece(Change.GONE, old), Piece(Change.ADDED, new))
        return
    yield from _readable(before, after, SequenceMatcher(None, before, after, autojunk=False).get_opcodes())


def _readable(
    before: Sequence[str], after: Sequence[str], opcodes: Sequence[tuple[str, int, int, int, int]]
) -> Iterator[Piece]:
    """A character that happens to stand in both texts between two changes tells nobody anything."""
    gone, added = "", ""
    for number, (tag, i, j, k, m) in enumerate(opcodes):
        between = 0 < number < len(opcodes) - 1
        if tag == "equal" and not (between and m - k <= _SHORT and "".join(after[k:m]).strip()):
            yield from (Piece(Change.GONE, gone), Piece(Change.ADDED, added), Piece(Change.SAME, "".join(after[k:m])))
            gone, added = "", ""
        else:
            gone += "".join(before[i:j])
            added += "".join(after[k:m])
    yield from (Piece(Change.GONE, gone), Piece(Change.ADDED, added))


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind are one; nothing is empty."""
    kept: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if kept is not None and kept.change is piece.change:
            kept = Piece(kept.change, kept.text + piece.text)
            continue
        if kept is not None:
            yield kept
        kept = piece
    if kept is not None:
        yield kept
