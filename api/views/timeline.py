"""A ledger entry as the timeline shows it."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel

from domain.commands import is_reference
from domain.events import RecordedEntry, Seat
from domain.instants import Instant
from domain.vocabulary import CommandId, OfficerId, Origin

Words = dict[str, str | list[str | None] | None]


class EntryShown(BaseModel):
    """`data` holds the fact as recorded, with references; `words` the texts behind them, by field.

    A text that was erased is None; a reader who may not see words gets no `words` at all.
    """

    seq: int
    type: str
    issued_at: Instant
    decided_at: Instant
    actor: OfficerId | None
    seat: Seat | None
    on_behalf_of: OfficerId | None
    origin: Origin
    command_id: CommandId | None
    data: dict[str, Any]
    words: Words | None

    @classmethod
    def of(cls, entry: RecordedEntry, words: Mapping[str, str] | None) -> Self:
        by = entry.by
        data = entry.fact.model_dump(mode="json", exclude={"type"})
        return cls(
            seq=entry.seq,
            type=entry.fact.type,
            **{name: getattr(by, name) for name in ("issued_at", "decided_at", "actor", "seat", "on_behalf_of")},
            origin=by.origin,
            command_id=by.command_id,
            data=data,
            words=None if words is None else _words(data, words),
        )


class Timeline(BaseModel):
    items: tuple[EntryShown, ...]
    next: str | None


def references_of(entry: RecordedEntry) -> Iterator[str]:
    """The texts that an entry refers to."""
    for value in entry.fact.model_dump(mode="json").values():
        yield from _texts_in(value)


def _words(data: Mapping[str, Any], words: Mapping[str, str]) -> Words:
    shown: Words = {}
    for field, value in data.items():
        found = [words.get(reference) for reference in _texts_in(value)]
        if found:
            shown[field] = found if isinstance(value, list) else found[0]
    return shown


def _texts_in(value: object) -> list[str]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, str) and is_reference(part)]
