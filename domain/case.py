"""What a decision has before it: the command with its envelope, the incident, the instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.county import ActingPost, Actor, Roster
from domain.events import Authorship, Seat
from domain.incident import Incident
from domain.instants import Instant
from domain.permissions import seat_for
from domain.policy import Policy
from domain.refusals import Code, Refusal
from domain.releases import Release
from domain.vocabulary import CommandId, CommandName, OfficerId, Origin, ReleaseId, Role, UnitId


class Envelope(BaseModel):
    """What admission found out about a command: who really sent it, and the county as it is now.

    `named` holds the roles of the officers the command names, `named_units` the units of their posts;
    `policy` and `number` come with a submission only, `asking` (the incident to be absorbed, as its own
    ledger tells it) with `absorb` only, `survivor_restricted` with `merge_into` only: whether the survivor is an
    incident that is restricted, and that the actor knows of.
    """

    model_config = ConfigDict(frozen=True)

    command_id: CommandId
    origin: Origin
    issued_at: Instant
    actor: Actor
    roster: Roster
    named: dict[OfficerId, tuple[Role, ...]] = {}
    named_units: dict[OfficerId, tuple[UnitId, ...]] = {}
    policy: Policy | None = None
    number: str | None = None
    asking: Incident | None = None
    survivor_restricted: bool = False

    @property
    def key(self) -> str:
        return command_key(self.command_id)


def command_key(command_id: str) -> str:
    """The event key under which the ledger knows a command."""
    return f"cmd/{command_id}"


@dataclass(frozen=True)
class Case:
    """One incident, one command, one instant."""

    incident: Incident
    envelope: Envelope
    now: datetime

    @property
    def actor(self) -> OfficerId:
        return self.envelope.actor.officer

    @property
    def roster(self) -> Roster:
        return self.envelope.roster

    def seat(self, command: CommandName, release: ReleaseId | None = None) -> Seat:
        """The post the actor acts from. Raises NOT_PERMITTED."""
        return require_seat(self.envelope, command, self.incident, release)

    def seat_of(self, command: CommandName, posts: Sequence[ActingPost]) -> Seat:
        """The same among `posts` of the actor, where only these give what the command takes."""
        only = self.envelope.actor.model_copy(update={"posts": tuple(posts)})
        return require_seat(self.envelope.model_copy(update={"actor": only}), command, self.incident)

    def persons(self, seat: Seat) -> frozenset[OfficerId]:
        """Whose decision it is: the actor's, and theirs whose post the actor holds for them."""
        return frozenset({self.actor, seat.on_behalf_of or self.actor})

    def release(self, release: ReleaseId) -> Release:
        """A release of this incident. Raises NO_RELEASE."""
        found = self.incident.releases.get(release)
        if found is None:
            raise Refusal(Code.NO_RELEASE)
        return found

    def check_nothing_in_flight(self) -> None:
        """Nothing may end while a channel is being called. Raises PUBLICATION_UNDER_WAY."""
        if any(release.pending for release in self.incident.releases.values()):
            raise Refusal(Code.PUBLICATION_UNDER_WAY)


def require_seat(
    envelope: Envelope, command: CommandName, incident: Incident | None, release: ReleaseId | None = None
) -> Seat:
    seat = seat_for(command, envelope.actor, incident, release)
    if seat is None:
        raise Refusal(Code.NOT_PERMITTED, actor=envelope.actor.officer, command=command)
    return seat


def authorship(envelope: Envelope, now: datetime, seat: Seat | None) -> Authorship:
    return Authorship(
        origin=envelope.origin,
        issued_at=envelope.issued_at,
        decided_at=now,
        actor=envelope.actor.officer,
        seat=Seat(unit=seat.unit, role=seat.role) if seat else None,
        on_behalf_of=seat.on_behalf_of if seat else None,
        command_id=envelope.command_id,
    )
