"""What a drill came to: each duty with its instant and whether it was met in time, and where to read on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
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


def summarise(board: Board, incident: Incident, addresses: Mapping[str, str]) -> RenderableType:
    """A table of the duties, the published releases with their links, and `addresses` by what is there."""
    table = Table(box=box.SIMPLE_HEAD, title_justify="left", title=_title(board, incident), title_style="bold")
    for heading in _headings(board):
        table.add_column(heading)
    for duty in incident.obligations:
        table.add_row(*_row(board, duty), style=DONE if duty.state is ObligationState.SUPERSEDED else "")
    links = Table.grid(padding=(0, 2))
    for release in incident.releases:
        if release.public:
            title = Text(f"《{board.titles.get(release.release, '')}》", style="green", overflow="fold")
            links.add_row(label(release.kind, board.language), title, board.links.get(release.release, ""))
    for what, address in addresses.items():
        links.add_row(Text(what, style="dim"), Text(address), "")
    return Group(table, links)


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
