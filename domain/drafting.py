"""Rules of drafting, revising and cancelling releases (Art. 4, 8)."""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.refusals import Code, Refusal
from domain.releases import Release
from domain.vocabulary import Channel, OfficerId, ReleaseKind, UnitId

_BEFORE_FACTS = frozenset({ReleaseKind.FIRST, ReleaseKind.UPDATE, ReleaseKind.CORRECTION})


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
    drafted = _version(command, case, command.kind, _drafting_unit(case, seat), 1, command.corrects)
    return [drafted.model_copy(update={"interpreters": _interpreters(command, case), "experts": command.experts})]


def _interpreters(command: c.DraftRelease, case: Case) -> tuple[OfficerId, ...]:
    """Whoever else interprets, the lead's principal leader is the first to, in public (Art. 12)."""
    if command.kind is not ReleaseKind.INTERPRETATION:
        if command.interpreters or command.experts:
            raise Refusal(Code.MALFORMED, fields="interpreters,experts")
        return ()
    lead = case.incident.route.lead
    principal = case.roster.heads.get(lead, ())[:1]
    earlier = (
        release
        for release in case.incident.releases.values()
        if release.kind is ReleaseKind.INTERPRETATION and release.receipts and not release.withdrawn_at
    )
    named = command.interpreters or principal
    if not set(principal) <= set(named) and not any(set(principal) & set(r.interpreters) for r in earlier):
        raise Refusal(Code.PRINCIPAL_FIRST, unit=lead)
    return named


def _drafting_unit(case: Case, seat: e.Seat) -> UnitId:
    """The unit whose words they are: the lead's own people speak for the lead whatever post let them in."""
    lead = case.incident.route.lead
    return lead if any(post.unit == lead for post in case.envelope.actor.posts) else seat.unit


def revise_release(command: c.ReviseRelease, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The next version: every decision made so far is void."""
    release = case.release(command.release)
    check_not_over(release)
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
        attachments=command.attachments,
    )


def cancel_release(command: c.CancelRelease, case: Case, seat: e.Seat) -> list[e.Fact]:
    release = case.release(command.release)
    check_not_over(release)
    return [e.ReleaseCancelled(release=release.id, reason=command.reason)]


def check_not_over(release: Release) -> None:
    """Its words can still change: not on their way out, not out, not cancelled."""
    if release.frozen:
        raise Refusal(Code.VERSION_FROZEN)
    if release.cancelled:
        raise Refusal(Code.RELEASE_DECIDED, state=release.state)
