"""Who answers, who organises and who helps (Art. 1–3, 6, 14), with the article that says so."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.vocabulary import Level, UnitId


class RouteReason(StrEnum):
    """Which rule of routing applied."""

    GRAVE = "grave"
    SEVERAL_TOWNSHIPS = "several_townships"
    SEVERAL_DEPARTMENTS = "several_departments"
    ONE_TOWNSHIP = "one_township"
    ONE_DEPARTMENT = "one_department"
    NOBODY_NAMED = "nobody_named"


ARTICLES = {
    RouteReason.GRAVE: "14",
    RouteReason.SEVERAL_TOWNSHIPS: "2",
    RouteReason.SEVERAL_DEPARTMENTS: "3",
    RouteReason.ONE_TOWNSHIP: "1",
    RouteReason.ONE_DEPARTMENT: "3",
    # Matters that need the county's own judgement go up to the county office.
    RouteReason.NOBODY_NAMED: "5",
}


class Central(BaseModel):
    """The units every routing rule may name beside those involved."""

    model_config = ConfigDict(frozen=True)

    office: UnitId
    publicity: UnitId
    press: UnitId


class Route(BaseModel):
    """`coordinators` and `cooperators` are sorted; nobody stands in two of the lists but the lead."""

    model_config = ConfigDict(frozen=True)

    lead: UnitId
    coordinators: tuple[UnitId, ...]
    cooperators: tuple[UnitId, ...]
    article: str
    reason: RouteReason

    @property
    def units(self) -> frozenset[UnitId]:
        return frozenset({self.lead, *self.coordinators, *self.cooperators})


def route(
    level: Level,
    townships: Sequence[UnitId],
    departments: Sequence[UnitId],
    superior: UnitId | None,
    central: Central,
    designated: UnitId | None = None,
) -> Route:
    """Propose the route. A `designated` lead (Art. 3) replaces the proposed one; all others named cooperate."""
    concerned = list(dict.fromkeys([*departments, *([superior] if superior else [])]))
    office, publicity = central.office, central.publicity
    if level.grave:
        reason = RouteReason.GRAVE
        only_township = townships[0] if len(set(townships)) == 1 else office
        lead = superior or (concerned[0] if concerned else only_township)
        coordinators = {office, publicity, central.press}
    elif len(set(townships)) > 1:
        reason, lead = RouteReason.SEVERAL_TOWNSHIPS, superior or office
        coordinators = {office, publicity}
    elif len(concerned) > 1:
        reason, lead = RouteReason.SEVERAL_DEPARTMENTS, concerned[0]
        coordinators = {office, publicity}
    elif townships:
        reason, lead, coordinators = RouteReason.ONE_TOWNSHIP, townships[0], {townships[0]}
    elif concerned:
        reason, lead, coordinators = RouteReason.ONE_DEPARTMENT, concerned[0], {concerned[0]}
    else:
        reason, lead, coordinators = RouteReason.NOBODY_NAMED, office, {office}
    if designated is not None:
        # Where the lead also coordinates, the designated one does; a township coordinates its own matter (Art. 1).
        if reason in (RouteReason.ONE_DEPARTMENT, RouteReason.NOBODY_NAMED):
            coordinators = {designated}
        lead = designated
    named = {*townships, *concerned}
    return Route(
        lead=lead,
        coordinators=tuple(sorted(coordinators)),
        cooperators=tuple(sorted(named - {lead} - coordinators)),
        article=ARTICLES[reason],
        reason=reason,
    )
