"""What an incident waits for: by whom, since when. The same list for people, pages and search."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from domain.consequences import stages_of
from domain.incident import Incident
from domain.instants import Instant
from domain.obligations import MET_BY
from domain.releases import Release, step_views
from domain.vocabulary import ObligationKind, Phase, ReleaseId, ReleaseState, StepKind, UnitId

ASSESSMENT, FACTS, REVISION, PUBLICATION, BLOCKED = "assessment", "facts", "revision", "publication", "blocked"


class Waiting(BaseModel):
    """`what` is `assessment`, `facts`, `revision`, `publication`, `blocked`, a step or an obligation's kind."""

    model_config = ConfigDict(frozen=True)

    what: str
    unit: UnitId
    since: Instant
    release: ReleaseId | None = None
    step: StepKind | None = None
    due_at: Instant | None = None


def waiting_for(incident: Incident) -> tuple[Waiting, ...]:
    """Everything somebody has to do next; empty once the incident has ended."""
    if incident.phase.ended:
        return ()
    return tuple(_waits(incident))


def _waits(incident: Incident) -> Iterator[Waiting]:
    lead = incident.route.lead
    if incident.assessed_at is None:
        yield Waiting(what=ASSESSMENT, unit=incident.office, since=incident.round_started_at)
    elif incident.facts_confirmed_at is None and incident.phase is Phase.RESPONDING:
        yield Waiting(what=FACTS, unit=lead, since=incident.assessed_at)
    for release in incident.releases.values():
        yield from _release_waits(incident, release)
    # A duty waits for a draft only while none that would meet it is on its way.
    under_way = {
        r.kind for r in incident.releases.values() if r.state in (ReleaseState.IN_REVIEW, ReleaseState.PUBLISHING)
    }
    for obligation in incident.pending:
        if not MET_BY[obligation.kind] & under_way:
            kind = obligation.kind
            unit = incident.office if kind is ObligationKind.PRESS_CONFERENCE else lead
            since = obligation.counted_from or incident.round_started_at
            yield Waiting(what=kind, unit=unit, since=since, due_at=obligation.due_at)


def _release_waits(incident: Incident, release: Release) -> Iterator[Waiting]:
    if release.state in (ReleaseState.RETURNED, ReleaseState.REFUSED):
        at = release.decisions[-1].at
        yield Waiting(what=REVISION, unit=release.unit, since=at, release=release.id)
    for view in step_views(release, stages_of(incident, release)):
        if view.opened_at:
            step = view.step
            yield Waiting(what=step.kind, unit=step.unit, since=view.opened_at, release=release.id, step=step.kind)
    for intent in release.intents:
        what = BLOCKED if intent.parked else PUBLICATION
        yield Waiting(what=what, unit=incident.office, since=intent.since, release=release.id)
