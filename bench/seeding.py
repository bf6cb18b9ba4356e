"""Open incidents in number, written as ledgers: what an engine then starts has nothing left to do but wait."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

import policies
from db import ledger, texts
from db.directory import Counties
from db.session import Sessions
from domain import commands as c
from domain.alarms import due_alarms
from domain.case import Envelope
from domain.county import Actor
from domain.decide import decide, ring
from domain.folding import advance
from domain.vocabulary import Category, CommandId, IncidentId, Level, OfficerId, Origin, Source, UnitId

REPORTER = OfficerId("liuba.editor")
_AT_ONCE = 50


async def seed_open(sessions: Sessions, detected: list[datetime]) -> list[IncidentId]:
    """An open general incident for each instant of detection, all alarms so far already rung."""
    counties, incidents = Counties(), [IncidentId(uuid4().hex) for _ in detected]
    for begin in range(0, len(detected), _AT_ONCE):
        async with sessions.begin() as session:
            for incident, at in list(zip(incidents, detected, strict=True))[begin : begin + _AT_ONCE]:
                await _found(session, counties, incident, at)
    return incidents


async def _found(session: AsyncSession, counties: Counties, incident: IncidentId, at: datetime) -> None:
    now = datetime.now(UTC)
    county = await counties.current(session)
    actor = county.officer(REPORTER)
    assert actor is not None
    words = c.Submit(
        title="测量用事件",
        summary="仅用于测量。",
        category=Category.LIVELIHOOD,
        level=Level.GENERAL,
        townships=(UnitId("liuba"),),
        detected_at=at,
        source=Source.HOTLINE,
    )
    command = await texts.refer(session, incident, words, now)
    envelope = Envelope(
        command_id=CommandId(uuid4().hex),
        origin=Origin.UPDATE,
        issued_at=now,
        actor=Actor.of(actor),
        roster=county.roster(set(command.units_named())),
        policy=policies.load(county.policy),
        number=f"测〔2026〕{incident[:8]}号",
    )
    ruling = decide(None, command, envelope, now, incident)
    assert ruling.refusal is None, ruling.refusal
    await ledger.append(session, incident, 0, ruling.batch, counties)
    state = advance(None, ruling.batch, incident)
    while state is not None and (due := due_alarms(state, now)):
        batch = ring(state, due[0], now)
        if batch is None:
            break
        await ledger.append(session, incident, state.seq, batch, counties)
        state = advance(state, batch, incident)
