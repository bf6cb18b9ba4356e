"""Releases: what the digest binds, how versions are drafted, decided on, published, corrected and cancelled."""

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785

from domain import commands as c
from domain import events as e
from domain.consequences import stages_of
from domain.refusals import Code
from domain.releases import Document
from domain.vocabulary import Channel, Digest, IncidentId, ReleaseId, ReleaseKind, ReleaseState, UnitId
from tests.domain.world import DETECTED, Play, digest, hours

DOCUMENT = Document(
    incident=IncidentId("0f0e0d0c0b0a"),
    release=ReleaseId("000000000001"),
    kind=ReleaseKind.FIRST,
    title="关于停水情况的通报",
    body="第一段。\n第二段。\n",
    channels=(Channel.WECHAT, Channel.BULLETIN),
    attachments=(Digest("b" * 64), Digest("a" * 64)),
    embargo_until=datetime(2026, 3, 18, 20, 0, tzinfo=timezone(timedelta(hours=8))),
)


def changed(**fields: object) -> Document:
    return Document.model_validate(DOCUMENT.model_dump() | fields)


# -- digest -------------------------------------------------------------------------------------------


def test_the_digest_of_version_one_is_this_and_will_always_be() -> None:
    canonical = (
        '{"attachments":["' + "b" * 64 + '","' + "a" * 64 + '"],"body":"第一段。\\n第二段。\\n",'
        '"channels":["bulletin","wechat"],"corrects":null,"embargo_until":"2026-03-18T12:00:00Z",'
        '"incident":"0f0e0d0c0b0a","kind":"first","release":"000000000001","title":"关于停水情况的通报","v":1}'
    ).encode()
    assert DOCUMENT.canonical() == canonical
    assert DOCUMENT.digest() == hashlib.sha256(canonical).hexdigest()
    assert DOCUMENT.digest() == "a05bd0fb54d045e1c116becba3058e5af0858aa1d6a33b7238b53f57fefcf0cd"


def test_a_stored_document_digests_to_what_it_was_stored_under() -> None:
    assert Document.model_validate_json(DOCUMENT.canonical()).digest() == DOCUMENT.digest()
    assert (
        rfc8785.dumps(DOCUMENT.model_dump(mode="json") | {"channels": ["bulletin", "wechat"]}) == DOCUMENT.canonical()
    )


@pytest.mark.parametrize("body", ["第一段。\r\n第二段。\r\n", "第一段。\r第二段。\r", "第一段。\r\n第二段。\n"])
def test_line_ends_are_not_content(body: str) -> None:
    assert changed(body=body).digest() == DOCUMENT.digest()


def test_the_order_of_channels_is_not_content() -> None:
    assert changed(channels=("bulletin", "wechat", "bulletin")).digest() == DOCUMENT.digest()


@pytest.mark.parametrize(
    "fields",
    [
        {"incident": "0f0e0d0c0b0b"},
        {"release": "000000000002"},
        {"kind": "update"},
        {"title": "关于停水情况的通报 "},
        {"body": "第一段。\n第二段。"},
        {"body": "第一段。\n\n第二段。\n"},
        {"title": "关于停水情况的通报", "body": "第一段。\n第二段。\n\u200b"},
        {"channels": ("bulletin",)},
        {"attachments": ("a" * 64, "b" * 64)},
        {"attachments": ()},
        {"corrects": "000000000009"},
        {"embargo_until": None},
        {"embargo_until": "2026-03-18T12:00:01Z"},
    ],
)
def test_anything_else_that_changes_changes_the_digest(fields: dict[str, Any]) -> None:
    assert changed(**fields).digest() != DOCUMENT.digest()


def test_composed_and_decomposed_letters_differ() -> None:
    assert changed(title="caf\u00e9").digest() != changed(title="cafe\u0301").digest()


# -- drafting -----------------------------------------------------------------------------------------


def test_first_and_update_may_be_drafted_before_assessment_and_facts() -> None:
    play = Play.of()
    assert play.release(play.draft("qixia.editor", "first")).state is ReleaseState.IN_REVIEW
    assert play.release(play.draft("qixia.editor", "update")).state is ReleaseState.IN_REVIEW


@pytest.mark.parametrize(
    ("officer", "unit"),
    [
        ("market.editor", "market"),
        ("qixia.editor", "qixia"),
        ("health.deputy", "health"),
        ("office.duty", "office"),
        ("press.desk", "press"),
        ("publicity.head", "publicity"),
    ],
)
def test_a_release_speaks_for_the_unit_that_let_its_drafter_in(officer: str, unit: str) -> None:
    play = Play.of(departments=["market", "health"])
    assert play.release(play.draft(officer)).unit == unit


def test_a_coordinating_township_may_draft_though_a_department_was_designated() -> None:
    play = Play.of(departments=["water"])
    play.assess(lead="water")
    assert play.release(play.draft("qixia.editor")).unit == "qixia"


def test_channels_are_kept_sorted_and_once() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", channels=["bulletin", "bulletin"])
    assert play.release(release).version.channels == (Channel.BULLETIN,)


def test_files_are_kept_in_the_order_in_which_they_were_named() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", attachments=["b" * 64, "a" * 64])
    assert play.release(release).version.attachments == ("b" * 64, "a" * 64)


def test_another_file_is_another_version_and_voids_all_decisions() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", attachments=["a" * 64])
    play.sign("qixia.head", release, "unit_approval")
    play.revise("qixia.deputy", release, "附件换了一个", attachments=["b" * 64])
    assert play.steps(release) == {"unit_approval@qixia": "open", "confidentiality@qixia": "waiting"}
    assert play.release(release).version.attachments == ("b" * 64,)


def test_a_version_written_before_there_were_files_has_none() -> None:
    fact = e.VersionDrafted(
        release=ReleaseId("000000000001"),
        version=1,
        kind=ReleaseKind.FIRST,
        unit=UnitId("qixia"),
        digest=Digest("c" * 64),
        channels=(Channel.BULLETIN,),
        corrects=None,
        embargo_until=None,
    )
    before = fact.model_dump(mode="json", exclude={"attachments"})
    assert e.VersionDrafted.model_validate(before).attachments == ()


def test_other_channels_wait_for_the_page_that_has_the_files() -> None:
    channels = ["bulletin", "website"]
    for files, at_once in (([], {"bulletin", "website"}), (["a" * 64], {"bulletin"})):
        play = Play.of()
        release = play.draft("qixia.editor", channels=channels, attachments=files)
        play.sign_all(release)
        assert {intent.channel for intent in play.release(release).intents} == at_once


# -- versions -----------------------------------------------------------------------------------------


def test_an_edit_voids_all_decisions() -> None:
    play = Play.of()
    release = play.draft("qixia.editor")
    play.sign("qixia.head", release, "unit_approval")
    play.revise("qixia.deputy", release, "改过的稿件")
    assert play.steps(release) == {"unit_approval@qixia": "open", "confidentiality@qixia": "waiting"}
    assert play.release(release).authors == {"qixia.editor", "qixia.deputy"}
    assert play.release(release).version.number == 2


def test_going_back_to_earlier_words_does_not_bring_back_their_decisions() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    play.sign("qixia.head", release, "unit_approval")
    play.revise("qixia.editor", release, "乙")
    play.revise("qixia.editor", release, "甲")
    assert play.steps(release)["unit_approval@qixia"] == "open"


def test_the_lead_the_office_and_the_press_office_may_revise_what_another_unit_drafted() -> None:
    play = Play.of(departments=["market", "health"])
    release = play.draft("qixia.editor")
    for officer in ("market.editor", "office.duty", "press.desk", "qixia.head"):
        play.revise(officer, release, officer)
    assert play.release(release).unit == "qixia", "whose words they are does not change with an edit"


def test_a_unit_that_dropped_out_of_the_route_keeps_its_release_and_its_head_approves_it() -> None:
    play = Play.of(departments=["market", "health"])
    release = play.draft("health.editor")
    play.assess(departments=["market", "education"])
    assert "health" not in play.incident.route.units
    assert "health" in play.incident.units
    play.revise("health.editor", release, "改过的稿件")
    assert play.holders(release, play.open_steps(release)[0])[0] == "health.head"


# -- returned, refused, undecided -----------------------------------------------------------------------


def test_a_return_waits_for_a_new_version() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    returned = c.ReturnRelease.model_validate(
        {"release": release, "step": "unit_approval", "digest": digest("甲"), "reason": "数字未核"}
    )
    play.do("qixia.head", returned)
    assert play.release(release).state is ReleaseState.RETURNED
    assert play.open_steps(release) == []
    assert play.refused("qixia.deputy", play.passing(release, returned.step)) is Code.RELEASE_DECIDED
    play.revise("qixia.editor", release, "乙")
    assert play.release(release).state is ReleaseState.IN_REVIEW
    play.sign("qixia.head", release, "unit_approval")


def test_a_reviewer_refuses_with_a_ground() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    play.sign("qixia.head", release, "unit_approval")
    refused = {"release": release, "digest": digest("甲"), "outcome": "refused", "ground": "personal_privacy"}
    play.do("qixia.reviewer", c.ReviewConfidentiality.model_validate(refused))
    assert play.release(release).state is ReleaseState.REFUSED
    decided = play.entries[-1].fact
    assert isinstance(decided, e.StepDecided)
    assert decided.ground == "personal_privacy"


def test_a_reviewer_may_return_for_mending_without_refusing() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    play.sign("qixia.head", release, "unit_approval")
    fields = {"release": release, "step": "confidentiality", "digest": digest("甲"), "reason": "隐去门牌号"}
    play.do("qixia.reviewer", c.ReturnRelease.model_validate(fields))
    assert play.release(release).state is ReleaseState.RETURNED


# -- publication ----------------------------------------------------------------------------------------


def test_the_last_passing_decision_brings_the_intent_in_the_same_batch() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    play.sign("qixia.head", release, "unit_approval")
    facts = play.sign("qixia.reviewer", release, "confidentiality")
    assert facts[-1] == e.PublicationIntended(
        release=release,
        version=1,
        digest=digest("甲"),
        channel=Channel.BULLETIN,
        attempt=1,
        stages=stages_of(play.incident, play.release(release)),
    )
    assert play.release(release).state is ReleaseState.PUBLISHING
    play.receive(release)
    assert play.release(release).state is ReleaseState.PUBLISHED


@pytest.mark.parametrize("published", [False, True])
def test_from_the_intent_on_the_version_is_frozen(published: bool) -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    play.sign_all(release)
    if published:
        play.receive(release)
    revise = c.ReviseRelease(release=release, digest=digest("乙"), channels=(Channel.BULLETIN,))
    assert play.refused("qixia.editor", revise) is Code.VERSION_FROZEN
    assert play.refused("qixia.head", c.CancelRelease(release=release, reason="撤")) is Code.VERSION_FROZEN


def test_a_lapsed_publication_goes_back_to_review_and_is_intended_again_when_all_passed() -> None:
    play = Play.of()
    release = play.draft("qixia.editor")
    play.sign_all(release)
    play.assess(level="major")
    assert play.release(release).state is ReleaseState.PUBLISHING
    facts = play.effect(e.PublicationLapsed(release=release, version=1, channel=Channel.BULLETIN, attempt=1))
    assert [type(fact) for fact in facts] == [e.PublicationLapsed], "the county has not approved"
    assert play.steps(release)["county_approval@office"] == "open"
    again = play.sign("office.duty", release, "county_approval")
    assert [fact.attempt for fact in again if isinstance(fact, e.PublicationIntended)] == [2]


def test_a_cancelled_release_is_over() -> None:
    play = Play.of()
    release = play.draft("qixia.editor")
    play.do("qixia.reviewer", c.CancelRelease(release=release, reason="情况有变"))
    assert play.release(release).state is ReleaseState.CANCELLED
    assert play.refused("qixia.head", c.CancelRelease(release=release, reason="撤")) is Code.RELEASE_DECIDED
    assert play.refused("qixia.head", play.passing(release, play.views(release)[0].step.kind)) is Code.RELEASE_DECIDED


def test_ending_cancels_every_unpublished_release_and_only_those() -> None:
    play = Play.of()
    play.assess()
    play.confirm_facts()
    public = play.publish("qixia.editor", "response")
    waiting = play.draft("qixia.editor", "update")
    returned = play.draft("qixia.editor", "update", text="甲")
    fields = {"release": returned, "step": "unit_approval", "digest": digest("甲"), "reason": "重写"}
    play.do("qixia.head", c.ReturnRelease.model_validate(fields))
    play.do("office.duty", c.Close(summary="办结"))
    found = {release: play.release(release).state for release in (public, waiting, returned)}
    assert found == {public: "published", waiting: "cancelled", returned: "cancelled"}


# -- corrections ----------------------------------------------------------------------------------------


def test_a_correction_marks_what_it_corrects_once_it_is_public_itself() -> None:
    play = Play.of()
    wrong = play.publish("qixia.editor", "first")
    right = play.draft("qixia.editor", "correction", corrects=wrong)
    play.sign_all(right)
    assert play.release(wrong).state is ReleaseState.PUBLISHED
    play.receive(right)
    assert (play.release(wrong).state, play.release(wrong).corrected_by) == (ReleaseState.CORRECTED, right)


def test_a_correction_passes_the_steps_of_what_it_corrects() -> None:
    play = Play.of(departments=["market", "health", "education"])
    play.confirm_facts()
    first, response = play.publish("market.editor", "first"), play.publish("market.editor", "response")
    of_first = play.draft("market.editor", "correction", corrects=first)
    of_response = play.draft("market.editor", "correction", corrects=response)
    assert not any(step.startswith("cosign") for step in play.steps(of_first))
    assert [step for step in play.steps(of_response) if step.startswith("cosign")] == [
        "cosign@health",
        "cosign@education",
    ]


def test_a_correction_can_be_corrected() -> None:
    play = Play.of()
    first = play.publish("qixia.editor", "first")
    second = play.publish("qixia.editor", "correction", corrects=first)
    third = play.publish("qixia.editor", "correction", corrects=second)
    assert play.release(second).corrected_by == third
    assert list(play.steps(third)) == ["unit_approval@qixia", "confidentiality@qixia"]


def test_a_correction_before_facts_are_confirmed_is_no_response() -> None:
    play = Play.of()
    first = play.publish("qixia.editor", "first")
    play.wait(hours(1))
    play.publish("qixia.editor", "correction", corrects=first)
    assert play.pending("response").due_at == DETECTED + hours(36)
