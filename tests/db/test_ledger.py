"""Appending to the ledger and reading it back."""

import asyncio

import pytest
from sqlalchemy import delete

from db import ledger
from db.directory import Counties
from db.session import Sessions
from db.tables import IncidentRow
from domain import commands as c
from domain import events as e
from domain.decide import decide
from domain.vocabulary import CommandId
from tests.scene import INCIDENT, RELEASE, Scene


async def test_what_was_appended_folds_to_the_state_that_was_decided(scene: Scene, sessions: Sessions) -> None:
    submitted = await scene.submit()
    assert submitted.seq == 3
    await scene.draft()
    approved = await scene.approve_all()
    assert [intent.channel for intent in approved.releases[RELEASE].intents] == ["bulletin"]
    async with sessions() as session:
        assert await ledger.head(session, INCIDENT) == approved.seq
        assert (await ledger.load(session, INCIDENT)) == approved


async def submission(scene: Scene) -> e.Batch:
    """A founding batch whose words are stored, not yet appended."""
    command = c.Submit.model_validate(
        {
            "title": "t1:" + "1" * 64,
            "summary": "t1:" + "2" * 64,
            "category": "livelihood",
            "townships": ["baishi"],
            "detected_at": scene.clock.at,
            "source": "hotline",
        }
    )
    return decide(None, command, scene.envelope("baishi.editor", command, None), scene.clock.at, INCIDENT).batch


async def append(sessions: Sessions, head: int, batch: e.Batch) -> ledger.Appended:
    async with sessions.begin() as session:
        return await ledger.append(session, INCIDENT, head, batch, Counties())


async def note(scene: Scene, command_id: str) -> e.Batch:
    incident = await scene.state()
    command = c.Note(text="t1:" + "3" * 64)
    envelope = scene.envelope("baishi.editor", command, incident)
    envelope = envelope.model_copy(update={"command_id": CommandId(command_id)})
    return decide(incident, command, envelope, scene.clock.at, INCIDENT).batch


async def test_a_retry_after_a_lost_answer_is_known_and_adds_nothing(scene: Scene, sessions: Sessions) -> None:
    batch = await submission(scene)
    assert await append(sessions, 0, batch) == ("appended", 1)
    head = (await scene.state()).seq
    assert await append(sessions, 0, batch) == ("known", 1)
    first = await note(scene, "n1")
    assert await append(sessions, head, first) == ("appended", head + 1)
    assert await append(sessions, head, first) == ("known", head + 1)
    # Also when the caller has loaded meanwhile and now expects the head it really has.
    assert await append(sessions, head + 1, first) == ("known", head + 1)
    assert (await scene.state()).seq == head + 1


async def test_an_append_that_expects_another_head_changes_nothing(scene: Scene, sessions: Sessions) -> None:
    head = (await scene.submit()).seq
    batch = await note(scene, "n1")
    for expected in (0, head - 1, head + 1):
        if expected:
            assert await append(sessions, expected, batch) == ("moved", head)
    other = (await submission(scene)).model_copy(update={"key": "cmd/another"})
    assert await append(sessions, 0, other) == ("moved", head)
    assert (await scene.state()).seq == head


async def test_of_many_founding_batches_at_once_exactly_one_is_appended(scene: Scene, sessions: Sessions) -> None:
    batch = await submission(scene)
    rivals = [batch, batch, *(batch.model_copy(update={"key": f"cmd/rival{n}"}) for n in range(6))]
    answers = await asyncio.gather(*(append(sessions, 0, rival) for rival in rivals))
    assert [answer.status for answer in answers].count("appended") == 1
    assert {answer.status for answer in answers} <= {"appended", "known", "moved"}
    async with sessions() as session:
        assert await ledger.head(session, INCIDENT) == len(batch.facts)


async def test_of_many_appends_on_one_head_exactly_one_wins_and_the_others_learn_the_new_head(
    scene: Scene, sessions: Sessions
) -> None:
    head = (await scene.submit()).seq
    batches = [await note(scene, f"n{n}") for n in range(8)]
    answers = await asyncio.gather(*(append(sessions, head, batch) for batch in batches))
    assert sorted(answers) == [("appended", head + 1), *[("moved", head + 1)] * 7]


async def test_the_same_batch_appended_many_times_at_once_is_written_once(scene: Scene, sessions: Sessions) -> None:
    head = (await scene.submit()).seq
    batch = await note(scene, "n1")
    answers = await asyncio.gather(*(append(sessions, head, batch) for _ in range(8)))
    assert sorted(answers) == [("appended", head + 1), *[("known", head + 1)] * 7]


async def test_appenders_that_reload_lose_nothing(scene: Scene, sessions: Sessions) -> None:
    start = (await scene.submit()).seq

    async def insist(name: str) -> None:
        while True:
            head = (await scene.state()).seq
            if (await append(sessions, head, await note(scene, name))).status == "appended":
                return

    await asyncio.gather(*(insist(f"n{n}") for n in range(6)))
    async with sessions() as session:
        keys = [entry.key for entry in await ledger.entries(session, INCIDENT, after=start)]
    assert sorted(keys) == [f"cmd/n{n}" for n in range(6)]


async def test_a_failed_transaction_leaves_no_entry_behind(scene: Scene, sessions: Sessions) -> None:
    batch = await submission(scene)
    async with sessions() as session:
        await ledger.append(session, INCIDENT, 0, batch, Counties())
        await session.rollback()
    assert await append(sessions, 0, batch) == ("appended", 1)


async def test_the_ledger_tells_what_became_of_a_command(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    refusal = await scene.attempt("baishi.head", c.Close(summary="完成"))
    assert refusal is not None
    async with sessions() as session:
        accepted = await ledger.outcome(session, INCIDENT, CommandId("c1"))
        refused = await ledger.outcome(session, INCIDENT, CommandId("c2"))
        assert accepted == (1, None)
        assert refused == (4, refusal)
        assert await ledger.outcome(session, INCIDENT, CommandId("c3")) is None


async def test_entries_are_read_in_pages(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    async with sessions() as session:
        assert [entry.seq for entry in await ledger.entries(session, INCIDENT, after=1, limit=1)] == [2]
        assert await ledger.entries(session, INCIDENT, after=3) == []


async def test_the_projection_missing_is_said_and_not_papered_over(scene: Scene, sessions: Sessions) -> None:
    head = (await scene.submit()).seq
    async with sessions.begin() as session:
        await session.execute(delete(IncidentRow))
    with pytest.raises(ledger.ProjectionMissing):
        await append(sessions, head, await note(scene, "n1"))
