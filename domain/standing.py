"""How an officer stands to an incident: what waits for them, what they may read, which incidents they see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from domain.county import ActingPost, Actor, County, Roster
from domain.events import Seat
from domain.incident import Incident
from domain.instants import Instant
from domain.obligations import MET_BY
from domain.permissions import INVOLVED, PERMISSIONS, Grant, seat_for
from domain.releases import Step, holders
from domain.vocabulary import (
    CommandName,
    Digest,
    ObligationKind,
    OfficerId,
    Rank,
    ReadName,
    Relation,
    ReleaseId,
    Role,
    StepKind,
    UnitId,
)
from domain.waiting import (
    ACKNOWLEDGEMENT,
    APPROVAL,
    ASSESSMENT,
    BLOCKED,
    CONFERENCE,
    CONFIRMATION,
    CONSULTATION,
    DISAGREEMENT,
    FACTS,
    MERGE,
    PUBLICATION,
    RECEIPT,
    REFERRAL,
    REMEDY,
    REVISION,
    TASK,
    Waiting,
    waiting_for,
)

_DRAFTERS = (Role.EDITOR, Role.UNIT_HEAD)
_DRAFTED = {
    FACTS: CommandName.CONFIRM_FACTS,
    REVISION: CommandName.REVISE_RELEASE,
    ACKNOWLEDGEMENT: CommandName.ACKNOWLEDGE,
    REMEDY: CommandName.DRAFT_RELEASE,
    TASK: CommandName.COMPLETE_TASK,
    RECEIPT: CommandName.ACKNOWLEDGE_REFERRAL,
}
_CENTRAL: dict[str, tuple[CommandName | None, tuple[Role, ...]]] = {
    ASSESSMENT: (CommandName.ASSESS, (Role.COUNTY_OFFICE,)),
    BLOCKED: (CommandName.RETRY_BLOCKED, (Role.COUNTY_OFFICE, Role.OPS)),
    PUBLICATION: (None, ()),
    MERGE: (None, ()),
    CONFIRMATION: (CommandName.RESOLVE_PUBLICATION, (Role.COUNTY_OFFICE, Role.PRESS_OFFICE)),
    DISAGREEMENT: (CommandName.SETTLE_DISAGREEMENT, (Role.COUNTY_OFFICE,)),
    APPROVAL: (CommandName.APPROVE_CONFERENCE, (Role.COUNTY_OFFICE,)),
    CONFERENCE: (CommandName.RECORD_CONFERENCE, (Role.PRESS_OFFICE,)),
    CONSULTATION: (CommandName.CONCLUDE_CONSULTATION, (Role.COUNTY_OFFICE,)),
    REFERRAL: (CommandName.CONFIRM_REFERRAL, (Role.COUNTY_OFFICE,)),
}
_AFTER_FACTS = (ObligationKind.RESPONSE, ObligationKind.RESULT)


class Task(BaseModel):
    """Something to do next and the command that does it; None while the process itself is at work.

    People are named one by one for a review step; anything else waits for whoever has one of `roles`
    in `unit` (in any unit when None).
    """

    model_config = ConfigDict(frozen=True)

    what: str
    command: CommandName | None
    unit: UnitId | None
    roles: tuple[Role, ...]
    since: Instant
    due_at: Instant | None
    release: ReleaseId | None = None
    step: StepKind | None = None
    digest: Digest | None = None
    about: str | None = None


def open_tasks(incident: Incident) -> tuple[Task, ...]:
    """All that the incident waits for, the most urgent first."""
    tasks = [_task(waiting, incident) for waiting in waiting_for(incident)]
    return tuple(sorted(tasks, key=lambda task: (task.due_at is None, task.due_at or task.since, task.since)))


def tasks(incident: Incident, actor: Actor, roster: Roster) -> tuple[Task, ...]:
    """What this officer can do next, the most urgent first."""
    if not may_know(actor, incident, roster):
        return ()
    waiting = (task for task in open_tasks(incident) if not _too_early(task, incident))
    return tuple(task for task in waiting if _waits_for(task, incident, actor, roster))


def holders_of(task: Task, incident: Incident, county: County, roster: Roster) -> tuple[OfficerId, ...]:
    """Everybody who may do it now."""
    if task.step is not None:
        return _step_holders(task, incident, roster)
    officers = (officer for role in task.roles for officer in county.with_role(role, task.unit))
    return tuple(dict.fromkeys(officers))


def reading_seat(
    read: ReadName, actor: Actor, incident: Incident, roster: Roster, release: ReleaseId | None = None
) -> Seat | None:
    """The post that entitles to read. Whoever must decide on a release may read what it is about.

    Of a restricted incident nothing can be read by whoever must not know of it.
    """
    if not may_know(actor, incident, roster):
        return None
    seat = seat_for(read, actor, incident, release)
    if seat is None and _has_a_hand_in(actor.officer, incident, roster):
        return seat_for(read, actor, incident, release, holder=True)
    return seat


def may_know(actor: Actor, incident: Incident, roster: Roster) -> bool:
    """Whether the actor may know that there is such an incident: always, unless it is restricted."""
    if incident.restriction is None or seat_for(ReadName.RESTRICTED, actor, incident) is not None:
        return True
    if not _holds_a_step(actor.officer, incident, roster):
        return False
    return seat_for(ReadName.RESTRICTED, actor, incident, holder=True) is not None


def may_read_words(actor: Actor, incident: Incident, roster: Roster) -> bool:
    """Whether titles and summaries are shown, not the state alone: of a restricted incident, to whoever reads its
    releases.
    """
    return incident.restriction is None or reading_seat(ReadName.RELEASE, actor, incident, roster) is not None


@dataclass(frozen=True)
class Sight:
    """Which incidents somebody's list shows, as a database can tell; it follows the grants to read an incident.

    `units` are those whose incidents are shown, None for all. Of restricted ones those are that were made known to
    one of `known_as`, or all; with words where `worded`. Holders of a step see it among their tasks, not here.
    """

    units: frozenset[UnitId] | None
    known_as: frozenset[str]
    all_restricted: bool
    worded: bool


def sight_of(actor: Actor) -> Sight:
    reading = PERMISSIONS[ReadName.INCIDENT]
    units: set[UnitId] = set()
    everywhere = False
    for post in actor.posts:
        for role in post.roles:
            everywhere = everywhere or Grant(role, Relation.ANY) in reading
            if {grant.relation for grant in reading if grant.role is role} >= set(INVOLVED):
                units.add(post.unit)
    always = [role for post in actor.posts for role in post.roles if _always_knows(role, post)]
    return Sight(
        units=None if everywhere else frozenset(units),
        known_as=frozenset(token for post in actor.posts for token in _tokens(post, actor.officer)),
        all_restricted=bool(always),
        worded=any(Grant(role, Relation.ANY) in PERMISSIONS[ReadName.RELEASE] for role in always),
    )


def shown_to(incident: Incident) -> tuple[str, ...]:
    """Whose lists show it: units; of a restricted incident, those named by unit, as `@officer`, or `=unit` the lead."""
    known = incident.restriction
    if known is None:
        return tuple(sorted(incident.units))
    officers = (f"@{officer}" for officer in known.officers)
    return tuple(sorted({*known.units, *officers, f"={incident.route.lead}"}))


def _always_knows(role: Role, post: ActingPost) -> bool:
    grants = PERMISSIONS[ReadName.RESTRICTED]
    in_charge = post.rank is not Rank.MEMBER and Grant(role, Relation.IN_CHARGE) in grants
    return in_charge or Grant(role, Relation.ANY) in grants


def _tokens(post: ActingPost, officer: OfficerId) -> Iterator[str]:
    grants = PERMISSIONS[ReadName.RESTRICTED]
    if any(Grant(role, Relation.NAMED) in grants for role in post.roles):
        yield from (str(post.unit), f"@{officer}")
    if any(Grant(role, Relation.LEAD) in grants for role in post.roles):
        yield f"={post.unit}"


def _task(waiting: Waiting, incident: Incident) -> Task:
    command, unit, roles = _doer(waiting, incident)
    release = incident.releases.get(waiting.release) if waiting.release else None
    return Task(
        what=waiting.what,
        command=command,
        unit=unit,
        roles=roles,
        since=waiting.since,
        due_at=waiting.due_at or _due_at(waiting, incident),
        release=waiting.release,
        step=waiting.step,
        digest=release.version.digest if release else None,
        about=waiting.about,
    )


def _doer(waiting: Waiting, incident: Incident) -> tuple[CommandName | None, UnitId | None, tuple[Role, ...]]:
    """Which command is asked of whom."""
    if waiting.step is not None:
        confidential = waiting.step is StepKind.CONFIDENTIALITY
        return CommandName.REVIEW_CONFIDENTIALITY if confidential else CommandName.APPROVE, waiting.unit, ()
    if incident.phase.ended and waiting.what == REMEDY:
        # Only where the incident can go on can it be made good.
        return (None if incident.merged_into else CommandName.REOPEN), None, (Role.COUNTY_OFFICE,)
    if waiting.what == ObligationKind.PRESS_CONFERENCE:
        planned = any(c.open and c.round == incident.round for c in incident.conferences)
        command = CommandName.RECORD_CONFERENCE if planned else CommandName.SCHEDULE_CONFERENCE
        return command, None, (Role.PRESS_OFFICE,)
    if waiting.what in _CENTRAL:
        return (_CENTRAL[waiting.what][0], None, _CENTRAL[waiting.what][1])
    return _DRAFTED.get(waiting.what, CommandName.DRAFT_RELEASE), waiting.unit, _DRAFTERS


def _due_at(waiting: Waiting, incident: Incident) -> Instant | None:
    """The instant behind a task that has none of its own: that of the duty it serves, or the first chase."""
    if waiting.what == ASSESSMENT:
        return waiting.since + incident.policy.minutes(incident.policy.chase.assessment[0].minutes)
    if waiting.release is not None:
        kind = incident.releases[waiting.release].kind
        served: Sequence[Instant | None] = [o.due_at for o in incident.pending if kind in MET_BY[o.kind]]
    else:
        served = [o.due_at for o in incident.pending if o.kind is ObligationKind.RESPONSE]
    return min((at for at in served if at is not None), default=None)


def _too_early(task: Task, incident: Incident) -> bool:
    """A response and a result are owed all along, but drafted only once the facts are confirmed (Art. 4)."""
    return task.what in _AFTER_FACTS and incident.facts_confirmed_at is None


def _waits_for(task: Task, incident: Incident, actor: Actor, roster: Roster) -> bool:
    if task.step is not None:
        return actor.officer in _step_holders(task, incident, roster)
    return any(task.unit in (None, post.unit) and set(task.roles) & set(post.roles) for post in actor.posts)


def _step_holders(task: Task, incident: Incident, roster: Roster) -> tuple[OfficerId, ...]:
    if task.release is None or task.step is None or task.unit is None:
        return ()
    return holders(incident.releases[task.release], Step(task.step, task.unit), roster)


def _holds_a_step(officer: OfficerId, incident: Incident, roster: Roster) -> bool:
    return any(officer in _step_holders(task, incident, roster) for task in open_tasks(incident))


def _has_a_hand_in(officer: OfficerId, incident: Incident, roster: Roster) -> bool:
    """Whether the officer holds an open step, or decided one."""
    return _holds_a_step(officer, incident, roster) or any(
        officer == decision.by for release in incident.releases.values() for decision in release.decisions
    )
