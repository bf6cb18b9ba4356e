"""Rules of submitting, assessing, closing and reopening: the incident as a whole (Art. 1–5, 14)."""

from collections.abc import Iterable
from datetime import datetime

from domain import commands as c
from domain import events as e
from domain.case import Case, Envelope, require_seat
from domain.county import Roster
from domain.obligations import timed_duties
from domain.refusals import Code, Refusal
from domain.routing import Central, route
from domain.vocabulary import Category, CommandName, ObligationKind, Phase, Rank, Role, UnitId, UnitKind


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
    kept = (
        "title",
        "summary",
        "category",
        "level",
        "townships",
        "departments",
        "superior_department",
        "detected_at",
    )
    fields = {name: getattr(command, name) for name in (*kept, "source", "links", "drill")}
    fact = e.Submitted(
        number=envelope.number,
        reporter=seat.unit,
        policy=policy,
        office=envelope.roster.office,
        route=proposed,
        **fields,
    )
    return seat, [fact]


def assess(command: c.Assess, case: Case) -> list[e.Fact]:
    """Confirm or change level, category and route; respond, or dismiss. May be repeated: regrading goes both ways."""
    incident = case.incident
    given = command.model_fields_set
    level = command.level or incident.level
    category = command.category or incident.category
    townships = command.townships if "townships" in given else incident.townships
    departments = command.departments if "departments" in given else incident.departments
    superior = command.superior_department if "superior_department" in given else incident.superior_department
    check_units(townships, departments, superior, case.roster.kinds)
    detected_at = _corrected_detection(command, case)
    designated = command.lead if "lead" in given else incident.designated
    named = {*townships, *departments, *([superior] if superior else []), case.roster.office}
    if designated is not None and designated not in named:
        # A lead designated earlier may drop out with its unit; one named just now is a mistake.
        if command.lead is not None:
            raise Refusal(Code.LEAD_NOT_INVOLVED, unit=designated)
        designated = None
    due_by = incident.due_by | command.due_by
    rule = {d.kind: d.due_at for d in timed_duties(incident.policy, level, detected_at, {})}
    for kind in command.due_by:
        by_rule = rule.get(kind)
        if by_rule is None or not detected_at < command.due_by[kind] < by_rule:
            raise Refusal(Code.NOT_SHORTER, kind=kind)
    if not command.respond:
        _check_dismissal(command, case, grave=level.grave or incident.level.grave, category=category)
    assessed = e.Assessed(
        level=level,
        category=category,
        townships=townships,
        departments=departments,
        superior_department=superior,
        designated=designated,
        respond=command.respond,
        investigation=_or(command.investigation, incident.investigation),
        rolling_updates=_or(command.rolling_updates, incident.rolling_updates),
        detected_at=detected_at,
        due_by=due_by,
        reason=command.reason,
    )
    routed = route(level, townships, departments, superior, central(case.roster), designated)
    facts: list[e.Fact] = [assessed]
    if routed != incident.route:
        facts.append(e.Routed(route=routed))
    if not command.respond:
        facts.append(e.PhaseChanged(phase=Phase.DISMISSED))
    elif incident.phase is Phase.REPORTED:
        facts.append(e.PhaseChanged(phase=Phase.RESPONDING))
    return facts


def _or(given: bool | None, before: bool) -> bool:
    return before if given is None else given


def _corrected_detection(command: c.Assess, case: Case) -> datetime:
    """Earlier: the county office says so with its reason. Later moves every clock: the leading group only."""
    before = case.incident.detected_at
    if command.detected_at is None or command.detected_at == before:
        return before
    check_past("detected_at", command.detected_at, max(case.now, case.envelope.issued_at))
    if command.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    if command.detected_at > before and not case.envelope.actor.has(Role.LEADING_GROUP):
        raise Refusal(Code.HIGHER_APPROVAL, needed=Role.LEADING_GROUP)
    return command.detected_at


def _check_dismissal(command: c.Assess, case: Case, *, grave: bool, category: Category) -> None:
    """The office's head dismisses with a reason; at major, or when a superior asked, the leading group."""
    if command.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    _check_nothing_in_flight(case)
    actor = case.envelope.actor
    if grave or Category.SUPERIOR_REQUEST in (category, case.incident.category):
        if not actor.has(Role.LEADING_GROUP):
            raise Refusal(Code.HIGHER_APPROVAL, needed=Role.LEADING_GROUP)
    elif not any(p.unit == case.roster.office and p.rank is Rank.HEAD for p in actor.posts):
        raise Refusal(Code.HIGHER_APPROVAL, needed="county_office_head")


def confirm_facts(command: c.ConfirmFacts, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The lead says what is verified; the county office may in its place, with a reason (Art. 4)."""
    if seat.unit != case.incident.route.lead and command.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    return [e.FactsConfirmed(unit=seat.unit, summary=command.summary, reason=command.reason)]


def pause_updates(command: c.PauseUpdates, case: Case) -> list[e.Fact]:
    pending = {obligation.kind for obligation in case.incident.pending}
    if ObligationKind.ROLLING_UPDATE not in pending or case.incident.paused:
        raise Refusal(Code.NO_UPDATES_OWED)
    return [e.UpdatesPaused(reason=command.reason)]


def resume_updates(command: c.ResumeUpdates, case: Case) -> list[e.Fact]:
    if not case.incident.paused:
        raise Refusal(Code.NO_UPDATES_OWED)
    return [e.UpdatesResumed(reason=command.reason)]


def waive(command: c.Waive, case: Case) -> list[e.Fact]:
    """The head of the leading group lifts a pending duty; lateness already run stays recorded (Art. 16)."""
    if not any(Role.LEADING_GROUP in p.roles and p.rank is Rank.HEAD for p in case.envelope.actor.posts):
        raise Refusal(Code.HIGHER_APPROVAL, needed="leading_group_head")
    waived = [o for o in case.incident.pending if o.kind is command.obligation]
    if not waived:
        raise Refusal(Code.NO_OBLIGATION, kind=command.obligation)
    return [
        e.ObligationWaived(id=o.id, reason=command.reason, was_overdue=o.overdue(case.now)) for o in waived
    ]


def close(command: c.Close, case: Case) -> list[e.Fact]:
    """办结: no hard duty pending, the result public where owed, nothing on its way out."""
    pending = case.incident.pending
    if hard := [o.kind for o in pending if o.hard]:
        raise Refusal(Code.HARD_DUTY_PENDING, kinds=hard)
    if case.incident.assessed_at is None:
        raise Refusal(Code.NOT_ASSESSED)
    if any(o.kind is ObligationKind.RESULT for o in pending):
        raise Refusal(Code.RESULT_OWED)
    _check_nothing_in_flight(case)
    return [e.Closed(summary=command.summary), e.PhaseChanged(phase=Phase.CLOSED)]


def _check_nothing_in_flight(case: Case) -> None:
    if any(release.intents for release in case.incident.releases.values()):
        raise Refusal(Code.PUBLICATION_UNDER_WAY)


def reopen(command: c.Reopen, case: Case) -> list[e.Fact]:
    """A new round under the same number: new clocks from its own detection; it must be assessed anew."""
    if not case.incident.phase.ended:
        raise Refusal(Code.NOT_ENDED)
    detected_at = command.detected_at or case.envelope.issued_at
    check_past("detected_at", detected_at, max(case.now, case.envelope.issued_at))
    reopened = e.Reopened(round=case.incident.round + 1, detected_at=detected_at, reason=command.reason)
    return [reopened, e.PhaseChanged(phase=Phase.REPORTED)]


def retry_blocked(case: Case) -> list[e.Fact]:
    if not any(intent.parked for release in case.incident.releases.values() for intent in release.intents):
        raise Refusal(Code.NOTHING_BLOCKED)
    return [e.EffectRetried()]
