"""Publication outside the ordinary course: embargoes, withdrawals, corrections, calls that wait for a person."""

from datetime import timedelta

import pytest

from domain import commands as c
from domain import events as e
from domain.publishing import remedies
from domain.refusals import Code
from domain.releases import BY_HAND, LOST
from domain.vocabulary import Channel, ObligationState, ReleaseId, ReleaseState
from tests.domain.situations import (
    FIRST,
    blocked,
    closed,
    confirmed,
    drafted,
    general,
    going_out,
    investigating,
    lost,
    public,
    retraction_blocked,
    updating,
    withdrawn,
)
from tests.domain.world import DETECTED, Play, hours, kinds, minutes

URL = "https://example.gov.cn/1"
WITHDRAW = c.WithdrawRelease(release=FIRST, reason="数字有误")
TWO = ["bulletin", "website"]


def intended(facts: tuple[e.Fact, ...] | list[e.Fact]) -> list[str]:
    return [fact.channel for fact in facts if isinstance(fact, e.PublicationIntended)]


def retracted(facts: tuple[e.Fact, ...]) -> list[str]:
    return [fact.channel for fact in facts if isinstance(fact, e.RetractionIntended)]


def resolve(play: Play, outcome: str, channel: str = "website", **found: object) -> tuple[e.Fact, ...]:
    fields = {"release": FIRST, "channel": channel, "outcome": outcome} | found
    return play.do("press.desk", c.ResolvePublication.model_validate(fields))


def unresolved(play: Play, outcome: str, channel: str = "website", **found: object) -> Code:
    fields = {"release": FIRST, "channel": channel, "outcome": outcome} | found
    return play.refused("press.desk", c.ResolvePublication.model_validate(fields))


# -- embargoes ------------------------------------------------------------------------------


def test_an_embargo_is_brought_forward_by_a_revision_which_is_decided_anew() -> None:
    play = Play.of()
    play.draft("qixia.editor", text="甲", embargo_until=(DETECTED + hours(6)).isoformat())
    play.sign_all(FIRST)
    sooner = DETECTED + hours(1)
    play.revise("qixia.editor", FIRST, "甲,提前", embargo_until=sooner.isoformat())
    assert play.steps(FIRST) == {"unit_approval@qixia": "open", "confidentiality@qixia": "waiting"}
    play.wait_until(sooner)
    assert not play.release(FIRST).intents, "no decision of the later one carries over"
    play.sign_all(FIRST)
    assert play.release(FIRST).intents


def test_the_same_words_with_another_embargo_are_no_other_version() -> None:
    play = drafted()
    body = {"release": FIRST, "digest": play.release(FIRST).version.digest, "channels": ["bulletin"]}
    sooner = c.ReviseRelease.model_validate(body | {"embargo_until": (DETECTED + hours(1)).isoformat()})
    assert play.refused("qixia.editor", sooner) is Code.NOTHING_CHANGED, "the digest binds the embargo"


# -- taking back ------------------------------------------------------------------------------


def test_what_is_not_public_is_cancelled_and_what_is_public_is_withdrawn() -> None:
    cancel = c.CancelRelease(release=FIRST, reason="撤稿")
    play = drafted()
    assert play.refused("office.duty", WITHDRAW) is Code.NOT_PUBLIC
    play.do("qixia.head", cancel)
    play = public()
    assert play.refused("qixia.head", cancel) is Code.VERSION_FROZEN
    play.do("office.duty", WITHDRAW)


def test_a_withdrawn_release_is_taken_down_wherever_it_appeared() -> None:
    play = confirmed()
    play.sign_all(play.draft("qixia.editor", "response", channels=TWO))
    play.receive(FIRST, "bulletin")
    assert retracted(play.do("office.duty", WITHDRAW)) == ["bulletin"]
    assert retracted(play.receive(FIRST, "website")) == ["website"], "also where its receipt comes only now"


def test_what_could_not_be_reached_is_called_no_more_once_withdrawn() -> None:
    play = confirmed()
    play.sign_all(play.draft("qixia.editor", "response", channels=TWO))
    play.receive(FIRST, "bulletin")
    play.park(FIRST, "unreachable", "website")
    facts = play.do("office.duty", WITHDRAW)
    assert [f.channel for f in facts if isinstance(f, e.EffectAbandoned)] == ["website"]
    assert play.release(FIRST).intents == ()


def test_a_lost_call_of_a_withdrawn_release_is_looked_for_and_never_repeated() -> None:
    play = lost()
    play.do("office.duty", WITHDRAW)
    assert unresolved(play, "try_again") is Code.WRONG_RESOLUTION
    assert retracted(resolve(play, "published", url=URL)) == ["website"]


def test_a_withdrawal_owes_a_correction_or_an_explanation_until_it_comes() -> None:
    for kind, changes in (("correction", {"corrects": FIRST}), ("interpretation", {})):
        play = withdrawn()
        assert [remedy.cause for remedy in remedies(play.incident)] == ["withdrawn"]
        play.wait(minutes(1))
        play.publish("qixia.editor", kind, **changes)
        assert remedies(play.incident) == (), kind


def test_another_response_is_no_explanation() -> None:
    play = withdrawn()
    play.wait(minutes(1))
    play.publish("qixia.editor", "response")
    assert remedies(play.incident)


def test_an_interpretation_from_before_the_withdrawal_explains_nothing() -> None:
    play = public()
    play.publish("qixia.editor", "interpretation")
    play.wait(minutes(1))
    play.do("office.duty", WITHDRAW)
    assert remedies(play.incident)


def test_a_duty_met_stays_met_but_a_withdrawn_result_is_no_result() -> None:
    play = investigating()
    result = play.publish("qixia.editor", "result")
    assert not [o for o in play.incident.pending if o.kind == "result"]
    play.do("office.duty", c.WithdrawRelease(release=result, reason="数字有误"))
    assert "result" in play.owed()
    assert [o.state for o in play.duties("response")] == [ObligationState.MET]


def test_a_correction_that_is_withdrawn_corrects_no_more() -> None:
    play = public()
    correction = play.publish("qixia.editor", "correction", corrects=FIRST)
    play.do("office.duty", c.WithdrawRelease(release=correction, reason="有误"))
    assert play.release(FIRST).state is ReleaseState.PUBLISHED


def test_a_withdrawn_correction_is_made_good_by_another_one_of_the_same_release() -> None:
    play = public()
    correction = play.publish("qixia.editor", "correction", corrects=FIRST)
    play.wait(minutes(1))
    play.do("office.duty", c.WithdrawRelease(release=correction, reason="有误"))
    assert [remedy.release for remedy in remedies(play.incident)] == [correction]
    play.wait(minutes(1))
    play.publish("qixia.editor", "correction", corrects=FIRST)
    assert remedies(play.incident) == ()


def test_a_withdrawal_after_the_end_is_made_good_by_reopening() -> None:
    play = closed()
    play.do("office.duty", WITHDRAW)
    assert remedies(play.incident)
    play.do("office.duty", c.Reopen(reason="撤回后说明"))
    assert remedies(play.incident), "a new round does not make it good"


# -- the order of channels --------------------------------------------------------------------------------------


def test_weibo_waits_for_the_page_it_points_to() -> None:
    play = confirmed()
    release = play.draft("qixia.editor", "response", channels=["bulletin", "website", "weibo"])
    play.sign_all(release)
    assert {intent.channel for intent in play.release(release).intents} == {Channel.BULLETIN, Channel.WEBSITE}
    play.receive(release, "website")
    assert Channel.WEIBO not in {intent.channel for intent in play.release(release).intents}
    assert intended(play.receive(release, "bulletin")) == ["weibo"]


def correcting(play: Play, *channels: str) -> ReleaseId:
    return play.draft("qixia.editor", "correction", corrects=FIRST, channels=list(channels))


def test_a_correction_does_not_overtake_what_it_corrects() -> None:
    play = confirmed()
    play.sign_all(play.draft("qixia.editor", "response", channels=TWO))
    play.receive(FIRST, "bulletin")
    correction = correcting(play, *TWO)
    play.sign_all(correction)
    assert {intent.channel for intent in play.release(correction).intents} == {Channel.BULLETIN}
    assert intended(play.receive(FIRST, "website")) == ["website"], "now it may follow"


def test_nor_what_that_corrects_in_turn() -> None:
    play = confirmed()
    play.sign_all(play.draft("qixia.editor", "response", channels=TWO))
    play.receive(FIRST, "bulletin")
    second = correcting(play, "bulletin")
    play.sign_all(second)
    play.receive(second)
    third = play.draft("qixia.editor", "correction", corrects=second, channels=TWO)
    play.sign_all(third)
    assert {intent.channel for intent in play.release(third).intents} == {Channel.BULLETIN}
    assert intended(play.receive(FIRST, "website")) == ["website"]


def test_a_channel_that_was_given_up_holds_no_correction_back() -> None:
    play = lost()
    correction = correcting(play, *TWO)
    play.sign_all(correction)
    assert intended(resolve(play, "give_up", reason="平台停用")) == ["website"]


# -- what waits for a person --------------------------------------------------------------------------------------


def test_a_person_found_it_published() -> None:
    play = lost()
    play.wait(minutes(10))
    found = DETECTED + minutes(2)
    resolve(play, "published", url=URL, published_at=found.isoformat())
    receipt = play.release(FIRST).receipt(Channel.WEBSITE)
    assert receipt is not None
    assert (receipt.at, receipt.url) == (found, URL)


def test_it_cannot_have_appeared_before_it_was_called_or_after_now() -> None:
    play = lost()
    before, after = play.now - timedelta(seconds=1), play.now + timedelta(seconds=1)
    assert unresolved(play, "published", url=URL, published_at=before.isoformat()) is Code.BEFORE_THE_CALL
    assert unresolved(play, "published", url=URL, published_at=after.isoformat()) is Code.IN_THE_FUTURE
    resolve(play, "published", url=URL, published_at=play.now.isoformat())


def test_a_person_says_that_it_is_not_there_and_it_is_called_once_more_under_another_number() -> None:
    play = lost()
    (before,) = play.release(FIRST).intents
    assert "effect_renewed" in kinds(resolve(play, "try_again"))
    (after,) = play.release(FIRST).intents
    assert (after.attempt, after.parked) == (before.attempt + 1, None)
    assert unresolved(play, "try_again") is Code.NOT_PARKED


@pytest.mark.parametrize("code", [LOST, BY_HAND])
def test_what_only_a_person_can_end_is_never_tried_again_by_the_way(code: str) -> None:
    play = going_out()
    play.park(FIRST, code)
    assert play.refused("ops.oncall", c.RetryBlocked()) is Code.NOTHING_BLOCKED


def test_what_failed_for_certain_is_tried_again_by_anybody_who_may() -> None:
    play = blocked()
    play.do("ops.oncall", c.RetryBlocked())
    (intent,) = play.release(FIRST).intents
    assert intent.parked is None


def test_our_own_bulletin_needs_nobodys_word() -> None:
    assert unresolved(blocked(), "published", "bulletin", url=URL) is Code.WRONG_RESOLUTION


def test_giving_up_a_channel_leaves_what_is_public_elsewhere() -> None:
    play = lost()
    resolve(play, "give_up", reason="平台停用")
    assert play.release(FIRST).state is ReleaseState.PUBLISHED
    assert play.release(FIRST).abandoned == (Channel.WEBSITE,)


def test_giving_up_the_mandatory_channel_of_what_is_public_nowhere_cancels_it() -> None:
    play = blocked()
    assert play.duties("response")[0].pending
    resolve(play, "give_up", "bulletin", reason="改用其他方式")
    assert play.release(FIRST).state is ReleaseState.CANCELLED
    assert "response" in play.owed(), "and its duty is still owed"


def test_but_not_while_another_channel_is_being_called() -> None:
    play = confirmed()
    play.sign_all(play.draft("qixia.editor", "response", channels=TWO))
    play.park(FIRST, "unreachable", "bulletin")
    assert unresolved(play, "give_up", "bulletin", reason="停用") is Code.PUBLICATION_UNDER_WAY
    play.receive(FIRST, "website")
    resolve(play, "give_up", "bulletin", reason="停用")
    assert play.release(FIRST).state is ReleaseState.PUBLISHED


def test_a_person_took_it_down_by_hand() -> None:
    play = retraction_blocked()
    assert unresolved(play, "published", url=URL) is Code.WRONG_RESOLUTION
    resolve(play, "taken_down")
    receipt = play.release(FIRST).receipt(Channel.WEBSITE)
    assert receipt is not None
    assert receipt.retracted_at == play.now


def test_what_nobody_can_take_down_is_kept_and_asked_for_no_more() -> None:
    play = retraction_blocked()
    facts = resolve(play, "give_up", reason="平台无法删除")
    assert retracted(facts) == []
    assert play.release(FIRST).kept == (Channel.WEBSITE,)


# -- a superior's own release -----------------------------------------------------------------------------------------


def superior(*obligations: str) -> c.RecordSuperiorRelease:
    return c.RecordSuperiorRelease.model_validate({"link": URL, "scope": "全州供水", "obligations": obligations})


def test_a_superiors_release_waives_what_it_covers_and_nothing_else() -> None:
    play = general()
    play.do("office.duty", superior("response", "response"))
    (response,) = play.duties("response")
    assert (response.state, response.because, response.ran_late) == ("waived", "superior_release", False)
    assert "first_release" in play.owed()
    assert play.refused("office.duty", superior("response")) is Code.NO_OBLIGATION


def test_lateness_already_run_stays_visible() -> None:
    play = general()
    play.wait(hours(37))
    play.do("office.duty", superior("response"))
    assert play.duties("response")[0].ran_late


def test_what_is_not_owed_cannot_be_covered_and_then_nothing_is() -> None:
    play = general()
    assert play.refused("office.duty", superior("response", "press_conference")) is Code.NO_OBLIGATION
    assert "response" in play.owed()


def test_a_target_that_was_covered_is_owed_again_as_a_hard_duty() -> None:
    play = general()
    play.do("office.duty", superior("first_release"))
    play.assess(level="significant")
    assert "first_release" not in play.owed()
    play.assess(level="major")
    assert play.owed()["first_release"] == (hours(4), True)


def test_updates_that_a_superior_gives_are_not_owed_again() -> None:
    play = updating()
    play.do("office.duty", superior("rolling_update"))
    play.publish("water.editor", "update")
    assert "rolling_update" not in play.owed()
