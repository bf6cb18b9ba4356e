"""An incident as the API shows it: design.md calls it the state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from api.views.release import ReleaseShown
from api.views.task import TaskShown
from domain.county import County, Roster
from domain.incident import Conference, Incident
from domain.instants import Instant
from domain.obligations import Obligation, explain
from domain.policy import Policy
from domain.refusals import Language
from domain.routing import RouteReason
from domain.standing import holders_of, open_tasks
from domain.vocabulary import (
    Category,
    ConferenceForm,
    IncidentId,
    Level,
    ObligationKind,
    ObligationState,
    OfficerId,
    Phase,
    ReleaseId,
    Source,
    UnitId,
)


class RouteShown(BaseModel):
    article: str
    reason: RouteReason


class ObligationShown(BaseModel):
    """`overdue`: pending past its instant. `explanation` follows Accept-Language."""

    id: str
    round: int
    kind: ObligationKind
    due_at: Instant | None
    state: ObligationState
    met_at: Instant | None
    hard: bool
    overdue: bool
    ran_late: bool
    article: str
    counted_from: Instant | None
    release: ReleaseId | None
    explanation: str

    @classmethod
    def of(cls, obligation: Obligation, policy: Policy, language: Language, now: datetime) -> Self:
        kept = set(cls.model_fields) - {"overdue", "explanation"}
        return cls(
            **{name: getattr(obligation, name) for name in kept},
            overdue=obligation.overdue(now),
            explanation=explain(obligation, policy, language),
        )


class ConferenceShown(BaseModel):
    round: int
    form: ConferenceForm
    at: Instant | None
    venue: str | None
    held_at: Instant | None
    attendees: tuple[OfficerId, ...]
    transcript_url: str | None

    @classmethod
    def of(cls, conference: Conference, words: Mapping[str, str]) -> Self:
        shown = conference.model_dump()
        for name in ("venue", "transcript_url"):
            shown[name] = words.get(shown[name]) if shown[name] else None
        return cls.model_validate(shown)


class IncidentShown(BaseModel):
    """Words are None once they were erased. `seq` is the last ledger entry, and the ETag."""

    id: IncidentId
    number: str
    drill: bool
    policy: str
    title: str | None
    summary: str | None
    links: tuple[str | None, ...]
    source: Source
    level: Level
    category: Category
    phase: Phase
    round: int
    reporter: UnitId
    townships: tuple[UnitId, ...]
    departments: tuple[UnitId, ...]
    superior_department: UnitId | None
    detected_at: Instant
    submitted_at: Instant
    assessed_at: Instant | None
    facts_confirmed_at: Instant | None
    investigation: bool
    lead: UnitId
    coordinators: tuple[UnitId, ...]
    cooperators: tuple[UnitId, ...]
    route: RouteShown
    obligations: tuple[ObligationShown, ...]
    releases: tuple[ReleaseShown, ...]
    conferences: tuple[ConferenceShown, ...]
    updates_paused: bool
    waiting_for: tuple[TaskShown, ...]
    overdue: bool
    seq: int
    stale: bool

    @classmethod
    def of(
        cls,
        incident: Incident,
        words: Mapping[str, str],
        county: County,
        roster: Roster,
        language: Language,
        now: datetime,
        *,
        stale: bool,
    ) -> Self:
        route = incident.route
        copied = set(cls.model_fields) & set(Incident.model_fields) - _COMPUTED
        waits = (TaskShown.of(t, holders_of(t, incident, county, roster)) for t in open_tasks(incident))
        return cls(
            **{name: getattr(incident, name) for name in copied},
            policy=incident.policy.id,
            title=words.get(incident.title),
            summary=words.get(incident.summary),
            links=tuple(words.get(link) for link in incident.links),
            lead=route.lead,
            coordinators=route.coordinators,
            cooperators=route.cooperators,
            route=RouteShown(article=route.article, reason=route.reason),
            obligations=tuple(ObligationShown.of(o, incident.policy, language, now) for o in incident.obligations),
            releases=tuple(ReleaseShown.of(r, incident, roster) for r in incident.releases.values()),
            conferences=tuple(ConferenceShown.of(c, words) for c in incident.conferences),
            updates_paused=incident.paused,
            waiting_for=tuple(waits),
            overdue=any(o.overdue(now) for o in incident.obligations),
            stale=stale and not incident.phase.ended,
        )


_COMPUTED = {"policy", "title", "summary", "links", "route", "obligations", "releases", "conferences"}


def references_of(incident: Incident) -> set[str]:
    """The texts whose words the state shows."""
    venues = [text for c in incident.conferences for text in (c.venue, c.transcript_url) if text]
    return {incident.title, incident.summary, *incident.links, *venues}
