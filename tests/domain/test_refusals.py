"""Every refusal: raised by somebody's real mistake, and said in a sentence that helps, in both languages."""

import ast
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from domain import commands as c
from domain import events as e
from domain.decide import decide, refuse
from domain.refusals import _TABLE, Code, Language, Refusal, RefusalRecord
from domain.vocabulary import Channel, CommandName, Origin
from tests.domain.world import DETECTED, INCIDENT, Play, digest, hours, submission

ROOT = Path(__file__).parents[2]
RELEASE = f"{1:012x}"
UNKNOWN = "ffffffffffff"
LATER = (DETECTED + hours(1)).isoformat()


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


# -- who makes which mistake -----------------------------------------------------------------------------


def fresh() -> Play:
    return Play()


def general() -> Play:
    return Play.of()


def several() -> Play:
    return Play.of(departments=["market", "health"])


def drafted() -> Play:
    play = Play.of()
    play.draft("qixia.editor", text="甲")
    return play


def approved() -> Play:
    play = drafted()
    play.sign("qixia.head", play.release(c.ReleaseId(RELEASE)).id, "unit_approval")
    return play


def public() -> Play:
    play = Play.of()
    play.assess()
    play.confirm_facts()
    play.publish("qixia.editor", "response", text="甲")
    return play


def going_out() -> Play:
    play = Play.of()
    play.assess()
    play.confirm_facts()
    play.sign_all(play.draft("qixia.editor", "response", text="甲"))
    return play


def closed() -> Play:
    play = public()
    play.do("office.duty", c.Close(summary="办结"))
    return play


def grave() -> Play:
    return Play.of(level="major", departments=["water"])


class Mistake(NamedTuple):
    code: Code
    world: Callable[[], Play]
    officer: str
    command: CommandName
    body: dict[str, Any]


V = {"release": RELEASE, "digest": digest("甲"), "channels": ["bulletin"]}
MISTAKES = [
    # submit
    Mistake(Code.NOT_PERMITTED, fresh, "qixia.reviewer", CommandName.SUBMIT, submission()),
    Mistake(Code.IN_THE_FUTURE, fresh, "qixia.editor", CommandName.SUBMIT, submission(detected_at=LATER)),
    Mistake(Code.UNKNOWN_UNIT, fresh, "qixia.editor", CommandName.SUBMIT, submission(departments=["nowhere"])),
    Mistake(Code.WRONG_UNIT_KIND, fresh, "qixia.editor", CommandName.SUBMIT, submission(departments=["liuba"])),
    Mistake(Code.WRONG_UNIT_KIND, fresh, "qixia.editor", CommandName.SUBMIT, submission(townships=["water"])),
    Mistake(Code.WRONG_UNIT_KIND, fresh, "qixia.editor", CommandName.SUBMIT, submission(superior_department="leading")),
    Mistake(Code.HOUR_SECONDS_OUTSIDE_DRILL, fresh, "qixia.editor", CommandName.SUBMIT, submission(hour_seconds=60)),
    Mistake(Code.ALREADY_SUBMITTED, general, "qixia.editor", CommandName.SUBMIT, submission()),
    # assess
    Mistake(Code.NO_INCIDENT, fresh, "office.duty", CommandName.ASSESS, {}),
    Mistake(Code.NOT_PERMITTED, general, "qixia.head", CommandName.ASSESS, {}),
    Mistake(Code.UNKNOWN_UNIT, general, "office.duty", CommandName.ASSESS, {"departments": ["nowhere"]}),
    Mistake(Code.WRONG_UNIT_KIND, general, "office.duty", CommandName.ASSESS, {"townships": ["water"]}),
    Mistake(Code.LEAD_NOT_INVOLVED, general, "office.duty", CommandName.ASSESS, {"lead": "liuba"}),
    Mistake(Code.NOT_SHORTER, general, "office.duty", CommandName.ASSESS, {"due_by": {"press_conference": LATER}}),
    Mistake(
        Code.NOT_SHORTER,
        general,
        "office.duty",
        CommandName.ASSESS,
        {"due_by": {"response": (DETECTED + hours(37)).isoformat()}},
    ),
    Mistake(
        Code.NOT_SHORTER, general, "office.duty", CommandName.ASSESS, {"due_by": {"response": DETECTED.isoformat()}}
    ),
    Mistake(
        Code.REASON_NEEDED,
        general,
        "office.duty",
        CommandName.ASSESS,
        {"detected_at": (DETECTED - hours(1)).isoformat()},
    ),
    Mistake(Code.IN_THE_FUTURE, general, "leading.head", CommandName.ASSESS, {"detected_at": LATER, "reason": "有误"}),
    Mistake(
        Code.HIGHER_APPROVAL,
        lambda: waited(general()),
        "office.duty",
        CommandName.ASSESS,
        {"detected_at": LATER, "reason": "有误"},
    ),
    Mistake(Code.REASON_NEEDED, general, "office.head", CommandName.ASSESS, {"respond": False}),
    Mistake(Code.HIGHER_APPROVAL, general, "office.duty", CommandName.ASSESS, {"respond": False, "reason": "不属实"}),
    Mistake(Code.HIGHER_APPROVAL, grave, "office.deputy", CommandName.ASSESS, {"respond": False, "reason": "不属实"}),
    Mistake(
        Code.HIGHER_APPROVAL,
        grave,
        "office.deputy",
        CommandName.ASSESS,
        {"respond": False, "reason": "不属实", "level": "general"},
    ),
    Mistake(
        Code.HIGHER_APPROVAL,
        lambda: Play.of(category="superior_request"),
        "office.deputy",
        CommandName.ASSESS,
        {"respond": False, "reason": "不属实", "category": "other"},
    ),
    Mistake(
        Code.PUBLICATION_UNDER_WAY,
        going_out,
        "office.head",
        CommandName.ASSESS,
        {"respond": False, "reason": "不属实"},
    ),
    # facts
    Mistake(Code.NOT_PERMITTED, several, "health.head", CommandName.CONFIRM_FACTS, {"summary": "属实"}),
    Mistake(Code.REASON_NEEDED, general, "office.duty", CommandName.CONFIRM_FACTS, {"summary": "属实"}),
    # draft and revise
    Mistake(Code.NOT_PERMITTED, general, "liuba.editor", CommandName.DRAFT_RELEASE, {**V, "kind": "first"}),
    Mistake(Code.NOT_PERMITTED, general, "qixia.reviewer", CommandName.DRAFT_RELEASE, {**V, "kind": "first"}),
    Mistake(Code.RELEASE_EXISTS, drafted, "qixia.editor", CommandName.DRAFT_RELEASE, {**V, "kind": "first"}),
    Mistake(Code.FACTS_NOT_CONFIRMED, general, "qixia.editor", CommandName.DRAFT_RELEASE, {**V, "kind": "response"}),
    Mistake(Code.MALFORMED, general, "qixia.editor", CommandName.DRAFT_RELEASE, {**V, "kind": "correction"}),
    Mistake(
        Code.MALFORMED,
        public,
        "qixia.editor",
        CommandName.DRAFT_RELEASE,
        {**V, "release": UNKNOWN, "kind": "first", "corrects": RELEASE},
    ),
    Mistake(
        Code.NO_RELEASE,
        general,
        "qixia.editor",
        CommandName.DRAFT_RELEASE,
        {**V, "kind": "correction", "corrects": UNKNOWN},
    ),
    Mistake(
        Code.NOT_PUBLISHED,
        drafted,
        "qixia.editor",
        CommandName.DRAFT_RELEASE,
        {**V, "release": UNKNOWN, "kind": "correction", "corrects": RELEASE},
    ),
    Mistake(
        Code.CHANNEL_UNKNOWN,
        general,
        "qixia.editor",
        CommandName.DRAFT_RELEASE,
        {**V, "kind": "first", "channels": ["bulletin", "weibo"]},
    ),
    Mistake(
        Code.CHANNEL_MISSING,
        lambda: with_channels(),
        "qixia.editor",
        CommandName.DRAFT_RELEASE,
        {**V, "kind": "first", "channels": ["wechat"]},
    ),
    Mistake(Code.NO_RELEASE, general, "qixia.editor", CommandName.REVISE_RELEASE, {**V, "release": UNKNOWN}),
    Mistake(Code.NOTHING_CHANGED, drafted, "qixia.editor", CommandName.REVISE_RELEASE, V),
    Mistake(Code.NOT_PERMITTED, drafted, "liuba.editor", CommandName.REVISE_RELEASE, V),
    Mistake(Code.VERSION_FROZEN, going_out, "qixia.editor", CommandName.REVISE_RELEASE, {**V, "digest": digest("乙")}),
    # decide
    Mistake(
        Code.NO_RELEASE,
        general,
        "qixia.head",
        CommandName.APPROVE,
        {"release": UNKNOWN, "step": "unit_approval", "digest": digest("甲")},
    ),
    Mistake(
        Code.NO_SUCH_STEP,
        drafted,
        "office.duty",
        CommandName.APPROVE,
        {"release": RELEASE, "step": "county_approval", "digest": digest("甲")},
    ),
    Mistake(
        Code.NOT_YOUR_STEP,
        drafted,
        "liuba.head",
        CommandName.APPROVE,
        {"release": RELEASE, "step": "unit_approval", "digest": digest("甲")},
    ),
    Mistake(
        Code.OWN_DRAFT,
        drafted,
        "qixia.editor",
        CommandName.APPROVE,
        {"release": RELEASE, "step": "unit_approval", "digest": digest("甲")},
    ),
    Mistake(
        Code.STALE_DIGEST,
        drafted,
        "qixia.head",
        CommandName.APPROVE,
        {"release": RELEASE, "step": "unit_approval", "digest": digest("乙")},
    ),
    Mistake(
        Code.STEP_NOT_OPEN,
        approved,
        "qixia.deputy",
        CommandName.APPROVE,
        {"release": RELEASE, "step": "unit_approval", "digest": digest("甲")},
    ),
    Mistake(
        Code.MALFORMED,
        approved,
        "qixia.reviewer",
        CommandName.APPROVE,
        {"release": RELEASE, "step": "confidentiality", "digest": digest("甲")},
    ),
    Mistake(
        Code.RELEASE_DECIDED,
        public,
        "qixia.deputy",
        CommandName.RETURN_RELEASE,
        {"release": RELEASE, "step": "unit_approval", "digest": digest("甲"), "reason": "有误"},
    ),
    Mistake(
        Code.NOT_YOUR_STEP,
        drafted,
        "liuba.reviewer",
        CommandName.RETURN_RELEASE,
        {"release": RELEASE, "step": "confidentiality", "digest": digest("甲"), "reason": "有误"},
    ),
    Mistake(
        Code.NOT_YOUR_STEP,
        drafted,
        "qixia.head",
        CommandName.REVIEW_CONFIDENTIALITY,
        {"release": RELEASE, "digest": digest("甲"), "outcome": "cleared"},
    ),
    Mistake(
        Code.STEP_NOT_OPEN,
        drafted,
        "qixia.reviewer",
        CommandName.REVIEW_CONFIDENTIALITY,
        {"release": RELEASE, "digest": digest("甲"), "outcome": "cleared"},
    ),
    Mistake(
        Code.GROUND_NEEDED,
        approved,
        "qixia.reviewer",
        CommandName.REVIEW_CONFIDENTIALITY,
        {"release": RELEASE, "digest": digest("甲"), "outcome": "refused"},
    ),
    Mistake(
        Code.AUTHORITY_NEEDED,
        approved,
        "qixia.reviewer",
        CommandName.REVIEW_CONFIDENTIALITY,
        {"release": RELEASE, "digest": digest("甲"), "outcome": "undecided"},
    ),
    Mistake(
        Code.SECOND_STEP,
        lambda: assigned_twice(),
        "office.head",
        CommandName.APPROVE,
        {"release": RELEASE, "step": "county_approval", "digest": digest("甲")},
    ),
    # assign and cancel
    Mistake(
        Code.NOT_PERMITTED,
        drafted,
        "qixia.head",
        CommandName.ASSIGN_STEP,
        {"release": RELEASE, "step": "unit_approval", "officer": "liuba.head", "reason": "外出"},
    ),
    Mistake(
        Code.NO_SUCH_STEP,
        drafted,
        "office.duty",
        CommandName.ASSIGN_STEP,
        {"release": RELEASE, "step": "cosign", "officer": "liuba.head", "reason": "外出"},
    ),
    Mistake(
        Code.OWN_DRAFT,
        drafted,
        "office.duty",
        CommandName.ASSIGN_STEP,
        {"release": RELEASE, "step": "unit_approval", "officer": "qixia.editor", "reason": "外出"},
    ),
    Mistake(
        Code.SECOND_STEP,
        approved,
        "office.duty",
        CommandName.ASSIGN_STEP,
        {"release": RELEASE, "step": "confidentiality", "officer": "qixia.head", "reason": "外出"},
    ),
    Mistake(
        Code.VERSION_FROZEN,
        public,
        "office.duty",
        CommandName.ASSIGN_STEP,
        {"release": RELEASE, "step": "unit_approval", "officer": "liuba.head", "reason": "外出"},
    ),
    Mistake(Code.NO_RELEASE, general, "office.duty", CommandName.CANCEL_RELEASE, {"release": UNKNOWN, "reason": "撤"}),
    Mistake(
        Code.NOT_PERMITTED, drafted, "qixia.editor", CommandName.CANCEL_RELEASE, {"release": RELEASE, "reason": "撤"}
    ),
    Mistake(
        Code.VERSION_FROZEN, public, "office.duty", CommandName.CANCEL_RELEASE, {"release": RELEASE, "reason": "撤"}
    ),
    # updates
    Mistake(Code.NO_UPDATES_OWED, general, "office.duty", CommandName.PAUSE_UPDATES, {"reason": "间歇"}),
    Mistake(Code.NOT_PERMITTED, general, "qixia.head", CommandName.PAUSE_UPDATES, {"reason": "间歇"}),
    Mistake(Code.NO_UPDATES_OWED, general, "office.duty", CommandName.RESUME_UPDATES, {}),
    # conferences
    Mistake(
        Code.NOT_PERMITTED,
        grave,
        "water.head",
        CommandName.SCHEDULE_CONFERENCE,
        {"at": LATER, "venue": "会议室", "attendees": ["water.head"]},
    ),
    Mistake(
        Code.IN_THE_PAST,
        grave,
        "press.desk",
        CommandName.SCHEDULE_CONFERENCE,
        {"at": DETECTED.isoformat(), "venue": "会议室", "attendees": ["water.head"]},
    ),
    Mistake(
        Code.ATTENDEE_MISSING,
        grave,
        "press.desk",
        CommandName.SCHEDULE_CONFERENCE,
        {"at": LATER, "venue": "会议室", "attendees": ["press.head", "water.editor"]},
    ),
    Mistake(
        Code.IN_THE_FUTURE,
        grave,
        "press.desk",
        CommandName.RECORD_CONFERENCE,
        {"held_at": LATER, "attendees": ["water.head"]},
    ),
    Mistake(
        Code.BEFORE_DETECTION,
        grave,
        "press.desk",
        CommandName.RECORD_CONFERENCE,
        {"held_at": (DETECTED - hours(1)).isoformat(), "attendees": ["water.head"]},
    ),
    Mistake(
        Code.ATTENDEE_MISSING,
        grave,
        "press.desk",
        CommandName.RECORD_CONFERENCE,
        {"held_at": DETECTED.isoformat(), "attendees": ["liuba.head"]},
    ),
    # supervise
    Mistake(Code.NOT_PERMITTED, general, "office.duty", CommandName.WAIVE, {"obligation": "response", "reason": "免"}),
    Mistake(
        Code.HIGHER_APPROVAL, general, "office.head", CommandName.WAIVE, {"obligation": "response", "reason": "免"}
    ),
    Mistake(
        Code.NO_OBLIGATION,
        general,
        "leading.head",
        CommandName.WAIVE,
        {"obligation": "press_conference", "reason": "免"},
    ),
    Mistake(Code.NOT_PERMITTED, general, "qixia.head", CommandName.CLOSE, {"summary": "办结"}),
    Mistake(Code.HARD_DUTY_PENDING, general, "office.duty", CommandName.CLOSE, {"summary": "办结"}),
    Mistake(Code.NOT_ASSESSED, lambda: waived(general()), "office.duty", CommandName.CLOSE, {"summary": "办结"}),
    Mistake(Code.RESULT_OWED, lambda: investigating(), "office.duty", CommandName.CLOSE, {"summary": "办结"}),
    Mistake(
        Code.PUBLICATION_UNDER_WAY, lambda: waived(going_out()), "office.duty", CommandName.CLOSE, {"summary": "办结"}
    ),
    Mistake(Code.INCIDENT_ENDED, closed, "office.duty", CommandName.CLOSE, {"summary": "办结"}),
    Mistake(Code.INCIDENT_ENDED, closed, "qixia.editor", CommandName.DRAFT_RELEASE, {**V, "kind": "update"}),
    Mistake(
        Code.INCIDENT_ENDED,
        closed,
        "qixia.head",
        CommandName.APPROVE,
        {"release": RELEASE, "step": "unit_approval", "digest": digest("甲")},
    ),
    Mistake(Code.NOT_ENDED, general, "office.duty", CommandName.REOPEN, {"reason": "再次发酵"}),
    Mistake(Code.IN_THE_FUTURE, closed, "office.duty", CommandName.REOPEN, {"reason": "再次", "detected_at": LATER}),
    Mistake(Code.NOT_PERMITTED, closed, "qixia.head", CommandName.REOPEN, {"reason": "再次发酵"}),
    Mistake(Code.NOT_PERMITTED, general, "liuba.editor", CommandName.NOTE, {"text": "附记"}),
    Mistake(Code.NOTHING_BLOCKED, general, "ops.oncall", CommandName.RETRY_BLOCKED, {}),
    Mistake(Code.NOT_PERMITTED, general, "qixia.head", CommandName.RETRY_BLOCKED, {}),
]

ELSEWHERE: dict[Code, dict[str, object]] = {
    Code.UNSEALED: {},
    Code.SEAL_MISMATCH: {},
    Code.SEAL_EXPIRED: {"expired_at": DETECTED.isoformat()},
    Code.UNKNOWN_ACTOR: {"actor": "qixia.editor"},
    Code.UNKNOWN_COMMAND: {"command": "publish"},
    Code.PLAIN_TEXT: {"fields": ["reason", "summary"]},
    Code.TEXT_MISSING: {},
    Code.UNKNOWN_OFFICER: {"officers": ["nobody.here"]},
}
"""What admission says before any rule is asked."""


def waited(play: Play) -> Play:
    play.wait(hours(2))
    return play


def waived(play: Play) -> Play:
    play.do("leading.head", c.Waive.model_validate({"obligation": "response", "reason": "统一发布"}))
    return play


def investigating() -> Play:
    play = Play.of()
    play.assess(investigation=True)
    play.confirm_facts()
    play.publish("qixia.editor", "response")
    return play


def with_channels() -> Play:
    play = Play()
    play.policy = play.policy.model_copy(update={"channels": (Channel.BULLETIN, Channel.WECHAT)})
    play.do("qixia.editor", c.Submit.model_validate(submission()))
    return play


def assigned_twice() -> Play:
    play = Play.of(level="major", townships=[])
    release = play.draft("office.duty", text="甲")
    play.sign("office.head", release, "unit_approval")
    play.sign("office.reviewer", release, "confidentiality")
    return play


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.command}-{m.code}")
def test_each_mistake_is_refused_recorded_and_explained(mistake: Mistake) -> None:
    play = mistake.world()
    before = play.state
    ruling = play.attempt(mistake.officer, c.COMMANDS[mistake.command].model_validate(mistake.body))
    refusal = ruling.refusal
    assert refusal is not None
    assert refusal.code is mistake.code
    assert [type(fact) for fact in ruling.batch.facts] == [e.Refused]
    assert ruling.batch.by.actor == mistake.officer
    for language in Language:
        sentence = refusal.sentence(language)
        assert "{" not in sentence
        assert "…" not in sentence
    if before is not None:
        counted = {"seq", "refusals", "refusals_since"}
        assert play.incident.model_dump(exclude=counted) == before.model_dump(exclude=counted)


def test_every_command_can_be_refused_and_every_code_is_shown_here() -> None:
    assert {m.command for m in MISTAKES} == set(CommandName)
    assert {m.code for m in MISTAKES} | set(ELSEWHERE) == set(Code)


@pytest.mark.parametrize("code", ELSEWHERE)
def test_what_admission_refuses_is_explained_too(code: Code) -> None:
    record = Refusal(code, **ELSEWHERE[code]).record
    for language in Language:
        assert "{" not in record.sentence(language)


@pytest.mark.parametrize("code", Code)
def test_both_languages_ask_for_the_same_particulars_or_fewer(code: Code) -> None:
    _, zh, en = _TABLE[code]
    assert placeholders(zh) == placeholders(en)


def _refusals(tree: ast.AST) -> list[tuple[Code, set[str]]]:
    """Code and named particulars of each `Refusal(Code.X, …)` that spells them out."""
    found: list[tuple[Code, set[str]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
            code = node.args[0] if node.args else None
            names = [keyword.arg for keyword in node.keywords]
            if isinstance(code, ast.Attribute) and None not in names:
                found.append((Code[code.attr], {name for name in names if name}))
    return found


def test_wherever_a_refusal_is_raised_its_sentence_gets_what_it_needs() -> None:
    seen = 0
    for package in ("domain", "activities", "api", "db", "workflows"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for code, given in _refusals(ast.parse(file.read_text("utf-8"))):
                assert placeholders(_TABLE[code][2]) <= given, (file.name, code)
                seen += 1
    assert seen > 40


# -- sentences --------------------------------------------------------------------------------------------


def test_a_sentence_shows_names_where_they_are_known() -> None:
    record = Refusal(
        Code.NOT_YOUR_STEP, actor="qixia.editor", step="confidentiality", holders=("qixia.reviewer", "x.y")
    ).record
    names = {"qixia.reviewer": "许建军", "confidentiality": "保密审查", "qixia.editor": "潘秀英"}
    assert record.sentence(Language.ZH, names) == "“保密审查”由 许建军、x.y 办理,不由 潘秀英 办理"
    assert record.sentence(Language.EN, names) == "“保密审查” is waiting for 许建军, x.y, not for 潘秀英"


# -- a refusal keeps no words -------------------------------------------------------------------------------


def test_a_command_called_after_a_person_leaves_no_name_in_the_ledger() -> None:
    by = e.Authorship(origin=Origin.SIGNAL, issued_at=DETECTED, decided_at=DETECTED)
    refusal = Refusal(Code.UNKNOWN_COMMAND, command="公布张三的住址").record
    ruling = refuse("bad/1", by, "公布张三的住址", refusal)
    assert "张三" not in ruling.batch.model_dump_json()
    assert refusal.sentence(Language.EN) == "There is no command “…”"
    kept = ruling.batch.facts[0]
    assert isinstance(kept, e.Refused)
    assert kept.command == "unknown"


def test_a_field_called_after_a_person_leaves_no_name_either() -> None:
    assert RefusalRecord(code=Code.MALFORMED, params={"fields": "张三"}).params == {"fields": "…"}
    assert RefusalRecord(code=Code.MALFORMED, params={"fields": "a" * 500}).params == {"fields": "…"}
    assert RefusalRecord(code=Code.MALFORMED, params={"fields": "townships.0,lead"}).params == {
        "fields": "townships.0,lead"
    }


def test_refusals_are_counted_by_the_hour() -> None:
    play = Play.of()
    for expected in (1, 2, 3):
        play.refused("qixia.head", c.Close(summary="办结"))
        assert play.incident.refusals_within(play.now) == expected
        play.wait(hours(0.3))
    play.wait(hours(0.2))
    assert play.incident.refusals_within(play.now) == 0
    play.refused("qixia.head", c.Close(summary="办结"))
    assert play.incident.refusals_within(play.now) == 1


def test_a_submission_without_policy_or_number_is_malformed() -> None:
    play = Play()
    command = c.Submit.model_validate(submission())
    envelope = play.envelope("qixia.editor", command).model_copy(update={"policy": None})
    ruling = decide(None, command, envelope, play.now, INCIDENT)
    assert ruling.refusal is not None
    assert ruling.refusal.params == {"fields": "policy,number"}
