"""Words are kept in one place, bound by digest, and swept when no entry wants them."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from db import texts
from db.session import Sessions
from db.tables import TextRow
from domain import commands as c
from domain.vocabulary import Digest, IncidentId
from tests.clock import START
from tests.scene import INCIDENT, RELEASE, Scene

OTHER = IncidentId("ffffffffffff")


async def test_a_reference_is_the_hash_of_salt_and_text(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        reference = await texts.store(session, INCIDENT, "停水", START)
        row = (await session.execute(select(TextRow.salt, TextRow.text))).one()
    assert len(row.salt) == 16
    assert reference == "t1:" + hashlib.sha256(row.salt + "停水".encode()).hexdigest()


async def test_the_same_words_never_have_the_same_reference(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        references = {await texts.store(session, INCIDENT, "同意", START) for _ in range(3)}
    assert len(references) == 3


async def test_a_command_is_stored_with_all_its_words_and_keeps_everything_else(
    scene: Scene, sessions: Sessions
) -> None:
    command = c.Submit.model_validate(
        {
            "title": "停水",
            "summary": "两千户\r\n停水 \u202e😀",
            "category": "livelihood",
            "detected_at": START,
            "source": "hotline",
            "links": ["http://127.0.0.1/1", "http://127.0.0.1/2"],
        }
    )
    async with sessions.begin() as session:
        referring = await texts.refer(session, INCIDENT, command, START)
        found = await texts.read(session, INCIDENT, c.texts(referring))
    assert [found[reference] for reference in c.texts(referring)] == list(c.texts(command))
    assert referring.detected_at == command.detected_at
    assert all(c.is_reference(value) for value in c.texts(referring))


async def test_a_command_without_words_stores_nothing(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        assert await texts.refer(session, INCIDENT, c.RetryBlocked(), START) == c.RetryBlocked()
        assert (await session.scalars(select(TextRow.digest))).all() == []


async def test_a_document_is_stored_once_under_its_digest(scene: Scene, sessions: Sessions) -> None:
    document = scene.document("第一行\r\n第二行")
    async with sessions.begin() as session:
        digest = await texts.store_document(session, document, START)
        assert await texts.store_document(session, document, START) == digest == document.digest()
        stored = await texts.document(session, INCIDENT, digest)
        assert stored is not None
        assert stored.digest() == digest
        assert stored.body == "第一行\n第二行"
        assert await texts.document(session, OTHER, digest) is None
        assert await texts.document(session, INCIDENT, Digest("0" * 64)) is None


async def test_missing_texts_are_named_by_their_references(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        stored = await texts.store(session, INCIDENT, "同意", START)
        assert await texts.missing(session, INCIDENT, [stored, "t1:0"]) == {"t1:0"}
        assert await texts.missing(session, OTHER, [stored]) == {stored}
        assert await texts.missing(session, INCIDENT, []) == set()


async def test_only_texts_no_entry_refers_to_are_swept_and_only_after_a_week(scene: Scene, sessions: Sessions) -> None:
    await scene.submit(links=("http://127.0.0.1/1",))
    await scene.draft()
    async with sessions.begin() as session:
        adopted = set(await session.scalars(select(TextRow.digest)))
        orphan = await texts.store(session, INCIDENT, "没有送出的意见", START)
        document = await texts.store_document(session, scene.document("没有送出的稿件"), START)
    week = START + timedelta(days=7)
    async with sessions.begin() as session:
        assert await texts.sweep(session, week) == 0
        assert await texts.sweep(session, week + timedelta(seconds=1)) == 2
        assert set(await session.scalars(select(TextRow.digest))) == adopted
        assert await texts.missing(session, INCIDENT, [orphan, document]) == {orphan, document}


async def test_an_orphan_stored_again_is_kept_for_another_week(scene: Scene, sessions: Sessions) -> None:
    week = START + timedelta(days=7)
    async with sessions.begin() as session:
        await texts.store_document(session, scene.document(), START)
        await texts.store_document(session, scene.document(), week)
        assert await texts.sweep(session, week + timedelta(days=1)) == 0


async def test_every_text_of_an_incident_is_adopted_by_its_entries(scene: Scene, sessions: Sessions) -> None:
    await scene.submit(links=("http://127.0.0.1/1", "http://127.0.0.1/2"))
    await scene.do("office.duty", c.Assess(reason="属实"))
    await scene.do("baishi.editor", c.ConfirmFacts(summary="主管爆裂"))
    await scene.draft()
    digest = (await scene.state()).releases[RELEASE].version.digest
    approval = c.Approve.model_validate(
        {"release": RELEASE, "step": "unit_approval", "digest": digest, "comment": "同意"}
    )
    await scene.do("baishi.head", approval)
    async with sessions() as session:
        assert set(await session.scalars(select(TextRow.adopted))) == {True}


async def test_an_error_of_the_database_repeats_no_words(sessions: Sessions) -> None:
    async with sessions() as session:
        with pytest.raises(DBAPIError) as failed:
            await texts.store(session, INCIDENT, "机密\x00内容", START)
    assert "机密" not in str(failed.value)
    assert "机密" not in repr(failed.value)


async def test_words_that_no_longer_parse_are_no_document(scene: Scene, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        digest = await texts.store_document(session, scene.document(), START)
        await session.execute(update(TextRow).values(text='{"title": 7}'))
        assert await texts.document(session, INCIDENT, digest) is None
