"""Commands: which fields hold words, what may stand for them, and what is malformed from the start."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from domain import commands as c
from domain.vocabulary import CommandName
from tests.domain.world import reference, submission, travelled

LONG = "长" * 20_001


HELD = {"held_at": "2026-03-18T15:20:00Z", "attendees": ["water.head"]}


def test_every_name_has_its_command_and_no_other() -> None:
    assert set(c.COMMANDS) == set(CommandName)
    assert all(command.name == name for name, command in c.COMMANDS.items())


def test_every_field_that_holds_words_is_known_to_hold_them() -> None:
    found = {name: " ".join(c.text_fields(command)) for name, command in c.COMMANDS.items()}
    assert {name: fields for name, fields in found.items() if fields} == {
        "submit": "title summary links",
        "assess": "reason",
        "confirm_facts": "summary reason",
        "agree_figure": "fact",
        "withdraw_figure": "reason",
        "draft_release": "experts",
        "approve": "comment",
        "return_release": "reason",
        "settle_disagreement": "reason",
        "review_confidentiality": "comment law asked redactions",
        "assign_step": "reason",
        "emergency_release": "reason",
        "cancel_release": "reason",
        "withdraw_release": "reason",
        "resolve_publication": "reason",
        "record_superior_release": "scope",
        "pause_updates": "reason",
        "resume_updates": "reason",
        "schedule_conference": "venue invited",
        "approve_conference": "comment",
        "postpone_conference": "venue reason",
        "cancel_conference": "reason",
        "record_conference": "transcript_url",
        "convene_consultation": "agenda conclusions release_plan handling_plan",
        "conclude_consultation": "conclusions release_plan handling_plan",
        "assign_task": "what",
        "complete_task": "report",
        "designate_lead": "reason",
        "refer_rumour": "claim falsehood intent harm legal_ground links",
        "confirm_referral": "reason",
        "acknowledge_referral": "receipt",
        "merge_into": "reason",
        "waive": "reason",
        "close": "summary",
        "reopen": "reason",
        "note": "text",
        "restrict_incident": "reason",
        "lift_restriction": "reason",
    }


def test_references_take_the_place_of_words_and_of_nothing_else() -> None:
    command = c.Submit.model_validate(submission(links=["https://v.example/甲", "https://v.example/乙"]))
    assert c.texts(command) == ("停水", "集镇停水三日", "https://v.example/甲", "https://v.example/乙")
    referred = c.refer(command, reference)
    assert c.texts(referred) == tuple(reference(text) for text in c.texts(command))
    assert all(c.is_reference(text) for text in c.texts(referred))
    words = set(c.text_fields(c.Submit))
    assert referred.model_dump(exclude=words) == command.model_dump(exclude=words)


def test_what_was_left_out_stays_left_out_on_its_way() -> None:
    command = c.Assess.model_validate({"reason": "改判", "superior_department": None})
    assert travelled(command).model_fields_set == {"reason", "superior_department"}


@pytest.mark.parametrize("text", ["", "停水", "t1:", "t1:" + "a" * 63, "t1:" + "A" * 64, "t1:" + "a" * 64 + "\n"])
def test_only_a_reference_is_a_reference(text: str) -> None:
    assert not c.is_reference(text)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("submit", submission(title="")),
        ("submit", submission(title=" \n\t")),
        ("submit", submission(title="长" * 201)),
        ("submit", submission(summary=LONG)),
        ("submit", submission(detected_at="2026-03-18T15:20:00")),
        ("submit", submission(detected_at="1999-12-31T23:59:59Z")),
        ("submit", submission(detected_at="2000-01-01T00:00:00+08:00")),
        ("submit", submission(detected_at="2100-01-01T00:00:00Z")),
        ("submit", submission(detected_at="0001-01-01T00:00:00+08:00")),
        ("submit", submission(detected_at="9999-12-31T23:59:59-08:00")),
        ("submit", submission(links=["javascript:alert(1)"])),
        ("submit", submission(links=["https://v.example/" + "a" * 500])),
        ("submit", submission(townships=["Qixia"])),
        ("submit", submission(townships=["qixia"] * 61)),
        ("submit", submission(level="grave")),
        ("submit", submission(unknown=1)),
        ("submit", submission(drill=True, hour_seconds=0)),
        ("submit", submission(drill=True, hour_seconds=float("nan"))),
        ("submit", submission(drill=True, hour_seconds=3601)),
        ("assess", {"due_by": {"lunch": "2026-03-18T15:20:00Z"}}),
        ("draft_release", {"release": "x", "digest": "a" * 64, "channels": ["bulletin"], "kind": "first"}),
        ("draft_release", {"release": "a" * 12, "digest": "a" * 63, "channels": ["bulletin"], "kind": "first"}),
        ("draft_release", {"release": "a" * 12, "digest": "a" * 64, "channels": [], "kind": "first"}),
        ("schedule_conference", {"at": "2026-03-18T15:20:00Z", "venue": "厅", "attendees": []}),
        ("record_conference", HELD | {"transcript_url": "javascript:alert(1)"}),
        ("record_conference", HELD | {"transcript_url": "实录见网站"}),
        ("record_conference", HELD | {"transcript_url": "https://example.gov.cn/a b"}),
        ("note", {}),
        ("retry_blocked", {"now": True}),
    ],
)
def test_what_makes_no_sense_is_no_command(name: str, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        c.COMMANDS[CommandName(name)].model_validate(body)


def test_instants_are_kept_in_utc_whatever_they_were_written_in() -> None:
    command = c.Submit.model_validate(submission(detected_at="2026-03-18T15:20:00+08:00"))
    assert command.detected_at == datetime(2026, 3, 18, 7, 20, tzinfo=UTC)
    assert command.detected_at.tzinfo is UTC


@pytest.mark.parametrize("instant", ["2000-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "2100-01-01T07:59:59+08:00"])
def test_an_instant_that_was_accepted_is_accepted_when_it_is_read_back(instant: str) -> None:
    command = c.Submit.model_validate(submission(detected_at=instant))
    assert c.Submit.model_validate_json(command.model_dump_json()) == command


def test_a_recording_is_linked_to_by_an_address_or_by_its_reference() -> None:
    command = c.RecordConference.model_validate(HELD | {"transcript_url": "https://example.gov.cn/live/1"})
    assert travelled(command).transcript_url == reference("https://example.gov.cn/live/1")  # type: ignore[attr-defined]


def test_everybody_named_is_named() -> None:
    assess = c.Assess.model_validate(
        {"townships": ["qixia"], "departments": ["water"], "superior_department": "water", "lead": "qixia"}
    )
    assert set(assess.units_named()) == {"qixia", "water"}
    held = c.RecordConference.model_validate(HELD | {"attendees": ["a.b", "c.d"]})
    assert held.officers_named() == ("a.b", "c.d")
