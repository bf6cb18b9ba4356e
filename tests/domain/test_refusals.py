"""Every refusal: raised by somebody's real mistake, and said in a sentence that helps, in both languages."""

import ast
import string
from pathlib import Path

import pytest

from domain import commands as c
from domain import events as e
from domain.decide import decide, refuse
from domain.refusals import _TABLE, Code, Language, Refusal, RefusalRecord
from domain.vocabulary import CommandName, Origin
from tests.domain.mistakes import ELSEWHERE, MISTAKES, Mistake
from tests.domain.world import DETECTED, INCIDENT, Play, hours, submission

ROOT = Path(__file__).parents[2]


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{m.command}-{m.code}-{n}" for n, m in enumerate(MISTAKES)])
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
    assert record.sentence(Language.ZH, names) == "“保密审查”由 许建军、x.y 办理，不由 潘秀英 办理"
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
