"""Submitting: the one command that makes an incident. A bad one leaves nothing behind."""

from datetime import datetime

from api.auth import Caller
from api.errands import Errand, Key, is_repeat, refused, run, storing
from api.keys import command_id, hash_body, incident_id, unit_scope
from api.limits import check_submission_rate
from api.parts import Parts
from api.problems import Refused
from db.forgetting import forget_submission
from domain import commands as c
from domain.permissions import seat_for
from domain.refusals import Code, Refusal
from domain.submission import check_submission
from domain.vocabulary import CommandName, IncidentId, UnitId


async def submit(parts: Parts, caller: Caller, key: str, command: c.Submit) -> tuple[IncidentId, bool]:
    """The incident's id, and whether another request under the same key submitted it. Raises Refused, Problem."""
    now = await parts.clock.now()
    try:
        unit = _check(caller, command, now)
    except Refusal as refusal:
        raise await refused(parts, refusal.record) from None
    await check_submission_rate(parts, caller, unit)
    scope = unit_scope(unit)
    incident = incident_id(scope, key)
    errand = Errand(
        incident=incident,
        name=CommandName.SUBMIT,
        command_id=command_id(scope, key, incident, CommandName.SUBMIT),
        store=storing(incident, command),
        key=Key(scope, key, CommandName.SUBMIT, hash_body(parts.keys, command)),
    )
    try:
        issued_at = await run(parts, caller, errand)
    except Refused:
        # The directory may have changed between the check here and the process.
        async with parts.sessions.begin() as session:
            await forget_submission(session, scope, key, incident)
        raise
    return incident, await is_repeat(parts, errand, issued_at)


def _check(caller: Caller, command: c.Submit, now: datetime) -> UnitId:
    """The unit that submits. Raises what the process would refuse, before anything is stored."""
    seat = seat_for(CommandName.SUBMIT, caller.actor, None)
    if seat is None:
        raise Refusal(Code.NOT_PERMITTED, actor=caller.officer.id, command=CommandName.SUBMIT)
    check_submission(command, caller.roster.kinds, now)
    return seat.unit
