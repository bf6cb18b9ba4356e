"""Rules of submitting an incident (Art. 1–5)."""

from collections.abc import Iterable
from datetime import datetime

from domain import commands as c
from domain import events as e
from domain.case import Envelope, require_seat
from domain.county import Roster
from domain.refusals import Code, Refusal
from domain.routing import Central, route
from domain.vocabulary import CommandName, UnitId, UnitKind


def check_submission(command: c.Submit, kinds: dict[UnitId, UnitKind], now: datetime) -> None:
    """Refuse what could never be admitted: unknown units, an instant in the future, a fast clock outside drills.

    The API asks before it stores anything; the process asks again.
    """
    check_units(command.townships, command.departments, command.superior_department, kinds)
    check_past("detected_at", command.detected_at, now)
    if command.hour_seconds is not None and not command.drill:
        raise Refusal(Code.HOUR_SECONDS_OUTSIDE_DRILL)


def check_units(
    townships: Iterable[UnitId],
    departments: Iterable[UnitId],
    superior: UnitId | None,
    kinds: dict[UnitId, UnitKind],
) -> None:
    """Townships are townships; departments are any other unit but the leading group."""
    others = [*departments, *([superior] if superior else [])]
    if unknown := sorted({*townships, *others} - set(kinds)):
        raise Refusal(Code.UNKNOWN_UNIT, units=unknown)
    not_departments = (UnitKind.TOWNSHIP, UnitKind.LEADING_GROUP)
    wrong = [unit for unit in townships if kinds[unit] is not UnitKind.TOWNSHIP]
    wrong += [unit for unit in others if kinds[unit] in not_departments]
    if wrong:
        raise Refusal(Code.WRONG_UNIT_KIND, units=wrong)


def check_past(field: str, at: datetime, now: datetime) -> None:
    """An instant of something that happened cannot lie ahead."""
    if at > now:
        raise Refusal(Code.IN_THE_FUTURE, field=field, at=at.isoformat())


def central(roster: Roster) -> Central:
    return Central(office=roster.office, publicity=roster.publicity, press=roster.press)


def submit(command: c.Submit, envelope: Envelope, now: datetime) -> tuple[e.Seat, list[e.Fact]]:
    """The founding fact, with the proposed route and the policy frozen as it is today."""
    seat = require_seat(envelope, CommandName.SUBMIT, None)
    # The sender's clock judged what has happened; the process may run a little behind it.
    check_submission(command, envelope.roster.kinds, max(now, envelope.issued_at))
    if envelope.policy is None or envelope.number is None:
        raise Refusal(Code.MALFORMED, fields="policy,number")
    policy = envelope.policy
    if command.hour_seconds is not None:
        policy = policy.model_copy(update={"hour_seconds": command.hour_seconds})
    proposed = route(
        command.level,
        command.townships,
        command.departments,
        command.superior_department,
        central(envelope.roster),
    )
    apart = {"hour_seconds", "restricted"}
    reported = {name: getattr(command, name) for name in type(command).model_fields if name not in apart}
    fact = e.Submitted(
        number=envelope.number,
        reporter=seat.unit,
        policy=policy,
        office=envelope.roster.office,
        route=proposed,
        **reported,
    )
    if not command.restricted:
        return seat, [fact]
    # Whoever reports it knows of it already; their unit does not.
    return seat, [fact, e.IncidentRestricted(units=(), officers=(envelope.actor.officer,), reason=None)]
