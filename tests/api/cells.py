"""Every cell of the permission table: a role, in a unit that stands in one relation to an incident, tries an action.

One incident has a unit in each relation to it. Whatever the table grants must get past the question of
who asks, to an answer or to a refusal of another kind; everything else must be refused for who asks.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.permissions import PERMISSIONS, Grant
from domain.vocabulary import CommandName, ReadName, Relation, Role, StepKind

UNITS: dict[str, Relation | None] = {
    "forestry": Relation.REPORTER,
    "water": Relation.LEAD,
    "publicity": Relation.COORDINATOR,
    "health": Relation.COOPERATOR,
    "land": Relation.DRAFTER,
    "fire": None,
}
"""A major incident that 林业和草原局 reports, 水务局 leads, and 自然资源局 writes a release for."""

NOT_YOURS = frozenset({"not_permitted", "not_your_step", "own_draft", "not_readable"})


class Props(NamedTuple):
    """What attempts speak of: an incident, two releases, one of them cancelled, and instants on either side of now."""

    incident: str
    release: str
    digest: str
    cancelled: str
    past: str
    future: str


class Attempt(NamedTuple):
    """An action with the body of its command (None for reads); `step` when it decides on one."""

    action: CommandName | ReadName
    body: dict[str, Any] | None = None
    step: StepKind | None = None


class Cell(NamedTuple):
    attempt: Attempt
    unit: str
    role: Role

    @property
    def granted(self) -> bool:
        """What the table says, given how the incident was built."""
        standing = {Relation.ANY, UNITS[self.unit]}
        if _holds(self.unit, self.role, self.attempt):
            standing.add(Relation.HOLDER)
        grants = PERMISSIONS[self.attempt.action]
        return any(Grant(self.role, relation) in grants for relation in standing if relation)


def attempts(props: Props) -> Iterator[Attempt]:
    """Every action. A body that is let through comes to nothing, so that no attempt changes what the next meets."""
    wrong = {"release": props.release, "digest": "0" * 64}
    version = {"release": props.release, "digest": props.digest, "channels": ["bulletin"]}
    substitute = {"release": props.release, "step": "cosign", "officer": "water.head", "reason": "外出"}
    report = {"title": "x", "summary": "x", "category": "other", "source": "media", "detected_at": props.future}
    referral: dict[str, Any] = dict.fromkeys(("claim", "falsehood", "intent", "harm", "legal_ground"), "某事")
    referral |= {
        "nature": "criticism",
        "receiver": "police",
        "release": props.release,
        "links": ["https://v.example/1"],
    }
    bodies: dict[CommandName, dict[str, Any]] = {
        CommandName.SUBMIT: report,
        CommandName.ASSESS: {"lead": "baishi"},
        CommandName.CONFIRM_FACTS: {"summary": "已核实"},
        CommandName.DRAFT_RELEASE: version | {"kind": "first"},
        CommandName.REVISE_RELEASE: version,
        CommandName.ASSIGN_STEP: substitute,
        CommandName.CANCEL_RELEASE: {"release": props.cancelled, "reason": "不再需要"},
        CommandName.PAUSE_UPDATES: {"reason": "无进展"},
        CommandName.RESUME_UPDATES: {},
        CommandName.SCHEDULE_CONFERENCE: {"at": props.past, "venue": "发布厅", "attendees": ["water.head"]},
        CommandName.RECORD_CONFERENCE: {"held_at": props.future, "attendees": ["water.head"]},
        CommandName.WAIVE: {"obligation": "response", "reason": "上级统一发布"},
        CommandName.CLOSE: {"summary": "结束"},
        CommandName.REOPEN: {"reason": "又有反映"},
        CommandName.NOTE: {"text": "记一笔"},
        CommandName.RETRY_BLOCKED: {},
        CommandName.ACKNOWLEDGE: {"obligation": "result"},
        CommandName.AGREE_FIGURE: {
            "fact": "约两千户",
            "checked": True,
            "may_say": True,
            "verified_by": "nobody",
        },
        CommandName.WITHDRAW_FIGURE: {"figure": "f9", "reason": "有误"},
        CommandName.SETTLE_DISAGREEMENT: wrong | {"unit": "health", "reason": "经会商"},
        CommandName.EMERGENCY_RELEASE: wrong | {"reason": "山洪预警"},
        CommandName.WITHDRAW_RELEASE: {"release": props.release, "reason": "有误"},
        CommandName.RESOLVE_PUBLICATION: {"release": props.release, "channel": "wechat", "outcome": "try_again"},
        CommandName.RECORD_SUPERIOR_RELEASE: {
            "link": "https://zhou.example/1",
            "scope": "州统一发布",
            "obligations": ["result"],
        },
        CommandName.APPROVE_CONFERENCE: {"conference": "c9"},
        CommandName.POSTPONE_CONFERENCE: {"conference": "c9", "at": props.future, "reason": "等结果"},
        CommandName.CANCEL_CONFERENCE: {"conference": "c9", "reason": "改为书面"},
        CommandName.CONVENE_CONSULTATION: {"participants": ["nobody"], "at": props.past, "agenda": "会商"},
        CommandName.CONCLUDE_CONSULTATION: {"consultation": "m9", "conclusions": "无"},
        CommandName.ASSIGN_TASK: {"what": "复检", "unit": "nobody", "due_at": props.future},
        CommandName.COMPLETE_TASK: {"task": "t9", "outcome": "done", "report": "合格"},
        CommandName.DESIGNATE_LEAD: {"lead": "fire", "reason": "职责"},
        CommandName.REFER_RUMOUR: referral,
        CommandName.CONFIRM_REFERRAL: {"referral": "r9"},
        CommandName.ACKNOWLEDGE_REFERRAL: {"referral": "r9", "receipt": "1号"},
        CommandName.MERGE_INTO: {"survivor": props.incident, "reason": "同一事件"},
        CommandName.ABSORB: {"incident": "0" * 32},
        CommandName.RESTRICT_INCIDENT: {"units": ["nobody"], "reason": "涉密"},
        CommandName.LIFT_RESTRICTION: {"reason": "已公开"},
    }
    yield from (Attempt(name, body) for name, body in bodies.items())
    for step in (StepKind.UNIT_APPROVAL, StepKind.COUNTY_APPROVAL):
        yield Attempt(CommandName.APPROVE, wrong | {"step": step}, step)
    for step in (StepKind.UNIT_APPROVAL, StepKind.CONFIDENTIALITY, StepKind.COUNTY_APPROVAL):
        yield Attempt(CommandName.RETURN_RELEASE, wrong | {"step": step, "reason": "请补充"}, step)
    yield Attempt(CommandName.REVIEW_CONFIDENTIALITY, wrong | {"outcome": "cleared"}, StepKind.CONFIDENTIALITY)
    # Whether somebody may know of it is asked of restricted incidents only: `tests.api.surfaces`.
    yield from (Attempt(read) for read in ReadName if read is not ReadName.RESTRICTED)


def cells(props: Props) -> list[Cell]:
    """All of them."""
    return [Cell(attempt, unit, role) for attempt in attempts(props) for unit in UNITS for role in Role]


def telling(table: list[Cell]) -> list[Cell]:
    """A sample with every granted relation of every action and role, and beside it one that is not granted.

    Where the relation makes no difference, one cell stands for all; which one goes round.
    """
    chosen: list[Cell] = []
    groups: dict[tuple[int, Role], list[Cell]] = {}
    for cell in table:
        groups.setdefault((id(cell.attempt), cell.role), []).append(cell)
    for turn, group in enumerate(groups.values()):
        granted = [cell for cell in group if cell.granted]
        others = [cell for cell in group if not cell.granted]
        chosen += granted if others else [granted[turn % len(granted)]]
        chosen += [others[turn % len(others)]] if others else []
    return chosen


def _holds(unit: str, role: Role, attempt: Attempt) -> bool:
    if attempt.action in (ReadName.INCIDENT, ReadName.RELEASE):
        # Whoever has to decide on an open step may read what it is about.
        return any(is_holder(unit, role, step) for step in (StepKind.UNIT_APPROVAL, StepKind.CONFIDENTIALITY))
    author = (unit, role) == ("land", Role.COUNTY_OFFICE)
    return not author and attempt.step is not None and is_holder(unit, role, attempt.step)


def is_holder(unit: str, role: Role, step: StepKind) -> bool:
    match step:
        case StepKind.UNIT_APPROVAL:
            return role is Role.UNIT_HEAD and unit in ("land", "water")
        case StepKind.CONFIDENTIALITY:
            return role is Role.CONFIDENTIALITY_REVIEWER and unit == "land"
        case _:
            return role in (Role.COUNTY_OFFICE, Role.LEADING_GROUP)
