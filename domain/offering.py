"""What a person may do now with an incident: the commands that would not be refused for who, when or which.

The console shows these as buttons and nothing else. `decide` has the last word: an offer can be overtaken.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain import commands as c
from domain.case import Case, Envelope
from domain.conferring import approval_stands
from domain.consequences import stages_of
from domain.county import Actor, Roster
from domain.decide import check_open
from domain.incident import Incident
from domain.obligations import MET_BY
from domain.permissions import seat_for
from domain.proceedings import Conference
from domain.publishing import check_made_good
from domain.refusals import Code, Refusal, RefusalRecord
from domain.releases import Release, holders, step_views
from domain.supervision import close, unsigned
from domain.vocabulary import (
    Channel,
    CommandId,
    CommandName,
    Digest,
    ObligationKind,
    Origin,
    Rank,
    ReleaseId,
    ReleaseState,
    Role,
    StepKind,
    UnitId,
)


class Offer(BaseModel):
    """A command, and what it is about where it is about one thing: the fields it brings to the command's body."""

    model_config = ConfigDict(frozen=True)

    command: CommandName
    release: ReleaseId | None = None
    step: StepKind | None = None
    unit: UnitId | None = None
    digest: Digest | None = None
    channel: Channel | None = None
    conference: str | None = None
    consultation: str | None = None
    task: str | None = None
    referral: str | None = None
    figure: str | None = None
    obligation: ObligationKind | None = None
    blocked: RefusalRecord | None = None
    """Why it would be refused at this moment, where saying so helps: closing."""

    def body(self) -> dict[str, str]:
        """The fields that are known already."""
        return {k: str(v) for k, v in self.model_dump(exclude={"command", "blocked"}).items() if v is not None}


_Found = Iterator[Offer]


def why_not(incident: Incident, actor: Actor, command: CommandName) -> RefusalRecord | None:
    """Why a command is not offered, where that is for who asks or how far the incident is; None where there is
    nothing it could be about, or nothing stands against it.
    """
    if seat_for(command, actor, incident, holder=True) is None:
        return Refusal(Code.NOT_PERMITTED, actor=actor.officer, command=command).record
    try:
        check_open(incident, command)
    except Refusal as refusal:
        return refusal.record
    return None


def offers(incident: Incident, actor: Actor, roster: Roster, now: datetime) -> tuple[Offer, ...]:
    """All that this person may do now, in the order of the table of commands."""
    asking = _Asking(incident, actor, roster, now)
    return tuple(offer for name in CommandName if _is_open(incident, name) for offer in asking.about(name))


def _is_open(incident: Incident, command: CommandName) -> bool:
    try:
        check_open(incident, command)
    except Refusal:
        return False
    return True


class _Asking:
    """One person before one incident at one instant."""

    def __init__(self, incident: Incident, actor: Actor, roster: Roster, now: datetime) -> None:
        self._incident, self._actor, self._roster, self._now = incident, actor, roster, now
        self._persons = {actor.officer}

    def about(self, name: CommandName) -> _Found:
        if name in _STEPS:
            yield from self._steps(name)
        elif name in _OF_RELEASES:
            for release in self._incident.releases.values():
                if self._may(name, release.id):
                    yield from _OF_RELEASES[name](self, release)
        elif name in _OF_INCIDENT and self._may(name):
            yield from _OF_INCIDENT[name](self)

    def _may(self, name: CommandName, release: ReleaseId | None = None) -> bool:
        return seat_for(name, self._actor, self._incident, release) is not None

    def _steps(self, name: CommandName) -> _Found:
        for release in self._incident.releases.values():
            for view in step_views(release, stages_of(self._incident, release)):
                confidential = view.step.kind is StepKind.CONFIDENTIALITY
                fits = confidential if name is CommandName.REVIEW_CONFIDENTIALITY else not confidential
                if view.opened_at and fits and self._actor.officer in holders(release, view.step, self._roster):
                    step = None if confidential else view.step.kind
                    yield Offer(command=name, release=release.id, step=step, digest=release.version.digest)

    # -- about one release ------------------------------------------------------------------------------

    def _change(self, release: Release, name: CommandName) -> _Found:
        if not (release.frozen or release.cancelled):
            yield Offer(command=name, release=release.id)

    def revise(self, release: Release) -> _Found:
        yield from self._change(release, CommandName.REVISE_RELEASE)

    def cancel(self, release: Release) -> _Found:
        yield from self._change(release, CommandName.CANCEL_RELEASE)

    def settle(self, release: Release) -> _Found:
        for decision in release.stopping:
            if decision.step.kind is StepKind.COSIGN and release.state is ReleaseState.RETURNED:
                yield Offer(
                    command=CommandName.SETTLE_DISAGREEMENT,
                    release=release.id,
                    unit=decision.step.unit,
                    digest=release.version.digest,
                )

    def assign_step(self, release: Release) -> _Found:
        for view in step_views(release, stages_of(self._incident, release)):
            if view.opened_at:
                step, unit = view.step
                yield Offer(command=CommandName.ASSIGN_STEP, release=release.id, step=step, unit=unit)

    def order_out(self, release: Release) -> _Found:
        ready = release.state is ReleaseState.IN_REVIEW and not release.in_emergency
        if ready and not self._persons & release.authors:
            digest = release.version.digest
            yield Offer(command=CommandName.EMERGENCY_RELEASE, release=release.id, digest=digest)

    def withdraw(self, release: Release) -> _Found:
        if release.receipts and not release.withdrawn_at:
            yield Offer(command=CommandName.WITHDRAW_RELEASE, release=release.id)

    def resolve(self, release: Release) -> _Found:
        for intent in release.pending:
            if intent.parked:
                yield Offer(
                    command=CommandName.RESOLVE_PUBLICATION, release=release.id, channel=Channel(intent.channel)
                )

    # -- about the incident, or an item of it -----------------------------------------------------------------

    def acknowledge(self) -> _Found:
        if unsigned(self._incident):
            yield Offer(command=CommandName.ACKNOWLEDGE)

    def withdraw_figure(self) -> _Found:
        for figure in self._incident.figures:
            if figure.withdrawn_at is None:
                yield Offer(command=CommandName.WITHDRAW_FIGURE, figure=figure.id)

    def designate(self) -> _Found:
        involved = {*self._incident.townships, *self._incident.concerned_departments}
        if len(involved) > 1:
            yield Offer(command=CommandName.DESIGNATE_LEAD)

    def superior(self) -> _Found:
        if self._incident.pending:
            yield Offer(command=CommandName.RECORD_SUPERIOR_RELEASE)

    def pause(self) -> _Found:
        owed = any(o.kind is ObligationKind.ROLLING_UPDATE for o in self._incident.pending)
        if owed and not self._incident.paused:
            yield Offer(command=CommandName.PAUSE_UPDATES)

    def resume(self) -> _Found:
        if self._incident.paused:
            yield Offer(command=CommandName.RESUME_UPDATES)

    def _open_conferences(self) -> list[Conference]:
        return [c for c in self._incident.conferences if c.open and c.round == self._incident.round]

    def approve_conference(self) -> _Found:
        for conference in self._open_conferences():
            own = self._persons & {conference.planned_by, conference.postponed_by}
            if not own and not approval_stands(self._incident, conference):
                yield Offer(command=CommandName.APPROVE_CONFERENCE, conference=conference.id)

    def postpone(self) -> _Found:
        for conference in self._open_conferences():
            yield Offer(command=CommandName.POSTPONE_CONFERENCE, conference=conference.id)

    def cancel_conference(self) -> _Found:
        for conference in self._open_conferences():
            yield Offer(command=CommandName.CANCEL_CONFERENCE, conference=conference.id)

    def record_conference(self) -> _Found:
        planned = self._open_conferences()
        for conference in planned:
            yield Offer(command=CommandName.RECORD_CONFERENCE, conference=conference.id)
        if not planned:
            yield Offer(command=CommandName.RECORD_CONFERENCE)

    def conclude(self) -> _Found:
        for consultation in self._incident.consultations:
            if consultation.concluded_at is None and consultation.round == self._incident.round:
                yield Offer(command=CommandName.CONCLUDE_CONSULTATION, consultation=consultation.id)

    def complete(self) -> _Found:
        own = {post.unit for post in self._actor.posts}
        for task in self._incident.assignments:
            if task.pending and (task.unit in own or self._actor.has(Role.COUNTY_OFFICE)):
                yield Offer(command=CommandName.COMPLETE_TASK, task=task.id)

    def refer(self) -> _Found:
        answering = MET_BY[ObligationKind.RESPONSE]
        if any(r.kind in answering and not r.cancelled for r in self._incident.this_round()):
            yield Offer(command=CommandName.REFER_RUMOUR)

    def confirm_referral(self) -> _Found:
        for referral in self._incident.referrals:
            if referral.undecided and not self._persons & {referral.proposed_by, referral.proposed_for}:
                yield Offer(command=CommandName.CONFIRM_REFERRAL, referral=referral.id)

    def acknowledge_referral(self) -> _Found:
        own = {post.unit for post in self._actor.posts}
        for referral in self._incident.referrals:
            if referral.on_its_way and referral.receiver in own:
                yield Offer(command=CommandName.ACKNOWLEDGE_REFERRAL, referral=referral.id)

    def merge(self) -> _Found:
        try:
            check_made_good(self._incident)
        except Refusal:
            return
        yield Offer(command=CommandName.MERGE_INTO)

    def waive(self) -> _Found:
        heads = any(Role.LEADING_GROUP in post.roles and post.rank is Rank.HEAD for post in self._actor.posts)
        for kind in dict.fromkeys(o.kind for o in self._incident.pending if heads):
            yield Offer(command=CommandName.WAIVE, obligation=kind)

    def close(self) -> _Found:
        yield Offer(command=CommandName.CLOSE, blocked=self._refused_closing())

    def _refused_closing(self) -> RefusalRecord | None:
        """What the rule of closing itself says, so that the two never differ."""
        seat = seat_for(CommandName.CLOSE, self._actor, self._incident)
        envelope = Envelope(
            command_id=CommandId("offer"),
            origin=Origin.UPDATE,
            issued_at=self._now,
            actor=self._actor,
            roster=self._roster,
        )
        try:
            if seat is not None:
                close(c.Close(summary="-"), Case(self._incident, envelope, self._now), seat)
        except Refusal as refusal:
            return refusal.record
        return None

    def lift_restriction(self) -> _Found:
        if self._incident.restriction is not None:
            yield Offer(command=CommandName.LIFT_RESTRICTION)

    def reopen(self) -> _Found:
        if self._incident.phase.ended:
            yield Offer(command=CommandName.REOPEN)

    def retry(self) -> _Found:
        if self._incident.retriable:
            yield Offer(command=CommandName.RETRY_BLOCKED)


_STEPS = frozenset({CommandName.APPROVE, CommandName.RETURN_RELEASE, CommandName.REVIEW_CONFIDENTIALITY})
_OF_RELEASES: dict[CommandName, Callable[[_Asking, Release], _Found]] = {
    CommandName.REVISE_RELEASE: _Asking.revise,
    CommandName.CANCEL_RELEASE: _Asking.cancel,
    CommandName.SETTLE_DISAGREEMENT: _Asking.settle,
    CommandName.ASSIGN_STEP: _Asking.assign_step,
    CommandName.EMERGENCY_RELEASE: _Asking.order_out,
    CommandName.WITHDRAW_RELEASE: _Asking.withdraw,
    CommandName.RESOLVE_PUBLICATION: _Asking.resolve,
}


def _plain(name: CommandName) -> Callable[[_Asking], _Found]:
    """Offered whenever a post entitles to it."""
    return lambda _asking: iter((Offer(command=name),))


_OF_INCIDENT: dict[CommandName, Callable[[_Asking], _Found]] = {
    **{
        name: _plain(name)
        for name in (
            CommandName.ASSESS,
            CommandName.CONFIRM_FACTS,
            CommandName.AGREE_FIGURE,
            CommandName.DRAFT_RELEASE,
            CommandName.SCHEDULE_CONFERENCE,
            CommandName.CONVENE_CONSULTATION,
            CommandName.ASSIGN_TASK,
            CommandName.NOTE,
            CommandName.RESTRICT_INCIDENT,
        )
    },
    CommandName.LIFT_RESTRICTION: _Asking.lift_restriction,
    CommandName.ACKNOWLEDGE: _Asking.acknowledge,
    CommandName.WITHDRAW_FIGURE: _Asking.withdraw_figure,
    CommandName.DESIGNATE_LEAD: _Asking.designate,
    CommandName.RECORD_SUPERIOR_RELEASE: _Asking.superior,
    CommandName.PAUSE_UPDATES: _Asking.pause,
    CommandName.RESUME_UPDATES: _Asking.resume,
    CommandName.APPROVE_CONFERENCE: _Asking.approve_conference,
    CommandName.POSTPONE_CONFERENCE: _Asking.postpone,
    CommandName.CANCEL_CONFERENCE: _Asking.cancel_conference,
    CommandName.RECORD_CONFERENCE: _Asking.record_conference,
    CommandName.CONCLUDE_CONSULTATION: _Asking.conclude,
    CommandName.COMPLETE_TASK: _Asking.complete,
    CommandName.REFER_RUMOUR: _Asking.refer,
    CommandName.CONFIRM_REFERRAL: _Asking.confirm_referral,
    CommandName.ACKNOWLEDGE_REFERRAL: _Asking.acknowledge_referral,
    CommandName.MERGE_INTO: _Asking.merge,
    CommandName.WAIVE: _Asking.waive,
    CommandName.CLOSE: _Asking.close,
    CommandName.REOPEN: _Asking.reopen,
    CommandName.RETRY_BLOCKED: _Asking.retry,
}
