"""What a drill came to: each duty with its instant and whether it was met in time, and where to read on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from rich import box
from rich.table import Table
from rich.text import Text

from domain.labels import SHANGHAI, label
from domain.refusals import Language
from domain.vocabulary import ObligationState
from runtime.drill.board import AMBER, DONE, RED, Board
from runtime.drill.views import Duty, Incident

_STYLES = {
    ObligationState.MET: "green",
    ObligationState.MET_LATE: RED,
    ObligationState.PENDING: AMBER,
    ObligationState.WAIVED: DONE,
    ObligationState.SUPERSEDED: DONE,
}


Where = Literal["bulletin", "temporal"]
_WHERE: dict[Where, tuple[str, str]] = {"bulletin": ("公开栏目", "Bulletin"), "temporal": ("流程引擎", "Temporal")}


def summarise(board: Board, incident: Incident) -> Table:
    """A table of the duties with their instants and outcomes."""
    table = Table(box=box.SIMPLE_HEAD, title_justify="left", title=_title(board, incident), title_style="bold")
    for heading in _headings(board):
        table.add_column(heading)
    for duty in incident.obligations:
        table.add_row(*_row(board, duty), style=DONE if duty.state is ObligationState.SUPERSEDED else "")
    return table


def read_on(board: Board, incident: Incident, addresses: Mapping[Where, str]) -> Iterator[Text]:
    """The published releases and `addresses`, a line each, never to be broken."""
    for release in incident.releases:
        if release.public:
            kind, title = label(release.kind, board.language), board.titles.get(release.release, "")
            yield Text.assemble((f"{kind}《{title}》 ", "green"), board.links.get(release.release, ""))
    for where, address in addresses.items():
        yield Text.assemble((f"{_WHERE[where][board.language is Language.EN]} ", "dim"), address)


def _title(board: Board, incident: Incident) -> str:
    phase = label(incident.phase, board.language)
    return f"{incident.number}  {incident.title or ''}  {phase}"


def _headings(board: Board) -> tuple[str, ...]:
    zh = ("时限任务", "性质", "应于", "完成", "结果")
    en = ("duty", "", "due", "met", "outcome")
    return zh if board.language is Language.ZH else en


def _row(board: Board, duty: Duty) -> tuple[Text, ...]:
    firm = board.say("硬性", "hard") if duty.hard else board.say("目标", "target")
    outcome = Text(label(duty.state, board.language), style=_STYLES[duty.state])
    cells = (label(duty.kind, board.language), firm, _instant(board, duty.due_at), _instant(board, duty.met_at))
    return (*(Text(cell) for cell in cells), outcome)


def _instant(board: Board, at: datetime | None) -> str:
    """The hour of the drill's clock, and the time of day to the second: its minutes are too coarse."""
    return f"{board.run.hours_at(at):.1f} h  {at.astimezone(SHANGHAI):%H:%M:%S}" if at else ""
