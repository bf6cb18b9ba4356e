"""Rules of referring a grave rumour to the lawful authority (Art. 5): guarded, never automatic, never alone."""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consulting import check_known
from domain.incident import Incident
from domain.obligations import MET_BY
from domain.proceedings import Referral
from domain.refusals import Code, Refusal
from domain.releases import Release
from domain.vocabulary import ClaimNature, ObligationKind, ReleaseId, ReleaseState, UnitKind

_AUTHORITIES = (UnitKind.CYBERSPACE_OFFICE, UnitKind.DEPARTMENT)
_ANSWERING = MET_BY[ObligationKind.RESPONSE]
_STANDING = (ReleaseState.IN_REVIEW, ReleaseState.PUBLISHING, ReleaseState.PUBLISHED, ReleaseState.CORRECTED)


def refer_rumour(command: c.ReferRumour, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Proposed with its evidence and law. Criticism, complaints, claims of rights, misreadings and what nobody
    has checked are answered in public, never referred.
    """
    if command.nature is not ClaimNature.FABRICATION:
        raise Refusal(Code.NOT_REFERABLE, nature=command.nature)
    check_known((command.receiver,), case)
    if case.roster.kinds[command.receiver] not in _AUTHORITIES:
        raise Refusal(Code.WRONG_UNIT_KIND, units=command.receiver)
    if case.release(command.release).round != case.incident.round:
        raise Refusal(Code.NO_RESPONSE_BESIDE)
    _check_response(case.incident, command.release)
    given = {name: getattr(command, name) for name in type(command).model_fields}
    return [e.RumourReferred(**given)]


def confirm_referral(command: c.ConfirmReferral, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Another officer of the county office says yes, or no with a reason. The response must still stand."""
    referral = _referral(command.referral, case)
    if not referral.undecided:
        raise Refusal(Code.REFERRAL_DECIDED)
    if case.persons(seat) & {referral.proposed_by, referral.proposed_for}:
        raise Refusal(Code.OWN_REFERRAL, actor=case.actor)
    if command.confirmed:
        _check_response(case.incident, referral.release)
    elif command.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    return [e.ReferralConfirmed(referral=referral.id, confirmed=command.confirmed, reason=command.reason)]


def acknowledge_referral(command: c.AcknowledgeReferral, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The receiving unit, and no other, says that it has it."""
    referral = _referral(command.referral, case)
    if all(post.unit != referral.receiver for post in case.envelope.actor.posts):
        raise Refusal(Code.NOT_PERMITTED, actor=case.actor, command=command.name)
    if referral.acknowledged_at:
        raise Refusal(Code.REFERRAL_DECIDED)
    if referral.confirmed_at is None:
        raise Refusal(Code.NOT_CONFIRMED)
    return [e.ReferralAcknowledged(referral=referral.id, receipt=command.receipt)]


def _referral(id_: str, case: Case) -> Referral:
    found = next((referral for referral in case.incident.referrals if referral.id == id_), None)
    if found is None:
        raise Refusal(Code.NO_REFERRAL)
    return found


def _check_response(incident: Incident, release_id: ReleaseId) -> None:
    """The public is answered in the same breath: a response is public, or in review."""
    release: Release | None = incident.releases.get(release_id)
    if release is None or release.kind not in _ANSWERING or release.state not in _STANDING:
        raise Refusal(Code.NO_RESPONSE_BESIDE)
