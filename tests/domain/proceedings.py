"""What goes on beside the releases of an arbitrary incident: figures, meetings, tasks, referrals, merging."""

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from domain import commands as c
from domain import events as e
from domain.county import County, Delegation
from domain.incident import Incident
from domain.refusals import Code, RefusalRecord
from domain.vocabulary import IncidentId, ObligationKind
from tests.domain.situations import RUMOUR, SURVIVOR
from tests.domain.world import DETECTED, INCIDENT, Play, county, hours, submission

OFFICE = ("office.duty", "office.duty2", "office.deputy", "office.head")
RIGHT = "whoever may"
ANYBODY = st.sampled_from(
    [
        *[RIGHT] * 24,
        *(*OFFICE, "leading.head", "press.desk", "press.head", "market.editor", "qixia.editor", "qixia.head"),
        *("office.reviewer", "police.editor", "health.editor", "liuba.editor", "market.reviewer"),
    ]
)
LONG = 60
UNITS = st.sampled_from(["market", "health", "qixia", "police", "publicity"])
MEETINGS: list[tuple[type[c.Command], dict[str, object]]] = [
    (c.ApproveConference, {}),
    (c.ApproveConference, {"conference": "c2"}),
    (c.CancelConference, {"reason": "取消"}),
    (c.ConcludeConsultation, {"conclusions": "统一口径", "release_plan": "先发"}),
    (c.ConveneConsultation, {"participants": ["health", "publicity"]}),
    (c.ConveneConsultation, {"participants": ["market"], "conclusions": "统一口径"}),
]
HANDED = (("office", "office.duty", "office.reviewer"), ("qixia", "qixia.head", "qixia.reviewer"))


@cache
def county_with_stand_ins() -> County:
    """The duty officer's post is the reviewer's too, and the head's of 栖霞镇 that of its reviewer."""
    handed = (
        {"id": number, "unit": unit, "principal": principal, "delegate": delegate}
        for number, (unit, principal, delegate) in enumerate(HANDED)
    )
    period = {"starts_at": DETECTED, "ends_at": DETECTED + hours(1)}
    delegations = tuple(Delegation.model_validate(one | period) for one in handed)
    return county().model_copy(update={"delegations": delegations}).on(DETECTED)


@cache
def asking(level: str, published: bool) -> Incident:
    """Another incident, which has asked to be taken into this one."""
    play = Play(incident=SURVIVOR)
    fields = submission(level=level, townships=["liuba"], departments=["education"])
    play.do("liuba.editor", c.Submit.model_validate(fields))
    if published:
        play.publish("education.editor", "first")
    play.do("office.duty", c.MergeInto(survivor=INCIDENT, reason="同一事件"))
    return play.incident


def going_on(machine: "Proceedings") -> bool:
    return not machine.state.phase.ended


def old_enough(machine: "Proceedings") -> bool:
    """Enough has happened for it to end."""
    return going_on(machine) and machine.state.seq > LONG


class Proceedings(RuleBasedStateMachine):
    play: Play

    def attempt(self, officer: str, command: type[c.Command], /, **fields: object) -> bool:
        """Whether it was accepted. A refusal changes nothing but the count of refusals."""
        before = self.play.incident
        ruling = self.play.attempt(officer, command.model_validate(fields))
        if ruling.refusal is not None:
            assert len(ruling.batch.facts) == 1
            counted = ("seq", "refusals", "refusals_since")
            assert self.play.incident.model_copy(update={name: getattr(before, name) for name in counted}) == before
        return ruling.refusal is None

    @property
    def state(self) -> Incident:
        return self.play.incident

    def by(self, officer: str, rightful: str | None = None) -> str:
        """Most often whoever may (left out: one of the lead's heads), so that most of it comes about."""
        heads = self.play.roster().heads[self.state.route.lead]
        return officer if officer != RIGHT else rightful or heads[-1]

    def soon(self, minutes: float) -> object:
        return self.play.now + self.state.policy.minutes(minutes)

    @precondition(going_on)
    @rule(officer=ANYBODY, obligation=st.sampled_from([None, *ObligationKind]))
    def acknowledge(self, officer: str, obligation: ObligationKind | None) -> None:
        self.attempt(self.by(officer), c.Acknowledge, obligation=obligation)

    @precondition(going_on)
    @rule(officer=ANYBODY, may_say=st.booleans(), known=st.sampled_from([None, None, "f1"]), withdraw=st.booleans())
    def agree(self, officer: str, may_say: bool, known: str | None, withdraw: bool) -> None:
        if withdraw:
            self.attempt(self.by(officer), c.WithdrawFigure, figure=known or "f2", reason="有误")
            return
        fields = {"figure": known, "fact": "停水户数", "checked": True, "may_say": may_say, "verified_by": "market"}
        self.attempt(self.by(officer), c.AgreeFigure, **fields, valid_until=self.soon(60))

    @precondition(going_on)
    @rule(officer=ANYBODY, what=st.sampled_from(MEETINGS), postpone=st.booleans())
    def meet(self, officer: str, what: tuple[type[c.Command], dict[str, object]], postpone: bool) -> None:
        if postpone:
            self.attempt("press.desk", c.PostponeConference, at=self.soon(90), reason="改期")
        command, fields = what
        self.attempt(self.by(officer, "office.duty2"), command, **fields)

    @precondition(going_on)
    @rule(unit=UNITS, done_by=ANYBODY, number=st.integers(1, 3), give=st.booleans(), drop=st.booleans())
    def task(self, unit: str, done_by: str, number: int, give: bool, drop: bool) -> None:
        if give:
            self.attempt("office.duty", c.AssignTask, what="核实", unit=unit, due_at=self.soon(45))
        outcome = "dropped" if drop else "done"
        self.attempt(
            self.by(done_by, "office.duty"), c.CompleteTask, task=f"t{number}", report="已核实", outcome=outcome
        )

    @precondition(going_on)
    @rule(officer=ANYBODY, lead=UNITS)
    def designate(self, officer: str, lead: str) -> None:
        self.attempt(self.by(officer, "office.duty"), c.DesignateLead, lead=lead, reason="主管")

    @precondition(lambda self: self.state.releases)
    @rule(officer=ANYBODY, another=ANYBODY, confirmed=st.booleans(), data=st.data())
    def refer(self, officer: str, another: str, confirmed: bool, data: st.DataObject) -> None:
        release = data.draw(st.sampled_from(sorted(self.state.releases)))
        self.attempt(self.by(officer), c.ReferRumour, **RUMOUR | {"release": release})
        known = [referral.id for referral in self.state.referrals] or ["r1"]
        which = data.draw(st.sampled_from(known))
        self.attempt(
            self.by(another, "office.duty2"), c.ConfirmReferral, referral=which, confirmed=confirmed, reason="不妥"
        )
        self.attempt("police.editor", c.AcknowledgeReferral, referral=which)

    @precondition(going_on)
    @rule(officer=ANYBODY, kinds=st.lists(st.sampled_from(ObligationKind), min_size=1, max_size=2))
    def superior_releases(self, officer: str, kinds: list[ObligationKind]) -> None:
        fields: dict[str, Any] = {"link": "https://example.gov.cn/1", "scope": "全州供水", "obligations": kinds}
        self.attempt(self.by(officer, "office.duty"), c.RecordSuperiorRelease, **fields)

    @precondition(going_on)
    @rule(officer=ANYBODY, level=st.sampled_from(["general", "major"]), published=st.booleans())
    def absorb(self, officer: str, level: str, published: bool) -> None:
        self.play.asking = asking(level, published)
        self.attempt(self.by(officer, "office.duty"), c.Absorb, incident=SURVIVOR)

    @precondition(old_enough)
    @rule(officer=ANYBODY, answer=st.sampled_from(["refused"] * 9 + ["merged"]))
    def merge(self, officer: str, answer: str) -> None:
        """It asks, something is tried meanwhile, and the other answers."""
        if not self.attempt(
            self.by(officer, "office.duty"), c.MergeInto, survivor=IncidentId("c3c3c3c3c3c3"), reason="同一事件"
        ):
            return
        assert not self.attempt("office.duty", c.Assess)
        survivor = IncidentId("c3c3c3c3c3c3")
        refusal = RefusalRecord(code=Code.INCIDENT_ENDED, params={"phase": "closed"})
        answers: dict[str, Callable[[], e.Fact]] = {
            "refused": lambda: e.MergeRefused(survivor=survivor, refusal=refusal),
            "merged": lambda: e.Merged(survivor=survivor),
        }
        self.play.effect(answers[answer]())
        assert self.state.phase.ended or answer == "refused"
