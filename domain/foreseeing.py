"""What a command would bring about, before anybody sends it: the rules themselves, asked once without effect."""

from datetime import datetime

from domain import commands as c
from domain.case import Envelope
from domain.county import Actor, Roster
from domain.decide import decide
from domain.folding import advance
from domain.incident import Incident
from domain.policy import Policy
from domain.refusals import RefusalRecord
from domain.vocabulary import CommandId, IncidentId, Origin

_NOWHERE = IncidentId("0" * 32)
_NO_NUMBER = "-"


def foresee_submission(
    command: c.Submit, actor: Actor, roster: Roster, policy: Policy, now: datetime
) -> Incident | RefusalRecord:
    """The incident that would come of it, with its route and its clocks; or why none would."""
    envelope = _envelope(actor, roster, now).model_copy(update={"policy": policy, "number": _NO_NUMBER})
    return _foresee(None, command, envelope, now)


def foresee(
    incident: Incident, command: c.Command, actor: Actor, roster: Roster, now: datetime
) -> Incident | RefusalRecord:
    """The incident as it would be afterwards. For commands that name no officers: their posts are not looked up."""
    return _foresee(incident, command, _envelope(actor, roster, now), now)


def _envelope(actor: Actor, roster: Roster, now: datetime) -> Envelope:
    return Envelope(command_id=CommandId("foreseen"), origin=Origin.UPDATE, issued_at=now, actor=actor, roster=roster)


def _foresee(
    incident: Incident | None, command: c.Command, envelope: Envelope, now: datetime
) -> Incident | RefusalRecord:
    id_ = incident.id if incident else _NOWHERE
    ruling = decide(incident, command, envelope, now, id_)
    if ruling.refusal is not None:
        return ruling.refusal
    after = advance(incident, ruling.batch, id_)
    if after is None:
        raise RuntimeError("a command that is not refused leaves an incident")
    return after
