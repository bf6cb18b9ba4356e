"""The permission table, written out by people: who may do and read what on one incident."""

import pytest

from domain.permissions import PERMISSIONS, relations, seat_for
from domain.vocabulary import CommandName, ReadName, Relation, ReleaseId, Role
from tests.domain.world import Play, actor, county

PEOPLE = {
    "reporter": ("liuba.editor", "liuba.head"),
    "lead": ("market.editor", "market.head", "market.deputy"),
    "helper": ("health.editor", "health.head", "qixia.editor"),
    "drafter": ("education.editor", "education.head"),
    "reviewer": ("market.reviewer", "health.reviewer", "liuba.reviewer"),
    "stranger": ("water.editor", "water.head", "water.reviewer"),
    "office": ("office.duty", "office.head", "office.deputy"),
    "press": ("press.desk", "press.head", "publicity.desk", "publicity.head"),
    "leading": ("leading.head",),
    "ops": ("ops.oncall",),
    "auditor": ("audit.reader",),
}
INVOLVED = "reporter lead helper drafter reviewer office press leading"
TABLE: dict[CommandName | ReadName, str] = {
    CommandName.ASSESS: "office leading",
    CommandName.CONFIRM_FACTS: "lead office",
    CommandName.DRAFT_RELEASE: "lead helper office press",
    CommandName.REVISE_RELEASE: "lead helper drafter office press",
    CommandName.ASSIGN_STEP: "office leading",
    CommandName.PAUSE_UPDATES: "office",
    CommandName.RESUME_UPDATES: "office",
    CommandName.SCHEDULE_CONFERENCE: "press",
    CommandName.RECORD_CONFERENCE: "press",
    CommandName.CLOSE: "office",
    CommandName.REOPEN: "office",
    CommandName.NOTE: INVOLVED,
    ReadName.INCIDENT: f"{INVOLVED} ops auditor",
    ReadName.TIMELINE: f"{INVOLVED} ops auditor",
    ReadName.RELEASE: f"{INVOLVED} auditor",
}
"""The office's head sits in the leading group too, so `waive` and the like are looked at one by one below."""


@pytest.fixture(scope="module")
def play() -> Play:
    """Reported by 柳坝乡, led by market, helped by health and 栖霞镇; education drafted before it dropped out."""
    play = Play.of(townships=["liuba"], departments=["education", "market"])
    play.draft("education.editor")
    play.assess(townships=["qixia"], departments=["market", "health"])
    return play


RELEASE = ReleaseId(f"{1:012x}")


@pytest.mark.parametrize("action", TABLE)
def test_everybody_the_table_names_may_and_nobody_else(play: Play, action: CommandName | ReadName) -> None:
    release = RELEASE if action in (CommandName.REVISE_RELEASE, ReadName.RELEASE) else None
    able = {
        group
        for group, officers in PEOPLE.items()
        for officer in officers
        if seat_for(action, actor(officer), play.incident, release) is not None
    }
    assert able == set(TABLE[action].split())
    for group in able:
        for officer in PEOPLE[group]:
            assert seat_for(action, actor(officer), play.incident, release), (officer, "their group may")


def test_a_release_is_cancelled_by_its_own_head_or_reviewer_or_the_office(play: Play) -> None:
    cancel = CommandName.CANCEL_RELEASE
    allowed = ("education.head", "education.deputy", "education.reviewer", "office.duty", "office.deputy")
    refused = ("education.editor", "market.head", "market.reviewer", "press.head", "leading.head", "water.head")
    assert all(seat_for(cancel, actor(officer), play.incident, RELEASE) for officer in allowed)
    assert not any(seat_for(cancel, actor(officer), play.incident, RELEASE) for officer in refused)


def test_only_the_leading_group_waives_and_the_offices_head_is_of_it(play: Play) -> None:
    able = [o.id for o in county().officers if seat_for(CommandName.WAIVE, actor(o.id), play.incident)]
    assert able == ["office.head", "leading.head"]


def test_who_knows_is_said_by_those_in_charge_of_the_office_and_by_the_leading_group(play: Play) -> None:
    for command in (CommandName.RESTRICT_INCIDENT, CommandName.LIFT_RESTRICTION):
        able = [o.id for o in county().officers if seat_for(command, actor(o.id), play.incident)]
        assert able == ["office.head", "office.deputy", "leading.head"]


def test_ops_unblock_and_decide_nothing(play: Play) -> None:
    ops = actor("ops.oncall")
    able = [name for name in CommandName if seat_for(name, ops, play.incident, RELEASE, holder=True)]
    assert able == [CommandName.RETRY_BLOCKED]
    assert [name for name in CommandName if seat_for(name, actor("audit.reader"), play.incident, RELEASE)] == []


def test_a_step_is_taken_only_by_its_holder_and_in_a_role_that_can(play: Play) -> None:
    head, reviewer = actor("liping.head"), actor("liping.reviewer")
    assert seat_for(CommandName.APPROVE, head, play.incident, RELEASE) is None
    seat = seat_for(CommandName.APPROVE, head, play.incident, RELEASE, holder=True)
    assert seat is not None
    assert (seat.unit, seat.role) == ("liping", Role.UNIT_HEAD)
    assert seat_for(CommandName.APPROVE, reviewer, play.incident, RELEASE, holder=True) is None
    assert seat_for(CommandName.REVIEW_CONFIDENTIALITY, reviewer, play.incident, RELEASE, holder=True)
    assert seat_for(CommandName.REVIEW_CONFIDENTIALITY, head, play.incident, RELEASE, holder=True) is None


def test_who_drafted_one_release_does_not_draft_another(play: Play) -> None:
    other = play.draft("market.editor")
    post = actor("education.editor").posts[0]
    assert Relation.DRAFTER in relations(play.incident, post, RELEASE)
    assert Relation.DRAFTER in relations(play.incident, post)
    assert relations(play.incident, post, other) == {Relation.ANY}
    assert relations(None, post) == {Relation.ANY}


def test_every_command_and_every_reading_is_in_the_table() -> None:
    assert set(PERMISSIONS) == {*CommandName, *ReadName}
