"""A ledger that was tampered with is found out, and the entry is named."""

from typing import Protocol

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from db import ledger
from db.audit import verify
from db.chain import Link
from db.session import Sessions
from db.tables import LedgerRow
from domain import commands as c
from domain.vocabulary import IncidentId
from tests.scene import INCIDENT, Scene


class Attack(Protocol):
    async def __call__(self, statement: str, **values: str) -> None: ...


@pytest.fixture
async def five_entries(scene: Scene) -> Scene:
    """Submitted with its duties and two notes: five entries."""
    await scene.submit()
    await scene.do("baishi.editor", c.Note(text="已通知供水公司"))
    after = await scene.do("baishi.head", c.Note(text="抢修队已到场"))
    assert after.seq == 5
    return scene


@pytest.fixture
def attack(sessions: Sessions) -> Attack:
    """Runs a statement as somebody who owns the database would, past the trigger."""

    async def run(statement: str, **values: str) -> None:
        async with sessions.begin() as session:
            await session.execute(text("ALTER TABLE ledger DISABLE TRIGGER append_only"))
            await session.execute(text(statement), values)
            await session.execute(text("ALTER TABLE ledger ENABLE ALWAYS TRIGGER append_only"))

    return run


async def problems(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return await verify(session, INCIDENT)


async def test_an_untouched_ledger_verifies(five_entries: Scene, sessions: Sessions) -> None:
    assert await problems(sessions) == []


@pytest.mark.parametrize(
    "rewrite",
    [
        "UPDATE ledger SET data = replace(data, 't1:', 't2:') WHERE seq = 4",
        "UPDATE ledger SET actor = 'baishi.deputy' WHERE seq = 4",
        "UPDATE ledger SET actor = NULL WHERE seq = 4",
        "UPDATE ledger SET type = 'published' WHERE seq = 4",
        "UPDATE ledger SET key = 'cmd/other' WHERE seq = 4",
        "UPDATE ledger SET decided_at = decided_at - interval '1 microsecond' WHERE seq = 4",
        "UPDATE ledger SET issued_at = issued_at + interval '1 hour' WHERE seq = 4",
        "UPDATE ledger SET seat_unit = 'office' WHERE seq = 4",
        "UPDATE ledger SET seat_role = 'unit_head' WHERE seq = 4",
        "UPDATE ledger SET on_behalf_of = 'office.head' WHERE seq = 4",
        "UPDATE ledger SET origin = 'signal' WHERE seq = 4",
        "UPDATE ledger SET command_id = 'c99' WHERE seq = 4",
        "UPDATE ledger SET v = 2 WHERE seq = 4",
        "UPDATE ledger SET hash = repeat('0', 64) WHERE seq = 4",
    ],
)
async def test_a_rewritten_entry_is_named(
    five_entries: Scene, sessions: Sessions, attack: Attack, rewrite: str
) -> None:
    await attack(rewrite)
    assert "entry 4 does not have its hash: it was rewritten" in await problems(sessions)


async def test_a_rewritten_entry_that_was_hashed_anew_breaks_the_chain_behind_it(
    five_entries: Scene, sessions: Sessions, attack: Attack
) -> None:
    async with sessions() as session:
        fourth = (await ledger.links(session, INCIDENT))[3]
    forged = fourth._replace(actor="baishi.deputy")
    rewrite = "UPDATE ledger SET actor = 'baishi.deputy', hash = :hash WHERE seq = 4"
    await attack(rewrite, hash=forged.expected_hash())
    assert await problems(sessions) == ["entry 5 does not follow the entry before it"]


async def test_a_removed_entry_is_named(five_entries: Scene, sessions: Sessions, attack: Attack) -> None:
    await attack("DELETE FROM ledger WHERE seq IN (2, 3)")
    assert await problems(sessions) == ["entries 2 to 3 are missing"]


async def test_a_cut_off_end_is_named(five_entries: Scene, sessions: Sessions, attack: Attack) -> None:
    await attack("DELETE FROM ledger WHERE seq = 5")
    assert await problems(sessions) == ["entry 5 is missing"]


async def test_a_ledger_emptied_altogether_is_named(five_entries: Scene, sessions: Sessions, attack: Attack) -> None:
    await attack("TRUNCATE ledger")
    assert await problems(sessions) == ["entries 1 to 5 are missing"]


async def test_entries_that_changed_places_are_named(five_entries: Scene, sessions: Sessions, attack: Attack) -> None:
    await attack("UPDATE ledger SET seq = 9 WHERE seq = 4")
    await attack("UPDATE ledger SET seq = 4 WHERE seq = 5")
    await attack("UPDATE ledger SET seq = 5 WHERE seq = 9")
    found = await problems(sessions)
    for seq in (4, 5):
        assert f"entry {seq} does not follow the entry before it" in found
        assert f"entry {seq} does not have its hash: it was rewritten" in found


async def add_forged(sessions: Sessions, last: Link) -> None:
    forged = last._replace(seq=last.seq + 1, key="cmd/forged", command_id="forged", prev=last.hash)
    forged = forged._replace(hash=forged.expected_hash())
    async with sessions.begin() as session:
        await session.execute(insert(LedgerRow).values(forged._asdict()))


async def test_an_entry_added_from_outside_is_named_though_its_hash_is_right(
    five_entries: Scene, sessions: Sessions
) -> None:
    async with sessions() as session:
        last = (await ledger.links(session, INCIDENT))[-1]
    await add_forged(sessions, last)
    assert await problems(sessions) == ["entry 6 is not known to the incident's row: added from outside"]


async def test_a_last_entry_that_was_exchanged_is_named(
    five_entries: Scene, sessions: Sessions, attack: Attack
) -> None:
    async with sessions() as session:
        links = await ledger.links(session, INCIDENT)
    await attack("DELETE FROM ledger WHERE seq = 5")
    await add_forged(sessions, links[3])
    assert await problems(sessions) == ["entry 5 is not the one the incident's row names"]


async def test_a_stored_state_that_does_not_fit_is_named(
    five_entries: Scene, sessions: Sessions, attack: Attack
) -> None:
    await attack("""UPDATE incidents SET state = replace(state, '"phase":"reported"', '"phase":"closed"')""")
    assert await problems(sessions) == ["the stored state is not what the entries fold to"]


async def test_a_row_that_says_something_else_is_named(five_entries: Scene, sessions: Sessions, attack: Attack) -> None:
    await attack("UPDATE incidents SET level = 'major', next_due_at = NULL")
    assert await problems(sessions) == ["the row says something else than the entries: level, next_due_at"]


async def test_an_incident_nobody_knows_is_said_to_be_unknown(sessions: Sessions) -> None:
    async with sessions() as session:
        assert await verify(session, IncidentId("ffffffffffff")) == ["there is no such incident"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET actor = 'x' WHERE seq = 1",
        "UPDATE ledger SET actor = 'x' WHERE false",
        "DELETE FROM ledger",
        "TRUNCATE ledger",
        "TRUNCATE ledger CASCADE",
        "INSERT INTO ledger SELECT * FROM ledger ON CONFLICT (incident, seq) DO UPDATE SET actor = 'x'",
        "MERGE INTO ledger USING incidents ON incident = id WHEN MATCHED THEN DELETE",
    ],
)
async def test_the_database_refuses_to_change_the_ledger(
    five_entries: Scene, sessions: Sessions, statement: str
) -> None:
    for role in ("origin", "replica"):
        async with sessions() as session:
            await session.execute(text(f"SET LOCAL session_replication_role = {role}"))
            with pytest.raises(DBAPIError, match="the ledger is append-only"):
                await session.execute(text(statement))
            await session.rollback()
    assert await problems(sessions) == []
