"""The sample county and a `Play`: an incident driven as the process drives it, without a process."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Self

import policies
from domain import commands as c
from domain import events as e
from domain.alarms import due_alarms, next_alarm_at
from domain.case import Envelope
from domain.consequences import stages_of
from domain.county import Actor, County, Officer, Roster
from domain.decide import Ruling, conclude, decide, ring
from domain.folding import advance
from domain.incident import Incident
from domain.obligations import Obligation
from domain.refusals import Code
from domain.releases import Release, Step, StepView, holders, step_views
from domain.vocabulary import (
    CommandId,
    Digest,
    IncidentId,
    OfficerId,
    Origin,
    ReleaseId,
    ReleaseKind,
    StepKind,
    UnitId,
)

INCIDENT = IncidentId("0f0e0d0c0b0a")
DETECTED = datetime(2026, 3, 18, 7, 20, tzinfo=UTC)
"""15:20 in Asia/Shanghai."""


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@cache
def county() -> County:
    return County.model_validate_json(resources.files("runtime").joinpath("sample/county.json").read_text("utf-8"))


@cache
def roster(units: frozenset[UnitId]) -> Roster:
    return county().roster(units)


@cache
def actor(officer: str) -> Actor:
    found = county().officer(OfficerId(officer))
    assert found is not None, officer
    return Actor.of(found)


def reference(text: str) -> str:
    """What the API puts in place of a text."""
    return "t1:" + hashlib.sha256(text.encode()).hexdigest()


def digest(text: str) -> Digest:
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def submission(**changes: object) -> dict[str, object]:
    """The facts of a general livelihood matter in one township, with `changes`."""
    facts: dict[str, object] = {
        "title": "停水",
        "summary": "集镇停水三日",
        "category": "livelihood",
        "level": "general",
        "townships": ["qixia"],
        "detected_at": DETECTED.isoformat(),
        "source": "hotline",
    }
    return facts | changes


def travelled(command: c.Command) -> c.Command:
    """The command as the process receives it: words replaced by references, through JSON and back."""
    body = c.refer(command, reference).model_dump(mode="json", exclude_unset=True)
    return type(command).model_validate(json.loads(json.dumps(body)))


class Play:
    """One incident. Commands, alarms and effect results are applied as the workflow applies them."""

    def __init__(
        self, policy: str = "xiangyun-2019-54", now: datetime = DETECTED, incident: IncidentId = INCIDENT
    ) -> None:
        self.policy = policies.load(policy)
        self.now = now
        self.id = incident
        self.county = county()
        self.asking: Incident | None = None
        self.unlike = False
        self.entries: list[e.RecordedEntry] = []
        self.state: Incident | None = None
        self._commands = 0
        self._releases = 0

    @classmethod
    def of(cls, policy: str = "xiangyun-2019-54", after: timedelta = timedelta(), **facts: object) -> Self:
        """An incident submitted by its township's editor (or the county office's) some time after detection."""
        play = cls(policy, DETECTED + after)
        fields = submission(**facts)
        townships = fields["townships"]
        reporter = f"{townships[0]}.editor" if isinstance(townships, list) and townships else "office.duty"
        play.do(reporter, c.Submit.model_validate(fields))
        return play

    # -- what somebody does

    @property
    def incident(self) -> Incident:
        assert self.state is not None, "nothing was submitted yet"
        return self.state

    def officer(self, officer: str) -> Officer:
        """With the posts that are theirs today, those handed to them included."""
        found = self.county.on(self.now).officer(OfficerId(officer))
        assert found is not None, officer
        return found

    def roster(self, *units: UnitId) -> Roster:
        """The roster of the units that matter, and of `units`."""
        wanted = frozenset({*(self.state.units if self.state else ()), *units})
        return roster(wanted) if self.county is county() else self.county.on(self.now).roster(wanted)

    def envelope(self, officer: str, command: c.Command) -> Envelope:
        """What admission would find: a roster of the units that matter and no others."""
        self._commands += 1
        named = {name: self.officer(name).posts for name in command.officers_named()}
        founding = isinstance(command, c.Submit)
        asking = self.asking if isinstance(command, c.Absorb) else None
        return Envelope(
            command_id=CommandId(f"c{self._commands}"),
            origin=Origin.UPDATE,
            issued_at=self.now,
            actor=Actor.of(self.officer(officer)),
            roster=self.roster(*command.units_named(), *(asking.units if asking else ())),
            named={name: tuple(role for post in posts for role in post.roles) for name, posts in named.items()},
            named_units={name: tuple(post.unit for post in posts) for name, posts in named.items()},
            asking=asking,
            # Like is merged with like; a test of the contrary says so.
            survivor_restricted=bool(self.state and self.state.restriction) is not self.unlike,
            policy=self.policy if founding else None,
            number="青岫舆〔2026〕1号" if founding else None,
        )

    def attempt(self, officer: str, command: c.Command) -> Ruling:
        """Decide and append, refusals included; the submission that is refused leaves nothing."""
        command = travelled(command)
        ruling = decide(self.state, command, self.envelope(officer, command), self.now, self.id)
        if self.state is not None or ruling.refusal is None:
            self.append(ruling.batch)
        return ruling

    def do(self, officer: str, command: c.Command) -> tuple[e.Fact, ...]:
        """The facts the command brought; fails where it is refused."""
        ruling = self.attempt(officer, command)
        assert ruling.refusal is None, (officer, command.name, ruling.refusal)
        return ruling.batch.facts

    def refused(self, officer: str, command: c.Command) -> Code:
        """The code with which the command is refused; fails where it is not."""
        ruling = self.attempt(officer, command)
        assert ruling.refusal is not None, (officer, command.name, "was not refused")
        return ruling.refusal.code

    def append(self, batch: e.Batch) -> None:
        for seq, entry in enumerate(batch.entries(), start=len(self.entries) + 1):
            assert entry.key not in {known.key for known in self.entries[-200:]}, entry.key
            self.entries.append(e.RecordedEntry(seq=seq, key=entry.key, by=entry.by, fact=entry.fact))
        self.state = advance(self.state, batch, self.id)

    # -- what time and channels do

    def wait_until(self, instant: datetime) -> list[e.Fact]:
        """Let time pass; every alarm rings at its instant. The facts they brought, in order."""
        rung: list[e.Fact] = []
        while (at := next_alarm_at(self.incident)) is not None and at <= instant:
            self.now = max(self.now, at)
            rung += self.ring()
        self.now = max(self.now, instant)
        return rung

    def wait(self, duration: timedelta) -> list[e.Fact]:
        return self.wait_until(self.now + duration)

    def jump(self, duration: timedelta) -> list[e.Fact]:
        """Let time pass while nothing runs, then catch up."""
        self.now += duration
        return self.ring()

    def ring(self) -> list[e.Fact]:
        """Ring what is due now, one alarm at a time, until nothing is."""
        rung: list[e.Fact] = []
        for _ in range(100):
            due = due_alarms(self.incident, self.now)
            batches = (ring(self.incident, alarm, self.now) for alarm in due)
            batch = next((batch for batch in batches if batch is not None), None)
            if batch is None:
                assert not due, ("an alarm rings for ever", due)
                return rung
            rung += batch.facts
            self.append(batch)
        raise AssertionError("alarms do not come to rest")

    def effect(self, fact: e.Fact, key: str | None = None) -> tuple[e.Fact, ...]:
        batch = conclude(self.incident, key or f"effect/{len(self.entries)}", fact, self.now)
        self.append(batch)
        return batch.facts

    def park(
        self, release: ReleaseId, code: str, channel: str = "bulletin", action: e.Action = "publish"
    ) -> tuple[e.Fact, ...]:
        """A call that waits for a person from now on."""
        version = self.release(release).version.number
        where = {"release": release, "version": version, "channel": channel}
        return self.effect(e.EffectParked.model_validate(where | {"code": code, "action": action}))

    def receive(self, release: ReleaseId, *channels: str, at: datetime | None = None) -> tuple[e.Fact, ...]:
        """Receipts for every channel that is being called, or for those of `channels`."""
        facts: tuple[e.Fact, ...] = ()
        for intent in self.release(release).intents:
            if channels and intent.channel not in channels:
                continue
            version = self.release(release).version
            facts += self.effect(
                e.Published(
                    release=release,
                    version=version.number,
                    digest=version.digest,
                    channel=intent.channel,
                    at=at or self.now,
                    external_id=f"{release}-{version.number}",
                    url="/public/releases/1",
                )
            )
        return facts

    # -- releases

    def draft(self, officer: str, kind: str = "first", text: str | None = None, **changes: object) -> ReleaseId:
        self._releases += 1
        release = ReleaseId(f"{self._releases:012x}")
        words = digest(text or f"{kind} {release}")
        fields = {"release": release, "kind": kind, "digest": words, "channels": ["bulletin"]} | changes
        self.do(officer, c.DraftRelease.model_validate(fields))
        return release

    def revise(self, officer: str, release: ReleaseId, text: str, **changes: object) -> None:
        fields = {"release": release, "digest": digest(text), "channels": ["bulletin"]} | changes
        self.do(officer, c.ReviseRelease.model_validate(fields))

    def release(self, release: ReleaseId) -> Release:
        return self.incident.releases[release]

    def views(self, release: ReleaseId) -> tuple[StepView, ...]:
        return step_views(self.release(release), stages_of(self.incident, self.release(release)))

    def steps(self, release: ReleaseId) -> dict[str, str]:
        """State by step, as `unit_approval@market`."""
        return {f"{view.step.kind}@{view.step.unit}": str(view.state) for view in self.views(release)}

    def open_steps(self, release: ReleaseId) -> list[Step]:
        return [view.step for view in self.views(release) if view.opened_at is not None]

    def holders(self, release: ReleaseId, step: Step) -> tuple[OfficerId, ...]:
        return holders(self.release(release), step, self.roster())

    def passing(self, release: ReleaseId, kind: StepKind) -> c.Command:
        """The command that passes a step of `kind` on the current version."""
        fields: Mapping[str, Any] = {"release": release, "digest": self.release(release).version.digest}
        if kind is StepKind.CONFIDENTIALITY:
            return c.ReviewConfidentiality.model_validate({**fields, "outcome": "cleared"})
        return c.Approve.model_validate({**fields, "step": kind})

    def sign(self, officer: str, release: ReleaseId, kind: str) -> tuple[e.Fact, ...]:
        return self.do(officer, self.passing(release, StepKind(kind)))

    def sign_all(self, release: ReleaseId) -> list[tuple[Step, OfficerId]]:
        """Each open step by its first holder until none is open; who took which."""
        taken: list[tuple[Step, OfficerId]] = []
        while opened := self.open_steps(release):
            step = opened[0]
            officers = self.holders(release, step)
            assert officers, (step, "nobody is left to take it")
            self.sign(officers[0], release, step.kind)
            taken.append((step, officers[0]))
        return taken

    def publish(self, officer: str, kind: str = "first", text: str | None = None, **changes: object) -> ReleaseId:
        """Draft, have it signed by everybody, and receive the receipts, all at this instant."""
        release = self.draft(officer, kind, text, **changes)
        self.sign_all(release)
        self.receive(release)
        return release

    # -- shorthands

    def assess(self, officer: str = "office.duty", **fields: object) -> tuple[e.Fact, ...]:
        return self.do(officer, c.Assess.model_validate(fields))

    def confirm_facts(self, officer: str = "office.duty") -> None:
        self.do(officer, c.ConfirmFacts(summary="核实情况", reason="代责任主体确认"))

    def hold_conference(self, *attendees: str) -> None:
        held = {"held_at": self.now.isoformat(), "attendees": attendees}
        self.do("press.desk", c.RecordConference.model_validate(held))

    def pending(self, kind: str) -> Obligation:
        return next(o for o in self.incident.pending if o.kind == kind)

    def duties(self, kind: str) -> list[Obligation]:
        return [o for o in self.incident.obligations if o.kind == kind]

    def owed(self) -> dict[str, tuple[timedelta | None, bool]]:
        """What is pending: time from detection (None: no instant yet) and whether it is hard."""
        start = self.incident.detected_at
        return {o.kind: (o.due_at - start if o.due_at else None, o.hard) for o in self.incident.pending}


def kinds(facts: Sequence[e.Fact]) -> list[str]:
    return [str(fact.model_dump()["type"]) for fact in facts]


RESPONSES = (ReleaseKind.RESPONSE, ReleaseKind.INTERPRETATION, ReleaseKind.RESULT)
