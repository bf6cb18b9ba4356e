"""A referral as its receiver sees it: the claim, the evidence and the law, and nothing else of the incident."""

from fastapi import APIRouter

from api import documentation, examples
from api.auth import Asking
from api.parts import Reading
from api.problems import Problem, Refused, Trouble
from api.reading import read_incident
from api.views.proceedings import ReferralShown, references_of
from db import texts
from domain.permissions import seat_for
from domain.refusals import Code, RefusalRecord
from domain.vocabulary import ReadName, Role

router = APIRouter(prefix="/api/v1/incidents/{incident}/referrals", tags=["incidents"])

# A post of theirs lets editors and heads in for what was sent to their own unit.
_RECEIVING = (Role.EDITOR, Role.UNIT_HEAD)


@router.get(
    "/{referral}",
    summary="Read a referral",
    responses=documentation.read(Trouble.NOT_READABLE, missing=True) | {200: documentation.answers(examples.REFERRAL)},
)
async def read_referral(caller: Asking, session: Reading, incident: str, referral: str) -> ReferralShown:
    found = await read_incident(session, caller, incident, ReadName.REFERRAL)
    one = next((r for r in found.referrals if r.id == referral), None)
    if one is None:
        raise Refused(RefusalRecord(code=Code.NO_REFERRAL), {})
    seat = seat_for(ReadName.REFERRAL, caller.actor, found)
    if seat is None or (seat.role in _RECEIVING and seat.unit != one.receiver):
        raise Problem(Trouble.NOT_READABLE)
    words = await texts.read(session, found.id, references_of([one]))
    return ReferralShown.of(one, words)
