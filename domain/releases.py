"""Releases: immutable versions bound by digest, the steps each must pass, and who may take them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import rfc8785
from pydantic import BaseModel, ConfigDict

from domain.county import Roster
from domain.instants import Instant
from domain.policy import Policy
from domain.vocabulary import (
    Channel,
    Digest,
    Ground,
    IncidentId,
    Level,
    OfficerId,
    ReleaseId,
    ReleaseKind,
    ReleaseState,
    ReviewOutcome,
    StepKind,
    StepState,
    UnitId,
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Document(_Part):
    """A release version's content as it is hashed and stored."""

    v: Literal[1] = 1
    incident: IncidentId
    release: ReleaseId
    kind: ReleaseKind
    title: str
    body: str
    channels: tuple[Channel, ...]
    attachments: tuple[Digest, ...] = ()
    corrects: ReleaseId | None = None
    embargo_until: Instant | None = None

    def canonical(self) -> bytes:
        """RFC 8785 JSON; channels sorted, newlines LF, instants in UTC with a Z, nothing else normalised."""
        fields = self.model_dump(mode="json")
        fields["channels"] = sorted(set(fields["channels"]))
        for words in ("title", "body"):
            fields[words] = fields[words].replace("\r\n", "\n").replace("\r", "\n")
        return rfc8785.dumps(fields)

    def digest(self) -> Digest:
        """Release digest v1."""
        return Digest(hashlib.sha256(self.canonical()).hexdigest())


class Step(NamedTuple):
    """A review step of one unit: the same kind may be asked of several."""

    kind: StepKind
    unit: UnitId


class Decision(_Part):
    step: Step
    outcome: Literal["approved", "returned"] | ReviewOutcome
    by: OfficerId
    at: Instant
    ground: Ground | None = None

    @property
    def passes(self) -> bool:
        return self.outcome in ("approved", ReviewOutcome.CLEARED)

    @property
    def stops(self) -> bool:
        return self.outcome in ("returned", ReviewOutcome.REFUSED)


class Version(_Part):
    number: int
    digest: Digest
    channels: tuple[Channel, ...]
    embargo_until: Instant | None
    author: OfficerId
    drafted_at: Instant


class Receipt(_Part):
    channel: Channel
    external_id: str
    url: str
    at: Instant


class Intent(_Part):
    """A publication under way on one channel; `parked` names why it waits for a person, since `since`."""

    channel: Channel
    attempt: int
    parked: str | None = None
    since: Instant


class Release(_Part):
    """A release with the decisions on its current version only: an edit voids all earlier ones."""

    id: ReleaseId
    kind: ReleaseKind
    unit: UnitId
    round: int
    corrects: ReleaseId | None
    versions: tuple[Version, ...]
    decisions: tuple[Decision, ...] = ()
    assigned: tuple[tuple[Step, OfficerId], ...] = ()
    intents: tuple[Intent, ...] = ()
    attempts: int = 0
    receipts: tuple[Receipt, ...] = ()
    cancelled: bool = False
    corrected_by: ReleaseId | None = None

    @property
    def version(self) -> Version:
        return self.versions[-1]

    @property
    def authors(self) -> frozenset[OfficerId]:
        return frozenset(version.author for version in self.versions)

    @property
    def state(self) -> ReleaseState:
        if self.cancelled:
            return ReleaseState.CANCELLED
        if self.intents:
            return ReleaseState.PUBLISHING
        if self.receipts:
            return ReleaseState.CORRECTED if self.corrected_by else ReleaseState.PUBLISHED
        if stopped := [decision for decision in self.decisions if decision.stops]:
            return ReleaseState.REFUSED if stopped[-1].outcome == ReviewOutcome.REFUSED else ReleaseState.RETURNED
        return ReleaseState.IN_REVIEW

    @property
    def frozen(self) -> bool:
        """Whether its words can no longer change: on its way out, or out."""
        return bool(self.intents or self.receipts)

    @property
    def open_to_decisions(self) -> bool:
        return self.state is ReleaseState.IN_REVIEW

    def receipt(self, channel: Channel) -> Receipt | None:
        return next((receipt for receipt in self.receipts if receipt.channel == channel), None)

    def decision(self, step: Step) -> Decision | None:
        """The latest decision on `step` of the current version."""
        return next((d for d in reversed(self.decisions) if d.step == step), None)


Stages = tuple[tuple[Step, ...], ...]


def required_stages(
    policy: Policy,
    kind: ReleaseKind,
    level: Level,
    drafter: UnitId,
    lead: UnitId,
    office: UnitId,
    departments: Sequence[UnitId],
) -> Stages:
    """The stages a release of `drafter` must pass.

    A release drafted outside the lead also needs the lead's head. `departments` are those involved:
    with several, every one but drafter and lead cosigns (Art. 3).
    """
    units: dict[StepKind, list[UnitId]] = {
        StepKind.UNIT_APPROVAL: list(dict.fromkeys([drafter, lead])),
        StepKind.CONFIDENTIALITY: [drafter],
        StepKind.COSIGN: [d for d in departments if d not in (drafter, lead)] if len(departments) > 1 else [],
        StepKind.COUNTY_APPROVAL: [office],
    }
    stages = (tuple(Step(step, unit) for step in stage for unit in units[step]) for stage in policy.stages(kind, level))
    return tuple(stage for stage in stages if stage)


class StepView(_Part):
    """A step as it stands: `opened_at` is set while somebody is waited for."""

    step: Step
    state: StepState
    decision: Decision | None = None
    opened_at: Instant | None = None


def step_views(release: Release, stages: Stages) -> tuple[StepView, ...]:
    """Every required step. A stage opens when the stages before it have passed."""
    views: list[StepView] = []
    opened_at: datetime | None = release.version.drafted_at if release.open_to_decisions else None
    for stage in stages:
        decisions = [release.decision(step) for step in stage]
        for step, decision in zip(stage, decisions, strict=True):
            if decision is None:
                state = StepState.OPEN if opened_at else StepState.WAITING
            else:
                state = StepState(decision.outcome)
            waiting = opened_at if state in (StepState.OPEN, StepState.UNDECIDED) else None
            views.append(StepView(step=step, state=state, decision=decision, opened_at=waiting))
        passed = [d.at for d in decisions if d is not None and d.passes]
        opened_at = max([opened_at, *passed]) if opened_at and len(passed) == len(stage) else None
    return tuple(views)


def all_passed(release: Release, stages: Stages) -> bool:
    """Whether every required step has passed on exactly the current version."""
    return all((d := release.decision(step)) is not None and d.passes for stage in stages for step in stage)


def barred(release: Release, step: Step) -> frozenset[OfficerId]:
    """Four eyes: authors of any version, and whoever decided another step of this version."""
    return release.authors | {d.by for d in release.decisions if d.step != step}


def holders(release: Release, step: Step, roster: Roster) -> tuple[OfficerId, ...]:
    """Who may take `step` now. Substitutes step in only when all before them are barred.

    An assigned substitute holds the step beside them. Empty when nobody is left: then only
    `assign_step` helps.
    """
    heads, reviewers = roster.heads, roster.reviewers
    tiers: list[Sequence[OfficerId]]
    match step.kind:
        case StepKind.UNIT_APPROVAL | StepKind.COSIGN:
            tiers = [heads.get(step.unit, ()), heads[roster.office], roster.leading_group]
        case StepKind.CONFIDENTIALITY:
            tiers = [reviewers.get(step.unit, ()), reviewers[roster.office], reviewers[roster.publicity]]
        case StepKind.COUNTY_APPROVAL:
            tiers = [roster.county_office, roster.leading_group]
    stopped = barred(release, step)
    assigned = [officer for assigned_step, officer in release.assigned if assigned_step == step]
    free = [[officer for officer in tier if officer not in stopped] for tier in tiers]
    # The leading group may always give the county's word, not only as a substitute.
    if step.kind is StepKind.COUNTY_APPROVAL:
        free = [[officer for tier in free for officer in tier]]
    chosen = next((tier for tier in free if tier), [])
    return tuple(dict.fromkeys([*(o for o in assigned if o not in stopped), *chosen]))
