"""Forms say whatever a JSON body can say, and are judged as strictly."""

import json
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.datastructures import FormData

from api import examples
from api.bodies import parse
from api.console import forms
from api.console.forms import Kind, Many, given, make, read, written
from api.drafts import Draft
from api.problems import Problem
from domain import commands as c
from domain.refusals import Language
from domain.vocabulary import CommandName, ObligationKind

ZH, EN = Language.ZH, Language.EN
EVERY = [(c.COMMANDS[name], examples.COMMANDS[name]) for name in CommandName if name in examples.COMMANDS]


def parsed(model: type[BaseModel], body: dict[str, Any]) -> BaseModel:
    return parse(model, json.dumps(body).encode())


def faults_of(model: type[BaseModel], posted: Many) -> dict[str, str]:
    with pytest.raises(Problem) as raised:
        read(model, posted)
    return {fault.field: fault.message[0] for fault in raised.value.faults}


@pytest.mark.parametrize(("model", "body"), [*EVERY, (Draft, examples.DRAFT)], ids=lambda p: getattr(p, "__name__", ""))
def test_what_a_body_says_a_form_says_as_well(model: type[BaseModel], body: dict[str, Any]) -> None:
    # A form sends what is empty as nothing.
    filled = {name: value for name, value in body.items() if value not in (None, [])}
    assert read(model, written(model, body)) == parsed(model, filled)


@pytest.mark.parametrize(("model", "body"), [*EVERY, (Draft, examples.DRAFT)], ids=lambda p: getattr(p, "__name__", ""))
@pytest.mark.parametrize("language", [ZH, EN])
def test_every_field_has_a_name_and_shows_what_was_written(
    model: type[BaseModel], body: dict[str, Any], language: Language
) -> None:
    values = written(model, body)
    form = make(model, language, values, about=getattr(model, "name", "draft"))
    for field in form:
        assert field.label
        assert any(letter >= "一" for letter in field.label) == (language is ZH)
        if field.shape.kind is not Kind.INSTANTS:
            assert list(field.values) == values[field.name]


def test_a_missing_word_is_missed_and_everything_else_is_kept() -> None:
    posted = written(c.Submit, examples.COMMANDS["submit"]) | {
        "title": [" "],
        "detected_at": ["昨天"],
        "category": ["x"],
    }
    with pytest.raises(Problem) as raised:
        read(c.Submit, posted)
    form = make(c.Submit, ZH, posted, about="submit", faults=raised.value.faults)
    assert form["detected_at"].faults == ("请按“年-月-日 时:分”填写时间",)
    assert form["summary"].value == examples.COMMANDS["submit"]["summary"]
    assert {"title", "category"} <= faults_of(c.Submit, posted | {"detected_at": ["2026-11-03T15:20"]}).keys()


def test_an_instant_is_beijing_time_and_keeps_its_seconds() -> None:
    posted = written(c.Reopen, {"reason": "x"}) | {"detected_at": ["2026-11-03T15:20"]}
    found = read(c.Reopen, posted).detected_at
    assert found is not None
    assert found.isoformat() == "2026-11-03T07:20:00+00:00"
    assert forms.local(found) == "2026-11-03T15:20"
    assert forms.local(found.replace(second=5, microsecond=9_000)) == "2026-11-03T15:20:05.009"


def test_lists_are_a_line_each_and_a_wrong_one_is_told_by_its_place() -> None:
    link = "https://v.example/1"
    posted = written(c.Submit, examples.COMMANDS["submit"]) | {"links": [f"{link}\r\n\r\n {link} \n微博@某某"]}
    with pytest.raises(Problem) as raised:
        read(c.Submit, posted)
    form = make(c.Submit, ZH, posted, about="submit", faults=raised.value.faults)
    assert form["links"].faults == ("第 3 项：格式不正确",)


def test_a_superiors_instants_are_one_for_each_duty() -> None:
    read_back = read(c.Assess, {"due_by.response": ["2026-11-03T18:00"], "due_by.result": [""]})
    assert set(read_back.due_by) == {ObligationKind.RESPONSE}
    assert faults_of(c.Assess, {"due_by.response": ["soon"]}) == {"due_by.response": "请按“年-月-日 时:分”填写时间"}


def test_what_cannot_be_stored_and_answers_that_are_none_are_faults() -> None:
    assert set(faults_of(c.Note, {"text": ["a\x00"]})) == {"text"}
    assert faults_of(c.ConfirmReferral, {"referral": ["r1"], "confirmed": ["yes"]}) == {
        "confirmed": "须为 true 或 false"
    }


def test_what_still_reads_as_it_was_is_left_out_and_what_was_emptied_is_emptied() -> None:
    before = written(c.Assess, {"level": "general", "townships": ["qixia"], "lead": "water"})
    posted = before | {"level": ["major"], "townships": [], "lead": [""]}
    assert read(c.Assess, posted, before).model_dump(exclude_unset=True) == {
        "level": "major",
        "townships": (),
        "lead": None,
    }


def test_files_and_unknown_fields_are_no_words() -> None:
    assert given(FormData([("a", "1"), ("a", "2"), ("csrf", "x")])) == {"a": ["1", "2"], "csrf": ["x"]}
