"""The drawn timeline of an incident: where each line and mark stands. Pure; a template draws it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.labels import SHANGHAI

LEFT, RIGHT, TOP, ROW, BAR = 104, 24, 34, 26, 12
"""Room for the names of lanes, beside the end, above for the hours; height of a row and of a bar in it."""
_NARROWEST, _WIDEST, _OF_AN_HOUR = 640, 2400, 26
_CLOSEST = 64
"""Pixels between two hours that are written out."""
_STEPS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200)
)
_AHEAD, _AT_LEAST = timedelta(hours=12), timedelta(hours=26)
"""How far past what has happened the drawing goes, and past the beginning: a result owed in a week would leave no room
for today. What ends beyond is cut off."""
_TIGHT = 9
"""Marks nearer to each other than this would cover one another."""


class MarkKind(StrEnum):
    """A lane for each, each drawn in a shape of its own."""

    STEP = "step"
    RELEASE = "release"
    DECISION = "decision"
    CONFERENCE = "conference"
    REMINDER = "reminder"


@dataclass(frozen=True)
class Window:
    """A duty's time: from its start to its instant. `late_until` is how far past it the duty ran, or runs."""

    lane: str
    start: datetime
    due_at: datetime
    style: str
    words: str
    met_at: datetime | None = None
    late_until: datetime | None = None


@dataclass(frozen=True)
class Happening:
    """Something that happened at an instant, in the lane named `lane`."""

    lane: str
    kind: MarkKind
    at: datetime
    words: str


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    style: str
    words: str
    late: float
    """How wide the stretch past its instant is."""
    met_x: float | None
    cut: bool
    """Its instant lies beyond the drawing."""


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    kind: MarkKind
    words: str


@dataclass(frozen=True)
class Lane:
    y: float
    name: str
    height: float


@dataclass(frozen=True)
class Tick:
    """`day` where a new day begins."""

    x: float
    at: datetime
    day: bool


@dataclass(frozen=True)
class Chart:
    width: float
    height: float
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    now_x: float | None


@dataclass(frozen=True)
class _Scale:
    start: datetime
    end: datetime
    width: float

    @classmethod
    def over(cls, instants: Sequence[datetime], windows: Sequence[Window], hour: timedelta) -> "_Scale":
        """Over all that has happened at `instants`, and what falls due soon after."""
        start, last = min(instants), max(instants)
        far = max(last + _AHEAD * (hour / timedelta(hours=1)), start + _AT_LEAST * (hour / timedelta(hours=1)))
        end = max([last, *(window.due_at for window in windows if window.due_at <= far)])
        # Something stands at either end, and needs air.
        span = max(end - start, timedelta(minutes=1))
        hours = span / timedelta(hours=1)
        return cls(start, end + span * 0.03, min(max(hours * _OF_AN_HOUR, _NARROWEST), _WIDEST))

    def x(self, at: datetime) -> float:
        return round(LEFT + (min(at, self.end) - self.start) / (self.end - self.start) * self.width, 1)

    def ticks(self) -> Iterator[Tick]:
        fitting = (step for step in _STEPS if step / (self.end - self.start) * self.width >= _CLOSEST)
        step = next(fitting, _STEPS[-1])
        midnight = self.start.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        at = midnight + -(-(self.start - midnight) // step) * step
        while at <= self.end:
            yield Tick(self.x(at), at, day=at.hour == at.minute == 0)
            at += step


def draw(
    windows: Sequence[Window],
    happenings: Sequence[Happening],
    begun: datetime,
    now: datetime,
    hour: timedelta = timedelta(hours=1),
    *,
    ended: bool,
) -> Chart:
    """Lanes of duties first, in the order they come; then those of what happened. `hour` is the policy's."""
    instants = [begun, *(one.at for one in happenings)]
    for window in windows:
        instants += [at for at in (window.start, window.met_at, window.late_until) if at]
    scale = _Scale.over(instants if ended else [*instants, now], windows, hour)
    lanes: list[Lane] = []
    bars: list[Bar] = []
    marks: list[Mark] = []
    y: float = TOP
    for name in dict.fromkeys(window.lane for window in windows):
        rows = _rows([window for window in windows if window.lane == name])
        for number, row in enumerate(rows):
            bars += [_bar(window, scale, y + number * ROW) for window in row]
        lanes.append(Lane(y, name, len(rows) * ROW))
        y += len(rows) * ROW
    for name in dict.fromkeys(one.lane for one in happenings):
        marks += _marks([one for one in happenings if one.lane == name], scale, y + ROW / 2)
        lanes.append(Lane(y, name, ROW))
        y += ROW
    now_x = None if ended else scale.x(now)
    return Chart(
        LEFT + scale.width + RIGHT, y + 6, tuple(lanes), tuple(bars), tuple(marks), tuple(scale.ticks()), now_x
    )


def _rows(windows: Sequence[Window]) -> list[list[Window]]:
    """Windows that overlap stand below each other."""
    rows: list[list[Window]] = []
    for window in sorted(windows, key=lambda one: (one.start, one.due_at)):
        free = next((row for row in rows if _end(row[-1]) <= window.start), None)
        if free is None:
            rows.append([window])
        else:
            free.append(window)
    return rows


def _end(window: Window) -> datetime:
    return max(at for at in (window.due_at, window.met_at, window.late_until) if at)


def _bar(window: Window, scale: _Scale, y: float) -> Bar:
    x, due_x = scale.x(min(window.start, window.due_at)), scale.x(window.due_at)
    late = scale.x(window.late_until) - due_x if window.late_until and window.late_until > window.due_at else 0
    met_x = scale.x(window.met_at) if window.met_at else None
    width, cut = round(max(due_x - x, 2), 1), window.due_at > scale.end
    return Bar(x, y + (ROW - BAR) / 2, width, window.style, window.words, round(max(late, 0), 1), met_x, cut)


def _marks(happenings: Sequence[Happening], scale: _Scale, y: float) -> Iterator[Mark]:
    """Those too near to each other are one mark with the words of all."""
    group: list[Happening] = []
    for one in sorted(happenings, key=lambda one: one.at):
        if group and scale.x(one.at) - scale.x(group[0].at) >= _TIGHT:
            yield _mark(group, scale, y)
            group = []
        group.append(one)
    if group:
        yield _mark(group, scale, y)


def _mark(group: Sequence[Happening], scale: _Scale, y: float) -> Mark:
    return Mark(scale.x(group[0].at), y, group[0].kind, "\n".join(one.words for one in group))
