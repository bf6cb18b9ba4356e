"""Rules of drafting, deciding and cancelling releases (Art. 3, 4, 11) and of conferences (Art. 14, 15)."""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consequences import stages_of
from domain.permissions import seat_for
from domain.refusals import Code, Refusal
from domain.releases import Release, Step, StepView, barred, holders, step_views
from domain.submission import check_past
from domain.vocabulary import (
    Channel,
    CommandName,
    Digest,
    ReleaseKind,
    ReviewOutcome,
    Role,
    StepKind,
    StepState,
    UnitId,
)

_BEFORE_FACTS = frozenset({ReleaseKind.FIRST, ReleaseKind.UPDATE, ReleaseKind.CORRECTION})
_OPEN = (StepState.OPEN, StepState.UNDECIDED)

ENTITLED: dict[StepKind, frozenset[Role]] = {
    StepKind.UNIT_APPROVAL: frozenset({Role.UNIT_HEAD, Role.LEADING_GROUP}),
    StepKind.COSIGN: frozenset({Role.UNIT_HEAD, Role.LEADING_GROUP}),
    StepKind.CONFIDENTIALITY: frozenset({Role.CONFIDENTIALITY_REVIEWER}),
    StepKind.COUNTY_APPROVAL: frozenset({Role.COUNTY_OFFICE, Role.LEADING_GROUP}),
}
"""The roles an assigned substitute must have one of."""


def draft_release(command: c.DraftRelease, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Version 1. `first` and `update` may come before assessment and facts; the rest needs the facts (Art. 4)."""
    incident = case.incident
    if command.release in incident.releases:
        raise Refusal(Code.RELEASE_EXISTS)
    if command.kind not in _BEFORE_FACTS and incident.facts_confirmed_at is None:
        raise Refusal(Code.FACTS_NOT_CONFIRMED, kind=command.kind)
    if (command.kind is ReleaseKind.CORRECTION) != (command.corrects is not None):
        raise Refusal(Code.MALFORMED, fields="corrects")
    if command.corrects is not None and not case.release(command.corrects).receipts:
        raise Refusal(Code.NOT_PUBLISHED)
    return [_version(command, case, command.kind, _drafting_unit(case, seat), 1, command.corrects)]


def _drafting_unit(case: Case, seat: e.Seat) -> UnitId:
    """The unit whose words they are: the lead's own people speak for the lead whatever post let them in."""
    lead = case.incident.route.lead
    return lead if any(post.unit == lead for post in case.envelope.actor.posts) else seat.unit


def revise_release(command: c.ReviseRelease, case: Case) -> list[e.Fact]:
    """The next version: every decision made so far is void."""
    release = case.release(command.release)
    _check_not_over(release)
    if command.digest == release.version.digest:
        raise Refusal(Code.NOTHING_CHANGED)
    number = release.version.number + 1
    return [_version(command, case, release.kind, release.unit, number, release.corrects)]


def _version(
    command: c.DraftRelease | c.ReviseRelease,
    case: Case,
    kind: ReleaseKind,
    unit: UnitId,
    number: int,
    corrects: c.ReleaseRef | None,
) -> e.VersionDrafted:
    policy = case.incident.policy
    if unknown := set(command.channels) - set(policy.channels):
        raise Refusal(Code.CHANNEL_UNKNOWN, channels=sorted(unknown))
    if policy.mandatory_channel not in command.channels:
        raise Refusal(Code.CHANNEL_MISSING, channels=policy.mandatory_channel)
    channels: tuple[Channel, ...] = tuple(sorted(set(command.channels)))
    return e.VersionDrafted(
        release=command.release,
        version=number,
        kind=kind,
        unit=unit,
        digest=command.digest,
        channels=channels,
        corrects=corrects,
        embargo_until=command.embargo_until,
    )


def _check_not_over(release: Release) -> None:
    if release.frozen:
        raise Refusal(Code.VERSION_FROZEN)
    if release.cancelled:
        raise Refusal(Code.RELEASE_DECIDED, state=release.state)


def approve(command: c.Approve, case: Case) -> tuple[e.Seat, list[e.Fact]]:
    if command.step is StepKind.CONFIDENTIALITY:
        # A clearance is a form of its own; a bare approval must not pass for one.
        raise Refusal(Code.MALFORMED, fields="step")
    seat, release, view = _take_step(case, CommandName.APPROVE, command.release, command.step, command.digest)
    return seat, [_decided(release, view.step, "approved", command.comment)]


def return_release(command: c.ReturnRelease, case: Case) -> tuple[e.Seat, list[e.Fact]]:
    seat, release, view = _take_step(
        case, CommandName.RETURN_RELEASE, command.release, command.step, command.digest
    )
    return seat, [_decided(release, view.step, "returned", command.reason)]


def review_confidentiality(command: c.ReviewConfidentiality, case: Case) -> tuple[e.Seat, list[e.Fact]]:
    """Clear, refuse with its ground, or stay undecided and name the authority asked (Art. 11)."""
    if command.outcome is ReviewOutcome.REFUSED and command.ground is None:
        raise Refusal(Code.GROUND_NEEDED)
    if command.outcome is ReviewOutcome.UNDECIDED and command.comment is None:
        raise Refusal(Code.AUTHORITY_NEEDED)
    name, kind = CommandName.REVIEW_CONFIDENTIALITY, StepKind.CONFIDENTIALITY
    seat, release, view = _take_step(case, name, command.release, kind, command.digest)
    decided = _decided(release, view.step, command.outcome, command.comment)
    return seat, [decided.model_copy(update={"ground": command.ground})]


def _decided(release: Release, step: Step, outcome: str, words: str | None) -> e.StepDecided:
    return e.StepDecided.model_validate(
        {
            "release": release.id,
            "version": release.version.number,
            "digest": release.version.digest,
            "step": step.kind,
            "unit": step.unit,
            "outcome": outcome,
            "words": words,
        }
    )


def _take_step(
    case: Case, command: CommandName, release_id: c.ReleaseRef, kind: StepKind, digest: Digest
) -> tuple[e.Seat, Release, StepView]:
    """The open step of `kind` that the actor holds, on exactly this digest; else the refusal that helps most."""
    actor = case.actor
    release = case.release(release_id)
    same = [view for view in step_views(release, stages_of(case.incident, release)) if view.step.kind is kind]
    if not same:
        raise Refusal(Code.NO_SUCH_STEP, step=kind)
    held = [view for view in same if actor in holders(release, view.step, case.roster)]
    if not held:
        raise _not_holder(case, release, same)
    seat = seat_for(command, case.envelope.actor, case.incident, release_id, holder=True)
    if seat is None:
        raise Refusal(Code.NOT_PERMITTED, actor=actor, command=command)
    if digest != release.version.digest:
        raise Refusal(Code.STALE_DIGEST, version=release.version.number)
    if not release.open_to_decisions:
        raise Refusal(Code.RELEASE_DECIDED, state=release.state)
    open_views = [view for view in held if view.state in _OPEN]
    if not open_views:
        raise Refusal(Code.STEP_NOT_OPEN, step=kind, state=held[0].state)
    return seat, release, open_views[0]


def _not_holder(case: Case, release: Release, views: list[StepView]) -> Refusal:
    """Say who is waited for, and when the actor would hold the step but for the four eyes, say that."""
    waiting = next((view for view in views if view.state in _OPEN), views[0])
    whom = holders(release, waiting.step, case.roster) or (waiting.step.unit,)
    details = {"actor": case.actor, "step": waiting.step.kind, "holders": whom}
    if case.actor in release.authors:
        return Refusal(Code.OWN_DRAFT, **details)
    unbarred = release.model_copy(update={"decisions": ()})
    if case.actor in barred(release, waiting.step) and case.actor in holders(
        unbarred, waiting.step, case.roster
    ):
        return Refusal(Code.SECOND_STEP, **details)
    return Refusal(Code.NOT_YOUR_STEP, **details)


def assign_step(command: c.AssignStep, case: Case) -> list[e.Fact]:
    """Name a substitute where holders are barred, absent or silent. Four eyes bind the substitute too."""
    release = case.release(command.release)
    _check_not_over(release)
    views = [v for v in step_views(release, stages_of(case.incident, release)) if v.step.kind is command.step]
    undecided = [v for v in views if v.decision is None or v.state is StepState.UNDECIDED]
    chosen = [v for v in undecided if command.unit in (None, v.step.unit)]
    if not chosen:
        raise Refusal(Code.NO_SUCH_STEP, step=command.step)
    step = chosen[0].step
    details = {"actor": command.officer, "step": step.kind, "holders": holders(release, step, case.roster)}
    if command.officer in release.authors:
        raise Refusal(Code.OWN_DRAFT, **details)
    if command.officer in barred(release, step):
        raise Refusal(Code.SECOND_STEP, **details)
    if not ENTITLED[step.kind] & set(case.envelope.named.get(command.officer, ())):
        raise Refusal(Code.NOT_PERMITTED, actor=command.officer, command=step.kind)
    assigned = e.StepAssigned(
        release=release.id, step=step.kind, unit=step.unit, officer=command.officer, reason=command.reason
    )
    return [assigned]


def cancel_release(command: c.CancelRelease, case: Case) -> list[e.Fact]:
    release = case.release(command.release)
    _check_not_over(release)
    return [e.ReleaseCancelled(release=release.id, reason=command.reason)]


def schedule_conference(command: c.ScheduleConference, case: Case) -> list[e.Fact]:
    if command.at <= case.now:
        raise Refusal(Code.IN_THE_PAST, field="at", at=command.at.isoformat())
    _check_attendance(command.attendees, case)
    return [
        e.ConferenceScheduled(
            at=command.at, venue=command.venue, attendees=command.attendees, form=command.form
        )
    ]


def record_conference(command: c.RecordConference, case: Case) -> list[e.Fact]:
    """A held conference meets the 24 h duty at the instant it was held (Art. 14)."""
    check_past("held_at", command.held_at, max(case.now, case.envelope.issued_at))
    if command.held_at < case.incident.detected_at:
        raise Refusal(Code.BEFORE_DETECTION, field="held_at", at=case.incident.detected_at.isoformat())
    _check_attendance(command.attendees, case)
    recorded = e.ConferenceRecorded(
        held_at=command.held_at,
        transcript_url=command.transcript_url,
        attendees=command.attendees,
        form=command.form,
    )
    return [recorded]


def _check_attendance(attendees: tuple[c.OfficerRef, ...], case: Case) -> None:
    """The lead's responsible person or its spokesperson attends (Art. 15)."""
    lead = case.incident.route.lead
    answering = {*case.roster.heads.get(lead, ()), *case.roster.spokespersons.get(lead, ())}
    if not answering & set(attendees):
        raise Refusal(Code.ATTENDEE_MISSING, unit=lead)
