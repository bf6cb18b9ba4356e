"""What the API answers, as far as a drill reads it. Whatever else an answer holds is left aside."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from domain.events import AnyFact, Fact, Seat
from domain.vocabulary import (
    Level,
    ObligationKind,
    ObligationState,
    Phase,
    ReleaseKind,
    ReleaseState,
    StepKind,
    StepState,
)

_FACT: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Duty(_View):
    kind: ObligationKind
    due_at: datetime | None
    counted_from: datetime | None
    state: ObligationState
    met_at: datetime | None
    hard: bool
    article: str

    @property
    def pending(self) -> bool:
        return self.state is ObligationState.PENDING


class Step(_View):
    """A review step; `holders` are the officers who may take it now."""

    step: StepKind
    unit: str
    holders: tuple[str, ...]
    state: StepState

    @property
    def open(self) -> bool:
        return self.state in (StepState.OPEN, StepState.UNDECIDED)


class Release(_View):
    release: str
    kind: ReleaseKind
    version: int
    digest: str
    state: ReleaseState
    author: str
    steps: tuple[Step, ...]

    @property
    def public(self) -> bool:
        return self.state in (ReleaseState.PUBLISHED, ReleaseState.CORRECTED)

    @property
    def appeared(self) -> bool:
        """Whether it is public, or was until it was withdrawn."""
        return self.public or self.state is ReleaseState.WITHDRAWN

    def waits_for(self, kinds: Collection[StepKind]) -> bool:
        """Whether a step of `kinds` waits for another that comes before it."""
        return any(step.step in kinds and step.state is StepState.WAITING for step in self.steps)


class Wait(_View):
    """Something somebody has to do next; `holders` may do it."""

    what: str
    unit: str | None
    holders: tuple[str, ...]
    release: str | None


class Incident(_View):
    """`title` is None once its words were erased."""

    id: str
    number: str
    title: str | None
    level: Level
    phase: Phase
    lead: str
    obligations: tuple[Duty, ...]
    releases: tuple[Release, ...]
    waiting_for: tuple[Wait, ...]
    seq: int

    def release(self, release: str) -> Release | None:
        return next((known for known in self.releases if known.release == release), None)


class Entry(_View):
    """An entry of the timeline: what happened, when, by whom and from which post."""

    seq: int
    type: str
    decided_at: datetime
    actor: str | None
    seat: Seat | None
    data: dict[str, Any]
    words: dict[str, Any] | None

    @property
    def fact(self) -> Fact:
        """The fact with words in place of references, where the reader may see them."""
        words = {name: text for name, text in (self.words or {}).items() if text is not None}
        fact: Fact = _FACT.validate_python({**self.data, **words, "type": self.type})
        return fact


class Timeline(_View):
    """A page of entries; `next` is the cursor of the following one."""

    items: tuple[Entry, ...]
    next: str | None
