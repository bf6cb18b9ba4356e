"""When and where a notice goes: quiet hours, bundles, the next address. Nobody's answer is ever assumed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from domain.county import Actor
from domain.labels import SHANGHAI
from domain.notices import NoticeKind
from domain.refusals import Code, Refusal
from domain.vocabulary import Means, Role

BUNDLE = timedelta(minutes=1)
"""What comes within it goes out as one message; only a hard duty does not wait for it."""
MOST_LINES = 20
PATIENCE = 5
"""Attempts on one address before the next is tried."""
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=5)
_URGENT = frozenset(
    {
        NoticeKind.DUTY_OPENED,
        NoticeKind.EMERGENCY_ORDERED,
        NoticeKind.WITHDRAWN,
        NoticeKind.PARKED,
        NoticeKind.REFUSED,
        NoticeKind.CLOCKS_FAULTY,
    }
)
_URGENT_CHASES = frozenset({"acknowledgement", "parked", "remedy"})

Data = Mapping[str, str | int | float]


class Contact(BaseModel):
    """One way to reach an officer, or all of a unit at once: a user or group of a service, an address, a number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    means: Means
    address: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s,|]+$")]
    to: Literal["person", "group"] = "person"


Contacts = Annotated[tuple[Contact, ...], Field(max_length=6)]
"""In the order in which they are tried."""


class QuietHours(NamedTuple):
    """From one time of day to another by the county's clocks, over midnight where they cross it."""

    start: time
    end: time

    @classmethod
    def of(cls, told: str) -> Self | None:
        """From `22:00-07:00`; None from nothing."""
        if not told:
            return None
        start, _, end = told.partition("-")
        return cls(time.fromisoformat(start), time.fromisoformat(end))

    def over_at(self, now: datetime) -> datetime:
        """When they end; `now` itself outside of them."""
        local = now.astimezone(SHANGHAI)
        at = local.timetz().replace(tzinfo=None)
        crossing = self.start > self.end
        within = (at >= self.start or at < self.end) if crossing else self.start <= at < self.end
        if not within:
            return now
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return end if at < self.end else end + timedelta(days=1)


def check_keeper(actor: Actor, owner: str) -> None:
    """Officers keep their own addresses, a unit's people its own, the county office all. Raises NOT_PERMITTED."""
    own = actor.officer == owner or any(
        post.unit == owner and {Role.EDITOR, Role.UNIT_HEAD} & set(post.roles) for post in actor.posts
    )
    if not own and not actor.has(Role.COUNTY_OFFICE):
        raise Refusal(Code.NOT_PERMITTED, actor=actor.officer, command="keep_contacts")


def check_overseer(actor: Actor) -> None:
    """Who sees what reached nobody: the county office, which calls, and ops, who mend. Raises NOT_PERMITTED."""
    if not actor.has(Role.COUNTY_OFFICE) and not actor.has(Role.OPS):
        raise Refusal(Code.NOT_PERMITTED, actor=actor.officer, command="read_deliveries")


def of_soft_target(kind: NoticeKind, data: Data) -> bool:
    """Whether it only reminds of a soft target: the one thing that quiet hours hold back."""
    return kind is NoticeKind.REMINDED and not data.get("hard")


def urgent(kind: NoticeKind, data: Data) -> bool:
    """Whether it goes at once, whatever else went a moment ago."""
    if kind is NoticeKind.REMINDED:
        return bool(data.get("hard"))
    return kind in _URGENT or (kind is NoticeKind.CHASED and data.get("subject") in _URGENT_CHASES)


def address_for(contacts: Sequence[Contact], kind: NoticeKind, data: Data, turn: int) -> Contact | None:
    """The address to try after `turn` others; None when all were. A chase begins one further each time: who did
    not answer on one channel is called on another.
    """
    if turn >= len(contacts):
        return None
    rung = int(data.get("rung", 0)) if kind is NoticeKind.CHASED else 0
    return contacts[(rung + turn) % len(contacts)]


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts in vain."""
    return min(_FIRST_WAIT * (4.0 ** (attempts - 1)), _LONGEST_WAIT)
