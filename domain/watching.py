"""What is watched of an incident: its clocks, whom it waits for, what is stuck. Ids, codes and instants, no words."""

from datetime import datetime
from typing import NamedTuple

from domain.alarms import next_alarm_at
from domain.incident import Incident
from domain.obligations import Obligation
from domain.vocabulary import Channel, StepKind, UnitId
from domain.waiting import BLOCKED, CONFIRMATION, waiting_for


class OpenStep(NamedTuple):
    """A review step that waits for somebody of `unit`."""

    kind: StepKind
    unit: UnitId
    since: datetime


class Watched(NamedTuple):
    """`alarm_at` is when its process has to wake next, `duties` those pending that have an instant, `blocked` the
    channels on which a call waits for a person.
    """

    drill: bool
    lead: UnitId
    ended: bool
    alarm_at: datetime | None
    duties: tuple[Obligation, ...]
    steps: tuple[OpenStep, ...]
    blocked: tuple[Channel, ...]

    @property
    def needs_process(self) -> bool:
        """Whether something is still to happen by itself: until the end, and after it while anything is chased."""
        return not self.ended or self.alarm_at is not None or bool(self.duties)


def watched(incident: Incident) -> Watched:
    waits = waiting_for(incident)
    return Watched(
        drill=incident.drill,
        lead=incident.route.lead,
        ended=incident.phase.ended,
        alarm_at=next_alarm_at(incident),
        duties=tuple(duty for duty in incident.pending if duty.due_at),
        steps=tuple(OpenStep(wait.step, wait.unit, wait.since) for wait in waits if wait.step),
        blocked=tuple(Channel(wait.about) for wait in waits if wait.what in (BLOCKED, CONFIRMATION) and wait.about),
    )
