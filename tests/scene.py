"""Plays an incident against the database without a workflow: what is decided is appended at once."""

from datetime import datetime, timedelta
from typing import Any

import policies
from db import ledger, texts
from db.directory import Counties
from db.session import Sessions
from domain import commands as c
from domain import events as e
from domain.case import Envelope
from domain.consequences import stages_of
from domain.county import Actor, County
from domain.decide import conclude, decide
from domain.hashing import Algorithm
from domain.incident import Incident
from domain.refusals import RefusalRecord
from domain.releases import Document, holders, step_views
from domain.vocabulary import (
    Category,
    Channel,
    CommandId,
    IncidentId,
    Level,
    OfficerId,
    Origin,
    ReleaseId,
    ReleaseKind,
    ReviewOutcome,
    Source,
    StepKind,
)
from tests.clock import FixedClock

INCIDENT = IncidentId("ab12cd34ef56")
RELEASE = ReleaseId("0123456789ab")


class Scene:
    """One incident. Every method is a step somebody takes; a refusal fails the test."""

    def __init__(self, sessions: Sessions, county: County, clock: FixedClock, incident: IncidentId = INCIDENT) -> None:
        self.sessions = sessions
        self.county = county
        self.clock = clock
        self.id = incident
        self.counties = Counties()
        self.commands = 0
        self.algorithm = Algorithm.SHA256

    async def state(self) -> Incident:
        async with self.sessions() as session:
            found = await ledger.load(session, self.id)
        assert found is not None
        return found

    async def submit(self, **changes: object) -> Incident:
        """A general incident of 白石镇, reported by its editor."""
        fields: dict[str, object] = {
            "title": "白石镇集镇停水",
            "summary": "集镇主供水管爆裂,约两千户停水。",
            "category": Category.LIVELIHOOD,
            "level": Level.GENERAL,
            "townships": ("baishi",),
            "detected_at": self.clock.at - timedelta(minutes=20),
            "source": Source.HOTLINE,
        }
        return await self.do("baishi.editor", c.Submit.model_validate(fields | changes))

    async def do(self, officer: str, command: c.Command) -> Incident:
        """Store the command's words, decide and append it as `officer`."""
        refusal = await self.attempt(officer, command)
        assert refusal is None, refusal
        return await self.state()

    async def attempt(self, officer: str, command: c.Command) -> RefusalRecord | None:
        """The same where a refusal may be the point."""
        async with self.sessions.begin() as session:
            referring = await texts.refer(session, self.id, command, self.clock.at)
            incident = await ledger.load(session, self.id)
            envelope = self.envelope(officer, referring, incident)
            ruling = decide(incident, referring, envelope, self.clock.at, self.id)
            head = incident.seq if incident else 0
            appended = await ledger.append(session, self.id, head, ruling.batch, self.counties, self.algorithm)
        assert appended.status == "appended"
        return ruling.refusal

    def envelope(self, officer: str, command: c.Command, incident: Incident | None) -> Envelope:
        self.commands += 1
        actor = self.county.officer(OfficerId(officer))
        assert actor is not None, officer
        founding = isinstance(command, c.Submit)
        drill = isinstance(command, c.Submit) and command.drill
        units = {*(incident.units if incident else ()), *command.units_named()}
        named = {o: self.county.officer(o) for o in command.officers_named()}
        return Envelope(
            command_id=CommandId(f"c{self.commands}"),
            origin=Origin.UPDATE,
            issued_at=self.clock.at,
            actor=Actor.of(actor),
            roster=self.county.roster(units),
            named={o: tuple(r for p in who.posts for r in p.roles) for o, who in named.items() if who},
            policy=policies.load("drill" if drill else self.county.policy) if founding else None,
            number="青岫舆〔2026〕1号" if founding else None,
        )

    def document(self, body: str = "供水抢修正在进行,预计今晚恢复。", **changes: object) -> Document:
        fields: dict[str, object] = {
            "incident": self.id,
            "release": RELEASE,
            "kind": ReleaseKind.FIRST,
            "title": "关于白石镇集镇停水的情况说明",
            "body": body,
            "channels": (Channel.BULLETIN,),
        }
        return Document.model_validate(fields | changes)

    async def draft(self, document: Document | None = None, officer: str = "baishi.editor") -> Incident:
        """Store a document and draft it, or revise when its release exists."""
        document = document or self.document()
        async with self.sessions.begin() as session:
            digest = await texts.store_document(session, document, self.clock.at)
        version: dict[str, Any] = {
            "release": document.release,
            "digest": digest,
            "channels": document.channels,
            "embargo_until": document.embargo_until,
            "attachments": document.attachments,
        }
        if document.release in (await self.state()).releases:
            return await self.do(officer, c.ReviseRelease(**version))
        return await self.do(officer, c.DraftRelease(**version, kind=document.kind, corrects=document.corrects))

    async def approve_all(self, release: ReleaseId = RELEASE) -> Incident:
        """Every open step passed by its first holder, until none is open."""
        incident = await self.state()
        while opened := self._open_step(incident, release):
            officer, command = opened
            incident = await self.do(officer, command)
        return incident

    def _open_step(self, incident: Incident, release_id: ReleaseId) -> tuple[OfficerId, c.Command] | None:
        release = incident.releases[release_id]
        view = next((v for v in step_views(release, stages_of(incident, release)) if v.opened_at), None)
        if view is None:
            return None
        holder = holders(release, view.step, self.county.roster(incident.units))[0]
        digest = release.version.digest
        if view.step.kind is StepKind.CONFIDENTIALITY:
            return holder, c.ReviewConfidentiality(release=release_id, digest=digest, outcome=ReviewOutcome.CLEARED)
        return holder, c.Approve(release=release_id, step=view.step.kind, digest=digest)

    async def record(self, key: str, fact: e.Fact, at: datetime | None = None) -> Incident:
        """Append what an effect or a timer brought."""
        incident = await self.state()
        batch = conclude(incident, key, fact, at or self.clock.at)
        async with self.sessions.begin() as session:
            appended = await ledger.append(session, self.id, incident.seq, batch, self.counties, self.algorithm)
        assert appended.status == "appended"
        return await self.state()
