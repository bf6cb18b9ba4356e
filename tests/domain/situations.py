"""Incidents some way into their course, by name. The release is always the first one, and its words are 甲."""

from domain import commands as c
from domain import events as e
from domain.releases import LOST
from domain.vocabulary import Channel, IncidentId, OfficerId, ReleaseId, UnitId
from tests.domain.world import DETECTED, Play, digest, hours, submission

FIRST, UNKNOWN = ReleaseId(f"{1:012x}"), ReleaseId("ffffffffffff")
SURVIVOR = IncidentId("a1a1a1a1a1a1")
BEFORE, NOW, LATER, TOMORROW = ((DETECTED + hours(h)).isoformat() for h in (-1, 0, 1, 24))
WORDS, OTHER_WORDS = digest("甲"), digest("乙")
VERSION: dict[str, object] = {"release": FIRST, "digest": WORDS, "channels": ["bulletin"]}
FIGURE: dict[str, object] = {"fact": "停水三日", "checked": True, "may_say": True, "verified_by": "water"}
PLAN: dict[str, object] = {"at": LATER, "venue": "会议室", "attendees": ["water.head"]}
RUMOUR: dict[str, object] = {
    "claim": "水厂投毒",
    "nature": "fabrication",
    "falsehood": "检测合格",
    "intent": "多次编造",
    "harm": "引发抢购",
    "legal_ground": "治安管理处罚法",
    "links": ["https://example.cn/post/1"],
    "receiver": "police",
    "release": FIRST,
}


def nothing() -> Play:
    return Play()


# -- just reported ------------------------------------------------------------------------------


def general() -> Play:
    return Play.of()


def several() -> Play:
    return Play.of(departments=["market", "health"])


def grave() -> Play:
    return Play.of(level="major", departments=["water"])


def asked() -> Play:
    return Play.of(category="superior_request")


def head_of_the_office_only(play: Play) -> Play:
    """The head of the county office has no post anywhere else."""
    head = play.officer("office.head")
    alone = head.model_copy(update={"posts": tuple(post for post in head.posts if post.unit == "office")})
    officers = tuple(alone if officer.id == head.id else officer for officer in play.county.officers)
    play.county = play.county.model_copy(update={"officers": officers})
    return play


def grave_once() -> Play:
    """Regraded in between, twice, in a county whose head of the office is not in the leading group."""
    play = head_of_the_office_only(grave())
    play.assess(level="significant")
    play.assess(level="general")
    return play


def asked_once() -> Play:
    play = head_of_the_office_only(asked())
    play.assess(category="other")
    return play


def older() -> Play:
    play = Play.of()
    play.wait(hours(2))
    return play


def acknowledged() -> Play:
    play = Play.of()
    play.do("qixia.editor", c.Acknowledge())
    return play


def confirmed() -> Play:
    play = Play.of()
    play.assess()
    play.confirm_facts()
    return play


def waived() -> Play:
    play = Play.of()
    play.do("leading.head", c.Waive.model_validate({"obligation": "response", "reason": "统一发布"}))
    return play


def with_wechat() -> Play:
    play = Play()
    play.policy = play.policy.model_copy(update={"channels": (Channel.BULLETIN, Channel.WECHAT)})
    play.do("qixia.editor", c.Submit.model_validate(submission()))
    return play


# -- a release in review --------------------------------------------------------------------------------------


def drafted() -> Play:
    play = Play.of()
    play.draft("qixia.editor", text="甲")
    return play


def approved() -> Play:
    play = drafted()
    play.sign("qixia.head", FIRST, "unit_approval")
    return play


def returned() -> Play:
    play = drafted()
    back = {"release": FIRST, "step": "unit_approval", "digest": WORDS, "reason": "数字未核"}
    play.do("qixia.head", c.ReturnRelease.model_validate(back))
    return play


def two_heads_needed() -> Play:
    play = several()
    play.draft("health.editor", text="甲")
    return play


def cosigning() -> Play:
    """A response of market's waits for health and nobody else."""
    play = several()
    play.confirm_facts()
    play.draft("market.editor", "response", text="甲")
    play.sign("market.head", FIRST, "unit_approval")
    return play


def disagreed() -> Play:
    play = cosigning()
    back = {"release": FIRST, "step": "cosign", "digest": WORDS, "reason": "口径不一"}
    play.do("health.head", c.ReturnRelease.model_validate(back))
    return play


def for_the_county() -> Play:
    play = Play.of(level="major", townships=[])
    release = play.draft("office.duty", text="甲")
    play.sign("office.head", release, "unit_approval")
    play.sign("office.reviewer", release, "confidentiality")
    return play


def awaiting_consent() -> Play:
    """The reviewer is undecided: the information is health's, which has not answered yet."""
    play = approved()
    answer = {"release": FIRST, "digest": WORDS, "outcome": "undecided", "asked": "州保密局"}
    source = {"originator": "health", "consent": "awaited"}
    play.do("qixia.reviewer", c.ReviewConfidentiality.model_validate(answer | source))
    return play


def ordered() -> Play:
    """In an emergency, and still waiting for its clearance."""
    play = drafted()
    play.do("leading.head", c.EmergencyRelease(release=FIRST, digest=WORDS, reason="险情紧急"))
    return play


def ordered_out() -> Play:
    """Public by an emergency order; the head who was skipped has not decided."""
    play = ordered()
    play.sign("qixia.reviewer", FIRST, "confidentiality")
    play.receive(FIRST)
    return play


# -- on its way, public, taken back ---------------------------------------------------------------------------


def going_out() -> Play:
    play = confirmed()
    play.sign_all(play.draft("qixia.editor", "response", text="甲"))
    return play


def going_out_waived() -> Play:
    play = going_out()
    play.do("leading.head", c.Waive.model_validate({"obligation": "response", "reason": "统一发布"}))
    return play


def blocked() -> Play:
    """The bulletin cannot be reached."""
    play = going_out()
    play.park(FIRST, "unreachable")
    return play


def lost() -> Play:
    """On the bulletin it is public; nobody knows what became of the call to the website."""
    play = confirmed()
    play.sign_all(play.draft("qixia.editor", "response", text="甲", channels=["bulletin", "website"]))
    play.receive(FIRST, "bulletin")
    play.park(FIRST, LOST, "website")
    return play


def retraction_blocked() -> Play:
    """Withdrawn; the website could not be reached to take it down."""
    play = confirmed()
    play.sign_all(play.draft("qixia.editor", "response", text="甲", channels=["bulletin", "website"]))
    play.receive(FIRST)
    play.do("office.duty", c.WithdrawRelease(release=FIRST, reason="数字有误"))
    play.park(FIRST, "unreachable", "website", action="retract")
    return play


def public() -> Play:
    play = going_out()
    play.receive(FIRST)
    return play


def withdrawn() -> Play:
    play = public()
    play.do("office.duty", c.WithdrawRelease(release=FIRST, reason="数字有误"))
    play.effect(e.Retracted(release=FIRST, version=1, channel=Channel.BULLETIN, at=play.now))
    return play


def investigating() -> Play:
    play = Play.of()
    play.assess(investigation=True)
    play.confirm_facts()
    play.publish("qixia.editor", "response")
    return play


def updating() -> Play:
    """At `major` the first release is out, so that updates are owed."""
    play = grave()
    play.publish("water.editor", "first", text="甲")
    return play


def paused() -> Play:
    play = updating()
    play.do("office.duty", c.PauseUpdates(reason="夜间无进展"))
    return play


def restricted() -> Play:
    """Known to the county office's officer on duty beside those who always know."""
    play = general()
    play.do("office.deputy", c.RestrictIncident.model_validate({"officers": ["office.duty"], "reason": "案件侦办"}))
    return play


def restricted_unlike() -> Play:
    """What it would be merged into is not."""
    play = restricted()
    play.unlike = True
    return play


# -- meetings, figures, tasks ----------------------------------------------------------------------------------


def with_figure() -> Play:
    play = general()
    play.do("qixia.editor", c.AgreeFigure.model_validate(FIGURE))
    return play


def planned() -> Play:
    play = grave()
    play.do("press.desk", c.ScheduleConference.model_validate(PLAN))
    return play


def planned_with_draft() -> Play:
    """A conference whose opening statement has still to be approved."""
    play = grave()
    play.draft("water.editor", text="甲")
    play.do("press.desk", c.ScheduleConference.model_validate(PLAN | {"statement": FIRST}))
    return play


def planned_with_statement() -> Play:
    play = planned_with_draft()
    play.sign_all(FIRST)
    play.receive(FIRST)
    return play


def conference_approved() -> Play:
    play = planned_with_statement()
    play.do("office.duty", c.ApproveConference())
    return play


def two_conferences() -> Play:
    play = planned()
    play.do("press.desk", c.ScheduleConference.model_validate(PLAN | {"at": TOMORROW}))
    return play


def convened() -> Play:
    play = general()
    play.do("office.duty", c.ConveneConsultation(participants=(UnitId("water"),)))
    return play


def tasked() -> Play:
    play = general()
    play.do("office.duty", c.AssignTask.model_validate({"what": "抢修", "unit": "water", "due_at": LATER}))
    return play


def task_done() -> Play:
    play = tasked()
    play.do("water.editor", c.CompleteTask(task="t1", report="已修复"))
    return play


def designated() -> Play:
    play = several()
    play.do("office.duty", c.DesignateLead(lead=UnitId("health"), reason="主管"))
    return play


# -- referrals ------------------------------------------------------------------------------


def answering() -> Play:
    """A response is in review: what a referral has to stand beside."""
    play = confirmed()
    play.draft("qixia.editor", "response", text="甲")
    return play


def referred() -> Play:
    play = answering()
    play.do("office.duty", c.ReferRumour.model_validate(RUMOUR))
    return play


def referral_confirmed() -> Play:
    play = referred()
    play.do("office.duty2", c.ConfirmReferral(referral="r1"))
    return play


def referral_received() -> Play:
    play = referral_confirmed()
    play.do("police.editor", c.AcknowledgeReferral(referral="r1"))
    return play


def two_referrals() -> Play:
    """One was confirmed, the other not, to the same receiver."""
    play = referral_confirmed()
    play.do("office.duty", c.ReferRumour.model_validate(RUMOUR))
    return play


# -- merging and the end -----------------------------------------------------------------------------------------


def merging() -> Play:
    play = general()
    play.do("office.duty", c.MergeInto(survivor=SURVIVOR, reason="同一事件"))
    return play


def merged() -> Play:
    play = merging()
    play.effect(e.Merged(survivor=SURVIVOR))
    return play


def absorbing() -> Play:
    """A matter of 白石镇 that `merging` has asked to be taken into."""
    play = Play(incident=SURVIVOR)
    play.do("baishi.editor", c.Submit.model_validate(submission(townships=["baishi"])))
    play.asking = merging().incident
    return play


def absorbing_a_drill() -> Play:
    play = absorbing()
    drill = Play.of(drill=True)
    drill.do("office.duty", c.MergeInto(survivor=SURVIVOR, reason="同一事件"))
    play.asking = drill.incident
    return play


def absorbing_unasked() -> Play:
    play = absorbing()
    play.asking = general().incident
    return play


def closed() -> Play:
    play = public()
    play.do("office.duty", c.Close(summary="办结"))
    return play


def dismissed() -> Play:
    play = general()
    play.assess("office.head", respond=False, reason="不属实")
    return play


# -- other counties ------------------------------------------------------------------------------


def in_two_offices() -> Play:
    """The duty officer sits in the press office too, and planned the conference there."""
    play = grave()
    desk = play.officer("press.desk").posts[0]
    officers = (
        officer.model_copy(update={"posts": (*officer.posts, desk)})
        if officer.id == OfficerId("office.duty")
        else officer
        for officer in play.county.officers
    )
    play.county = play.county.model_copy(update={"officers": tuple(officers)})
    play.do("office.duty", c.ScheduleConference.model_validate(PLAN))
    return play
