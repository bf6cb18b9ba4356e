"""Something that waits for somebody."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from domain.incident import Incident
from domain.instants import Instant
from domain.standing import Task
from domain.vocabulary import CommandName, Digest, IncidentId, Level, OfficerId, Phase, ReleaseId, StepKind, UnitId


class TaskShown(BaseModel):
    """`what` waits; `command` is how it is done (None while the process itself is at work) by one of `holders`."""

    what: str
    command: CommandName | None
    unit: UnitId | None
    release: ReleaseId | None
    step: StepKind | None
    digest: Digest | None
    about: str | None
    holders: tuple[OfficerId, ...]
    since: Instant
    due_at: Instant | None

    @classmethod
    def of(cls, task: Task, holders: Iterable[OfficerId]) -> Self:
        return cls.model_validate({**task.model_dump(exclude={"roles"}), "holders": tuple(holders)})


class MyTask(BaseModel):
    """A task of the caller's, with the incident it belongs to."""

    incident: IncidentId
    number: str
    title: str | None
    level: Level
    phase: Phase
    drill: bool
    what: str
    command: CommandName | None
    unit: UnitId | None
    release: ReleaseId | None
    step: StepKind | None
    digest: Digest | None
    about: str | None
    since: Instant
    due_at: Instant | None
    overdue: bool
    stale: bool

    @classmethod
    def of(cls, task: Task, incident: Incident, title: str | None, now: datetime, *, stale: bool) -> Self:
        return cls.model_validate(
            {
                **task.model_dump(exclude={"roles"}),
                **{name: getattr(incident, name) for name in ("number", "level", "phase", "drill")},
                "incident": incident.id,
                "title": title,
                "overdue": task.due_at is not None and task.due_at < now,
                "stale": stale,
            }
        )


class MyTasks(BaseModel):
    items: tuple[MyTask, ...]
