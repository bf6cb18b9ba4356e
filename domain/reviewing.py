"""Rules of deciding on releases and of naming substitutes (Art. 3, 11)."""

from collections.abc import Collection, Iterable, Sequence

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consequences import stages_of
from domain.county import Actor
from domain.drafting import check_not_over
from domain.permissions import seat_for
from domain.refusals import Code, Refusal
from domain.releases import Decision, Release, Step, StepView, barred, holders, step_views
from domain.vocabulary import CommandName, Consent, Digest, OfficerId, ReviewOutcome, Role, StepKind, StepState

_OPEN = (StepState.OPEN, StepState.UNDECIDED)

ENTITLED: dict[StepKind, frozenset[Role]] = {
    StepKind.UNIT_APPROVAL: frozenset({Role.UNIT_HEAD, Role.LEADING_GROUP}),
    StepKind.COSIGN: frozenset({Role.UNIT_HEAD, Role.LEADING_GROUP}),
    StepKind.CONFIDENTIALITY: frozenset({Role.CONFIDENTIALITY_REVIEWER}),
    StepKind.COUNTY_APPROVAL: frozenset({Role.COUNTY_OFFICE, Role.LEADING_GROUP}),
}
"""The roles an assigned substitute must have one of."""


def approve(command: c.Approve, case: Case) -> tuple[e.Seat, list[e.Fact]]:
    if command.step is StepKind.CONFIDENTIALITY:
        # A clearance is a form of its own; a bare approval must not pass for one.
        raise Refusal(Code.MALFORMED, fields="step")
    seat, release, view = _take_step(case, CommandName.APPROVE, command.release, command.step, command.digest)
    return seat, [_decided(release, view.step, "approved", command.comment)]


def return_release(command: c.ReturnRelease, case: Case) -> tuple[e.Seat, list[e.Fact]]:
    seat, release, view = _take_step(case, CommandName.RETURN_RELEASE, command.release, command.step, command.digest)
    return seat, [_decided(release, view.step, "returned", command.reason)]


def review_confidentiality(command: c.ReviewConfidentiality, case: Case) -> tuple[e.Seat, list[e.Fact]]:
    """Clear, refuse with its ground and law, or stay undecided and name the authority asked (Art. 11)."""
    _check_form(command, case)
    name, kind = CommandName.REVIEW_CONFIDENTIALITY, StepKind.CONFIDENTIALITY
    seat, release, view = _take_step(case, name, command.release, kind, command.digest)
    _check_consent(command, [decision for decision in release.decisions if decision.step == view.step])
    decided = _decided(release, view.step, command.outcome, command.comment)
    form = ("ground", "law", "asked", "originator", "consent", "redactions")
    return seat, [decided.model_copy(update={name: getattr(command, name) for name in form})]


def _check_form(command: c.ReviewConfidentiality, case: Case) -> None:
    """What each outcome needs beside it."""
    if command.outcome is ReviewOutcome.REFUSED and command.ground is None:
        raise Refusal(Code.GROUND_NEEDED)
    if command.outcome is ReviewOutcome.UNDECIDED and command.comment is None and command.asked is None:
        raise Refusal(Code.AUTHORITY_NEEDED)
    if command.redactions and command.outcome is not ReviewOutcome.REFUSED:
        raise Refusal(Code.REDACTIONS_NEED_REFUSAL)
    if command.consent is not None and command.originator is None:
        raise Refusal(Code.MALFORMED, fields="originator")
    if command.originator is not None and command.originator not in case.roster.kinds:
        raise Refusal(Code.UNKNOWN_UNIT, units=command.originator)


def _check_consent(command: c.ReviewConfidentiality, earlier: Iterable[Decision]) -> None:
    """Whose information it is must agree, and so must whomever earlier, undecided reviews of these words named."""
    if command.outcome is not ReviewOutcome.CLEARED:
        return
    forms = [decision.review for decision in earlier if decision.review]
    answers = {form.originator: form.consent for form in forms if form.originator}
    if command.originator:
        answers[command.originator] = command.consent
    for originator, consent in answers.items():
        if consent is not Consent.GIVEN:
            raise Refusal(Code.CONSENT_MISSING, unit=originator)


def settle_disagreement(command: c.SettleDisagreement, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The county office lets a release go on over a department's return. Four eyes bind it too (Art. 3)."""
    release = case.release(command.release)
    step = Step(StepKind.COSIGN, command.unit)
    if command.digest != release.version.digest:
        raise Refusal(Code.STALE_DIGEST, version=release.version.number)
    disagreed = any(decision.step == step and decision.outcome == "returned" for decision in release.stopping)
    if not disagreed or release.cancelled or release.withdrawn_at:
        raise Refusal(Code.NOT_DISAGREED, unit=command.unit)
    _check_four_eyes(case, seat, release, step, case.roster.county_office)
    settled = e.DisagreementSettled(
        release=release.id,
        version=release.version.number,
        digest=release.version.digest,
        unit=command.unit,
        reason=command.reason,
    )
    return [settled]


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
    open_views = [view for view in held if view.state in _OPEN]
    step = (open_views or held)[0].step
    seat = seat_for(command, _holding(case, release, step), case.incident, release_id, holder=True)
    if seat is None:
        raise Refusal(Code.NOT_PERMITTED, actor=actor, command=command)
    if digest != release.version.digest:
        raise Refusal(Code.STALE_DIGEST, version=release.version.number)
    if not release.open_to_decisions:
        raise Refusal(Code.RELEASE_DECIDED, state=release.state)
    if not open_views:
        raise Refusal(Code.STEP_NOT_OPEN, step=kind, state=held[0].state)
    # A substitute may stand in no list: whose post it is that they act from is looked at here.
    _check_four_eyes(case, seat, release, step, holders(release, step, case.roster))
    return seat, release, open_views[0]


def _holding(case: Case, release: Release, step: Step) -> Actor:
    """The actor with nothing but what makes a holder of `step`: no other post of theirs says whose decision it is.

    One of the step's own unit comes first, one lent by who may not decide last.
    """
    actor, stopped = case.envelope.actor, barred(release, step)
    held = (post.model_copy(update={"roles": _among(post.roles, ENTITLED[step.kind])}) for post in actor.posts)
    ordered = sorted(held, key=lambda post: (post.on_behalf_of in stopped, post.unit != step.unit))
    return actor.model_copy(update={"posts": tuple(ordered)})


def _among(roles: Iterable[Role], entitled: Collection[Role]) -> tuple[Role, ...]:
    return tuple(role for role in roles if role in entitled)


def _check_four_eyes(case: Case, seat: e.Seat, release: Release, step: Step, whom: Sequence[OfficerId]) -> None:
    """Neither the actor, nor whose post it is, wrote it or decided another step. Raises OWN_DRAFT, SECOND_STEP."""
    persons = case.persons(seat)
    for stopped, code in ((release.authors, Code.OWN_DRAFT), (barred(release, step), Code.SECOND_STEP)):
        if persons & stopped:
            raise Refusal(code, actor=min(persons & stopped), step=step.kind, holders=whom)


def _not_holder(case: Case, release: Release, views: list[StepView]) -> Refusal:
    """Say who is waited for, and when the actor would hold the step but for the four eyes, say that."""
    waiting = next((view for view in views if view.state in _OPEN), views[0])
    whom = holders(release, waiting.step, case.roster) or (waiting.step.unit,)
    details = {"actor": case.actor, "step": waiting.step.kind, "holders": whom}
    if case.actor in release.authors:
        return Refusal(Code.OWN_DRAFT, **details)
    unbarred = release.model_copy(update={"decisions": ()})
    if case.actor in barred(release, waiting.step) and case.actor in holders(unbarred, waiting.step, case.roster):
        return Refusal(Code.SECOND_STEP, **details)
    return Refusal(Code.NOT_YOUR_STEP, **details)


def assign_step(command: c.AssignStep, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Name a substitute where holders are barred, absent or silent. Four eyes bind the substitute too."""
    release = case.release(command.release)
    if not release.open_to_decisions:
        check_not_over(release)
    views = [v for v in step_views(release, stages_of(case.incident, release)) if v.step.kind is command.step]
    undecided = [v for v in views if v.decision is None or v.state is StepState.UNDECIDED]
    chosen = [v for v in undecided if command.unit in (None, v.step.unit)]
    if not chosen:
        raise Refusal(Code.NO_SUCH_STEP, step=command.step)
    if len(chosen) > 1:
        raise Refusal(Code.MALFORMED, fields="unit")
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
