"""What is waited for, by whom and since when: in the words of a page."""

from dataclasses import dataclass
from datetime import datetime

from api.console.clocks import Urgency, amber_of, urgency
from domain.county import County, Roster
from domain.incident import Incident
from domain.labels import label
from domain.refusals import Language
from domain.standing import Task, holders_of, open_tasks
from domain.telling.words import WAITS
from domain.vocabulary import ObligationKind, OfficerId, ReleaseKind, StepKind, UnitId

_MOST_NAMES = 3


@dataclass(frozen=True)
class Wait:
    """`task` says what to do; `holders` are the first few of the officers who may, `more` how many others there are.

    Where its instant is that of a duty, it turns amber with the duty.
    """

    task: Task
    words: str
    unit: UnitId | None
    holders: tuple[OfficerId, ...]
    more: int
    since: datetime
    amber_at: datetime | None
    urgency: Urgency


def waits(incident: Incident, county: County, roster: Roster, language: Language, now: datetime) -> tuple[Wait, ...]:
    """All that the incident waits for, the most urgent first."""
    return tuple(_wait(task, incident, county, roster, language, now) for task in open_tasks(incident))


def _wait(task: Task, incident: Incident, county: County, roster: Roster, language: Language, now: datetime) -> Wait:
    found = holders_of(task, incident, county, roster)
    kind = incident.releases[task.release].kind if task.release else None
    amber_at = amber_of(task.due_at, incident)
    return Wait(
        task=task,
        words=words_of(task, kind, language),
        unit=task.unit,
        holders=found[:_MOST_NAMES],
        more=max(len(found) - _MOST_NAMES, 0),
        since=task.since,
        amber_at=amber_at,
        urgency=urgency(task.due_at, amber_at, now),
    )


def words_of(task: Task, kind: ReleaseKind | None, language: Language) -> str:
    """`首次发布稿：单位审签`; `研判`; `起草首次发布稿`. `kind` is that of the task's release."""
    english = language is Language.EN
    if task.what in list(ObligationKind):
        return _owed(ObligationKind(task.what), language)
    what = label(StepKind(task.what), language) if task.what in list(StepKind) else WAITS[task.what][english]
    if kind is None:
        return what
    release = label(kind, language)
    return f"{what}: {release}" if english else f"{release}稿：{what}"


def _owed(kind: ObligationKind, language: Language) -> str:
    duty = label(kind, language)
    if kind is ObligationKind.PRESS_CONFERENCE:
        return f"plan and hold the {duty}" if language is Language.EN else f"安排并召开{duty}"
    return f"draft: {duty}" if language is Language.EN else f"起草{duty}稿"
