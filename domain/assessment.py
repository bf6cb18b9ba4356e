"""Rules of assessing an incident (研判) and of confirming its facts (Art. 3, 4, 14)."""

from datetime import datetime
from typing import NamedTuple

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consulting import check_tasks_done
from domain.county import ActingPost
from domain.obligations import timed_duties
from domain.publishing import check_made_good
from domain.refusals import Code, Refusal
from domain.routing import route
from domain.submission import central, check_past, check_units
from domain.vocabulary import Category, Level, Phase, Rank, Role, UnitId


class _Involved(NamedTuple):
    townships: tuple[UnitId, ...]
    departments: tuple[UnitId, ...]
    superior: UnitId | None


def assess(command: c.Assess, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Confirm or change level, category and route; respond, or dismiss. May be repeated: regrading goes both ways."""
    incident = case.incident
    level = command.level or incident.level
    category = command.category or incident.category
    involved = _involved(command, case)
    designated = _designated(command, case, involved)
    detected_at = _corrected_detection(command, case)
    _check_ordered(command, case, level, detected_at)
    if not command.respond:
        _check_dismissal(command, case)
    assessed = e.Assessed(
        level=level,
        category=category,
        townships=involved.townships,
        departments=involved.departments,
        superior_department=involved.superior,
        designated=designated,
        respond=command.respond,
        investigation=incident.investigation if command.investigation is None else command.investigation,
        rolling_updates=incident.rolling_updates if command.rolling_updates is None else command.rolling_updates,
        detected_at=detected_at,
        due_by=incident.due_by | command.due_by,
        reason=command.reason,
    )
    facts: list[e.Fact] = [assessed]
    routed = route(level, *involved, central(case.roster), designated)
    if incident.restriction and routed.lead != incident.route.lead and command.reason is None:
        # Another unit learns of it.
        raise Refusal(Code.REASON_NEEDED)
    if routed != incident.route:
        facts.append(e.Routed(route=routed))
    if not command.respond:
        facts.append(e.PhaseChanged(phase=Phase.DISMISSED))
    elif incident.phase is Phase.REPORTED:
        facts.append(e.PhaseChanged(phase=Phase.RESPONDING))
    return facts


def _involved(command: c.Assess, case: Case) -> _Involved:
    """The units as the command leaves them: what it left out stays."""
    incident, given = case.incident, command.model_fields_set
    involved = _Involved(
        command.townships if "townships" in given else incident.townships,
        command.departments if "departments" in given else incident.departments,
        command.superior_department if "superior_department" in given else incident.superior_department,
    )
    check_units(*involved, case.roster.kinds)
    return involved


def _designated(command: c.Assess, case: Case, involved: _Involved) -> UnitId | None:
    """The designated lead is among those involved, or the county office (Art. 3)."""
    among = {*involved.townships, *involved.departments, involved.superior, case.roster.office}
    if command.lead is not None and command.lead not in among:
        raise Refusal(Code.LEAD_NOT_INVOLVED, unit=command.lead)
    if "lead" in command.model_fields_set:
        return command.lead
    # One designated earlier drops out with its unit.
    earlier = case.incident.designated
    return earlier if earlier in among else None


def _corrected_detection(command: c.Assess, case: Case) -> datetime:
    """Earlier: the county office says so with its reason. Later moves every clock: the leading group only."""
    before = case.incident.detected_at
    if command.detected_at is None or command.detected_at == before:
        return before
    check_past("detected_at", command.detected_at, max(case.now, case.envelope.issued_at))
    if command.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    if command.detected_at > before and not deciding_posts(command, case):
        raise Refusal(Code.HIGHER_APPROVAL, needed=Role.LEADING_GROUP)
    return command.detected_at


def _check_ordered(command: c.Assess, case: Case, level: Level, detected_at: datetime) -> None:
    """A superior can shorten a duty that the policy knows at this level, and nothing else. Why an order gives way to a
    longer one is said.
    """
    by_rule = {duty.kind: duty.due_at for duty in timed_duties(case.incident.policy, level, detected_at, {})}
    for kind, at in command.due_by.items():
        latest = by_rule.get(kind)
        if latest is None or not detected_at < at < latest:
            raise Refusal(Code.NOT_SHORTER, kind=kind)
        if at > case.incident.due_by.get(kind, at) and command.reason is None:
            raise Refusal(Code.REASON_NEEDED)


def _check_dismissal(command: c.Assess, case: Case) -> None:
    """The office's head dismisses with a reason; at major, or when a superior asked, the leading group.

    What it was in this round counts as well: regrading it first takes nobody's word away.
    """
    if command.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    case.check_nothing_in_flight()
    brought = any(absorbed.releases for absorbed in case.incident.absorbed)
    if brought or any(release.receipts for release in case.incident.this_round()):
        raise Refusal(Code.ALREADY_RESPONDED)
    check_made_good(case.incident)
    check_tasks_done(case.incident)
    if not deciding_posts(command, case):
        higher = _is_for_the_leading_group(command, case)
        raise Refusal(Code.HIGHER_APPROVAL, needed=Role.LEADING_GROUP if higher else "county_office_head")


def deciding_posts(command: c.Assess, case: Case) -> list[ActingPost]:
    """The actor's posts that give what this assessment takes, where it takes more than any other."""
    posts = case.envelope.actor.posts
    if _is_for_the_leading_group(command, case):
        return [post for post in posts if Role.LEADING_GROUP in post.roles]
    if not command.respond:
        return [
            post
            for post in posts
            if Role.LEADING_GROUP in post.roles or (post.unit == case.roster.office and post.rank is Rank.HEAD)
        ]
    return list(posts)


def _is_for_the_leading_group(command: c.Assess, case: Case) -> bool:
    """A later detection; a dismissal at major, or when a superior asked."""
    incident = case.incident
    if command.detected_at is not None and command.detected_at > incident.detected_at:
        return True
    levels = (command.level or incident.level, incident.level, *incident.earlier_levels)
    asked = Category.SUPERIOR_REQUEST in (command.category or incident.category, *incident.categories)
    return not command.respond and (asked or any(level.grave for level in levels))


def confirm_facts(command: c.ConfirmFacts, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The lead says what is verified; the county office may in its place, with a reason (Art. 4)."""
    if seat.unit != case.incident.route.lead and command.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    return [e.FactsConfirmed(unit=seat.unit, summary=command.summary, reason=command.reason)]
