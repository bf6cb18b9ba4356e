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
    Consent,
    Digest,
    Ground,
    IncidentId,
    Level,
    OfficerId,
    ReleaseId,
    ReleaseKind,
    ReleaseState,
    ReviewOutcome,
    Role,
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


Stages = tuple[tuple[Step, ...], ...]


class Review(_Part):
    """The form of a confidentiality review beside its outcome (Art. 11). Words are references."""

    law: str | None = None
    asked: str | None = None
    originator: UnitId | None = None
    consent: Consent | None = None
    redactions: tuple[str, ...] = ()


class Decision(_Part):
    """`settled`: the county office let the release go on over a department's return (Art. 3)."""

    step: Step
    outcome: Literal["approved", "returned", "settled"] | ReviewOutcome
    by: OfficerId
    at: Instant
    on_behalf_of: OfficerId | None = None
    ground: Ground | None = None
    review: Review | None = None

    @property
    def passes(self) -> bool:
        return self.outcome in ("approved", "settled", ReviewOutcome.CLEARED)

    @property
    def stops(self) -> bool:
        return self.outcome in ("returned", ReviewOutcome.REFUSED)


LOST, BY_HAND = "outcome_unknown", "person_publishes"
"""Codes of effects that only a person's word can end: a call whose answer was lost, a draft that a person publishes."""


class Emergency(_Part):
    """An order to publish exactly this digest once confidentiality is cleared."""

    digest: Digest
    at: Instant


class Version(_Part):
    number: int
    digest: Digest
    channels: tuple[Channel, ...]
    embargo_until: Instant | None
    author: OfficerId
    on_behalf_of: OfficerId | None = None
    """Whose post the author drafted from, if not their own."""
    drafted_at: Instant
    attachments: tuple[Digest, ...] = ()
    """In the order in which they are shown, which the digest binds as well."""


class Receipt(_Part):
    channel: Channel
    external_id: str
    url: str
    at: Instant
    retracted_at: Instant | None = None


class Intent(_Part):
    """A call under way on one channel since `begun_at`; `parked` names why it waits for a person, since `since`."""

    channel: Channel
    attempt: int
    parked: str | None = None
    since: Instant
    begun_at: Instant
    action: Literal["publish", "retract"] = "publish"

    @property
    def may_be_retried(self) -> bool:
        return self.parked is not None and self.parked not in (LOST, BY_HAND)


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
    retractions: tuple[Intent, ...] = ()
    attempts: int = 0
    receipts: tuple[Receipt, ...] = ()
    abandoned: tuple[Channel, ...] = ()
    """Channels where a person gave the current version up."""
    kept: tuple[Channel, ...] = ()
    """Channels where a withdrawn release stays because nobody could take it down."""
    stages: Stages = ()
    """The steps required when it last went on its way."""
    cancelled: bool = False
    withdrawn_at: Instant | None = None
    corrected_by: ReleaseId | None = None
    emergency: Emergency | None = None
    interpreters: tuple[OfficerId, ...] = ()
    experts: tuple[str, ...] = ()

    @property
    def version(self) -> Version:
        return self.versions[-1]

    @property
    def authors(self) -> frozenset[OfficerId]:
        """Who wrote any version, or had it written."""
        handed = {version.on_behalf_of for version in self.versions if version.on_behalf_of}
        return frozenset(handed | {version.author for version in self.versions})

    @property
    def state(self) -> ReleaseState:
        if self.cancelled:
            return ReleaseState.CANCELLED
        if self.withdrawn_at:
            return ReleaseState.WITHDRAWN
        if self.intents:
            return ReleaseState.PUBLISHING
        if self.receipts:
            return ReleaseState.CORRECTED if self.corrected_by else ReleaseState.PUBLISHED
        if stopped := self.stopping:
            return ReleaseState.REFUSED if stopped[-1].outcome == ReviewOutcome.REFUSED else ReleaseState.RETURNED
        return ReleaseState.IN_REVIEW

    @property
    def stopping(self) -> tuple[Decision, ...]:
        """Decisions that stop it: of each step the latest counts, so that a settled disagreement stops nothing."""
        return tuple(d for d in self.decisions if d.stops and self.decision(d.step) == d)

    @property
    def pending(self) -> tuple[Intent, ...]:
        """Calls under way, publications and retractions alike."""
        return (*self.intents, *self.retractions)

    @property
    def frozen(self) -> bool:
        """Whether its words can no longer change: on its way out, or out."""
        return bool(self.intents or self.receipts)

    @property
    def in_emergency(self) -> bool:
        """Whether exactly the current version was ordered out before all had decided."""
        return self.emergency is not None and self.emergency.digest == self.version.digest

    @property
    def open_to_decisions(self) -> bool:
        """In review; or out by an emergency order, where those who were skipped decide afterwards."""
        if self.in_emergency and self.frozen:
            return not (self.withdrawn_at or self.corrected_by)
        return self.state is ReleaseState.IN_REVIEW

    def receipt(self, channel: Channel) -> Receipt | None:
        return next((receipt for receipt in self.receipts if receipt.channel == channel), None)

    def decision(self, step: Step) -> Decision | None:
        """The latest decision on `step` of the current version."""
        return next((d for d in reversed(self.decisions) if d.step == step), None)


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
    """Every required step. A stage opens when the stages before it have passed; in an emergency all at once."""
    if release.emergency is not None and release.in_emergency:
        return tuple(_at_once(release, step, release.emergency.at) for stage in stages for step in stage)
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


def _at_once(release: Release, step: Step, since: datetime) -> StepView:
    decision, is_open = release.decision(step), release.open_to_decisions
    state = StepState(decision.outcome) if decision else StepState.OPEN if is_open else StepState.WAITING
    waiting = since if is_open and state in (StepState.OPEN, StepState.UNDECIDED) else None
    return StepView(step=step, state=state, decision=decision, opened_at=waiting)


def all_passed(release: Release, stages: Stages) -> bool:
    """Whether every required step has passed on exactly the current version."""
    return all((d := release.decision(step)) is not None and d.passes for stage in stages for step in stage)


def may_go_out(release: Release, stages: Stages) -> bool:
    """What the last gate asks: every required step passed on exactly the current version, or an emergency order
    on it with its confidentiality cleared and nothing returned. What is public in one place may go to the others,
    unless somebody who was skipped has returned it since.
    """
    if release.cancelled or release.withdrawn_at or (release.in_emergency and release.stopping):
        return False
    if release.receipts or all_passed(release, stages):
        return True
    clearances = [step for stage in stages for step in stage if step.kind is StepKind.CONFIDENTIALITY]
    return release.in_emergency and all((d := release.decision(step)) is not None and d.passes for step in clearances)


def barred(release: Release, step: Step) -> frozenset[OfficerId]:
    """Four eyes: authors of any version, and whoever decided another step of this version, or had it decided."""
    others = [decision for decision in release.decisions if decision.step != step]
    return release.authors | {d.by for d in others} | {d.on_behalf_of for d in others if d.on_behalf_of}


def holders(release: Release, step: Step, roster: Roster) -> tuple[OfficerId, ...]:
    """Who may take `step` now. Substitutes step in only when all before them are barred.

    An assigned substitute holds the step beside them. Empty when nobody is left: then only
    `assign_step` helps.
    """
    tiers: list[tuple[Role, UnitId | None]]
    match step.kind:
        case StepKind.UNIT_APPROVAL | StepKind.COSIGN:
            tiers = [(Role.UNIT_HEAD, step.unit), (Role.UNIT_HEAD, roster.office), (Role.LEADING_GROUP, None)]
        case StepKind.CONFIDENTIALITY:
            places = (step.unit, roster.office, roster.publicity)
            tiers = [(Role.CONFIDENTIALITY_REVIEWER, unit) for unit in places]
        case StepKind.COUNTY_APPROVAL:
            tiers = [(Role.COUNTY_OFFICE, None), (Role.LEADING_GROUP, None)]
    stopped = barred(release, step)
    assigned = [officer for assigned_step, officer in release.assigned if assigned_step == step]
    free = [roster.able(role, unit, stopped) for role, unit in tiers]
    # The leading group may always give the county's word, not only as a substitute.
    if step.kind is StepKind.COUNTY_APPROVAL:
        free = [[officer for tier in free for officer in tier]]
    chosen = next((tier for tier in free if tier), [])
    return tuple(dict.fromkeys([*(o for o in assigned if o not in stopped), *chosen]))
