"""A major incident with everything in it that documents tell of, and the dossier of it."""

from collections.abc import Sequence
from datetime import timedelta

from documents.dossier import Dossier, Recorded
from domain import commands as c
from domain.releases import Document, Release
from domain.vocabulary import Channel, ConferenceForm, Digest, OfficerId, ReleaseId, ReleaseKind, StepKind, UnitId
from tests.domain.world import INCIDENT, Play, county, minutes, reference

RESPONSE = ReleaseId("00000000000a")
TITLE = "关于县城供水异味的情况说明"
BODY = "县水务局已查明原因：管网检修后余氯偏高。\n\n水质检测合格，供水已恢复正常。"


class Story(Play):
    """A play that keeps the words."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Whatever a play is made from.
        self.words: dict[str, str] = {}
        self.manuscripts: dict[Digest, Document] = {}

    def do(self, officer: str, command: c.Command) -> tuple[object, ...]:  # type: ignore[override]
        self.words |= {reference(text): text for text in c.texts(command)}
        return super().do(officer, command)

    def write(self, officer: str, body: str = BODY, title: str = TITLE, release: ReleaseId = RESPONSE) -> None:
        """The first version of a response, or the next."""
        channels = (Channel.BULLETIN,)
        document = Document(
            incident=INCIDENT, release=release, kind=ReleaseKind.RESPONSE, title=title, body=body, channels=channels
        )
        words = document.digest()
        self.manuscripts[words] = document
        version = {"release": release, "digest": words, "channels": channels}
        if release in self.incident.releases:
            self.do(officer, c.ReviseRelease.model_validate(version))
        else:
            self.do(officer, c.DraftRelease.model_validate(version | {"kind": ReleaseKind.RESPONSE}))

    def chosen(self) -> Release:
        return self.release(RESPONSE)

    def later(self, number: float = 5) -> None:
        self.wait(minutes(number))

    def dossier(self, entries: Sequence[Recorded] | None = None) -> Dossier:
        made = tuple(Recorded(entry, f"{entry.seq:064x}") for entry in self.entries)
        return Dossier(
            incident=self.incident,
            entries=made if entries is None else tuple(entries),
            words=self.words,
            manuscripts=self.manuscripts,
            county=county(),
            roster=county().roster(),
            printed_by="测试员（县政府办公室）",
            now=self.now,
        )


def begun(title: str = "县城多个小区自来水异味", *, drill: bool = False) -> Story:
    """Submitted and assessed, its facts confirmed."""
    story = Story.of(
        "drill" if drill else "xiangyun-2019-54",
        minutes(0) if drill else minutes(20),
        title=title,
        summary="多名居民反映自来水有异味，短视频平台出现相关视频，播放量约三万。\n县水务局已派人到场取样。",
        level="major",
        townships=["qixia"],
        departments=["water", "health"],
        links=["https://video.example/watch/1"],
        drill=drill,
    )
    story.do("office.duty", c.Assess(lead=UnitId("water"), respond=True, reason="涉及面广，由水务局牵头回应"))
    story.do("water.editor", c.ConfirmFacts(summary="管网检修后余氯偏高，水质检测合格"))
    return story


def told() -> Story:
    """The whole of it: a version returned and another signed by everybody, a conference put off and held."""
    story = begun()
    consulted = c.ConveneConsultation(
        participants=(UnitId("water"), UnitId("health")), at=story.now, agenda="研判水质异常原因"
    )
    story.do("office.duty", consulted)
    concluded = c.ConcludeConsultation(
        consultation="m1",
        conclusions="余氯偏高，水质合格",
        release_plan="今晚发布检测结果",
        handling_plan="逐户回访，设置供水点",
    )
    story.do("office.duty", concluded)
    due_at = story.now + timedelta(hours=6)
    story.do("office.duty", c.AssignTask(what="复检末梢水并报送结果", unit=UnitId("health"), due_at=due_at))
    figure = {"fact": "受影响居民约两千户", "checked": True, "may_say": True, "verified_by": "water"}
    story.do("water.editor", c.AgreeFigure.model_validate(figure))
    story.write("water.editor", "县水务局正在排查。")
    story.sign("water.head", RESPONSE, "unit_approval")
    story.later()
    digest = story.chosen().version.digest
    story.do(
        "health.head", c.ReturnRelease(release=RESPONSE, step=StepKind.COSIGN, digest=digest, reason="请补充检测结论")
    )
    story.later()
    story.write("water.editor")
    signed(story)
    conferred(story)
    return story


def signed(story: Story) -> None:
    """Everybody decides on the second version; the reviewer asks first."""
    digest = story.chosen().version.digest
    story.do("water.head", c.Approve(release=RESPONSE, step=StepKind.UNIT_APPROVAL, digest=digest, comment="同意发布"))
    story.later()
    story.sign("health.head", RESPONSE, "cosign")
    story.later()
    review = {"release": RESPONSE, "digest": digest, "originator": "environment"}
    asked = {"outcome": "undecided", "asked": "州生态环境局", "consent": "awaited", "comment": "水源地数据由其产生"}
    story.do("water.reviewer", c.ReviewConfidentiality.model_validate(review | asked))
    story.later()
    cleared = {"outcome": "cleared", "consent": "given", "law": "《中华人民共和国政府信息公开条例》第十七条"}
    story.do("water.reviewer", c.ReviewConfidentiality.model_validate(review | cleared))
    story.later()
    story.do("office.head", c.Approve(release=RESPONSE, step=StepKind.COUNTY_APPROVAL, digest=digest, comment="同意"))
    story.receive(RESPONSE)


def conferred(story: Story) -> None:
    """A conference: planned, approved, put off, approved anew, held."""
    planned = c.ScheduleConference(
        at=story.now + timedelta(hours=3),
        venue="县政府新闻发布厅",
        attendees=(OfficerId("water.head"),),
        form=ConferenceForm.CONFERENCE,
        statement=RESPONSE,
        invited=("县融媒体中心",),
    )
    story.do("press.desk", planned)
    story.do("office.head", c.ApproveConference(conference="c1", comment="同意举行"))
    story.later()
    at = story.now + timedelta(hours=4)
    story.do("press.desk", c.PostponeConference(conference="c1", at=at, reason="等待复检结果"))
    story.do("office.deputy", c.ApproveConference(conference="c1"))
    story.wait_until(at + minutes(90))
    story.do(
        "press.desk",
        c.RecordConference(held_at=at, attendees=(OfficerId("water.head"),), form=ConferenceForm.CONFERENCE),
    )
