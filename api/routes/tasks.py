"""What waits for the caller."""

from fastapi import APIRouter

from api import documentation, examples
from api.auth import Asking
from api.parts import AppParts, Reading, Stale
from api.views.task import MyTask, MyTasks
from db import reads
from domain.standing import may_read_words, tasks

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])


@router.get(
    "",
    summary="List what waits for me, the most urgent first",
    responses=documentation.read() | {200: documentation.answers(examples.TASKS)},
)
async def list_my_tasks(parts: AppParts, caller: Asking, stale: Stale, session: Reading) -> MyTasks:
    now = await parts.clock.now()
    # A substitute may come from a unit that is not involved, so every open incident is looked at.
    incidents = await reads.open_states(session)
    mine = [(task, i) for i in incidents for task in tasks(i, caller.actor, caller.roster)]
    worded = {incident.id for _, incident in mine if may_read_words(caller.actor, incident, caller.roster)}
    titles = await reads.titles(session, worded)
    mine.sort(key=lambda pair: (pair[0].due_at is None, pair[0].due_at or pair[0].since, pair[1].id))
    return MyTasks(items=tuple(MyTask.of(task, i, titles.get(i.id), now, stale=stale) for task, i in mine))
