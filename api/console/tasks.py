"""我的待办: what waits for the visitor, the most urgent first, and where each is done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.console.clocks import Urgency, amber_of, urgency
from api.console.language import chosen
from api.console.rendering import page
from api.console.session import Visiting
from api.console.waits import words_of
from api.parts import AppParts, Reading, Stale
from api.reading import may_read
from db import reads
from domain import waiting
from domain.incident import Incident
from domain.refusals import Language
from domain.standing import Task, may_read_words, tasks
from domain.vocabulary import CommandName, IncidentId, Level, ObligationKind, ReleaseKind

router = APIRouter(prefix="/console/tasks", include_in_schema=False)

_DRAFTED: dict[str, ReleaseKind] = {
    ObligationKind.FIRST_RELEASE: ReleaseKind.FIRST,
    ObligationKind.RESPONSE: ReleaseKind.RESPONSE,
    ObligationKind.ROLLING_UPDATE: ReleaseKind.UPDATE,
    ObligationKind.RESULT: ReleaseKind.RESULT,
}
"""What is drafted for a duty; what did not stand is corrected."""
_ABOUT: dict[str, str] = {
    waiting.APPROVAL: "conference",
    waiting.CONFERENCE: "conference",
    waiting.CONSULTATION: "consultation",
    waiting.TASK: "task",
    waiting.REFERRAL: "referral",
    waiting.RECEIPT: "referral",
    waiting.DISAGREEMENT: "unit",
    waiting.CONFIRMATION: "channel",
}
"""The field of its command that a task's item goes into."""
_LONGEST = 200


@dataclass(frozen=True)
class Line:
    """A task of the visitor's. `title` is None where its words are gone or not theirs to see."""

    task: Task
    words: str
    address: str
    incident: IncidentId
    number: str
    title: str | None
    level: Level
    drill: bool
    amber_at: datetime | None
    urgency: Urgency

    @classmethod
    def of(cls, task: Task, incident: Incident, title: str | None, now: datetime, language: Language) -> Self:
        kind = incident.releases[task.release].kind if task.release else None
        amber_at = amber_of(task.due_at, incident)
        return cls(
            task=task,
            words=words_of(task, kind, language),
            address=_address(task, incident),
            incident=incident.id,
            number=incident.number,
            title=title,
            level=incident.level,
            drill=incident.drill,
            amber_at=amber_at,
            urgency=urgency(task.due_at, amber_at, now),
        )


@router.get("", response_class=HTMLResponse)
async def show_tasks(
    request: Request,
    parts: AppParts,
    visit: Visiting,
    stale: Stale,
    session: Reading,
    done: str = "",
    incident: str = "",
) -> Response:
    """`done` and `incident` tell what the visitor has just decided."""
    now = await parts.clock.now()
    lines = await _lines(session, visit.caller, chosen(request), now)
    command = CommandName(done) if done in list(CommandName) else None
    about = await reads.incident(session, IncidentId(incident)) if command and incident.isalnum() else None
    told = about if about is not None and may_read(visit.caller, about) else None
    shown = {"lines": lines[:_LONGEST], "number": len(lines), "now": now, "stale": stale}
    return page(request, visit, "tasks.html", 200, done=command, about=told, **shown)


async def _lines(session: AsyncSession, caller: Caller, language: Language, now: datetime) -> list[Line]:
    # A substitute may come from a unit that is not involved, so every open incident is looked at.
    mine = [
        (task, incident)
        for incident in await reads.open_states(session)
        for task in tasks(incident, caller.actor, caller.roster)
    ]
    mine.sort(key=lambda pair: (pair[0].due_at is None, pair[0].due_at or pair[0].since, pair[1].id))
    concerned = {incident.id: incident for _, incident in mine}
    titles = await reads.titles(session, concerned)
    worded = {id_: may_read_words(caller.actor, one, caller.roster) for id_, one in concerned.items()}
    return [Line.of(task, one, titles.get(one.id) if worded[one.id] else None, now, language) for task, one in mine]


def _address(task: Task, incident: Incident) -> str:
    """Where the task is done: the page of the command it asks for; where there is none, that of its incident."""
    here = f"/console/incidents/{incident.id}"
    if task.step is not None:
        return f"/console/tasks/{incident.id}/{task.release}?step={task.step}"
    match task.command:
        case None:
            return here
        case CommandName.DRAFT_RELEASE:
            drafted = {"kind": _DRAFTED.get(task.what, ReleaseKind.CORRECTION), "corrects": task.release}
            return f"{here}/releases/new?{urlencode({name: value for name, value in drafted.items() if value})}"
        case CommandName.REVISE_RELEASE:
            return f"{here}/releases/{task.release}/edit"
    about = {"release": task.release, _ABOUT.get(task.what, ""): task.about}
    query = urlencode({name: value for name, value in about.items() if name and value})
    return f"{here}/do/{task.command}?{query}" if query else f"{here}/do/{task.command}"
