"""Policy files: what they say, how they extend each other, and how a wrong one says what is wrong with it."""

import tomllib
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import policies
from domain.policy import Policy
from domain.vocabulary import Channel, Level, ReleaseKind, StepKind

DEFAULT = "xiangyun-2019-54"


def table() -> dict[str, Any]:
    return tomllib.loads(resources.files("policies").joinpath(f"{DEFAULT}.toml").read_text("utf-8"))


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text, "utf-8")
    return file


def test_three_policies_are_installed_and_each_says_where_it_comes_from() -> None:
    assert policies.names() == ("drill", "national-2016", "xiangyun-2019-54")
    for name in policies.names():
        policy = policies.load(name)
        assert policy.id == name
        assert policy.title
        assert policy.title_en
        assert policy.source
        assert policy.effective.year in (2016, 2019)


@pytest.mark.parametrize(("name", "first", "response"), [(DEFAULT, 4, 36), ("national-2016", 5, 48), ("drill", 4, 36)])
def test_the_figures_are_those_of_the_documents(name: str, first: float, response: float) -> None:
    policy = policies.load(name)
    for level in Level:
        duties = {duty.kind: (duty.due_hours, duty.hard) for duty in policy.duties_at(level)}
        if level.grave:
            assert duties == {"first_release": (first, True), "press_conference": (24, True)}
        else:
            assert duties == {"first_release": (first, False), "response": (response, True)}
    rolling = policy.rolling_updates
    assert (rolling.every_hours, rolling.for_hours, rolling.then_every_hours) == (6, 48, 24)
    assert policy.chase.assessment[0].minutes == 30


def test_every_duty_names_its_article_or_document() -> None:
    default, national = policies.load(DEFAULT), policies.load("national-2016")
    assert {duty.kind: duty.article for duty in default.duties} == {
        "first_release": "10",
        "press_conference": "14",
        "response": "14",
    }
    assert {duty.article for duty in national.duties} == {"国办发〔2016〕61号", "国办发〔2016〕80号"}
    assert national.rolling_updates.article == national.result.article == "国办发〔2016〕61号"


def test_the_review_is_that_of_the_design() -> None:
    policy = policies.load(DEFAULT)
    unit, cosign, secret, county = (
        StepKind.UNIT_APPROVAL,
        StepKind.COSIGN,
        StepKind.CONFIDENTIALITY,
        StepKind.COUNTY_APPROVAL,
    )
    for level in Level:
        for kind in (ReleaseKind.FIRST, ReleaseKind.UPDATE):
            wanted = ((unit, secret), (county,)) if level.grave else ((unit,), (secret,))
            assert policy.stages(kind, level) == wanted
        for kind in (ReleaseKind.RESPONSE, ReleaseKind.RESULT, ReleaseKind.INTERPRETATION):
            last = ((county,),) if level.grave else ()
            assert policy.stages(kind, level) == ((unit,), (cosign,), (secret,), *last)


def test_a_drill_is_the_default_on_a_faster_clock() -> None:
    drill, default = policies.load("drill"), policies.load(DEFAULT)
    named = {"id", "title", "title_en", "hour_seconds", "retention_days"}
    assert drill.model_dump(exclude=named) == default.model_dump(exclude=named)
    assert (drill.hours(4), drill.minutes(30)) == (timedelta(seconds=24), timedelta(seconds=3))
    assert (default.hours(4), default.minutes(30)) == (timedelta(hours=4), timedelta(minutes=30))
    assert (drill.compressed, default.compressed) == (True, False)


def test_a_policy_survives_being_frozen_into_an_incident() -> None:
    for name in policies.names():
        policy = policies.load(name)
        assert Policy.model_validate_json(policy.model_dump_json()) == policy


# -- extending ----------------------------------------------------------------------------------------------


def test_a_policy_that_extends_another_changes_single_keys_also_within_tables(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "ours",
        'extends = "national-2016"\nid = "ours"\n[rolling_updates]\nevery_hours = 3\n[chase]\nparked = '
        '[{ minutes = 1, to = ["ops"] }]\n',
    )
    ours, national = policies.load_file(file), policies.load("national-2016")
    assert ours.rolling_updates.every_hours == 3
    assert ours.rolling_updates.article == national.rolling_updates.article
    assert len(ours.chase.parked) == 1
    assert ours.chase.step == national.chase.step
    assert ours.duties == national.duties


def test_policies_may_not_extend_each_other_in_a_circle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "one", 'extends = "two"\nid = "one"\n')
    written(tmp_path, "two", 'extends = "one"\nid = "two"\n')
    monkeypatch.setattr(policies, "_FOLDER", tmp_path)
    policies.load.cache_clear()
    with pytest.raises(policies.PolicyError, match="circle: one → two → one"):
        policies.load("one")


# -- what is wrong is said ------------------------------------------------------------------------------------


def test_an_unknown_policy_is_told_which_there_are() -> None:
    with pytest.raises(policies.PolicyError, match=r"there is no policy 'nowhere'; there are drill, national-2016"):
        policies.load("nowhere")


@pytest.mark.parametrize("name", ["../drill", "", "drill.toml"])
def test_a_policy_is_a_name_and_never_a_path(name: str) -> None:
    with pytest.raises(policies.PolicyError, match="there is no policy"):
        policies.load(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = ", "policy 'ours' is not TOML"),
        ('id = "ours"\nextends = "nowhere"\n', "there is no policy 'nowhere'"),
        (f'extends = "{DEFAULT}"\n', "policy file 'ours' calls itself 'xiangyun-2019-54'"),
        (f'extends = "{DEFAULT}"\nid = "ours"\nhour = 1\n', "hour"),
        ('id = "ours"\n', "duties"),
    ],
)
def test_a_file_that_is_no_policy_says_so(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(policies.PolicyError) as raised:
        policies.load_file(written(tmp_path, "ours", text))
    assert said in str(raised.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(policies.PolicyError, match="No such file"):
        policies.load_file(tmp_path / "ours.toml")


def _reminders(*fractions: float, to: str = "lead") -> list[dict[str, Any]]:
    return [{"fraction": fraction, "to": [to]} for fraction in fractions]


def _duty(number: int, **changes: object) -> dict[str, Any]:
    duties = table()["duties"]
    duties[number] |= changes
    return {"duties": duties}


def _part(name: str, **changes: object) -> dict[str, Any]:
    return {name: table()[name] | changes}


def _review(number: int, **changes: object) -> dict[str, Any]:
    rules = table()["review"]
    rules[number] |= changes
    return {"review": rules}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"channels": ["bulletin"], "mandatory_channel": "weibo"}, "mandatory_channel is not among channels"),
        ({"channels": []}, "channels"),
        ({"channels": ["fax"]}, "channels.0"),
        ({"hour_seconds": 0.01}, "hour_seconds"),
        ({"hour_seconds": 7200}, "hour_seconds"),
        ({"refusals_per_hour": 0}, "refusals_per_hour"),
        ({"id": "A policy"}, "id"),
        ({"effective": "some day"}, "effective"),
        (_duty(0, due_hours=0), "duties.0.due_hours"),
        (_duty(0, levels=[]), "duties.0.levels"),
        (_duty(0, kind="result"), "result counts from the last release"),
        (_duty(0, kind="rolling_update"), "rolling_update counts from the last release"),
        (
            _duty(0, kind="press_conference"),
            "two duties of one kind at especially_major; two duties of one kind at major",
        ),
        (_duty(0, reminders=[]), "duties.0.reminders"),
        (_duty(0, reminders=_reminders(0.5, 0.75)), "reminder fractions must rise and end at 1"),
        (_duty(0, reminders=_reminders(0.75, 0.5, 1)), "reminder fractions must rise and end at 1"),
        (_duty(0, reminders=_reminders(0.5, 0.5, 1)), "reminder fractions must rise and end at 1"),
        (_duty(0, reminders=_reminders(1.5)), "duties.0.reminders.0.fraction"),
        (_duty(1, reminders=_reminders(1, to="leading_group")), "a soft target never reaches the leading group"),
        (_part("result", reminders=_reminders(1, to="leading_group")), "a soft target never reaches the leading group"),
        (
            _part("rolling_updates", reminders=_reminders(1, to="leading_group")),
            "a soft target never reaches the leading group",
        ),
        (_part("rolling_updates", paused_every_hours=12), "a pause stretches the cadence"),
        (
            _part("chase", step=[{"minutes": 9, "to": ["ops"]}, {"minutes": 5, "to": ["ops"]}]),
            "rungs of a ladder must rise",
        ),
        (_part("chase", parked=[]), "chase.parked"),
        (_review(0, stages=[["unit_approval"]]), "every review needs unit_approval and confidentiality (Art. 11)"),
        (_review(0, stages=[["confidentiality"]]), "every review needs unit_approval and confidentiality (Art. 11)"),
        (
            _review(0, stages=[["unit_approval"], ["confidentiality", "unit_approval"]]),
            "a review names a step twice",
        ),
        (_review(0, kinds=["first"]), "exactly one review rule must cover update at significant"),
        (_review(0, levels=["general", "major", "ungraded"]), "exactly one review rule must cover first at major"),
    ],
)
def test_a_policy_that_makes_no_sense_names_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(policies.PolicyError) as raised:
        policies._validated(DEFAULT, table() | changes)
    assert said in str(raised.value)


def test_a_county_may_use_more_channels(tmp_path: Path) -> None:
    file = written(tmp_path, "ours", f'extends = "{DEFAULT}"\nid = "ours"\nchannels = ["bulletin", "wechat"]\n')
    assert policies.load_file(file).channels == (Channel.BULLETIN, Channel.WECHAT)
