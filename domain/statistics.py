"""How incidents went: what came on time, and how long each step took from detection. Arithmetic over plain facts."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import NamedTuple, TypeVar

from domain.labels import SHANGHAI
from domain.obligations import MET_BY
from domain.vocabulary import IncidentId, Level, Milestone, ObligationKind, ObligationState, ReleaseKind, UnitId

K = TypeVar("K", bound=Hashable)
_QUARTERS = 4


class Owed(NamedTuple):
    """A duty as it stands. `ran_late`: it was waived or superseded after its instant."""

    kind: ObligationKind
    state: ObligationState
    due_at: datetime | None
    ran_late: bool = False

    def on_time(self, now: datetime) -> bool | None:
        """None while nobody can tell: not due yet, or waived in time. What is still owed past its instant is late."""
        match self.state:
            case ObligationState.MET:
                return True
            case ObligationState.MET_LATE:
                return False
            case ObligationState.PENDING:
                return False if self.overdue(now) else None
            case ObligationState.WAIVED | ObligationState.SUPERSEDED:
                return False if self.ran_late else None

    def overdue(self, now: datetime) -> bool:
        return self.state is ObligationState.PENDING and self.due_at is not None and now > self.due_at


@dataclass(frozen=True)
class Course:
    """One incident. `steps` holds when each was first taken, by whoever took it."""

    incident: IncidentId
    lead: UnitId
    level: Level
    detected_at: datetime
    open: bool
    steps: Mapping[Milestone, datetime]
    duties: tuple[Owed, ...]


def steps_of(
    assessed_at: datetime | None,
    published: Iterable[tuple[ReleaseKind, datetime]],
    held_at: Iterable[datetime],
    closed_at: datetime | None,
) -> dict[Milestone, datetime]:
    """When each step was first taken. `published` are releases with their receipts of the mandatory channel,
    `held_at` press conferences; which release is which step is what meets the duty of that name.
    """
    out = list(published)
    found = {
        Milestone.ASSESSED: [assessed_at] if assessed_at else [],
        Milestone.FIRST_RELEASE: [at for kind, at in out if kind in MET_BY[ObligationKind.FIRST_RELEASE]],
        Milestone.RESPONSE: [at for kind, at in out if kind in MET_BY[ObligationKind.RESPONSE]],
        Milestone.CONFERENCE: list(held_at),
        Milestone.RESULT: [at for kind, at in out if kind in MET_BY[ObligationKind.RESULT]],
        Milestone.CLOSED: [closed_at] if closed_at else [],
    }
    return {step: min(instants) for step, instants in found.items() if instants}


class Tally(NamedTuple):
    on_time: int
    late: int

    @property
    def total(self) -> int:
        return self.on_time + self.late

    @property
    def rate(self) -> float:
        """Of what can be told; there is some wherever there is a tally."""
        return self.on_time / self.total


def tallies(courses: Iterable[Course], now: datetime, of: Callable[[Course, Owed], K]) -> dict[K, Tally]:
    """On time and late by whatever `of` says; duties of which nobody can tell yet are left out."""
    counted: dict[K, list[int]] = {}
    for course in courses:
        for owed in course.duties:
            on_time = owed.on_time(now)
            if on_time is not None:
                counted.setdefault(of(course, owed), [0, 0])[not on_time] += 1
    return {key: Tally(*counts) for key, counts in counted.items()}


def month_due(course: Course, owed: Owed) -> str:
    """`2026-11`, by the county's clocks: the month a duty was due in."""
    at = owed.due_at or course.detected_at
    return f"{at.astimezone(SHANGHAI):%Y-%m}"


class Spread(NamedTuple):
    """How long a step took: of a quarter of the incidents no longer than `lower`, of half, of three quarters."""

    number: int
    lower: timedelta
    median: timedelta
    upper: timedelta
    longest: timedelta


def spread(lengths: Sequence[timedelta]) -> Spread:
    """Quartiles by linear interpolation between the values, which must be some."""
    longest = max(lengths)
    if len(lengths) == 1:
        return Spread(1, longest, longest, longest, longest)
    seconds = quantiles((length.total_seconds() for length in lengths), n=_QUARTERS, method="inclusive")
    lower, median, upper = (timedelta(seconds=value) for value in seconds)
    return Spread(len(lengths), lower, median, upper, longest)


def spreads(courses: Iterable[Course]) -> dict[Milestone, Spread]:
    """From detection to each step, of the incidents that have taken it. A step before detection took no time."""
    lengths: dict[Milestone, list[timedelta]] = {}
    for course in courses:
        for step, at in course.steps.items():
            lengths.setdefault(step, []).append(max(at - course.detected_at, timedelta()))
    return {step: spread(lengths[step]) for step in Milestone if step in lengths}


class Standing(NamedTuple):
    """How many are open now, how many of those have an overdue duty, and how many duties that are."""

    open: int
    overdue: int
    duties: int


def standing(courses: Iterable[Course], now: datetime) -> Standing:
    late = [sum(owed.overdue(now) for owed in course.duties) for course in courses if course.open]
    return Standing(len(late), sum(map(bool, late)), sum(late))
