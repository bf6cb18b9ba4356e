"""The board above which a drill is told: clocks counting down, who is asked now, what is public."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from domain.labels import label
from domain.refusals import Language
from domain.telling.words import WAITS
from domain.vocabulary import ObligationKind, ObligationState, StepKind
from domain.waiting import MERGE, PUBLICATION
from runtime.drill.cast import Cast
from runtime.drill.run import Run
from runtime.drill.views import Duty, Incident, Wait

_BAR = 24
_MOST_NAMES = 2
CALM, AMBER, RED, DONE = "green", "yellow", "bold red", "dim"


@dataclass
class Board:
    """Renders the latest state with the clocks as of now. Nothing here asks anybody anything."""

    run: Run
    cast: Cast
    language: Language
    now: Callable[[], datetime]
    incident: Incident | None = None
    titles: dict[str, str] = field(default_factory=dict)
    """Titles of releases by id."""
    links: dict[str, str] = field(default_factory=dict)
    """Where a published release is to be read, by id."""
    reminded: set[tuple[ObligationKind, datetime]] = field(default_factory=set)
    """Duties somebody has been reminded of: from then on their clock is amber."""

    def say(self, zh: str, en: str) -> str:
        return zh if self.language is Language.ZH else en

    def __rich__(self) -> RenderableType:
        incident = self.incident
        if incident is None:
            return Text()
        level, phase = (label(word, self.language) for word in (incident.level, incident.phase))
        hours = self.say(f"第 {self.hours:.1f} 小时", f"hour {self.hours:.1f}")
        title = Text(f" {incident.number}  {level}  {phase}  {hours} ", style="bold")
        parts: list[RenderableType] = [self._clocks(incident)]
        parts += [part for part in (self._waits(), self._public(incident)) if part]
        return Panel(Group(*parts), title=title, title_align="left", box=box.ROUNDED, border_style="blue", expand=True)

    @property
    def hours(self) -> float:
        return self.run.hours_at(self.now())

    def _clocks(self, incident: Incident) -> Table:
        grid = Table.grid(padding=(0, 2))
        for duty in incident.obligations:
            if duty.state is ObligationState.SUPERSEDED:
                continue
            style = self.style(duty)
            firm = self.say("硬性", "hard") if duty.hard else self.say("目标", "target")
            bar = ProgressBar(1, self._left(duty), width=_BAR, complete_style=style, finished_style=style)
            what = label(duty.kind, self.language)
            grid.add_row(Text(what, style=style), Text(firm, style="dim"), bar, Text(self.clock(duty), style=style))
        return grid

    def style(self, duty: Duty) -> str:
        """Green, amber once somebody was reminded, red when overdue, dim when done."""
        if not duty.pending:
            return RED if duty.state is ObligationState.MET_LATE else DONE
        if duty.due_at is None:
            return CALM
        if self.now() > duty.due_at:
            return RED
        return AMBER if (duty.kind, duty.due_at) in self.reminded else CALM

    def clock(self, duty: Duty) -> str:
        """What is left, in hours of the drill's clock."""
        if not duty.pending:
            at = f" {self.run.hours_at(duty.met_at):.1f} h" if duty.met_at else ""
            return label(duty.state, self.language) + at
        if duty.due_at is None:
            return self.say("首次发布后起算", "counts from the first release")
        left = self.run.hours_at(duty.due_at) - self.hours
        if left < 0:
            return self.say(f"超时 {-left:.1f} 小时", f"overdue by {-left:.1f} h")
        return self.say(f"还剩 {left:.1f} 小时", f"{left:.1f} h left")

    def _left(self, duty: Duty) -> float:
        """The share of the time that is left, from 0 to 1."""
        if not duty.pending or duty.due_at is None:
            return 0.0
        start = duty.counted_from or self.run.detected_at
        whole = (duty.due_at - start).total_seconds()
        left = (duty.due_at - self.now()).total_seconds()
        return min(max(left / whole, 0.0), 1.0) if whole > 0 else 0.0

    def waits(self) -> Iterator[tuple[str, str]]:
        """What is waited for, and the people asked, by name and post."""
        waits = self.incident.waiting_for if self.incident else ()
        # A publication and a merge wait for nobody: the process is at work on them.
        for wait in (wait for wait in waits if wait.what not in (PUBLICATION, MERGE)):
            yield self._what(wait), self._whom(wait)

    def _what(self, wait: Wait) -> str:
        for kind in (StepKind, ObligationKind):
            if wait.what in list(kind):
                return label(kind(wait.what), self.language)
        return self.say(*WAITS[wait.what])

    def _whom(self, wait: Wait) -> str:
        names = [self.cast.who(officer, wait.unit) for officer in wait.holders]
        if not names:
            return self.cast.unit(wait.unit) if wait.unit else ""
        others = len(names) - _MOST_NAMES
        more = self.say(f" 等 {len(names)} 人", f" and {others} more") if others > 0 else ""
        return self.say("、", ", ").join(names[:_MOST_NAMES]) + more

    def _waits(self) -> RenderableType | None:
        return self._section(self.say("轮到谁办", "Asked now"), self.waits(), "bold")

    def _public(self, incident: Incident) -> RenderableType | None:
        rows = (
            (label(release.kind, self.language), f"《{self.titles.get(release.release, '')}》 {release.digest[:12]}")
            for release in incident.releases
            if release.public
        )
        return self._section(self.say("已发布", "Published"), rows, "green")

    @staticmethod
    def _section(heading: str, rows: Iterable[tuple[str, str]], style: str) -> RenderableType | None:
        grid = Table.grid(padding=(0, 2))
        for what, text in rows:
            grid.add_row(Text(what, style=style), Text(text, overflow="ellipsis", no_wrap=True))
        return Group(Text(heading, style="dim underline"), grid) if grid.rows else None
