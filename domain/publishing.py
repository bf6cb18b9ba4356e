"""Rules of publication outside the ordinary course: ordered in an emergency, resolved by a person, withdrawn, made
by a superior (Art. 10, 11, 14).
"""

from datetime import datetime
from typing import Literal, NamedTuple

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consequences import stages_of
from domain.incident import Incident
from domain.refusals import Code, Refusal
from domain.releases import Intent, Release, step_views
from domain.submission import check_past
from domain.vocabulary import Channel, ReleaseId, ReleaseKind, ReleaseState, Resolution


class Remedy(NamedTuple):
    """A correction or an explanation that is owed for a release, since when, and why."""

    release: ReleaseId
    since: datetime
    cause: Literal["withdrawn", "returned"]


def remedies(incident: Incident) -> tuple[Remedy, ...]:
    """What is owed after a withdrawal, or after somebody skipped by an emergency order returned what is out.

    A withdrawal owes a correction of it or an interpretation published afterwards; a late return owes a
    correction or a withdrawal. A round that begins anew does not make good what an earlier one left.
    """
    owed: list[Remedy] = []
    for release in incident.releases.values():
        if release.corrected_by:
            continue
        if release.withdrawn_at:
            if not _explained(incident, release, release.withdrawn_at):
                owed.append(Remedy(release.id, release.withdrawn_at, "withdrawn"))
        elif release.in_emergency and release.frozen and release.stopping:
            owed.append(Remedy(release.id, release.stopping[0].at, "returned"))
    return tuple(owed)


def _explained(incident: Incident, withdrawn: Release, withdrawn_at: datetime) -> bool:
    """By an interpretation; of a correction that was withdrawn, by another one of what it corrected as well."""
    told = (
        incident.published_at(release)
        for release in incident.releases.values()
        if release.withdrawn_at is None
        if release.kind is ReleaseKind.INTERPRETATION
        or (withdrawn.corrects is not None and release.corrects == withdrawn.corrects)
    )
    return any(at > withdrawn_at for at in told if at)


def skipped(incident: Incident) -> tuple[ReleaseId, ...]:
    """Releases that an emergency order put out and that still wait for decisions."""
    return tuple(
        release.id
        for release in incident.releases.values()
        if release.in_emergency and release.frozen
        if any(view.opened_at for view in step_views(release, stages_of(incident, release)))
    )


def check_made_good(incident: Incident) -> None:
    """Nothing ends that an emergency order or a withdrawal left to be done. Raises STEPS_OWED, REMEDY_OWED."""
    if open_steps := skipped(incident):
        raise Refusal(Code.STEPS_OWED, releases=open_steps)
    if owed := remedies(incident):
        raise Refusal(Code.REMEDY_OWED, releases=[remedy.release for remedy in owed])


def emergency_release(command: c.EmergencyRelease, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The leading group orders exactly this version out; confidentiality is never skipped (Art. 11)."""
    release = case.release(command.release)
    if command.digest != release.version.digest:
        raise Refusal(Code.STALE_DIGEST, version=release.version.number)
    if release.state is not ReleaseState.IN_REVIEW:
        raise Refusal(Code.NOT_IN_REVIEW, state=release.state)
    if release.in_emergency:
        raise Refusal(Code.ALREADY_ORDERED)
    if case.persons(seat) & release.authors:
        raise Refusal(Code.OWN_DRAFT, actor=case.actor, step="county_approval", holders=case.roster.leading_group)
    ordered = e.EmergencyOrdered(
        release=release.id, version=release.version.number, digest=command.digest, reason=command.reason
    )
    return [ordered]


def withdraw_release(command: c.WithdrawRelease, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Taken back from every place it reached. What has not been called yet is called no more."""
    release = case.release(command.release)
    if release.withdrawn_at:
        raise Refusal(Code.ALREADY_WITHDRAWN)
    if not release.receipts:
        raise Refusal(Code.NOT_PUBLIC)
    given_up = [
        e.EffectAbandoned(
            release=release.id,
            version=release.version.number,
            channel=intent.channel,
            action="publish",
            reason=command.reason,
        )
        for intent in release.intents
        if intent.may_be_retried
    ]
    return [e.ReleaseWithdrawn(release=release.id, reason=command.reason), *given_up]


def resolve_publication(command: c.ResolvePublication, case: Case, seat: e.Seat) -> list[e.Fact]:
    """A person looked at the channel and says how it stands. Nothing goes out twice by a guess."""
    release = case.release(command.release)
    waiting = _parked(release, command.channel)
    place = _place(release, command.channel)
    match command.outcome:
        case Resolution.PUBLISHED:
            return [_found(command, case, release, waiting)]
        case Resolution.TAKEN_DOWN:
            if waiting.action != "retract":
                raise Refusal(Code.WRONG_RESOLUTION, channel=command.channel)
            return [e.Retracted.model_validate(place | {"at": _instant(command, case, _appeared(release, waiting))})]
        case Resolution.TRY_AGAIN:
            if waiting.action == "publish" and release.withdrawn_at:
                # What was taken back goes nowhere any more.
                raise Refusal(Code.WRONG_RESOLUTION, channel=command.channel)
            renewed = {"action": waiting.action, "reason": command.reason}
            return [e.EffectRenewed.model_validate(place | renewed)]
        case Resolution.GIVE_UP:
            return _give_up(command, case, release, waiting)


def _parked(release: Release, channel: Channel) -> Intent:
    waiting = next((call for call in release.pending if call.channel == channel and call.parked), None)
    if waiting is None:
        raise Refusal(Code.NOT_PARKED, channel=channel)
    return waiting


def _place(release: Release, channel: Channel) -> dict[str, object]:
    return {"release": release.id, "version": release.version.number, "channel": channel}


def _appeared(release: Release, waiting: Intent) -> datetime:
    receipt = release.receipt(waiting.channel)
    return receipt.at if receipt else waiting.begun_at


def _instant(command: c.ResolvePublication, case: Case, earliest: datetime) -> datetime:
    """When it happened, as the person found it; the instant of the command where nobody can tell."""
    at = command.published_at or case.envelope.issued_at
    check_past("published_at", at, max(case.now, case.envelope.issued_at))
    if at < earliest:
        raise Refusal(Code.BEFORE_THE_CALL, at=earliest.isoformat())
    return at


def _found(command: c.ResolvePublication, case: Case, release: Release, waiting: Intent) -> e.Published:
    """It is out, since the call at the earliest. Our own bulletin never needs a person to say so."""
    if waiting.action != "publish" or command.channel is Channel.BULLETIN:
        raise Refusal(Code.WRONG_RESOLUTION, channel=command.channel)
    if command.url is None:
        raise Refusal(Code.URL_NEEDED)
    at = _instant(command, case, waiting.begun_at)
    receipt = {"digest": release.version.digest, "at": at, "external_id": command.url, "url": command.url}
    return e.Published.model_validate(_place(release, command.channel) | receipt)


def _give_up(command: c.ResolvePublication, case: Case, release: Release, waiting: Intent) -> list[e.Fact]:
    """Without the mandatory channel nothing is published: a release that reached no place is cancelled."""
    if command.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    given_up = _place(release, command.channel) | {"action": waiting.action, "reason": command.reason}
    facts: list[e.Fact] = [e.EffectAbandoned.model_validate(given_up)]
    mandatory = command.channel == case.incident.policy.mandatory_channel
    if waiting.action == "publish" and mandatory and not release.receipts:
        others = [call for call in release.intents if call.channel != command.channel]
        if others:
            raise Refusal(Code.PUBLICATION_UNDER_WAY)
        facts.append(e.ReleaseCancelled(release=release.id, reason=command.reason))
    return facts


def record_superior_release(command: c.RecordSuperiorRelease, case: Case, seat: e.Seat) -> list[e.Fact]:
    """上级统一发布: the duties it covers are waived; lateness already run stays recorded."""
    pending = {o.kind: o for o in case.incident.pending}
    covered = tuple(dict.fromkeys(command.obligations))
    for kind in covered:
        if kind not in pending:
            raise Refusal(Code.NO_OBLIGATION, kind=kind)
    waived = [
        e.ObligationWaived(
            id=pending[kind].id,
            reason=command.scope,
            was_overdue=pending[kind].overdue(case.now),
            because="superior_release",
        )
        for kind in covered
    ]
    recorded = e.SuperiorReleaseRecorded(link=command.link, scope=command.scope, obligations=covered)
    return [recorded, *waived]
