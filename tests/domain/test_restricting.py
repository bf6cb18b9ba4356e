"""限定知悉: who knows of a restricted incident, what they are told, and what keeps it from getting about."""

import pytest

from domain import commands as c
from domain import events as e
from domain.decide import Ruling
from domain.merging import brought
from domain.notices import NoticeKind, notices
from domain.refusals import Code
from domain.standing import may_know, may_read_words, reading_seat, shown_to, sight_of, tasks
from domain.vocabulary import CommandName, OfficerId, ReadName, ReleaseId, StepKind, UnitId
from tests.domain import situations as s
from tests.domain.guards import GUARDS
from tests.domain.situations import SURVIVOR
from tests.domain.world import INCIDENT, Play, actor, county, submission

ALWAYS = {"office.head", "office.deputy", "leading.head", "ops.oncall", "audit.reader"}
LEAD = {"qixia.editor", "qixia.head", "qixia.deputy", "qixia.reviewer"}


def knowing(play: Play) -> set[str]:
    incident = play.incident
    roster = county().roster(incident.units)
    return {str(o.id) for o in county().officers if may_know(actor(o.id), incident, roster)}


def told(play: Play, facts: tuple[e.Fact, ...], before: int) -> set[str]:
    """Everybody who got a notice of the entries after `before`."""
    assert facts
    found = notices(None, play.incident, play.entries[before:], county())
    return {str(officer) for notice in found for officer in notice.officers}


def restrict(play: Play, officer: str = "office.deputy", **fields: object) -> Ruling:
    return play.attempt(officer, c.RestrictIncident.model_validate({"reason": "涉密"} | fields))


def test_everybody_knows_of_what_is_not_restricted() -> None:
    assert knowing(s.general()) == {str(o.id) for o in county().officers}


def test_a_restricted_incident_is_known_to_the_lead_to_those_named_and_to_those_who_always_know() -> None:
    play = s.general()
    restrict(play, units=["police"], officers=["press.head"])
    police = {str(o.id) for o in county().officers if o.posts[0].unit == "police"}
    assert knowing(play) == ALWAYS | LEAD | police | {"press.head"}
    assert set(shown_to(play.incident)) == {"police", "@press.head", "=qixia"}


def test_the_reporter_knows_of_what_they_reported_as_restricted_and_their_unit_does_not() -> None:
    play = Play()
    play.do("forestry.editor", c.Submit.model_validate(submission(restricted=True)))
    assert knowing(play) == ALWAYS | LEAD | {"forestry.editor"}
    assert play.incident.reporter == "forestry"
    assert [type(entry.fact) for entry in play.entries[:2]] == [e.Submitted, e.IncidentRestricted]


def test_what_is_named_anew_replaces_what_was_named_before() -> None:
    play = s.general()
    restrict(play, units=["police", "land"])
    restrict(play, units=["land"], officers=["press.head"])
    assert {"police.head", "press.desk"}.isdisjoint(knowing(play))
    assert {"land.head", "press.head"} <= knowing(play)
    play.do("office.head", c.LiftRestriction(reason="已公开"))
    assert knowing(play) == {str(o.id) for o in county().officers}


def test_a_holder_of_an_open_step_knows_until_it_is_decided() -> None:
    play = s.drafted()
    restrict(play)
    assign = {"release": s.FIRST, "step": "unit_approval", "officer": "liuba.head", "reason": "外出"}
    assert "liuba.head" not in knowing(play)
    play.do("office.deputy", c.AssignStep.model_validate(assign))
    assert "liuba.head" in knowing(play)
    roster = county().roster(play.incident.units)
    assert reading_seat(ReadName.RELEASE, actor("liuba.head"), play.incident, roster, ReleaseId(s.FIRST))
    assert [task.step for task in tasks(play.incident, actor("liuba.head"), roster)] == [StepKind.UNIT_APPROVAL]
    approve = {"release": s.FIRST, "step": "unit_approval", "digest": s.WORDS}
    play.do("liuba.head", c.Approve.model_validate(approve))
    assert "liuba.head" not in knowing(play)


def test_the_county_offices_officers_on_duty_do_not_know_by_holding_the_last_step() -> None:
    play = s.planned_with_draft()
    while (step := play.open_steps(s.FIRST)[0]).kind is not StepKind.COUNTY_APPROVAL:
        play.sign(play.holders(s.FIRST, step)[0], s.FIRST, step.kind)
    assert "office.duty" in play.holders(s.FIRST, step)
    restrict(play)
    assert {"office.duty", "office.duty2"}.isdisjoint(knowing(play))


@pytest.mark.parametrize("name", [name for name in CommandName if name is not CommandName.SUBMIT])
def test_whoever_must_not_know_gets_the_refusal_of_what_does_not_exist(name: CommandName) -> None:
    play = s.general()
    restrict(play)
    body = GUARDS[name].body
    # Who could give any of these commands elsewhere.
    for officer in ("office.duty2", "press.desk", "water.head", "health.reviewer"):
        ruling = play.attempt(officer, c.COMMANDS[name].model_validate(body))
        assert ruling.refusal is not None
        assert (ruling.refusal.code, ruling.refusal.params) == (Code.NO_INCIDENT, {})


def test_ops_know_and_read_no_words_while_the_auditor_reads_all() -> None:
    play = s.restricted()
    roster = county().roster(play.incident.units)
    assert not may_read_words(actor("ops.oncall"), play.incident, roster)
    assert may_read_words(actor("audit.reader"), play.incident, roster)
    assert may_read_words(actor("ops.oncall"), s.general().incident, roster)
    restrict(play, units=["office"], officers=["ops.oncall"])
    assert not may_read_words(actor("ops.oncall"), play.incident, roster), "not by being named either"
    assert not sight_of(actor("ops.oncall")).worded
    assert "@ops.oncall" not in sight_of(actor("ops.oncall")).known_as
    assert sight_of(actor("audit.reader")).worded


def test_nobody_is_told_of_what_they_must_not_know() -> None:
    play = Play()
    facts = play.do("qixia.editor", c.Submit.model_validate(submission(restricted=True)))
    assert told(play, facts, 0) <= ALWAYS | LEAD
    assert "office.head" in told(play, facts, 0)
    before = len(play.entries)
    facts = play.do("office.deputy", c.Assess(level="major", reason="升级"))  # type: ignore[arg-type]  # As it comes.
    assert told(play, facts, before) <= ALWAYS | LEAD


def test_those_newly_named_are_told_and_the_others_not_again() -> None:
    play = s.general()
    restrict(play, officers=["press.head"])
    before, state = len(play.entries), play.incident
    restrict(play, officers=["press.head", "publicity.head"], units=["police"])
    found = notices(state, play.incident, play.entries[before:], county())
    assert [notice.kind for notice in found] == [NoticeKind.MADE_KNOWN]
    assert set(found[0].officers) == {"publicity.head", "police.editor", "police.head", "police.deputy"}


def test_reopening_keeps_the_restriction() -> None:
    play = s.closed()
    restrict(play)
    known = knowing(play)
    play.do("office.deputy", c.Reopen(reason="再次发酵"))
    assert play.incident.restriction is not None
    assert knowing(play) == known


def test_a_referrals_receiver_knows_of_it_and_reads_only_the_referral() -> None:
    play = s.referral_confirmed()
    restrict(play)
    roster = county().roster(play.incident.units)
    assert "police.head" in knowing(play)
    assert reading_seat(ReadName.REFERRAL, actor("police.head"), play.incident, roster)
    for read in (ReadName.INCIDENT, ReadName.RELEASE, ReadName.TIMELINE):
        assert reading_seat(read, actor("police.head"), play.incident, roster) is None


def test_a_restricted_incident_is_absorbed_only_by_a_restricted_one_which_is_then_known_to_both() -> None:
    asking = s.restricted()
    asking.do("office.duty", c.MergeInto(survivor=SURVIVOR, reason="同一事件"))
    absorbed = brought(asking.incident)
    assert (absorbed.known_to, absorbed.known_by) == (("qixia",), ("office.duty",))
    survivor = Play(incident=SURVIVOR)
    survivor.do("baishi.editor", c.Submit.model_validate(submission(townships=["baishi"])))
    survivor.asking = asking.incident
    absorb = c.Absorb(incident=INCIDENT)
    assert survivor.refused("office.deputy", absorb) is Code.RESTRICTION_MIXED
    restrict(survivor, units=["police"])
    assert survivor.refused("office.duty", absorb) is Code.NO_INCIDENT
    survivor.do("office.deputy", absorb)
    assert survivor.incident.restriction is not None
    assert survivor.incident.restriction.units == ("police", UnitId("qixia"))
    assert survivor.incident.restriction.officers == (OfficerId("office.duty"),)


def test_once_merged_it_is_restricted_but_not_shown_again() -> None:
    play = s.merged()
    restrict(play)
    assert "water.head" not in knowing(play)
    assert play.refused("office.deputy", c.LiftRestriction(reason="已公开")) is Code.MERGED_AWAY
