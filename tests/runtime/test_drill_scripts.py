"""Drills are data: what is shipped makes sense, and what does not is refused before anybody plays it."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.releases import Document
from domain.vocabulary import IncidentId, ReleaseId
from runtime.drill.scenes import Decide, Lesson, Refused, Write
from runtime.drill.script import Script, ScriptError, load, names


@pytest.fixture(params=names())
def script(request: pytest.FixtureRequest) -> Script:
    return load(request.param)


def test_a_drill_writes_and_decides_and_makes_a_picture(script: Script) -> None:
    kinds = {type(scene) for scene in script.scenes}
    assert Write in kinds
    assert kinds & {Decide, Lesson, Refused}
    assert sum(scene.picture for scene in script.scenes) == 1


def test_every_sentence_is_there_in_both_languages(script: Script) -> None:
    for saying in (script.title, script.opening, *(scene.say for scene in script.scenes)):
        assert saying.zh.strip()
        assert saying.en.strip()
        assert saying.en.isprintable()


def test_every_text_is_one_that_the_api_takes(script: Script) -> None:
    for name, text in script.releases.items():
        for version in text.versions:
            document = Document(
                incident=IncidentId("0" * 32),
                release=ReleaseId("0" * 12),
                kind=text.kind,
                title=version.title,
                body=version.body,
                channels=text.channels,
            )
            assert len(document.digest()) == 64, name
            assert "\n" not in version.title


def test_a_drill_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ScriptError, match="canteen, flood"):
        load("earthquake")


def scenes(*more: dict[str, Any]) -> dict[str, Any]:
    """A drill with one release, whose scenes after the report are `more`."""
    say = {"zh": "说明", "en": "words"}
    report = {"do": "report", "at": 0}
    return {
        "name": "small",
        "title": say,
        "opening": say,
        "reporter": "liuba.editor",
        "incident": {"title": "标题", "summary": "摘要", "category": "emergency", "source": "patrol"},
        "releases": {"first": {"kind": "first", "versions": [{"title": "标题", "body": "正文"}]}},
        "scenes": [{"say": say, **scene} for scene in (report, *more)],
    }


WRITE = {"do": "write", "at": 1, "release": "first", "by": "editor@lead"}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ([WRITE | {"at": 2}, {"do": "await", "at": 1, "release": "first"}], "follow each other in time"),
        ([{"do": "report", "at": 1}], "each incident once"),
        ([{"do": "await", "at": 1, "release": "second"}], "not written yet"),
        (
            [{"do": "lesson", "at": 1, "release": "first", "step": "cosign", "by": "author", "expect": "own_draft"}],
            "1 of",
        ),
        ([WRITE, WRITE], "no version 1 to write now"),
        ([WRITE, WRITE | {"version": 2}], "no version 2 to write now"),
        ([WRITE | {"by": "author"}], "needs another who writes it"),
        ([WRITE, {"do": "decide", "at": 1, "release": "first", "outcome": "return"}], "needs its words"),
        ([{"do": "act", "at": 1, "command": "close", "by": "editor@lead", "body": {"sumary": ""}}], "sumary"),
        ([{"do": "act", "at": 1, "command": "close", "by": "holder"}], "pattern"),
    ],
)
def test_scenes_that_could_not_be_played_are_refused(more: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Script.model_validate(scenes(*more))


def test_a_drill_may_end_with_a_refusal() -> None:
    last = {"do": "refused", "at": 2, "command": "close", "by": "editor@office", "body": {"summary": "…"}}
    script = Script.model_validate(scenes(WRITE, last | {"expect": "hard_duty_pending"}))
    assert isinstance(script.scenes[-1], Refused)
