"""Rules of merging two incidents into one (Art. 2). The ending one asks; the survivor answers; both are recorded."""

from datetime import datetime

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consequences import conferences
from domain.consulting import check_tasks_done
from domain.incident import Incident
from domain.publishing import check_made_good
from domain.refusals import Code, Refusal
from domain.routing import route
from domain.submission import central


def merge_into(command: c.MergeInto, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Ask the survivor. Until it has answered nothing else is decided here, so that nothing is left behind.

    What was left to be made good, or given out, is done here first: the survivor could not.
    """
    if command.survivor == case.incident.id:
        raise Refusal(Code.SAME_INCIDENT)
    _check_alike(case.incident, restricted=case.envelope.survivor_restricted)
    case.check_nothing_in_flight()
    check_made_good(case.incident)
    check_tasks_done(case.incident)
    return [e.MergeIntended(survivor=command.survivor, reason=command.reason)]


def brought(incident: Incident) -> e.Absorbed:
    """What an incident brings to its survivor: with all that it had absorbed itself."""
    known = incident.restriction
    own = [
        e.EarlierRelease(release=release.id, kind=release.kind, at=at)
        for release in incident.this_round()
        if not release.withdrawn_at and (at := incident.published_at(release)) is not None
    ]
    inherited = [release for absorbed in incident.absorbed for release in absorbed.releases]
    return e.Absorbed(
        incident=incident.id,
        number=incident.number,
        reporters=tuple(sorted(incident.reporters)),
        level=incident.level,
        earlier_levels=incident.earlier_levels,
        categories=incident.categories,
        detected_at=incident.detected_at,
        townships=incident.townships,
        departments=incident.departments,
        superior_department=incident.superior_department,
        investigation=incident.investigation,
        rolling_updates=incident.rolling_updates,
        due_by=incident.due_by,
        releases=tuple(sorted([*own, *inherited], key=_instant)),
        conferences=tuple(conferences(incident)),
        known_to=(*known.units, incident.route.lead) if known else (),
        known_by=known.officers if known else (),
    )


def _check_alike(incident: Incident, *, restricted: bool) -> None:
    """Merging neither shows a restricted incident to those who must not know of it nor hides another. Raises
    RESTRICTION_MIXED.
    """
    if (incident.restriction is not None) is not restricted:
        raise Refusal(Code.RESTRICTION_MIXED)


def _instant(release: e.EarlierRelease) -> datetime:
    return release.at


def absorb(command: c.Absorb, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Take in an incident that has asked. What it brings was read from its own ledger when this was admitted."""
    asking = case.envelope.asking
    if asking is None or asking.merging is None or asking.merging.survivor != case.incident.id:
        raise Refusal(Code.NO_MERGE_INTENDED)
    if asking.drill != case.incident.drill:
        raise Refusal(Code.DRILL_MIXED)
    _check_alike(case.incident, restricted=asking.restriction is not None)
    absorbed = brought(asking)
    after = case.incident.joined_with(absorbed)
    routed = route(
        after.level,
        after.townships,
        after.departments,
        after.superior_department,
        central(case.roster),
        after.designated,
    )
    return [absorbed] if routed == after.route else [absorbed, e.Routed(route=routed)]
