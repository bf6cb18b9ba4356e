"""An incident as the API shows it: design.md calls it the state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from api.views.proceedings import (
    AssignmentShown,
    ConferenceShown,
    ConsultationShown,
    FigureShown,
    ReferralShown,
)
from api.views.proceedings import references_of as references_in
from api.views.release import ReleaseShown
from api.views.task import TaskShown
from domain.county import County, Roster
from domain.incident import Incident, Restriction
from domain.instants import Instant
from domain.obligations import Obligation, explain
from domain.policy import Policy
from domain.refusals import Language
from domain.routing import RouteReason
from domain.standing import holders_of, open_tasks
from domain.vocabulary import (
    Category,
    IncidentId,
    Level,
    ObligationKind,
    ObligationState,
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
    because: str | None
    acknowledged_by: UnitId | None
    acknowledged_at: Instant | None
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
    consultations: tuple[ConsultationShown, ...]
    tasks: tuple[AssignmentShown, ...]
    referrals: tuple[ReferralShown, ...]
    figures: tuple[FigureShown, ...]
    merging_into: IncidentId | None
    merged_into: IncidentId | None
    restriction: Restriction | None
    absorbed: tuple[IncidentId, ...]
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
            conferences=tuple(ConferenceShown.of(c, words, incident.obligations) for c in incident.conferences),
            consultations=tuple(ConsultationShown.of(m, words) for m in incident.consultations),
            tasks=tuple(AssignmentShown.of(t, words, now) for t in incident.assignments),
            referrals=tuple(ReferralShown.of(r, words) for r in incident.referrals),
            figures=tuple(FigureShown.of(f, words, now) for f in incident.figures),
            merging_into=incident.merging.survivor if incident.merging else None,
            absorbed=tuple(absorbed.incident for absorbed in incident.absorbed),
            updates_paused=incident.paused,
            waiting_for=tuple(waits),
            overdue=any(o.overdue(now) for o in incident.obligations),
            stale=stale and not incident.phase.ended,
        )


_COMPUTED = {
    "policy",
    "title",
    "summary",
    "links",
    "route",
    "obligations",
    "releases",
    "conferences",
    "consultations",
    "referrals",
    "figures",
    "absorbed",
}


def references_of(incident: Incident) -> set[str]:
    """The texts whose words the state shows."""
    items = (
        *incident.conferences,
        *incident.consultations,
        *incident.assignments,
        *incident.referrals,
        *incident.figures,
    )
    return {incident.title, incident.summary, *incident.links, *references_in(items)}
