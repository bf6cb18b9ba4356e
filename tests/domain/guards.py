"""Every command once: where it is due, who gives it, and what makes it none of their business."""

from collections.abc import Callable
from typing import Any, NamedTuple

from domain.refusals import Code
from domain.vocabulary import CommandName
from tests.domain import situations as s
from tests.domain.situations import FIRST, LATER, NOW, OTHER_WORDS, SURVIVOR, TOMORROW, WORDS
from tests.domain.world import INCIDENT, Play, submission

World = Callable[[], Play]


class Guard(NamedTuple):
    """`mate` sits in the officer's unit without the role; `stranger` has the role in a unit it does not concern.

    `untimely` is an incident where it is not due, with the code that says so; None where it may come as long as
    the incident goes on. `no` is how somebody who may not is refused.
    """

    due: World
    officer: str
    body: dict[str, Any]
    mate: str
    stranger: str | None = None
    untimely: tuple[World, Code] | None = None
    no: Code = Code.NOT_PERMITTED


ON: dict[str, Any] = {"release": FIRST, "digest": WORDS}
WHY: dict[str, Any] = {"reason": "说明"}
HELD: dict[str, Any] = {"held_at": NOW, "attendees": ["water.head"], "conference": "c1"}
URL = "https://example.gov.cn/1"

_STEP = {"release": FIRST, "step": "unit_approval"}
_FOUND = {"release": FIRST, "channel": "website", "outcome": "published", "url": URL}
_SUPERIOR = {"link": URL, "scope": "全州供水", "obligations": ["response"]}
_TASK = {"what": "抢修", "unit": "water", "due_at": LATER}


def _office(due: World, body: dict[str, Any], untimely: tuple[World, Code] | None = None) -> Guard:
    """Any post of the county office with its role; no unit is bound to it."""
    return Guard(due, "office.duty", body, "office.reviewer", untimely=untimely)


def _press(due: World, body: dict[str, Any], untimely: tuple[World, Code] | None = None) -> Guard:
    return Guard(due, "press.desk", body, "press.reviewer", untimely=untimely)


def _town(due: World, body: dict[str, Any], untimely: tuple[World, Code] | None = None) -> Guard:
    """The lead's editor."""
    return Guard(due, "qixia.editor", body, "qixia.reviewer", "liuba.editor", untimely)


def _head(due: World, body: dict[str, Any], untimely: tuple[World, Code]) -> Guard:
    """The lead's head, who holds the step."""
    return Guard(due, "qixia.head", body, "qixia.editor", "liuba.head", untimely)


GUARDS: dict[CommandName, Guard] = {
    CommandName.SUBMIT: Guard(
        s.nothing,
        "qixia.editor",
        submission(),
        "qixia.reviewer",
        untimely=(s.general, Code.ALREADY_SUBMITTED),
    ),
    CommandName.ASSESS: _office(s.general, {}),
    CommandName.CONFIRM_FACTS: _town(s.general, {"summary": "核实"}),
    CommandName.ACKNOWLEDGE: _town(s.general, {}, (s.acknowledged, Code.ALREADY_ACKNOWLEDGED)),
    CommandName.AGREE_FIGURE: _town(s.general, s.FIGURE),
    CommandName.WITHDRAW_FIGURE: _town(s.with_figure, {"figure": "f1", **WHY}, (s.general, Code.NO_FIGURE)),
    CommandName.DRAFT_RELEASE: _town(
        s.confirmed, s.VERSION | {"kind": "response"}, (s.general, Code.FACTS_NOT_CONFIRMED)
    ),
    CommandName.REVISE_RELEASE: _town(
        s.drafted, s.VERSION | {"digest": OTHER_WORDS}, (s.going_out, Code.VERSION_FROZEN)
    ),
    CommandName.APPROVE: _head(s.drafted, ON | _STEP, (s.approved, Code.STEP_NOT_OPEN))._replace(
        mate="qixia.reviewer", no=Code.NOT_YOUR_STEP
    ),
    CommandName.RETURN_RELEASE: _head(s.drafted, ON | _STEP | WHY, (s.approved, Code.STEP_NOT_OPEN))._replace(
        mate="qixia.reviewer", no=Code.NOT_YOUR_STEP
    ),
    CommandName.SETTLE_DISAGREEMENT: _office(
        s.disagreed, ON | WHY | {"unit": "health"}, (s.cosigning, Code.NOT_DISAGREED)
    ),
    CommandName.REVIEW_CONFIDENTIALITY: Guard(
        s.approved,
        "qixia.reviewer",
        ON | {"outcome": "cleared"},
        "qixia.deputy",
        "liuba.reviewer",
        (s.drafted, Code.STEP_NOT_OPEN),
        no=Code.NOT_YOUR_STEP,
    ),
    CommandName.ASSIGN_STEP: _office(
        s.drafted, WHY | _STEP | {"officer": "liuba.head"}, (s.going_out, Code.VERSION_FROZEN)
    ),
    CommandName.EMERGENCY_RELEASE: Guard(
        s.drafted, "office.head", ON | WHY, "office.deputy", untimely=(s.returned, Code.NOT_IN_REVIEW)
    ),
    CommandName.CANCEL_RELEASE: _head(s.drafted, {"release": FIRST, **WHY}, (s.going_out, Code.VERSION_FROZEN)),
    CommandName.WITHDRAW_RELEASE: _office(s.public, {"release": FIRST, **WHY}, (s.going_out, Code.NOT_PUBLIC)),
    CommandName.RESOLVE_PUBLICATION: _press(s.lost, _FOUND, (s.public, Code.NOT_PARKED)),
    CommandName.RECORD_SUPERIOR_RELEASE: _office(s.general, _SUPERIOR, (s.public, Code.NO_OBLIGATION)),
    CommandName.PAUSE_UPDATES: _office(s.updating, WHY, (s.general, Code.NO_UPDATES_OWED)),
    CommandName.RESUME_UPDATES: _office(s.paused, {}, (s.updating, Code.NOT_PAUSED)),
    CommandName.SCHEDULE_CONFERENCE: _press(s.grave, s.PLAN),
    CommandName.APPROVE_CONFERENCE: _office(s.planned_with_statement, {}, (s.grave, Code.NO_CONFERENCE)),
    CommandName.POSTPONE_CONFERENCE: _press(s.planned, WHY | {"at": TOMORROW}, (s.grave, Code.NO_CONFERENCE)),
    CommandName.CANCEL_CONFERENCE: _press(s.planned, WHY, (s.grave, Code.NO_CONFERENCE)),
    CommandName.RECORD_CONFERENCE: _press(s.planned, HELD, (s.grave, Code.NO_CONFERENCE)),
    CommandName.CONVENE_CONSULTATION: _office(s.general, {"participants": ["water", "publicity"]}),
    CommandName.CONCLUDE_CONSULTATION: _office(
        s.convened, {"conclusions": "统一口径"}, (s.general, Code.NO_CONSULTATION)
    ),
    CommandName.ASSIGN_TASK: _office(s.general, _TASK),
    CommandName.COMPLETE_TASK: Guard(
        s.tasked,
        "water.editor",
        {"task": "t1", "report": "已修复"},
        "water.reviewer",
        "land.editor",
        (s.task_done, Code.NO_TASK),
    ),
    CommandName.DESIGNATE_LEAD: _office(s.several, WHY | {"lead": "health"}, (s.designated, Code.SAME_LEAD)),
    CommandName.REFER_RUMOUR: _town(s.answering, s.RUMOUR, (s.drafted, Code.NO_RESPONSE_BESIDE)),
    CommandName.CONFIRM_REFERRAL: _office(s.referred, {"referral": "r1"}, (s.answering, Code.NO_REFERRAL))._replace(
        officer="office.duty2"
    ),
    CommandName.ACKNOWLEDGE_REFERRAL: Guard(
        s.referral_confirmed,
        "police.editor",
        {"referral": "r1"},
        "police.reviewer",
        "cyberspace.editor",
        (s.referral_received, Code.REFERRAL_DECIDED),
    ),
    CommandName.MERGE_INTO: _office(s.general, WHY | {"survivor": SURVIVOR}, (s.merging, Code.MERGE_UNDER_WAY)),
    CommandName.ABSORB: _office(s.absorbing, {"incident": INCIDENT}, (s.absorbing_unasked, Code.NO_MERGE_INTENDED)),
    CommandName.WAIVE: Guard(
        s.general,
        "leading.head",
        WHY | {"obligation": "response"},
        "office.deputy",
        untimely=(s.waived, Code.NO_OBLIGATION),
    ),
    CommandName.CLOSE: _office(s.public, {"summary": "办结"}, (s.general, Code.HARD_DUTY_PENDING)),
    CommandName.REOPEN: _office(s.closed, WHY, (s.general, Code.NOT_ENDED)),
    CommandName.NOTE: Guard(s.general, "qixia.editor", {"text": "附记"}, "ops.oncall", "liuba.editor"),
    CommandName.RETRY_BLOCKED: Guard(
        s.blocked, "ops.oncall", {}, "audit.reader", untimely=(s.lost, Code.NOTHING_BLOCKED)
    ),
    CommandName.RESTRICT_INCIDENT: Guard(
        s.general, "office.deputy", WHY | {"officers": ["office.duty"]}, "office.reviewer", "office.duty"
    ),
    CommandName.LIFT_RESTRICTION: Guard(
        s.restricted, "office.deputy", WHY, "office.reviewer", "office.duty2", no=Code.NO_INCIDENT
    ),
}
