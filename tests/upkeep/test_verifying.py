"""A past that was rewritten so that every chain fits is found by the anchors made over it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from db import anchors, ledger
from db.chain import Link
from db.directory import Counties
from db.rebuilding import LedgerBroken, rebuild
from db.session import Sessions
from domain import commands as c
from domain.anchoring import Anchor
from domain.county import County
from domain.hashing import GENESIS, Algorithm, canonical
from domain.vocabulary import IncidentId
from evidence.gathering import export
from runtime.anchor_key import new_key
from runtime.attachments.store import AttachmentStore
from tests.api.office import settings_for
from tests.clock import FixedClock
from tests.scene import INCIDENT, RELEASE, Scene
from upkeep.anchoring import anchor_heads
from upkeep.verifying import read_kept, verify
from worker import keep_anchoring

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
THIEF = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
HOUR = timedelta(hours=1)
_AT_LAST = ("nothing is wrong", "see above", "compared")


@pytest.fixture
async def anchored(scene: Scene, sessions: Sessions, clock: FixedClock) -> Scene:
    """Three entries anchored, two notes, anchored again."""
    await scene.submit()
    assert await anchor_heads(sessions, clock, KEY, Algorithm.SHA256)
    await scene.do("baishi.editor", c.Note(text="已通知供水公司"))
    clock.advance(HOUR)
    await scene.do("baishi.head", c.Note(text="抢修队已到场"))
    assert await anchor_heads(sessions, clock, KEY, Algorithm.SHA256, HOUR)
    return scene


async def found(database_url: str, incident: str | None = None, kept: tuple[Anchor, ...] = ()) -> list[str]:
    said: list[str] = []
    right = await verify(database_url, incident, said.append, kept)
    problems = [line for line in said if not line.startswith("anchors") and not line.endswith(_AT_LAST)]
    assert right == (not problems)
    return problems


async def attack(sessions: Sessions, *statements: str, **values: object) -> None:
    """Runs statements as somebody who owns the database would, past the triggers."""
    async with sessions.begin() as session:
        for table in ("ledger", "anchors", "anchor_heads"):
            await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            await session.execute(text(statement), used)
        for table in ("ledger", "anchors", "anchor_heads"):
            await session.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only"))


async def links(sessions: Sessions) -> list[Link]:
    async with sessions() as session:
        return await ledger.links(session, INCIDENT)


async def rewrite(sessions: Sessions, seq: int) -> None:
    """Change an entry, hash it and all behind it anew, and make the incident's row fit: a chain without a seam."""
    chain = await links(sessions)
    chain[seq - 1] = chain[seq - 1]._replace(actor="baishi.deputy")
    for at in range(seq - 1, len(chain)):
        unhashed = chain[at]._replace(prev=chain[at - 1].hash if at else GENESIS)
        chain[at] = unhashed._replace(hash=unhashed.expected_hash())
        changed = "UPDATE ledger SET actor = :actor, prev = :prev, hash = :hash WHERE seq = :seq"
        await attack(sessions, changed, **chain[at]._asdict())
    await attack(sessions, "UPDATE incidents SET head_hash = :hash", hash=chain[-1].hash)


async def kept(sessions: Sessions) -> list[Anchor]:
    async with sessions() as session:
        return await anchors.page(session)


async def test_what_nobody_touched_is_right(anchored: Scene, database_url: str, sessions: Sessions) -> None:
    assert await found(database_url) == []
    assert await found(database_url, INCIDENT) == []
    assert await found(database_url, kept=tuple(await kept(sessions))) == []


@pytest.mark.parametrize(("seq", "named"), [(1, 5), (4, 5)])
async def test_a_past_rewritten_without_a_seam_is_named(
    anchored: Scene, database_url: str, sessions: Sessions, seq: int, named: int
) -> None:
    await rewrite(sessions, seq)
    problems = await found(database_url)
    assert any("anchor 2 was made over" in one and one.startswith(f"{INCIDENT}: entr") for one in problems)
    assert any("anchor 1" in one for one in problems) is (seq <= 3)
    if seq == 4:
        assert problems == [f"{INCIDENT}: entries 4 to {named} are not what anchor 2 was made over: rewritten"]
    assert await found(database_url, INCIDENT) == problems


async def test_a_rewritten_past_is_not_built_upon(anchored: Scene, sessions: Sessions) -> None:
    await rewrite(sessions, 4)
    async with sessions() as session:
        with pytest.raises(LedgerBroken, match="anchor 2"):
            await rebuild(session, INCIDENT, Counties())


async def test_an_end_that_was_cut_off_without_a_seam_is_named(
    anchored: Scene, database_url: str, sessions: Sessions
) -> None:
    fourth = (await links(sessions))[3]
    await attack(
        sessions,
        "DELETE FROM ledger WHERE seq = 5",
        "UPDATE incidents SET head_seq = 4, head_hash = :hash",
        hash=fourth.hash,
    )
    assert f"{INCIDENT}: entry 5 is missing, but anchor 2 was made over it" in await found(database_url)


_INSERT = """
    INSERT INTO ledger SELECT incident, {}, v, 'cmd/forged', type, issued_at, decided_at, actor, seat_unit, seat_role,
        on_behalf_of, origin, command_id, data, prev, hash FROM ledger WHERE seq = 4
"""


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (_INSERT.format(0), f"{INCIDENT}: entry 0 has no place in the chain: added from outside"),
        (_INSERT.format(-1), f"{INCIDENT}: entry -1 has no place in the chain: added from outside"),
        ("UPDATE ledger SET decided_at = '20000-01-01' WHERE seq = 4", f"{INCIDENT}: entry 4 does not have its hash"),
        ("UPDATE ledger SET issued_at = '0044-03-15 BC' WHERE seq = 4", f"{INCIDENT}: entry 4 does not have its hash"),
        ("UPDATE ledger SET data = 'none' WHERE seq = 4", f"{INCIDENT}: entry 4 does not have its hash"),
        ("UPDATE ledger SET data = '{\"policy\": NaN}' WHERE seq = 1", f"{INCIDENT}: entry 1 does not have its hash"),
        ("UPDATE incidents SET state = 'none'", f"{INCIDENT}: the stored state is not what the entries fold to"),
        ("DELETE FROM anchors WHERE number = 2", "anchor 2 is missing or cannot be read"),
        ("UPDATE anchors SET algorithm = 'md5' WHERE number = 2", "anchor 2 is missing or cannot be read"),
        ("UPDATE anchors SET at = '20000-01-01' WHERE number = 2", "anchor 2 "),
        ("UPDATE anchor_heads SET position = -1 WHERE number = 2", "anchor 2 is not over the heads kept with it"),
        ("UPDATE anchor_heads SET position = 7 WHERE number = 1", "anchor 1 is not over the heads kept with it"),
    ],
)
async def test_what_no_process_would_write_is_named_and_stops_neither_verifying_nor_evidence(
    anchored: Scene, database_url: str, sessions: Sessions, tmp_path: Path, statement: str, named: str
) -> None:
    await attack(sessions, statement)
    assert any(problem.startswith(named) for problem in await found(database_url))
    assert await export(sessions, AttachmentStore(tmp_path.as_uri()), INCIDENT)


@pytest.mark.parametrize("data", ["[]", "7", "[" * 100_000])
async def test_a_last_entry_that_says_nothing_is_named_though_its_hash_fits(
    anchored: Scene, database_url: str, sessions: Sessions, tmp_path: Path, data: str
) -> None:
    await anchored.do("baishi.head", c.Note(text="路面已恢复"))
    last = (await links(sessions))[-1]._replace(data=data)
    forged = {"data": data, "hash": last.expected_hash(), "seq": last.seq}
    await attack(
        sessions,
        "UPDATE ledger SET data = :data, hash = :hash WHERE seq = :seq",
        "UPDATE incidents SET head_hash = :hash",
        **forged,
    )
    assert await found(database_url) == [f"{INCIDENT}: entry {last.seq} cannot be read"]
    assert await export(sessions, AttachmentStore(tmp_path.as_uri()), INCIDENT)


@pytest.mark.parametrize(
    "change",
    [
        "text = '未' || text",
        "text = substr(text, 2), salt = salt || convert_to(substr(text, 1, 1), 'UTF8')",
        "salt = NULL",
    ],
)
async def test_words_that_were_changed_are_named(
    anchored: Scene, database_url: str, sessions: Sessions, change: str
) -> None:
    note = json.loads((await links(sessions))[3].data)["text"]
    await attack(sessions, f"UPDATE texts SET {change} WHERE digest = :digest", digest=note)  # noqa: S608  # Constants.
    assert await found(database_url) == [f"{INCIDENT}: the words of {note} were changed"]


async def test_a_release_whose_words_were_changed_is_named(
    anchored: Scene, database_url: str, sessions: Sessions
) -> None:
    digest = (await anchored.draft()).releases[RELEASE].version.digest
    assert await found(database_url) == []
    await attack(sessions, "UPDATE texts SET text = replace(text, '{', '{ ') WHERE digest = :digest", digest=digest)
    assert await found(database_url) == [f"{INCIDENT}: the words of {digest} were changed"]


async def test_entries_that_do_not_go_together_are_told_though_each_fits(
    anchored: Scene, database_url: str, sessions: Sessions
) -> None:
    await anchored.do("baishi.head", c.Note(text="路面已恢复"))
    last = (await links(sessions))[-1]
    place = {"release": "0" * 16, "version": 1, "digest": "0" * 64, "channel": "bulletin"}
    answer = {"at": "2026-01-01T00:00:00.000000Z", "external_id": "x", "url": ""}
    data = canonical(place | answer).decode()
    forged = last._replace(type="published", data=data)
    await attack(
        sessions,
        "UPDATE ledger SET type = 'published', data = :data, hash = :hash WHERE seq = :seq",
        "UPDATE incidents SET head_hash = :hash",
        data=data, hash=forged.expected_hash(), seq=last.seq,
    )  # fmt: skip
    assert await found(database_url) == [
        f"{INCIDENT}: the entries cannot be folded: what they say does not go together"
    ]


async def test_an_incident_that_was_removed_altogether_is_named(
    anchored: Scene, database_url: str, sessions: Sessions
) -> None:
    await attack(sessions, "DELETE FROM ledger", "DELETE FROM incidents", "DELETE FROM texts")
    assert f"{INCIDENT}: entries 1 to 5 are missing, but anchor 2 was made over it" in await found(database_url)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE anchors SET root = repeat('0', 64) WHERE number = 1", "anchor 1 is not over the heads"),
        ("UPDATE anchors SET at = at + interval '1 second' WHERE number = 2", "anchor 2 does not have the signature"),
        ("UPDATE anchors SET signature = repeat('0', 128) WHERE number = 1", "anchor 2 does not follow"),
        ("DELETE FROM anchors WHERE number = 1", "anchor 2 does not follow"),
        ("DELETE FROM anchor_heads WHERE number = 1", "anchor 1 is not over the heads"),
        ("DELETE FROM anchor_heads WHERE number = 2", "anchor 2 is not over the heads"),
        ("UPDATE anchor_heads SET seq = 4 WHERE number = 2", "anchor 2 is not over the heads"),
        ("UPDATE anchor_heads SET position = 9 WHERE number = 1", "anchor 1 is not over the heads"),
    ],
)
async def test_an_anchor_that_was_touched_is_named(
    anchored: Scene, database_url: str, sessions: Sessions, statement: str, named: str
) -> None:
    await attack(sessions, statement)
    assert any(named in problem for problem in await found(database_url))


async def test_a_past_rewritten_with_its_anchors_is_seen_from_outside(
    anchored: Scene, database_url: str, sessions: Sessions, clock: FixedClock, tmp_path: Path
) -> None:
    outside = await kept(sessions)
    file = tmp_path / "anchors.json"
    file.write_text(json.dumps({"anchors": [anchor.model_dump(mode="json") for anchor in outside]}))
    await rewrite(sessions, 4)
    await attack(sessions, "DELETE FROM anchors", "DELETE FROM anchor_heads")
    assert await anchor_heads(sessions, clock, THIEF, Algorithm.SHA256)
    # Nothing inside tells any more.
    assert await found(database_url) == []
    assert await found(database_url, kept=tuple(read_kept(file))) == [
        "anchor 2 of the file is not here: the past was rewritten or a backup restored",
        "anchor 1 here is not that of the file: the past was rewritten",
    ]


async def test_a_list_that_nobody_signed_says_nothing(anchored: Scene, database_url: str, sessions: Sessions) -> None:
    forged = (await kept(sessions))[0].model_copy(update={"root": "0" * 64})
    (problem,) = await found(database_url, kept=(forged,))
    assert "of the file does not have the signature of its key" in problem


async def test_an_anchor_is_made_when_a_head_moved_and_the_last_is_old_enough(
    anchored: Scene, sessions: Sessions, clock: FixedClock, county: County
) -> None:
    clock.advance(HOUR)
    assert await anchor_heads(sessions, clock, KEY, Algorithm.SHA256, HOUR) is None
    other = Scene(sessions, county, clock, IncidentId("00" * 6))
    await other.submit()
    assert await anchor_heads(sessions, clock, KEY, Algorithm.SHA256, HOUR + timedelta(seconds=1)) is None
    made = await anchor_heads(sessions, clock, KEY, Algorithm.SHA256, HOUR)
    assert made is not None
    assert (made.number, made.size) == (3, 2)
    async with sessions() as session:
        # A newcomer takes the next place, whatever its id.
        assert [head.incident for head in (await anchors.standing(session, 4)).heads] == [INCIDENT, other.id]
        assert (await anchors.standing(session, 4)).moved == []


async def test_many_workers_make_one_anchor(anchored: Scene, sessions: Sessions, clock: FixedClock) -> None:
    await anchored.do("baishi.head", c.Note(text="已恢复"))
    clock.advance(HOUR)
    made = await asyncio.gather(*(anchor_heads(sessions, clock, KEY, Algorithm.SHA256, HOUR) for _ in range(8)))
    assert len([anchor for anchor in made if anchor]) == 1


async def test_another_key_and_another_hash_lose_no_anchor(
    anchored: Scene, database_url: str, sessions: Sessions, clock: FixedClock
) -> None:
    await anchored.do("baishi.head", c.Note(text="已恢复"))
    assert await anchor_heads(sessions, clock, THIEF, Algorithm.SM3)
    assert await found(database_url) == []
    async with sessions() as session:
        assert [(use.first, use.last) for use in await anchors.keys(session)] == [(1, 2), (3, 3)]


@pytest.mark.parametrize("table", ["anchors", "anchor_heads"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET number = 7", "DELETE FROM {} WHERE false", "TRUNCATE {}"])
async def test_the_database_refuses_to_change_an_anchor(
    anchored: Scene, sessions: Sessions, table: str, statement: str
) -> None:
    for role in ("origin", "replica"):
        async with sessions() as session:
            await session.execute(text(f"SET LOCAL session_replication_role = {role}"))
            with pytest.raises(DBAPIError, match="append-only"):
                await session.execute(text(statement.format(table)))
            await session.rollback()


async def test_a_ledger_may_hold_both_formats(scene: Scene, sessions: Sessions, database_url: str) -> None:
    await scene.submit()
    scene.algorithm = Algorithm.SM3
    await scene.do("baishi.editor", c.Note(text="已通知供水公司"))
    scene.algorithm = Algorithm.SHA256
    await scene.do("baishi.editor", c.Note(text="抢修队已到场"))
    assert [link.v for link in await links(sessions)] == [1, 1, 1, 2, 1]
    assert await found(database_url) == []
    await attack(sessions, "UPDATE ledger SET actor = 'baishi.deputy' WHERE seq = 4")
    assert await found(database_url) == [f"{INCIDENT}: entry 4 does not have its hash: it was rewritten"]


async def test_a_worker_with_a_key_anchors_by_itself(
    scene: Scene, sessions: Sessions, clock: FixedClock, database_url: str
) -> None:
    await scene.submit()
    working = asyncio.create_task(keep_anchoring(sessions, settings_for(database_url, anchor_key=new_key()), clock))
    async with asyncio.timeout(30):
        while not await kept(sessions):
            assert not working.done()
            await asyncio.sleep(0)
    working.cancel()


async def test_a_worker_without_a_key_says_so_and_goes_on(
    scene: Scene, sessions: Sessions, clock: FixedClock, database_url: str
) -> None:
    await scene.submit()
    with capture_logs() as logged, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await keep_anchoring(sessions, settings_for(database_url), clock)
    assert [line["event"] for line in logged] == ["anchors_not_made"]
    assert await kept(sessions) == []
