"""Confidentiality reviews (Art. 11): grounds, authorities asked, consent of whose information it is, redactions."""

import pytest

from domain import commands as c
from domain.refusals import Code
from domain.vocabulary import ReleaseState
from tests.domain.situations import FIRST, WORDS, approved, awaiting_consent
from tests.domain.world import Play


def review(outcome: str, **form: object) -> c.ReviewConfidentiality:
    return c.ReviewConfidentiality.model_validate({"release": FIRST, "digest": WORDS, "outcome": outcome} | form)


def answer(play: Play, outcome: str, **form: object) -> None:
    play.do("qixia.reviewer", review(outcome, **form))


def refused(play: Play, outcome: str, **form: object) -> Code:
    return play.refused("qixia.reviewer", review(outcome, **form))


def test_the_form_of_a_review_is_kept_beside_its_outcome() -> None:
    play = approved()
    form = {"ground": "work_secret", "law": "条例第十六条", "redactions": ["调度方案"], "comment": "删后再送"}
    answer(play, "refused", **form)
    (decision,) = (d for d in play.release(FIRST).decisions if d.review)
    assert decision.review is not None
    assert decision.ground == "work_secret"
    assert len(decision.review.redactions) == 1
    assert decision.review.law is not None
    assert play.release(FIRST).state is ReleaseState.REFUSED


@pytest.mark.parametrize("named", [{"comment": "已请示州保密局"}, {"asked": "州保密局"}])
def test_undecided_names_the_authority_asked_and_keeps_the_step_open(named: dict[str, str]) -> None:
    play = approved()
    assert refused(play, "undecided") is Code.AUTHORITY_NEEDED
    answer(play, "undecided", **named)
    assert play.steps(FIRST)["confidentiality@qixia"] == "undecided"
    assert play.release(FIRST).state is ReleaseState.IN_REVIEW
    answer(play, "cleared")
    assert play.release(FIRST).state is ReleaseState.PUBLISHING


@pytest.mark.parametrize("consent", ["awaited", "refused", None])
def test_without_the_consent_of_whose_information_it_is_nothing_is_cleared(consent: str | None) -> None:
    play = approved()
    assert refused(play, "cleared", originator="health", consent=consent) is Code.CONSENT_MISSING
    answer(play, "cleared", originator="health", consent="given")
    assert play.release(FIRST).intents


def test_a_refusal_needs_no_consent() -> None:
    play = awaiting_consent()
    answer(play, "refused", ground="personal_privacy")


def test_whom_an_undecided_review_named_must_have_agreed_before_it_is_cleared() -> None:
    play = awaiting_consent()
    assert refused(play, "cleared") is Code.CONSENT_MISSING
    assert refused(play, "cleared", originator="water", consent="given") is Code.CONSENT_MISSING, "another's consent"
    answer(play, "cleared", originator="health", consent="given")


def test_another_undecided_review_does_not_make_an_originator_forgotten() -> None:
    play = awaiting_consent()
    answer(play, "undecided", asked="州保密局")
    assert refused(play, "cleared") is Code.CONSENT_MISSING
    answer(play, "undecided", asked="州保密局", originator="health", consent="given")
    answer(play, "cleared")
    assert play.release(FIRST).intents


def test_several_originators_must_all_agree() -> None:
    play = awaiting_consent()
    answer(play, "undecided", asked="州保密局", originator="water", consent="awaited")
    assert refused(play, "cleared", originator="water", consent="given") is Code.CONSENT_MISSING
    answer(play, "undecided", asked="州保密局", originator="water", consent="given")
    answer(play, "cleared", originator="health", consent="given")


def test_other_words_are_reviewed_without_what_was_asked_about_the_old_ones() -> None:
    play = awaiting_consent()
    play.revise("qixia.editor", FIRST, "删去有关内容")
    play.sign("qixia.head", FIRST, "unit_approval")
    play.sign("qixia.reviewer", FIRST, "confidentiality")
    assert play.release(FIRST).intents


def test_what_has_to_go_comes_with_a_refusal_and_the_next_version_is_reviewed_anew() -> None:
    play = approved()
    for outcome in ("cleared", "undecided"):
        assert refused(play, outcome, redactions=["门牌"], asked="州保密局") is Code.REDACTIONS_NEED_REFUSAL
    answer(play, "refused", ground="personal_privacy", redactions=["门牌"])
    play.revise("qixia.editor", FIRST, "隐去门牌")
    assert play.steps(FIRST) == {"unit_approval@qixia": "open", "confidentiality@qixia": "waiting"}
