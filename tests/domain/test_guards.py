"""Every command's guards: the right person at the right time may, everybody else is told why not."""

import re

import pytest

from domain import commands as c
from domain import events as e
from domain.decide import Ruling
from domain.labels import refusal_names
from domain.permissions import PERMISSIONS
from domain.refusals import Code, Language, RefusalRecord
from domain.vocabulary import CommandName, IncidentId, Phase, Relation, TaskOutcome
from tests.domain.guards import GUARDS
from tests.domain.situations import OTHER_WORDS
from tests.domain.world import Play, county

PEOPLE = {str(u.id): u.name for u in county().units} | {str(o.id): o.name for o in county().officers}
ELSEWHERE = IncidentId("b2b2b2b2b2b2")
COUNTED = {"seq", "refusals", "refusals_since"}

BOUND = [name for name in CommandName if any(g.relation is not Relation.ANY for g in PERMISSIONS[name])]
TIMELY = [name for name, guard in GUARDS.items() if guard.untimely]
ON_A_DIGEST = [
    CommandName.APPROVE,
    CommandName.RETURN_RELEASE,
    CommandName.REVIEW_CONFIDENTIALITY,
    CommandName.SETTLE_DISAGREEMENT,
    CommandName.EMERGENCY_RELEASE,
]
OUTLIVING = [
    CommandName.NOTE,
    CommandName.RETRY_BLOCKED,
    CommandName.WITHDRAW_RELEASE,
    CommandName.RESOLVE_PUBLICATION,
    CommandName.CONFIRM_REFERRAL,
    CommandName.ACKNOWLEDGE_REFERRAL,
    CommandName.RESTRICT_INCIDENT,
    CommandName.LIFT_RESTRICTION,
]
"""What may be done for an incident that has ended, by whichever end."""
GOING_ON = [name for name in CommandName if name not in {*OUTLIVING, CommandName.SUBMIT, CommandName.REOPEN}]
ENDS = {
    Phase.CLOSED: Code.INCIDENT_ENDED,
    Phase.DISMISSED: Code.INCIDENT_ENDED,
    Phase.MERGED: Code.MERGED_AWAY,
}


def give(play: Play, name: CommandName, officer: str | None = None, **changes: object) -> Ruling:
    """The command as its guard describes it, with changes."""
    guard = GUARDS[name]
    return play.attempt(officer or guard.officer, c.COMMANDS[name].model_validate(guard.body | changes))


def check_refused(play: Play, name: CommandName, code: Code, officer: str | None = None, **changes: object) -> None:
    """Refused with this code, said in names, and nothing is changed by it but the count of refusals."""
    before = play.state
    ruling = give(play, name, officer, **changes)
    assert ruling.refusal is not None, "it was not refused"
    assert ruling.refusal.code is code
    assert ruling.batch.facts == (e.Refused(command=name, refusal=ruling.refusal),)
    check_said_in_names(ruling.refusal)
    if before is not None:
        assert play.incident.model_dump(exclude=COUNTED) == before.model_dump(exclude=COUNTED)


def check_said_in_names(refusal: RefusalRecord) -> None:
    for language in Language:
        said = refusal.sentence(language, refusal_names(refusal, language, PEOPLE))
        assert not set("{}…") & set(said), said
        assert not re.search(r"[a-z]+\.[a-z]", said), "an officer's id"
        if language is Language.ZH:
            assert not re.search(r"[a-z]+_[a-z]", said), "a code"


# -- the table ------------------------------------------------------------------------------


def test_every_command_has_its_guard() -> None:
    assert set(GUARDS) == set(CommandName)


def test_a_command_that_is_bound_to_a_unit_is_tried_by_another_unit() -> None:
    assert [name for name, guard in GUARDS.items() if guard.stranger] == BOUND


def test_every_command_that_decides_on_words_is_tried_with_other_words() -> None:
    named = [name for name in CommandName if {"release", "digest"} <= set(c.COMMANDS[name].model_fields)]
    # Those two bring words of their own.
    assert set(named) - {CommandName.DRAFT_RELEASE, CommandName.REVISE_RELEASE} == set(ON_A_DIGEST)


# -- who ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CommandName)
def test_the_right_person_may(name: CommandName) -> None:
    play = GUARDS[name].due()
    ruling = give(play, name)
    assert ruling.refusal is None
    assert ruling.batch.facts
    by = ruling.batch.by
    assert by.actor == GUARDS[name].officer
    assert by.seat is not None
    assert by.seat.role in {grant.role for grant in PERMISSIONS[name]}


@pytest.mark.parametrize("name", CommandName)
def test_somebody_of_the_same_unit_without_the_role_may_not(name: CommandName) -> None:
    guard = GUARDS[name]
    units = [{post.unit for post in guard.due().officer(officer).posts} for officer in (guard.officer, guard.mate)]
    assert name in (CommandName.WAIVE, CommandName.NOTE) or units[0] & units[1]
    check_refused(guard.due(), name, guard.no, guard.mate)


@pytest.mark.parametrize("name", BOUND)
def test_somebody_of_another_unit_may_not_whatever_their_role(name: CommandName) -> None:
    guard = GUARDS[name]
    play = guard.due()
    assert guard.stranger is not None
    own, other = (
        {role for post in play.officer(o).posts for role in post.roles} for o in (guard.officer, guard.stranger)
    )
    assert own & other
    check_refused(play, name, guard.no, guard.stranger)


# -- when ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TIMELY)
def test_it_is_refused_where_it_is_not_due(name: CommandName) -> None:
    untimely = GUARDS[name].untimely
    assert untimely is not None
    world, code = untimely
    check_refused(world(), name, code)


@pytest.mark.parametrize("name", [name for name in CommandName if name is not CommandName.SUBMIT])
def test_it_is_refused_where_nothing_was_reported(name: CommandName) -> None:
    check_refused(Play(), name, Code.NO_INCIDENT)


@pytest.mark.parametrize("name", ON_A_DIGEST)
def test_it_is_refused_on_any_words_but_the_current_ones(name: CommandName) -> None:
    check_refused(GUARDS[name].due(), name, Code.STALE_DIGEST, digest=OTHER_WORDS)


def tidy(play: Play) -> None:
    """Do what has to be done before an incident may end."""
    for task in play.incident.assignments:
        if task.pending:
            done = c.CompleteTask(task=task.id, outcome=TaskOutcome.DROPPED, report="不再需要")
            play.do("office.duty", done)
    for release in play.incident.releases:
        play.receive(release)


def close(play: Play) -> None:
    play.assess()
    for obligation in play.incident.pending:
        play.do("leading.head", c.Waive(obligation=obligation.kind, reason="统一发布"))
    play.do("office.duty", c.Close(summary="办结"))


def end(play: Play, phase: Phase) -> None:
    """End it this way, from wherever it is."""
    tidy(play)
    if phase is Phase.MERGED:
        play.do("office.duty", c.MergeInto(survivor=ELSEWHERE, reason="同一事件"))
        play.effect(e.Merged(survivor=ELSEWHERE))
    elif phase is Phase.CLOSED:
        close(play)
    else:
        if any(release.receipts for release in play.incident.releases.values()):
            # What has been answered is never dismissed; what comes up again may be.
            close(play)
            play.do("office.duty", c.Reopen(reason="再次发酵"))
        play.assess("leading.head", respond=False, reason="不属实")
    assert play.incident.phase is phase


@pytest.mark.parametrize("phase", ENDS)
@pytest.mark.parametrize("name", GOING_ON)
def test_it_is_refused_once_the_incident_has_ended(name: CommandName, phase: Phase) -> None:
    play = GUARDS[name].due()
    end(play, phase)
    check_refused(play, name, ENDS[phase])


@pytest.mark.parametrize("name", [*GOING_ON, *OUTLIVING])
def test_it_is_refused_while_a_merge_is_under_way(name: CommandName) -> None:
    play = GUARDS[name].due()
    tidy(play)
    play.do("office.duty", c.MergeInto(survivor=ELSEWHERE, reason="同一事件"))
    if name is CommandName.NOTE:
        assert give(play, name).refusal is None
    elif name is CommandName.RETRY_BLOCKED:
        check_refused(play, name, Code.NOTHING_BLOCKED)
    else:
        check_refused(play, name, Code.MERGE_UNDER_WAY)


@pytest.mark.parametrize("phase", ENDS)
@pytest.mark.parametrize(
    "name",
    [
        CommandName.NOTE,
        CommandName.WITHDRAW_RELEASE,
        CommandName.CONFIRM_REFERRAL,
        CommandName.ACKNOWLEDGE_REFERRAL,
        CommandName.RESTRICT_INCIDENT,
    ],
)
def test_what_outlives_an_incident_may_be_done_after_its_end(name: CommandName, phase: Phase) -> None:
    play = GUARDS[name].due()
    if name is CommandName.CONFIRM_REFERRAL:
        # The response in review would be cancelled by the end, and a referral never stands alone.
        play.sign_all(play.incident.referrals[0].release)
    end(play, phase)
    assert give(play, name).refusal is None


@pytest.mark.parametrize(
    ("phase", "code"), [(Phase.CLOSED, None), (Phase.DISMISSED, None), (Phase.MERGED, Code.MERGED_AWAY)]
)
def test_an_ended_incident_is_reopened_unless_it_went_on_elsewhere(phase: Phase, code: Code | None) -> None:
    play = Play.of()
    end(play, phase)
    if code is None:
        assert give(play, CommandName.REOPEN).refusal is None
    else:
        check_refused(play, CommandName.REOPEN, code)


@pytest.mark.parametrize("phase", ENDS)
def test_nothing_is_submitted_over_an_ended_incident(phase: Phase) -> None:
    play = Play.of()
    end(play, phase)
    check_refused(play, CommandName.SUBMIT, Code.ALREADY_SUBMITTED)
