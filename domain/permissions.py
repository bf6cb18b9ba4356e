"""Who may do and read what: one table of role × action × relation, for commands and reads alike."""

from collections.abc import Iterable
from typing import NamedTuple

from domain.county import ActingPost, Actor
from domain.events import Seat
from domain.incident import Incident
from domain.vocabulary import CommandName, Rank, ReadName, Relation, ReleaseId, Role


class Grant(NamedTuple):
    """A post with `role` may act when its unit (or, for a holder, its officer) stands in `relation`."""

    role: Role
    relation: Relation


_EDITING = (Role.EDITOR, Role.UNIT_HEAD)
_UNIT_ROLES = (Role.EDITOR, Role.UNIT_HEAD, Role.CONFIDENTIALITY_REVIEWER, Role.SPOKESPERSON)
_CENTRAL = (Role.COUNTY_OFFICE, Role.PRESS_OFFICE, Role.LEADING_GROUP)
INVOLVED = (Relation.REPORTER, Relation.LEAD, Relation.COORDINATOR, Relation.COOPERATOR, Relation.DRAFTER)


def _grants(roles: Iterable[Role], *relations: Relation) -> frozenset[Grant]:
    return frozenset(Grant(role, relation) for role in roles for relation in relations)


_OFFICE = _grants([Role.COUNTY_OFFICE], Relation.ANY)
_PRESS = _grants([Role.PRESS_OFFICE], Relation.ANY)
_LEADING = _grants([Role.LEADING_GROUP], Relation.ANY)
# A township coordinates its own matter (Art. 1) even where a designated department leads: it may draft too.
_DRAFTING = _grants(_EDITING, Relation.LEAD, Relation.COORDINATOR, Relation.COOPERATOR) | _OFFICE | _PRESS
_SIGNING = _grants([Role.UNIT_HEAD, Role.COUNTY_OFFICE, Role.LEADING_GROUP], Relation.HOLDER)
_DECIDING = _SIGNING | _grants([Role.CONFIDENTIALITY_REVIEWER], Relation.HOLDER)
_TASKED = _grants(_EDITING, Relation.PARTICIPANT)
# Those named to know of a restricted incident read it whether or not they have a part in it.
_NAMED = _grants((*_UNIT_ROLES, Role.COUNTY_OFFICE, Role.PRESS_OFFICE), Relation.NAMED)
_INVOLVED_READERS = _grants(_UNIT_ROLES, *INVOLVED) | _grants(_CENTRAL, Relation.ANY) | _NAMED
_DIRECTORS = _grants([Role.COUNTY_OFFICE], Relation.IN_CHARGE)

PERMISSIONS: dict[CommandName | ReadName, frozenset[Grant]] = {
    CommandName.SUBMIT: _grants((*_EDITING, Role.COUNTY_OFFICE), Relation.ANY),
    CommandName.ASSESS: _OFFICE | _LEADING,
    CommandName.CONFIRM_FACTS: _grants(_EDITING, Relation.LEAD) | _OFFICE,
    CommandName.ACKNOWLEDGE: _grants(_EDITING, Relation.LEAD),
    CommandName.AGREE_FIGURE: _grants(_EDITING, Relation.LEAD) | _OFFICE | _PRESS,
    CommandName.WITHDRAW_FIGURE: _grants(_EDITING, Relation.LEAD) | _OFFICE | _PRESS,
    CommandName.DRAFT_RELEASE: _DRAFTING,
    CommandName.REVISE_RELEASE: _DRAFTING | _grants(_EDITING, Relation.DRAFTER),
    CommandName.APPROVE: _SIGNING,
    CommandName.RETURN_RELEASE: _DECIDING,
    CommandName.SETTLE_DISAGREEMENT: _OFFICE,
    CommandName.REVIEW_CONFIDENTIALITY: _grants([Role.CONFIDENTIALITY_REVIEWER], Relation.HOLDER),
    CommandName.ASSIGN_STEP: _OFFICE | _LEADING,
    CommandName.CANCEL_RELEASE: _grants([Role.UNIT_HEAD, Role.CONFIDENTIALITY_REVIEWER], Relation.DRAFTER) | _OFFICE,
    CommandName.EMERGENCY_RELEASE: _LEADING,
    CommandName.WITHDRAW_RELEASE: _OFFICE,
    CommandName.RESOLVE_PUBLICATION: _OFFICE | _PRESS,
    CommandName.RECORD_SUPERIOR_RELEASE: _OFFICE,
    CommandName.PAUSE_UPDATES: _OFFICE,
    CommandName.RESUME_UPDATES: _OFFICE,
    CommandName.SCHEDULE_CONFERENCE: _PRESS,
    CommandName.APPROVE_CONFERENCE: _OFFICE,
    CommandName.POSTPONE_CONFERENCE: _PRESS,
    CommandName.CANCEL_CONFERENCE: _PRESS | _OFFICE,
    CommandName.RECORD_CONFERENCE: _PRESS,
    CommandName.CONVENE_CONSULTATION: _OFFICE,
    CommandName.CONCLUDE_CONSULTATION: _OFFICE,
    CommandName.ASSIGN_TASK: _OFFICE,
    CommandName.COMPLETE_TASK: _TASKED | _OFFICE,
    CommandName.DESIGNATE_LEAD: _OFFICE,
    CommandName.REFER_RUMOUR: _grants(_EDITING, Relation.LEAD, Relation.COORDINATOR, Relation.COOPERATOR) | _OFFICE,
    CommandName.CONFIRM_REFERRAL: _OFFICE,
    CommandName.ACKNOWLEDGE_REFERRAL: _grants(_EDITING, Relation.RECEIVER),
    CommandName.MERGE_INTO: _OFFICE,
    CommandName.ABSORB: _OFFICE,
    CommandName.WAIVE: _LEADING,
    CommandName.CLOSE: _OFFICE,
    CommandName.REOPEN: _OFFICE,
    CommandName.NOTE: _INVOLVED_READERS | _TASKED,
    CommandName.RETRY_BLOCKED: _OFFICE | _grants([Role.OPS], Relation.ANY),
    CommandName.RESTRICT_INCIDENT: _DIRECTORS | _LEADING,
    CommandName.LIFT_RESTRICTION: _DIRECTORS | _LEADING,
    # A substitute may come from a unit that is not involved, and reads what they must decide on.
    ReadName.INCIDENT: _INVOLVED_READERS | _TASKED | _DECIDING | _grants([Role.OPS, Role.AUDITOR], Relation.ANY),
    # Ops repair processes; they need no unpublished words to do it.
    ReadName.RELEASE: _INVOLVED_READERS | _DECIDING | _grants([Role.AUDITOR], Relation.ANY),
    ReadName.TIMELINE: _INVOLVED_READERS | _grants([Role.OPS, Role.AUDITOR], Relation.ANY),
    # It holds every word and every version, so it is for those who answer for the whole or judge it.
    ReadName.EVIDENCE: _grants([Role.UNIT_HEAD], Relation.LEAD)
    | _OFFICE
    | _LEADING
    | _grants([Role.AUDITOR], Relation.ANY),
    # What Temporal stores, decrypted: ids, codes and digests.
    ReadName.PAYLOADS: _grants([Role.OPS], Relation.ANY),
    # The receiver sees the referral it was sent, not the incident it comes from.
    ReadName.REFERRAL: _grants(_EDITING, Relation.RECEIVER)
    | _OFFICE
    | _LEADING
    | _grants([Role.AUDITOR], Relation.ANY),
    ReadName.ACCESS: _grants([Role.ADMIN], Relation.ANY),
    # Ops must find what is stuck; of a restricted incident they read no words (`domain.standing`).
    ReadName.RESTRICTED: _NAMED
    | _grants((*_UNIT_ROLES, Role.PRESS_OFFICE), Relation.LEAD)
    | _DIRECTORS
    | _LEADING
    | _grants([Role.OPS, Role.AUDITOR], Relation.ANY)
    | _grants([Role.UNIT_HEAD, Role.CONFIDENTIALITY_REVIEWER], Relation.HOLDER)
    | _grants(_EDITING, Relation.RECEIVER),
}


def relations(incident: Incident | None, post: ActingPost, release: ReleaseId | None = None) -> frozenset[Relation]:
    """How the post's unit stands to the incident, and to one of its releases (to any, when none is named)."""
    found = {Relation.ANY} if post.rank is Rank.MEMBER else {Relation.ANY, Relation.IN_CHARGE}
    if incident is None:
        return frozenset(found)
    route, known = incident.route, incident.restriction
    drafters = {r.unit for r in incident.releases.values() if release in (None, r.id)}
    pairs = (
        (Relation.REPORTER, post.unit in incident.reporters),
        (Relation.LEAD, post.unit == route.lead),
        (Relation.COORDINATOR, post.unit in route.coordinators),
        (Relation.COOPERATOR, post.unit in route.cooperators),
        (Relation.DRAFTER, post.unit in drafters),
        (Relation.PARTICIPANT, post.unit in incident.participants),
        (Relation.RECEIVER, post.unit in incident.receivers),
        (Relation.NAMED, known is not None and post.unit in known.units),
    )
    return frozenset(found | {relation for relation, holds in pairs if holds})


def seat_for(
    action: CommandName | ReadName,
    actor: Actor,
    incident: Incident | None,
    release: ReleaseId | None = None,
    *,
    holder: bool = False,
) -> Seat | None:
    """The post and role that entitle `actor` to `action`; None when nothing does."""
    extra = {Relation.HOLDER} if holder else set()
    if incident and incident.restriction and actor.officer in incident.restriction.officers:
        extra.add(Relation.NAMED)
    for post in actor.posts:
        standing = relations(incident, post, release) | extra
        for role in post.roles:
            if any(Grant(role, relation) in PERMISSIONS[action] for relation in standing):
                return Seat(unit=post.unit, role=role, on_behalf_of=post.on_behalf_of)
    return None
