"""Drills are data: what is shipped makes sense, and what does not is refused before anybody plays it."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.releases import Document
from domain.vocabulary import Category, CommandName, IncidentId, Level, ReleaseId, ReleaseKind
from runtime.drill.first import FIRST
from runtime.drill.run import SPEEDS
from runtime.drill.scenes import Act, Decide, Refused, Report, Write
from runtime.drill.script import Script, ScriptError, load, names


@pytest.fixture(params=names())
def script(request: pytest.FixtureRequest) -> Script:
    return load(request.param)


def test_a_drill_teaches_and_has_its_picture(script: Script) -> None:
    lessons = [scene for scene in script.scenes if getattr(scene, "expect", None)]
    assert lessons or any(isinstance(scene, Decide) and scene.outcome == "return" for scene in script.scenes)
    assert sum(scene.picture for scene in script.scenes) == 1


def test_the_drill_of_a_newcomer_takes_a_good_minute() -> None:
    assert load(FIRST).hours * SPEEDS["normal"] < 90


BY_OTHER_SCENES = {
    CommandName.SUBMIT: Report,
    CommandName.DRAFT_RELEASE: Write,
    CommandName.REVISE_RELEASE: Write,
    CommandName.APPROVE: Decide,
    CommandName.RETURN_RELEASE: Decide,
}
# One is never a person's; the other two need a channel that fails, and in a drill none does.
NEVER = {
    CommandName.ABSORB,
    CommandName.RESOLVE_PUBLICATION,
    CommandName.RETRY_BLOCKED,
    # A drill is for everybody to watch; these would hide it from most who play in it.
    CommandName.RESTRICT_INCIDENT,
    CommandName.LIFT_RESTRICTION,
}


def test_together_the_drills_give_every_command() -> None:
    scenes = [scene for name in names() for scene in load(name).scenes]
    given = {scene.command for scene in scenes if isinstance(scene, Act)}
    given |= {name for name, kind in BY_OTHER_SCENES.items() if any(isinstance(scene, kind) for scene in scenes)}
    assert given == set(CommandName) - NEVER


def test_together_the_drills_have_every_category_level_and_kind_of_release() -> None:
    scripts = [load(name) for name in names()]
    reports = [report.incident for script in scripts for report in script.reports.values()]
    assessed = [s.body for script in scripts for s in script.scenes if isinstance(s, Act) and s.command == "assess"]
    assert {report["category"] for report in reports} == set(Category)
    assert {body.get("level") for body in (*reports, *assessed)} - {None} == set(Level)
    assert {text.kind for script in scripts for text in script.releases.values()} == set(ReleaseKind)


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
    with pytest.raises(ScriptError, match="canteen, flood, insurance"):
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
MERGE = {"do": "act", "at": 1, "command": "merge_into", "by": "editor@office", "body": {"reason": "…"}}
WITHDRAW = {
    "do": "act",
    "at": 1,
    "command": "withdraw_release",
    "by": "editor@office",
    "releases": {"release": "first"},
}


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
        ([{"do": "act", "at": 1, "command": "close", "by": "editor@lead", "on": "other"}], "not reported yet"),
        ([MERGE | {"incidents": {"survivor": "other"}}], "no incidents"),
        ([MERGE | {"incidents": {"surviver": "main"}}], "surviver"),
        ([WITHDRAW], "not written yet"),
        ([WRITE, WITHDRAW | {"version": 2}], "not written yet"),
        ([WRITE | {"expect": "own_draft"}, WITHDRAW], "not written yet"),
        ([{"do": "await", "at": 1}], "either a release or a phase"),
    ],
)
def test_scenes_that_could_not_be_played_are_refused(more: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Script.model_validate(scenes(*more))


def test_a_drill_may_end_with_a_refusal() -> None:
    last = {"do": "refused", "at": 2, "command": "close", "by": "editor@office", "body": {"summary": "…"}}
    script = Script.model_validate(scenes(WRITE, last | {"expect": "hard_duty_pending"}))
    assert isinstance(script.scenes[-1], Refused)


def test_an_incident_is_not_reported_before_it_is_detected() -> None:
    early = scenes(WRITE)
    early["scenes"][0] |= {"detected": 1}
    with pytest.raises(ValidationError, match="before it is detected"):
        Script.model_validate(early)


def test_every_other_incident_is_reported() -> None:
    lost = {"reporter": "liuba.editor", "incident": scenes()["incident"]}
    with pytest.raises(ValidationError, match="each incident once"):
        Script.model_validate(scenes() | {"others": {"second": lost}})
