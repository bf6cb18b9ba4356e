"""Arbitrary commands by arbitrary officers, time, alarms and channels in any order: what never happens."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from domain import commands as c
from domain import events as e
from domain.alarms import alarms, due_alarms
from domain.consequences import consequences
from domain.decide import ring
from domain.folding import fold
from domain.incident import Incident
from domain.releases import BY_HAND, LOST, Intent, Release
from domain.vocabulary import (
    Category,
    Channel,
    Level,
    ReleaseId,
    ReleaseKind,
    ReleaseState,
    Resolution,
    StepKind,
    UnitId,
)
from tests.domain.proceedings import Proceedings, county_with_stand_ins, old_enough
from tests.domain.witness import Witness
from tests.domain.world import DETECTED, INCIDENT, Play, digest, roster

LEADERS = ("office.duty", "office.duty2", "office.deputy", "office.head", "leading.head")
UNITS = ("qixia", "market", "health", "office", "press")
POSTS = ("editor", "head", "deputy", "reviewer", "desk")
OFFICERS = st.sampled_from(
    [
        *LEADERS,
        *(f"{unit}.{post}" for unit in ("qixia", "market", "health") for post in POSTS[:4]),
        *("office.reviewer", "press.desk", "press.head", "publicity.reviewer"),
        *("liuba.editor", "liuba.head", "ops.oncall", "audit.reader"),
    ]
)
DRAFTERS = st.sampled_from(
    ["qixia.editor", "market.editor", "market.head", "health.deputy", "office.duty", "press.desk", "liuba.editor"]
)
WORDS = st.sampled_from(["甲", "乙", "丙"])
CHANNELS = st.sampled_from([["bulletin"], ["bulletin"], ["bulletin", "website"], ["bulletin", "website", "weibo"]])
LEVELS = st.sampled_from(Level)
TOWNSHIPS = st.sampled_from([(), ("qixia",), ("qixia", "baishi")])
DEPARTMENTS = st.sampled_from([(), ("market",), ("market", "health"), ("health", "market")])
SUPERIORS = st.sampled_from([None, None, "market", "education"])
MOST_STEPS = 6
PAUSES = st.sampled_from([1, 10, 35, 70, 250, 600, 1500, 3000, 10_000])
"""Minutes of the policy's clock."""


class IncidentMachine(Proceedings):
    def __init__(self) -> None:
        super().__init__()
        self.witness = Witness()
        self.seen = 0
        self.rung: set[str] = set()

    @initialize(
        policy=st.sampled_from(["xiangyun-2019-54", "national-2016", "drill"]),
        level=LEVELS,
        category=st.sampled_from(Category),
        townships=TOWNSHIPS,
        departments=DEPARTMENTS,
        superior=SUPERIORS,
        late=st.sampled_from([0, 0, 1, 300, 3000]),
        stand_ins=st.booleans(),
        prepared=st.lists(
            st.tuples(st.sampled_from([*ReleaseKind, "correction"]), WORDS, st.integers(0, 8)), max_size=4
        ),
    )
    def submit(
        self, policy: str, late: int, stand_ins: bool, prepared: list[tuple[str, str, int]], **facts: object
    ) -> None:
        """An incident, perhaps with releases that are some way through their review or public already."""
        facts["superior_department"] = facts.pop("superior")
        after = timedelta(minutes=late) * (1 / 600 if policy == "drill" else 1)
        self.play = Play.of(policy, after, **facts)
        if stand_ins:
            self.play.county = county_with_stand_ins()
        if prepared:
            self.play.confirm_facts()
        for wanted, words, steps in prepared:
            kind = ReleaseKind(wanted)
            author = roster(self.state.units).heads[self.state.route.lead][-1]
            public = [release.id for release in self.state.releases.values() if release.receipts]
            corrects = public[-1] if public and kind is ReleaseKind.CORRECTION else None
            chosen = ReleaseKind.FIRST if kind is ReleaseKind.CORRECTION and not corrects else kind
            channels = ["bulletin", "website", "weibo"][: 1 + steps % 3]
            release = self.play.draft(author, chosen, words, corrects=corrects, channels=channels)
            self.take_steps(release, steps)
            if steps > MOST_STEPS:
                self.play.receive(release, "bulletin")

    def take_steps(self, release: ReleaseId, number: int) -> None:
        for _ in range(number):
            opened = self.play.open_steps(release)
            officers = self.play.holders(release, opened[0]) if opened else ()
            if officers:
                self.play.sign(officers[0], release, opened[0].kind)

    # -- what is done -------------------------------------------------------------------------------------

    def some_step(self, data: st.DataObject, release: Release) -> StepKind:
        opened = [step.kind for step in self.play.open_steps(release.id)]
        return StepKind(data.draw(st.sampled_from([*opened, *opened, *StepKind])))

    def somebody(self, data: st.DataObject, release: Release) -> str:
        """Most often somebody with a hand in the release already, who is the likeliest to overstep."""
        opened = self.play.open_steps(release.id)
        holding = [officer for step in opened for officer in self.play.holders(release.id, step)]
        involved = [*holding, *release.authors, *(decision.by for decision in release.decisions)]
        return str(data.draw(st.sampled_from(sorted(involved)) | OFFICERS))

    def some_release(self, data: st.DataObject, *states: ReleaseState) -> Release | None:
        found = [r for r in self.state.releases.values() if not states or r.state in states]
        return data.draw(st.sampled_from(found)) if found else None

    @rule(
        officer=st.sampled_from([*LEADERS, "leading.head", "leading.head", "qixia.head"]),
        fields=st.fixed_dictionaries(
            {},
            optional={
                "level": LEVELS,
                "category": st.sampled_from(Category),
                "townships": TOWNSHIPS,
                "departments": DEPARTMENTS,
                "superior_department": SUPERIORS,
                "lead": st.sampled_from([None, None, "qixia", "market", "office"]),
                "investigation": st.booleans(),
                "rolling_updates": st.booleans(),
            },
        ),
        shift=st.sampled_from([None, None, None, -90, 45]),
        ordered=st.sampled_from([{}, {}, {}, {"response": 90}, {"first_release": 30, "press_conference": 600}]),
        respond=st.sampled_from([True] * 7 + [False]),
    )
    def assess(
        self, officer: str, fields: dict[str, Any], shift: int | None, ordered: dict[str, int], respond: bool
    ) -> None:
        minute = self.state.policy.minutes(1)
        if shift is not None:
            fields["detected_at"] = self.state.detected_at + shift * minute
        due_by = {kind: self.state.detected_at + minutes * minute for kind, minutes in ordered.items()}
        self.attempt(officer, c.Assess, **fields, due_by=due_by, respond=respond, reason="改判")

    @rule(level=LEVELS)
    def regrade(self, level: Level) -> None:
        self.attempt("office.duty", c.Assess, level=level)

    @rule(officer=st.sampled_from(["office.duty", "market.editor", "qixia.head"]))
    def confirm_facts(self, officer: str) -> None:
        self.attempt(officer, c.ConfirmFacts, summary="核实", reason="代为确认")

    @rule(
        officer=DRAFTERS,
        kind=st.sampled_from(ReleaseKind),
        words=WORDS,
        embargo=st.sampled_from([None, None, None, 20, 120]),
        channels=CHANNELS,
        data=st.data(),
    )
    def draft(
        self,
        officer: str,
        kind: ReleaseKind,
        words: str,
        embargo: int | None,
        channels: list[str],
        data: st.DataObject,
    ) -> None:
        known = self.some_release(data) if kind is ReleaseKind.CORRECTION else None
        self.attempt(
            officer,
            c.DraftRelease,
            release=f"{len(self.state.releases) + 1:012x}",
            kind=kind,
            digest=digest(words),
            channels=channels,
            corrects=known.id if known else None,
            embargo_until=self.play.now + embargo * self.state.policy.minutes(1) if embargo else None,
        )

    @precondition(lambda self: self.state.releases)
    @rule(officer=DRAFTERS, words=WORDS, channels=CHANNELS, data=st.data())
    def revise(self, officer: str, words: str, channels: list[str], data: st.DataObject) -> None:
        release = self.some_release(data)
        assert release is not None
        self.attempt(officer, c.ReviseRelease, release=release.id, digest=digest(words), channels=channels)

    @precondition(lambda self: self.state.releases)
    @rule(officer=st.sampled_from(["leading.head", "leading.head", "office.head", "office.duty"]), data=st.data())
    def order_out(self, officer: str, data: st.DataObject) -> None:
        release = self.some_release(data)
        assert release is not None
        self.attempt(officer, c.EmergencyRelease, release=release.id, digest=release.version.digest, reason="险情")

    @precondition(lambda self: self.state.releases)
    @rule(officer=st.sampled_from([*LEADERS, "qixia.head"]), data=st.data())
    def withdraw(self, officer: str, data: st.DataObject) -> None:
        release = self.some_release(data)
        assert release is not None
        self.attempt(officer, c.WithdrawRelease, release=release.id, reason="有误")

    @precondition(lambda self: self.disagreements())
    @rule(officer=st.sampled_from([*LEADERS, "qixia.head"]), data=st.data())
    def settle(self, officer: str, data: st.DataObject) -> None:
        release, unit = data.draw(st.sampled_from(self.disagreements()))
        on = {"release": release.id, "unit": unit, "digest": release.version.digest}
        self.attempt(officer, c.SettleDisagreement, **on, reason="以主管部门为准")

    @precondition(lambda self: self.state.releases)
    @rule(words=WORDS, pass_it=st.booleans(), data=st.data())
    def decide_anything(self, words: str, pass_it: bool, data: st.DataObject) -> None:
        """Anybody, any step, any words, stale ones included."""
        release = self.some_release(data)
        assert release is not None
        officer, kind = self.somebody(data, release), self.some_step(data, release)
        on, current = {"release": release.id, "digest": digest(words)}, release.version.digest
        if kind is StepKind.CONFIDENTIALITY:
            accepted = self.attempt(officer, c.ReviewConfidentiality, **on, outcome="cleared")
        elif pass_it:
            accepted = self.attempt(officer, c.Approve, **on, step=kind)
        else:
            accepted = self.attempt(officer, c.ReturnRelease, **on, step=kind, reason="退回")
        assert not accepted or digest(words) == current, "nobody decides on words that are not the current ones"

    @precondition(lambda self: any(r.state is ReleaseState.IN_REVIEW for r in self.state.releases.values()))
    @rule(
        data=st.data(),
        outcome=st.sampled_from(["pass"] * 7 + ["undecided", "refused", "returned", "returned"]),
        steps=st.integers(1, 6),
    )
    def sign(self, data: st.DataObject, outcome: str, steps: int) -> None:
        """Those who hold the steps take them: without this hardly anything would ever be published."""
        release = self.some_release(data, ReleaseState.IN_REVIEW)
        assert release is not None
        for _ in range(steps):
            opened = self.play.open_steps(release.id)
            officers = self.play.holders(release.id, opened[0]) if opened else ()
            if not officers:
                return
            by, kind = data.draw(st.sampled_from(officers)), opened[0].kind
            if kind is StepKind.CONFIDENTIALITY and outcome in ("undecided", "refused"):
                on = {"release": release.id, "digest": self.play.release(release.id).version.digest}
                words = {"outcome": outcome, "ground": "work_secret", "comment": "已请示"}
                self.attempt(by, c.ReviewConfidentiality, **on, **words)
            elif outcome == "returned" and kind is StepKind.COSIGN:
                on = {"release": release.id, "digest": self.play.release(release.id).version.digest}
                self.attempt(by, c.ReturnRelease, **on, step=kind, reason="口径不一")
                return
            else:
                self.play.sign(by, release.id, kind)

    @precondition(lambda self: self.state.releases)
    @rule(officer=st.sampled_from(LEADERS), unit=st.sampled_from([None, *UNITS]), data=st.data())
    def assign(self, officer: str, unit: str | None, data: st.DataObject) -> None:
        release = self.some_release(data)
        assert release is not None
        substitute, kind = self.somebody(data, release), self.some_step(data, release)
        fields = {"release": release.id, "step": kind, "unit": unit, "officer": substitute, "reason": "外出"}
        self.attempt(officer, c.AssignStep, **fields)

    @rule(officer=st.sampled_from(["press.desk", "press.head", "qixia.head"]), held=st.booleans(), form=st.booleans())
    def confer(self, officer: str, held: bool, form: bool) -> None:
        attendees = [f"{unit}.head" for unit in (*UNITS[:4], "education")]
        how = {"attendees": attendees, "form": "conference" if form else "briefing"}
        if held:
            self.attempt(officer, c.RecordConference, held_at=self.play.now, **how)
            return
        statement = next(reversed(self.state.releases), None)
        at = self.play.now + timedelta(seconds=30)
        self.attempt(officer, c.ScheduleConference, at=at, venue="会议室", statement=statement, **how)

    @rule(officer=st.sampled_from([*LEADERS, "leading.head", "ops.oncall", "qixia.head"]), data=st.data())
    def supervise(self, officer: str, data: st.DataObject) -> None:
        commands: list[tuple[type[c.Command], dict[str, object]]] = [
            (c.PauseUpdates, {"reason": "间歇"}),
            (c.ResumeUpdates, {}),
            (c.RetryBlocked, {}),
            (c.Note, {"text": "附记"}),
            (c.Close, {"summary": "办结"}),
            (c.Reopen, {"reason": "再次发酵"}),
            (c.Reopen, {"reason": "再次发酵", "detected_at": DETECTED}),
        ]
        commands += [(c.Waive, {"obligation": o.kind, "reason": "统一发布"}) for o in self.state.pending]
        commands += [(c.CancelRelease, {"release": release, "reason": "撤稿"}) for release in self.state.releases]
        command, fields = data.draw(st.sampled_from(commands))
        self.attempt(officer, command, **fields)

    @precondition(old_enough)
    @rule()
    def lift_what_is_owed_and_close(self) -> None:
        self.attempt("office.duty", c.Assess)
        for obligation in self.state.pending:
            self.attempt("leading.head", c.Waive, obligation=obligation.kind, reason="统一发布")
        self.attempt("office.duty", c.Close, summary="办结")

    @precondition(lambda self: self.state.phase.ended)
    @rule()
    def reopen(self) -> None:
        self.attempt("office.duty", c.Reopen, reason="再次发酵")

    # -- what happens by itself ----------------------------------------------------------------------------

    @rule(pause=PAUSES)
    def time_passes_while_nothing_runs(self, pause: int) -> None:
        self.play.now += pause * self.state.policy.minutes(1)
        while due := due_alarms(self.state, self.play.now):
            # Each brings something as long as it is due, or the process would spin.
            batch = ring(self.state, due[0], self.play.now)
            assert batch is not None, due[0]
            self.rung.add(due[0].key)
            self.play.append(batch)
            assert due[0].key not in {alarm.key for alarm in alarms(self.state)}

    @precondition(lambda self: self.calls(parked=False))
    @rule(data=st.data(), result=st.sampled_from(["done"] * 5 + ["lapsed", "unreachable", LOST, BY_HAND]))
    def channel_answers(self, data: st.DataObject, result: str) -> None:
        release, call = data.draw(st.sampled_from(self.calls(parked=False)))
        where: dict[str, Any] = {"release": release.id, "version": release.version.number, "channel": call.channel}
        if result == "lapsed":
            if call.action == "publish" and not self.witness.may_go(self.witness.drafts[release.id]):
                self.play.effect(e.PublicationLapsed(**where, attempt=call.attempt))
        elif result != "done":
            self.play.effect(e.EffectParked(**where, code=result, action=call.action))
        elif call.action == "publish":
            self.play.receive(release.id, call.channel)
        else:
            self.play.effect(e.Retracted(**where, at=self.play.now))

    def disagreements(self) -> list[tuple[Release, UnitId]]:
        releases = self.state.releases.values()
        return [(r, d.step.unit) for r in releases for d in r.stopping if d.step.kind is StepKind.COSIGN]

    def calls(self, *, parked: bool) -> list[tuple[Release, Intent]]:
        releases = self.state.releases.values()
        return [(r, call) for r in releases for call in r.pending if bool(call.parked) is parked]

    @precondition(lambda self: self.calls(parked=True))
    @rule(
        officer=st.sampled_from(["office.duty", "press.desk", "ops.oncall"]),
        outcome=st.sampled_from([*Resolution, None]),
        data=st.data(),
    )
    def resolve(self, officer: str, outcome: Resolution | None, data: st.DataObject) -> None:
        if outcome is None:
            self.attempt(officer, c.RetryBlocked)
            return
        release, call = data.draw(st.sampled_from(self.calls(parked=True)))
        found = {"release": release.id, "channel": call.channel, "outcome": outcome}
        self.attempt(officer, c.ResolvePublication, **found, url="https://example.gov.cn/1", reason="已核查")

    # -- what never happens --------------------------------------------------------------------------------

    @invariant()
    def all_that_must_hold(self) -> None:
        for entry in self.play.entries[self.seen :]:
            self.witness.observe(entry)
        self.seen = len(self.play.entries)
        self.check_that_nothing_more_follows()
        self.check_alarms()
        self.check_duties()
        self.check_the_end()

    def check_that_nothing_more_follows(self) -> None:
        assert consequences(self.state, self.play.entries[-1].at) == ()

    def check_alarms(self) -> None:
        keys = [alarm.key for alarm in alarms(self.state)]
        assert not set(keys) & self.rung, "what rang does not come back"
        assert len(keys) == len(set(keys))

    def check_duties(self) -> None:
        known = {o.id: o for o in self.state.obligations}
        assert set(known) == set(self.witness.duties), "no duty disappears"
        pending = [o for o in known.values() if self.witness.duties[o.id] == "pending"]
        assert pending == list(self.state.pending)
        assert len({o.kind for o in pending}) == len(pending), "one duty of a kind at a time"

    def check_the_end(self) -> None:
        """What goes on after the end is a call that waits for a person, a remedy, a referral; nothing else."""
        if self.state.phase.ended:
            assert not self.state.pending
            assert {type(alarm.fact) for alarm in alarms(self.state)} <= {e.Chased}
            outliving = {"remedy", "parked", "referral"}
            assert {str(a.fact.subject) for a in alarms(self.state) if isinstance(a.fact, e.Chased)} <= outliving
            assert not any(release.intents for release in self.state.releases.values() if not release.withdrawn_at)
            over = ("published", "corrected", "cancelled", "withdrawn")
            assert {r.state for r in self.state.releases.values() if not r.intents} <= set(over)

    @invariant()
    def nothing_goes_out_against_the_order_of_its_channels(self) -> None:
        for release in self.state.releases.values():
            calls = [call.channel for call in release.intents]
            assert len(calls) == len(set(calls)), "one call on a channel at a time"
            assert not set(calls) & {receipt.channel for receipt in release.receipts}, "never twice"
            if Channel.WEIBO in calls:
                assert self.state.published_at(release), "Weibo points to a page that is there"
            while release.corrects is not None:
                release = self.state.releases[release.corrects]  # noqa: PLW2901 - up the chain of corrections
                assert not set(calls) & {intent.channel for intent in release.intents}, "a correction overtook"

    def teardown(self) -> None:
        """Folding gives the state that was advanced step by step, also from what was written down."""
        if self.seen:
            written = [e.RecordedEntry.model_validate_json(x.model_dump_json()) for x in self.play.entries]
            assert fold(written, INCIDENT) == self.state
            assert Incident.model_validate_json(self.state.model_dump_json()) == self.state


TestIncidentMachine = IncidentMachine.TestCase
TestIncidentMachine.settings = settings(max_examples=30, stateful_step_count=40)
