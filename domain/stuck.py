"""What keeps an incident from going on, why in one sentence, and what repairs it: for whoever looks after the machine.

Ids and codes only; no sentence says anything of what an incident is about.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.alarms import next_alarm_at
from domain.county import County
from domain.incident import Incident
from domain.labels import label, local_time
from domain.refusals import Language
from domain.standing import Task, holders_of, open_tasks
from domain.supervision import unsigned

FAILED_TASKS, FAILED_ACTIVITIES = 2, 3
"""Failed attempts from which on a workflow task, and an activity, is stuck and did not merely lose its worker."""


class Remedy(StrEnum):
    """What `huiying repair` can do. PERSON: it cannot, since somebody has to decide, or to do something elsewhere."""

    START = "start"
    REPLACE = "replace"
    RESET = "reset"
    TRY_ACTIVITY = "try_activity"
    RETRY_BLOCKED = "retry_blocked"
    TAKE_OVER = "take_over"
    PERSON = "person"


class Symptom(StrEnum):
    NO_WORKER = "no_worker"
    WRONG_VERSION = "wrong_version"
    PROCESS_MISSING = "process_missing"
    PROCESS_CLOSED = "process_closed"
    PROCESS_UNREADABLE = "process_unreadable"
    HISTORY_DIVERGES = "history_diverges"
    TASK_FAILING = "task_failing"
    ACTIVITY_RETRYING = "activity_retrying"
    ACTIVITY_PAUSED = "activity_paused"
    EFFECT_PARKED = "effect_parked"
    EFFECT_UNKNOWN = "effect_unknown"
    OVERDUE_UNSIGNED = "overdue_unsigned"
    NOBODY_MAY = "nobody_may"


class _Words(NamedTuple):
    """Why, and what to do about it, each in Chinese and in English."""

    remedy: Remedy
    why: tuple[str, str]
    todo: tuple[str, str]


_ANOTHER = ("由台账另启流程", "start a process from the ledger")
_WORDS: dict[Symptom, _Words] = {
    Symptom.NO_WORKER: _Words(
        Remedy.PERSON,
        ("没有工作进程在领取任务，所有事件都停在原处", "no worker asks for tasks, so no incident goes on"),
        ("启动工作进程", "start a worker"),
    ),
    Symptom.WRONG_VERSION: _Words(
        Remedy.TAKE_OVER,
        (
            "任务只交给版本 {current}，而在岗的工作进程是 {present}",
            "tasks go to version {current} alone, while the workers that are there are {present}",
        ),
        ("改由版本 {present} 接手", "let {present} take over"),
    ),
    Symptom.PROCESS_MISSING: _Words(
        Remedy.START, ("台账未了结，却没有流程", "its ledger is open, and it has no process"), _ANOTHER
    ),
    Symptom.PROCESS_CLOSED: _Words(
        Remedy.START,
        ("台账未了结，流程却已结束（{status}）", "its ledger is open, and it has no process: the last one {status}"),
        _ANOTHER,
    ),
    Symptom.PROCESS_UNREADABLE: _Words(
        Remedy.REPLACE,
        ("流程的历史没有密钥能读", "it has a process that no key reads"),
        ("结束该流程，由台账另启", "end that process and start another from the ledger"),
    ),
    Symptom.HISTORY_DIVERGES: _Words(
        Remedy.RESET,
        (
            "流程任务已失败 {attempt} 次：在岗的程序与其历史不符",
            "its workflow task failed {attempt} times: the program at work does not fit its history",
        ),
        (
            "先换回合适的程序，再重置到它能重放的最后一个任务",
            "bring back the program that fits, then reset to the last task that it replays",
        ),
    ),
    Symptom.TASK_FAILING: _Words(
        Remedy.RESET,
        (
            "流程任务已失败 {attempt} 次（{cause}）；待处理的消息：{messages}",
            "its workflow task failed {attempt} times ({cause}); messages it has to take: {messages}",
        ),
        (
            "改正程序后重置到最后一个任务；某条消息有害时加 --leave-out 其事件号",
            "mend the program, then reset to the last task; if a message does it, --leave-out its event",
        ),
    ),
    Symptom.ACTIVITY_RETRYING: _Words(
        Remedy.TRY_ACTIVITY,
        (
            "活动 {activity} 已失败 {attempt} 次，最近一次为 {failure}",
            "the activity {activity} failed {attempt} times, lastly with {failure}",
        ),
        ("排除原因后立即重试", "remove the cause, then have it tried at once"),
    ),
    Symptom.ACTIVITY_PAUSED: _Words(
        Remedy.TRY_ACTIVITY,
        ("活动 {activity} 被人暂停", "somebody paused the activity {activity}"),
        ("继续该活动", "let it go on"),
    ),
    Symptom.EFFECT_PARKED: _Words(
        Remedy.RETRY_BLOCKED,
        (
            "{release} 在{channel}的{action}自 {since} 起搁置（{code}）",
            "the {action} of {release} on {channel} is parked since {since} ({code})",
        ),
        ("排除原因后再试受阻操作", "remove the cause, then retry what is blocked"),
    ),
    Symptom.EFFECT_UNKNOWN: _Words(
        Remedy.PERSON,
        (
            "{release} 在{channel}的{action}自 {since} 起结果不明（{code}）",
            "what became of the {action} of {release} on {channel} is unknown since {since} ({code})",
        ),
        (
            "县政府办公室或新闻办到平台查看后发出 resolve_publication",
            "the county or press office looks there and sends resolve_publication",
        ),
    ),
    Symptom.OVERDUE_UNSIGNED: _Words(
        Remedy.PERSON,
        (
            "{duty}已于 {due} 逾期，责任主体 {unit} 无人签收",
            "the {duty} is overdue since {due}, and nobody of {unit}, which leads, has signed for it",
        ),
        (
            "催办；县政府办公室可用 designate_lead 改派",
            "call them; the county office may name another lead (designate_lead)",
        ),
    ),
    Symptom.NOBODY_MAY: _Words(
        Remedy.PERSON,
        ("等待 {what}（{unit}），但无人可以办理", "it waits for {what} ({unit}), and nobody there may do it"),
        (
            "用 huiying admin 给出岗位，或由县政府办公室用 assign_step、designate_lead 指定他人",
            "give out the post (huiying admin), or let the county office name another (assign_step, designate_lead)",
        ),
    ),
}
_ACTIONS = {"publish": ("发布", "publication"), "retract": ("撤回", "retraction")}


class Stuck(BaseModel):
    """One reason why something does not go on. `about` is what the remedy takes: an activity's id, a version."""

    model_config = ConfigDict(frozen=True)

    symptom: Symptom
    params: dict[str, str] = {}
    params_zh: dict[str, str] = {}
    about: str = ""

    @property
    def remedy(self) -> Remedy:
        return _WORDS[self.symptom].remedy

    def sentence(self, language: Language) -> str:
        """Why."""
        return self._fill(_WORDS[self.symptom].why, language)

    def proposal(self, language: Language) -> str:
        """What to do about it."""
        return self._fill(_WORDS[self.symptom].todo, language)

    def _fill(self, words: tuple[str, str], language: Language) -> str:
        zh = language is Language.ZH
        return words[0 if zh else 1].format(**(self.params | self.params_zh if zh else self.params))


class _Seen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Trying(_Seen):
    """An activity under way that has failed `attempt` times, and how it last did."""

    id: str
    activity: str
    attempt: int
    failure: str = ""
    paused: bool = False


class Sent(_Seen):
    """A signal that no workflow task has taken yet, by its event in the history."""

    event: int
    name: str


class Failing(_Seen):
    """A workflow task that failed `attempt` times."""

    attempt: int
    cause: str
    diverges: bool = False
    waiting: tuple[Sent, ...] = ()


class Process(_Seen):
    """What Temporal says of an incident's process. `status` is RUNNING, how it closed, or None where there is none."""

    status: str | None
    readable: bool = True
    failing: Failing | None = None
    trying: tuple[Trying, ...] = ()

    @property
    def running(self) -> bool:
        return self.status == RUNNING


RUNNING = "RUNNING"


class Workers(_Seen):
    """Who asks for workflow tasks. `current` is the version that gets them, None while workers have no versions;
    `present` are the versions of those who ask, "" for one that has none.
    """

    present: frozenset[str] = frozenset()
    current: str | None = None


def stuck_workers(workers: Workers) -> tuple[Stuck, ...]:
    """What keeps all incidents from going on."""
    if not workers.present:
        return (Stuck(symptom=Symptom.NO_WORKER),)
    if (workers.current or "") in workers.present:
        return ()
    params = {"current": workers.current or "—", "present": ", ".join(sorted(workers.present - {""})) or "—"}
    return (Stuck(symptom=Symptom.WRONG_VERSION, params=params, about=max(workers.present)),)


def stuck(incident: Incident, process: Process, county: County, now: datetime) -> tuple[Stuck, ...]:
    """What keeps one incident from going on: its process first, then what it wants of the world, then of people."""
    found = [*_of_process(incident, process), *_of_effects(incident)]
    # A drill that nobody plays any more is not worth a call.
    return (*found, *(() if incident.drill or incident.phase.ended else _of_people(incident, county, now)))


def wants_process(incident: Incident) -> bool:
    """Whether there must be one: the incident is open, or something that outlives it is still chased."""
    return not incident.phase.ended or next_alarm_at(incident) is not None


def _of_process(incident: Incident, process: Process) -> Iterator[Stuck]:
    if not process.running:
        if wants_process(incident):
            symptom = Symptom.PROCESS_MISSING if process.status is None else Symptom.PROCESS_CLOSED
            yield Stuck(symptom=symptom, params={"status": process.status or ""})
        return
    if not process.readable:
        yield Stuck(symptom=Symptom.PROCESS_UNREADABLE)
        return
    failing = process.failing
    if failing is not None:
        waiting = ", ".join(f"{sent.name} ({sent.event})" for sent in failing.waiting)
        params = {"attempt": str(failing.attempt), "cause": failing.cause, "messages": waiting or "—"}
        yield Stuck(symptom=Symptom.HISTORY_DIVERGES if failing.diverges else Symptom.TASK_FAILING, params=params)
    for trying in process.trying:
        if trying.paused or trying.attempt >= FAILED_ACTIVITIES:
            symptom = Symptom.ACTIVITY_PAUSED if trying.paused else Symptom.ACTIVITY_RETRYING
            said = {"activity": trying.activity, "attempt": str(trying.attempt), "failure": trying.failure or "—"}
            yield Stuck(symptom=symptom, params=said, about=trying.id)


def _of_effects(incident: Incident) -> Iterator[Stuck]:
    for release in incident.releases.values():
        for call in release.pending:
            if call.parked is None:
                continue
            zh, en = _ACTIONS[call.action]
            params = {
                "release": release.id,
                "channel": label(call.channel, Language.EN),
                "action": en,
                "code": call.parked,
                "since": local_time(call.since),
            }
            yield Stuck(
                symptom=Symptom.EFFECT_PARKED if call.may_be_retried else Symptom.EFFECT_UNKNOWN,
                params=params,
                params_zh={"channel": label(call.channel, Language.ZH), "action": zh},
            )


def _of_people(incident: Incident, county: County, now: datetime) -> Iterator[Stuck]:
    for duty in unsigned(incident):
        if duty.due_at is not None and duty.overdue(now):
            params = {
                "duty": label(duty.kind, Language.EN),
                "due": local_time(duty.due_at),
                "unit": incident.route.lead,
            }
            zh = {"duty": label(duty.kind, Language.ZH)}
            yield Stuck(symptom=Symptom.OVERDUE_UNSIGNED, params=params, params_zh=zh)
    at_work = county.on(now)
    roster = at_work.roster(incident.units)
    for task in open_tasks(incident):
        if task.command is not None and not holders_of(task, incident, at_work, roster):
            yield Stuck(symptom=Symptom.NOBODY_MAY, params={"what": _named(task), "unit": task.unit or incident.office})


def _named(task: Task) -> str:
    return f"{task.what} {task.release}" if task.release else task.what
