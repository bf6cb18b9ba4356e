"""Rules of restricting who knows of an incident (涉密、敏感事件限定知悉)."""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consulting import check_known
from domain.incident import Restriction
from domain.refusals import Code, Refusal


def restrict_incident(command: c.RestrictIncident, case: Case, seat: e.Seat) -> list[e.Fact]:
    """These units and officers and no others, beside the lead and those who always know; with the reason."""
    check_known(command.units, case)
    named = Restriction(units=tuple(sorted(set(command.units))), officers=tuple(sorted(set(command.officers))))
    if named == case.incident.restriction:
        raise Refusal(Code.SAME_RESTRICTION)
    return [e.IncidentRestricted(units=named.units, officers=named.officers, reason=command.reason)]


def lift_restriction(command: c.LiftRestriction, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Everybody who may see any other incident like it sees this one again."""
    if case.incident.restriction is None:
        raise Refusal(Code.NOT_RESTRICTED)
    return [e.RestrictionLifted(reason=command.reason)]
