"""Nothing is decided on before it is known who sent what."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from activities import signatures as s
from activities.admission import Admission
from db import texts
from db.session import Sessions
from db.tables import OfficerRow, TextRow
from domain import commands as c
from domain.county import County
from domain.refusals import Code
from domain.vocabulary import Category, Digest, Level, OfficerId, Origin, ReleaseKind, Role, Source, UnitId
from tests.activities.sender import KEYS, OTHER_INCIDENT, Sender
from tests.clock import FixedClock
from tests.files import attach
from tests.scene import RELEASE, Scene


def code(admission: s.Admission) -> Code | None:
    assert (admission.refusal is None) or admission.envelope is None
    return admission.refusal.code if admission.refusal else None


HEALTH = UnitId("health")
NOTE = c.Note(text="已通知供水公司")


async def test_a_sealed_command_of_an_officer_is_admitted_with_their_posts(scene: Scene, sender: Sender) -> None:
    head = (await scene.submit()).seq
    admission = await sender.send(await sender.sealed("baishi.head", NOTE))
    assert code(admission) is None
    envelope = admission.envelope
    assert envelope is not None
    assert (admission.head, admission.key) == (head, "cmd/c-1")
    assert (envelope.command_id, envelope.origin, envelope.issued_at) == ("c-1", Origin.SIGNAL, scene.clock.at)
    assert envelope.actor.officer == "baishi.head"
    assert [post.unit for post in envelope.actor.posts] == ["baishi"]
    assert {"baishi", "office", "publicity", "press"} == set(envelope.roster.kinds)
    assert (envelope.policy, envelope.number) == (None, None)


async def test_a_command_that_names_units_brings_them_into_the_roster(scene: Scene, sender: Sender) -> None:
    await scene.submit()
    message = await sender.sealed("office.duty", c.Assess(departments=(HEALTH,), lead=HEALTH))
    envelope = (await sender.send(message)).envelope
    assert envelope is not None
    assert envelope.roster.heads[HEALTH]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("", Code.MALFORMED),
        ("not JSON", Code.MALFORMED),
        ("[]", Code.MALFORMED),
        ("null", Code.MALFORMED),
        ('"approve"', Code.MALFORMED),
        ('{"seal": 7}', Code.MALFORMED),
        ('{"text": "\\ud800"}', Code.MALFORMED),
        ('{"a":' * 5000 + "1" + "}" * 5000, Code.MALFORMED),
        ("{}", Code.UNSEALED),
        ('"huiying/plaintext:00"', Code.UNENCRYPTED),
        ('"huiying/unreadable:00"', Code.UNREADABLE),
        ('{"text": "we know what happened"}', Code.UNSEALED),
        ('{"seal": "s1:00"}', Code.MALFORMED),
    ],
)
async def test_what_is_no_sealed_command_proves_nothing(
    scene: Scene, sender: Sender, message: str, expected: Code
) -> None:
    head = (await scene.submit()).seq
    admission = await sender.send(message)
    assert code(admission) is expected
    assert admission.head == head
    assert admission.key.startswith("bad/")
    assert (admission.actor, admission.command_id) == (None, None)
    assert "happened" not in admission.model_dump_json()


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "office.head"},
        {"command_id": "c-2"},
        {"name": "close"},
        {"body": {"text": "t1:" + "0" * 64}},
        {"expires_at": "2026-11-04T08:00:00Z"},
        {"issued_at": "2026-11-03T07:00:00Z"},
        {"seal": "s1:" + "0" * 64},
        {"seal": "nonsense"},
        {"incident": OTHER_INCIDENT},
        {"body": {"number": 2**60}},
    ],
)
async def test_an_altered_command_is_refused_and_never_takes_the_key_of_the_real_one(
    scene: Scene, sender: Sender, change: dict[str, Any]
) -> None:
    await scene.submit()
    message = await sender.sealed("baishi.head", NOTE)
    altered = json.dumps(json.loads(message.model_dump_json()) | change)
    admission = await sender.send(altered, name=str(change.get("name", "note")))
    assert code(admission) is Code.SEAL_MISMATCH
    assert admission.key.startswith("bad/")
    assert admission.actor is None
    assert (await sender.send(message)).envelope is not None


async def test_an_unsealed_command_is_refused(scene: Scene, sender: Sender) -> None:
    await scene.submit()
    message = (await sender.sealed("baishi.head", NOTE)).model_copy(update={"seal": ""})
    assert code(await sender.send(message)) is Code.UNSEALED


async def test_a_seal_for_one_incident_or_name_opens_no_other(scene: Scene, sender: Sender) -> None:
    await scene.submit()
    message = await sender.sealed("baishi.head", NOTE)
    assert code(await sender.send(message, name="close")) is Code.SEAL_MISMATCH
    assert code(await sender.send(message, incident=OTHER_INCIDENT)) is Code.SEAL_MISMATCH


async def test_an_expired_seal_is_refused_and_the_command_may_be_sealed_anew(
    scene: Scene, sender: Sender, clock: FixedClock
) -> None:
    await scene.submit()
    message = await sender.sealed("baishi.head", NOTE)
    clock.advance(timedelta(minutes=5))
    admission = await sender.send(message)
    assert code(admission) is Code.SEAL_EXPIRED
    assert admission.key.startswith("bad/")
    assert (admission.actor, admission.command_id) == ("baishi.head", "c-1")
    assert (await sender.send(await sender.sealed("baishi.head", NOTE))).envelope is not None


async def test_a_command_the_ledger_knows_gets_its_recorded_outcome_even_when_its_seal_has_expired(
    scene: Scene, sender: Sender, clock: FixedClock
) -> None:
    await scene.submit()
    refusal = await scene.attempt("baishi.head", c.Close(summary="完成"))
    accepted = await sender.sealed("baishi.editor", NOTE, command_id="c1")
    refused = await sender.sealed("baishi.head", c.Close(summary="完成"), command_id="c2")
    clock.advance(timedelta(days=1))
    first, second = await sender.send(accepted), await sender.send(refused)
    assert first.known == s.Outcome(command_id=accepted.command_id, seq=1, outcome="accepted")
    assert second.known == s.Outcome(command_id=refused.command_id, seq=4, outcome="refused", refusal=refusal)
    assert (first.envelope, first.refusal) == (None, None)


async def test_a_command_of_no_known_name_is_refused_under_its_own_key(scene: Scene, sender: Sender) -> None:
    await scene.submit()
    message = await sender.sealed("baishi.head", NOTE, name="publish_everything")
    admission = await sender.send(message)
    assert code(admission) is Code.UNKNOWN_COMMAND
    assert admission.key == "cmd/c-1"


@pytest.mark.parametrize(
    ("body", "fields"),
    [({}, "text"), ({"text": 7}, "text"), ({"text": "t1:" + "0" * 64, "extra": 1, "一段话 with words": 2}, "_,extra")],
)
async def test_a_body_that_does_not_fit_is_refused_by_the_names_of_its_fields(
    scene: Scene, sender: Sender, body: dict[str, Any], fields: str
) -> None:
    await scene.submit()
    admission = await sender.send(await sender.sealed("baishi.head", NOTE, body=body))
    assert code(admission) is Code.MALFORMED
    assert admission.refusal is not None
    assert admission.refusal.params == {"fields": fields}


@pytest.mark.parametrize("text", ["一段文字", "t1:" + "0" * 63, "t1:" + "0" * 64 + "\n", "t1:" + "G" * 64])
async def test_words_in_a_command_are_refused_and_not_repeated(scene: Scene, sender: Sender, text: str) -> None:
    await scene.submit()
    admission = await sender.send(await sender.sealed("baishi.head", NOTE, body={"text": text}))
    assert code(admission) is Code.PLAIN_TEXT
    assert text not in admission.model_dump_json()


async def test_a_text_that_is_not_stored_is_refused(scene: Scene, sender: Sender, sessions: Sessions) -> None:
    await scene.submit()
    message = await sender.sealed("baishi.head", NOTE)
    async with sessions.begin() as session:
        await session.execute(delete(TextRow).where(TextRow.digest == message.body["text"]))
    assert code(await sender.send(message)) is Code.TEXT_MISSING


async def test_a_text_of_another_incident_does_not_count(scene: Scene, sender: Sender, sessions: Sessions) -> None:
    await scene.submit()
    message = await sender.sealed("baishi.head", NOTE)
    async with sessions.begin() as session:
        moved = update(TextRow).where(TextRow.digest == message.body["text"]).values(incident=OTHER_INCIDENT)
        await session.execute(moved)
    assert code(await sender.send(message)) is Code.TEXT_MISSING


async def test_an_officer_who_was_deactivated_is_refused_at_once(
    scene: Scene, sender: Sender, sessions: Sessions
) -> None:
    await scene.submit()
    message = await sender.sealed("baishi.head", NOTE)
    assert (await sender.send(message)).envelope is not None
    async with sessions.begin() as session:
        await session.execute(update(OfficerRow).where(OfficerRow.id == "baishi.head").values(active=False))
    assert code(await sender.send(message)) is Code.UNKNOWN_ACTOR
    async with sessions.begin() as session:
        await session.execute(update(OfficerRow).where(OfficerRow.id == "baishi.head").values(active=True))
    assert (await sender.send(message)).envelope is not None


async def test_nobody_outside_the_county_is_admitted(scene: Scene, sender: Sender) -> None:
    await scene.submit()
    assert code(await sender.send(await sender.sealed("who.ever", NOTE))) is Code.UNKNOWN_ACTOR


def assignment(officer: str) -> c.AssignStep:
    fields = {"release": RELEASE, "step": "unit_approval", "officer": officer, "reason": "负责人外出"}
    return c.AssignStep.model_validate(fields)


async def test_officers_that_a_command_names_come_with_their_roles_or_are_refused(scene: Scene, sender: Sender) -> None:
    await scene.submit()
    envelope = (await sender.send(await sender.sealed("office.duty", assignment("baishi.deputy")))).envelope
    assert envelope is not None
    assert envelope.named == {OfficerId("baishi.deputy"): (Role.UNIT_HEAD,)}
    assert code(await sender.send(await sender.sealed("office.duty", assignment("who.ever")))) is Code.UNKNOWN_OFFICER


@pytest.mark.parametrize("command_id", ["", "a/b", "x" * 81, "a b", "\x00", "编号"])
async def test_a_command_id_that_could_confuse_the_ledger_is_refused(
    scene: Scene, sender: Sender, command_id: str
) -> None:
    await scene.submit()
    admission = await sender.send(await sender.sealed("baishi.head", NOTE, command_id=command_id))
    assert code(admission) is Code.MALFORMED
    assert admission.key.startswith("bad/")


def submission(scene: Scene, *, drill: bool = False) -> c.Submit:
    return c.Submit(
        title="白石镇集镇停水",
        summary="约两千户停水",
        category=Category.LIVELIHOOD,
        level=Level.GENERAL,
        townships=(UnitId("baishi"),),
        detected_at=scene.clock.at,
        source=Source.HOTLINE,
        drill=drill,
    )


async def test_a_submission_comes_with_the_policy_of_the_county_and_a_number(scene: Scene, sender: Sender) -> None:
    found = []
    for drill in (False, False, True):
        message = await sender.sealed("baishi.editor", submission(scene, drill=drill))
        envelope = (await sender.send(message, units=())).envelope
        assert envelope is not None
        assert envelope.policy is not None
        found.append((envelope.policy.id, envelope.number))
    assert found == [
        ("xiangyun-2019-54", "青岫舆〔2026〕1号"),
        ("xiangyun-2019-54", "青岫舆〔2026〕2号"),
        ("drill", "演练〔2026〕1号"),
    ]


async def test_a_submission_to_an_incident_that_exists_takes_no_number(scene: Scene, sender: Sender) -> None:
    await scene.submit()
    envelope = (await sender.send(await sender.sealed("baishi.editor", submission(scene)))).envelope
    assert envelope is not None
    assert envelope.number is None


async def draft(scene: Scene, sessions: Sessions, **changes: object) -> c.DraftRelease:
    document = scene.document()
    async with sessions.begin() as session:
        digest = await texts.store_document(session, document, scene.clock.at)
    fields = {"release": RELEASE, "digest": digest, "channels": ["bulletin"], "kind": "first"}
    return c.DraftRelease.model_validate(fields | changes)


async def test_a_draft_is_admitted_when_its_words_are_stored_as_it_says(
    scene: Scene, sender: Sender, sessions: Sessions
) -> None:
    await scene.submit()
    command = await draft(scene, sessions)
    assert (await sender.send(await sender.sealed("baishi.editor", command))).envelope is not None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "update"}, "kind"),
        ({"release": "ba9876543210"}, "release"),
        ({"channels": ["bulletin", "website"]}, "channels"),
        ({"embargo_until": "2026-11-04T08:00:00Z"}, "embargo_until"),
        ({"corrects": "ba9876543210"}, "corrects"),
    ],
)
async def test_a_draft_that_says_other_things_than_its_words_is_refused(
    scene: Scene, sender: Sender, sessions: Sessions, changes: dict[str, Any], field: str
) -> None:
    await scene.submit()
    admission = await sender.send(await sender.sealed("baishi.editor", await draft(scene, sessions, **changes)))
    assert code(admission) is Code.MALFORMED
    assert admission.refusal is not None
    assert admission.refusal.params == {"fields": field}


@pytest.mark.parametrize("altered", ["{}", "no document", '{"v":1}', None])
async def test_a_draft_whose_words_are_missing_or_altered_is_refused(
    scene: Scene, sender: Sender, sessions: Sessions, altered: str | None
) -> None:
    await scene.submit()
    command = await draft(scene, sessions)
    async with sessions.begin() as session:
        mine = TextRow.digest == command.digest
        words = scene.document("另一段话").canonical().decode() if altered is None else altered
        await session.execute(update(TextRow).where(mine).values(text=words))
    assert code(await sender.send(await sender.sealed("baishi.editor", command))) is Code.TEXT_MISSING
    async with sessions.begin() as session:
        await session.execute(delete(TextRow).where(mine))
    assert code(await sender.send(await sender.sealed("baishi.editor", command))) is Code.TEXT_MISSING


async def test_a_revision_must_stay_the_kind_of_release_it_was(
    scene: Scene, sender: Sender, sessions: Sessions
) -> None:
    await scene.submit()
    await scene.draft()
    for kind, expected in ((ReleaseKind.FIRST, None), (ReleaseKind.UPDATE, Code.MALFORMED)):
        document = scene.document("抢修已完成。", kind=kind)
        async with sessions.begin() as session:
            digest = await texts.store_document(session, document, scene.clock.at)
        command = c.ReviseRelease(release=RELEASE, digest=digest, channels=document.channels)
        assert code(await sender.send(await sender.sealed("baishi.editor", command))) is expected


async def test_a_draft_is_admitted_with_files_of_its_own_incident_only(
    scene: Scene, sender: Sender, sessions: Sessions, county: County, clock: FixedClock
) -> None:
    await scene.submit()
    mine = await attach(scene, b"mine")
    others = await attach(Scene(sessions, county, clock, OTHER_INCIDENT), b"others")
    unknown = Digest("0" * 64)
    for named, told in (
        ((mine,), ""),
        ((mine, others), others[:12]),
        ((unknown, others), f"0{'0' * 11},{others[:12]}"),
    ):
        document = scene.document(attachments=named)
        async with sessions.begin() as session:
            digest = await texts.store_document(session, document, clock.at)
        command = await draft(scene, sessions, digest=digest, attachments=named)
        admission = await sender.send(await sender.sealed("baishi.editor", command))
        assert code(admission) is (Code.ATTACHMENT_UNKNOWN if told else None)
        assert admission.refusal is None or admission.refusal.params == {"attachments": told}


async def test_the_same_nonsense_twice_has_one_key_and_other_nonsense_another(scene: Scene, sender: Sender) -> None:
    await scene.submit()
    nonsense = [("x", "a"), ("x", "a"), ("y", "a"), ("x", "b")]
    keys = [(await sender.send(message, name=name)).key for message, name in nonsense]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


async def test_before_there_is_an_incident_the_head_is_zero(sender: Sender) -> None:
    assert (await sender.send("nonsense")).head == 0


async def test_what_a_key_sealed_is_taken_until_the_key_is_dropped(
    sender: Sender, sessions: Sessions, clock: FixedClock, scene: Scene
) -> None:
    await scene.submit()
    on_its_way = await sender.sealed("baishi.head", NOTE)
    rotated = {"k2": b"another invented key of more than 32 bytes"} | KEYS
    sender.admission = Admission(sessions, clock, rotated, scene.counties)
    assert (await sender.send(on_its_way)).envelope is not None
    assert code(await sender.send(on_its_way, incident=OTHER_INCIDENT)) is Code.SEAL_MISMATCH
    sender.admission = Admission(sessions, clock, {"k2": rotated["k2"]}, scene.counties)
    assert code(await sender.send(on_its_way)) is Code.SEAL_MISMATCH
    sender.keys = rotated
    renewed = await sender.sealed("baishi.head", NOTE, command_id="c-2")
    assert (await sender.send(renewed)).envelope is not None
    clock.advance(timedelta(minutes=5))
    assert code(await sender.send(renewed)) is Code.SEAL_EXPIRED
