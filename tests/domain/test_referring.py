"""Referrals of grave rumours (Art. 5): named, grounded, confirmed by another, never alone, never a person's profile."""

import pytest

from domain import commands as c
from domain.privacy import PersonalData, check_referral, is_public_link, personal_data
from domain.refusals import Code, Refusal
from domain.vocabulary import Category, ClaimNature
from tests.domain.situations import (
    FIRST,
    RUMOUR,
    WORDS,
    answering,
    drafted,
    referral_confirmed,
    referral_received,
    referred,
)
from tests.domain.test_alarms import chased
from tests.domain.world import Play, hours

REFER = c.ReferRumour.model_validate(RUMOUR)
CONFIRM = c.ConfirmReferral(referral="r1")
RETURN = c.ReturnRelease.model_validate(
    {"release": FIRST, "step": "unit_approval", "digest": WORDS, "reason": "数字未核"}
)


@pytest.mark.parametrize("category", Category)
def test_a_fabrication_is_referred_whatever_the_category(category: Category) -> None:
    play = Play.of(category=category)
    play.confirm_facts()
    play.draft("qixia.editor", "response", text="甲")
    play.do("qixia.editor", REFER)
    (referral,) = play.incident.referrals
    assert (referral.id, referral.undecided, referral.receiver) == ("r1", True, "police")


@pytest.mark.parametrize("nature", [nature for nature in ClaimNature if nature is not ClaimNature.FABRICATION])
def test_what_is_no_fabrication_is_answered_and_never_referred(nature: ClaimNature) -> None:
    play = answering()
    assert play.refused("qixia.editor", REFER.model_copy(update={"nature": nature})) is Code.NOT_REFERABLE


@pytest.mark.parametrize("receiver", ["police", "cyberspace", "market"])
def test_an_authority_receives_it(receiver: str) -> None:
    answering().do("qixia.editor", REFER.model_copy(update={"receiver": receiver}))


@pytest.mark.parametrize("receiver", ["liuba", "office", "publicity", "press", "leading"])
def test_nobody_else_does(receiver: str) -> None:
    command = REFER.model_copy(update={"receiver": receiver})
    assert answering().refused("qixia.editor", command) is Code.WRONG_UNIT_KIND


# -- the response beside it ----------------------------------------------------------------------------------------


def test_a_response_stands_beside_it_in_review_or_public() -> None:
    play = answering()
    play.do("qixia.editor", REFER)
    play.sign_all(FIRST)
    play.do("qixia.editor", REFER)
    play.receive(FIRST)
    play.do("qixia.editor", REFER)


def test_a_first_release_is_no_answer() -> None:
    assert drafted().refused("qixia.editor", REFER) is Code.NO_RESPONSE_BESIDE


def test_a_returned_or_withdrawn_response_is_no_answer_either() -> None:
    play = answering()
    play.do("qixia.head", RETURN)
    assert play.refused("qixia.editor", REFER) is Code.NO_RESPONSE_BESIDE
    play = answering()
    play.sign_all(FIRST)
    play.receive(FIRST)
    play.do("office.duty", c.WithdrawRelease(release=FIRST, reason="有误"))
    assert play.refused("qixia.editor", REFER) is Code.NO_RESPONSE_BESIDE


def test_it_must_still_stand_when_the_referral_is_confirmed_but_not_when_it_is_declined() -> None:
    play = referred()
    play.do("qixia.head", RETURN)
    assert play.refused("office.duty2", CONFIRM) is Code.NO_RESPONSE_BESIDE
    play.do("office.duty2", c.ConfirmReferral(referral="r1", confirmed=False, reason="回应未定"))


def test_a_new_round_needs_a_new_answer_but_an_old_referral_keeps_its_own() -> None:
    play = referred()
    play.sign_all(FIRST)
    play.receive(FIRST)
    play.do("office.duty", c.Close(summary="办结"))
    play.do("office.duty", c.Reopen(reason="再次发酵"))
    assert play.refused("qixia.editor", REFER) is Code.NO_RESPONSE_BESIDE
    play.do("office.duty2", CONFIRM)


# -- two persons ------------------------------------------------------------------------------


def test_one_proposes_and_another_of_the_office_confirms() -> None:
    play = referred()
    assert play.refused("office.duty", CONFIRM) is Code.OWN_REFERRAL
    assert play.refused("qixia.head", CONFIRM) is Code.NOT_PERMITTED
    play.do("office.duty2", CONFIRM)
    (referral,) = play.incident.referrals
    assert (referral.proposed_by, referral.confirmed_by) == ("office.duty", "office.duty2")


def test_who_proposed_it_does_not_decline_it_either() -> None:
    decline = c.ConfirmReferral(referral="r1", confirmed=False, reason="不妥")
    assert referred().refused("office.duty", decline) is Code.OWN_REFERRAL


def test_a_declined_referral_reaches_nobody() -> None:
    play = referred()
    play.do("office.duty2", c.ConfirmReferral(referral="r1", confirmed=False, reason="不妥"))
    assert play.incident.receivers == frozenset()
    assert play.refused("office.duty2", CONFIRM) is Code.REFERRAL_DECIDED
    received = c.AcknowledgeReferral(referral="r1")
    assert play.refused("police.editor", received) is Code.NOT_PERMITTED


def test_the_receiver_acknowledges_it_once() -> None:
    received = c.AcknowledgeReferral(referral="r1", receipt="公网〔2026〕3号")
    play = referral_confirmed()
    assert play.refused("cyberspace.editor", received) is Code.NOT_PERMITTED
    play.do("police.head", received)
    assert play.incident.referrals[0].acknowledged_at == play.now
    assert play.refused("police.editor", received) is Code.REFERRAL_DECIDED


def test_it_is_chased_until_confirmed_and_then_until_it_was_received() -> None:
    play = referred()
    assert chased(play.wait(hours(5)), "referral") == [(1, "unit county_office"), (2, "unit_head county_office")]
    play.do("office.duty2", CONFIRM)
    assert [rung for rung, _ in chased(play.wait(hours(5)), "referral")] == [1, 2], "counted anew"
    play = referral_received()
    assert chased(play.wait(hours(5)), "referral") == []


def test_it_is_chased_after_the_end_as_well() -> None:
    play = referral_confirmed()
    play.sign_all(FIRST)
    play.receive(FIRST)
    play.do("office.duty", c.Close(summary="办结"))
    assert [rung for rung, _ in chased(play.wait(hours(5)), "referral")] == [1, 2]


# -- events and links, never a person --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("身份证号530123199001011234", PersonalData.IDENTITY_NUMBER),
        ("身份证530123900101123", PersonalData.IDENTITY_NUMBER),
        ("电话13800138000", PersonalData.PHONE_NUMBER),
        ("电话 138 0013 8000", PersonalData.PHONE_NUMBER),
        ("座机0872-3121130", PersonalData.PHONE_NUMBER),
        ("１３８００１３８０００", PersonalData.PHONE_NUMBER),
        ("微信号 shuichang_2026", PersonalData.ACCOUNT),
        ("发帖人@水厂观察", PersonalData.ACCOUNT),
        ("银行卡6222021234567890123", PersonalData.ACCOUNT),
        ("村民王建国称水厂投毒", PersonalData.NAME),
        ("姓名：李晓梅", PersonalData.NAME),
        ("530123 19900101 1234", PersonalData.IDENTITY_NUMBER),
        ("五三〇一二三一九九〇〇一〇一一二三四", PersonalData.IDENTITY_NUMBER),
        ("1.3.8.0.0.1.3.8.0.0.0", PersonalData.PHONE_NUMBER),
        ("幺三八零零幺三八零零零", PersonalData.PHONE_NUMBER),
        ("壹叁捌零零壹叁捌零零零", PersonalData.PHONE_NUMBER),
        ("村民王 建国称水厂投毒", PersonalData.NAME),
        ("李四散布水厂投毒谣言", PersonalData.NAME),
        ("经查系张建国所发", PersonalData.NAME),
        ("韩卫东编造停水信息", PersonalData.NAME),
        ("网民许景行发帖", PersonalData.NAME),
        ("普琼芳在群里转发", PersonalData.NAME),
    ],
)
def test_who_somebody_is_stands_in_no_referral(words: str, kind: PersonalData) -> None:
    assert kind in personal_data(words)
    for field in ("claim", "falsehood", "intent", "harm", "legal_ground"):
        with pytest.raises(Refusal) as raised:
            check_referral(REFER.model_copy(update={field: words}))
        assert raised.value.record.code is Code.PERSONAL_DATA
        assert raised.value.record.params["fields"] == field
        assert words not in raised.value.record.model_dump_json(), "what was found is never repeated"


@pytest.mark.parametrize(
    "words",
    [
        "3月18日网传栖霞镇水厂被人投毒,已引发抢购",
        "县长热线12345接到同类反映87件",
        "发帖人张某某称自来水有异味",
        "散布谣言,扰乱公共秩序",
        "依据《治安管理处罚法》第二十五条第一项",
        "检测报告编号 QX-2026-0318,三项指标合格",
        "2026.03.18-2026.03.25 停水 7 天,涉及 13 800 户",
        "网传“一二三四五六七水厂”停产 十一月起不供水",
        "投资1.38亿元,日供水0.123456789万立方米",
    ],
)
def test_events_claims_and_laws_do(words: str) -> None:
    assert personal_data(words) == frozenset()
    check_referral(REFER.model_copy(update={"claim": words}))


@pytest.mark.parametrize("name", ["王建国", "%E7%8E%8B%E5%BB%BA%E5%9B%BD"])
def test_a_link_names_nobody_either(name: str) -> None:
    with pytest.raises(Refusal) as raised:
        check_referral(REFER.model_copy(update={"links": (f"https://example.cn/search?q={name}",)}))
    assert raised.value.record.params["fields"] == "links"


@pytest.mark.parametrize(
    ("link", "public"),
    [
        ("https://example.cn/post/1", True),
        ("https://weibo.com/1234567890/Nabcdef", True),
        ("https://weibo.com/u/1234567890", False),
        ("https://www.douyin.com/user/MS4wLjAB", False),
        ("https://space.bilibili.com/12345", False),
        ("https://example.cn/@somebody", False),
        ("ftp://example.cn/post/1", False),
        ("水厂投毒", False),
    ],
)
def test_links_lead_to_what_was_said_and_not_to_who_said_it(link: str, public: bool) -> None:
    assert is_public_link(link) is public
    command = REFER.model_copy(update={"links": (link,)})
    if public:
        check_referral(command)
        return
    with pytest.raises(Refusal) as raised:
        check_referral(command)
    assert raised.value.record.code is Code.NOT_A_PUBLIC_LINK


def test_the_reason_and_the_receipt_of_a_referral_are_looked_at_too() -> None:
    for command in (
        c.ConfirmReferral(referral="r1", confirmed=False, reason="村民王建国已说明"),
        c.AcknowledgeReferral(referral="r1", receipt="电话13800138000"),
    ):
        with pytest.raises(Refusal):
            check_referral(command)
    check_referral(c.Note(text="村民王建国已说明"))
